//! Minutes of the whole bot: summed from the rows once they are over, kept for 40 days.

use std::time::Duration;

use aisha_actors::{
    domain::{ledger::Credits, time::Timestamp},
    port::Result,
};

use super::{Bounded, Histogram};
use crate::db::{Database, request::Shape};

pub(in crate::db) const MINUTE_US: i64 = 60_000_000;

/// So long after its end a minute is summed: by then all nodes have committed what belongs in it.
const SETTLED: Duration = Duration::from_secs(10);

/// So far back minutes are summed that nobody looked at when they ended.
const BACK_MINUTES: i64 = 24 * 60;

/// Minutes per transaction, so that nobody waits long behind them.
const BATCH: usize = 60;

/// What happened in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many minutes are in it.
    pub minutes: u64,
    /// Updates of Telegram taken in.
    pub updates: u64,
    /// Generations that people began.
    pub begun: u64,
    pub delivered: u64,
    pub failed: u64,
    pub expired: u64,
    pub cancelled: u64,
    pub captured: Credits,
    pub refunded: Credits,
    /// From the prompt's order to the last picture shown, of the delivered ones.
    pub latencies: Histogram,
}

impl Sums {
    /// The delivered ones among those that came to an end which nobody asked for. None: there was none.
    pub fn success_rate(&self) -> Option<f64> {
        let all = self.delivered.saturating_add(self.failed).saturating_add(self.expired);
        (all > 0).then(|| self.delivered as f64 / all as f64)
    }

    /// Both together.
    pub(in crate::db) fn and(&self, other: &Self) -> Self {
        let mut latencies = self.latencies;
        latencies.merge(&other.latencies);
        Self {
            minutes: self.minutes.saturating_add(other.minutes),
            updates: self.updates.saturating_add(other.updates),
            begun: self.begun.saturating_add(other.begun),
            delivered: self.delivered.saturating_add(other.delivered),
            failed: self.failed.saturating_add(other.failed),
            expired: self.expired.saturating_add(other.expired),
            cancelled: self.cancelled.saturating_add(other.cancelled),
            captured: Credits(self.captured.0.saturating_add(other.captured.0)),
            refunded: Credits(self.refunded.0.saturating_add(other.refunded.0)),
            latencies,
        }
    }

    /// A count as so many a minute.
    pub fn per_minute(&self, count: u64) -> f64 {
        count as f64 / self.minutes.max(1) as f64
    }
}

/// One minute, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) struct Sample {
    pub minute: Timestamp,
    pub sums: Sums,
    /// The newest update that had come in by its end.
    pub inbox_seq: i64,
}

/// How far back a chart goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// The last hour, by the minute.
    Hour,
    /// The last day, by the quarter of an hour.
    Day,
    /// The last 30 days, by six hours.
    Month,
}

impl Span {
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// Minutes from one point to the next.
    pub const fn step_minutes(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 15,
            Self::Month => 360,
        }
    }

    /// How many points there are.
    pub const fn points(self) -> i64 {
        match self {
            Self::Hour => 60,
            Self::Day => 96,
            Self::Month => 120,
        }
    }
}

/// A point of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Where its time begins.
    pub at: Timestamp,
    /// None: nobody knows. That is a gap, not a zero.
    pub sums: Option<Sums>,
}

/// How things are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overview {
    /// The last five minutes. None: no sample is that new.
    pub recent: Option<Sums>,
    /// The last hour.
    pub hour: Option<Sums>,
    /// Generations that are on their way at the provider or from there.
    pub running: u64,
    /// Generations that wait for a place at the provider.
    pub waiting: u64,
    /// Paid, and not every picture shown yet.
    pub undelivered: u64,
    /// Captured less refunded since midnight UTC.
    pub spent_today: Credits,
    /// What was set aside: updates, outbox entries, storage jobs.
    pub updates_aside: Bounded,
    pub parcels_aside: Bounded,
    pub storage_aside: Bounded,
}

/// The moment rounded down to a step of so many minutes.
fn floor(at: Timestamp, minutes: i64) -> Timestamp {
    let step = MINUTE_US * minutes;
    Timestamp(at.0.div_euclid(step).saturating_mul(step))
}

fn back(at: Timestamp, minutes: i64) -> Timestamp {
    Timestamp(at.0.saturating_sub(MINUTE_US * minutes))
}

impl Database {
    /// Sums the minutes that are over and were not summed yet, at most those of the last 24 hours. Whoever
    /// comes second finds them there: any node may call this, as often as it likes. Returns how many were
    /// summed.
    pub async fn take_samples(&self, now: Timestamp) -> Result<u64> {
        let settled = i64::try_from(SETTLED.as_micros()).unwrap_or(i64::MAX);
        let until = floor(Timestamp(now.0.saturating_sub(settled)), 1);
        let earliest = back(until, BACK_MINUTES);
        let begin = on_reader!(self, conn => queries::reports::samples::begin(conn).await)?;
        let from = floor(begin.unwrap_or(back(until, 1)), 1).max(earliest);
        if from >= until {
            return Ok(0);
        }
        let samples = on_reader!(self, conn =>
            queries::reports::samples::collect(conn, from, until).await)?;
        for batch in samples.chunks(BATCH) {
            let batch = batch.to_vec();
            on_writer!(self, Shape::Several, conn =>
                queries::reports::samples::keep(conn, batch).await)?;
        }
        Ok(samples.len() as u64)
    }

    /// The points of a chart that ends now, oldest first, none left out.
    pub async fn series(&self, span: Span, now: Timestamp) -> Result<Vec<Point>> {
        let step = span.step_minutes();
        let last = floor(now, step);
        let first = back(last, step * (span.points() - 1));
        let until = back(last, -step);
        let known = on_reader!(self, conn =>
            queries::reports::samples::sums(conn, first, until, step).await)?;
        let mut known = known.into_iter().peekable();
        let points = (0..span.points()).map(|n| {
            let at = back(first, -step * n);
            let sums = known.next_if(|(begin, _)| *begin == at).map(|(_, sums)| sums);
            Point { at, sums }
        });
        Ok(points.collect())
    }

    /// How things are now.
    pub async fn overview(&self, now: Timestamp) -> Result<Overview> {
        let minute = floor(now, 1);
        let (recent, hour) = (back(minute, 6), back(minute, 60));
        let today = floor(now, BACK_MINUTES);
        on_reader!(self, conn =>
            queries::reports::samples::overview(conn, recent, hour, today).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_told_among_the_ends_that_nobody_asked_for() {
        let sums = Sums { delivered: 3, failed: 1, cancelled: 9, ..Sums::default() };
        assert_eq!(sums.success_rate(), Some(0.75));
        assert_eq!(Sums { cancelled: 9, ..Sums::default() }.success_rate(), None);
    }

    #[test]
    fn a_step_begins_at_a_whole_one_also_before_the_epoch() {
        assert_eq!(floor(Timestamp(MINUTE_US * 16 + 1), 15), Timestamp(MINUTE_US * 15));
        assert_eq!(floor(Timestamp(-1), 1), Timestamp(-MINUTE_US));
    }
}
