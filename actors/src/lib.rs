//! The core of AISHA: pure values and decisions ([`domain`]), the traits through which it reaches the
//! world ([`port`]), and five supervised actors. No I/O happens here.
//!
//! ```text
//! root (gives up after 5 restarts in 30 s: the process exits non-zero)
//! ├ session   takes updates in, hands them to users in order, sends what goes out
//! │  └ gallery (one per user; dropped after a panic, born again by the next update)
//! ├ tracker   drives every generation from its row until it is paid or released
//! ├ writer    copies pictures to object storage, deletes through tombstones, backfills
//! └ ledger    the only place that decides about credits
//! ```
//!
//! Read [`domain`] first, then [`port`], then the actors from the bottom up.

pub mod address;
pub mod ask;
pub mod census;
pub mod domain;
#[cfg(feature = "fake")]
pub mod fake;
pub mod gallery;
pub mod hands;
pub mod lanes;
pub mod ledger;
pub mod port;
pub mod session;
pub mod shop;
pub mod supervisor;
pub mod system;
pub mod tracker;
mod vitals;
pub mod writer;

/// Failures of ours after which an item is set aside.
pub const ATTEMPTS_MAX: u8 = 3;

/// Deaths of the process with nothing but this item in hand after which it is set aside. More than the
/// failures: whoever kills the process from outside now and then, at any time, hits an innocent item
/// alone twice in a row sooner or later. What really kills does so every time.
pub const DEATHS_MAX: u8 = 5;
