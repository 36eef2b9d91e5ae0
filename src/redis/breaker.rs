//! When to leave Redis alone. Decides only: it has no clock and waits for nothing.

use std::time::Duration;

/// So many failed calls in a row open it.
const FAILURES_MAX: u32 = 3;

/// The pause before a probe grows from the first to the second.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Closed: calls go through. Open: none does. Half open: one probe is under way, and no call goes
/// through, so that nobody who waits for an answer pays for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaker {
    Closed {
        /// In a row.
        failures: u32,
    },
    Open {
        /// Before the next probe.
        pause: Duration,
    },
    HalfOpen {
        pause: Duration,
    },
}

impl Breaker {
    /// Open, with a probe at once: how everything begins.
    pub(super) const fn new() -> Self {
        Self::Open { pause: Duration::ZERO }
    }

    pub(super) const fn lets_through(self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// A call got an answer, of whatever kind.
    pub(super) fn answered(&mut self) {
        if let Self::Closed { failures } = self {
            *failures = 0;
        }
    }

    /// A call got no answer in time. True: that opened it.
    pub(super) fn failed(&mut self) -> bool {
        let Self::Closed { failures } = self else { return false };
        *failures += 1;
        if *failures < FAILURES_MAX {
            return false;
        }
        *self = Self::Open { pause: PAUSE_MIN };
        true
    }

    /// The connection broke. True: that opened it. The first probe comes at once: a server that was
    /// started anew is there already.
    pub(super) fn broke(&mut self) -> bool {
        let was_closed = self.lets_through();
        if was_closed {
            *self = Self::Open { pause: Duration::ZERO };
        }
        was_closed
    }

    /// How long to wait before the probe that is due; None: none is.
    pub(super) const fn pause(self) -> Option<Duration> {
        match self {
            Self::Open { pause } => Some(pause),
            Self::Closed { .. } | Self::HalfOpen { .. } => None,
        }
    }

    /// The probe is under way.
    pub(super) fn probe(&mut self) {
        if let Self::Open { pause } = *self {
            *self = Self::HalfOpen { pause };
        }
    }

    /// The probe came back.
    pub(super) fn probed(&mut self, reached: bool) {
        let Self::HalfOpen { pause } = *self else { return };
        *self = match reached {
            true => Self::Closed { failures: 0 },
            false => Self::Open { pause: (pause * 2).clamp(PAUSE_MIN, PAUSE_MAX) },
        };
    }

    /// For the metrics: 0 closed, 1 half open, 2 open.
    pub(super) const fn level(self) -> u64 {
        match self {
            Self::Closed { .. } => 0,
            Self::HalfOpen { .. } => 1,
            Self::Open { .. } => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed() -> Breaker {
        let mut breaker = Breaker::new();
        breaker.probe();
        breaker.probed(true);
        assert_eq!(breaker, Breaker::Closed { failures: 0 });
        breaker
    }

    #[test]
    fn it_begins_open_and_a_good_probe_closes_it() {
        let mut breaker = Breaker::new();
        assert!(!breaker.lets_through());
        assert_eq!(breaker.pause(), Some(Duration::ZERO));
        breaker.probe();
        assert!(!breaker.lets_through(), "calls do not probe");
        assert_eq!(breaker.pause(), None, "one probe at a time");
        breaker.probed(true);
        assert!(breaker.lets_through());
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_between_them_does_not_count() {
        let mut breaker = closed();
        for _ in 0..10 {
            assert!(!breaker.failed() && !breaker.failed());
            breaker.answered();
        }
        assert!(!breaker.failed() && !breaker.failed());
        assert!(breaker.failed(), "the third opens it");
        assert!(!breaker.lets_through());
        // Those that were under way come back late and change nothing.
        assert!(!breaker.failed() && !breaker.broke());
        breaker.answered();
        assert_eq!(breaker.pause(), Some(PAUSE_MIN));
    }

    #[test]
    fn a_broken_connection_opens_it_at_once() {
        let mut breaker = closed();
        assert!(breaker.broke());
        assert_eq!(breaker.pause(), Some(Duration::ZERO));
    }

    #[test]
    fn probes_become_rare_and_never_stop() {
        let mut breaker = Breaker::new();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            pauses.push(breaker.pause().unwrap().as_millis());
            breaker.probe();
            breaker.probed(false);
        }
        assert_eq!(pauses, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000]);
        breaker.probe();
        breaker.probed(true);
        assert_eq!(breaker, closed(), "and is as new afterwards");
    }
}
