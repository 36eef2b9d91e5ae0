use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::Result;
use crate::domain::picture::{Content, ImageType, ObjectKey};

/// Object storage: blobs by bucket and key. A key that the storage cannot have is `Permanent`.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Stores a blob. One that is there with the same bytes is success; with other bytes: `Conflict`.
    async fn put(&self, key: &ObjectKey, bytes: Bytes, image_type: ImageType) -> Result<()>;

    /// `NotFound` where there is none.
    async fn get(&self, key: &ObjectKey) -> Result<Bytes>;

    /// Deleting what is not there is success.
    async fn delete(&self, key: &ObjectKey) -> Result<()>;

    /// Objects of a bucket whose keys begin with `prefix` (empty: all), in the order of the bytes of their
    /// keys, from the one after `after` on: at most `limit`, which is 1 to 1000. An empty page is the end.
    /// A bucket that is not there has no objects.
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>>;

    /// Deletes the object that a URL of an earlier system names; gives whether there was one. A URL that
    /// names nothing of ours is success.
    async fn delete_by_url(&self, _url: &str) -> Result<bool> {
        Ok(false)
    }

    /// A link that shows the object to whoever has it, for so long (in whole seconds): absolute, or a
    /// path on our own address. Made on read, never kept; says nothing about whether the object is there.
    fn link(&self, key: &ObjectKey, life: Duration) -> Result<String>;
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    /// In bytes.
    pub size: u64,
}

/// Fetches pictures from the provider: streaming and bounded in size and time, redirects off, private
/// addresses refused (except exactly the configured provider's origin), type by content.
#[async_trait]
pub trait Downloads: Send + Sync {
    /// `Permanent` for an address that may never be fetched (a test host, a private address) and for
    /// what is no picture; `NotFound` where the provider has it no more.
    async fn picture(&self, url: &str) -> Result<(Bytes, Content)>;

    /// Whether the address may be fetched at all: said when a result is read, before any bytes.
    fn is_allowed(&self, url: &str) -> bool;
}
