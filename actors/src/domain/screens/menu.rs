//! Home, help, balance, history and settings.

use super::{button, choice, labelled, way_out};
use crate::{
    domain::{
        action::Action,
        generation::Generation,
        ledger::{Account, EntryKind},
        text::{Language, Text},
        time::Offset,
        view::{Button, Does, Style, View},
    },
    port::HistoryLine,
};

/// Lines of one page of the history.
pub const HISTORY_LINES: usize = 8;

/// The main menu. `welcome`: the grant of somebody who is new, zero if there was none.
pub fn home(name: &str, account: Account, welcome: Option<i64>) -> View {
    let mut text = match welcome {
        Some(credits) => {
            let greeting = Text::new("home-welcome").quoting("name", name, 64);
            let mut text = vec![greeting];
            if credits > 0 {
                text.push(Text::new("home-grant").with("credits", credits));
            }
            text
        }
        None => vec![Text::new("home").quoting("name", name, 64)],
    };
    text.push(Text::new("home-balance").with("credits", account.available().0));
    View::text(text, home_buttons())
}

fn home_buttons() -> Vec<Vec<Button>> {
    vec![
        vec![Button { style: Style::Primary, ..button("b-imagine", Action::Imagine) }],
        vec![button("b-gallery", Action::Gallery), button("b-balance", Action::Balance)],
        vec![button("b-settings", Action::Settings), button("b-help", Action::Help)],
    ]
}

/// What the bot can do.
pub fn help(contact: &str) -> View {
    let mut text = vec![Text::new("help")];
    text.extend(contact_line(contact));
    let mut buttons = vec![vec![button("b-imagine", Action::Imagine)]];
    buttons.extend(contact_button(contact));
    buttons.push(way_out());
    View::text(text, buttons)
}

/// What can be spent, and how to get more.
pub fn balance(account: Account, contact: &str) -> View {
    let mut text = vec![Text::new("balance").with("credits", account.available().0)];
    if account.held.0 > 0 {
        text.push(Text::new("balance-held").with("credits", account.held.0));
    }
    text.push(how_to_get_credits(contact));
    let mut buttons =
        vec![vec![button("b-imagine", Action::Imagine), button("b-history", Action::History(0))]];
    buttons.extend(contact_button(contact));
    buttons.push(way_out());
    View::text(text, buttons)
}

/// How to get credits: the operator's contact, for now.
pub(crate) fn how_to_get_credits(contact: &str) -> Text {
    if contact.is_empty() {
        Text::new("credits-ask")
    } else {
        Text::new("credits-contact").with("contact", contact)
    }
}

fn contact_line(contact: &str) -> Option<Text> {
    (!contact.is_empty()).then(|| Text::new("help-contact").with("contact", contact))
}

/// A row with the operator's contact, where it is something that can be opened.
pub(crate) fn contact_button(contact: &str) -> Option<Vec<Button>> {
    let url = match contact.strip_prefix('@') {
        Some(name) => format!("https://t.me/{name}"),
        None if contact.starts_with("https://") => contact.to_owned(),
        None => return None,
    };
    let label = Text::new("b-contact");
    Some(vec![Button { label, does: Does::Open(url), style: Style::Plain }])
}

/// What credits were given and spent for. `lines` may have one more than a page: there is more.
pub fn history(lines: &[HistoryLine], before: i64, offset: Offset) -> View {
    let shown = lines.get(..HISTORY_LINES).unwrap_or(lines);
    let text = if shown.is_empty() {
        vec![Text::new("history-empty")]
    } else {
        let rows: Vec<Text> = shown.iter().map(|line| history_line(line, offset)).collect();
        vec![Text::new("history").with("lines", rows)]
    };
    let mut pages = Vec::new();
    if before != 0 {
        pages.push(button("b-newest", Action::History(0)));
    }
    if let (Some(last), true) = (shown.last(), lines.len() > HISTORY_LINES) {
        pages.push(button("b-earlier", Action::History(last.seq)));
    }
    let mut buttons = Vec::new();
    if !pages.is_empty() {
        buttons.push(pages);
    }
    buttons.push(way_out());
    View::text(text, buttons)
}

fn history_line(line: &HistoryLine, offset: Offset) -> Text {
    let text = match line.kind {
        EntryKind::Welcome => Text::new("history-welcome"),
        EntryKind::Grant => Text::new("history-grant").quoting("reason", &line.reason, 100),
        EntryKind::Withdrawal => {
            Text::new("history-withdrawal").quoting("reason", &line.reason, 100)
        }
        EntryKind::Refund => Text::new("history-refund"),
        EntryKind::Capture | EntryKind::Hold | EntryKind::Release => {
            let prompt = line.prompt.as_deref().unwrap_or_default();
            Text::new("history-capture").quoting("prompt", prompt, 60)
        }
    };
    text.with("credits", line.amount.0).with("at", offset.local(line.at))
}

/// The person's settings.
pub fn settings(language: Language, offset: Offset, model: &str) -> View {
    let text = Text::new("settings")
        .with("language", language_name(language))
        .with("zone", zone_name(offset))
        .with("model", model);
    let buttons = vec![
        vec![button("b-language", Action::Languages), button("b-zone", Action::TimeZones)],
        vec![button("b-model", Action::Models)],
        way_out(),
    ];
    View::text(vec![text], buttons)
}

/// A choice of language; each in its own words.
pub fn languages(current: Language) -> View {
    let row = Language::ALL
        .map(|language| {
            let label = language_name(language);
            choice(label, language == current, Action::SetLanguage(language))
        })
        .to_vec();
    View::text(vec![Text::new("languages")], vec![row, way_out()])
}

fn language_name(language: Language) -> Text {
    match language {
        Language::En => Text::new("language-en"),
        Language::Ru => Text::new("language-ru"),
    }
}

/// Minutes from UTC that are offered, besides the full hours.
const ODD_ZONES: [i32; 7] = [-210, 210, 270, 330, 345, 390, 570];

/// A choice of time zone. `local` is what a clock shows there now.
pub fn time_zones(current: Offset, local: chrono::NaiveDateTime) -> View {
    let mut minutes: Vec<i32> = (-12..=14).map(|hour| hour * 60).chain(ODD_ZONES).collect();
    minutes.sort_unstable();
    let all: Vec<Button> = minutes
        .into_iter()
        .filter_map(|minutes| Offset::from_minutes(minutes).ok())
        .map(|offset| choice(zone_name(offset), offset == current, Action::SetTimeZone(offset)))
        .collect();
    let mut rows: Vec<Vec<Button>> = all.chunks(5).map(<[Button]>::to_vec).collect();
    rows.push(way_out());
    View::text(vec![Text::new("zones").with("now", local)], rows)
}

fn zone_name(offset: Offset) -> Text {
    let minutes = offset.minutes();
    let sign = if minutes < 0 { "−" } else { "+" };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let name =
        if rest == 0 { format!("{sign}{hours}") } else { format!("{sign}{hours}:{rest:02}") };
    Text::new("zone").with("offset", name)
}

/// The answer to `/cancel`: the step was left; open generations can be cancelled too.
pub fn cancel(left_a_step: bool, open: &[Generation]) -> View {
    let key = match (left_a_step, open.is_empty()) {
        (true, _) => Text::new("cancel-left"),
        (false, true) => Text::new("cancel-nothing"),
        (false, false) => Text::new("cancel-idle"),
    };
    let mut text = vec![key];
    if !open.is_empty() {
        text.push(Text::new("cancel-open"));
    }
    let mut buttons: Vec<Vec<Button>> = open
        .iter()
        .map(|generation| {
            let label = Text::new("b-cancel-one").quoting("prompt", &generation.order.prompt, 24);
            let does = labelled(label, Action::Cancel(generation.id));
            vec![Button { style: Style::Danger, ..does }]
        })
        .collect();
    buttons.push(vec![button("b-imagine", Action::Imagine), button("b-home", Action::Home)]);
    View::text(text, buttons)
}

/// A single line with the way home: for whatever needs no screen of its own.
pub fn note(text: Text) -> View {
    let buttons = vec![vec![button("b-imagine", Action::Imagine), button("b-home", Action::Home)]];
    View::text(vec![text], buttons)
}

/// Nothing new is begun for now; what is there can be looked at.
pub fn maintenance() -> View {
    let buttons = vec![vec![button("b-gallery", Action::Gallery), button("b-home", Action::Home)]];
    View::text(vec![Text::new("maintenance")], buttons)
}

/// A person whom the operator does not serve. No buttons: none would work.
pub fn blocked(contact: &str) -> View {
    let mut text = vec![Text::new("blocked")];
    text.extend(contact_line(contact));
    View::text(text, contact_button(contact).into_iter().collect())
}

/// The one line for a group.
pub fn group() -> View {
    View::text(vec![Text::new("group")], Vec::new())
}
