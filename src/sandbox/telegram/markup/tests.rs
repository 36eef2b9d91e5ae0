use super::*;

/// Source, text, and `(type, offset, length)` of each entity.
type Row = (&'static str, &'static str, &'static [(&'static str, usize, usize)]);

/// `(type, offset, length)` of each entity.
fn shape(formatted: &Formatted) -> Vec<(&str, usize, usize)> {
    formatted.entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect()
}

fn words(mode: &str, text: &str) -> String {
    format(text, Some(mode), None).unwrap_err().description
}

#[test]
fn html_becomes_text_and_entities() {
    let table: &[Row] = &[
        ("plain", "plain", &[]),
        ("<b>bold</b> x", "bold x", &[("bold", 0, 4)]),
        ("<B>bold</b>", "bold", &[("bold", 0, 4)]),
        ("a &lt;b&gt; &amp; &quot;c&quot;", "a <b> & \"c\"", &[]),
        ("&nbsp; &#128512;&#x41;", "&nbsp; 😀A", &[]),
        ("😀<i>é😀</i>", "😀é😀", &[("italic", 2, 3)]),
        ("<b>a<i>b</i></b>", "ab", &[("bold", 0, 2), ("italic", 1, 1)]),
        ("  <b> x </b>  ", "x", &[("bold", 0, 1)]),
        ("<b></b>x", "x", &[]),
        ("<code>a</code><pre>b</pre>", "ab", &[("code", 0, 1), ("pre", 1, 1)]),
        ("<span class=\"tg-spoiler\">s</span>", "s", &[("spoiler", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", &[("expandable_blockquote", 0, 1)]),
        ("<a href=\"javascript:x\">l</a>", "l", &[]),
        ("<a href='https://e.org/?a=1&amp;b=2'>l</a>", "l", &[("text_link", 0, 1)]),
        ("<u>u</u><s>s</s>", "us", &[("underline", 0, 1), ("strikethrough", 1, 1)]),
        ("/start@bot_x go", "/start@bot_x go", &[("bot_command", 0, 12)]),
        ("<code>/start</code>", "/start", &[("code", 0, 6)]),
    ];
    for (source, text, entities) in table {
        let formatted = format(source, Some("HTML"), None).unwrap();
        assert_eq!(formatted.text, *text, "{source}");
        assert_eq!(shape(&formatted), *entities, "{source}");
    }
}

#[test]
fn html_keeps_links_and_languages() {
    let link = format("<a href=\"https://e.org/?a=1&amp;b=2\">l</a>", Some("HTML"), None).unwrap();
    assert_eq!(link.entities[0].url.as_deref(), Some("https://e.org/?a=1&b=2"));
    let user = format("<a href=\"tg://user?id=7\">l</a>", Some("HTML"), None).unwrap();
    assert_eq!(user.entities[0].user.as_ref().unwrap()["id"], 7);
    let source = "<pre><code class=\"language-rust\">fn</code></pre>";
    let code = format(source, Some("html"), None).unwrap();
    assert_eq!(shape(&code), [("pre", 0, 2)]);
    assert_eq!(code.entities[0].language.as_deref(), Some("rust"));
}

#[test]
fn broken_html_is_refused_in_telegrams_words() {
    let table = [
        ("a <x>b</x>", "Unsupported start tag \"x\" at byte offset 2"),
        ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
        ("1 <b", "Unclosed start tag at byte offset 2"),
        ("< >", "Unsupported start tag \"\" at byte offset 0"),
        ("é</b>", "Unexpected end tag at byte offset 2"),
        ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
        ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href=\"x", "Unclosed start tag at byte offset 0"),
        ("<a =x>", "Empty attribute name in the tag \"a\" at byte offset 0"),
        ("<a href=x_y>", "Unexpected end of name token at byte offset 8"),
        (
            "<span class=\"x\">s</span>",
            "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
        ),
    ];
    for (source, description) in table {
        let expected = format!("Bad Request: can't parse entities: {description}");
        assert_eq!(words("HTML", source), expected, "{source}");
    }
}

#[test]
fn markdown_v2_becomes_text_and_entities() {
    let table: &[Row] = &[
        (
            "*b* _i_ __u__ ~s~",
            "b i u s",
            &[("bold", 0, 1), ("italic", 2, 1), ("underline", 4, 1), ("strikethrough", 6, 1)],
        ),
        ("||s|| `c` 1\\.5", "s c 1.5", &[("spoiler", 0, 1), ("code", 2, 1)]),
        ("*a_b_*", "ab", &[("bold", 0, 2), ("italic", 1, 1)]),
        ("[t](https://e\\.org)", "t", &[("text_link", 0, 1)]),
        ("```rust\nfn\n```", "fn", &[("pre", 0, 2)]),
        (">a\n>b\nc", "a\nb\nc", &[("blockquote", 0, 4)]),
        (">a||", "a", &[("expandable_blockquote", 0, 1)]),
        ("😀*é*", "😀é", &[("bold", 2, 1)]),
        ("`a\\`b.!`", "a`b.!", &[("code", 0, 5)]),
    ];
    for (source, text, entities) in table {
        let formatted = format(source, Some("MarkdownV2"), None).unwrap();
        assert_eq!(formatted.text, *text, "{source}");
        assert_eq!(shape(&formatted), *entities, "{source}");
    }
}

#[test]
fn broken_markdown_is_refused_in_telegrams_words() {
    let reserved =
        |c| format!("Character '{c}' is reserved and must be escaped with the preceding '\\'");
    let table = [
        ("MarkdownV2", "a.b", reserved('.')),
        ("MarkdownV2", "a|b", reserved('|')),
        ("MarkdownV2", "x *b", "Can't find end of Bold entity at byte offset 2".to_owned()),
        ("MarkdownV2", "[a](b", "Can't find end of a URL at byte offset 4".to_owned()),
        ("Markdown", "é *b", "Can't find end of the entity starting at byte offset 3".to_owned()),
    ];
    for (mode, source, description) in table {
        let expected = format!("Bad Request: can't parse entities: {description}");
        assert_eq!(words(mode, source), expected, "{source}");
    }
    assert_eq!(words("BBCode", "x"), "Bad Request: unsupported parse_mode");
}

#[test]
fn old_markdown_becomes_text_and_entities() {
    let formatted =
        format("*b* _i_ `c` [t](http://e.org) 1.5 \\_", Some("Markdown"), None).unwrap();
    assert_eq!(formatted.text, "b i c t 1.5 _");
    assert_eq!(
        shape(&formatted),
        [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1), ("text_link", 6, 1)]
    );
}

#[test]
fn given_entities_are_kept_in_range_and_shifted_by_the_trim() {
    let given = vec![
        Entity::plain("bold", 2, 3),
        Entity::plain("italic", 4, 90),
        Entity::plain("code", 50, 2),
    ];
    let formatted = format("  abcdef", None, Some(given)).unwrap();
    assert_eq!(formatted.text, "abcdef");
    // The second crosses the first, the third lies outside.
    assert_eq!(shape(&formatted), [("bold", 0, 3)]);
}

#[test]
fn telegram_counts_utf16_units() {
    assert_eq!(utf16_len("aé😀"), 4);
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_parsers(text in "[<>/a-c&;#*_`\\[\\]()|!.\\\\é😀 \n=\"'-]{0,40}") {
        for mode in ["HTML", "Markdown", "MarkdownV2"] {
            if let Ok(formatted) = format(&text, Some(mode), None) {
                let length = utf16_len(&formatted.text);
                for entity in &formatted.entities {
                    proptest::prop_assert!(entity.length > 0 && entity.end() <= length);
                }
            }
        }
    }
}
