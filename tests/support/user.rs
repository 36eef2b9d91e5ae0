//! A person of the tests: says things, presses buttons, sees what the bot shows.

use std::{cell::Cell, cell::RefCell, panic::Location};

use aisha::telegram::Words;
use aisha_actors::domain::text::{Language, Text};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use super::{
    PATIENCE,
    chat::{Chat, Message},
};

/// A person in a private chat (a negative id: in a group).
pub(crate) struct TestUser {
    pub(crate) id: i64,
    language: Cell<Language>,
    code: &'static str,
    base: RefCell<String>,
    http: reqwest::Client,
    chat: watch::Sender<Chat>,
    reader: RefCell<Option<JoinHandle<()>>>,
    /// What was seen before the last thing this person did.
    mark: Cell<usize>,
    /// What this person said last.
    said: Cell<i64>,
    /// The message that was seen last: its buttons are pressed.
    at: Cell<i64>,
}

/// What the bot said to a press.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) alert: bool,
}

impl TestUser {
    /// Opens the chat; `code` is Telegram's language of this person.
    pub(crate) async fn meet(base: &str, id: i64, code: &'static str) -> Self {
        let http = super::client();
        let language = Cell::new(Language::for_code(code));
        let (chat, _) = watch::channel(Chat::default());
        let user = Self {
            id,
            language,
            code,
            base: RefCell::new(base.to_owned()),
            http,
            chat,
            reader: RefCell::new(None),
            mark: Cell::new(0),
            said: Cell::new(0),
            at: Cell::new(0),
        };
        user.watch().await;
        user
    }

    fn url(&self, what: &str) -> String {
        format!("{}/sandbox/chats/{}/{what}", self.base.borrow(), self.id)
    }

    async fn watch(&self) {
        self.chat.send_modify(|chat| chat.ready = false);
        let answer = self.http.get(self.url("events")).send().await.unwrap();
        let mut stream = answer.bytes_stream();
        let chat = self.chat.clone();
        let reader = tokio::task::spawn_local(async move {
            let mut buffer = Vec::new();
            while let Some(Ok(bytes)) = stream.next().await {
                buffer.extend_from_slice(&bytes);
                while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                    let frame: Vec<u8> = buffer.drain(..end + 2).collect();
                    let frame = String::from_utf8(frame).unwrap();
                    let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                    if let (Some(name), Some(data)) = (line("event: "), line("data: ")) {
                        let data: Value = serde_json::from_str(data).unwrap();
                        chat.send_modify(|chat| chat.take(name, &data));
                    }
                }
            }
        });
        if let Some(old) = self.reader.replace(Some(reader)) {
            old.abort();
        }
        self.until(Location::caller(), "the chat's state", |chat| chat.ready.then_some(())).await;
    }

    /// Opens the chat again after the program was started anew.
    pub(crate) async fn comes_back(&self, base: &str) {
        base.clone_into(&mut self.base.borrow_mut());
        self.watch().await;
        self.mark();
    }

    async fn until<T>(
        &self,
        place: &Location<'_>,
        what: &str,
        mut look: impl FnMut(&Chat) -> Option<T>,
    ) -> T {
        let mut receiver = self.chat.subscribe();
        let mut found = None;
        let waiting = receiver.wait_for(|chat| {
            found = look(chat);
            found.is_some()
        });
        let in_time = timeout(PATIENCE, waiting).await.is_ok();
        if let (true, Some(found)) = (in_time, found) {
            return found;
        }
        let chat = self.chat.borrow().told(self.mark.get().saturating_sub(4));
        panic!("{place}: person {} never saw {what}. The chat:\n{chat}", self.id);
    }

    fn mark(&self) {
        self.mark.set(self.chat.borrow().seen.len());
    }

    async fn post(&self, what: &str, body: &Value) -> Value {
        let answer = self.http.post(self.url(what)).json(body).send().await.unwrap();
        let (status, words) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{what} {body}: {status} {words}");
        serde_json::from_str(&words).unwrap_or(Value::Null)
    }

    // Doing.

    /// Says something; what is seen from now on comes after it.
    pub(crate) async fn says(&self, text: &str) {
        self.mark();
        self.adds(text).await;
    }

    /// Says something more: what was seen since the last thing counts on.
    pub(crate) async fn adds(&self, text: &str) {
        let body = json!({
            "text": text, "first_name": format!("Visitor {}", self.id.abs()),
            "language_code": self.code,
        });
        let said = self.post("messages", &body).await;
        self.said.set(said["message_id"].as_i64().unwrap());
    }

    /// Sends a photo.
    pub(crate) async fn sends_photo(&self, bytes: Vec<u8>) {
        self.mark();
        let part = reqwest::multipart::Part::bytes(bytes).file_name("a.png");
        let part = part.mime_str("image/png").unwrap();
        let form = reqwest::multipart::Form::new().part("photo", part);
        let sent = self.http.post(self.url("messages")).multipart(form).send().await.unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
    }

    /// Blocks or unblocks the bot.
    pub(crate) async fn blocks(&self, blocked: bool) {
        self.mark();
        self.post("block", &json!({ "blocked": blocked })).await;
    }

    /// Presses a button of the message that was seen last, and waits for the answer to the press.
    #[track_caller]
    pub(crate) fn presses<'a>(&'a self, what: &str) -> impl Future<Output = Answer> + use<'a> {
        let message = self.message(self.at.get());
        self.presses_of(&message, what)
    }

    /// Presses a button of this message.
    #[track_caller]
    pub(crate) fn presses_of<'a>(
        &'a self,
        message: &Message,
        what: &str,
    ) -> impl Future<Output = Answer> + use<'a> {
        let place = Location::caller();
        let data = message.button(what).and_then(|button| button.data);
        let data = data.unwrap_or_else(|| {
            panic!(
                "{place}: no button {what:?} under {:?}: {:?}",
                message.text(),
                message.buttons()
            )
        });
        let id = message.id();
        async move {
            self.at.set(id);
            self.press(id, &data).await
        }
    }

    /// Presses a button by its data, and waits for the answer to the press.
    pub(crate) async fn press(&self, message: i64, data: &str) -> Answer {
        self.mark();
        let callback = self.press_only(message, data).await;
        self.answer_to(&callback).await
    }

    /// Presses a button that may have gone meanwhile: then None.
    pub(crate) async fn tries(&self, message: i64, data: &str) -> Option<Answer> {
        self.mark();
        let press = json!({ "message_id": message, "data": data });
        let queued = self.http.post(self.url("press")).json(&press).send().await.unwrap();
        if !queued.status().is_success() {
            return None;
        }
        let queued: Value = queued.json().await.unwrap();
        Some(self.answer_to(queued["callback_id"].as_str().unwrap()).await)
    }

    /// Presses a button and waits for nothing. Gives the callback's id.
    pub(crate) async fn press_only(&self, message: i64, data: &str) -> String {
        let press = json!({ "message_id": message, "data": data });
        let queued = self.post("press", &press).await;
        queued["callback_id"].as_str().unwrap().to_owned()
    }

    /// Waits for the answer to a press.
    pub(crate) async fn answer_to(&self, callback: &str) -> Answer {
        let what = format!("an answer to the press {callback}");
        self.until(Location::caller(), &what, |chat| {
            let answer = chat.answers.get(callback)?;
            let text = answer["text"].as_str().unwrap_or_default().to_owned();
            Some(Answer { text, alert: answer["show_alert"].as_bool().unwrap_or(false) })
        })
        .await
    }

    // Seeing.

    /// The first thing that the bot shows, since the last thing this person did, that is like this.
    #[track_caller]
    pub(crate) fn sees(&self, is_it: impl Fn(&Message) -> bool) -> impl Future<Output = Message> {
        let place = Location::caller();
        async move {
            let mark = self.mark.get();
            let found = self
                .until(place, "what it waits for", |chat| {
                    chat.seen.iter().skip(mark).find(|message| is_it(message)).cloned()
                })
                .await;
            self.at.set(found.id());
            found
        }
    }

    /// A message with these words in it.
    #[track_caller]
    pub(crate) fn sees_text(&self, part: &str) -> impl Future<Output = Message> {
        let place = Location::caller();
        async move {
            let mark = self.mark.get();
            let found = self
                .until(place, &format!("{part:?}"), |chat| {
                    chat.seen.iter().skip(mark).find(|message| message.says(part)).cloned()
                })
                .await;
            self.at.set(found.id());
            found
        }
    }

    /// A message with this sentence of the bot in it, in this person's language.
    #[track_caller]
    pub(crate) fn sees_words(&self, text: Text) -> impl Future<Output = Message> {
        let place = Location::caller();
        let words = self.words(&text);
        async move {
            let mark = self.mark.get();
            let found = self
                .until(place, &format!("{words:?}"), |chat| {
                    chat.seen.iter().skip(mark).find(|message| message.says(&words)).cloned()
                })
                .await;
            self.at.set(found.id());
            found
        }
    }

    /// A new message with buttons after what was said last, that is no news of a generation: neither an
    /// older message nor a picture.
    #[track_caller]
    pub(crate) fn sees_reply(&self) -> impl Future<Output = Message> {
        let after = self.said.get();
        self.sees(move |message| {
            let is_picture = message.offers("or") && !message.offers("fl");
            message.id() > after && !message.buttons().is_empty() && !is_picture
        })
    }

    /// A picture of a generation with the whole result card.
    pub(crate) async fn sees_result(&self) -> Message {
        self.sees(|message| message.photo().is_some() && message.offers("ag")).await
    }

    /// So many pictures, each once, as they are now; the last has the whole result card.
    pub(crate) async fn sees_pictures(&self, count: usize) -> Vec<Message> {
        let mark = self.mark.get();
        let look = |chat: &Chat| {
            let mut ids: Vec<i64> = Vec::new();
            for message in chat.seen.iter().skip(mark) {
                if message.photo().is_some() && message.offers("or") && !ids.contains(&message.id())
                {
                    ids.push(message.id());
                }
            }
            (ids.len() >= count)
                .then(|| ids.iter().map(|id| chat.messages[id].clone()).collect::<Vec<_>>())
        };
        let what = format!("{count} pictures");
        let pictures = self.until(Location::caller(), &what, look).await;
        self.at.set(pictures[count - 1].id());
        assert_eq!(pictures.len(), count, "each is shown once");
        pictures
    }

    /// That a message goes away.
    pub(crate) async fn sees_deleted(&self, id: i64) {
        let what = format!("message {id} go");
        let gone = |chat: &Chat| chat.deleted.contains(&id).then_some(());
        self.until(Location::caller(), &what, gone).await;
    }

    /// How many messages went away.
    pub(crate) fn deleted(&self) -> usize {
        self.chat.borrow().deleted.len()
    }

    /// A message as it is now, if it is still there.
    pub(crate) fn find(&self, id: i64) -> Option<Message> {
        self.chat.borrow().messages.get(&id).cloned()
    }

    /// A message as it is now.
    pub(crate) fn message(&self, id: i64) -> Message {
        self.chat.borrow().messages[&id].clone()
    }

    /// All that was seen since the last thing this person did.
    pub(crate) fn seen(&self) -> Vec<Message> {
        self.chat.borrow().seen.iter().skip(self.mark.get()).cloned().collect()
    }

    /// All messages of the bot as they are now.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.chat.borrow().messages.values().filter(|m| m.is_bots()).cloned().collect()
    }

    /// A command with this description among those that Telegram lists for this chat.
    pub(crate) async fn sees_commands(&self, description: &str) {
        let is_it = |command: &Value| command["description"] == description;
        let look = |chat: &Chat| chat.commands.iter().any(is_it).then_some(());
        self.until(Location::caller(), &format!("the command {description:?}"), look).await;
    }

    // Words.

    /// This person has chosen a language.
    pub(crate) fn reads(&self, language: Language) {
        self.language.set(language);
    }

    /// The bot's sentence in this person's language.
    pub(crate) fn words(&self, text: &Text) -> String {
        Words::new().plain(text, self.language.get(), 4096)
    }
}

impl Drop for TestUser {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.abort();
        }
    }
}
