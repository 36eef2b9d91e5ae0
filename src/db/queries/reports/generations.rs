//! Generations.

use aisha_actors::domain::{
    generation::{Generation, State},
    id::GenerationId,
    ledger::Credits,
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    super::{generations, pictures},
    Conn, Db,
    people::pattern,
};
use crate::db::{
    Outcome,
    reports::{
        Bounded, FEW, FailureLine, GenerationFilter, GenerationReport, Page, Sequence, Spot,
    },
    row::{GenerationRow, Id, Moment, readable},
    schema::{entry, failure, generation},
    types::{IdSql, MomentSql},
};

pub(in crate::db) async fn list(
    conn: &mut Conn,
    filter: GenerationFilter,
    page: Page,
) -> Outcome<Vec<Generation>> {
    let rows: Vec<GenerationRow> = chosen(filter)
        .order((generation::created_at, generation::id))
        .limit(page.limit())
        .offset(page.offset())
        .select(GenerationRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
}

/// How many of the newest failures are searched for words.
const FAILURES_SEARCHED: usize = 10_000;

/// What the index of those that nobody paid for asks for.
const UNPAID: &str = "generation.finished_at IS NOT NULL AND generation.captured = 0";

/// Those of a filter. Beside a state stands what its index asks for.
pub(in crate::db) fn chosen(filter: GenerationFilter) -> generation::BoxedQuery<'static, Db> {
    let mut query = generation::table.into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(generation::state.eq(state.name()));
        match state {
            State::Failed | State::Expired | State::Cancelled => {
                query = query.filter(sql::<Bool>(UNPAID));
            }
            State::Delivered => {}
            _ => query = query.filter(generation::is_live),
        }
    }
    if let Some(failure) = filter.failure {
        query = query.filter(generation::failure.eq(failure.name())).filter(sql::<Bool>(UNPAID));
    }
    if let Some(model) = filter.model {
        query = query.filter(generation::model.eq(String::from(model)));
    }
    if let Some(since) = filter.since {
        query = query.filter(generation::created_at.ge(Moment::from(since)));
    }
    if let Some(words) = filter.reason {
        query = query.filter(
            sql::<Bool>(&format!(
                "generation.id IN (SELECT generation FROM (SELECT generation, reason FROM failure \
                 ORDER BY seq DESC LIMIT {FAILURES_SEARCHED}) AS newest WHERE lower(reason) LIKE lower("
            ))
            .bind::<Text, _>(pattern(&words))
            .sql(") ESCAPE '\\')"),
        );
    }
    if let Some(user) = filter.user {
        query = query.filter(generation::user_id.eq(user.0));
    }
    if let Some(before) = filter.before {
        query = query.filter(generation::created_at.lt(Moment::from(before)));
    }
    if filter.live {
        query = query.filter(generation::is_live);
    }
    query
}

/// The statement of [`find`]. A macro, because its type cannot be written down.
macro_rules! found {
    ($filter:expr, $sequence:expr, $after:expr, $limit:expr) => {{
        let mut query = chosen($filter);
        let past = match $sequence {
            Sequence::NewestFirst => "<",
            Sequence::OldestFirst => ">",
        };
        if let Some(Spot { at, key }) = $after {
            query = query.filter(
                sql::<Bool>(&format!("(generation.created_at, generation.id) {past} ("))
                    .bind::<MomentSql, _>(Moment::from(at))
                    .sql(", ")
                    .bind::<IdSql, _>(Id::from(key))
                    .sql(")"),
            );
        }
        let query = match $sequence {
            Sequence::NewestFirst => {
                query.order((generation::created_at.desc(), generation::id.desc()))
            }
            Sequence::OldestFirst => query.order((generation::created_at, generation::id)),
        };
        query.limit(i64::try_from($limit).unwrap_or(i64::MAX)).select(GenerationRow::as_select())
    }};
}

pub(in crate::db) async fn find(
    conn: &mut Conn,
    filter: GenerationFilter,
    sequence: Sequence,
    after: Option<Spot<GenerationId>>,
    limit: usize,
) -> Outcome<Vec<Generation>> {
    let rows: Vec<GenerationRow> = found!(filter, sequence, after, limit).load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn count_found(
    conn: &mut Conn,
    filter: GenerationFilter,
) -> Outcome<Bounded> {
    let found: Vec<Id> = chosen(filter).select(generation::id).limit(FEW).load(conn).await?;
    Ok(Bounded(found.len() as u64))
}

/// The text of the statement, for the tests that look at its plan.
#[cfg(test)]
pub(in crate::db) fn text(
    filter: GenerationFilter,
    sequence: Sequence,
    after: Option<Spot<GenerationId>>,
) -> String {
    diesel::debug_query::<Db, _>(&found!(filter, sequence, after, 50usize)).to_string()
}

pub(in crate::db) async fn report(
    conn: &mut Conn,
    id: GenerationId,
) -> Outcome<Option<GenerationReport>> {
    let Some(generation) = generations::one(conn, id).await? else { return Ok(None) };
    let entries: Vec<(String, i64)> = entry::table
        .filter(entry::generation.eq(Id::from(id)))
        .order(entry::seq)
        .select((entry::kind, entry::amount))
        .load(conn)
        .await?;
    Ok(Some(GenerationReport {
        generation,
        pictures: pictures::of_generation(conn, id).await?,
        entries: entries.into_iter().map(|(kind, amount)| (kind, Credits(amount))).collect(),
        failures: failures(conn, id).await?,
    }))
}

/// Failures of ours while working on it, oldest first.
pub(super) async fn failures(conn: &mut Conn, id: GenerationId) -> Outcome<Vec<FailureLine>> {
    let rows: Vec<(Option<i32>, String, Moment)> = failure::table
        .filter(failure::generation.eq(Id::from(id)))
        .order(failure::seq)
        .select((failure::n, failure::reason, failure::at))
        .load(conn)
        .await?;
    let line =
        |(n, reason, at): (Option<i32>, String, Moment)| FailureLine { n, reason, at: at.into() };
    Ok(rows.into_iter().map(line).collect())
}
