//! Waits that grow from failure to failure.

use std::time::Duration;

/// Doubles from `first` to `last`, with up to a quarter less at random so that many do not march in
/// step. Starts over with [`Backoff::reset`].
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, last: Duration) -> Self {
        Self { first, last, next: first }
    }

    /// The wait after one more failure.
    pub fn grow(&mut self) -> Duration {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.last);
        wait.mul_f64(1.0 - rand::random_range(0.0..0.25))
    }

    /// It works again.
    pub const fn reset(&mut self) {
        self.next = self.first;
    }
}

impl Default for Backoff {
    /// From one second to one minute.
    fn default() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_its_last_and_starts_over() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
        let waits: Vec<u128> = (0..4).map(|_| backoff.grow().as_millis()).collect();
        for (wait, most) in waits.iter().zip([100, 200, 350, 350]) {
            assert!((most * 3 / 4..=most).contains(wait), "{waits:?}");
        }
        backoff.reset();
        assert!(backoff.grow() <= Duration::from_millis(100));
    }
}
