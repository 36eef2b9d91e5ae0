//! The row of an outbox entry.

use aisha_actors::domain::{
    id::{GenerationId, MessageId, OutboxId, PictureId, UserId},
    ledger::Credits,
    outbox::{OutboxEntry, Parcel},
    time::Timestamp,
};
use diesel::prelude::*;

use super::{Corrupt, Id, Moment, narrow};
use crate::db::schema::outbox;

/// The word for a paid picture.
pub(in crate::db) const PICTURE: &str = "picture";

/// The word for how a generation ended without pictures.
pub(in crate::db) const OUTCOME: &str = "outcome";

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub(in crate::db) struct NewParcel {
    user_id: i64,
    kind: &'static str,
    generation: Option<Id>,
    n: Option<i32>,
    amount: Option<i64>,
    note: Option<String>,
    broadcast: Option<i64>,
    created_at: Moment,
}

impl NewParcel {
    pub(in crate::db) fn new(user: UserId, parcel: Parcel, at: Timestamp) -> Self {
        let mut row = Self {
            user_id: user.0,
            kind: "apology",
            generation: None,
            n: None,
            amount: None,
            note: None,
            broadcast: None,
            created_at: at.into(),
        };
        match parcel {
            Parcel::Picture(id) => {
                row.kind = PICTURE;
                row.generation = Some(id.generation.into());
                row.n = Some(id.n.into());
            }
            Parcel::Outcome(id) => {
                row.kind = OUTCOME;
                row.generation = Some(id.into());
            }
            Parcel::Granted { amount, reason } => {
                row.kind = "granted";
                row.amount = Some(amount.0);
                row.note = Some(reason);
            }
            Parcel::Refunded { generation, amount } => {
                row.kind = "refunded";
                row.generation = Some(generation.into());
                row.amount = Some(amount.0);
            }
            Parcel::Apology => {}
            Parcel::Broadcast(id) => {
                row.kind = "broadcast";
                row.broadcast = Some(id);
            }
            Parcel::Note(words) => {
                row.kind = "note";
                row.note = Some(words);
            }
        }
        row
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(in crate::db) struct OutboxRow {
    seq: i64,
    user_id: i64,
    kind: String,
    generation: Option<Id>,
    n: Option<i32>,
    amount: Option<i64>,
    note: Option<String>,
    placed: Option<i64>,
    attempts: i32,
    broadcast: Option<i64>,
}

impl TryFrom<OutboxRow> for OutboxEntry {
    type Error = Corrupt;
    fn try_from(row: OutboxRow) -> Result<Self, Corrupt> {
        let generation = row.generation.map(GenerationId::from);
        let amount = row.amount.map(Credits);
        let unknown = || Corrupt::new(format!("outbox entry {}: unknown parcel", row.seq));
        let parcel = match (row.kind.as_str(), generation, row.n, amount, row.note) {
            (PICTURE, Some(generation), Some(n), _, _) => {
                Parcel::Picture(PictureId { generation, n: narrow(n, "n")? })
            }
            (OUTCOME, Some(generation), _, _, _) => Parcel::Outcome(generation),
            ("granted", _, _, Some(amount), Some(reason)) => Parcel::Granted { amount, reason },
            ("refunded", Some(generation), _, Some(amount), _) => {
                Parcel::Refunded { generation, amount }
            }
            ("apology", _, _, _, _) => Parcel::Apology,
            ("broadcast", _, _, _, _) => Parcel::Broadcast(row.broadcast.ok_or_else(unknown)?),
            ("note", _, _, _, Some(words)) => Parcel::Note(words),
            _ => return Err(unknown()),
        };
        Ok(Self {
            id: OutboxId(row.seq),
            user: UserId(row.user_id),
            parcel,
            placed: row.placed.map(MessageId),
            attempts: narrow(row.attempts, "attempts")?,
        })
    }
}
