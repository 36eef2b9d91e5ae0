//! What the command line and the dashboard read, and the few things they do to rows by hand.

mod aside;
mod broadcasts;
mod csv;
mod entries;
mod figures;
mod generations;
mod histogram;
mod money;
mod operator;
mod people;
mod pictures;
mod proposals;
mod samples;
mod spot;
mod storage;
mod timeline;
mod upkeep;

pub use self::{
    aside::{Aside, AsideId, AsideKind},
    broadcasts::{Broadcast, BroadcastState, NewBroadcast, Segment},
    csv::{CSV_HEAD, csv_line},
    entries::{EntryFilter, EntryLine, EntrySum, LedgerCheck},
    figures::{Figures, Glance},
    generations::{FailureLine, GenerationFilter, GenerationReport, Sequence},
    histogram::Histogram,
    money::{BalanceLine, BalanceStats},
    operator::{MAINTENANCE, ModelOverride, Switch},
    people::{PersonLine, PersonReport},
    proposals::{Decided, NewProposal, PROPOSAL_LIFE, Proposal},
    samples::{Overview, Point, Span, Sums},
    spot::{Bounded, COUNT_MAX, Key, NoSpot, Spot},
    storage::{Backlog, BucketCount, Unsettled},
    timeline::{Event, Timeline, What},
    upkeep::{UpkeepEnd, UpkeepFound, UpkeepKind, UpkeepLine, UpkeepRun, UpkeepWhat},
};
pub(in crate::db) use self::{
    entries::SUM_MAX,
    histogram::ENDS_MS,
    people::Search,
    samples::{MINUTE_US, Sample},
    timeline::{Facts, Sending},
    upkeep::KEPT as UPKEEP_KEPT,
};

/// So many rows are enough to know that there are more than are counted.
pub(in crate::db) const FEW: i64 = COUNT_MAX as i64 + 1;

/// A part of a long list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub limit: usize,
    pub offset: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 50, offset: 0 }
    }
}

impl Page {
    pub(super) fn limit(self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }

    pub(super) fn offset(self) -> i64 {
        i64::try_from(self.offset).unwrap_or(i64::MAX)
    }
}
