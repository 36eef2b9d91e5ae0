//! What is said of an incident. The sentences are in `locales/`.

use aisha_actors::domain::{text::Text, time::Timestamp, view::View};

use chrono::NaiveDateTime;

use crate::db::incidents::{IncidentKind, Noticed};

/// The backup that there never was.
pub(super) const NEVER: &str = "never";

/// A message to the operator, and the page of the dashboard that says more.
pub(super) struct Message {
    text: Text,
    page: &'static str,
}

impl Message {
    /// `url`: under which the dashboard is reached, where that is known.
    pub(super) fn view(self, url: Option<&str>) -> View {
        let mut text = vec![self.text];
        if let Some(url) = url {
            text.push(Text::new("alert-link").with("url", format!("{url}{}", self.page)));
        }
        View::text(text, Vec::new())
    }
}

/// It has begun, or there is more of it.
pub(super) fn begun(what: &Noticed, since: Timestamp) -> Message {
    let text = match what.kind {
        IncidentKind::Away => {
            Text::new("alert-away").with("since", utc(since)).with("what", name(&what.subject))
        }
        IncidentKind::Money => Text::new("alert-money").with("since", utc(since)),
        IncidentKind::Aside => Text::new("alert-aside").with("count", what.level),
        IncidentKind::ModelGone => Text::new("alert-model-gone").with("model", what.said.as_str()),
        IncidentKind::ModelOff => Text::new("alert-model-off")
            .with("model", what.subject.as_str())
            .quoting("said", &what.said, 300),
        IncidentKind::Books => Text::new("alert-books").with("count", what.level),
        IncidentKind::Backup => {
            let is_never = what.subject == NEVER;
            Text::new(if is_never { "alert-backup-never" } else { "alert-backup" })
                .with("hours", what.said.parse::<i64>().unwrap_or_default())
        }
        IncidentKind::Node => Text::new("alert-node")
            .with("node", what.subject.as_str())
            .with("address", what.said.as_str()),
        IncidentKind::Proposal => Text::new("alert-proposal").with("count", what.level),
    };
    Message { text, page: page(what.kind) }
}

/// It is over.
pub(super) fn over(what: &Noticed, since: Timestamp, ended: Timestamp) -> Message {
    let text = match what.kind {
        IncidentKind::Money => {
            Text::new("alert-money-back").with("since", utc(since)).with("until", utc(ended))
        }
        _ => Text::new("alert-back")
            .with("what", name(&what.subject))
            .with("since", utc(since))
            .with("until", utc(ended)),
    };
    Message { text, page: page(what.kind) }
}

fn utc(at: Timestamp) -> NaiveDateTime {
    at.utc().naive_utc()
}

/// What people call a dependency.
fn name(subject: &str) -> Text {
    Text::new(match subject {
        "telegram" => "alert-telegram",
        "fal" => "alert-fal",
        "objects" => "alert-objects",
        "redis" => "alert-redis",
        _ => "alert-database",
    })
}

const fn page(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Away | IncidentKind::Money | IncidentKind::Backup => "/admin",
        IncidentKind::Aside | IncidentKind::Node => "/admin/actors",
        IncidentKind::ModelGone | IncidentKind::ModelOff => "/admin/catalogue",
        IncidentKind::Books | IncidentKind::Proposal => "/admin/ledger",
    }
}
