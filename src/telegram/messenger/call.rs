//! One call of the Bot API: the method and its parameters, from frankenstein's types.

use aisha_actors::{
    domain::id::{MessageId, UserId},
    port::{self, Rendered},
};
use frankenstein::{
    ParseMode,
    input_file::FileUpload,
    input_media::{InputMedia, InputMediaDocument, InputMediaPhoto},
    methods,
    types::{LinkPreviewOptions, ReplyMarkup},
};
use serde::Serialize;
use serde_json::Value;

use super::no_such_message;
use crate::telegram::{
    Error, Words,
    client::{ATTACHED, Upload},
    html,
    render::{self, CAPTION_UNITS_MAX, TEXT_UNITS_MAX},
};

/// Where the call's message goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum To {
    New,
    Edit(MessageId),
}

/// What the call makes of the view.
#[derive(Debug)]
pub(super) enum As<'a> {
    Text,
    /// Words under the picture that the message has.
    Caption,
    PhotoId(&'a str),
    Photo(Upload),
    Document(Upload),
}

impl As<'_> {
    pub(super) fn upload(&self) -> Option<&Upload> {
        match self {
            Self::Photo(upload) | Self::Document(upload) => Some(upload),
            Self::Text | Self::Caption | Self::PhotoId(_) => None,
        }
    }

    fn file(&self) -> FileUpload {
        FileUpload::String(match self {
            Self::PhotoId(id) => (*id).to_owned(),
            _ => ATTACHED.to_owned(),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Html,
    /// For when Telegram cannot read our HTML.
    Plain,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) params: Value,
}

impl Call {
    fn of(method: &'static str, params: &impl Serialize) -> port::Result<Self> {
        let params = serde_json::to_value(params)
            .map_err(|e| Error::Unsendable(format!("{method}: {e}")))?;
        Ok(Self { method, params })
    }

    /// The call that puts the view there.
    ///
    /// # Errors
    /// `NotFound`: the message to edit has a number that no message has.
    pub(super) fn new(
        words: &Words,
        chat: UserId,
        to: To,
        what: &As<'_>,
        view: &Rendered,
        format: Format,
    ) -> port::Result<Self> {
        let units_max = if matches!(what, As::Text) { TEXT_UNITS_MAX } else { CAPTION_UNITS_MAX };
        let html = render::message(words, &view.view.text, view.language, units_max);
        let (text, mode) = match format {
            Format::Html => (html, Some(ParseMode::Html)),
            Format::Plain => (html::plain(&html), None),
        };
        let keyboard = render::keyboard(words, &view.view.buttons, view.language);
        let markup = keyboard.clone().map(ReplyMarkup::InlineKeyboardMarkup);
        match to {
            To::New => Self::send(chat, what, text, mode, markup),
            To::Edit(message) => {
                let id = i32::try_from(message.0).map_err(|_| no_such_message())?;
                Self::edit(chat, id, what, text, mode, keyboard)
            }
        }
    }

    fn send(
        chat: UserId,
        what: &As<'_>,
        text: String,
        mode: Option<ParseMode>,
        markup: Option<ReplyMarkup>,
    ) -> port::Result<Self> {
        match what {
            As::Text | As::Caption => Self::of(
                "sendMessage",
                &methods::SendMessageParams::builder()
                    .chat_id(chat.0)
                    .text(text)
                    .maybe_parse_mode(mode)
                    .link_preview_options(LinkPreviewOptions::DISABLED)
                    .maybe_reply_markup(markup)
                    .build(),
            ),
            As::PhotoId(_) | As::Photo(_) => Self::of(
                "sendPhoto",
                &methods::SendPhotoParams::builder()
                    .chat_id(chat.0)
                    .photo(what.file())
                    .caption(text)
                    .maybe_parse_mode(mode)
                    .maybe_reply_markup(markup)
                    .build(),
            ),
            As::Document(_) => Self::of(
                "sendDocument",
                &methods::SendDocumentParams::builder()
                    .chat_id(chat.0)
                    .document(what.file())
                    .disable_content_type_detection(true)
                    .caption(text)
                    .maybe_parse_mode(mode)
                    .maybe_reply_markup(markup)
                    .build(),
            ),
        }
    }

    fn edit(
        chat: UserId,
        id: i32,
        what: &As<'_>,
        text: String,
        mode: Option<ParseMode>,
        keyboard: Option<frankenstein::types::InlineKeyboardMarkup>,
    ) -> port::Result<Self> {
        let media: InputMedia = match what {
            As::Text => {
                return Self::of(
                    "editMessageText",
                    &methods::EditMessageTextParams::builder()
                        .chat_id(chat.0)
                        .message_id(id)
                        .text(text)
                        .maybe_parse_mode(mode)
                        .link_preview_options(LinkPreviewOptions::DISABLED)
                        .maybe_reply_markup(keyboard)
                        .build(),
                );
            }
            As::Caption => {
                return Self::of(
                    "editMessageCaption",
                    &methods::EditMessageCaptionParams::builder()
                        .chat_id(chat.0)
                        .message_id(id)
                        .caption(text)
                        .maybe_parse_mode(mode)
                        .maybe_reply_markup(keyboard)
                        .build(),
                );
            }
            As::PhotoId(_) | As::Photo(_) => InputMediaPhoto::builder()
                .media(what.file())
                .caption(text)
                .maybe_parse_mode(mode)
                .build()
                .into(),
            As::Document(_) => InputMediaDocument::builder()
                .media(what.file())
                .disable_content_type_detection(true)
                .caption(text)
                .maybe_parse_mode(mode)
                .build()
                .into(),
        };
        let edit = methods::EditMessageMediaParams::builder()
            .chat_id(chat.0)
            .message_id(id)
            .media(media)
            .maybe_reply_markup(keyboard);
        Self::of("editMessageMedia", &edit.build())
    }

    /// A file without words.
    pub(super) fn document(chat: UserId, file: &str) -> port::Result<Self> {
        Self::of(
            "sendDocument",
            &methods::SendDocumentParams::builder()
                .chat_id(chat.0)
                .document(FileUpload::String(file.to_owned()))
                .disable_content_type_detection(true)
                .build(),
        )
    }
}
