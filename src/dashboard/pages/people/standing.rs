//! Where a person stands in the conversation, in words.

use aisha_actors::domain::{
    conversation::{Conversation, Screen},
    ledger::EntryKind,
    picture::{Dates, Filters},
};

use super::super::super::Ctx;

/// The screen they see.
pub(super) fn screen(ctx: &Ctx, screen: &Screen) -> String {
    ctx.t(match screen {
        Screen::Home => "screen-home",
        Screen::Help => "screen-help",
        Screen::Balance => "screen-balance",
        Screen::History { .. } => "screen-history",
        Screen::Settings => "screen-settings",
        Screen::Languages => "screen-languages",
        Screen::TimeZones => "screen-time-zones",
        Screen::Models => "screen-models",
        Screen::Prompt => "screen-prompt",
        Screen::Ratios => "screen-ratios",
        Screen::Counts => "screen-counts",
        Screen::Resolutions => "screen-resolutions",
        Screen::Quote => "screen-quote",
        Screen::Progress(_) => "screen-progress",
        Screen::Gallery(_) => "screen-gallery",
        Screen::Filters => "screen-filters",
        Screen::FilterModels => "screen-filter-models",
        Screen::FilterDates => "screen-filter-dates",
        Screen::CustomDates => "screen-custom-dates",
        Screen::Statistics => "screen-statistics",
    })
}

/// What Back leads through, the nearest first; home is always the end.
pub(super) fn way_back(ctx: &Ctx, conversation: &Conversation) -> String {
    let below = conversation.stack.iter().rev().skip(1).map(|below| screen(ctx, below));
    let home = (!conversation.stack.is_empty()).then(|| ctx.t("screen-home"));
    let way: Vec<String> = below.chain(home).collect();
    if way.is_empty() { "—".to_owned() } else { way.join(" → ") }
}

/// What the gallery is narrowed to.
pub(super) fn filters(ctx: &Ctx, filters: &Filters) -> String {
    let dates = filters.dates.map(|dates| match dates {
        Dates::Today => ctx.t("dates-today"),
        Dates::Yesterday => ctx.t("dates-yesterday"),
        Dates::Week => ctx.t("dates-week"),
        Dates::Month => ctx.t("dates-month"),
        Dates::Custom { from, to } => format!("{from} – {to}"),
    });
    let model = filters.model.as_ref().map(ToString::to_string);
    let favourites = filters.favourites.then(|| ctx.t("person-favourites"));
    let all: Vec<String> = [model, dates, favourites].into_iter().flatten().collect();
    if all.is_empty() { ctx.t("person-no-filters") } else { all.join(", ") }
}

/// What an entry of the ledger is.
pub(in super::super) fn entry(ctx: &Ctx, kind: EntryKind) -> String {
    ctx.t(match kind {
        EntryKind::Welcome => "booked-welcome",
        EntryKind::Grant => "booked-grant",
        EntryKind::Withdrawal => "booked-withdrawal",
        EntryKind::Hold => "booked-hold",
        EntryKind::Capture => "booked-capture",
        EntryKind::Release => "booked-release",
        EntryKind::Refund => "booked-refund",
    })
}
