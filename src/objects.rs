//! Object storage: where pictures are kept, and the links by which they are shown.

mod disk;
mod files;
mod link;

pub use disk::{Disk, Error};
pub use files::{Files, files};
pub use link::{LINK_LIFE, Link, Refused, Signer};
