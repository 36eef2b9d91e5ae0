//! A chat as its person sees it, built from the sandbox's events.

use std::collections::BTreeMap;

use serde_json::Value;

/// A message as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message(pub(crate) Value);

/// A button of an inline keyboard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Button {
    pub(crate) label: String,
    pub(crate) data: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) copy: Option<String>,
}

impl Message {
    pub(crate) fn id(&self) -> i64 {
        self.0["message_id"].as_i64().unwrap()
    }

    pub(crate) fn is_bots(&self) -> bool {
        self.0["from"]["is_bot"].as_bool().unwrap()
    }

    /// Its words: the text, or the caption.
    pub(crate) fn text(&self) -> &str {
        self.0["text"].as_str().or_else(|| self.0["caption"].as_str()).unwrap_or_default()
    }

    pub(crate) fn says(&self, part: &str) -> bool {
        self.text().contains(part)
    }

    /// What Telegram knows its photo by, the same whoever sends it.
    pub(crate) fn photo(&self) -> Option<&str> {
        self.0["photo"].as_array()?.last()?["file_unique_id"].as_str()
    }

    /// The file id of its document.
    pub(crate) fn document(&self) -> Option<&str> {
        self.0["document"]["file_id"].as_str()
    }

    pub(crate) fn buttons(&self) -> Vec<Button> {
        let rows = self.0["reply_markup"]["inline_keyboard"].as_array();
        let all = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        let word = |value: &Value| value.as_str().map(str::to_owned);
        all.map(|button| Button {
            label: word(&button["text"]).unwrap(),
            data: word(&button["callback_data"]),
            url: word(&button["url"]),
            copy: word(&button["copy_text"]["text"]),
        })
        .collect()
    }

    /// The button that does this: by the code of its action (`gl`, `ct.2`) or, when no action begins
    /// so, by a part of its label.
    pub(crate) fn button(&self, what: &str) -> Option<Button> {
        let buttons = self.buttons();
        let code = |button: &&Button| button.action().is_some_and(|action| is(action, what));
        let label = |button: &&Button| button.label.contains(what);
        buttons.iter().find(code).or_else(|| buttons.iter().find(label)).cloned()
    }

    /// Whether a button has an action that begins so.
    pub(crate) fn offers(&self, what: &str) -> bool {
        self.buttons().iter().any(|button| button.action().is_some_and(|action| is(action, what)))
    }
}

impl Button {
    /// The callback data without its version and mark.
    pub(crate) fn action(&self) -> Option<&str> {
        let rest = self.data.as_deref()?.strip_prefix('1')?;
        Some(rest.strip_prefix('~').unwrap_or(rest))
    }
}

fn is(action: &str, what: &str) -> bool {
    action.strip_prefix(what).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Everything that happened in a chat while it was watched.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    /// Each message of the bot at each moment at which it changed.
    pub(crate) seen: Vec<Message>,
    pub(crate) messages: BTreeMap<i64, Message>,
    pub(crate) deleted: Vec<i64>,
    /// Answers to presses, by the callback's id.
    pub(crate) answers: BTreeMap<String, Value>,
    pub(crate) commands: Vec<Value>,
    /// The first event has come: nothing is missed from now on.
    pub(crate) ready: bool,
}

impl Chat {
    /// Takes one event of the stream.
    pub(crate) fn take(&mut self, name: &str, data: &Value) {
        match name {
            "state" => {
                self.messages.clear();
                for message in data["messages"].as_array().into_iter().flatten() {
                    let message = Message(message.clone());
                    self.messages.insert(message.id(), message);
                }
                for callback in data["callbacks"].as_array().into_iter().flatten() {
                    self.answered(callback);
                }
                self.commands = data["commands"].as_array().cloned().unwrap_or_default();
                self.ready = true;
            }
            "message" | "edited" => {
                let message = Message(data.clone());
                self.messages.insert(message.id(), message.clone());
                if message.is_bots() {
                    self.seen.push(message);
                }
            }
            "deleted" => {
                for id in data["message_ids"].as_array().into_iter().flatten() {
                    let id = id.as_i64().unwrap();
                    self.messages.remove(&id);
                    self.deleted.push(id);
                }
            }
            "callback" => self.answered(data),
            "commands" => self.commands = data.as_array().cloned().unwrap_or_default(),
            _ => {}
        }
    }

    fn answered(&mut self, callback: &Value) {
        if let Some(answer) = callback.get("answer") {
            self.answers.insert(callback["id"].as_str().unwrap().to_owned(), answer.clone());
        }
    }

    /// The chat in words, for the report of a test that failed.
    pub(crate) fn told(&self, from: usize) -> String {
        let lines = self.seen.iter().skip(from).map(|message| {
            let buttons: Vec<String> =
                message.buttons().into_iter().map(|b| format!("[{}]", b.label)).collect();
            let photo = if message.photo().is_some() { "(photo) " } else { "" };
            format!("#{} {photo}{} {}", message.id(), message.text(), buttons.join(" "))
        });
        lines.collect::<Vec<_>>().join("\n---\n")
    }
}
