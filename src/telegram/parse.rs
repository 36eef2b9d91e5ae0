//! Reads updates. Total: whatever comes in, something comes out and nothing panics.
//!
//! It reads by path instead of by frankenstein's types, which refuse a whole message for one kind of
//! entity that they do not know yet.

use std::sync::{Arc, OnceLock};

use aisha_actors::{
    domain::{
        action::Press,
        id::{GenerationId, MessageId, UpdateId, UserId},
        person::Profile,
        update::{Input, Pressed, Update},
    },
    port::{Arrival, Parser, Source},
};
use serde::Deserialize;
use serde_json::Value;

use super::{commands::COMMANDS, html};

/// In characters: Telegram's own limit is 64.
const NAME_MAX: usize = 64;
/// In bytes: Telegram's own limit is 32.
const USERNAME_MAX: usize = 32;
const LANGUAGE_CODE_MAX: usize = 16;
/// In characters: Telegram sends at most 4096.
const TEXT_MAX: usize = 8192;
/// In bytes. Telegram's are about 20 digits.
const QUERY_MAX: usize = 128;

/// Parts of a message that say that it tells about the chat rather than to the bot.
const SERVICE: [&str; 21] = [
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
    "users_shared",
    "chat_shared",
    "connected_website",
    "passport_data",
    "successful_payment",
    "refunded_payment",
    "proximity_alert_triggered",
    "boost_added",
    "gift",
    "unique_gift",
    "web_app_data",
    "new_chat_members",
    "left_chat_member",
    "group_chat_created",
    "forum_topic_created",
    "forum_topic_edited",
    "chat_owner_changed",
];

/// Parts of a message that make it one with a picture or file, for the edits that it allows.
const MEDIA: [&str; 8] =
    ["photo", "document", "video", "animation", "audio", "voice", "video_note", "live_photo"];

/// The bot's own user name, once Telegram told it. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct BotName(Arc<OnceLock<String>>);

impl BotName {
    /// Keeps the name, without an `@`. Told again, it changes nothing.
    pub fn learn(&self, username: &str) {
        self.0.get_or_init(|| username.to_owned());
    }

    pub fn known(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// [`Parser`] for Telegram's JSON and the operator's.
#[derive(Debug, Clone, Default)]
pub struct TelegramParser {
    name: BotName,
}

/// What the operator does to somebody's things, as it stands in the inbox.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum OperatorAct {
    Blocked(bool),
    Cancel(GenerationId),
    Release(GenerationId),
}

impl From<OperatorAct> for Input {
    fn from(act: OperatorAct) -> Self {
        match act {
            OperatorAct::Blocked(blocked) => Self::OperatorBlocked(blocked),
            OperatorAct::Cancel(id) => Self::OperatorCancelled(id),
            OperatorAct::Release(id) => Self::OperatorReleased(id),
        }
    }
}

/// The one thing that every update has. The rest is skipped without being built, however deep it is.
#[derive(Deserialize)]
struct Head {
    update_id: i64,
}

/// [`TelegramParser::arrival`] for a bot whose name is not known: in groups, a command or mention of
/// any bot counts as one of this bot.
pub fn arrival(raw: &str) -> Option<Arrival> {
    TelegramParser::default().arrival(raw)
}

impl TelegramParser {
    pub fn new(name: BotName) -> Self {
        Self { name }
    }

    /// An update as Telegram wrote it. None: it has no `update_id`, so it is no update at all.
    ///
    /// What concerns nobody in particular is `Input::Ignored` from user 0.
    pub fn arrival(&self, raw: &str) -> Option<Arrival> {
        // Serde would read an array as a struct, too.
        let object = raw.trim_start().starts_with('{').then_some(raw)?;
        let Head { update_id } = serde_json::from_str(object).ok()?;
        let update = self.update(UpdateId(update_id), raw);
        Some(Arrival { source: Source::Telegram, update, payload: raw.to_owned() })
    }

    fn update(&self, id: UpdateId, raw: &str) -> Update {
        let value = serde_json::from_str(raw).unwrap_or(Value::Null);
        let (from, input) = self.read(&value);
        Update { id, from, input }
    }

    fn read(&self, update: &Value) -> (Profile, Input) {
        let read = if let Some(message) = update.get("message") {
            self.message(message)
        } else if let Some(query) = update.get("callback_query") {
            callback(query)
        } else if let Some(member) = update.get("my_chat_member") {
            membership(member)
        } else {
            None
        };
        read.unwrap_or_else(|| (bystander(update), Input::Ignored))
    }

    fn message(&self, message: &Value) -> Option<(Profile, Input)> {
        let chat = message.get("chat")?;
        let text = message.get("text").and_then(Value::as_str).map(readable);
        match chat.get("type").and_then(Value::as_str)? {
            "private" => {
                let from = person(message.get("from")?)?;
                let input = match text {
                    Some(text) => self.words(text),
                    None if SERVICE.iter().any(|part| message.get(part).is_some()) => {
                        Input::Ignored
                    }
                    None => Input::Unreadable,
                };
                Some((from, input))
            }
            "group" | "supergroup" => {
                let from = group(chat, message.get("from"))?;
                let caption = message.get("caption").and_then(Value::as_str);
                let said = text.or_else(|| caption.map(readable)).unwrap_or_default();
                let input = if self.is_addressed(&said) { Input::InGroup } else { Input::Ignored };
                Some((from, input))
            }
            _ => None,
        }
    }

    /// A command or plain words, in a private chat, where every command is for the bot.
    fn words(&self, text: String) -> Input {
        let Some((name, _, argument)) = command(&text) else { return Input::Said(text) };
        Input::Command { name, argument: argument.to_owned() }
    }

    /// Whether words in a group are for the bot.
    fn is_addressed(&self, text: &str) -> bool {
        let is_me = |name: &str| match self.name.known() {
            Some(own) => own.eq_ignore_ascii_case(name),
            None => name.to_ascii_lowercase().ends_with("bot"),
        };
        if let Some((name, to, _)) = command(text) {
            return match to {
                Some(to) => is_me(to),
                None => COMMANDS.iter().any(|(own, _)| *own == name),
            };
        }
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '@'));
        words.filter_map(|word| word.strip_prefix('@')).any(is_me)
    }
}

impl Parser for TelegramParser {
    fn parse(&self, source: Source, update: UpdateId, user: UserId, payload: &str) -> Update {
        let nobody =
            Profile { id: user, first_name: String::new(), username: None, language_code: None };
        match source {
            Source::Telegram => {
                let mut read = self.update(update, payload);
                // The inbox's row says whose it is.
                read.from.id = user;
                read
            }
            Source::Operator => {
                let act = serde_json::from_str::<OperatorAct>(payload);
                let input = act.map_or(Input::Ignored, Input::from);
                Update { id: update, from: nobody, input }
            }
        }
    }
}

fn callback(query: &Value) -> Option<(Profile, Input)> {
    let from = person(query.get("from")?)?;
    let id = query.get("id").and_then(Value::as_str).filter(|id| id.len() <= QUERY_MAX)?;
    let message = query.get("message");
    let chat = message.and_then(|message| message.get("chat"));
    if chat.is_some_and(|chat| chat.get("type").and_then(Value::as_str) != Some("private")) {
        // The bot puts no buttons into groups.
        return None;
    }
    let has_media =
        message.is_some_and(|message| MEDIA.iter().any(|part| message.get(part).is_some()));
    let message_id = message.and_then(|message| message.get("message_id")).and_then(Value::as_i64);
    let data = query.get("data").and_then(Value::as_str);
    let pressed = Pressed {
        query: id.to_owned(),
        message: message_id.map(MessageId),
        has_media,
        press: data.and_then(Press::decode),
    };
    Some((from, Input::Pressed(pressed)))
}

fn membership(member: &Value) -> Option<(Profile, Input)> {
    let chat = member.get("chat")?;
    let status = |side: &str| member.get(side)?.get("status")?.as_str();
    let (was, is) = (status("old_chat_member"), status("new_chat_member")?);
    match chat.get("type").and_then(Value::as_str)? {
        "private" => {
            let input = match is {
                "kicked" => Input::Blocked(true),
                "member" => Input::Blocked(false),
                _ => Input::Ignored,
            };
            Some((person(member.get("from")?)?, input))
        }
        "group" | "supergroup" => {
            let came = matches!(was, None | Some("left" | "kicked"))
                && matches!(is, "member" | "administrator");
            let input = if came { Input::InGroup } else { Input::Ignored };
            Some((group(chat, member.get("from"))?, input))
        }
        _ => None,
    }
}

/// `/name@bot argument` as (name, bot, argument). None: no command.
fn command(text: &str) -> Option<(String, Option<&str>, &str)> {
    let rest = text.strip_prefix('/')?;
    let (head, argument) = match rest.find(char::is_whitespace) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (name, to) = match head.split_once('@') {
        Some((name, to)) => (name, Some(to)),
        None => (head, None),
    };
    let spelled = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let fits = (1..=32).contains(&name.len()) && name.chars().all(spelled);
    fits.then(|| (name.to_ascii_lowercase(), to, argument.trim()))
}

fn person(from: &Value) -> Option<Profile> {
    let id = from.get("id").and_then(Value::as_i64).filter(|id| *id > 0)?;
    Some(Profile {
        id: UserId(id),
        first_name: name(from.get("first_name")),
        username: from.get("username").and_then(Value::as_str).and_then(username),
        language_code: language_code(from),
    })
}

/// A group as the one who is served; spoken to in the language of whoever addressed the bot.
fn group(chat: &Value, from: Option<&Value>) -> Option<Profile> {
    let id = chat.get("id").and_then(Value::as_i64).filter(|id| *id < 0)?;
    Some(Profile {
        id: UserId(id),
        first_name: name(chat.get("title")),
        username: None,
        language_code: from.and_then(language_code),
    })
}

/// Whoever an update that does not matter comes from; user 0 where there is nobody.
fn bystander(update: &Value) -> Profile {
    let parts = update.as_object().into_iter().flat_map(|update| update.values());
    let private = |part: &&Value| {
        let kind = part.get("chat").and_then(|chat| chat.get("type"));
        kind.is_none_or(|kind| kind == "private")
    };
    let known = parts.filter(private).find_map(|part| person(part.get("from")?));
    known.unwrap_or(Profile {
        id: UserId(0),
        first_name: String::new(),
        username: None,
        language_code: None,
    })
}

fn name(value: Option<&Value>) -> String {
    let name = html::clean(value.and_then(Value::as_str).unwrap_or_default());
    let line: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(NAME_MAX).collect()
}

fn username(name: &str) -> Option<String> {
    let fits = (1..=USERNAME_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then(|| name.to_owned())
}

fn language_code(from: &Value) -> Option<String> {
    let code = from.get("language_code").and_then(Value::as_str)?;
    let fits = (2..=LANGUAGE_CODE_MAX).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fits.then(|| code.to_owned())
}

/// What a person wrote, without controls and direction overrides, which no prompt and no database needs.
fn readable(text: &str) -> String {
    html::clean(text).trim().chars().take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests;
