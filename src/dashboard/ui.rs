//! Parts that pages are made of. All of them escape what they show.

use aisha_actors::domain::time::Timestamp;
use maud::{Markup, html};

use super::{Ctx, Visit};

/// A form that does something, with the session's token in it. `path`: a POST route.
pub(super) fn form(ctx: &Ctx, path: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(path) {
            input type="hidden" name="csrf" value=(ctx.who().csrf);
            (content)
        }
    }
}

/// What kind of words a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// `new`: it is being chosen.
    Password {
        new: bool,
    },
    /// Six digits of an app.
    Code,
}

/// A labelled field. `hint` may be empty.
pub(super) fn field(name: &str, label: &str, hint: &str, kind: Kind, needed: bool) -> Markup {
    let id = format!("field-{name}");
    let hint_id = format!("hint-{name}");
    let described = (!hint.is_empty()).then_some(&hint_id);
    let (type_, complete, mode) = match kind {
        Kind::Text => ("text", "off", None),
        Kind::Password { new: false } => ("password", "current-password", None),
        Kind::Password { new: true } => ("password", "new-password", None),
        Kind::Code => ("text", "one-time-code", Some("numeric")),
    };
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) name=(name) type=(type_) autocomplete=(complete) inputmode=[mode]
                required[needed] aria-describedby=[described] spellcheck="false"
                autocapitalize="none";
            @if !hint.is_empty() { p.hint id=(hint_id) { (hint) } }
        }
    }
}

/// Why it is done; [`super::act::act`] reads it. `id`: unlike others on the page.
pub(super) fn reason(visit: &Visit, id: &str) -> Markup {
    let id = format!("reason-{id}");
    html! {
        div.field {
            label for=(id) { (visit.t("reason")) }
            input id=(id) name="reason" type="text" required maxlength="200" autocomplete="off"
                placeholder=(visit.t("reason-hint"));
        }
    }
}

/// A choice of one. `options`: value and name.
pub(super) fn choice(
    name: &str,
    id: &str,
    label: &str,
    options: &[(&str, String)],
    chosen: &str,
) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            select id=(id) name=(name) {
                @for (value, shown) in options {
                    option value=(value) selected[*value == chosen] { (shown) }
                }
            }
        }
    }
}

/// How grave a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Quiet,
    Good,
    Warn,
    Bad,
}

pub(super) fn badge(tone: Tone, words: &str) -> Markup {
    let tone = match tone {
        Tone::Quiet => "badge quiet",
        Tone::Good => "badge good",
        Tone::Warn => "badge warn",
        Tone::Bad => "badge bad",
    };
    html! { span class=(tone) { (words) } }
}

/// A moment in UTC, to the second.
pub(super) fn moment(at: Timestamp) -> Markup {
    let utc = at.utc();
    html! {
        time datetime=(utc.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)) {
            (utc.format("%Y-%m-%d %H:%M:%S").to_string())
        }
    }
}

/// A part of a page under a heading of its own.
pub(super) fn card(title: &str, content: &Markup) -> Markup {
    html! { section.card { h2 { (title) } (content) } }
}

/// What was done, as a page says it after a redirect to `?done=KEY`. Only keys that begin so are shown.
pub(super) fn done(visit: &Visit) -> Markup {
    let key = visit.query.get("done");
    let is_known = super::layout::DONE.contains(&key);
    html! { @if is_known { p.notice.good role="status" { (visit.t(key)) } } }
}

/// What was wrong with a form.
pub(super) fn problem(visit: &Visit, key: Option<&str>) -> Markup {
    html! { @if let Some(key) = key { p.notice.bad role="alert" { (visit.t(key)) } } }
}
