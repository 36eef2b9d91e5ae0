//! What Telegram finds in a text by itself: commands, mentions, hashtags and addresses.

use super::utf16_len;
use crate::sandbox::telegram::types::Entity;

/// Inside these nothing is looked for.
const CLOSED: [&str; 5] = ["code", "pre", "text_link", "text_mention", "custom_emoji"];

/// Adds the found entities that do not overlap a link or code.
pub(super) fn add(text: &str, entities: &mut Vec<Entity>) {
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let token = word.trim_end();
        let lead: usize = token
            .chars()
            .take_while(|character| "([{\"'«".contains(*character))
            .map(char::len_utf8)
            .sum();
        let start = offset + utf16_len(token.get(..lead).unwrap_or_default());
        if let Some((kind, length)) = token.get(lead..).and_then(recognise) {
            let end = start + length;
            let closed = entities.iter().any(|entity| {
                CLOSED.contains(&entity.kind.as_str())
                    && entity.offset < end
                    && start < entity.end()
            });
            let repeated =
                entities.iter().any(|entity| entity.kind == kind && entity.offset == start);
            if !closed && !repeated {
                entities.push(Entity::plain(kind, start, length));
            }
        }
        offset += utf16_len(word);
    }
}

/// The kind of a token and how much of it counts, in UTF-16 units.
fn recognise(token: &str) -> Option<(&'static str, usize)> {
    let mut characters = token.chars();
    match characters.next()? {
        '/' => {
            let name = word_length(characters.as_str());
            if !(1..=64).contains(&name) {
                return None;
            }
            let rest = characters.as_str().get(name..).unwrap_or_default();
            let bot = rest.strip_prefix('@').map_or(0, |bot| match word_length(bot) {
                0 => 0,
                length => length + 1,
            });
            // "/a/b" is a path, not a command.
            let next = rest.get(bot..).and_then(|rest| rest.chars().next());
            (next != Some('/')).then_some(("bot_command", 1 + name + bot))
        }
        '@' => {
            let name = word_length(characters.as_str());
            (3..=32).contains(&name).then_some(("mention", 1 + name))
        }
        '#' => {
            let tag: String = characters
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            let worded = tag.chars().any(|letter| !letter.is_numeric());
            worded.then(|| ("hashtag", 1 + utf16_len(&tag)))
        }
        _ => {
            let bare = token.trim_end_matches(['.', ',', '!', '?', ';', ':', ')', ']', '"', '»']);
            let rest = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"))?;
            (!rest.is_empty()).then(|| ("url", utf16_len(bare)))
        }
    }
}

/// How many leading ASCII word characters there are.
fn word_length(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}
