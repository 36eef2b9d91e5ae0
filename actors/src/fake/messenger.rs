//! What each chat shows.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::{Events, Script, lock};
use crate::{
    domain::{
        action::{Action, Press},
        id::{MessageId, PictureId, UserId},
        text::{Language, Text},
        view::{Answer, Does, Media, View},
    },
    port::{self, Error, Image, Kind, Place, Rendered, Result, Sent, Urgency},
};

/// A message as the chat shows it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub id: MessageId,
    pub view: View,
    pub language: Language,
    /// Which picture is in it.
    pub picture: Option<PictureId>,
    /// Whether it carries a picture or file.
    pub has_media: bool,
    pub edits: u32,
}

impl Shown {
    /// The keys of its paragraphs.
    pub fn keys(&self) -> Vec<&'static str> {
        self.view.text.iter().map(|text| text.key).collect()
    }

    pub fn has(&self, key: &str) -> bool {
        self.view.text.iter().any(|text| mentions(text, key))
    }

    /// All buttons with something to press, with the keys of their labels.
    pub fn buttons(&self) -> Vec<(&'static str, Press)> {
        let all = self.view.buttons.iter().flatten();
        all.filter_map(|button| match &button.does {
            Does::Press(press) => Some((button.label.key, press.clone())),
            Does::Open(_) | Does::Copy(_) => None,
        })
        .collect()
    }

    /// The first button whose action is like that.
    pub fn button(&self, wanted: impl Fn(&Action) -> bool) -> Option<Press> {
        self.buttons().into_iter().map(|(_, press)| press).find(|press| wanted(&press.action))
    }
}

/// Whether a text is, or has in it, the message of this key.
pub(super) fn mentions(text: &Text, key: &str) -> bool {
    use crate::domain::text::Value;
    let inside = |value: &Value| match value {
        Value::Text(text) => mentions(text, key),
        Value::Lines(lines) => lines.iter().any(|line| mentions(line, key)),
        _ => false,
    };
    text.key == key || text.args.iter().any(|(_, value)| inside(value))
}

/// One call of `show` that succeeded.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub chat: UserId,
    pub message: MessageId,
    pub place: Place,
    pub view: View,
    pub urgency: Urgency,
}

#[derive(Default)]
struct Chats {
    chats: HashMap<UserId, BTreeMap<MessageId, Shown>>,
    said: Vec<Said>,
    answers: Vec<Answer>,
    documents: Vec<(UserId, Image)>,
    blocked: HashSet<UserId>,
    file_ids: HashMap<String, ()>,
    last: i64,
}

/// Telegram, as far as the core sees it. `script`: `show`, `answer`, `document`, `delete`.
pub struct Messenger {
    pub script: Script,
    chats: Mutex<Chats>,
}

impl Messenger {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self { script: Script::new(events), chats: Mutex::default() }
    }

    /// What a chat shows, oldest first.
    pub fn chat(&self, user: UserId) -> Vec<Shown> {
        let chats = lock(&self.chats);
        chats.chats.get(&user).map(|chat| chat.values().cloned().collect()).unwrap_or_default()
    }

    pub fn message(&self, user: UserId, id: MessageId) -> Option<Shown> {
        lock(&self.chats).chats.get(&user)?.get(&id).cloned()
    }

    /// The newest message of a chat.
    pub fn last(&self, user: UserId) -> Option<Shown> {
        lock(&self.chats).chats.get(&user)?.values().next_back().cloned()
    }

    /// Everything that was said to a chat, in order, edits too.
    pub fn said(&self, user: UserId) -> Vec<Said> {
        lock(&self.chats).said.iter().filter(|said| said.chat == user).cloned().collect()
    }

    pub fn answers(&self) -> Vec<Answer> {
        lock(&self.chats).answers.clone()
    }

    /// How the press with this query was answered.
    pub fn answer_to(&self, query: &str) -> Option<Answer> {
        lock(&self.chats).answers.iter().rev().find(|answer| answer.query == query).cloned()
    }

    pub fn documents(&self, user: UserId) -> usize {
        lock(&self.chats).documents.iter().filter(|(chat, _)| *chat == user).count()
    }

    /// How many messages of a chat show this picture.
    pub fn shows(&self, user: UserId, picture: PictureId) -> usize {
        self.chat(user).iter().filter(|shown| shown.picture == Some(picture)).count()
    }

    /// The person blocks the bot, or comes back.
    pub fn block(&self, user: UserId, blocked: bool) {
        let mut chats = lock(&self.chats);
        if blocked {
            chats.blocked.insert(user);
        } else {
            chats.blocked.remove(&user);
        }
    }

    /// The person deletes a message.
    pub fn remove(&self, user: UserId, message: MessageId) {
        if let Some(chat) = lock(&self.chats).chats.get_mut(&user) {
            chat.remove(&message);
        }
    }

    /// Telegram takes none of the known `file_id`s any more.
    pub fn forget_files(&self) {
        lock(&self.chats).file_ids.clear();
    }
}

impl Chats {
    fn next(&mut self) -> MessageId {
        self.last += 1;
        MessageId(self.last)
    }

    fn heard(&self, chat: UserId) -> Result<()> {
        if self.blocked.contains(&chat) {
            return Err(Error::new(Kind::Forbidden, "bot was blocked by the user"));
        }
        Ok(())
    }

    fn file(&mut self, image: Option<&Image>) -> Result<Option<String>> {
        match image {
            None => Ok(None),
            Some(Image::FileId(id)) if self.file_ids.contains_key(id) => Ok(Some(id.clone())),
            Some(Image::FileId(_)) => Err(Error::new(Kind::Conflict, "wrong file identifier")),
            Some(Image::Bytes { name, .. }) => {
                let id = format!("file-{}-{name}", self.file_ids.len() + 1);
                self.file_ids.insert(id.clone(), ());
                Ok(Some(id))
            }
        }
    }

    fn show(
        &mut self,
        chat: UserId,
        place: Place,
        rendered: &Rendered,
        urgency: Urgency,
    ) -> Result<Sent> {
        self.heard(chat)?;
        let old = match place {
            Place::New => None,
            Place::Edit { message, .. } => {
                let known = self.chats.get(&chat).and_then(|chat| chat.get(&message)).cloned();
                Some(known.ok_or_else(|| Error::new(Kind::NotFound, "message to edit not found"))?)
            }
        };
        let file_id = self.file(rendered.image.as_ref())?;
        let view = rendered.view.clone();
        let had_media = old.as_ref().is_some_and(|old| old.has_media);
        let (picture, has_media) = match (&view.media, &file_id) {
            (Media::Picture { id, .. }, Some(_)) => (Some(*id), true),
            (Media::Keep, _) => (old.as_ref().and_then(|old| old.picture), had_media),
            (Media::Picture { .. } | Media::None, _) => (None, false),
        };
        // Words cannot replace a picture: a new message, and the old one goes away.
        let replaces = old.as_ref().filter(|_| had_media && !has_media).map(|old| old.id);
        let id = match (&old, replaces) {
            (Some(old), None) => old.id,
            _ => self.next(),
        };
        let edits = old.map_or(0, |old| old.edits + 1);
        let language = rendered.language;
        let messages = self.chats.entry(chat).or_default();
        if let Some(gone) = replaces {
            messages.remove(&gone);
        }
        messages.insert(id, Shown { id, view: view.clone(), language, picture, has_media, edits });
        self.said.push(Said { chat, message: id, place, view, urgency });
        Ok(Sent { message: id, file_id })
    }
}

#[async_trait]
impl port::Messenger for Messenger {
    async fn show(
        &self,
        chat: UserId,
        place: Place,
        view: &Rendered,
        urgency: Urgency,
    ) -> Result<Sent> {
        let lose = self.script.enter("show").await?;
        let sent = lock(&self.chats).show(chat, place, view, urgency)?;
        self.script.leave(lose, sent)
    }

    async fn answer(&self, answer: &Answer, _language: Language) -> Result<()> {
        let lose = self.script.enter("answer").await?;
        lock(&self.chats).answers.push(answer.clone());
        self.script.leave(lose, ())
    }

    async fn document(&self, chat: UserId, image: Image, _urgency: Urgency) -> Result<Sent> {
        let lose = self.script.enter("document").await?;
        let sent = {
            let mut chats = lock(&self.chats);
            chats.heard(chat)?;
            let file_id = chats.file(Some(&image))?;
            chats.documents.push((chat, image));
            Sent { message: chats.next(), file_id }
        };
        self.script.leave(lose, sent)
    }

    async fn delete(&self, chat: UserId, message: MessageId) -> Result<()> {
        let lose = self.script.enter("delete").await?;
        self.remove(chat, message);
        self.script.leave(lose, ())
    }
}
