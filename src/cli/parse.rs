//! Words of the command line that are more than text.

use aisha_actors::domain::{
    generation::State,
    id::{GenerationId, UserId},
};
use clap::Args;

use crate::db::reports;

/// Which part of a long list.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Page {
    /// Lines to show.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Lines to skip.
    #[arg(long, default_value_t = 0)]
    offset: u32,
}

impl From<Page> for reports::Page {
    fn from(page: Page) -> Self {
        Self { limit: page.limit as usize, offset: page.offset as usize }
    }
}

/// A person's Telegram id.
pub(super) fn person(text: &str) -> Result<UserId, String> {
    let id = text.parse::<i64>().ok().filter(|id| *id > 0);
    id.map(UserId).ok_or_else(|| "a person's Telegram id is a positive whole number".to_owned())
}

pub(super) fn generation(text: &str) -> Result<GenerationId, String> {
    GenerationId::parse(text)
        .ok_or_else(|| "a generation's id has 32 hexadecimal digits".to_owned())
}

pub(super) fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| {
        let names: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
        format!("it is one of {}", names.join(", "))
    })
}

/// Credits to give (positive) or to take back (negative).
pub(super) fn amount(text: &str) -> Result<i64, String> {
    const MOST: i64 = 1_000_000_000;
    let amount = text.strip_prefix('+').unwrap_or(text).parse::<i64>().ok();
    let fits = amount.filter(|amount| *amount != 0 && amount.abs() <= MOST);
    fits.ok_or_else(|| format!("a whole number from -{MOST} to {MOST}, not 0"))
}

/// Why the operator does it: a line that a person may read.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=200).contains(&text.chars().count()) && !text.contains(char::is_control);
    fits.then(|| text.to_owned()).ok_or_else(|| "a line of 1 to 200 characters".to_owned())
}
