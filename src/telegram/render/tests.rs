use aisha_actors::domain::{
    action::{Action, Press},
    text::Value,
};
use proptest::prelude::*;

use super::*;
use crate::telegram::html::strict;

const FTL: &str = "
quote = Prompt: <blockquote expandable>{ $prompt }</blockquote>
both = <b>{ $a }</b> and <i>{ $b }</i>
plain = { $words }
lines = History:
    { $lines }
line = { $n }. { $words }
empty = { \"\" }
";

fn words() -> Words {
    Words::from_source(FTL)
}

fn shown(text: &[Text], units_max: usize) -> String {
    let html = message(&words(), text, Language::En, units_max);
    strict::read(&html).unwrap_or_else(|why| panic!("{why}: {html}"))
}

#[test]
fn paragraphs_are_apart_and_empty_ones_are_left_out() {
    let text = [
        Text::new("plain").with("words", "a"),
        Text::new("empty"),
        Text::new("quote").quoting("prompt", "<b>", 9),
    ];
    assert_eq!(shown(&text, 99), "a\n\nPrompt: <b>");
    assert_eq!(shown(&[Text::new("empty")], 99), NOTHING);
    assert_eq!(shown(&[], 99), NOTHING);
}

#[test]
fn quotes_give_way_so_that_the_message_fits() {
    let long = "🦀".repeat(3000);
    let text = [
        Text::new("quote").quoting("prompt", &long, 4000),
        Text::new("quote").quoting("prompt", "short", 4000),
    ];
    let shown = shown(&text, CAPTION_UNITS_MAX);
    let units = html::units(&shown);
    assert!((CAPTION_UNITS_MAX - 3..=CAPTION_UNITS_MAX).contains(&units), "{units}");
    assert!(shown.ends_with("…\n\nPrompt: short"), "{shown}");
}

#[test]
fn what_cannot_give_way_is_cut_at_the_end() {
    let lines =
        (0..200i64).map(|n| Text::new("line").with("n", n).with("words", "w")).collect::<Vec<_>>();
    let text = [Text::new("lines").with("lines", lines)];
    let shown = shown(&text, 300);
    assert!(shown.starts_with("History:\n0. w\n1. w") && shown.ends_with('…'), "{shown}");
    assert!(html::units(&shown) <= 300);
}

#[test]
fn labels_and_answers_are_plain_and_short() {
    let text = Text::new("both").quoting("a", "<&>", 9).quoting("b", &"x".repeat(400), 400);
    let press = Answer { query: "q".into(), text: Some(text.clone()), alert: false };
    let note = answer(&words(), &press, Language::En).unwrap();
    assert!(note.starts_with("<&> and xxx") && html::units(&note) == 200, "{note}");
    let row =
        vec![Button { label: text, does: Does::Press(Action::Home.into()), style: Style::Danger }];
    let keyboard = keyboard(&words(), &[row], Language::En).unwrap();
    let button = &keyboard.inline_keyboard[0][0];
    assert!(html::units(&button.text) == LABEL_UNITS_MAX);
    assert_eq!(button.callback_data.as_deref(), Some("1hm"));
    assert_eq!(button.style, Some(ButtonStyle::Danger));
}

#[test]
fn a_button_that_would_be_refused_is_left_out() {
    let button = |does| Button { label: Text::new("empty"), does, style: Style::Plain };
    let press = Press { action: Action::Help, fresh: true };
    let rows = [
        vec![button(Does::Open("no address".into())), button(Does::Open("https://t.me/me".into()))],
        vec![button(Does::Copy(String::new()))],
        vec![button(Does::Copy("🦀".repeat(200))), button(Does::Press(press))],
    ];
    let rows = keyboard(&words(), &rows, Language::En).unwrap().inline_keyboard;
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rows[0][0].url.as_deref(), Some("https://t.me/me"));
    let copied = rows[1][0].copy_text.as_ref().unwrap();
    assert!(html::units(&copied.text) <= 256);
    assert!(keyboard(&words(), &[], Language::En).is_none());
}

proptest! {
    #[test]
    fn any_words_are_accepted_and_shown_as_they_are(a in "\\PC*|.*", b in ".*") {
        let text = Text::new("both").quoting("a", &a, 5000).quoting("b", &b, 5000);
        let html = message(&words(), &[text], Language::En, TEXT_UNITS_MAX);
        let (a, b) = (html::clean(&a), html::clean(&b));
        prop_assert_eq!(strict::read(&html), Ok(format!("{a} and {b}")));
    }

    #[test]
    fn any_words_are_cut_to_what_fits(a in ".{0,300}", b in ".{0,300}", most in 30usize..400) {
        let text = [
            Text::new("both").quoting("a", &a, 200).quoting("b", &b, 250),
            Text::new("plain").with("words", Value::Plain(String::from("&"))),
        ];
        let html = message(&words(), &text, Language::En, most);
        let shown = strict::read(&html).map_err(TestCaseError::fail)?;
        prop_assert!(html::units(&shown) <= most);
        prop_assert_eq!(&html::plain(&html), &shown);
        let (first, _) = shown.split_once(" and ").unwrap_or((&shown, ""));
        let first = first.strip_suffix('…').unwrap_or(first);
        prop_assert!(html::clean(&a).starts_with(first));
    }
}
