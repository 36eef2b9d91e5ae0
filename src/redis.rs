//! The way to Redis, for all that use it: one connection, a time-out on every call, a breaker, and
//! subscriptions that come back. Nothing here ever waits for Redis to be there.
//!
//! ```text
//! cache::Redis ─┐
//! nodes::Pacing ├─► Link ──► breaker ──► one multiplexed connection
//! nodes::Wakes ─┘     └────► subscription: a connection of its own
//! ```

mod breaker;
mod link;
mod subscription;
mod upkeep;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;

pub use link::{Error, Figures, Link, Settings};
pub use subscription::Heard;
pub use upkeep::Pong;
