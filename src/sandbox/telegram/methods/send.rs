//! Methods that send something.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{CAPTION_MAX, TEXT_MAX, chat_id, open_dialog};
use crate::sandbox::{
    chat::events::Event,
    telegram::{
        Telegram,
        answer::{Refusal, Reply, Success},
        files::Kind,
        keyboard,
        markup::{self, utf16_len},
        media::{self, Media},
        params::Params,
        state::{Draft, Transaction},
        types::{Content, Entity},
    },
};

/// Items of an album.
const ALBUM_MAX: usize = 10;
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// Text, checked for being there and for its length.
pub(super) fn text_content(params: &Params) -> Result<Content, Refusal> {
    let source = params.text("text").unwrap_or_default();
    if source.trim().is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    let formatted = markup::read(&source, params, "entities")?;
    if formatted.text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if utf16_len(&formatted.text) > TEXT_MAX {
        return Err(Refusal::bad("message is too long"));
    }
    let link_preview_options = params.value("link_preview_options").unwrap_or_default();
    Ok(Content {
        text: Some(formatted.text),
        entities: formatted.entities,
        link_preview_options,
        ..Content::default()
    })
}

/// A caption, checked for its length; empty is none.
pub(super) fn caption(
    text: &str,
    parse_mode: Option<&str>,
    entities: Option<Vec<Entity>>,
) -> Result<(Option<String>, Vec<Entity>), Refusal> {
    let formatted = markup::format(text, parse_mode, entities)?;
    if utf16_len(&formatted.text) > CAPTION_MAX {
        return Err(Refusal::bad("message caption is too long"));
    }
    if formatted.text.is_empty() {
        return Ok((None, Vec::new()));
    }
    Ok((Some(formatted.text), formatted.entities))
}

/// The content of a message with this file, without its caption.
pub(super) fn media_content(media: &Media) -> Content {
    match media.record.kind {
        Kind::Photo => Content { photo: Some(media.record.sizes()), ..Content::default() },
        Kind::Document => Content { document: Some(media.record.document()), ..Content::default() },
    }
}

/// What every send method takes beside its content.
fn draft(params: &Params, content: Content) -> Result<Draft, Refusal> {
    Ok(Draft {
        content,
        reply_markup: keyboard::read(params)?,
        reply_to: None,
        media_group_id: None,
        protect: params.flag("protect_content"),
    })
}

/// The message that is replied to, if it is there or may be missing.
fn reply_to(
    transaction: &mut Transaction<'_>,
    chat_id: i64,
    params: &Params,
) -> Result<Option<i64>, Refusal> {
    #[derive(Deserialize)]
    struct ReplyParameters {
        message_id: i64,
        #[serde(default)]
        allow_sending_without_reply: bool,
    }
    let given = params
        .object::<ReplyParameters>("reply_parameters")
        .map_err(|_| Refusal::bad("can't parse reply parameters JSON object"))?;
    let (id, may_miss) = match given {
        Some(reply) => (reply.message_id, reply.allow_sending_without_reply),
        None => match params.integer("reply_to_message_id") {
            Some(id) => (id, params.flag("allow_sending_without_reply")),
            None => return Ok(None),
        },
    };
    if transaction.dialog(chat_id)?.messages.contains_key(&id) {
        return Ok(Some(id));
    }
    if may_miss { Ok(None) } else { Err(Refusal::bad("message to be replied not found")) }
}

/// Sends one message.
fn send(telegram: &Arc<Telegram>, params: &Params, draft: Draft) -> Reply {
    let chat_id = chat_id(params)?;
    telegram.transact(|transaction| {
        let (_, bot) = open_dialog(transaction, chat_id)?;
        let reply_to = reply_to(transaction, chat_id, params)?;
        let message = transaction.add_message(chat_id, bot, Draft { reply_to, ..draft })?;
        transaction.save_profile(chat_id)?;
        Success::of(&*message)
    })
}

/// A chat that cannot be written to refuses before its files are looked at.
fn check_chat(telegram: &Arc<Telegram>, params: &Params) -> Result<(), Refusal> {
    let chat_id = chat_id(params)?;
    telegram.transact(|transaction| open_dialog(transaction, chat_id).map(|_| ()))
}

/// sendMessage
pub(super) fn message(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    check_chat(telegram, params)?;
    send(telegram, params, draft(params, text_content(params)?)?)
}

/// sendPhoto
pub(super) async fn photo(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    single(telegram, params, Kind::Photo, "photo").await
}

/// sendDocument
pub(super) async fn document(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    single(telegram, params, Kind::Document, "document").await
}

async fn single(telegram: &Arc<Telegram>, params: &Params, kind: Kind, field: &str) -> Reply {
    check_chat(telegram, params)?;
    let entities = params
        .object("caption_entities")
        .map_err(|_| Refusal::bad("can't parse entities: array of MessageEntity expected"))?;
    let text = params.text("caption").unwrap_or_default();
    let (caption, caption_entities) =
        caption(&text, params.text("parse_mode").as_deref(), entities)?;
    // What can be refused is refused before the file is fetched and kept.
    let draft = draft(params, Content::default())?;
    let value = params.text(field);
    let media =
        media::resolve(&telegram.store, &telegram.client, params, kind, field, value.as_deref())
            .await?;
    let content = Content {
        caption,
        caption_entities,
        show_caption_above_media: params.flag("show_caption_above_media"),
        has_media_spoiler: params.flag("has_spoiler"),
        ..media_content(&media)
    };
    send(telegram, params, Draft { content, ..draft })
}

/// One `InputMedia` object.
#[derive(Debug, Deserialize)]
pub(super) struct InputMedia {
    #[serde(rename = "type")]
    kind: String,
    media: Option<String>,
    #[serde(default)]
    caption: Option<String>,
    #[serde(default)]
    parse_mode: Option<String>,
    #[serde(default)]
    caption_entities: Option<Vec<Entity>>,
    #[serde(default)]
    show_caption_above_media: bool,
    #[serde(default)]
    has_spoiler: bool,
}

/// Reads an `InputMedia` with its file; tells whether the file was named by `file_id`.
pub(super) async fn input_media(
    telegram: &Arc<Telegram>,
    params: &Params,
    input: InputMedia,
) -> Result<(Content, bool), Refusal> {
    let kind = match input.kind.as_str() {
        "photo" => Kind::Photo,
        "document" => Kind::Document,
        _ => return Err(Refusal::bad("can't parse InputMedia: Unsupported type specified")),
    };
    let (caption, caption_entities) = caption(
        input.caption.as_deref().unwrap_or_default(),
        input.parse_mode.as_deref(),
        input.caption_entities,
    )?;
    let source = input
        .media
        .ok_or_else(|| Refusal::bad("can't parse InputMedia: Can't find field \"media\""))?;
    let field = source.as_str();
    let media =
        media::resolve(&telegram.store, &telegram.client, params, kind, field, Some(field)).await?;
    let content = Content {
        caption,
        caption_entities,
        show_caption_above_media: input.show_caption_above_media,
        has_media_spoiler: input.has_spoiler,
        ..media_content(&media)
    };
    Ok((content, media.reused))
}

/// sendMediaGroup
pub(super) async fn media_group(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    check_chat(telegram, params)?;
    let items: Vec<Value> = params
        .object("media")
        .map_err(|_| Refusal::bad("can't parse media JSON object"))?
        .unwrap_or_default();
    if items.is_empty() {
        return Err(Refusal::bad("there are no messages to send"));
    }
    if items.len() > ALBUM_MAX {
        return Err(Refusal::bad("too many messages to send as an album"));
    }
    let mut contents = Vec::with_capacity(items.len());
    for item in items {
        let input = serde_json::from_value(item)
            .map_err(|_| Refusal::bad("can't parse InputMedia: Object expected"))?;
        contents.push(input_media(telegram, params, input).await?.0);
    }
    let documents = contents.iter().filter(|content| content.document.is_some()).count();
    if documents > 0 && documents < contents.len() {
        return Err(Refusal::bad("document can't be mixed with other media types"));
    }
    let chat_id = chat_id(params)?;
    let protect = params.flag("protect_content");
    telegram.transact(|transaction| {
        let (_, bot) = open_dialog(transaction, chat_id)?;
        let reply_to = reply_to(transaction, chat_id, params)?;
        let counters = &mut transaction.state.counters;
        let group = counters.next_media_group.to_string();
        counters.next_media_group += 1;
        transaction.save_counters()?;
        let mut messages = Vec::with_capacity(contents.len());
        for content in contents {
            let media_group_id = Some(group.clone());
            let draft = Draft { content, reply_markup: None, reply_to, media_group_id, protect };
            messages.push(transaction.add_message(chat_id, bot.clone(), draft)?);
        }
        transaction.save_profile(chat_id)?;
        Success::of(&messages.iter().map(AsRef::as_ref).collect::<Vec<_>>())
    })
}

/// sendChatAction
pub(super) fn chat_action(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let chat_id = chat_id(params)?;
    let action = params.text("action").unwrap_or_default();
    telegram.transact(|transaction| {
        open_dialog(transaction, chat_id)?;
        if !ACTIONS.contains(&action.as_str()) {
            return Err(Refusal::bad("wrong parameter action in request"));
        }
        transaction.events.push((chat_id, Event::action(&action)));
        Success::yes()
    })
}
