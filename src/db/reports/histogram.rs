//! How long things took, in a few fixed buckets that can be added up.

use std::{fmt, time::Duration};

/// Where the buckets end, in milliseconds: half a second, then half as much again each time. What takes
/// longer than the last one stands in a bucket without an end.
pub(in crate::db) const ENDS_MS: [i64; 19] = [
    500, 750, 1_125, 1_688, 2_531, 3_797, 5_695, 8_543, 12_814, 19_222, 28_833, 43_249, 64_873,
    97_310, 145_965, 218_947, 328_421, 492_631, 738_946,
];

const BUCKETS: usize = ENDS_MS.len() + 1;

/// Counts by bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Histogram([u64; BUCKETS]);

impl Histogram {
    /// Adds a count to a bucket; one that there is not is left out.
    pub(in crate::db) fn add(&mut self, bucket: usize, count: u64) {
        if let Some(all) = self.0.get_mut(bucket) {
            *all = all.saturating_add(count);
        }
    }

    /// Adds all of another one.
    pub(in crate::db) fn merge(&mut self, other: &Self) {
        for (bucket, count) in other.0.iter().enumerate() {
            self.add(bucket, *count);
        }
    }

    /// Reads what [`fmt::Display`] wrote, of one minute or of several behind one another.
    pub(in crate::db) fn read(text: &str) -> Self {
        let mut read = Self::default();
        for part in text.split_ascii_whitespace() {
            if let Some((bucket, count)) = part.split_once(':')
                && let (Ok(bucket), Ok(count)) = (bucket.parse(), count.parse())
            {
                read.add(bucket, count);
            }
        }
        read
    }

    /// How many there are in all.
    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The buckets in order: where each ends (None: nowhere) and how many are in it.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> + '_ {
        let ends = ENDS_MS.iter().map(|end| Some(millis(*end))).chain([None]);
        ends.zip(self.0.iter().copied())
    }

    /// The time within which `share` of them (0 to 1) were done: between the ends of its bucket by how far
    /// in it the share lies. Of the last bucket, which has no end, it is the beginning. None: nothing was.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let rank = (share.clamp(0.0, 1.0) * count as f64).max(f64::MIN_POSITIVE);
        let (mut before, mut begin) = (0.0, Duration::ZERO);
        for (end, count) in self.buckets() {
            let count = count as f64;
            let Some(end) = end else { break };
            if count > 0.0 && before + count >= rank {
                let within = (rank - before) / count;
                return Some(begin + (end - begin).mul_f64(within.clamp(0.0, 1.0)));
            }
            before += count;
            begin = end;
        }
        Some(begin)
    }
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

/// `bucket:count` of each that is not empty.
impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        for (bucket, count) in self.0.iter().enumerate().filter(|(_, count)| **count > 0) {
            write!(f, "{space}{bucket}:{count}")?;
            space = " ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(counts: &[(usize, u64)]) -> Histogram {
        let mut made = Histogram::default();
        for (bucket, count) in counts {
            made.add(*bucket, *count);
        }
        made
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
    }

    #[test]
    fn a_quantile_lies_in_its_bucket_as_far_as_the_share_goes() {
        let made = of(&[(1, 10), (2, 10)]);
        assert_eq!(made.quantile(0.5), Some(Duration::from_millis(750)));
        assert_eq!(made.quantile(0.25), Some(Duration::from_millis(625)));
        assert_eq!(made.quantile(1.0), Some(Duration::from_millis(1_125)));
        assert_eq!(made.quantile(0.0), Some(Duration::from_millis(500)));
    }

    #[test]
    fn what_takes_longer_than_all_buckets_is_told_as_the_last_end() {
        let made = of(&[(0, 1), (19, 9)]);
        assert_eq!(made.quantile(0.95), Some(Duration::from_millis(738_946)));
    }

    #[test]
    fn texts_behind_one_another_add_up_and_what_is_none_is_left_out() {
        let (one, other) = (of(&[(3, 2), (19, 1)]), of(&[(3, 5)]));
        assert_eq!(one.to_string(), "3:2 19:1");
        let both = format!("{one} {other} 3: :4 x:1 20:9 7");
        assert_eq!(Histogram::read(&both), of(&[(3, 7), (19, 1)]));
    }

    #[test]
    fn each_bucket_ends_half_as_much_later_than_the_one_before() {
        for pair in ENDS_MS.windows(2) {
            let more = pair[1] as f64 / pair[0] as f64;
            assert!((more - 1.5).abs() < 0.002, "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn a_histogram_comes_back_and_its_quantiles_only_rise(
            counts in prop::collection::vec((0..BUCKETS, 0..1000u64), 0..30),
        ) {
            let made = of(&counts);
            prop_assert_eq!(Histogram::read(&made.to_string()), made);
            let told: Vec<_> = (0..=20).map(|n| made.quantile(f64::from(n) / 20.0)).collect();
            prop_assert!(told.is_sorted());
        }
    }
}
