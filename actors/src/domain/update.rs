//! What comes in, free of Telegram's types.

use super::{
    action::Press,
    id::{GenerationId, MessageId, UpdateId},
    person::Profile,
};

/// An update that concerns one person (or one group).
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub id: UpdateId,
    /// Who is served: the person, or in a group the group itself (negative id).
    pub from: Profile,
    pub input: Input,
}

/// What the person did.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Words that are no command.
    Said(String),
    /// `/name argument`, the name in lower case, without the slash and the bot's name.
    Command { name: String, argument: String },
    /// A photo, sticker, voice message …: nothing that the bot reads.
    Unreadable,
    /// A button.
    Pressed(Pressed),
    /// The person blocked the bot (`true`) or came back (`false`).
    Blocked(bool),
    /// The operator blocks (`true`) or unblocks the person.
    OperatorBlocked(bool),
    /// The operator wants a generation of theirs ended, as the person could.
    OperatorCancelled(GenerationId),
    /// The operator ends a generation of theirs, whatever the provider may say: its hold is released.
    OperatorReleased(GenerationId),
    /// Something was said to the bot in a group.
    InGroup,
    /// A kind of update that the bot does not know or need.
    Ignored,
}

impl Input {
    /// Whether the operator did it, and not the person.
    pub const fn is_operators(&self) -> bool {
        matches!(
            self,
            Self::OperatorBlocked(_) | Self::OperatorCancelled(_) | Self::OperatorReleased(_)
        )
    }
}

/// A press of a button under a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Pressed {
    /// Telegram's id of the query, to be answered once.
    pub query: String,
    /// The message with the button; absent when it is too old for Telegram to tell.
    pub message: Option<MessageId>,
    /// Whether that message carries a picture or file.
    pub has_media: bool,
    /// None: the data is nothing that the bot ever wrote, or of a version it no longer knows.
    pub press: Option<Press>,
}
