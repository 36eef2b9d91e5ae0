//! The methods of the Bot API that the stand-in has.

mod bot;
mod edit;
mod polling;
mod send;

use std::sync::Arc;

use super::{
    Telegram,
    answer::{Refusal, Reply},
    params::Params,
    types::{Message, User},
};
use crate::sandbox::telegram::state::{Dialog, Transaction};

/// Text in UTF-16 units.
const TEXT_MAX: usize = 4096;
/// Caption in UTF-16 units.
const CAPTION_MAX: usize = 1024;

/// All methods in their documented spelling.
const METHODS: [&str; 32] = [
    "answerCallbackQuery",
    "close",
    "deleteMessage",
    "deleteMessages",
    "deleteMyCommands",
    "deleteWebhook",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "editMessageText",
    "getChat",
    "getChatMenuButton",
    "getFile",
    "getMe",
    "getMyCommands",
    "getMyDescription",
    "getMyName",
    "getMyShortDescription",
    "getUpdates",
    "getWebhookInfo",
    "logOut",
    "sendChatAction",
    "sendDocument",
    "sendMediaGroup",
    "sendMessage",
    "sendPhoto",
    "setChatMenuButton",
    "setMyCommands",
    "setMyDescription",
    "setMyName",
    "setMyShortDescription",
    "setWebhook",
];

/// The documented spelling of a method, whatever its letter case.
pub(super) fn spelling(method: &str) -> Option<&'static str> {
    METHODS.iter().copied().find(|name| name.eq_ignore_ascii_case(method))
}

/// Makes a call; `method` is in its documented spelling.
pub(super) async fn call(telegram: &Arc<Telegram>, method: &str, params: &Params) -> Reply {
    match method {
        "getUpdates" => polling::get_updates(telegram, params).await,
        "setWebhook" => polling::set_webhook(telegram, params),
        "deleteWebhook" => polling::delete_webhook(telegram, params),
        "getWebhookInfo" => polling::webhook_info(telegram),
        "sendMessage" => send::message(telegram, params),
        "sendPhoto" => send::photo(telegram, params).await,
        "sendDocument" => send::document(telegram, params).await,
        "sendMediaGroup" => send::media_group(telegram, params).await,
        "sendChatAction" => send::chat_action(telegram, params),
        "editMessageText" => edit::text(telegram, params),
        "editMessageCaption" => edit::caption(telegram, params),
        "editMessageMedia" => edit::media(telegram, params).await,
        "editMessageReplyMarkup" => edit::reply_markup(telegram, params),
        "deleteMessage" => edit::delete(telegram, params),
        "deleteMessages" => edit::delete_many(telegram, params),
        "answerCallbackQuery" => edit::answer_callback(telegram, params),
        _ => bot::call(telegram, method, params),
    }
}

/// The `chat_id` of a call.
fn chat_id(params: &Params) -> Result<i64, Refusal> {
    let text = params.text("chat_id").unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Refusal::bad("chat_id is empty"));
    }
    params.integer("chat_id").ok_or_else(|| Refusal::bad("chat not found"))
}

/// The chat that the bot may write to, and the bot itself.
fn open_dialog<'a>(
    transaction: &'a mut Transaction<'_>,
    chat_id: i64,
) -> Result<(&'a mut Dialog, User), Refusal> {
    let bot = transaction.state.bot.user.clone();
    let dialog = transaction.dialog(chat_id)?;
    if dialog.profile.blocked {
        return Err(Refusal::forbidden("bot was blocked by the user"));
    }
    Ok((dialog, bot))
}

/// The message of the bot that an edit means.
fn editable(transaction: &mut Transaction<'_>, params: &Params) -> Result<Arc<Message>, Refusal> {
    if params.has("inline_message_id") {
        return Err(Refusal::bad("MESSAGE_ID_INVALID"));
    }
    let unspecified = || Refusal::bad("message identifier is not specified");
    if !params.has("chat_id") && !params.has("message_id") {
        return Err(unspecified());
    }
    let chat_id = chat_id(params)?;
    let id = params.integer("message_id").filter(|id| *id > 0).ok_or_else(unspecified)?;
    let (dialog, _) = open_dialog(transaction, chat_id)?;
    let message =
        dialog.messages.get(&id).ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if !message.from.is_bot {
        return Err(Refusal::bad("message can't be edited"));
    }
    Ok(Arc::clone(message))
}
