//! Text with formatting: from a parse mode or a list of entities to plain text and entities.

mod found;
mod html;
mod markdown;

use super::{answer::Refusal, params::Params, types::Entity};

/// Plain text and its entities, trimmed and sorted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Formatted {
    pub(crate) text: String,
    pub(crate) entities: Vec<Entity>,
}

/// Reads a text parameter with `parse_mode` or the entities under `entities_name`.
pub(crate) fn read(text: &str, params: &Params, entities_name: &str) -> Result<Formatted, Refusal> {
    let given = params
        .object::<Vec<Entity>>(entities_name)
        .map_err(|_| Refusal::bad("can't parse entities: array of MessageEntity expected"))?;
    format(text, params.text("parse_mode").as_deref(), given)
}

/// Formats `text` as Telegram does. Without entities given, `parse_mode` decides.
pub(crate) fn format(
    text: &str,
    parse_mode: Option<&str>,
    given: Option<Vec<Entity>>,
) -> Result<Formatted, Refusal> {
    let mode = parse_mode.unwrap_or_default().to_ascii_lowercase();
    let parsed = if let Some(entities) = given.filter(|list| !list.is_empty()) {
        Ok((text.to_owned(), entities))
    } else {
        match mode.as_str() {
            "" | "none" => Ok((text.to_owned(), Vec::new())),
            "html" => html::parse(text),
            "markdown" => markdown::parse_legacy(text),
            "markdownv2" => markdown::parse_v2(text),
            _ => return Err(Refusal::bad("unsupported parse_mode")),
        }
    };
    let (text, entities) =
        parsed.map_err(|words| Refusal::bad(format!("can't parse entities: {words}")))?;
    Ok(tidy(&text, entities))
}

/// The length that Telegram counts: UTF-16 units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Trims white space at both ends, drops what is out of range or crosses, adds what is found.
fn tidy(text: &str, entities: Vec<Entity>) -> Formatted {
    let cut = utf16_len(text) - utf16_len(text.trim_start());
    let trimmed = text.trim();
    let length = utf16_len(trimmed);
    let mut kept: Vec<Entity> = entities
        .into_iter()
        .filter_map(|mut entity| {
            let start = entity.offset.saturating_sub(cut).min(length);
            let end = entity.end().saturating_sub(cut).min(length);
            entity.offset = start;
            entity.length = end.checked_sub(start).filter(|length| *length > 0)?;
            Some(entity)
        })
        .collect();
    found::add(trimmed, &mut kept);
    kept.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    let mut open: Vec<usize> = Vec::new();
    kept.retain(|entity| {
        while open.last().is_some_and(|end| *end <= entity.offset) {
            open.pop();
        }
        let nested = open.last().is_none_or(|end| entity.end() <= *end);
        if nested {
            open.push(entity.end());
        }
        nested
    });
    Formatted { text: trimmed.to_owned(), entities: kept }
}

/// Plain text that grows together with its length in UTF-16 units.
#[derive(Debug, Default)]
struct Output {
    text: String,
    utf16: usize,
}

impl Output {
    fn push(&mut self, character: char) {
        self.text.push(character);
        self.utf16 += character.len_utf16();
    }
}

/// The entity of a link: a mention of a user, a text link, or nothing when the link is no link.
fn link(address: &str, offset: usize, length: usize) -> Option<Entity> {
    if let Some(id) = address.strip_prefix("tg://user?id=").and_then(|id| id.parse::<i64>().ok()) {
        let user = serde_json::json!({ "id": id, "is_bot": false, "first_name": "User" });
        let plain = Entity::plain("text_mention", offset, length);
        return Some(Entity { user: Some(user), ..plain });
    }
    let url = checked_link(address)?;
    Some(Entity { url: Some(url), ..Entity::plain("text_link", offset, length) })
}

/// A link that Telegram would open, with `http://` added where it is missing.
pub(crate) fn checked_link(address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.contains(char::is_whitespace) {
        return None;
    }
    let full = if address.contains("://") || address.starts_with("tg:") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let parsed = url::Url::parse(&full).ok()?;
    match parsed.scheme() {
        "tg" | "ton" | "tonsite" => Some(full),
        "http" | "https" => {
            let host = parsed.host_str()?;
            (host == "localhost" || host.contains(['.', ':'])).then(|| parsed.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
