//! How long things took, counted in buckets that can be added up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The first bucket's end. Each next one ends twice as late; the last but one after 1 048 s.
const FIRST: Duration = Duration::from_millis(1);

/// With the last one, which has no end.
const BUCKETS: usize = 22;

/// Counts by bucket, and the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Durations {
    counts: [u64; BUCKETS],
    sum_us: u64,
}

impl Durations {
    /// One more that took so long.
    pub fn add(&mut self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_us = self.sum_us.saturating_add(us);
        let bucket = Self::ends().position(|end| end.is_none_or(|end| took <= end));
        if let Some(count) = bucket.and_then(|bucket| self.counts.get_mut(bucket)) {
            *count = count.saturating_add(1);
        }
    }

    /// Where each bucket ends; the last one nowhere.
    fn ends() -> impl Iterator<Item = Option<Duration>> {
        let ends = (0..BUCKETS as u32 - 1).map(|n| Some(FIRST.saturating_mul(1 << n)));
        ends.chain([None])
    }

    /// The buckets in order: where each ends (None: nowhere) and how many are in it.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        Self::ends().zip(self.counts)
    }

    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |all, count| all.saturating_add(*count))
    }

    pub const fn sum(&self) -> Duration {
        Duration::from_micros(self.sum_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_in_the_first_bucket_that_ends_no_earlier() {
        let mut made = Durations::default();
        for ms in [0, 1, 2, 3, 1_048_576, 1_048_577] {
            made.add(Duration::from_millis(ms));
        }
        let filled: Vec<_> = made.buckets().filter(|(_, count)| *count > 0).collect();
        let end = |ms| Some(Duration::from_millis(ms));
        assert_eq!(filled, [(end(1), 2), (end(2), 1), (end(4), 1), (end(1_048_576), 1), (None, 1)]);
        assert_eq!((made.count(), made.sum()), (6, Duration::from_millis(2_097_159)));
    }
}
