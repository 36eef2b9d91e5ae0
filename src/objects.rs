//! Object storage: where pictures are kept, and the links by which they are shown.

#[cfg(test)]
mod contract;
mod disk;
mod files;
mod link;
#[cfg(test)]
mod listing;
mod rules;
mod s3;

pub use disk::{Disk, Error};
pub use files::{Files, files};
pub use link::{LINK_LIFE, Link, Refused, Signer};
pub use s3::{Error as S3Error, S3, Settings as S3Settings};
