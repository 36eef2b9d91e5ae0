//! Generations.

use aisha_actors::{
    domain::{
        generation::{Failure, Generation, State},
        id::{GenerationId, ModelId, UserId},
        ledger::Credits,
        picture::Picture,
        time::Timestamp,
    },
    port::Result,
};

use super::{Bounded, Page, Spot};
use crate::db::Database;

/// Which generations to list. All parts combine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GenerationFilter {
    pub state: Option<State>,
    pub user: Option<UserId>,
    /// Only those made before this moment.
    pub before: Option<Timestamp>,
    /// Only those made then or later.
    pub since: Option<Timestamp>,
    pub model: Option<ModelId>,
    /// Only those that came to this end.
    pub failure: Option<Failure>,
    /// Only those of whose newest failures of ours one says this somewhere.
    pub reason: Option<String>,
    /// Only those that the tracker still has to drive.
    pub live: bool,
}

/// Which end of a list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sequence {
    #[default]
    NewestFirst,
    OldestFirst,
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
        on_reader!(self, conn => queries::reports::generations::list(conn, filter, page).await)
    }

    /// Generations in the order in which they were made. `after`: from the next one on.
    pub async fn find_generations(
        &self,
        filter: GenerationFilter,
        sequence: Sequence,
        after: Option<Spot<GenerationId>>,
        limit: usize,
    ) -> Result<Vec<Generation>> {
        on_reader!(self, conn =>
            queries::reports::generations::find(conn, filter, sequence, after, limit).await)
    }

    /// How many [`Database::find_generations`] would find in all.
    pub async fn count_found_generations(&self, filter: GenerationFilter) -> Result<Bounded> {
        on_reader!(self, conn => queries::reports::generations::count_found(conn, filter).await)
    }

    /// One generation with its pictures, its money and the log of its failures.
    pub async fn generation_report(&self, id: GenerationId) -> Result<Option<GenerationReport>> {
        on_reader!(self, conn => queries::reports::generations::report(conn, id).await)
    }
}
