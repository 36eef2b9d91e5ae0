//! Rows and what they mean. Whatever a row says that the domain has no word for is [`Corrupt`].

mod conversation;
mod generation;
mod outbox;
mod picture;

use aisha_actors::{
    domain::{
        id::{Seq, UpdateId, UserId},
        person::{Person, Profile},
    },
    port::{InboxItem, Source},
};
use diesel::prelude::*;

pub(super) use self::{
    conversation::{decode_conversation, encode_conversation},
    generation::{GenerationChange, GenerationRow},
    outbox::{NewParcel, OUTCOME, OutboxRow, PICTURE},
    picture::{CardRow, ContentChange, PictureRow},
};
use super::schema::{inbox, person};
pub(super) use super::types::{Id, Moment};

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a row cannot be read: {what}")]
pub(super) struct Corrupt {
    what: String,
}

impl Corrupt {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

/// A name in lower case, so that people are found however it was written. Both databases compare what
/// comes out byte by byte.
pub(super) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A number that the domain keeps in a narrower type.
pub(super) fn narrow<N, W>(number: W, what: &str) -> Result<N, Corrupt>
where
    W: Copy + std::fmt::Display,
    N: TryFrom<W>,
{
    N::try_from(number).map_err(|_| Corrupt::new(format!("{what} is {number}")))
}

/// All rows that can be read. One that cannot is logged and left out: it must not stop the others.
pub(super) fn readable<Row, T>(rows: Vec<Row>) -> Vec<T>
where
    T: TryFrom<Row, Error = Corrupt>,
{
    rows.into_iter()
        .filter_map(|row| {
            T::try_from(row).inspect_err(|error| tracing::error!(%error, "a row is left out")).ok()
        })
        .collect()
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = person)]
pub(super) struct PersonRow {
    id: i64,
    first_name: String,
    username: Option<String>,
    language_code: Option<String>,
    blocked: bool,
    stopped: bool,
    created_at: Moment,
    gallery_version: i64,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            profile: Profile {
                id: UserId(row.id),
                first_name: row.first_name,
                username: row.username,
                language_code: row.language_code,
            },
            blocked: row.blocked,
            stopped: row.stopped,
            created_at: row.created_at.into(),
            gallery_version: row.gallery_version,
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = inbox)]
pub(super) struct InboxRow {
    seq: i64,
    source: String,
    update_id: i64,
    user_id: i64,
    payload: String,
    attempts: i32,
}

/// The word for a source.
pub(super) const fn source_name(source: Source) -> &'static str {
    match source {
        Source::Telegram => "telegram",
        Source::Operator => "operator",
    }
}

impl TryFrom<InboxRow> for InboxItem {
    type Error = Corrupt;
    fn try_from(row: InboxRow) -> Result<Self, Corrupt> {
        let source = match row.source.as_str() {
            "telegram" => Source::Telegram,
            "operator" => Source::Operator,
            other => return Err(Corrupt::new(format!("the source is {other}"))),
        };
        Ok(Self {
            seq: Seq(row.seq),
            source,
            update: UpdateId(row.update_id),
            user: UserId(row.user_id),
            payload: row.payload,
            attempts: narrow(row.attempts, "attempts")?,
        })
    }
}
