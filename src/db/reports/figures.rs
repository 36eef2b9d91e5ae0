//! Counts for the metrics and for `doctor`.

use aisha_actors::{domain::time::Timestamp, port::Result};

use super::Bounded;
use crate::db::{Database, Error, migrations};

/// How much there is of what. Reads small indexes only, except for the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    pub people: u64,
    pub inbox_open: u64,
    pub inbox_quarantined: u64,
    pub outbox_open: u64,
    pub outbox_quarantined: u64,
    pub generations_open: u64,
    /// Captured, and not every picture shown yet.
    pub generations_undelivered: u64,
    pub storage_jobs: u64,
    pub storage_quarantined: u64,
}

/// What every page of the dashboard shows. It costs the same however much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Glance {
    pub has_people: bool,
    /// Updates and messages that were set aside, as far as is counted.
    pub aside: Bounded,
}

impl Database {
    /// What every page shows.
    pub async fn glance(&self) -> Result<Glance> {
        on_reader!(self, conn => queries::reports::figures::glance(conn).await)
    }

    /// When the first person came: since then there is something to lose. None: nobody did.
    pub async fn first_person_at(&self) -> Result<Option<Timestamp>> {
        on_reader!(self, conn => queries::reports::figures::first_person_at(conn).await)
    }

    /// Counts for the metrics.
    pub async fn figures(&self) -> Result<Figures> {
        on_reader!(self, conn => queries::reports::figures::figures(conn).await)
    }

    /// The version of the database's own software.
    pub async fn version(&self) -> Result<String> {
        on_reader!(self, conn => queries::reports::figures::version(conn).await)
    }

    /// How the schema stands against this binary.
    pub async fn schema_status(&self) -> std::result::Result<migrations::Status, Error> {
        migrations::status(&self.target).await
    }
}
