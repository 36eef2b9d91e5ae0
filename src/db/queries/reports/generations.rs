//! Generations.

use aisha_actors::domain::{generation::Generation, id::GenerationId, ledger::Credits};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    super::{generations, pictures},
    Conn,
};
use crate::db::{
    Outcome,
    reports::{FailureLine, GenerationFilter, GenerationReport, Page},
    row::{GenerationRow, Id, Moment, readable},
    schema::{entry, failure, generation},
};

pub(in crate::db) async fn list(
    conn: &mut Conn,
    filter: GenerationFilter,
    page: Page,
) -> Outcome<Vec<Generation>> {
    let mut query = generation::table.into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(generation::state.eq(state.name()));
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
    let rows: Vec<GenerationRow> = query
        .order((generation::created_at, generation::id))
        .limit(page.limit())
        .offset(page.offset())
        .select(GenerationRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
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
    let failures: Vec<(Option<i32>, String, Moment)> = failure::table
        .filter(failure::generation.eq(Id::from(id)))
        .order(failure::seq)
        .select((failure::n, failure::reason, failure::at))
        .load(conn)
        .await?;
    Ok(Some(GenerationReport {
        generation,
        pictures: pictures::of_generation(conn, id).await?,
        entries: entries.into_iter().map(|(kind, amount)| (kind, Credits(amount))).collect(),
        failures: failures
            .into_iter()
            .map(|(n, reason, at)| FailureLine { n, reason, at: at.into() })
            .collect(),
    }))
}
