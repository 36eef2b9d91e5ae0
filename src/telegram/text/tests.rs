use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use aisha_actors::domain::text::Language;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;
use crate::telegram::html::strict;

#[path = "scan.rs"]
mod scan;

/// A sentence of a file: the placeholders and the sentences that it refers to.
#[derive(Debug, Default, Clone)]
struct Sentence {
    placeholders: BTreeSet<String>,
    references: BTreeSet<String>,
}

fn sentences(language: Language) -> BTreeMap<String, Sentence> {
    let resource = fluent_syntax::parser::parse(source(language)).unwrap_or_else(|(_, errors)| {
        panic!("{language:?}: {errors:?}");
    });
    let mut sentences = BTreeMap::new();
    for entry in resource.body {
        let message = match entry {
            Entry::Message(message) => message,
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            other => panic!("{language:?}: {other:?} is not used here"),
        };
        let mut sentence = Sentence::default();
        read(&message.value.unwrap(), &mut sentence);
        let earlier = sentences.insert(message.id.name.to_owned(), sentence);
        assert!(earlier.is_none(), "{language:?}: {} stands twice", message.id.name);
    }
    sentences
}

fn read(pattern: &Pattern<&str>, sentence: &mut Sentence) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                read_inline(inline, sentence);
            }
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                read_inline(selector, sentence);
                variants.iter().for_each(|variant| read(&variant.value, sentence));
            }
        }
    }
}

fn read_inline(inline: &InlineExpression<&str>, sentence: &mut Sentence) {
    match inline {
        InlineExpression::VariableReference { id } => {
            sentence.placeholders.insert(id.name.to_owned());
        }
        InlineExpression::MessageReference { id, attribute: None } => {
            sentence.references.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("{other:?} is not used here"),
    }
}

/// The placeholders of a sentence and of those that it refers to.
fn placeholders(key: &str, all: &BTreeMap<String, Sentence>) -> BTreeSet<String> {
    let sentence = all.get(key).unwrap_or_else(|| panic!("no sentence {key}"));
    let mut names = sentence.placeholders.clone();
    for reference in &sentence.references {
        names.extend(placeholders(reference, all));
    }
    names
}

fn uses() -> Vec<scan::Use> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said = ["actors/src", "src/telegram/commands.rs", "src/app/alerts/words.rs"];
    let said = said.map(|path| root.join(path));
    scan::uses(&said.each_ref().map(|path| path.as_path()))
}

#[test]
fn every_sentence_that_is_used_exists_with_exactly_its_placeholders() {
    let uses = uses();
    assert!(uses.len() > 100, "the scan finds only {}", uses.len());
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let all = sentences(language);
        for scan::Use { key, args } in &uses {
            if !all.contains_key(key) {
                wrong.push(format!("{}: {key} is missing, with {args:?}", language.code()));
            } else if placeholders(key, &all) != *args {
                let has = placeholders(key, &all);
                wrong.push(format!("{}: {key} has {has:?}, given {args:?}", language.code()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_sentence_is_used_and_stands_in_every_language() {
    let english = sentences(Language::En);
    let mut used: BTreeSet<String> = uses().into_iter().map(|found| found.key).collect();
    used.extend(english.values().flat_map(|sentence| sentence.references.clone()));
    let unused: Vec<_> = english.keys().filter(|key| !used.contains(*key)).collect();
    assert!(unused.is_empty(), "not used: {unused:?}");
    for language in Language::ALL {
        let other = sentences(language);
        assert!(english.keys().eq(other.keys()), "{language:?}: other keys than English");
        for key in english.keys() {
            assert_eq!(
                placeholders(key, &english),
                placeholders(key, &other),
                "{language:?} {key}"
            );
        }
    }
}

/// Every key with its placeholders, and whether those are numbers.
pub(in crate::telegram) fn keys_with_placeholders() -> Vec<(&'static str, Vec<(&'static str, bool)>)>
{
    let numbers = ["credits", "count", "max", "min", "length", "missing", "before"];
    // Leaked once per key: the domain's keys are literals.
    let leak = |name: &str| -> &'static str { Box::leak(name.to_owned().into_boxed_str()) };
    let all = sentences(Language::En);
    let one = |key: &String| {
        let names = placeholders(key, &all);
        let names = names.iter().map(|name| (leak(name), numbers.contains(&name.as_str())));
        (leak(key), names.collect())
    };
    all.keys().map(one).collect()
}

#[test]
fn every_sentence_is_markup_that_telegram_takes() {
    let words = Words::new();
    for language in Language::ALL {
        for (key, names) in keys_with_placeholders() {
            for number in [0i64, 1, 2, 5, 11, 21, 1_234_567] {
                let text = names.iter().fold(Text::new(key), |text, (name, is_number)| {
                    if *is_number {
                        text.with(name, number)
                    } else {
                        text.quoting(name, "<&> it's", 99)
                    }
                });
                let html = words.html(&text, language, usize::MAX);
                let shown =
                    strict::read(&html).unwrap_or_else(|why| panic!("{key}: {why}: {html}"));
                assert!(!shown.contains(&format!("[{key}]")), "{language:?} {key}");
                assert!(!shown.contains(['{', '}', '\u{2068}']), "{language:?} {key}: {shown}");
                if key.starts_with("note-") {
                    let units = html::units(&shown);
                    assert!(units <= 200, "{language:?} {key}: {units} for the answer to a press");
                }
                if key.starts_with("b-") {
                    assert!(
                        !html.contains("<b>") && !html.contains("<i>"),
                        "a label has no markup"
                    );
                }
            }
        }
    }
}

#[test]
fn what_the_issue_asks_of_labels() {
    let words = Words::new();
    let label = |key, language| words.plain(&Text::new(key), language, 64);
    for language in Language::ALL {
        assert_eq!(label("b-newer", language), "⬅️");
        assert_eq!(label("b-older", language), "➡️");
    }
    assert!(label("b-gallery", Language::Ru).contains("Галерея"));
}

#[test]
fn a_missing_key_or_placeholder_shows_the_key() {
    let words = Words::new();
    assert_eq!(words.html(&Text::new("no-such<key"), Language::En, 99), "[no-such&lt;key]");
    assert_eq!(words.html(&Text::new("home"), Language::Ru, 99), "[home]");
}

#[test]
fn numbers_follow_the_language() {
    let words = Words::new();
    let credits =
        |n: i64, language| words.html(&Text::new("n-credits").with("credits", n), language, 9);
    for (number, english, russian) in [
        (1, "1 credit", "1 кредит"),
        (2, "2 credits", "2 кредита"),
        (5, "5 credits", "5 кредитов"),
        (11, "11 credits", "11 кредитов"),
        (21, "21 credits", "21 кредит"),
        (1234, "1,234 credits", "1234 кредита"),
        (-1_234_567, "−1,234,567 credits", "−1\u{A0}234\u{A0}567 кредитов"),
    ] {
        assert_eq!(credits(number, Language::En), english);
        assert_eq!(credits(number, Language::Ru), russian);
    }
}

#[test]
fn dates_follow_the_language() {
    let day = NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
    let moment = day.and_hms_opt(4, 5, 6).unwrap();
    assert_eq!(date(day, Language::Ru), "05.11.2026");
    assert_eq!(date(day, Language::En), "5 Nov 2026");
    assert_eq!(date_time(moment, Language::Ru), "05.11.2026 04:05");
    assert_eq!(date_time(moment, Language::En), "5 Nov 2026, 04:05");
}

#[test]
fn texts_and_lines_stand_in_texts_without_being_escaped_twice() {
    let words = Words::new();
    let name = Text::new("filter-model").with("model", "A & B");
    let text = Text::new("filters-some").with("filters", vec![name.clone(), name.clone()]);
    let shown = words.html(&text, Language::En, 99);
    assert_eq!(shown, "Now:\nModel: A &amp; B\nModel: A &amp; B");
    let label = Text::new("b-chosen").with("label", name);
    assert_eq!(words.plain(&label, Language::En, 99), "✅ Model: A & B");
}
