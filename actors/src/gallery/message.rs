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

impl Error {
    /// Whether the same update will fail again: then it is counted, and set aside at last.
    pub fn is_lasting(&self) -> bool {
        use port::Kind::{Ambiguous, Fenced, OutOfMoney, RateLimited, Transient};
        match self {
            Self::Unavailable(error)
            | Self::Ledger(ledger::Error::Unavailable(error))
            | Self::Tracker(tracker::Error::Unavailable(error)) => !matches!(
                error.kind,
                Transient | Fenced | Ambiguous | OutOfMoney | RateLimited { .. }
            ),
            Self::Ledger(ledger::Error::Refused(_)) | Self::Tracker(tracker::Error::NotFound) => {
                true
            }
            Self::Below(_) | Self::Tracker(tracker::Error::Below(_)) => false,
        }
    }
}
