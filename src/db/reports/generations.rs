//! Generations.

use aisha_actors::{
    domain::{
        generation::{Generation, State},
        id::{GenerationId, UserId},
        ledger::Credits,
        picture::Picture,
        time::Timestamp,
    },
    port::Result,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures::FutureExt;

use super::Page;
use crate::db::{
    Conn, Database, Outcome, generations, pictures,
    row::{GenerationRow, Id, readable},
    schema::{entry, failure, generation},
};

/// Which generations to list. All parts combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GenerationFilter {
    pub state: Option<State>,
    pub user: Option<UserId>,
    /// Only those made before this moment.
    pub before: Option<Timestamp>,
    /// Only those that the tracker still has to drive.
    pub live: bool,
}

/// A failure of ours while working on a generation or on a picture of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureLine {
    /// The picture, where it was one.
    pub n: Option<i32>,
    pub reason: String,
    pub at: Timestamp,
}

/// All about one generation.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerationReport {
    pub generation: Generation,
    pub pictures: Vec<Picture>,
    /// What the ledger booked for it, oldest first: the kind and the amount.
    pub entries: Vec<(String, Credits)>,
    /// Oldest first.
    pub failures: Vec<FailureLine>,
}

impl Database {
    /// Generations, oldest first: the stuck ones come up.
    pub async fn list_generations(
        &self,
        filter: GenerationFilter,
        page: Page,
    ) -> Result<Vec<Generation>> {
        self.readers.read(move |conn| list(conn, filter, page).boxed()).await
    }

    /// One generation with its pictures, its money and the log of its failures.
    pub async fn generation_report(&self, id: GenerationId) -> Result<Option<GenerationReport>> {
        self.readers.read(move |conn| report(conn, id).boxed()).await
    }
}

async fn list(conn: &mut Conn, filter: GenerationFilter, page: Page) -> Outcome<Vec<Generation>> {
    let mut query = generation::table.into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(generation::state.eq(state.name()));
    }
    if let Some(user) = filter.user {
        query = query.filter(generation::user_id.eq(user.0));
    }
    if let Some(before) = filter.before {
        query = query.filter(generation::created_at.lt(before.0));
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

async fn report(conn: &mut Conn, id: GenerationId) -> Outcome<Option<GenerationReport>> {
    let Some(generation) = generations::one(conn, id).await? else { return Ok(None) };
    let entries: Vec<(String, i64)> = entry::table
        .filter(entry::generation.eq(Id::from(id)))
        .order(entry::seq)
        .select((entry::kind, entry::amount))
        .load(conn)
        .await?;
    let failures: Vec<(Option<i32>, String, i64)> = failure::table
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
            .map(|(n, reason, at)| FailureLine { n, reason, at: Timestamp(at) })
            .collect(),
    }))
}
