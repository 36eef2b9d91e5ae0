//! The actors as a whole, over in-memory ports, in virtual time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not know as tests"
)]

mod census;
mod codec;
mod ending;
mod gallery;
mod hands;
mod house;
mod isolation;
mod lanes;
mod ledger_model;
mod maintenance;
mod restart;
mod session;
mod support;
mod tracker_model;
mod window_model;
mod writer;
