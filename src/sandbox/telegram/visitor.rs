//! The other side of the chat: what a visitor does, and what they see.

use std::{collections::BTreeMap, collections::VecDeque, sync::Arc};

use serde::{Serialize, Serializer};
use serde_json::json;
use tokio::sync::broadcast;

use super::{
    Telegram,
    answer::Refusal,
    files::{self, Kind, Record},
    keyboard::carries,
    markup::{self, utf16_len},
    params::Upload,
    state::{Dialog, Draft, Profile, State, Transaction},
    types::{BotCommand, Callback, Chat, ChatType, Content, Message, User},
    updates::Lane,
};
use crate::sandbox::{chat::events::Event, store};
use sha2::{Digest, Sha256};

/// Names in characters.
const NAME_MAX: usize = 64;

/// Why the chat page is refused: an HTTP status and plain words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct VisitorError {
    pub(crate) status: u16,
    pub(crate) words: String,
}

impl VisitorError {
    pub(crate) fn bad(words: impl Into<String>) -> Self {
        Self { status: 400, words: words.into() }
    }

    pub(crate) fn missing(words: impl Into<String>) -> Self {
        Self { status: 404, words: words.into() }
    }
}

impl From<Refusal> for VisitorError {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status, words: refusal.description }
    }
}

impl From<store::Error> for VisitorError {
    fn from(error: store::Error) -> Self {
        Refusal::from(error).into()
    }
}

/// A file that the visitor sends.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) kind: Kind,
    pub(crate) upload: Upload,
}

/// Something that the visitor says. Profile fields that are absent stay as they are.
#[derive(Debug, Default)]
pub(crate) struct Remark {
    pub(crate) text: String,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) first_name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) language_code: Option<String>,
    /// For a chat that is used the first time; a negative id is a group anyway.
    pub(crate) group: bool,
    pub(crate) reply_to_message_id: Option<i64>,
}

/// A chat as the page shows it.
#[derive(Debug, Serialize)]
struct View {
    /// `null` until the chat is used.
    chat: Option<Chat>,
    bot: User,
    /// The visitor has blocked the bot.
    blocked: bool,
    commands: Vec<BotCommand>,
    #[serde(serialize_with = "shared")]
    messages: Vec<Arc<Message>>,
    callbacks: Vec<Callback>,
}

fn shared<S: Serializer>(messages: &[Arc<Message>], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(messages.iter().map(AsRef::as_ref))
}

fn view(state: &State, chat_id: i64) -> View {
    let dialog = state.dialogs.get(&chat_id);
    View {
        chat: dialog.map(|dialog| dialog.profile.chat.clone()),
        bot: state.bot.user.clone(),
        blocked: dialog.is_some_and(|dialog| dialog.profile.blocked),
        commands: state.commands_for(dialog.map(|dialog| &dialog.profile)),
        messages: dialog.map(|d| d.messages.values().cloned().collect()).unwrap_or_default(),
        callbacks: dialog.map(|dialog| state.callbacks(dialog)).unwrap_or_default(),
    }
}

impl Telegram {
    /// The whole chat as JSON.
    pub(crate) fn view(&self, chat_id: i64) -> Result<String, VisitorError> {
        let view = view(&self.lock(), chat_id);
        Ok(serde_json::to_string(&view).map_err(store::Error::from)?)
    }

    /// The whole chat as an event, and what follows it without a gap.
    pub(crate) fn watch(
        &self,
        chat_id: i64,
    ) -> Result<(Event, broadcast::Receiver<Event>), VisitorError> {
        let (view, receiver) = {
            let mut state = self.lock();
            let receiver = state.streams.watch(chat_id);
            (view(&state, chat_id), receiver)
        };
        Ok((Event::new("state", &view)?, receiver))
    }

    /// Waits for the end of the sandbox.
    pub(crate) fn closed(&self) -> tokio_util::sync::CancellationToken {
        self.closed.clone()
    }

    /// The visitor says something; gives the stored message.
    pub(crate) async fn say(
        self: &Arc<Self>,
        chat_id: i64,
        mut remark: Remark,
    ) -> Result<Arc<Message>, VisitorError> {
        check_id(chat_id)?;
        let words = markup::format(&remark.text, None, None)?;
        let limit = if remark.attachment.is_some() { 1024 } else { 4096 };
        if words.text.is_empty() && remark.attachment.is_none() {
            return Err(VisitorError::bad("say something, or send a file"));
        }
        if utf16_len(&words.text) > limit {
            return Err(VisitorError::bad(format!("longer than {limit} characters")));
        }
        let content = match remark.attachment.take() {
            None => {
                Content { text: Some(words.text), entities: words.entities, ..Content::default() }
            }
            Some(Attachment { kind, upload }) => {
                let record = files::keep_upload(Arc::clone(&self.store), kind, upload).await?;
                let content = Content {
                    caption: Some(words.text).filter(|text| !text.is_empty()),
                    caption_entities: words.entities,
                    ..Content::default()
                };
                match kind {
                    Kind::Photo => Content { photo: Some(record.sizes()), ..content },
                    Kind::Document => Content { document: Some(record.document()), ..content },
                }
            }
        };
        self.transact(|transaction| {
            let before = commands_in(transaction, chat_id);
            let user = enter(transaction, chat_id, &remark)?;
            let commands = commands_in(transaction, chat_id);
            if commands != before {
                // The visitor speaks another language now, and so does the menu.
                transaction.events.push((chat_id, Event::commands(&commands)?));
            }
            let reply_to = remark.reply_to_message_id;
            let draft = Draft { content, reply_to, ..Draft::default() };
            let message = transaction.add_message(chat_id, user, draft)?;
            transaction.save_profile(chat_id)?;
            transaction.add_update("message", Lane::Chat(chat_id), &*message)?;
            transaction.save_counters()?;
            Ok(message)
        })
    }

    /// The visitor presses a button; gives the callback's id.
    pub(crate) fn press(
        self: &Arc<Self>,
        chat_id: i64,
        message_id: i64,
        data: &str,
    ) -> Result<String, VisitorError> {
        self.transact(|transaction| {
            let bot_id = transaction.state.bot.user.id;
            let dialog = find(transaction, chat_id)?;
            let message = dialog
                .messages
                .get(&message_id)
                .cloned()
                .ok_or_else(|| VisitorError::missing("there is no such message"))?;
            if !message.reply_markup.as_ref().is_some_and(|markup| carries(markup, data)) {
                return Err(VisitorError::bad("the message has no button with this data"));
            }
            if dialog.profile.blocked {
                return Err(VisitorError::bad("the bot is blocked"));
            }
            let user = dialog.profile.user.clone();
            let id = transaction.add_press(chat_id, message_id, data)?;
            let query = json!({
                "id": id, "from": user, "message": *message, "data": data,
                "chat_instance": chat_instance(bot_id, chat_id),
            });
            transaction.add_update("callback_query", Lane::Presses(user.id), &query)?;
            transaction.save_counters()?;
            Ok(id)
        })
    }

    /// The visitor blocks or unblocks the bot; again the same changes nothing.
    pub(crate) fn block(self: &Arc<Self>, chat_id: i64, blocked: bool) -> Result<(), VisitorError> {
        self.transact(|transaction| {
            let (now, bot) = (transaction.now, transaction.state.bot.user.clone());
            let profile = &mut find(transaction, chat_id)?.profile;
            if profile.blocked == blocked {
                return Ok(());
            }
            profile.blocked = blocked;
            let member = json!({ "user": bot, "status": "member" });
            let kicked = json!({ "user": bot, "status": "kicked", "until_date": 0 });
            let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
            let change = json!({
                "chat": profile.chat, "from": profile.user, "date": now,
                "old_chat_member": old, "new_chat_member": new,
            });
            transaction.save_profile(chat_id)?;
            transaction.add_update("my_chat_member", Lane::Chat(chat_id), &change)?;
            transaction.save_counters()?;
            transaction.events.push((chat_id, Event::blocked(blocked)));
            Ok(())
        })
    }

    /// A file for the page.
    pub(crate) async fn file(&self, file_id: &str) -> Result<(Record, bytes::Bytes), VisitorError> {
        let gone = || VisitorError::missing("there is no such file");
        let record = files::find(&self.store, file_id)?.ok_or_else(gone)?;
        self.content(record).await?.ok_or_else(gone)
    }
}

fn find<'a>(
    transaction: &'a mut Transaction<'_>,
    chat_id: i64,
) -> Result<&'a mut Dialog, VisitorError> {
    transaction
        .state
        .dialogs
        .get_mut(&chat_id)
        .ok_or_else(|| VisitorError::missing("nothing was said in this chat yet"))
}

/// Telegram's ids have at most 52 significant bits.
fn check_id(chat_id: i64) -> Result<(), VisitorError> {
    if chat_id == 0 || chat_id.unsigned_abs() >= 1 << 52 {
        return Err(VisitorError::bad("not a chat id"));
    }
    Ok(())
}

/// The list of commands that the visitor of this chat sees.
fn commands_in(transaction: &Transaction<'_>, chat_id: i64) -> Vec<BotCommand> {
    let dialog = transaction.state.dialogs.get(&chat_id);
    transaction.state.commands_for(dialog.map(|dialog| &dialog.profile))
}

/// Opens the chat if it is new, takes over the profile fields that were given.
fn enter(
    transaction: &mut Transaction<'_>,
    chat_id: i64,
    remark: &Remark,
) -> Result<User, VisitorError> {
    let dialog = transaction
        .state
        .dialogs
        .entry(chat_id)
        .or_insert_with(|| new_dialog(chat_id, remark.group || chat_id < 0));
    let profile = &mut dialog.profile;
    if profile.blocked {
        return Err(VisitorError::bad("the bot is blocked; unblock it first"));
    }
    let given = |field: &Option<String>| {
        let short = field.as_deref().map(|text| text.trim().chars().take(NAME_MAX));
        short.map(String::from_iter).filter(|text| !text.is_empty())
    };
    if let Some(name) = given(&remark.first_name) {
        profile.user.first_name = name;
    }
    if let Some(name) = given(&remark.username) {
        profile.user.username = Some(name.trim_start_matches('@').to_owned());
    }
    if let Some(code) = given(&remark.language_code) {
        profile.user.language_code = Some(code);
    }
    if profile.chat.chat_type == ChatType::Private {
        profile.chat.first_name = Some(profile.user.first_name.clone());
        profile.chat.username.clone_from(&profile.user.username);
    }
    Ok(profile.user.clone())
}

fn new_dialog(chat_id: i64, group: bool) -> Dialog {
    let user = User {
        // In a group the one person who speaks has the group's id without its sign.
        id: chat_id.abs(),
        is_bot: false,
        first_name: "Visitor".to_owned(),
        username: None,
        language_code: None,
    };
    let chat = Chat {
        id: chat_id,
        chat_type: if group { ChatType::Group } else { ChatType::Private },
        title: group.then(|| "Sandbox group".to_owned()),
        first_name: None,
        username: None,
    };
    let profile = Profile { chat, user, next_message: 1, blocked: false };
    Dialog { profile, messages: BTreeMap::new(), presses: VecDeque::new() }
}

/// Stands for the chat in callback queries, the same for ever.
fn chat_instance(bot_id: i64, chat_id: i64) -> String {
    let digest = Sha256::digest(format!("{bot_id}/{chat_id}").as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    number.cast_signed().to_string()
}
