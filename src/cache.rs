//! The cache: it only speeds things up, and may be emptied at any time.

pub mod key;
mod memory;

pub use memory::Memory;
