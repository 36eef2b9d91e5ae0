//! Time and ids.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::time::Instant;

use crate::{
    domain::{id::IntentId, time::Timestamp},
    port,
};

/// 2026-03-01 12:00 UTC.
const START: Timestamp = Timestamp(1_772_366_400_000_000);

/// A clock that goes with tokio's time (so it stands while that is paused) and can be set.
#[derive(Debug)]
pub struct Clock {
    began: Instant,
    base: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { began: Instant::now(), base: AtomicI64::new(START.0) }
    }
}

impl Clock {
    fn elapsed(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// It is this moment now, and goes on from here.
    pub fn set(&self, now: Timestamp) {
        self.base.store(now.0.saturating_sub(self.elapsed()), Ordering::SeqCst);
    }

    /// Time passes at once.
    pub fn advance(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.base.fetch_add(by, Ordering::SeqCst);
    }
}

impl port::Clock for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(self.base.load(Ordering::SeqCst).saturating_add(self.elapsed()))
    }
}

/// Counts: 1, 2, 3 …
#[derive(Debug, Default)]
pub struct Ids(AtomicU64);

impl Ids {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

impl port::IdSource for Ids {
    fn intent(&self) -> IntentId {
        IntentId(self.next())
    }

    fn seed(&self) -> u32 {
        u32::try_from(self.next() & 0x7fff_ffff).unwrap_or_default()
    }

    fn cause(&self) -> String {
        format!("cause-{}", self.next())
    }
}
