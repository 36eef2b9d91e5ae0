//! Says things: chooses the Bot API method for a view and its place, and what to fall back to.

use std::sync::Arc;

use aisha_actors::{
    domain::{
        id::{MessageId, UserId},
        text::Language,
        view::{Answer, Media},
    },
    port::{self, Error as PortError, Image, Kind, Messenger, Place, Rendered, Sent, Urgency},
};
use async_trait::async_trait;
use frankenstein::{AsyncTelegramApi, methods};
use serde::Deserialize;

use super::{
    Client, Error, Words,
    client::Upload,
    error::Meaning,
    pace::{self, Gate},
    render,
};

mod call;

use call::{As, Call, Format};

/// Telegram takes no bigger photo; a document may be five times as big.
const PHOTO_BYTES_MAX: usize = 10_000_000;

/// The way to people over the Bot API.
#[derive(Debug)]
pub struct Telegram {
    client: Client,
    gate: Arc<Gate>,
    words: Arc<Words>,
}

/// The part of a `Message` that matters here. Everything else may be as new as it likes: a message that
/// was sent must never look as if it was not.
#[derive(Debug, Deserialize)]
struct SentMessage {
    message_id: i64,
    #[serde(default)]
    photo: Vec<File>,
    document: Option<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    file_id: String,
    #[serde(default)]
    width: u64,
    #[serde(default)]
    height: u64,
}

impl Telegram {
    pub fn new(client: Client, pace: pace::Settings, words: Arc<Words>) -> Self {
        Self::behind(Arc::new(Gate::new(pace, None)), client, words)
    }

    /// With a gate that others know of too.
    pub fn behind(gate: Arc<Gate>, client: Client, words: Arc<Words>) -> Self {
        Self { client, gate, words }
    }

    /// One paced call that gives a message.
    async fn attempt(
        &self,
        chat: UserId,
        urgency: Urgency,
        call: &Call,
        upload: Option<&Upload>,
    ) -> Result<SentMessage, Failed> {
        let pass = self.gate.pass(Some(chat), urgency, upload.is_some()).await?;
        let answer = match upload {
            Some(upload) => self.client.upload(call.method, &call.params, upload).await,
            None => self.client.call(call.method, &call.params).await,
        };
        drop(pass);
        answer.map_err(|error| self.note_limit(Some(chat), error))
    }

    fn note_limit(&self, chat: Option<UserId>, error: Error) -> Failed {
        if let Meaning::Limited(retry_after) = error.meaning() {
            self.gate.limited(chat, retry_after);
        }
        Failed::Call(error)
    }

    /// The view in its place, in one way; broken markup is sent once more as plain text.
    async fn say(
        &self,
        chat: UserId,
        urgency: Urgency,
        place: call::To,
        what: &As<'_>,
        view: &Rendered,
    ) -> Result<SentMessage, Failed> {
        let upload = what.upload();
        let call = Call::new(&self.words, chat, place, what, view, Format::Html)?;
        match self.attempt(chat, urgency, &call, upload).await {
            Err(failed) if failed.meaning() == Meaning::BadMarkup => {
                tracing::error!(%chat, "markup was refused, sending plain text: {failed}");
                let call = Call::new(&self.words, chat, place, what, view, Format::Plain)?;
                self.attempt(chat, urgency, &call, upload).await
            }
            other => other,
        }
    }

    /// A picture; as a document where Telegram does not take these bytes as a photo.
    async fn say_picture(
        &self,
        chat: UserId,
        urgency: Urgency,
        place: call::To,
        image: &Image,
        view: &Rendered,
    ) -> Result<Sent, Failed> {
        let (photo, upload) = match image {
            Image::FileId(id) => (As::PhotoId(id), None),
            Image::Bytes { name, image_type, bytes } => {
                let (name, bytes) = (name.clone(), bytes.clone());
                let upload = Upload { name, image_type: *image_type, bytes };
                (As::Photo(upload.clone()), Some(upload))
            }
        };
        let Some(upload) = upload else {
            return self.say(chat, urgency, place, &photo, view).await.map(sent_photo);
        };
        if upload.bytes.len() <= PHOTO_BYTES_MAX {
            match self.say(chat, urgency, place, &photo, view).await {
                Err(failed) if failed.meaning() == Meaning::BadPhoto => {
                    tracing::warn!(%chat, "not taken as a photo, sending a document: {failed}");
                }
                other => return other.map(sent_photo),
            }
        }
        let document = self.say(chat, urgency, place, &As::Document(upload), view).await?;
        // Its id is that of a document and would not do for a photo.
        Ok(Sent { message: MessageId(document.message_id), file_id: None })
    }

    /// New words in place of a message with a picture: first the new message, then the old one goes.
    async fn replace(
        &self,
        chat: UserId,
        urgency: Urgency,
        old: MessageId,
        view: &Rendered,
    ) -> Result<Sent, Failed> {
        let new = self.say(chat, urgency, call::To::New, &As::Text, view).await?;
        if let Err(error) = self.delete(chat, old).await {
            tracing::debug!(%chat, "the replaced message stays: {error}");
        }
        Ok(sent_photo(new))
    }

    async fn show_words(
        &self,
        chat: UserId,
        urgency: Urgency,
        place: Place,
        keep: bool,
        view: &Rendered,
    ) -> Result<Sent, Failed> {
        let Place::Edit { message, has_media } = place else {
            return self.say(chat, urgency, call::To::New, &As::Text, view).await.map(sent_photo);
        };
        if has_media && !keep {
            return self.replace(chat, urgency, message, view).await;
        }
        let to = call::To::Edit(message);
        let first = if has_media { As::Caption } else { As::Text };
        let said = match self.say(chat, urgency, to, &first, view).await {
            Err(failed) => match (failed.meaning(), keep) {
                (Meaning::NoTextInMessage, false) => {
                    return self.replace(chat, urgency, message, view).await;
                }
                (Meaning::NoTextInMessage, true) if !has_media => {
                    self.say(chat, urgency, to, &As::Caption, view).await
                }
                (Meaning::NoCaptionInMessage, _) if has_media => {
                    self.say(chat, urgency, to, &As::Text, view).await
                }
                _ => Err(failed),
            },
            said => said,
        };
        said.map(sent_photo)
    }
}

#[async_trait]
impl Messenger for Telegram {
    async fn show(
        &self,
        chat: UserId,
        place: Place,
        view: &Rendered,
        urgency: Urgency,
    ) -> port::Result<Sent> {
        let shown = match (&view.view.media, &view.image) {
            (Media::Picture { .. }, Some(image)) => {
                let to = match place {
                    Place::New => call::To::New,
                    Place::Edit { message, .. } => call::To::Edit(message),
                };
                self.say_picture(chat, urgency, to, image, view).await
            }
            // A picture that is not to be had must not leave another one's in its place.
            (Media::Picture { .. } | Media::None, _) => {
                self.show_words(chat, urgency, place, false, view).await
            }
            (Media::Keep, _) => self.show_words(chat, urgency, place, true, view).await,
        };
        match (shown, place) {
            (Err(failed), Place::Edit { message, .. })
                if failed.meaning() == Meaning::NotModified =>
            {
                Ok(Sent { message, file_id: None })
            }
            (shown, _) => shown.map_err(PortError::from),
        }
    }

    async fn answer(&self, answer: &Answer, language: Language) -> port::Result<()> {
        let params = methods::AnswerCallbackQueryParams::builder()
            .callback_query_id(answer.query.as_str())
            .maybe_text(render::answer(&self.words, answer, language))
            .show_alert(answer.alert)
            .build();
        let pass = self.gate.pass(None, Urgency::Reply, false).await?;
        let answered = self.client.answer_callback_query(&params).await;
        drop(pass);
        match answered {
            Ok(_) => Ok(()),
            Err(error) if error.meaning() == Meaning::QueryTooOld => Ok(()),
            // The query tells no chat to freeze, and a spinner is no reason to freeze them all.
            Err(error) => Err(error.into()),
        }
    }

    async fn document(&self, chat: UserId, image: Image, urgency: Urgency) -> port::Result<Sent> {
        let (call, upload) = match image {
            Image::FileId(id) => (Call::document(chat, &id)?, None),
            Image::Bytes { name, image_type, bytes } => {
                let call = Call::document(chat, super::client::ATTACHED)?;
                (call, Some(Upload { name, image_type, bytes }))
            }
        };
        let sent = self.attempt(chat, urgency, &call, upload.as_ref()).await?;
        let file_id = sent.document.map(|document| document.file_id);
        Ok(Sent { message: MessageId(sent.message_id), file_id })
    }

    async fn delete(&self, chat: UserId, message: MessageId) -> port::Result<()> {
        // No message of Telegram's has such a number, so it is surely gone.
        let Ok(message_id) = i32::try_from(message.0) else { return Ok(()) };
        let params =
            methods::DeleteMessageParams::builder().chat_id(chat.0).message_id(message_id).build();
        let pass = self.gate.pass(Some(chat), Urgency::Reply, false).await?;
        let deleted = self.client.delete_message(&params).await;
        drop(pass);
        match deleted {
            Ok(_) => Ok(()),
            Err(error) => match error.meaning() {
                Meaning::DeleteTooLate | Meaning::MessageGone => Ok(()),
                _ => Err(self.note_limit(Some(chat), error).into()),
            },
        }
    }
}

/// Why a call gave no message: it was made and failed, or it was not made.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Call(#[from] Error),
    #[error(transparent)]
    NotMade(#[from] PortError),
}

impl Failed {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Call(error) => error.meaning(),
            Self::NotMade(_) => Meaning::Other,
        }
    }
}

impl From<Failed> for PortError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Call(error) => error.into(),
            Failed::NotMade(error) => error,
        }
    }
}

fn sent_photo(message: SentMessage) -> Sent {
    let largest = message.photo.into_iter().max_by_key(|size| size.width * size.height);
    Sent { message: MessageId(message.message_id), file_id: largest.map(|size| size.file_id) }
}

/// The message to edit cannot exist.
fn no_such_message() -> PortError {
    PortError::new(Kind::NotFound, "no message of Telegram's has this number")
}

#[cfg(test)]
mod tests;
