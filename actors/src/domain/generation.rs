//! A generation: a row that only moves forward.
//!
//! ```text
//! reserved → submitting → queued → resulted → captured → delivered
//!     │           │          │         └→ failed (no picture is safe)
//!     └───────────┴──────────┴→ cancelling → cancelled
//!                                failed, expired: the hold is released
//! ```

use serde::{Deserialize, Serialize};

use super::{
    id::{GenerationId, MessageId, ModelId, UserId},
    ledger::Credits,
    time::Timestamp,
};

/// Where a generation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// The hold stands; not yet at the provider.
    Reserved,
    /// A submit may be on its way or its answer lost.
    Submitting,
    /// The provider has it: waiting or running there.
    Queued,
    /// The provider's result is known; the pictures are being copied.
    Resulted,
    /// Paid: the pictures are safe and the outbox has them.
    Captured,
    /// Every picture was shown.
    Delivered,
    /// The person wants out; the provider has not said the last word yet.
    Cancelling,
    Cancelled,
    Failed,
    /// The deadline passed without a result.
    Expired,
}

impl State {
    pub const ALL: [Self; 10] = [
        Self::Reserved,
        Self::Submitting,
        Self::Queued,
        Self::Resulted,
        Self::Captured,
        Self::Delivered,
        Self::Cancelling,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
    ];

    /// The word that stands in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Submitting => "submitting",
            Self::Queued => "queued",
            Self::Resulted => "resulted",
            Self::Captured => "captured",
            Self::Delivered => "delivered",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether failures are counted anew after a move to `to`: what was tried before worked. Not where
    /// it goes back, and not at the end, whose count tells the operator how it came to that.
    pub fn is_progress(self, to: Self) -> bool {
        self != to && to.is_open() && to != Self::Reserved
    }

    /// Whether the hold is still open: the tracker has work to do.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Reserved | Self::Submitting | Self::Queued | Self::Resulted | Self::Cancelling
        )
    }

    /// Whether it is, or may be, at the provider and takes one of the provider's places.
    pub const fn is_at_provider(self) -> bool {
        matches!(self, Self::Submitting | Self::Queued | Self::Cancelling)
    }

    /// Whether the move is one that the picture above allows.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Reserved => {
                matches!(next, Self::Submitting | Self::Cancelled | Self::Failed | Self::Expired)
            }
            // Back to reserved: the submit surely did not arrive.
            Self::Submitting => matches!(
                next,
                Self::Reserved
                    | Self::Submitting
                    | Self::Queued
                    | Self::Cancelling
                    | Self::Failed
                    | Self::Expired
            ),
            Self::Queued => {
                matches!(next, Self::Resulted | Self::Cancelling | Self::Failed | Self::Expired)
            }
            Self::Cancelling => matches!(
                next,
                Self::Queued | Self::Resulted | Self::Cancelled | Self::Failed | Self::Expired
            ),
            Self::Resulted => matches!(next, Self::Captured | Self::Failed),
            Self::Captured => matches!(next, Self::Delivered),
            Self::Delivered | Self::Cancelled | Self::Failed | Self::Expired => false,
        }
    }
}

/// Why there is no picture, as far as it matters for what the person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The provider's safety filter refused the prompt or the pictures.
    Safety,
    /// The provider does not accept the parameters.
    BadRequest,
    /// The endpoint is gone; the model was retired.
    ModelGone,
    /// The operator's account at the provider is empty, locked or not accepted.
    OutOfMoney,
    /// The provider failed or answered nonsense.
    Provider,
    /// The provider could not be reached or its answer was lost, twice.
    Unreachable,
    /// There was a result, but no picture could be fetched.
    PicturesLost,
    /// Our own fault: it failed again and again and was set aside.
    Quarantined,
}

impl Failure {
    pub const ALL: [Self; 8] = [
        Self::Safety,
        Self::BadRequest,
        Self::ModelGone,
        Self::OutOfMoney,
        Self::Provider,
        Self::Unreachable,
        Self::PicturesLost,
        Self::Quarantined,
    ];

    /// The word that stands in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::BadRequest => "bad_request",
            Self::ModelGone => "model_gone",
            Self::OutOfMoney => "out_of_money",
            Self::Provider => "provider",
            Self::Unreachable => "unreachable",
            Self::PicturesLost => "pictures_lost",
            Self::Quarantined => "quarantined",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.name() == name)
    }
}

/// What the person ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub model: ModelId,
    pub prompt: String,
    /// The name of one of the model's ratios.
    pub ratio: String,
    /// The name of one of the model's resolutions, where it has any.
    pub resolution: Option<String>,
    /// Pictures asked for, 1 to 4.
    pub count: u8,
    /// Drawn by us, so that a repeated submit gives the same pictures where the model takes a seed.
    pub seed: u32,
    /// Credits per picture, as the quote said.
    pub price: Credits,
}

impl Order {
    /// The hold.
    pub fn total(&self) -> Credits {
        self.price.times(self.count)
    }
}

/// Where the provider keeps our request: as it answered, never built by us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub request_id: String,
    pub status_url: String,
    pub response_url: String,
    pub cancel_url: String,
}

/// The row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    pub id: GenerationId,
    pub user: UserId,
    pub order: Order,
    pub state: State,
    /// The message that shows its progress and becomes its first picture.
    pub message: Option<MessageId>,
    pub ticket: Option<Ticket>,
    /// Submits that may have arrived, at most 2.
    pub submits: u8,
    /// Failures of ours (panics, deaths) while working on it; the third sets it aside.
    pub attempts: u8,
    pub failure: Option<Failure>,
    /// Pictures that were captured.
    pub captured: u8,
    pub created_at: Timestamp,
    /// When the last submit began.
    pub submitted_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub deadline_at: Timestamp,
}
