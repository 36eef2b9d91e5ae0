//! What a decision changes. One [`Changes`] is one transaction: all of it is stored, or none.

use super::{
    conversation::Conversation,
    generation::{Failure, Generation, State, Ticket},
    id::{GenerationId, MessageId, OutboxId, PictureId, UserId},
    ledger::{self, Entry},
    outbox::Parcel,
    person::Profile,
    picture::{Content, ObjectKey, Picture, PictureState},
    time::Timestamp,
};

/// The changes of one decision about one user's things.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    pub user: UserId,
    pub list: Vec<Change>,
}

impl Changes {
    pub fn new(user: UserId, list: Vec<Change>) -> Self {
        Self { user, list }
    }
}

/// One change. Those with a guard refuse the whole [`Changes`] when the guard does not hold. Whatever
/// names a person, generation, picture or profile that is not there or not the user's is refused too
/// ([`Refusal::Moved`]), except where "no guard" stands: such a change then changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Makes the person and the account. Guard: none; a person who is there stays as they are.
    Register { profile: Profile, at: Timestamp },
    /// Keeps what Telegram last told about the person. No guard.
    SaveProfile(Profile),
    /// The operator blocks or unblocks. No guard.
    SetBlocked(bool),
    /// The person blocked the bot, or came back. No guard.
    SetStopped(bool),
    /// Replaces the user's conversation.
    SaveConversation(Box<Conversation>),
    /// Makes the generation. Guard: its id is new ([`Refusal::Exists`]).
    AddGeneration(Box<Generation>),
    /// Moves a generation. Guard: it belongs to the user, is in `from`, and `State::may_become` allows
    /// the move ([`Refusal::Moved`]). Failures are counted anew where `State::is_progress`.
    Advance { id: GenerationId, from: State, to: State, with: Progress },
    /// Takes a place at the provider for a generation that is about to be submitted. Guard: fewer than
    /// `places` others are at the provider, over all nodes ([`Refusal::Full`]).
    TakePlace { id: GenerationId, places: u32 },
    /// The message that shows a generation's progress. No guard.
    SetMessage { id: GenerationId, message: MessageId },
    /// Makes the picture rows of a result. A row that is there stays as it is.
    AddPictures(Vec<Picture>),
    /// What became of a picture's bytes. Guard: it is in one of `from`. A state that is not safe takes
    /// it out of the gallery and raises the gallery's version. Failures are counted anew; an object or
    /// content that is `None` stays as it is.
    SettlePicture {
        id: PictureId,
        from: Vec<PictureState>,
        to: PictureState,
        object: Option<ObjectKey>,
        content: Option<Content>,
    },
    /// Puts a picture into the gallery. Raises the gallery's version. Guard: it is safe. One that is
    /// listed already keeps its place.
    ListPicture { id: PictureId, listed_at: Timestamp },
    /// Sets (never toggles) a favourite. Guard: the user owns the picture and it is listed.
    SetFavourite { id: PictureId, favourite: bool },
    /// Takes a picture out of the gallery for good. Guard: the user owns it and it is listed. It keeps
    /// its `listed_at`, so that old buttons still find the neighbours.
    TrashPicture { id: PictureId },
    /// Telegram's id of a picture, learned when it was sent. No guard.
    SetFileId { id: PictureId, file_id: String },
    /// Where a picture comes from after all: its first address was a bad one. What Telegram knew it by is
    /// forgotten, for that shows the bad one. No guard.
    SetSource { id: PictureId, url: String, expires_at: Option<Timestamp> },
    /// Books an entry of the user's. Guard: the ledger's rules ([`Refusal::Ledger`]); one that stands
    /// already is `Refused::Repeated` before anything else.
    Book(Entry),
    /// Owes the user a message. Guard: about the same picture or generation none of the same kind was
    /// owed before ([`Refusal::Exists`]).
    Enqueue { parcel: Parcel, at: Timestamp },
    /// A message was sent ahead for this entry. No guard.
    PlaceParcel { id: OutboxId, message: MessageId },
    /// The entry was sent, or is given up. No guard; one that is not open stays as it is.
    SettleParcel { id: OutboxId, delivered: bool, at: Timestamp },
    /// `captured → delivered` if no picture of the generation is left in the outbox, open or set
    /// aside. `at` becomes the time it finished. No guard.
    DeliverIfShown { id: GenerationId, at: Timestamp },
}

/// What comes with a move of a generation. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    pub ticket: Option<Ticket>,
    pub submits: Option<u8>,
    pub submitted_at: Option<Timestamp>,
    pub failure: Option<Failure>,
    pub captured: Option<u8>,
    pub finished_at: Option<Timestamp>,
}

/// Why nothing of a [`Changes`] was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it exists already")]
    Exists,
    #[error("it is not there, not the user's, or no longer in the expected state")]
    Moved,
    /// Or a place may become free at this moment: try again soon.
    #[error("all places at the provider are taken")]
    Full,
    #[error("the ledger refuses: {0}")]
    Ledger(#[from] ledger::Refused),
}

/// What a commit tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// The user's gallery version after the commit; 0 where no person row is there.
    pub gallery_version: i64,
}
