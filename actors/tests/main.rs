//! The actors as a whole, over in-memory ports, in virtual time.

mod codec;
mod gallery;
mod house;
mod isolation;
mod ledger_model;
mod restart;
mod session;
mod support;
mod tracker_model;
mod window_model;
