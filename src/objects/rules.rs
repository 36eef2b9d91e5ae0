//! What every storage keeps to, whatever is behind it.

use aisha_actors::port::{self, Error, Kind};

/// The largest object, in bytes. Larger than any download.
pub(super) const OBJECT_MAX: u64 = 64 << 20;

/// S3's rule for the names of buckets, as far as a path needs it.
pub(super) fn is_bucket(bucket: &str) -> bool {
    let is_low = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|b| is_low(b) || b == b'-' || b == b'.')
        && bucket.bytes().next().is_some_and(is_low)
}

/// # Errors
/// `Permanent`: no bucket can have this name.
pub(super) fn check_bucket(bucket: &str) -> port::Result<()> {
    if is_bucket(bucket) {
        return Ok(());
    }
    Err(Error::new(Kind::Permanent, "object storage: this is no bucket of ours"))
}
