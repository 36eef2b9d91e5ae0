//! The ledger's entries in the order of their times, and the checks of the books.

use aisha_actors::domain::{
    id::{EntryId, UserId},
    ledger::{Credits, EntryKind},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool},
};
use diesel_async::RunQueryDsl;

use super::{super::ledger, Conn, Db, money};
use crate::db::{
    Outcome,
    reports::{BalanceStats, EntryFilter, EntryLine, LedgerCheck, SUM_MAX, Spot},
    row::{Corrupt, Id, Moment, readable},
    schema::{entry, ledger_check},
    types::MomentSql,
};

/// Who books what nobody does by hand. `entry_by_hand` is the index of the rest.
const SYSTEM: &str = "system";

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = entry)]
struct EntryRow {
    seq: i64,
    id: Id,
    kind: String,
    user_id: i64,
    amount: i64,
    generation: Option<Id>,
    reason: String,
    actor: String,
    at: Moment,
}

impl TryFrom<EntryRow> for EntryLine {
    type Error = Corrupt;
    fn try_from(row: EntryRow) -> Result<Self, Corrupt> {
        let corrupt = || Corrupt::new(format!("entry {} is of an unknown kind", row.seq));
        Ok(Self {
            seq: row.seq,
            id: EntryId(row.id.0),
            kind: EntryKind::parse(&row.kind).ok_or_else(corrupt)?,
            user: UserId(row.user_id),
            amount: Credits(row.amount),
            generation: row.generation.map(Into::into),
            reason: row.reason,
            by: row.actor,
            at: row.at.into(),
        })
    }
}

fn chosen(filter: &EntryFilter) -> entry::BoxedQuery<'static, Db> {
    let mut query = entry::table.into_boxed();
    if let Some(user) = filter.user {
        query = query.filter(entry::user_id.eq(user.0));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(entry::kind.eq(kind.name()));
    }
    if let Some(from) = filter.from {
        query = query.filter(entry::at.ge(Moment::from(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(entry::at.lt(Moment::from(until)));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(entry::actor.eq(actor.clone()));
        if actor != SYSTEM {
            query = query.filter(sql::<Bool>("entry.actor <> 'system'"));
        }
    }
    query
}

/// The statement of [`find`]: one person's entries in the order of their numbers, as their index has
/// them; others by time. A macro, because its type cannot be written down.
macro_rules! found {
    ($filter:expr, $after:expr, $limit:expr) => {{
        let mut query = chosen($filter);
        if $filter.user.is_some() {
            if let Some(Spot { key, .. }) = $after {
                query = query.filter(entry::seq.lt(key));
            }
            query = query.order(entry::seq.desc());
        } else {
            if let Some(Spot { at, key }) = $after {
                query = query.filter(
                    sql::<Bool>("(entry.at, entry.seq) < (")
                        .bind::<MomentSql, _>(Moment::from(at))
                        .sql(", ")
                        .bind::<BigInt, _>(key)
                        .sql(")"),
                );
            }
            query = query.order((entry::at.desc(), entry::seq.desc()));
        }
        query.limit(i64::try_from($limit).unwrap_or(i64::MAX))
    }};
}

pub(in crate::db) async fn find(
    conn: &mut Conn,
    filter: EntryFilter,
    after: Option<Spot<i64>>,
    limit: usize,
) -> Outcome<Vec<EntryLine>> {
    let query = found!(&filter, after, limit).select(EntryRow::as_select());
    let rows: Vec<EntryRow> = query.load(conn).await?;
    Ok(readable(rows))
}

/// The newest amounts, one more than are summed.
pub(in crate::db) async fn amounts(
    conn: &mut Conn,
    filter: EntryFilter,
) -> Outcome<Vec<(EntryKind, Credits)>> {
    let query = found!(&filter, None::<Spot<i64>>, SUM_MAX + 1);
    let rows: Vec<(String, i64)> = query.select((entry::kind, entry::amount)).load(conn).await?;
    let known = |(kind, amount): (String, i64)| Some((EntryKind::parse(&kind)?, Credits(amount)));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// The text of the statement, for the tests that look at its plan.
#[cfg(test)]
pub(in crate::db) fn text(filter: &EntryFilter, after: Option<Spot<i64>>) -> String {
    diesel::debug_query::<Db, _>(&found!(filter, after, 50usize).select(EntryRow::as_select()))
        .to_string()
}

/// How many breaches there are, the first of them, and the books as a whole.
pub(in crate::db) async fn check(
    conn: &mut Conn,
    lines_max: usize,
) -> Outcome<(u64, Vec<String>, BalanceStats)> {
    let mut lines = ledger::breaches(conn).await?;
    let breaches = lines.len() as u64;
    lines.truncate(lines_max);
    Ok((breaches, lines, money::stats(conn).await?))
}

pub(in crate::db) async fn keep_check(conn: &mut Conn, check: LedgerCheck) -> Outcome<()> {
    let LedgerCheck { at, breaches, lines, stats } = check;
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::insert_into(ledger_check::table)
        .values((
            ledger_check::at.eq(Moment::from(at)),
            ledger_check::breaches.eq(count(breaches)),
            ledger_check::lines.eq(lines.join("\n")),
            ledger_check::issued.eq(stats.issued.0),
            ledger_check::promo.eq(stats.promo.0),
            ledger_check::revenue.eq(stats.revenue.0),
            ledger_check::held.eq(stats.held.0),
            ledger_check::refunded.eq(stats.refunded.0),
            ledger_check::entries.eq(count(stats.entries)),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn last_check(conn: &mut Conn) -> Outcome<Option<LedgerCheck>> {
    type Row = (Moment, i64, String, (i64, i64, i64, i64, i64, i64));
    let row: Option<Row> = ledger_check::table
        .order(ledger_check::at.desc())
        .select((
            ledger_check::at,
            ledger_check::breaches,
            ledger_check::lines,
            (
                ledger_check::issued,
                ledger_check::promo,
                ledger_check::revenue,
                ledger_check::held,
                ledger_check::refunded,
                ledger_check::entries,
            ),
        ))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(at, breaches, lines, (issued, promo, revenue, held, refunded, entries))| {
        LedgerCheck {
            at: at.into(),
            breaches: breaches.unsigned_abs(),
            lines: lines.lines().map(str::to_owned).collect(),
            stats: BalanceStats {
                issued: Credits(issued),
                promo: Credits(promo),
                revenue: Credits(revenue),
                held: Credits(held),
                circulating: Credits(issued + promo - revenue),
                refunded: Credits(refunded),
                entries: entries.unsigned_abs(),
            },
        }
    }))
}
