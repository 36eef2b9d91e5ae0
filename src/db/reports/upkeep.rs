//! What is done to storage as a whole: one run at a time over all nodes, with how far it is.

use std::time::Duration;

use aisha_actors::{domain::time::Timestamp, port::Result};
use serde::{Deserialize, Serialize};

use crate::db::{Database, Fault, request::Shape};

/// A run whose process has said nothing for so long is lost.
const SILENCE: Duration = Duration::from_secs(60);

/// So many runs are kept.
pub(in crate::db) const KEPT: i64 = 100;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpkeepKind {
    /// Objects against rows, both ways.
    Check,
    /// The same, and pictures in the wrong bucket go to the right one.
    Move,
    /// Pictures that wait for storage are brought in.
    Backfill,
}

impl UpkeepKind {
    const ALL: [Self; 3] = [Self::Check, Self::Move, Self::Backfill];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Move => "move",
            Self::Backfill => "backfill",
        }
    }

    pub(in crate::db) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpkeepEnd {
    Finished,
    Failed,
    /// An operator stopped it.
    Stopped,
    /// Its process ended before it did.
    Lost,
}

impl UpkeepEnd {
    const ALL: [Self; 4] = [Self::Finished, Self::Failed, Self::Stopped, Self::Lost];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Lost => "lost",
        }
    }

    pub(in crate::db) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.name() == name)
    }
}

/// What a run found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpkeepFound {
    /// Pictures that are stored, as the rows have it.
    pub rows: u64,
    pub objects: u64,
    /// Their row says stored, and there is no object.
    pub missing: u64,
    /// Objects without a row, and their bytes.
    pub strays: u64,
    pub stray_bytes: u64,
    /// In another bucket than their model's, and how many of them were moved.
    pub misplaced: u64,
    pub moved: u64,
    /// Brought in, and still waiting.
    pub stored: u64,
    pub waiting: u64,
    /// The first of what is wrong.
    pub first: Vec<UpkeepLine>,
    /// Why it failed.
    pub trouble: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpkeepLine {
    pub what: UpkeepWhat,
    /// An object's place, or a picture's id.
    pub subject: String,
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpkeepWhat {
    Missing,
    Stray,
    Misplaced,
    Waiting,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpkeepRun {
    pub seq: i64,
    pub kind: UpkeepKind,
    pub author: String,
    pub started_at: Timestamp,
    /// When its process spoke last.
    pub seen_at: Timestamp,
    pub done: u64,
    /// Zero: not known yet.
    pub total: u64,
    pub is_stopping: bool,
    pub ended: Option<(Timestamp, UpkeepEnd)>,
    pub found: UpkeepFound,
}

impl UpkeepRun {
    /// Whether it goes on, as far as can be seen.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now.since(self.seen_at) < SILENCE
    }
}

impl Database {
    /// Begins a run; its number. None: another one is under way. One whose process is gone is lost.
    pub async fn begin_upkeep(&self, kind: UpkeepKind, author: &str) -> Result<Option<i64>> {
        let (author, now) = (author.to_owned(), self.clock.now());
        let silence = i64::try_from(SILENCE.as_micros()).unwrap_or(i64::MAX);
        let lost = Timestamp(now.0.saturating_sub(silence));
        on_writer!(self, Shape::Several, conn =>
            queries::reports::upkeep::begin(conn, kind, &author, now, lost).await)
    }

    /// Says how far a run is. False: it shall stop.
    pub async fn advance_upkeep(&self, seq: i64, done: u64, total: u64) -> Result<bool> {
        let at = self.clock.now();
        on_writer!(self, Shape::One, conn =>
            queries::reports::upkeep::advance(conn, seq, done, total, at).await)
    }

    /// Has the run that is under way stop soon. False: there is none.
    pub async fn stop_upkeep(&self) -> Result<bool> {
        on_writer!(self, Shape::One, conn => queries::reports::upkeep::stop(conn).await)
    }

    /// A run is over. Changes nothing where that was said before.
    pub async fn end_upkeep(&self, seq: i64, end: UpkeepEnd, found: &UpkeepFound) -> Result<()> {
        let at = self.clock.now();
        let found = serde_json::to_string(found).map_err(Fault::from)?;
        on_writer!(self, Shape::One, conn =>
            queries::reports::upkeep::end(conn, seq, end, &found, at).await)
    }

    /// The newest runs, newest first.
    pub async fn upkeep_runs(&self, limit: usize) -> Result<Vec<UpkeepRun>> {
        on_reader!(self, conn => queries::reports::upkeep::newest(conn, limit).await)
    }
}
