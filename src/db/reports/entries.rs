//! The ledger's entries, and what the audit of the books found.

use std::time::Duration;

use aisha_actors::{
    domain::{
        id::{EntryId, GenerationId, UserId},
        ledger::{Credits, EntryKind},
        time::Timestamp,
    },
    port::Result,
};

use super::{BalanceLine, BalanceStats, CSV_HEAD, Spot, csv_line};
use crate::db::{Database, request::Shape};

/// A sum goes over so many entries at most.
pub(in crate::db) const SUM_MAX: usize = 10_000;

/// Entries in one part of a CSV file.
const CSV_PART: usize = 1000;

/// A check of the books younger than this is not made again.
const CHECK_EVERY: Duration = Duration::from_secs(50 * 60);

/// Breaches that are kept in words.
const LINES_MAX: usize = 100;

/// Which entries to list. All parts combine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    pub kind: Option<EntryKind>,
    pub user: Option<UserId>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Only what this operator booked, or `system`.
    pub actor: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    pub seq: i64,
    pub id: EntryId,
    pub kind: EntryKind,
    pub user: UserId,
    pub amount: Credits,
    pub generation: Option<GenerationId>,
    pub reason: String,
    pub by: String,
    pub at: Timestamp,
}

impl EntryLine {
    /// Its place in the list.
    pub const fn spot(&self) -> Spot<i64> {
        Spot { at: self.at, key: self.seq }
    }
}

/// What the newest entries of a filter add up to, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntrySum {
    /// Count and amount of each kind that there is.
    pub by_kind: Vec<(EntryKind, u64, Credits)>,
    /// There are older ones, which are not in it.
    pub is_cut: bool,
}

/// What a check of the books found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    pub at: Timestamp,
    /// How many breaches there are: none, if all is well.
    pub breaches: u64,
    /// The first of them in words.
    pub lines: Vec<String>,
    /// The books as a whole at that time.
    pub stats: BalanceStats,
}

impl Database {
    /// Entries, newest first. `after`: from the next one on.
    pub async fn find_entries(
        &self,
        filter: EntryFilter,
        after: Option<Spot<i64>>,
        limit: usize,
    ) -> Result<Vec<EntryLine>> {
        on_reader!(self, conn =>
            queries::reports::entries::find(conn, filter, after, limit).await)
    }

    /// What the entries of a filter add up to, over the newest 10 000 of them.
    pub async fn sum_entries(&self, filter: EntryFilter) -> Result<EntrySum> {
        let rows =
            on_reader!(self, conn => queries::reports::entries::amounts(conn, filter).await)?;
        let mut sum = EntrySum { is_cut: rows.len() > SUM_MAX, ..EntrySum::default() };
        for kind in EntryKind::ALL {
            let amounts = rows.iter().take(SUM_MAX).filter(|row| row.0 == kind).map(|row| row.1);
            let (mut count, mut total) = (0_u64, 0_i64);
            for amount in amounts {
                (count, total) = (count + 1, total.saturating_add(amount.0));
            }
            if count > 0 {
                sum.by_kind.push((kind, count, Credits(total)));
            }
        }
        Ok(sum)
    }

    /// A part of the entries as CSV, newest first, the first part with a head; and where the next part
    /// begins. None: this is the last one.
    pub async fn entries_csv(
        &self,
        filter: EntryFilter,
        after: Option<Spot<i64>>,
    ) -> Result<(String, Option<Spot<i64>>)> {
        let rows = self.find_entries(filter, after, CSV_PART).await?;
        let mut text = if after.is_none() { CSV_HEAD.to_owned() } else { String::new() };
        for row in &rows {
            text.push_str(&csv_line(row));
        }
        let next = rows.last().filter(|_| rows.len() == CSV_PART).map(EntryLine::spot);
        Ok((text, next))
    }

    /// Accounts of users, the largest balance first. `after`: from the next one on.
    pub async fn find_balances(
        &self,
        after: Option<(Credits, UserId)>,
        limit: usize,
    ) -> Result<Vec<BalanceLine>> {
        on_reader!(self, conn => queries::reports::money::find(conn, after, limit).await)
    }

    /// Checks the books and keeps what it found, unless that was done within the hour. Reads everything,
    /// beside whoever writes; takes seconds with millions of rows. None: it was done.
    pub async fn check_ledger(&self, now: Timestamp) -> Result<Option<LedgerCheck>> {
        let last = self.last_ledger_check().await?;
        if last.is_some_and(|last| now.since(last.at) < CHECK_EVERY) {
            return Ok(None);
        }
        self.check_ledger_now(now).await.map(Some)
    }

    /// The same, however new the last check is.
    pub async fn check_ledger_now(&self, now: Timestamp) -> Result<LedgerCheck> {
        let (breaches, lines, stats) = on_patient_reader!(self, conn => queries::reports::entries::check(conn, LINES_MAX).await)?;
        let check = LedgerCheck { at: now, breaches, lines, stats };
        let kept = check.clone();
        on_writer!(self, Shape::One, conn =>
            queries::reports::entries::keep_check(conn, kept).await)?;
        Ok(check)
    }

    /// What the last check of the books found. None: there was none yet.
    pub async fn last_ledger_check(&self) -> Result<Option<LedgerCheck>> {
        on_reader!(self, conn => queries::reports::entries::last_check(conn).await)
    }
}
