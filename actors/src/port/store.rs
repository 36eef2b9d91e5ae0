use async_trait::async_trait;

use super::{Error, Inbox, ItemFault, Outbox, Result};
use crate::domain::{
    change::{Changes, Committed, Refusal},
    conversation::Conversation,
    fair::Waiting,
    generation::Generation,
    id::{GenerationId, ModelId, PictureId, UserId},
    ledger::{Account, Credits, EntryKind},
    person::Person,
    picture::{Card, Picture, Place, Selection},
    time::Timestamp,
};

/// Everything that the database does for the core.
pub trait Store: Inbox + Outbox + Records {}

impl<T: Inbox + Outbox + Records> Store for T {}

/// A generation in the line for a place at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InLine {
    pub generation: Waiting,
    /// It need not wait any more.
    pub has_place: bool,
}

/// A person and their conversation, as one read.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub person: Person,
    pub conversation: Conversation,
}

/// Which neighbours of a place to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// From the newest on.
    Newest,
    /// Older than this place, nearest first.
    OlderThan(Place),
    /// Newer than this place, nearest first.
    NewerThan(Place),
}

/// A line of a person's history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The entry's number in the ledger, for paging.
    pub seq: i64,
    pub kind: EntryKind,
    pub amount: Credits,
    pub reason: String,
    pub at: Timestamp,
    /// What the credits were spent on, where they were.
    pub prompt: Option<String>,
}

/// True figures about a person's pictures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Pictures in the gallery by model, most first.
    pub by_model: Vec<(ModelId, u64)>,
    pub favourites: u64,
    /// Listed in the last 30 days.
    pub last_month: u64,
    /// Generations that were captured.
    pub generations: u64,
    /// Credits captured and not refunded.
    pub spent: Credits,
    pub first_at: Option<Timestamp>,
}

/// Reads, and the one way to write.
#[async_trait]
pub trait Records: Send + Sync {
    /// Stores each member whole or refuses it whole; a refused member never hurts the others. Answers
    /// in the order of the members after the commit; many callers share one. The outer error: nothing
    /// of any of these members was stored (`Permanent`: one of them breaks a rule of the database for
    /// which there is no [`Refusal`]; the others may be tried without it), or (`Ambiguous`) it is
    /// unknown.
    async fn commit(
        &self,
        members: Vec<Changes>,
    ) -> Result<Vec<std::result::Result<Committed, Refusal>>>;

    /// [`Records::commit`] for one member.
    async fn commit_one(
        &self,
        changes: Changes,
    ) -> Result<std::result::Result<Committed, Refusal>> {
        let answers = self.commit(vec![changes]).await?;
        answers.into_iter().next().ok_or_else(|| Error::transient("the store gave no answer"))
    }

    async fn standing(&self, user: UserId) -> Result<Option<Standing>>;

    /// Zero for a user without an account; an error is an error, never zero.
    async fn account(&self, user: UserId) -> Result<Account>;

    /// Entries that gave or spent, before the entry numbered `before` (0: from the newest).
    async fn history(&self, user: UserId, before: i64, limit: usize) -> Result<Vec<HistoryLine>>;

    async fn generation(&self, id: GenerationId) -> Result<Option<Generation>>;

    /// All that the tracker has to drive: open ones, and captured ones not yet delivered.
    async fn live_generations(&self) -> Result<Vec<Generation>>;

    /// All that wait for a place at the provider or have one, on whichever node, oldest first. Of a line
    /// that is longer than anybody reads, its beginning.
    async fn line(&self) -> Result<Vec<InLine>>;

    /// The user's open generations, oldest first.
    async fn open_generations_of(&self, user: UserId) -> Result<Vec<Generation>>;

    /// Counts a failure of ours while working on a generation. Does not set it aside: the tracker
    /// does, together with the release of its hold.
    async fn fail_generation(&self, id: GenerationId, reason: &str) -> Result<ItemFault>;

    async fn picture(&self, id: PictureId) -> Result<Option<Picture>>;

    /// The pictures of a generation, first first.
    async fn pictures_of(&self, generation: GenerationId) -> Result<Vec<Picture>>;

    /// Cards around a place, nearest first; only what is listed and the user's own.
    async fn cards(
        &self,
        user: UserId,
        selection: &Selection,
        reach: Reach,
        limit: usize,
    ) -> Result<Vec<Card>>;

    /// The card of one picture, if it is listed and the user's own.
    async fn card(&self, user: UserId, id: PictureId) -> Result<Option<Card>>;

    /// How many pictures the selection has. Grows with the gallery: not for every turn.
    async fn count(&self, user: UserId, selection: &Selection) -> Result<u64>;

    /// How many pictures of the selection are newer than a place. Grows with the gallery too.
    async fn newer_than(&self, user: UserId, selection: &Selection, place: Place) -> Result<u64>;

    async fn counts(&self, user: UserId, now: Timestamp) -> Result<Counts>;

    /// Pictures whose storage job is open: `fallback` (to be copied) and `trashed` (to be deleted),
    /// those with the fewest failures first.
    async fn storage_jobs(&self, limit: usize) -> Result<Vec<Picture>>;

    /// Counts a failed storage job. The third sets it aside: `storage_jobs` gives it no more, until
    /// the picture's state changes. The picture itself stays as it is.
    async fn fail_storage(&self, id: PictureId, reason: &str) -> Result<ItemFault>;

    /// The rows of the `violations` view: empty while the books are right.
    async fn violations(&self) -> std::result::Result<Vec<String>, Error>;
}
