//! The clock on the wall and numbers that nobody can guess.

use std::time::{SystemTime, UNIX_EPOCH};

use aisha_actors::{
    domain::{id::IntentId, time::Timestamp},
    port::{Clock, IdSource},
};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Numbers from the system's cryptographic generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn intent(&self) -> IntentId {
        IntentId(rand::random())
    }

    fn seed(&self) -> u32 {
        rand::random::<u32>() >> 1
    }

    fn cause(&self) -> String {
        format!("{:032x}", rand::random::<u128>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_fit_31_bits_and_causes_differ() {
        let ids = RandomIds;
        assert!((0..1_000).all(|_| ids.seed() < 1 << 31));
        assert_ne!(ids.cause(), ids.cause());
        assert_eq!(ids.cause().len(), 32);
    }
}
