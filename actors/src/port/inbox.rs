use async_trait::async_trait;

use super::Result;
use crate::domain::{
    id::{Seq, UpdateId, UserId},
    time::Timestamp,
    update::Update,
};

/// Who put an update into the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Telegram,
    /// The command line or the dashboard.
    Operator,
}

/// An update as it arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    pub source: Source,
    pub update: Update,
    /// What the sender wrote (Telegram's JSON), kept as it is for replay and quarantine.
    pub payload: String,
}

/// An update in the inbox, still in the sender's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    pub seq: Seq,
    pub source: Source,
    pub update: UpdateId,
    pub user: UserId,
    pub payload: String,
    /// Failed tries so far, deaths of the process while it was in hand included.
    pub attempts: u8,
}

/// Reads the sender's words. Total: what it does not know becomes `Input::Ignored`. The update is
/// `user`'s, whatever the words say; in the operator's words there is no more of a profile than that.
pub trait Parser: Send + Sync {
    fn parse(&self, source: Source, update: UpdateId, user: UserId, payload: &str) -> Update;
}

/// What became of an item that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemFault {
    /// It may be tried again.
    Retry { attempts: u8 },
    /// It was set aside.
    Quarantined,
}

/// The durable inbox: committed before acknowledged, worked off in order per user.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Stores updates and returns, in the same order, the number of each that is new and None for each
    /// repeat (by source and `update_id`, as a set). Returns only after the commit; many callers share
    /// one.
    async fn receive(&self, arrivals: Vec<Arrival>) -> Result<Vec<Option<Seq>>>;

    /// The open items with a number greater than `after`, in order, at most `limit`. At the start,
    /// and to find what another process (the command line) put in.
    async fn open_items(&self, after: Seq, limit: usize) -> Result<Vec<InboxItem>>;

    /// The open items of one source, in order, at most `limit`: what the command line put in.
    async fn open_items_from(&self, source: Source, limit: usize) -> Result<Vec<InboxItem>>;

    /// Marks items as done. Repeats change nothing. Many callers share one commit.
    async fn finish(&self, items: Vec<Seq>) -> Result<()>;

    /// Counts a failure; the third sets the item aside with its reason.
    async fn fail_item(&self, seq: Seq, reason: &str) -> Result<ItemFault>;

    /// Once per start, before any work: raises the attempts of all that was in hand when the process
    /// died (open inbox items, generations, outbox entries, storage jobs), and sets aside those that
    /// it was the second death for. What finished cleanly is not touched. `at`: now.
    async fn open_after_death(&self, at: Timestamp) -> Result<()>;
}
