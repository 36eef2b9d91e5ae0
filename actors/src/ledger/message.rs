//! What the ledger can be asked. Every command names what it is for, so that a repeat is refused as
//! such and changes nothing.

use crate::{
    ask::Request,
    domain::{
        change::{Change, Committed, Refusal},
        generation::Generation,
        id::{GenerationId, UserId},
        ledger::Credits,
    },
    port,
};

/// Makes a generation and holds its price, together with `also`. Refused with
/// `Insufficient` when the credits are not there, with `Exists` when it was made before.
#[derive(Debug)]
pub struct PlaceHold {
    pub generation: Box<Generation>,
    pub also: Vec<Change>,
}

/// Spends `amount` of a generation's hold and frees the rest, together with `also`.
#[derive(Debug)]
pub struct CaptureHold {
    pub user: UserId,
    pub generation: GenerationId,
    pub amount: Credits,
    pub also: Vec<Change>,
}

/// Frees a generation's hold, together with `also`.
#[derive(Debug)]
pub struct ReleaseHold {
    pub user: UserId,
    pub generation: GenerationId,
    pub also: Vec<Change>,
}

/// Gives a new person their welcome credits, together with `also`. Once per person.
#[derive(Debug)]
pub struct GrantWelcome {
    pub user: UserId,
    pub amount: Credits,
    pub also: Vec<Change>,
}

/// Why the ledger did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing was stored.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store is away; `Ambiguous` if it may have been stored.
    #[error(transparent)]
    Unavailable(#[from] port::Error),
}

/// What every command of the ledger gives.
pub type Answer = Result<Committed, Error>;

impl Request for PlaceHold {
    type Reply = Answer;
}

impl Request for CaptureHold {
    type Reply = Answer;
}

impl Request for ReleaseHold {
    type Reply = Answer;
}

impl Request for GrantWelcome {
    type Reply = Answer;
}
