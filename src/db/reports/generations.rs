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

use super::Page;
use crate::db::Database;

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
        on_reader!(self, conn => queries::reports::generations::list(conn, filter, page).await)
    }

    /// One generation with its pictures, its money and the log of its failures.
    pub async fn generation_report(&self, id: GenerationId) -> Result<Option<GenerationReport>> {
        on_reader!(self, conn => queries::reports::generations::report(conn, id).await)
    }
}
