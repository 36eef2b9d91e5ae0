//! What lies in object storage, as the rows have it.

use std::time::Duration;

use aisha_actors::{
    domain::{
        id::PictureId,
        picture::{Picture, PictureState},
        time::Timestamp,
    },
    port::Result,
};

use super::{Bounded, Spot};
use crate::db::{Database, request::Shape};

/// A count of all pictures younger than this is not made again.
const COUNT_EVERY: Duration = Duration::from_secs(10 * 60);

/// Pictures of one state in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketCount {
    /// None: they have no object.
    pub bucket: Option<String>,
    pub state: PictureState,
    pub pictures: u64,
    pub bytes: u64,
    /// When they were counted.
    pub at: Timestamp,
}

/// What the writer still has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// To be brought in from the provider's URL.
    pub backfills: Bounded,
    /// To be deleted.
    pub deletions: Bounded,
    /// Set aside after failures.
    pub aside: Bounded,
    /// The making of the oldest one's generation.
    pub oldest: Option<Timestamp>,
}

/// A picture that is not where it should be. Its place in the list is told by when its URL ends; one
/// without a promise counts from its making.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsettled {
    pub picture: Picture,
    pub spot: Spot<PictureId>,
}

impl Database {
    /// Counts all pictures by bucket and state and keeps the counts, unless that was done within ten
    /// minutes. Reads every picture's row, beside whoever writes.
    pub async fn count_storage(&self, now: Timestamp) -> Result<()> {
        let last = self.bucket_counts().await?;
        if last.first().is_some_and(|count| now.since(count.at) < COUNT_EVERY) {
            return Ok(());
        }
        let counts =
            on_patient_reader!(self, conn => queries::reports::storage::count(conn, now).await)?;
        on_writer!(self, Shape::Several, conn =>
            queries::reports::storage::keep(conn, counts).await)
    }

    /// The last count of all pictures. Empty: there was none yet, or there are no pictures.
    pub async fn bucket_counts(&self) -> Result<Vec<BucketCount>> {
        on_reader!(self, conn => queries::reports::storage::counts(conn).await)
    }

    /// What the writer still has to do.
    pub async fn backlog(&self) -> Result<Backlog> {
        on_reader!(self, conn => queries::reports::storage::backlog(conn).await)
    }

    /// Pictures in one of the states `fallback`, `lost` and `trashed`, the one first whose URL ends first.
    /// Of other states there are none in this list. `after`: from the next one on.
    pub async fn unsettled_pictures(
        &self,
        state: PictureState,
        after: Option<Spot<PictureId>>,
        limit: usize,
    ) -> Result<Vec<Unsettled>> {
        on_reader!(self, conn =>
            queries::reports::storage::unsettled(conn, state, after, limit).await)
    }
}
