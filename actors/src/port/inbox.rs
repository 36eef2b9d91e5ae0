use async_trait::async_trait;

use super::Result;
use crate::domain::{
    id::{GenerationId, OutboxId, PictureId, Seq, UpdateId, UserId},
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

/// Something that is worked off from a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InHand {
    Update(Seq),
    Parcel(OutboxId),
    Generation(GenerationId),
    /// A picture that is copied to storage or deleted there.
    Storage(PictureId),
}

/// The durable inbox: committed before acknowledged, worked off in order per user.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Stores updates and returns, in the same order, the number of each that is new and None for each
    /// repeat (by source and `update_id`, as a set). Returns only after the commit; many callers share
    /// one.
    async fn receive(&self, arrivals: Vec<Arrival>) -> Result<Vec<Option<Seq>>>;

    /// The open items with a number greater than `after`, in order, at most `limit`. At the start,
    /// and to find what another process (the command line, another node) put in. Of several nodes each
    /// gets those of its own lanes; so do all that hand out work.
    async fn open_items(&self, after: Seq, limit: usize) -> Result<Vec<InboxItem>>;

    /// The open items of one source, in order, at most `limit`: what the command line put in.
    async fn open_items_from(&self, source: Source, limit: usize) -> Result<Vec<InboxItem>>;

    /// Marks items as done. Repeats change nothing. Many callers share one commit.
    async fn finish(&self, items: Vec<Seq>) -> Result<()>;

    /// Counts a failure of an open item. The third sets it aside with its reason, and in the same
    /// commit owes its sender a `Parcel::Apology` (not for what the operator put in). One that is
    /// done or set aside already stays as it is. `NotFound`: there is no such item.
    async fn fail_item(&self, seq: Seq, reason: &str) -> Result<ItemFault>;

    /// Notes that work on an item begins, just before it does: cheap, not awaited, never fails, and
    /// known to the next process if this one is killed. Repeats change nothing.
    fn take_in_hand(&self, _item: InHand) {}

    /// Notes that work on an item that stays open rests: it will not be blamed for a death meanwhile.
    fn put_down(&self, _item: InHand) {}

    /// Once per start, before any work: looks at all that was in hand ([`Inbox::take_in_hand`]) when
    /// the process died and is still open (inbox items, generations, outbox entries, storage jobs).
    ///
    /// Several: any of them may have been the cause, so each has one attempt from now on, if it had
    /// none: it is a suspect, and [`crate::hands`] takes it in hand alone. Only one: the death is its
    /// own. It is a suspect too, and after [`crate::DEATHS_MAX`] such deaths it is set aside: an inbox
    /// item like its third failure would, an outbox entry and a storage job likewise. Generations are only counted;
    /// the tracker sets them aside together with their hold. What finished, what merely waited, and
    /// what was left by a stop on purpose is not touched. `at`: now.
    async fn open_after_death(&self, at: Timestamp) -> Result<()>;
}
