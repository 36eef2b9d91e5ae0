//! Methods that change, take away or answer something.

use std::sync::Arc;

use super::{
    chat_id, editable, open_dialog,
    send::{self, InputMedia},
};
use crate::sandbox::telegram::{
    Telegram,
    answer::{Refusal, Reply, Success},
    keyboard,
    markup::utf16_len,
    params::Params,
    state::Transaction,
    types::{CallbackAnswer, Content, InlineKeyboard, Message},
};

/// How long a message can be taken back, in seconds.
const DELETE_WINDOW: i64 = 48 * 60 * 60;
/// Messages of one deleteMessages call.
const DELETE_MAX: usize = 100;
/// The words of a callback's answer, in UTF-16 units.
const ANSWER_MAX: usize = 200;

/// Replaces content and keyboard, unless nothing would change.
fn apply(
    transaction: &mut Transaction<'_>,
    message: &Message,
    content: Content,
    reply_markup: Option<InlineKeyboard>,
    same_content: bool,
) -> Reply {
    if same_content && message.reply_markup == reply_markup {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly \
             the same as a current content and reply markup of the message",
        ));
    }
    let edited = transaction.put_message(Message {
        content,
        reply_markup,
        edit_date: Some(transaction.now),
        ..message.clone()
    })?;
    Success::of(&*edited)
}

/// editMessageText
pub(super) fn text(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    telegram.transact(|transaction| {
        let message = editable(transaction, params)?;
        if message.content.text.is_none() {
            return Err(Refusal::bad("there is no text in the message to edit"));
        }
        let content = send::text_content(params)?;
        let markup = keyboard::read_for_edit(params)?;
        // How a link is previewed is no reason to edit.
        let same = (&content.text, &content.entities)
            == (&message.content.text, &message.content.entities);
        apply(transaction, &message, content, markup, same)
    })
}

/// editMessageCaption
pub(super) fn caption(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    telegram.transact(|transaction| {
        let message = editable(transaction, params)?;
        if !message.content.has_media() {
            return Err(Refusal::bad("there is no caption in the message to edit"));
        }
        let entities = params
            .object("caption_entities")
            .map_err(|_| Refusal::bad("can't parse entities: array of MessageEntity expected"))?;
        let words = params.text("caption").unwrap_or_default();
        let (caption, caption_entities) =
            send::caption(&words, params.text("parse_mode").as_deref(), entities)?;
        let content = Content {
            caption,
            caption_entities,
            show_caption_above_media: params.flag("show_caption_above_media"),
            ..message.content.clone()
        };
        let markup = keyboard::read_for_edit(params)?;
        let same = content == message.content;
        apply(transaction, &message, content, markup, same)
    })
}

/// editMessageMedia; turns a text into a photo or document too.
pub(super) async fn media(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    telegram.transact(|transaction| editable(transaction, params))?;
    let markup = keyboard::read_for_edit(params)?;
    let input: InputMedia = params
        .object("media")
        .map_err(|_| Refusal::bad("can't parse InputMedia: Object expected"))?
        .ok_or_else(|| Refusal::bad("input media is not specified"))?;
    let (content, reused) = send::input_media(telegram, params, input).await?;
    telegram.transact(|transaction| {
        let message = editable(transaction, params)?;
        if message.media_group_id.is_some()
            && message.content.document.is_some() != content.document.is_some()
        {
            return Err(Refusal::bad("message can't be edited"));
        }
        let same = reused && content == message.content;
        apply(transaction, &message, content, markup, same)
    })
}

/// editMessageReplyMarkup
pub(super) fn reply_markup(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    telegram.transact(|transaction| {
        let message = editable(transaction, params)?;
        if message.media_group_id.is_some() {
            return Err(Refusal::bad("message can't be edited"));
        }
        let markup = keyboard::read_for_edit(params)?;
        apply(transaction, &message, message.content.clone(), markup, true)
    })
}

/// deleteMessage
pub(super) fn delete(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let chat_id = chat_id(params)?;
    let id = params
        .integer("message_id")
        .ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    telegram.transact(|transaction| {
        let now = transaction.now;
        let (dialog, _) = open_dialog(transaction, chat_id)?;
        let message =
            dialog.messages.get(&id).ok_or_else(|| Refusal::bad("message to delete not found"))?;
        if now - message.date > DELETE_WINDOW {
            return Err(Refusal::bad("message can't be deleted for everyone"));
        }
        transaction.remove_messages(chat_id, &[id])?;
        Success::yes()
    })
}

/// deleteMessages; what cannot be deleted is skipped.
pub(super) fn delete_many(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let chat_id = chat_id(params)?;
    let ids: Vec<i64> = params
        .object("message_ids")
        .map_err(|_| Refusal::bad("can't parse message identifiers JSON object"))?
        .unwrap_or_default();
    if ids.is_empty() {
        return Err(Refusal::bad("message identifiers are not specified"));
    }
    if ids.len() > DELETE_MAX {
        return Err(Refusal::bad("too many message identifiers specified"));
    }
    telegram.transact(|transaction| {
        let now = transaction.now;
        let (dialog, _) = open_dialog(transaction, chat_id)?;
        let found: Vec<i64> = ids
            .into_iter()
            .filter(|id| dialog.messages.get(id).is_some_and(|m| now - m.date <= DELETE_WINDOW))
            .collect();
        if !found.is_empty() {
            transaction.remove_messages(chat_id, &found)?;
        }
        Success::yes()
    })
}

/// answerCallbackQuery
pub(super) fn answer_callback(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").filter(|text| !text.is_empty());
    if text.as_deref().is_some_and(|text| utf16_len(text) > ANSWER_MAX) {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let url = params.text("url").filter(|url| !url.is_empty());
    if url.as_deref().is_some_and(|url| !url.contains("t.me/") && !url.starts_with("tg:")) {
        return Err(Refusal::bad("URL_INVALID"));
    }
    let answer = CallbackAnswer { text, show_alert: params.flag("show_alert"), url };
    telegram.transact(|transaction| {
        transaction.answer_press(&id, answer)?;
        Success::yes()
    })
}
