//! What is owed to a chat: stored with what caused it, rendered when it is sent, kept until it was.

use super::{
    id::{GenerationId, MessageId, OutboxId, PictureId, UserId},
    ledger::Credits,
};

/// What to send. The words are made when it goes out, in the person's language of that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parcel {
    /// A paid picture with its result card.
    Picture(PictureId),
    /// How a generation ended without pictures: failed, cancelled or expired.
    Outcome(GenerationId),
    /// The operator gave (positive) or took (negative) credits.
    Granted { amount: Credits, reason: String },
    /// Credits of a captured generation were given back, because test images had come in place of its
    /// pictures (`aisha storage cleanup-test-urls`). For another reason an operator says it: `Granted`.
    Refunded { generation: GenerationId, amount: Credits },
    /// An update of theirs could not be worked off and was set aside.
    Apology,
    /// The operator's text to many, by its number.
    Broadcast(i64),
    /// The operator writes to the person.
    Note(String),
}

impl Parcel {
    /// The generation that it is about.
    pub const fn generation(&self) -> Option<GenerationId> {
        match self {
            Self::Picture(picture) => Some(picture.generation),
            Self::Outcome(generation) | Self::Refunded { generation, .. } => Some(*generation),
            _ => None,
        }
    }
}

/// The row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    pub id: OutboxId,
    /// The private chat to send it to.
    pub user: UserId,
    pub parcel: Parcel,
    /// The message that was sent ahead and only needs its picture now.
    pub placed: Option<MessageId>,
    pub attempts: u8,
}
