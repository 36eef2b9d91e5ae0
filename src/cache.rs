//! The cache: it only speeds things up, and may be emptied at any time.

pub mod key;
mod memory;
mod redis;
mod value;

#[cfg(test)]
mod contract;

pub use self::{memory::Memory, redis::Redis};
