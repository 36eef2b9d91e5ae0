//! Credits that wait for a second person.

use aisha_actors::domain::{
    change::{Changes, Refusal},
    id::UserId,
    ledger::{Credits, Refused},
    time::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{super::commit, Conn, Db};
use crate::db::{
    Outcome,
    reports::{Decided, NewProposal, Proposal},
    row::{Id, Moment},
    schema::proposal,
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = proposal)]
struct Row {
    seq: i64,
    cause: String,
    user_id: i64,
    generation: Option<Id>,
    amount: i64,
    reason: String,
    author: String,
    created_at: Moment,
}

impl From<Row> for Proposal {
    fn from(row: Row) -> Self {
        Self {
            seq: row.seq,
            created_at: row.created_at.into(),
            what: NewProposal {
                cause: row.cause,
                user: UserId(row.user_id),
                generation: row.generation.map(Into::into),
                amount: Credits(row.amount),
                reason: row.reason,
                author: row.author,
            },
        }
    }
}

pub(in crate::db) async fn propose(
    conn: &mut Conn,
    new: NewProposal,
    now: Timestamp,
) -> Outcome<bool> {
    let rows = diesel::insert_into(proposal::table)
        .values((
            proposal::cause.eq(new.cause),
            proposal::user_id.eq(new.user.0),
            proposal::generation.eq(new.generation.map(Id::from)),
            proposal::amount.eq(new.amount.0),
            proposal::reason.eq(new.reason),
            proposal::author.eq(new.author),
            proposal::created_at.eq(Moment::from(now)),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(rows > 0)
}

/// `since`: older ones are over.
pub(in crate::db) async fn open(
    conn: &mut Conn,
    since: Timestamp,
    seq: Option<i64>,
    limit: usize,
) -> Outcome<Vec<Proposal>> {
    let mut query = proposal::table
        .filter(proposal::outcome.is_null())
        .filter(proposal::created_at.gt(Moment::from(since)))
        .order((proposal::created_at, proposal::seq))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .into_boxed::<Db>();
    if let Some(seq) = seq {
        query = query.filter(proposal::seq.eq(seq));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(Proposal::from).collect())
}

/// Whether it was still to be decided.
pub(in crate::db) async fn settle(
    conn: &mut Conn,
    seq: i64,
    outcome: &'static str,
    by: String,
    since: Timestamp,
    now: Timestamp,
) -> Outcome<bool> {
    let waits = proposal::table
        .filter(proposal::seq.eq(seq))
        .filter(proposal::outcome.is_null())
        .filter(proposal::created_at.gt(Moment::from(since)));
    let rows = diesel::update(waits)
        .set((
            proposal::outcome.eq(outcome),
            proposal::decided_by.eq(by),
            proposal::decided_at.eq(Moment::from(now)),
        ))
        .execute(conn)
        .await?;
    Ok(rows > 0)
}

/// The row is settled first, and with that locked: whoever comes second finds it decided.
pub(in crate::db) async fn approve(
    conn: &mut Conn,
    seq: i64,
    by: String,
    changes: Changes,
    since: Timestamp,
    now: Timestamp,
) -> Outcome<Decided> {
    let author: Option<String> =
        proposal::table.find(seq).select(proposal::author).get_result(conn).await.optional()?;
    match author {
        None => return Ok(Decided::Gone),
        Some(author) if author == by => return Ok(Decided::Own),
        Some(_) => {}
    }
    if !settle(conn, seq, "approved", by, since, now).await? {
        return Ok(Decided::Gone);
    }
    let answers = commit::members(conn, vec![changes], now).await?;
    match answers.into_iter().next() {
        // A refund may have been booked by another way meanwhile: then it is done.
        Some(Ok(_)) | Some(Err(Refusal::Ledger(Refused::Repeated) | Refusal::Exists)) => {
            Ok(Decided::Now)
        }
        Some(Err(refusal)) => {
            reopen(conn, seq).await?;
            Ok(Decided::Refused(refusal))
        }
        None => {
            reopen(conn, seq).await?;
            Ok(Decided::Gone)
        }
    }
}

async fn reopen(conn: &mut Conn, seq: i64) -> Outcome<()> {
    let nothing = (
        proposal::outcome.eq(None::<String>),
        proposal::decided_by.eq(None::<String>),
        proposal::decided_at.eq(None::<Moment>),
    );
    diesel::update(proposal::table.find(seq)).set(nothing).execute(conn).await?;
    Ok(())
}
