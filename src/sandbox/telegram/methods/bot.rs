//! Methods about the bot itself, its chats and its files.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::chat_id;
use crate::sandbox::{
    chat::events::Event,
    telegram::{
        Telegram,
        answer::{Refusal, Reply, Success},
        files,
        params::Params,
        state::{Transaction, scope_key},
        types::BotCommand,
    },
};

/// Commands of one list.
const COMMANDS_MAX: usize = 100;

/// Makes a call to one of these methods.
pub(super) fn call(telegram: &Arc<Telegram>, method: &str, params: &Params) -> Reply {
    match method {
        "getMe" => get_me(telegram),
        "getChat" => get_chat(telegram, params),
        "getFile" => get_file(telegram, params),
        "setMyCommands" => set_commands(telegram, params),
        "deleteMyCommands" => delete_commands(telegram, params),
        "getMyCommands" => get_commands(telegram, params),
        "setMyName" => set_words(telegram, params, "name", 64),
        "setMyDescription" => set_words(telegram, params, "description", 512),
        "setMyShortDescription" => set_words(telegram, params, "short_description", 120),
        "getMyName" => get_words(telegram, params, "name"),
        "getMyDescription" => get_words(telegram, params, "description"),
        "getMyShortDescription" => get_words(telegram, params, "short_description"),
        "setChatMenuButton" | "close" | "logOut" => Success::yes(),
        "getChatMenuButton" => Success::of(&json!({ "type": "commands" })),
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}

fn get_me(telegram: &Arc<Telegram>) -> Reply {
    let user = telegram.lock().bot.user.clone();
    Success::of(&json!({
        "id": user.id,
        "is_bot": true,
        "first_name": user.first_name,
        "username": user.username,
        "can_join_groups": true,
        "can_read_all_group_messages": false,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
        "has_topics_enabled": false,
        "allows_users_to_create_topics": false,
        "can_manage_bots": false,
    }))
}

fn get_chat(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let chat_id = chat_id(params)?;
    telegram.transact(|transaction| {
        let chat = &transaction.dialog(chat_id)?.profile.chat;
        let mut full = serde_json::to_value(chat).map_err(crate::sandbox::store::Error::from)?;
        if let Some(object) = full.as_object_mut() {
            object.insert("accent_color_id".to_owned(), json!(0));
            object.insert("max_reaction_count".to_owned(), json!(11));
            object.insert(
                "accepted_gift_types".to_owned(),
                json!({
                    "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
                    "premium_subscription": true, "gifts_from_channels": true,
                }),
            );
            if let Some(name) = &chat.username {
                object.insert("active_usernames".to_owned(), json!([name]));
            }
        }
        Success::of(&full)
    })
}

fn get_file(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let id = params.text("file_id").unwrap_or_default();
    if id.is_empty() {
        return Err(Refusal::bad("file_id is not specified"));
    }
    let record = files::find(&telegram.store, &id)?
        .ok_or_else(|| Refusal::bad("wrong file_id or the file is temporarily unavailable"))?;
    if !record.is_downloadable() {
        return Err(Refusal::bad("file is too big"));
    }
    Success::of(&json!({
        "file_id": record.file_id,
        "file_unique_id": record.file_unique_id,
        "file_size": record.size,
        "file_path": record.path(),
    }))
}

/// The key of the command list that `scope` and `language_code` mean.
fn list_key(transaction: &mut Transaction<'_>, params: &Params) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Scope {
        #[serde(rename = "type")]
        kind: String,
        chat_id: Option<i64>,
    }
    let scope = params
        .object::<Scope>("scope")
        .map_err(|_| Refusal::bad("can't parse BotCommandScope JSON object"))?;
    let scope = match scope {
        None => "default".to_owned(),
        Some(Scope { kind, chat_id: None })
            if ["default", "all_private_chats", "all_group_chats", "all_chat_administrators"]
                .contains(&kind.as_str()) =>
        {
            kind
        }
        Some(Scope { kind, chat_id: Some(id) }) if kind == "chat" => {
            transaction.dialog(id)?;
            format!("chat:{id}")
        }
        Some(_) => return Err(Refusal::bad("unsupported type specified")),
    };
    Ok(scope_key(&scope, &language(params)?))
}

/// An ISO 639-1 code, or nothing.
fn language(params: &Params) -> Result<String, Refusal> {
    let code = params.text("language_code").unwrap_or_default();
    if code.is_empty() || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase())) {
        return Ok(code);
    }
    Err(Refusal::bad("invalid language code specified"))
}

fn set_commands(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let mut commands: Vec<BotCommand> = params
        .object("commands")
        .map_err(|_| Refusal::bad("can't parse commands JSON object"))?
        .ok_or_else(|| Refusal::bad("commands must be specified"))?;
    if commands.len() > COMMANDS_MAX {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &mut commands {
        command.command = command.command.trim_start_matches('/').to_owned();
        let name = &command.command;
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            return Err(Refusal::bad("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&command.description.chars().count()) {
            return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    telegram.transact(|transaction| {
        let key = list_key(transaction, params)?;
        if commands.is_empty() {
            transaction.state.bot.commands.remove(&key);
        } else {
            transaction.state.bot.commands.insert(key, commands);
        }
        tell_commands(transaction)
    })
}

fn delete_commands(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    telegram.transact(|transaction| {
        let key = list_key(transaction, params)?;
        transaction.state.bot.commands.remove(&key);
        tell_commands(transaction)
    })
}

/// Writes the lists down and tells the pages that are open.
fn tell_commands(transaction: &mut Transaction<'_>) -> Reply {
    transaction.save_bot()?;
    for chat_id in transaction.state.streams.chats() {
        let profile = transaction.state.dialogs.get(&chat_id).map(|dialog| &dialog.profile);
        let event = Event::commands(&transaction.state.commands_for(profile))?;
        transaction.events.push((chat_id, event));
    }
    Success::yes()
}

fn get_commands(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    telegram.transact(|transaction| {
        let key = list_key(transaction, params)?;
        Success::of(&transaction.state.bot.commands.get(&key).cloned().unwrap_or_default())
    })
}

fn set_words(telegram: &Arc<Telegram>, params: &Params, kind: &str, max: usize) -> Reply {
    let words = params.text(kind).unwrap_or_default();
    if words.chars().count() > max {
        return Err(Refusal::bad(format!("bot {} is too long", kind.replace('_', " "))));
    }
    let key = scope_key(kind, &language(params)?);
    telegram.transact(|transaction| {
        transaction.state.bot.words.insert(key, words);
        transaction.save_bot()?;
        Success::yes()
    })
}

fn get_words(telegram: &Arc<Telegram>, params: &Params, kind: &str) -> Reply {
    let state = telegram.lock();
    let own = scope_key(kind, &language(params)?);
    let any = scope_key(kind, "");
    let words = state.bot.words.get(&own).or_else(|| state.bot.words.get(&any)).cloned();
    let fallback = if kind == "name" { state.bot.user.first_name.clone() } else { String::new() };
    Success::of(&json!({ kind: words.unwrap_or(fallback) }))
}
