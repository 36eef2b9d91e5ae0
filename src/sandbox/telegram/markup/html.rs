//! `parse_mode` HTML, refused in the words of tdlib. Errors are the words after "can't parse entities: ".

use super::{Output, link};
use crate::sandbox::telegram::types::Entity;

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// A tag that was opened and not closed yet.
struct Open {
    tag: String,
    argument: String,
    offset: usize,
    begin: usize,
}

/// Reads bytes of the source by index; 0 stands behind the end, as in C.
struct Source<'a> {
    text: &'a str,
    at: usize,
}

impl Source<'_> {
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn skip(&mut self, test: impl Fn(u8) -> bool) {
        while self.byte() != 0 && test(self.byte()) {
            self.at += 1;
        }
    }

    fn since(&self, begin: usize) -> &str {
        self.text.get(begin..self.at).unwrap_or_default()
    }

    /// The character at the place, an HTML entity decoded; moves behind it.
    fn character(&mut self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        if let Some((character, length)) = decode(rest) {
            self.at += length;
            return Some(character);
        }
        let character = rest.chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }
}

/// Plain text and entities, or why the markup is broken.
pub(super) fn parse(text: &str) -> Result<(String, Vec<Entity>), String> {
    let mut source = Source { text, at: 0 };
    let mut output = Output::default();
    let mut entities = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    while source.at < text.len() {
        if source.byte() != b'<' {
            if let Some(character) = source.character() {
                output.push(character);
            }
            continue;
        }
        let begin = source.at;
        source.at += 1;
        if source.byte() == b'/' {
            let tag = end_tag(&mut source, begin, &mut open)?;
            close(tag, &output, &mut entities);
        } else {
            let (tag, argument) = start_tag(&mut source, begin)?;
            open.push(Open { tag, argument, offset: output.utf16, begin: output.text.len() });
        }
    }
    if let Some(last) = open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", last.tag));
    }
    for entity in &mut entities {
        if entity.kind == "code" {
            entity.language = None;
        }
    }
    Ok((output.text, entities))
}

/// Reads `name attributes>`; the place is behind `<`. Gives the tag and what it carries.
fn start_tag(source: &mut Source<'_>, begin: usize) -> Result<(String, String), String> {
    let unclosed = || format!("Unclosed start tag at byte offset {begin}");
    source.skip(|byte| !byte.is_ascii_whitespace() && byte != b'>');
    if source.byte() == 0 {
        return Err(unclosed());
    }
    let tag = source.since(begin + 1).to_ascii_lowercase();
    if !TAGS.contains(&tag.as_str()) {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
    }
    let mut argument = String::new();
    loop {
        source.skip(|byte| byte.is_ascii_whitespace());
        match source.byte() {
            b'>' => break,
            0 => return Err(unclosed()),
            _ => {}
        }
        let name_begin = source.at;
        source.skip(|byte| !byte.is_ascii_whitespace() && !b"=>/\"'".contains(&byte));
        let name = source.since(name_begin).to_ascii_lowercase();
        if name.is_empty() {
            return Err(format!(
                "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        source.skip(|byte| byte.is_ascii_whitespace());
        let value = match source.byte() {
            0 => return Err(unclosed()),
            b'=' => {
                source.at += 1;
                attribute_value(source, &unclosed)?
            }
            _ => String::new(),
        };
        take_argument(&tag, &name, value, &mut argument);
    }
    source.at += 1;
    if tag == "span" && argument != "spoiler" {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
    }
    Ok((tag, argument))
}

/// Reads the value behind `=`: a name token or a quoted string.
fn attribute_value(
    source: &mut Source<'_>,
    unclosed: &impl Fn() -> String,
) -> Result<String, String> {
    source.skip(|byte| byte.is_ascii_whitespace());
    let quote = source.byte();
    if quote == 0 {
        return Err(unclosed());
    }
    if quote != b'"' && quote != b'\'' {
        let begin = source.at;
        source.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        if !source.byte().is_ascii_whitespace() && source.byte() != b'>' {
            return Err(format!("Unexpected end of name token at byte offset {begin}"));
        }
        return Ok(source.since(begin).to_ascii_lowercase());
    }
    source.at += 1;
    let mut value = String::new();
    while source.byte() != quote {
        value.push(source.character().ok_or_else(unclosed)?);
    }
    source.at += 1;
    Ok(value)
}

/// Keeps the one attribute that a tag cares about.
fn take_argument(tag: &str, name: &str, value: String, argument: &mut String) {
    match (tag, name) {
        ("a", "href") | ("tg-emoji", "emoji-id") => *argument = value,
        ("code", "class") => {
            if let Some(language) = value.strip_prefix("language-") {
                language.clone_into(argument);
            }
        }
        ("span", "class") => {
            if let Some(class) = value.strip_prefix("tg-") {
                class.clone_into(argument);
            }
        }
        ("blockquote", "expandable") => "1".clone_into(argument),
        _ => {}
    }
}

/// Reads `/name>`; the place is on the slash. Gives the tag that it closes.
fn end_tag(source: &mut Source<'_>, begin: usize, open: &mut Vec<Open>) -> Result<Open, String> {
    let Some(last) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {begin}"));
    };
    source.skip(|byte| !byte.is_ascii_whitespace() && byte != b'>');
    let name = source.since(begin + 2).to_ascii_lowercase();
    source.skip(|byte| byte.is_ascii_whitespace());
    if source.byte() != b'>' {
        return Err(format!("Unclosed end tag at byte offset {begin}"));
    }
    source.at += 1;
    if !name.is_empty() && name != last.tag {
        return Err(format!(
            "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
            last.tag
        ));
    }
    Ok(last)
}

/// Adds the entity of a closed tag; empty ones vanish.
fn close(tag: Open, output: &Output, entities: &mut Vec<Entity>) {
    let length = output.utf16 - tag.offset;
    if length == 0 {
        return;
    }
    let plain = |kind| Entity::plain(kind, tag.offset, length);
    let same = |last: &&mut Entity, kind: &str| {
        last.kind == kind && last.offset == tag.offset && last.length == length
    };
    let entity = match tag.tag.as_str() {
        "b" | "strong" => plain("bold"),
        "i" | "em" => plain("italic"),
        "s" | "strike" | "del" => plain("strikethrough"),
        "u" | "ins" => plain("underline"),
        "tg-spoiler" | "span" => plain("spoiler"),
        "blockquote" if tag.argument.is_empty() => plain("blockquote"),
        "blockquote" => plain("expandable_blockquote"),
        "tg-emoji" => Entity { custom_emoji_id: Some(tag.argument), ..plain("custom_emoji") },
        "a" => {
            let text = output.text.get(tag.begin..).unwrap_or_default();
            let address = if tag.argument.is_empty() { text } else { &tag.argument };
            let Some(entity) = link(address, tag.offset, length) else { return };
            entity
        }
        "pre" => {
            if let Some(code) =
                entities.last_mut().filter(|last| same(last, "code") && last.language.is_some())
            {
                "pre".clone_into(&mut code.kind);
                return;
            }
            plain("pre")
        }
        _ => {
            let language = Some(tag.argument).filter(|language| !language.is_empty());
            if let Some(pre) =
                entities.last_mut().filter(|last| same(last, "pre") && language.is_some())
            {
                pre.language = language;
                return;
            }
            Entity { language, ..plain("code") }
        }
    };
    entities.push(entity);
}

/// An HTML entity at the start of `text`: the character and how long it is. Unknown ones are text.
fn decode(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    let (character, mut length) = if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, lead) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let count = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let code = u32::from_str_radix(digits.get(..count)?, radix).ok()?;
        (char::from_u32(code).filter(|character| *character != '\0')?, lead + count)
    } else {
        let count = body.bytes().take_while(u8::is_ascii_alphabetic).count();
        let character = match body.get(..count)? {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => return None,
        };
        (character, 1 + count)
    };
    if text.as_bytes().get(length) == Some(&b';') {
        length += 1;
    }
    Some((character, length))
}
