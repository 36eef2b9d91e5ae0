//! Everything the stand-in knows, in memory, and the transactions that change it.
//!
//! A change is applied in memory and written down in one store transaction, under one lock, before the
//! call is answered. Its cost depends on what it touches, never on how much there is.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    answer::Refusal,
    types::{
        BotCommand, Callback, CallbackAnswer, Chat, ChatType, Content, InlineKeyboard, Message,
        User,
    },
    updates::Updates,
};
use crate::sandbox::{
    chat::events::{Event, Streams},
    store::{Error, Store, Write},
};

pub(super) const BOT: &str = "telegram_bot";
const DIALOGS: &str = "telegram_dialog";
const MESSAGES: &str = "telegram_message";
const CALLBACKS: &str = "telegram_callback";
/// Messages kept per chat; older ones are forgotten.
const MESSAGES_MAX: usize = 2000;
/// Presses kept per chat; older ones are forgotten.
const CALLBACKS_MAX: usize = 200;
/// How long a press can be answered, in seconds.
const ANSWER_WINDOW: i64 = 150;

/// Where updates are posted to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) max_connections: usize,
}

/// The bot itself and its settings; one document.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Bot {
    pub(crate) token: String,
    pub(crate) user: User,
    pub(crate) webhook: Option<Webhook>,
    /// Kinds of updates that the bot wants; `None` stands for Telegram's default.
    pub(crate) allowed_updates: Option<Vec<String>>,
    /// Command lists by scope (as [`scope_key`]) and language.
    pub(crate) commands: BTreeMap<String, Vec<BotCommand>>,
    /// Names and descriptions by kind and language.
    pub(crate) words: BTreeMap<String, String>,
}

/// Numbers that are given out once; one document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) next_update: i64,
    pub(crate) next_callback: u64,
    pub(crate) next_media_group: u64,
}

/// What is kept of a chat beside its messages; one document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) chat: Chat,
    pub(crate) user: User,
    pub(crate) next_message: i64,
    pub(crate) blocked: bool,
}

/// A press with what the answer needs; one document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Press {
    pub(crate) chat_id: i64,
    /// Seconds since the Unix epoch.
    pub(crate) at: i64,
    pub(crate) callback: Callback,
}

/// One chat.
#[derive(Debug)]
pub(crate) struct Dialog {
    pub(crate) profile: Profile,
    pub(crate) messages: BTreeMap<i64, Arc<Message>>,
    pub(crate) presses: VecDeque<String>,
}

/// All of it.
pub(crate) struct State {
    pub(crate) bot: Bot,
    pub(crate) counters: Counters,
    pub(crate) dialogs: HashMap<i64, Dialog>,
    pub(crate) presses: HashMap<String, Press>,
    pub(crate) updates: Updates,
    pub(crate) streams: Streams,
}

impl State {
    /// Reads everything back, or makes a new bot with a new token.
    pub(crate) fn load(store: &Store) -> Result<Self, Error> {
        let mut state = Self {
            bot: match store.document(BOT, "bot")? {
                Some(bot) => bot,
                None => new_bot(store)?,
            },
            counters: store.document(BOT, "counters")?.unwrap_or(Counters {
                next_update: 100_000_001,
                next_callback: 4_000_000_000_000_000_001,
                next_media_group: 13_000_000_000_000_001,
            }),
            dialogs: HashMap::new(),
            presses: HashMap::new(),
            updates: Updates::load(store)?,
            streams: Streams::default(),
        };
        for (_, profile) in store.load::<Profile>(DIALOGS)? {
            let dialog = Dialog { profile, messages: BTreeMap::new(), presses: VecDeque::new() };
            state.dialogs.insert(dialog.profile.chat.id, dialog);
        }
        for (_, message) in store.load::<Message>(MESSAGES)? {
            if let Some(dialog) = state.dialogs.get_mut(&message.chat.id) {
                dialog.messages.insert(message.message_id, Arc::new(message));
            }
        }
        for (id, press) in store.load::<Press>(CALLBACKS)? {
            if let Some(dialog) = state.dialogs.get_mut(&press.chat_id) {
                dialog.presses.push_back(id.clone());
            }
            state.presses.insert(id, press);
        }
        Ok(state)
    }

    /// The presses of a chat as the page sees them, oldest first.
    pub(crate) fn callbacks(&self, dialog: &Dialog) -> Vec<Callback> {
        dialog
            .presses
            .iter()
            .filter_map(|id| self.presses.get(id))
            .map(|press| press.callback.clone())
            .collect()
    }

    /// The command list that Telegram would show in this chat.
    pub(crate) fn commands_for(&self, profile: Option<&Profile>) -> Vec<BotCommand> {
        let language = profile.and_then(|p| p.user.language_code.as_deref()).unwrap_or_default();
        // "ru-RU" asks for the list of "ru".
        let language = language.split('-').next().unwrap_or_default();
        let kind = match profile.map(|profile| profile.chat.chat_type) {
            Some(ChatType::Group) => "all_group_chats",
            _ => "all_private_chats",
        };
        let own = profile.map(|profile| format!("chat:{}", profile.chat.id));
        own.as_deref()
            .into_iter()
            .chain([kind, "default"])
            .flat_map(|scope| [language, ""].map(|language| scope_key(scope, language)))
            .find_map(|key| self.bot.commands.get(&key))
            .cloned()
            .unwrap_or_default()
    }
}

/// The key of a command list.
pub(crate) fn scope_key(scope: &str, language: &str) -> String {
    format!("{scope}|{language}")
}

fn new_bot(store: &Store) -> Result<Bot, Error> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    let id = i64::from(rand::random_range(1_000_000_000_u32..2_000_000_000));
    let secret: String = (0..35)
        .filter_map(|_| LETTERS.get(rand::random_range(0..LETTERS.len())))
        .map(|byte| char::from(*byte))
        .collect();
    let bot = Bot {
        token: format!("{id}:{secret}"),
        user: User {
            id,
            is_bot: true,
            first_name: "AISHA (sandbox)".to_owned(),
            username: Some("aisha_sandbox_bot".to_owned()),
            language_code: None,
        },
        webhook: None,
        allowed_updates: None,
        commands: BTreeMap::new(),
        words: BTreeMap::new(),
    };
    store.commit(vec![Write::put(BOT, "bot", &bot)?])?;
    Ok(bot)
}

/// A change in progress. What fails has to fail before it changes anything.
pub(crate) struct Transaction<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) writes: Vec<Write>,
    pub(crate) events: Vec<(i64, Event)>,
    /// Updates that came up in this transaction.
    pub(crate) arrived: Vec<i64>,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

impl<'a> Transaction<'a> {
    /// Begins now.
    pub(crate) fn new(state: &'a mut State) -> Self {
        let now = chrono::Utc::now().timestamp();
        Self { state, writes: Vec::new(), events: Vec::new(), arrived: Vec::new(), now }
    }

    /// Writes the bot's settings down.
    pub(crate) fn save_bot(&mut self) -> Result<(), Refusal> {
        self.writes.push(Write::put(BOT, "bot", &self.state.bot)?);
        Ok(())
    }

    /// Writes the counters down.
    pub(crate) fn save_counters(&mut self) -> Result<(), Refusal> {
        self.writes.push(Write::put(BOT, "counters", &self.state.counters)?);
        Ok(())
    }

    /// Writes a chat's profile down.
    pub(crate) fn save_profile(&mut self, chat_id: i64) -> Result<(), Refusal> {
        if let Some(dialog) = self.state.dialogs.get(&chat_id) {
            self.writes.push(Write::put(DIALOGS, chat_id, &dialog.profile)?);
        }
        Ok(())
    }

    /// The chat, if it was ever used.
    pub(crate) fn dialog(&mut self, chat_id: i64) -> Result<&mut Dialog, Refusal> {
        self.state.dialogs.get_mut(&chat_id).ok_or_else(|| Refusal::bad("chat not found"))
    }

    /// Adds a message of the bot or the visitor and tells the page. The caller saves the profile.
    pub(crate) fn add_message(
        &mut self,
        chat_id: i64,
        from: User,
        draft: Draft,
    ) -> Result<Arc<Message>, Refusal> {
        let date = self.now;
        let dialog = self.dialog(chat_id)?;
        let reply_to_message = draft
            .reply_to
            .and_then(|id| dialog.messages.get(&id))
            .map(|m| Box::new(Message { reply_to_message: None, ..Message::clone(m) }));
        let message_id = dialog.profile.next_message;
        dialog.profile.next_message += 1;
        let message = Arc::new(Message {
            message_id,
            from,
            chat: dialog.profile.chat.clone(),
            date,
            edit_date: None,
            media_group_id: draft.media_group_id,
            reply_to_message,
            has_protected_content: draft.protect,
            content: draft.content,
            reply_markup: draft.reply_markup,
        });
        dialog.messages.insert(message_id, Arc::clone(&message));
        let forgotten =
            (dialog.messages.len() > MESSAGES_MAX).then(|| dialog.messages.pop_first()).flatten();
        if let Some((old, _)) = forgotten {
            self.writes.push(Write::delete(MESSAGES, message_key(chat_id, old)));
        }
        self.writes.push(Write::put(MESSAGES, message_key(chat_id, message_id), &*message)?);
        self.events.push((chat_id, Event::message("message", &message)?));
        Ok(message)
    }

    /// Replaces a message and tells the page.
    pub(crate) fn put_message(&mut self, message: Message) -> Result<Arc<Message>, Refusal> {
        let (chat_id, id) = (message.chat.id, message.message_id);
        let message = Arc::new(message);
        self.dialog(chat_id)?.messages.insert(id, Arc::clone(&message));
        self.writes.push(Write::put(MESSAGES, message_key(chat_id, id), &*message)?);
        self.events.push((chat_id, Event::message("edited", &message)?));
        Ok(message)
    }

    /// Takes messages away and tells the page.
    pub(crate) fn remove_messages(&mut self, chat_id: i64, ids: &[i64]) -> Result<(), Refusal> {
        for id in ids {
            self.dialog(chat_id)?.messages.remove(id);
            self.writes.push(Write::delete(MESSAGES, message_key(chat_id, *id)));
        }
        self.events.push((chat_id, Event::deleted(ids)));
        Ok(())
    }

    /// Keeps a new press; forgets the oldest ones of the chat.
    pub(crate) fn add_press(
        &mut self,
        chat_id: i64,
        message_id: i64,
        data: &str,
    ) -> Result<String, Refusal> {
        let id = self.state.counters.next_callback.to_string();
        self.state.counters.next_callback += 1;
        let callback = Callback { id: id.clone(), message_id, data: data.to_owned(), answer: None };
        self.events.push((chat_id, Event::callback(&callback)?));
        let press = Press { chat_id, at: self.now, callback };
        self.writes.push(Write::put(CALLBACKS, &id, &press)?);
        self.state.presses.insert(id.clone(), press);
        let dialog = self.dialog(chat_id)?;
        dialog.presses.push_back(id.clone());
        let forgotten =
            (dialog.presses.len() > CALLBACKS_MAX).then(|| dialog.presses.pop_front()).flatten();
        if let Some(old) = forgotten {
            self.writes.push(Write::delete(CALLBACKS, &old));
            self.state.presses.remove(&old);
        }
        Ok(id)
    }

    /// Keeps the bot's answer to a press: once, and in time.
    pub(crate) fn answer_press(&mut self, id: &str, answer: CallbackAnswer) -> Result<(), Refusal> {
        let now = self.now;
        let press = self
            .state
            .presses
            .get_mut(id)
            .filter(|press| press.callback.answer.is_none() && now - press.at <= ANSWER_WINDOW)
            .ok_or_else(|| {
                Refusal::bad("query is too old and response timeout expired or query ID is invalid")
            })?;
        press.callback.answer = Some(answer);
        self.writes.push(Write::put(CALLBACKS, id, &*press)?);
        self.events.push((press.chat_id, Event::callback(&press.callback)?));
        Ok(())
    }
}

/// What a new message is made of.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) content: Content,
    pub(crate) reply_markup: Option<InlineKeyboard>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) media_group_id: Option<String>,
    pub(crate) protect: bool,
}

/// Keys sort by chat; within a chat the number keeps its width.
fn message_key(chat_id: i64, message_id: i64) -> String {
    format!("{chat_id}/{message_id:010}")
}
