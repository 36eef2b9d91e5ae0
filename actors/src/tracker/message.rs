//! What the tracker can be asked, and the wake-ups it hears and gives.

use serde::{Deserialize, Serialize};

use crate::{
    ask::{AskError, Request},
    domain::{
        generation::{Generation, State},
        id::{GenerationId, UserId},
        lane::LaneSet,
        screens::studio::Doing,
    },
    port,
};

/// A person, or the operator, wants out of a generation. Repeats are harmless.
#[derive(Debug, Clone, Copy)]
pub struct CancelGeneration {
    pub user: UserId,
    pub id: GenerationId,
    /// Only the operator may: whatever the provider says, the hold is released at once.
    pub at_once: bool,
}

/// What becomes of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelling {
    /// It is under way; how it ended is said through the outbox.
    Begun,
    /// There is nothing left to cancel: it stands here.
    TooLate(State),
}

/// Why the tracker did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such generation, or it is somebody else's.
    #[error("no such generation")]
    NotFound,
    #[error(transparent)]
    Unavailable(#[from] port::Error),
    #[error("the ledger or the writer: {0}")]
    Below(#[from] AskError),
}

impl Request for CancelGeneration {
    type Reply = Result<Cancelling, Error>;
}

/// How a generation is doing, for its progress screen.
#[derive(Debug, Clone, Copy)]
pub struct GetProgress {
    pub user: UserId,
    pub id: GenerationId,
}

impl Request for GetProgress {
    type Reply = Result<(Generation, Doing), Error>;
}

/// No step may begin in these lanes any more (they are no longer among [`crate::lanes::OwnLanes`]): finish
/// those under way, forget the rest, and answer then.
#[derive(Debug, Clone, Copy)]
pub struct LanesLeft(pub LaneSet);

impl Request for LanesLeft {
    type Reply = ();
}

/// These lanes are lost: forget their generations at once.
#[derive(Debug, Clone, Copy)]
pub struct LanesDropped(pub LaneSet);

impl Request for LanesDropped {
    type Reply = ();
}

/// How many generations the tracker drives.
#[derive(Debug, Clone, Copy)]
pub struct GetLoad;

/// The tracker's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Load {
    /// At the provider.
    pub running: usize,
    /// Held, waiting for a place.
    pub waiting: usize,
    /// All that are open.
    pub open: usize,
}

impl Request for GetLoad {
    type Reply = Load;
}

/// A generation was stored. If this is lost, the next look at the rows finds it.
#[derive(Debug, Clone)]
pub struct GenerationReserved(pub Box<Generation>);

/// The provider's webhook named a generation: ask now rather than at the next poll. May be lost.
#[derive(Debug, Clone)]
pub struct ProviderCalled {
    pub id: GenerationId,
    pub request_id: String,
}

/// Look at all rows now. The operator's `sweep`, and the command line's way to wake the bot.
#[derive(Debug, Clone, Copy)]
pub struct RowsChanged;

/// Upwards: a generation is doing something new. May be lost; the newest wins.
#[derive(Debug, Clone)]
pub struct ProgressChanged {
    pub generation: Box<Generation>,
    pub doing: Doing,
}

/// Upwards: entries were put into the outbox. May be lost; the outbox is looked at anyway.
#[derive(Debug, Clone, Copy)]
pub struct ParcelsAdded;
