//! Moments and time zones.

use chrono::{DateTime, Duration as Span, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A moment in microseconds since the Unix epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment plus a span; saturates.
    pub const fn plus(self, span: std::time::Duration) -> Self {
        Self(self.0.saturating_add(span.as_micros() as i64))
    }

    /// The time from `earlier` to this moment; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// The same moment as a date and time in UTC. Out of range: the epoch.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

/// A person's time zone as a fixed distance from UTC, in minutes, −12 h to +14 h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(try_from = "i32", into = "i32")]
pub struct Offset(i32);

/// The number is no distance from UTC that any place on Earth has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time zone is -720 to 840 minutes from UTC")]
pub struct InvalidOffset;

impl Offset {
    pub fn from_minutes(minutes: i32) -> Result<Self, InvalidOffset> {
        (-720..=840).contains(&minutes).then_some(Self(minutes)).ok_or(InvalidOffset)
    }

    pub const fn minutes(self) -> i32 {
        self.0
    }

    fn fixed(self) -> FixedOffset {
        // Always within a day, see `from_minutes`.
        FixedOffset::east_opt(self.0 * 60).unwrap_or_else(|| Utc.fix_offset())
    }

    /// What clocks on the wall show there.
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        at.utc().with_timezone(&self.fixed()).naive_local()
    }

    /// The first moment of `date` there.
    pub fn midnight(self, date: NaiveDate) -> Timestamp {
        let local = date.and_time(chrono::NaiveTime::MIN) - Span::minutes(i64::from(self.0));
        Timestamp(Utc.from_utc_datetime(&local).timestamp_micros())
    }
}

trait FixOffset {
    fn fix_offset(&self) -> FixedOffset;
}

impl FixOffset for Utc {
    fn fix_offset(&self) -> FixedOffset {
        chrono::Offset::fix(self)
    }
}

impl TryFrom<i32> for Offset {
    type Error = InvalidOffset;
    fn try_from(minutes: i32) -> Result<Self, InvalidOffset> {
        Self::from_minutes(minutes)
    }
}

impl From<Offset> for i32 {
    fn from(offset: Offset) -> i32 {
        offset.0
    }
}

/// Moments from `from` up to, not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    pub from: Timestamp,
    pub until: Timestamp,
}
