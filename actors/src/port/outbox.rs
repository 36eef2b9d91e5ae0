use async_trait::async_trait;

use super::{ItemFault, Result};
use crate::domain::{id::OutboxId, outbox::OutboxEntry};

/// The operator's text to many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    pub en: String,
    pub ru: String,
}

/// The durable outbox. Entries are put in by `Change::Enqueue` and settled by `Change::SettleParcel`.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// The open entries with a number greater than `after`, in order, at most `limit`.
    async fn open_entries(&self, after: OutboxId, limit: usize) -> Result<Vec<OutboxEntry>>;

    /// The text of a broadcast. None: it was cancelled, or never was.
    async fn broadcast_text(&self, id: i64) -> Result<Option<Broadcast>>;

    /// Counts a failure of ours; the third sets the entry aside with its reason.
    async fn fail_entry(&self, id: OutboxId, reason: &str) -> Result<ItemFault>;
}
