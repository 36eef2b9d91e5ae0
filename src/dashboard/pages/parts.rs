//! Parts that lists of people and of what is theirs have in common.

use aisha_actors::domain::id::UserId;
use maud::{Markup, html};

use super::super::Ctx;

/// Letters of a prompt in a list.
pub(super) const PROMPT_MAX: usize = 80;

/// At most `max` characters.
pub(super) fn short(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// An address with a query.
pub(super) fn link(path: &str, pairs: &[(&str, &str)]) -> String {
    let filled = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(filled).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The way to the next rows: htmx adds them to the element `id`; without it the link leads to a page of
/// its own. `item`: what a row is, such as `tr`.
pub(super) fn more(ctx: &Ctx, id: &str, item: &str, next: Option<&str>) -> Markup {
    html! {
        div.older id=(format!("{id}-more")) {
            @if let Some(next) = next {
                a.button href=(next) rel="next" hx-get=(next) hx-target=(format!("#{id}"))
                    hx-select=(format!("#{id} > {item}")) hx-swap="beforeend"
                    hx-select-oob=(format!("#{id}-more")) { (ctx.t("older")) }
            }
        }
    }
}

/// Names and values.
pub(super) fn facts(pairs: &[(String, Markup)]) -> Markup {
    html! {
        dl.traits {
            @for (name, value) in pairs { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// A few letters in place of a face.
pub(super) fn initials(name: &str, id: UserId) -> Markup {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    let tone = format!("initials tone-{}", id.0.rem_euclid(5) + 1);
    html! { span class=(tone) aria-hidden="true" { @if letters.is_empty() { "?" } @else { (letters) } } }
}

/// A person, by name or else by id.
pub(super) fn person_link(id: UserId, name: &str) -> Markup {
    html! {
        a.person href=(format!("/admin/people/{id}")) {
            (initials(name, id))
            bdi { @if name.trim().is_empty() { (id) } @else { (name) } }
        }
    }
}

/// Something that can be done, folded up: a `details`, which needs no script.
pub(super) fn fold(title: &str, content: &Markup) -> Markup {
    html! { details.act { summary { (title) } (content) } }
}
