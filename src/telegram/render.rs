//! A view as Telegram takes it: HTML within its limits, and an inline keyboard.

use aisha_actors::domain::{
    text::{Language, Text},
    view::{Answer, Button, Does, Style},
};
use frankenstein::types::{
    ButtonStyle, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup,
};

use super::{html, text::Words};

/// Telegram's limits in UTF-16 units of visible text.
pub const TEXT_UNITS_MAX: usize = 4096;
pub const CAPTION_UNITS_MAX: usize = 1024;
const ANSWER_UNITS_MAX: usize = 200;
/// Longer labels are cut by every client anyway.
const LABEL_UNITS_MAX: usize = 64;
const COPY_UNITS_MAX: usize = 256;

/// What stands where nothing would: Telegram sends no empty message.
const NOTHING: &str = "…";

/// The paragraphs as HTML of at most `units_max` visible units: quoted parts give way, all to the same
/// length, and only where that is not enough the end of the message.
pub fn message(words: &Words, text: &[Text], language: Language, units_max: usize) -> String {
    let with_quotes = |quote_max: usize| {
        let html = paragraphs(words, text, language, quote_max);
        (html::units(&html::plain(&html)) <= units_max).then_some(html)
    };
    if let Some(html) = with_quotes(usize::MAX) {
        return html;
    }
    // The longest quotes that fit, by bisection; `fitting` always fits.
    let Some(mut fitting) = with_quotes(0) else {
        let html = paragraphs(words, text, language, 0);
        return html::escape(&html::cut(&html::plain(&html), units_max));
    };
    let (mut fits, mut too_long) = (0, units_max + 1);
    while too_long - fits > 1 {
        let middle = fits.midpoint(too_long);
        match with_quotes(middle) {
            Some(html) => (fits, fitting) = (middle, html),
            None => too_long = middle,
        }
    }
    fitting
}

fn paragraphs(words: &Words, text: &[Text], language: Language, quote_max: usize) -> String {
    let shown = text.iter().map(|paragraph| words.html(paragraph, language, quote_max));
    let shown: Vec<String> = shown.filter(|html| !html.trim().is_empty()).collect();
    if shown.is_empty() { NOTHING.to_owned() } else { shown.join("\n\n") }
}

/// The words of the answer to a press.
pub fn answer(words: &Words, answer: &Answer, language: Language) -> Option<String> {
    answer.text.as_ref().map(|text| words.plain(text, language, ANSWER_UNITS_MAX))
}

/// The buttons. One that Telegram would refuse is left out, with the whole message at stake.
pub fn keyboard(
    words: &Words,
    rows: &[Vec<Button>],
    language: Language,
) -> Option<InlineKeyboardMarkup> {
    let row = |row: &Vec<Button>| -> Vec<InlineKeyboardButton> {
        row.iter().filter_map(|button| one_button(words, button, language)).collect()
    };
    let rows: Vec<_> = rows.iter().map(row).filter(|row| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::builder().inline_keyboard(rows).build())
}

fn one_button(words: &Words, button: &Button, language: Language) -> Option<InlineKeyboardButton> {
    let label = words.plain(&button.label, language, LABEL_UNITS_MAX);
    let style = match button.style {
        Style::Plain => None,
        Style::Primary => Some(ButtonStyle::Primary),
        Style::Danger => Some(ButtonStyle::Danger),
    };
    let new = InlineKeyboardButton::builder().text(label).maybe_style(style);
    match &button.does {
        Does::Press(press) => Some(new.callback_data(press.encode()).build()),
        Does::Open(address) if can_be_opened(address) => Some(new.url(address.clone()).build()),
        Does::Open(_) => {
            tracing::error!(key = button.label.key, "a button's address cannot be opened");
            None
        }
        Does::Copy(text) if text.is_empty() => None,
        Does::Copy(text) => {
            let text = html::cut(text, COPY_UNITS_MAX);
            Some(new.copy_text(CopyTextButton { text }).build())
        }
    }
}

fn can_be_opened(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "tg"))
}

#[cfg(test)]
mod tests;
