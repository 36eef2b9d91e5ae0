//! What the page is told while it watches a chat.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::json;
use tokio::sync::broadcast;

use crate::sandbox::{
    store::Error,
    telegram::types::{BotCommand, Callback, Message},
};

/// Events kept for a slow page; a slower one gets the whole state again.
const BUFFER: usize = 256;

/// One server-sent event: its name and one line of JSON.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    name: &'static str,
    data: String,
}

impl Event {
    /// Any event.
    pub(crate) fn new(name: &'static str, data: &impl Serialize) -> Result<Self, Error> {
        Ok(Self { name, data: serde_json::to_string(data)? })
    }

    /// `message` or `edited`.
    pub(crate) fn message(name: &'static str, message: &Message) -> Result<Self, Error> {
        Self::new(name, message)
    }

    /// `callback`: a press that was queued or answered.
    pub(crate) fn callback(callback: &Callback) -> Result<Self, Error> {
        Self::new("callback", callback)
    }

    /// `deleted`.
    pub(crate) fn deleted(message_ids: &[i64]) -> Self {
        Self { name: "deleted", data: json!({ "message_ids": message_ids }).to_string() }
    }

    /// `action`: the bot is typing, or the like.
    pub(crate) fn action(action: &str) -> Self {
        Self { name: "action", data: json!({ "action": action, "seconds": 5 }).to_string() }
    }

    /// `commands`.
    pub(crate) fn commands(commands: &[BotCommand]) -> Result<Self, Error> {
        Self::new("commands", &commands)
    }

    /// `blocked`.
    pub(crate) fn blocked(blocked: bool) -> Self {
        Self { name: "blocked", data: json!({ "blocked": blocked }).to_string() }
    }

    /// As it goes over the wire.
    pub(crate) fn frame(&self) -> String {
        format!("event: {}\ndata: {}\n\n", self.name, self.data)
    }
}

/// The chats that are being watched.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    watched: HashMap<i64, broadcast::Sender<Event>>,
}

impl Streams {
    /// Watches a chat from now on.
    pub(crate) fn watch(&mut self, chat_id: i64) -> broadcast::Receiver<Event> {
        self.watched.retain(|_, sender| sender.receiver_count() > 0);
        self.watched.entry(chat_id).or_insert_with(|| broadcast::channel(BUFFER).0).subscribe()
    }

    /// Tells those who watch the chat.
    pub(crate) fn publish(&mut self, chat_id: i64, event: Event) {
        if let Some(sender) = self.watched.get(&chat_id)
            && sender.send(event).is_err()
        {
            self.watched.remove(&chat_id);
        }
    }

    /// The chats that may be watched.
    pub(crate) fn chats(&self) -> Vec<i64> {
        self.watched.keys().copied().collect()
    }
}
