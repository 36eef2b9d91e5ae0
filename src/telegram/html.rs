//! Text in Telegram's HTML: cleaning, cutting, escaping, measuring, and the way back to plain text.

use unicode_segmentation::UnicodeSegmentation;

/// Stands for what was cut away.
const ELLIPSIS: char = '…';

/// Without what can hide or turn around other words: controls (line breaks and tabs stay) and
/// characters that override or embed a writing direction.
pub(crate) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let kept = |c: &char| match c {
        '\n' | '\t' => true,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    };
    text.chars().filter(kept).collect()
}

/// UTF-16 units, in which Telegram counts.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// At most `units_max` units of the text, cut between graphemes where that is possible and marked with
/// an ellipsis. Cut before escaping, never after.
pub(crate) fn cut(text: &str, units_max: usize) -> String {
    if units(text) <= units_max {
        return text.to_owned();
    }
    let Some(room) = units_max.checked_sub(ELLIPSIS.len_utf16()) else { return String::new() };
    let mut kept = take(text.graphemes(true), room);
    if kept.is_empty() {
        // A single grapheme can be longer than any message.
        kept = take(text.split_inclusive(|_| true), room);
    }
    let mut kept = kept.trim_end().to_owned();
    kept.push(ELLIPSIS);
    kept
}

fn take<'a>(parts: impl Iterator<Item = &'a str>, units_max: usize) -> String {
    let mut kept = String::new();
    let mut used = 0;
    for part in parts {
        used += units(part);
        if used > units_max {
            break;
        }
        kept.push_str(part);
    }
    kept
}

/// The one escaping layer.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// What people see of our HTML. Only for what [`escape`] and `locales/*.ftl` make.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// A strict reader of Telegram's HTML, for tests: the visible text, or what Telegram would refuse.
#[cfg(test)]
pub(crate) mod strict {
    const TAGS: [&str; 6] = ["b", "i", "code", "pre", "blockquote", "u"];

    pub(crate) fn read(html: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut open: Vec<String> = Vec::new();
        let mut rest = html;
        while let Some(c) = rest.chars().next() {
            match c {
                '<' => {
                    let end = rest.find('>').ok_or("an open tag")?;
                    tag(&rest[1..end], &mut open)?;
                    rest = &rest[end + 1..];
                }
                '>' => return Err(format!("a bare '>' in {html:?}")),
                '&' => {
                    let end = rest.find(';').ok_or("a bare '&'")?;
                    text.push(match &rest[..=end] {
                        "&lt;" => '<',
                        "&gt;" => '>',
                        "&amp;" => '&',
                        "&quot;" => '"',
                        other => return Err(format!("the entity {other:?}")),
                    });
                    rest = &rest[end + 1..];
                }
                c => {
                    text.push(c);
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
        if open.is_empty() { Ok(text) } else { Err(format!("{open:?} never close")) }
    }

    fn tag(inside: &str, open: &mut Vec<String>) -> Result<(), String> {
        if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop().ok_or("a closing tag too many")?;
            return if last == name { Ok(()) } else { Err(format!("{last} closed by {name}")) };
        }
        let name = if inside == "blockquote expandable" { "blockquote" } else { inside };
        if !TAGS.contains(&name) {
            return Err(format!("the tag <{inside}>"));
        }
        open.push(name.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_between_graphemes_and_marks_the_cut() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 5), "abcd…");
        // A family of four is eleven units: all of it or nothing.
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(cut(&format!("ab{family}cd"), 10), "ab…");
        assert_eq!(cut("🦀🦀🦀", 4), "🦀…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("abc", 1), "…");
    }

    #[test]
    fn a_grapheme_without_end_is_cut_inside() {
        let zalgo = format!("a{}", "\u{301}".repeat(5000));
        assert_eq!(units(&cut(&zalgo, 100)), 100);
    }

    #[test]
    fn direction_overrides_and_controls_vanish() {
        assert_eq!(clean("a\u{202E}b\u{2067}c\0d\r\ne\tf\u{7}"), "abcd\ne\tf");
        // Emoji are joined by a character that must stay.
        assert_eq!(clean("👩‍👧"), "👩‍👧");
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_back(text in ".*", units_max in 0usize..200) {
            let shown = cut(&clean(&text), units_max);
            prop_assert!(units(&shown) <= units_max);
            let escaped = escape(&shown);
            prop_assert_eq!(strict::read(&escaped), Ok(shown.clone()));
            prop_assert_eq!(plain(&escaped), shown);
        }
    }
}
