//! What a user's gallery can be asked.

use crate::{
    ask::{AskError, Request},
    domain::{update::Update, view::Reply},
    ledger, port, tracker,
};

/// The next update of this user. Repeats are harmless: effects are found done, and the reply is said
/// again.
#[derive(Debug)]
pub struct TakeUpdate {
    pub update: Update,
}

impl Request for TakeUpdate {
    /// What to say back; `None`: nothing.
    type Reply = Result<Option<Reply>, Error>;
}

/// Why a turn came to nothing. The update stays in the inbox and is handed out again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Unavailable(#[from] port::Error),
    #[error("the ledger: {0}")]
    Ledger(#[from] ledger::Error),
    #[error("the tracker: {0}")]
    Tracker(#[from] tracker::Error),
    #[error("an actor below: {0}")]
    Below(#[from] AskError),
}
