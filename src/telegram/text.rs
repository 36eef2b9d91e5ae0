//! Sentences: Fluent messages of `locales/*.ftl`, embedded, with values cut and escaped.

use std::fmt;

use aisha_actors::domain::text::{Language, Text, Value};
use chrono::{NaiveDate, NaiveDateTime};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use super::html;
use crate::words::bundle;

/// The words of the operator's configuration are cut to this, in UTF-16 units.
const PLAIN_UNITS_MAX: usize = 256;

/// The sentences of a language, as they stand in the repository.
pub const fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../locales/en.ftl"),
        Language::Ru => include_str!("../../locales/ru.ftl"),
    }
}

/// All sentences of all languages.
pub struct Words {
    bundles: Vec<(Language, FluentBundle<FluentResource>)>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words")
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}

impl Words {
    /// Reads the embedded sentences. What is wrong in them is logged and left out; a test sees to it
    /// that nothing is.
    pub fn new() -> Self {
        let bundle = |language| (language, bundle(language, source(language)));
        Self { bundles: Language::ALL.into_iter().map(bundle).collect() }
    }

    #[cfg(test)]
    pub fn from_source(english: &str) -> Self {
        Self { bundles: vec![(Language::En, bundle(Language::En, english))] }
    }

    /// The sentence in HTML, quoted parts cut to at most `quote_max` UTF-16 units each. A key or
    /// placeholder that is missing gives the key in brackets.
    pub fn html(&self, text: &Text, language: Language, quote_max: usize) -> String {
        self.sentence(text, language, quote_max).unwrap_or_else(|why| {
            tracing::error!(
                key = text.key,
                language = language.code(),
                why,
                "a sentence is missing"
            );
            html::escape(&format!("[{}]", text.key))
        })
    }

    /// The sentence without markup, for labels and notes, at most `units_max` UTF-16 units.
    pub fn plain(&self, text: &Text, language: Language, units_max: usize) -> String {
        html::cut(&html::plain(&self.html(text, language, units_max)), units_max)
    }

    fn sentence(
        &self,
        text: &Text,
        language: Language,
        quote_max: usize,
    ) -> Result<String, &'static str> {
        let (_, bundle) = self.bundles.iter().find(|(l, _)| *l == language).ok_or("language")?;
        let message = bundle.get_message(text.key).ok_or("key")?;
        let pattern = message.value().ok_or("value")?;
        let mut args = FluentArgs::with_capacity(text.args.len());
        for (name, value) in &text.args {
            args.set(*name, self.value(value, language, quote_max));
        }
        let mut errors = Vec::new();
        let sentence = bundle.format_pattern(pattern, Some(&args), &mut errors);
        if errors.is_empty() { Ok(sentence.into_owned()) } else { Err("placeholder") }
    }

    fn value(&self, value: &Value, language: Language, quote_max: usize) -> FluentValue<'static> {
        let escaped =
            |text: &str, units_max| html::escape(&html::cut(&html::clean(text), units_max));
        let shown = match value {
            Value::Number(number) => return FluentValue::from(*number),
            Value::Plain(words) => escaped(words, PLAIN_UNITS_MAX),
            Value::Quoted { text, units_max } => escaped(text, quote_max.min(*units_max)),
            Value::Text(text) => self.html(text, language, quote_max),
            Value::Lines(lines) => {
                let lines = lines.iter().map(|line| self.html(line, language, quote_max));
                lines.collect::<Vec<_>>().join("\n")
            }
            Value::Date(day) => date(*day, language),
            Value::DateTime(moment) => date_time(*moment, language),
        };
        FluentValue::from(shown)
    }
}

/// `20.11.2026`, `20 Nov 2026`.
pub fn date(date: NaiveDate, language: Language) -> String {
    let pattern = match language {
        Language::En => "%-d %b %Y",
        Language::Ru => "%d.%m.%Y",
    };
    date.format(pattern).to_string()
}

/// `20.11.2026 14:05`, `20 Nov 2026, 14:05`.
pub fn date_time(moment: NaiveDateTime, language: Language) -> String {
    let between = match language {
        Language::En => ", ",
        Language::Ru => " ",
    };
    format!("{}{between}{}", date(moment.date(), language), moment.format("%H:%M"))
}

#[cfg(test)]
pub(super) mod tests;
