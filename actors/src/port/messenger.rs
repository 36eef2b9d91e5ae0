use async_trait::async_trait;
use bytes::Bytes;

use super::Result;
use crate::domain::{
    id::{MessageId, UserId},
    picture::ImageType,
    text::Language,
    view::{Answer, View},
};

/// Who waits for the message, which decides how it is paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// A person pressed or said something.
    Reply,
    /// Owed: pictures, notices.
    Owed,
    /// Droppable.
    Progress,
}

/// Where a view goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    New,
    Edit { message: MessageId, has_media: bool },
}

/// A picture as Telegram can be given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    FileId(String),
    Bytes { name: String, image_type: ImageType, bytes: Bytes },
}

/// A view with its picture at hand and the language to say it in.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    pub view: View,
    /// For `Media::Picture`; None there: the picture is not to be had now, and the words must do.
    pub image: Option<Image>,
    pub language: Language,
}

/// What Telegram made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub message: MessageId,
    /// Telegram's id of the picture in it.
    pub file_id: Option<String>,
}

/// The way to people. Calls are paced here and nowhere else, and `retry_after` freezes the chat.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Sends or edits. An edit that changes nothing is success. Words that replace a picture become a
    /// new message and the old one goes away. Bytes that Telegram does not take as a photo go as a
    /// document, without a `file_id`. `NotFound`: the message to edit is gone.
    /// `Forbidden`: the person blocked the bot. A `file_id` that Telegram does not take: `Conflict`.
    /// `RateLimited`: the chat is frozen, or the pace leaves no room soon; often nothing was called.
    async fn show(
        &self,
        chat: UserId,
        place: Place,
        view: &Rendered,
        urgency: Urgency,
    ) -> Result<Sent>;

    /// Answers a press. One that is too old or answered is success: nobody waits for it any more.
    async fn answer(&self, answer: &Answer, language: Language) -> Result<()>;

    /// Sends the original as a document.
    async fn document(&self, chat: UserId, image: Image, urgency: Urgency) -> Result<Sent>;

    /// A message that is gone, or too old to be deleted, is success.
    async fn delete(&self, chat: UserId, message: MessageId) -> Result<()>;
}
