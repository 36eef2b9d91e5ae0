//! `parse_mode` MarkdownV2 and the old Markdown, refused in the words of tdlib. Errors are the words
//! after "can't parse entities: ".

use super::{Output, link};
use crate::sandbox::telegram::types::Entity;

type Parsed = Result<(String, Vec<Entity>), String>;

/// Bytes of the source by index; 0 stands behind the end, as in C.
fn at(text: &str, index: usize) -> u8 {
    text.as_bytes().get(index).copied().unwrap_or(0)
}

/// The character at a byte index.
fn character(text: &str, index: usize) -> Option<char> {
    text.get(index..).and_then(|rest| rest.chars().next())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre,
    TextUrl,
    CustomEmoji,
}

impl Kind {
    /// How tdlib calls it in a refusal.
    fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::TextUrl => "TextUrl",
            Self::CustomEmoji => "CustomEmoji",
        }
    }

    /// True when the marker at `i` closes this entity.
    fn ends(self, text: &str, i: usize) -> bool {
        let (first, second, third) = (at(text, i), at(text, i + 1), at(text, i + 2));
        match self {
            Self::Bold => first == b'*',
            Self::Italic => first == b'_' && second != b'_',
            Self::Underline => first == b'_' && second == b'_',
            Self::Strikethrough => first == b'~',
            Self::Spoiler => first == b'|' && second == b'|',
            Self::Code => first == b'`',
            Self::Pre => first == b'`' && second == b'`' && third == b'`',
            Self::TextUrl | Self::CustomEmoji => first == b']',
        }
    }
}

struct Open {
    kind: Kind,
    language: Option<String>,
    offset: usize,
    byte_offset: usize,
    begin: usize,
}

/// A block quote that runs: where it began and whether it is of the folding kind.
struct Quote {
    offset: usize,
}

/// Plain text and entities of MarkdownV2.
pub(super) fn parse_v2(text: &str) -> Parsed {
    let mut output = Output::default();
    let mut entities: Vec<Entity> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut quote: Option<Quote> = None;
    let mut line_start = true;
    let mut i = 0;
    while i < text.len() {
        let byte = at(text, i);
        let was_line_start = std::mem::replace(&mut line_start, false);
        if byte == b'\\' && (1..=126).contains(&at(text, i + 1)) {
            output.push(char::from(at(text, i + 1)));
            i += 2;
            continue;
        }
        let in_code = open.last().is_some_and(|last| matches!(last.kind, Kind::Code | Kind::Pre));
        if was_line_start && !in_code && open.is_empty() {
            // "**>" opens a folding quote right behind another one.
            let mark =
                if text.get(i..).is_some_and(|rest| rest.starts_with("**>")) { 3 } else { 1 };
            if at(text, i + mark - 1) == b'>' {
                if mark == 3 {
                    end_quote(&mut quote, output.utf16, "blockquote", &mut entities);
                }
                quote.get_or_insert(Quote { offset: output.utf16 });
                i += mark;
                continue;
            }
            end_quote(&mut quote, output.utf16, "blockquote", &mut entities);
        }
        let reserved: &[u8] = if in_code { b"`" } else { b"_*[]()~`>#+-=|{}.!" };
        if !reserved.contains(&byte) {
            let Some(next) = character(text, i) else { break };
            output.push(next);
            line_start = byte == b'\n';
            i += next.len_utf8();
            continue;
        }
        if quote.is_some()
            && open.is_empty()
            && text.get(i..).is_some_and(|rest| rest.starts_with("||"))
            && matches!(at(text, i + 2), 0 | b'\n')
        {
            end_quote(&mut quote, output.utf16, "expandable_blockquote", &mut entities);
            i += 2;
            continue;
        }
        if open.last().is_some_and(|last| last.kind.ends(text, i)) {
            if let Some(last) = open.pop() {
                i = close(text, i, last, &output, &mut entities)?;
            }
        } else {
            i = begin(text, i, &output, &mut open)?;
        }
    }
    if let Some(last) = open.last() {
        return Err(format!(
            "Can't find end of {} entity at byte offset {}",
            last.kind.name(),
            last.byte_offset
        ));
    }
    end_quote(&mut quote, output.utf16, "blockquote", &mut entities);
    Ok((output.text, entities))
}

fn end_quote(quote: &mut Option<Quote>, end: usize, kind: &str, entities: &mut Vec<Entity>) {
    if let Some(quote) = quote.take()
        && end > quote.offset
    {
        entities.push(Entity::plain(kind, quote.offset, end - quote.offset));
    }
}

/// Opens the entity whose marker is at `i`; gives the place behind the marker.
fn begin(text: &str, i: usize, output: &Output, open: &mut Vec<Open>) -> Result<usize, String> {
    let byte = at(text, i);
    let twice = at(text, i + 1) == byte;
    let mut language = None;
    let (kind, next) = match byte {
        b'_' if twice => (Kind::Underline, i + 2),
        b'_' => (Kind::Italic, i + 1),
        b'*' => (Kind::Bold, i + 1),
        b'~' => (Kind::Strikethrough, i + 1),
        b'|' if twice => (Kind::Spoiler, i + 2),
        b'[' => (Kind::TextUrl, i + 1),
        b'!' if at(text, i + 1) == b'[' => (Kind::CustomEmoji, i + 2),
        b'`' if twice && at(text, i + 2) == b'`' => {
            let (name, next) = pre_start(text, i + 3);
            language = name;
            (Kind::Pre, next)
        }
        b'`' => (Kind::Code, i + 1),
        _ => {
            return Err(format!(
                "Character '{}' is reserved and must be escaped with the preceding '\\'",
                char::from(byte)
            ));
        }
    };
    open.push(Open {
        kind,
        language,
        offset: output.utf16,
        byte_offset: i,
        begin: output.text.len(),
    });
    Ok(next)
}

/// Reads the language behind three backticks and skips the line's end.
fn pre_start(text: &str, start: usize) -> (Option<String>, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find(|character: char| character.is_ascii_whitespace() || character == '`');
    let language = length
        .filter(|length| *length > 0 && at(rest, *length) != b'`')
        .and_then(|length| rest.get(..length));
    let mut next = start + language.map_or(0, str::len);
    match (at(text, next), at(text, next + 1)) {
        (b'\n', b'\r') | (b'\r', b'\n') => next += 2,
        (b'\n' | b'\r', _) => next += 1,
        _ => {}
    }
    (language.map(str::to_owned), next)
}

/// Closes `last` at the marker at `i`; gives the place behind it.
fn close(
    text: &str,
    i: usize,
    last: Open,
    output: &Output,
    entities: &mut Vec<Entity>,
) -> Result<usize, String> {
    let length = output.utf16 - last.offset;
    let plain = |kind| Entity::plain(kind, last.offset, length);
    let mut next = i + 1;
    let entity = match last.kind {
        Kind::Bold => Some(plain("bold")),
        Kind::Italic => Some(plain("italic")),
        Kind::Strikethrough => Some(plain("strikethrough")),
        Kind::Code => Some(plain("code")),
        Kind::Underline | Kind::Spoiler => {
            next = i + 2;
            Some(plain(if last.kind == Kind::Spoiler { "spoiler" } else { "underline" }))
        }
        Kind::Pre => {
            next = i + 3;
            Some(Entity { language: last.language, ..plain("pre") })
        }
        Kind::TextUrl | Kind::CustomEmoji => {
            let mut address = None;
            if at(text, next) == b'(' {
                let (url, end) = target(text, next + 1)?;
                address = Some(url);
                next = end;
            }
            if last.kind == Kind::CustomEmoji {
                let id = address
                    .as_deref()
                    .and_then(|url| url.strip_prefix("tg://emoji?id="))
                    .ok_or("Custom emoji entity must contain a tg://emoji URL")?;
                Some(Entity { custom_emoji_id: Some(id.to_owned()), ..plain("custom_emoji") })
            } else {
                let words = output.text.get(last.begin..).unwrap_or_default();
                link(address.as_deref().unwrap_or(words), last.offset, length)
            }
        }
    };
    if length > 0 {
        entities.extend(entity);
    }
    Ok(next)
}

/// Reads a link's target up to `)`, with escapes.
fn target(text: &str, start: usize) -> Result<(String, usize), String> {
    let mut url = String::new();
    let mut i = start;
    loop {
        match character(text, i) {
            None => return Err(format!("Can't find end of a URL at byte offset {start}")),
            Some(')') => return Ok((url, i + 1)),
            Some('\\') if (1..=126).contains(&at(text, i + 1)) => {
                url.push(char::from(at(text, i + 1)));
                i += 2;
            }
            Some(next) => {
                url.push(next);
                i += next.len_utf8();
            }
        }
    }
}

/// Plain text and entities of the old Markdown.
pub(super) fn parse_legacy(text: &str) -> Parsed {
    let mut output = Output::default();
    let mut entities = Vec::new();
    let mut i = 0;
    while i < text.len() {
        let byte = at(text, i);
        if byte == b'\\' && b"_*`[".contains(&at(text, i + 1)) {
            output.push(char::from(at(text, i + 1)));
            i += 2;
            continue;
        }
        if !b"_*`[".contains(&byte) {
            let Some(next) = character(text, i) else { break };
            output.push(next);
            i += next.len_utf8();
            continue;
        }
        i = legacy_entity(text, i, &mut output, &mut entities)?;
    }
    Ok((output.text, entities))
}

/// Reads the entity that begins at `begin`; gives the place behind it.
fn legacy_entity(
    text: &str,
    begin: usize,
    output: &mut Output,
    entities: &mut Vec<Entity>,
) -> Result<usize, String> {
    let mark = at(text, begin);
    let is_pre = mark == b'`' && at(text, begin + 1) == b'`' && at(text, begin + 2) == b'`';
    let (language, mut i) = if is_pre { pre_start(text, begin + 3) } else { (None, begin + 1) };
    let end_mark = if mark == b'[' { b']' } else { mark };
    let (offset, words_begin) = (output.utf16, output.text.len());
    let ends = |i: usize| {
        at(text, i) == end_mark && (!is_pre || (at(text, i + 1) == b'`' && at(text, i + 2) == b'`'))
    };
    while !ends(i) {
        let Some(next) = character(text, i) else {
            return Err(format!("Can't find end of the entity starting at byte offset {begin}"));
        };
        output.push(next);
        i += next.len_utf8();
    }
    let length = output.utf16 - offset;
    let plain = |kind| Entity::plain(kind, offset, length);
    let mut next = i + 1;
    let entity = match mark {
        b'_' => Some(plain("italic")),
        b'*' => Some(plain("bold")),
        b'[' => {
            let words = output.text.get(words_begin..).unwrap_or_default();
            let rest = text.get(next..).unwrap_or_default();
            if let Some(rest) = rest.strip_prefix('(') {
                let url = rest.split(')').next().unwrap_or_default();
                next = (next + 1 + url.len() + 1).min(text.len());
                link(url, offset, length)
            } else {
                link(words, offset, length)
            }
        }
        _ if is_pre => {
            next = i + 3;
            Some(Entity { language, ..plain("pre") })
        }
        _ => Some(plain("code")),
    };
    if length > 0 {
        entities.extend(entity);
    }
    Ok(next)
}
