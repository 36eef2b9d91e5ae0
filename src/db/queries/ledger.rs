//! The ledger. The schema's constraints and triggers decide; `domain::ledger::Account` says in words
//! what they decided.

use std::collections::{BTreeMap, BTreeSet};

use aisha_actors::{
    domain::{
        change::Refusal,
        id::{GenerationId, UserId},
        ledger::{Account, Credits, Entry, EntryKind, Hold, House, Refused},
    },
    port::HistoryLine,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    commit::{Shows, Step},
};
use crate::db::{
    Outcome,
    row::{Corrupt, Id, Moment, readable},
    schema::{account, entry, generation, violations},
};

/// The most that one entry moves: counters cannot overflow then.
const AMOUNT_MAX: Credits = Credits(1_000_000_000_000);

/// The row of a house account.
pub(in crate::db) const fn house(house: House) -> i64 {
    match house {
        House::Issued => -9_000_000_000_000_000_001,
        House::Promo => -9_000_000_000_000_000_002,
        House::Revenue => -9_000_000_000_000_000_003,
    }
}

pub(in crate::db) async fn open_account(conn: &mut Conn, user: UserId) -> QueryResult<()> {
    diesel::insert_into(account::table)
        .values((account::id.eq(user.0), account::kind.eq("user")))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn book(conn: &mut Conn, user: UserId, booked: Entry) -> Step {
    if booked.user != user {
        return Err(Refusal::Moved.into());
    }
    if booked.amount > AMOUNT_MAX {
        return Err(Refused::TooMuch.into());
    }
    let other = house(booked.kind.house());
    let (debit, credit) = if booked.kind.debits_user() { (user.0, other) } else { (other, user.0) };
    diesel::insert_into(entry::table)
        .values((
            entry::id.eq(Id(booked.id.0)),
            entry::kind.eq(booked.kind.name()),
            entry::user_id.eq(user.0),
            entry::debit.eq(debit),
            entry::credit.eq(credit),
            entry::amount.eq(booked.amount.0),
            entry::generation.eq(booked.generation.map(Id::from)),
            entry::reason.eq(booked.reason),
            entry::actor.eq(booked.by),
            entry::at.eq(Moment::from(booked.at)),
        ))
        .execute(conn)
        .await?;
    Ok(Shows::Same)
}

/// Why the schema refused one of these entries, which would have come after all that stands. None: it
/// was none of them.
pub(in crate::db) async fn first_refused(
    conn: &mut Conn,
    user: UserId,
    booked: &[Entry],
) -> Outcome<Option<Refused>> {
    let mut account = account_of(conn, user).await?;
    let mut holds: BTreeMap<GenerationId, Option<Hold>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for next in booked {
        if !seen.insert(next.id) || stands(conn, next).await? {
            return Ok(Some(Refused::Repeated));
        }
        let hold = match next.generation {
            None => None,
            Some(id) => match holds.get(&id) {
                Some(hold) => *hold,
                None => hold_of(conn, user, id).await?,
            },
        };
        match account.apply(hold, next) {
            Err(refused) => return Ok(Some(refused)),
            Ok((after, hold)) => {
                account = after;
                if let Some(id) = next.generation {
                    holds.insert(id, hold);
                }
            }
        }
    }
    Ok(None)
}

async fn stands(conn: &mut Conn, booked: &Entry) -> QueryResult<bool> {
    let entries = entry::table.filter(entry::id.eq(Id(booked.id.0)));
    let found: i64 = entries.count().get_result(conn).await?;
    Ok(found > 0)
}

async fn hold_of(conn: &mut Conn, user: UserId, id: GenerationId) -> QueryResult<Option<Hold>> {
    let entries: Vec<(String, i64)> = entry::table
        .filter(entry::generation.eq(Id::from(id)))
        .filter(entry::user_id.eq(user.0))
        .order(entry::seq)
        .select((entry::kind, entry::amount))
        .load(conn)
        .await?;
    let mut hold = None;
    for (kind, amount) in entries {
        hold = match EntryKind::parse(&kind) {
            Some(EntryKind::Hold) => Some(Hold::Open(Credits(amount))),
            Some(EntryKind::Capture) => Some(Hold::Captured(Credits(amount))),
            Some(EntryKind::Release) => Some(Hold::Released),
            _ => hold,
        };
    }
    Ok(hold)
}

/// Zero without an account.
pub(in crate::db) async fn account_of(conn: &mut Conn, user: UserId) -> QueryResult<Account> {
    let found: Option<(i64, i64, i64)> = account::table
        .find(user.0)
        .select((account::credited, account::debited, account::held))
        .get_result(conn)
        .await
        .optional()?;
    Ok(found.map_or_else(Account::default, |(credited, debited, held)| Account {
        credited: Credits(credited),
        debited: Credits(debited),
        held: Credits(held),
    }))
}

#[derive(Debug, Queryable)]
struct HistoryRow {
    seq: i64,
    kind: String,
    amount: i64,
    reason: String,
    at: Moment,
    prompt: Option<String>,
}

impl TryFrom<HistoryRow> for HistoryLine {
    type Error = Corrupt;
    fn try_from(row: HistoryRow) -> Result<Self, Corrupt> {
        let corrupt = || Corrupt::new(format!("entry {} is of an unknown kind", row.seq));
        Ok(Self {
            seq: row.seq,
            kind: EntryKind::parse(&row.kind).ok_or_else(corrupt)?,
            amount: Credits(row.amount),
            reason: row.reason,
            at: row.at.into(),
            prompt: row.prompt,
        })
    }
}

pub(in crate::db) async fn history(
    conn: &mut Conn,
    user: UserId,
    before: i64,
    limit: usize,
) -> Outcome<Vec<HistoryLine>> {
    let before = if before <= 0 { i64::MAX } else { before };
    let rows: Vec<HistoryRow> = entry::table
        .left_join(generation::table.on(entry::generation.eq(generation::id.nullable())))
        .filter(entry::user_id.eq(user.0))
        .filter(entry::seq.lt(before))
        .filter(entry::kind.ne(EntryKind::Hold.name()))
        .filter(entry::kind.ne(EntryKind::Release.name()))
        .order(entry::seq.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((
            entry::seq,
            entry::kind,
            entry::amount,
            entry::reason,
            entry::at,
            generation::prompt.nullable(),
        ))
        .load(conn)
        .await?;
    Ok(readable(rows))
}

/// Every breach as a sentence.
pub(in crate::db) async fn breaches(conn: &mut Conn) -> Outcome<Vec<String>> {
    let rows: Vec<(String, String)> =
        violations::table.select((violations::rule, violations::subject)).load(conn).await?;
    Ok(rows.into_iter().map(|(rule, subject)| format!("{rule}: {subject}")).collect())
}
