//! Inline keyboards: what Telegram accepts, and its words for what it does not.

use serde_json::{Map, Value};

use super::{
    answer::Refusal,
    markup::{checked_link, utf16_len},
    params::Params,
    types::InlineKeyboard,
};

/// `callback_data` in bytes.
const DATA_MAX: usize = 64;
/// Buttons of one keyboard.
const BUTTONS_MAX: usize = 100;
/// `copy_text` in UTF-16 units.
const COPY_MAX: usize = 256;

/// Reads `reply_markup`. Reply keyboards, their removal and forced replies are accepted and give
/// `None`, as they are no part of a message; so does an empty inline keyboard.
pub(crate) fn read(params: &Params) -> Result<Option<InlineKeyboard>, Refusal> {
    read_as(params, false)
}

/// Reads the `reply_markup` of an edit, where only an inline keyboard will do.
pub(crate) fn read_for_edit(params: &Params) -> Result<Option<InlineKeyboard>, Refusal> {
    read_as(params, true)
}

fn read_as(params: &Params, edit: bool) -> Result<Option<InlineKeyboard>, Refusal> {
    let markup = params
        .value("reply_markup")
        .map_err(|_| Refusal::bad("can't parse reply keyboard markup JSON object"))?;
    let object = match markup {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(object)) => object,
        Some(_) => return Err(Refusal::bad("object expected as reply markup")),
    };
    let Some(rows) = object.get("inline_keyboard") else {
        let other = ["keyboard", "remove_keyboard", "force_reply"];
        if edit && other.iter().any(|name| object.contains_key(*name)) {
            return Err(Refusal::bad("inline keyboard expected"));
        }
        return Ok(None);
    };
    let malformed = || Refusal::bad("field \"inline_keyboard\" must be of type Array");
    let mut keyboard = Vec::new();
    let mut count = 0;
    for row in rows.as_array().ok_or_else(malformed)? {
        let row = row
            .as_array()
            .ok_or_else(|| Refusal::bad("can't parse inline keyboard: Array expected"))?
            .iter()
            .map(button)
            .collect::<Result<Vec<_>, _>>()?;
        count += row.len();
        if !row.is_empty() {
            keyboard.push(row);
        }
    }
    if count > BUTTONS_MAX {
        return Err(Refusal::bad("reply markup is too long"));
    }
    Ok((!keyboard.is_empty()).then_some(InlineKeyboard { inline_keyboard: keyboard }))
}

fn button(button: &Value) -> Result<Value, Refusal> {
    let refused =
        |words: &str| Refusal::bad(format!("can't parse inline keyboard button: {words}"));
    let object = button.as_object().ok_or_else(|| refused("Object expected"))?;
    let text = object
        .get("text")
        .ok_or_else(|| refused("Can't find field \"text\""))?
        .as_str()
        .ok_or_else(|| refused("Field \"text\" must be of type String"))?
        .trim();
    if text.is_empty() {
        return Err(Refusal::bad("BUTTON_TEXT_INVALID"));
    }
    let mut shown = Map::new();
    shown.insert("text".to_owned(), Value::from(text));
    if let Some(style) = object.get("style").filter(|style| !style.is_null()) {
        if !style.as_str().is_some_and(|s| ["danger", "success", "primary", ""].contains(&s)) {
            return Err(refused("Invalid button style specified"));
        }
        shown.insert("style".to_owned(), style.clone());
    }
    let (name, value) = action(object, &refused)?;
    shown.insert(name.to_owned(), value);
    Ok(Value::Object(shown))
}

/// The one thing that the button does.
fn action(
    object: &Map<String, Value>,
    refused: &impl Fn(&str) -> Refusal,
) -> Result<(&'static str, Value), Refusal> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    if let Some(url) = text("url") {
        let link = checked_link(url).ok_or_else(|| {
            Refusal::bad(format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"))
        })?;
        return Ok(("url", Value::from(link)));
    }
    if let Some(data) = text("callback_data") {
        if data.is_empty() || data.len() > DATA_MAX {
            return Err(Refusal::bad("BUTTON_DATA_INVALID"));
        }
        return Ok(("callback_data", Value::from(data)));
    }
    if let Some(copy) = object.get("copy_text").filter(|copy| !copy.is_null()) {
        let words = copy
            .get("text")
            .and_then(Value::as_str)
            .ok_or_else(|| refused("Can't find field \"text\""))?;
        if words.is_empty() || utf16_len(words) > COPY_MAX {
            return Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID"));
        }
        return Ok(("copy_text", serde_json::json!({ "text": words })));
    }
    for name in ["switch_inline_query", "switch_inline_query_current_chat", "web_app"] {
        if let Some(value) = object.get(name).filter(|value| !value.is_null()) {
            return Ok((name, value.clone()));
        }
    }
    Err(refused("Text buttons are unallowed in the inline keyboard"))
}

/// True when a button of the keyboard carries this `callback_data`.
pub(crate) fn carries(keyboard: &InlineKeyboard, data: &str) -> bool {
    keyboard
        .inline_keyboard
        .iter()
        .flatten()
        .any(|button| button.get("callback_data").and_then(Value::as_str) == Some(data))
}
