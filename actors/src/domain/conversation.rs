//! Where a person stands: the stack of screens, the draft, the filters, the settings.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{
    id::{GenerationId, IntentId, ModelId, PictureId},
    ledger::Credits,
    picture::{Dates, Filters},
    text::Language,
    time::Offset,
};

/// The version of the stored form. A row of an unknown version keeps filters and draft and goes home.
pub const VERSION: u32 = 1;

/// How many screens Back can retrace.
const DEPTH_MAX: usize = 12;

/// A user's conversation. Only the user's own actor changes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Conversation {
    /// Chosen by the person; None: what Telegram tells.
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub offset: Offset,
    /// Where Back leads, the current screen last. Empty: home.
    #[serde(default)]
    pub stack: Vec<Screen>,
    #[serde(default)]
    pub draft: Draft,
    #[serde(default)]
    pub filters: Filters,
}

/// What the next generation will be. Kept between generations as the person's last settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Draft {
    #[serde(default)]
    pub model: Option<ModelId>,
    #[serde(default)]
    pub prompt: Option<String>,
    #[serde(default)]
    pub ratio: Option<String>,
    #[serde(default)]
    pub resolution: Option<String>,
    #[serde(default)]
    pub count: Option<u8>,
    /// The quote that was shown last; its button pays for one generation.
    #[serde(default)]
    pub offer: Option<Offer>,
}

/// A price that was said. Only what was said is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub intent: IntentId,
    pub model: ModelId,
    pub total: Credits,
}

/// A screen that a person can be on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    Home,
    Help,
    Balance,
    History {
        before: i64,
    },
    Settings,
    Languages,
    TimeZones,
    Models,
    /// Waits for a prompt.
    Prompt,
    Ratios,
    Counts,
    Resolutions,
    Quote,
    Progress(GenerationId),
    /// None: the newest picture.
    Gallery(Option<PictureId>),
    Filters,
    FilterModels,
    FilterDates,
    /// Waits for two dates.
    CustomDates,
    Statistics,
}

impl Screen {
    /// Whether both are the same place, whatever they show there.
    fn same_place(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Conversation {
    /// Where the person is.
    pub fn screen(&self) -> &Screen {
        self.stack.last().unwrap_or(&Screen::Home)
    }

    /// Goes to a screen. One that is already on the way back is returned to, so that the stack never
    /// goes in circles; home forgets the way.
    pub fn go(&mut self, screen: Screen) {
        if screen == Screen::Home {
            self.stack.clear();
            return;
        }
        if let Some(at) = self.stack.iter().position(|known| known.same_place(&screen)) {
            self.stack.truncate(at);
        }
        if self.stack.len() == DEPTH_MAX {
            self.stack.remove(0);
        }
        self.stack.push(screen);
    }

    /// Opens a screen on top of the current one, which Back leads to again.
    pub fn open(&mut self, screen: Screen) {
        if self.screen().same_place(&screen) {
            self.stack.pop();
        }
        if self.stack.len() == DEPTH_MAX {
            self.stack.remove(0);
        }
        self.stack.push(screen);
    }

    /// Goes back to where the person came from; home at the end.
    pub fn back(&mut self) {
        self.stack.pop();
    }

    /// Whether Back leads to the quote: a setting was opened from it.
    pub fn came_from_quote(&self) -> bool {
        matches!(self.stack.iter().rev().nth(1), Some(Screen::Quote))
    }

    /// Other filters: the gallery begins at its newest picture again.
    pub fn filter(&mut self, filters: Filters) {
        self.filters = filters;
        for screen in &mut self.stack {
            if let Screen::Gallery(cursor) = screen {
                *cursor = None;
            }
        }
    }
}

/// Reads one or two dates out of what a person typed: `2026-11-01 2026-11-15`, `1.11.2026 – 15.11.2026`,
/// `01/11/2026`. The earlier comes first. None: these are no dates.
pub fn parse_dates(text: &str) -> Option<Dates> {
    let dates: Vec<NaiveDate> = text
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '/')))
        .map(|word| word.trim_matches(['.', '-', '/']))
        .filter(|word| !word.is_empty())
        .map(parse_date)
        .collect::<Option<_>>()?;
    let (first, second) = match dates.as_slice() {
        [only] => (*only, *only),
        [first, second] => (*first, *second),
        _ => return None,
    };
    Some(Dates::Custom { from: first.min(second), to: first.max(second) })
}

fn parse_date(word: &str) -> Option<NaiveDate> {
    let forms = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y.%m.%d", "%Y/%m/%d"];
    let date = forms.iter().find_map(|form| NaiveDate::parse_from_str(word, form).ok())?;
    (2000..2200).contains(&date.year()).then_some(date)
}
