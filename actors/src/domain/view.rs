//! What a person should see, free of Telegram's types.

use super::{
    action::Press,
    id::{MessageId, PictureId},
    text::{Language, Text},
};

/// A message: words, perhaps a picture, and rows of buttons.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Paragraphs, one after the other with an empty line between.
    pub text: Vec<Text>,
    pub media: Media,
    pub buttons: Vec<Vec<Button>>,
}

impl View {
    /// A view without a picture.
    pub fn text(text: Vec<Text>, buttons: Vec<Vec<Button>>) -> Self {
        Self { text, media: Media::None, buttons }
    }
}

/// The picture of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// Words only. Replaces a message that has a picture by a new one.
    None,
    /// Keeps the picture of the message that is edited, if it has one.
    Keep,
    /// Shows this picture; `file_id` when the caller knows it.
    Picture { id: PictureId, file_id: Option<String> },
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    pub label: Text,
    pub does: Does,
    pub style: Style,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    Press(Press),
    /// Opens an address (the operator's contact).
    Open(String),
    /// Copies words, at most 256 characters.
    Copy(String),
}

/// How a button looks, where the client can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    Primary,
    Danger,
}

/// What a turn of a user's conversation says back.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub language: Language,
    /// The answer to a press, if it was one.
    pub answer: Option<Answer>,
    pub show: Option<Show>,
}

/// The answer to a press: stops the button's spinner and may say a few words.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub query: String,
    pub text: Option<Text>,
    /// As a dialog that must be closed, rather than a passing note.
    pub alert: bool,
}

/// What becomes of the chat.
#[derive(Debug, Clone, PartialEq)]
pub enum Show {
    /// A new message.
    New(View),
    /// The pressed message becomes this view; a new message where that is impossible.
    Edit { message: MessageId, has_media: bool, view: View },
    /// The original file of a picture, as a document.
    Original(PictureId),
    /// The message goes away.
    Delete(MessageId),
}
