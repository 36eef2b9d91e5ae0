//! Words for people: keys and values here, sentences in `locales/*.ftl`.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

/// A language that the bot speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Ru,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// The language for a Telegram `language_code` (IETF tag); English where we do not speak it.
    pub fn for_code(code: &str) -> Self {
        match code.split(['-', '_']).next() {
            Some("ru" | "be" | "kk" | "uk") => Self::Ru,
            _ => Self::En,
        }
    }

    /// The two-letter code, also the name of the file in `locales/`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

/// A message of `locales/*.ftl` with the values for its placeholders.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub key: &'static str,
    pub args: Vec<(&'static str, Value)>,
}

impl Text {
    pub const fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    /// Adds the value of a placeholder.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// Adds text that a person wrote, cut to `units_max` UTF-16 units when it is shown.
    #[must_use]
    pub fn quoting(self, name: &'static str, text: &str, units_max: usize) -> Self {
        self.with(name, Value::Quoted { text: text.to_owned(), units_max })
    }
}

/// What stands in for a placeholder. The renderer cuts and escapes; nobody else does.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(i64),
    /// Words of the operator's configuration (a model's title, a contact). Escaped when shown.
    Plain(String),
    /// Words of a person: cut, then escaped.
    Quoted {
        text: String,
        units_max: usize,
    },
    Text(Box<Text>),
    /// Several messages, one a line.
    Lines(Vec<Text>),
    Date(NaiveDate),
    DateTime(NaiveDateTime),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u8> for Value {
    fn from(number: u8) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<&str> for Value {
    fn from(words: &str) -> Self {
        Self::Plain(words.to_owned())
    }
}

impl From<String> for Value {
    fn from(words: String) -> Self {
        Self::Plain(words)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(Box::new(text))
    }
}

impl From<Vec<Text>> for Value {
    fn from(lines: Vec<Text>) -> Self {
        Self::Lines(lines)
    }
}

impl From<NaiveDate> for Value {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl From<NaiveDateTime> for Value {
    fn from(moment: NaiveDateTime) -> Self {
        Self::DateTime(moment)
    }
}
