//! The lanes in which this process may begin work.
//!
//! Whoever keeps the lanes (the program around the actors) changes them; the actors ask before they begin
//! a turn, a send or a step. What was begun may have lost its lane meanwhile: then its commit is refused
//! ([`crate::port::Kind::Fenced`]).

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::domain::{
    id::UserId,
    lane::{Lane, LaneSet},
};

/// The lanes of this process. Clones are the same lanes.
#[derive(Clone, Default)]
pub struct OwnLanes(Arc<Inner>);

#[derive(Default)]
struct Inner {
    words: [AtomicU64; 4],
    others: AtomicBool,
}

impl fmt::Debug for OwnLanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnLanes({})", self.now().len())
    }
}

impl OwnLanes {
    /// None yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// All of them: the only node there is.
    pub fn all() -> Self {
        let own = Self::default();
        own.add(LaneSet::ALL);
        own
    }

    /// Whether work for this user may begin here.
    pub fn has(&self, user: UserId) -> bool {
        // Only whoever changes the lanes orders anything by them; a look may be a moment old.
        let Lane(lane) = Lane::of(user);
        let word = self.0.words.get(usize::from(lane) / 64);
        word.is_some_and(|word| word.load(Ordering::Acquire) & (1 << (lane % 64)) != 0)
    }

    /// The lanes at this moment.
    pub fn now(&self) -> LaneSet {
        let [a, b, c, d] = &self.0.words;
        LaneSet::from_words([a, b, c, d].map(|word| word.load(Ordering::Acquire)))
    }

    pub fn add(&self, lanes: LaneSet) {
        for (word, bits) in self.0.words.iter().zip(lanes.words()) {
            word.fetch_or(bits, Ordering::AcqRel);
        }
    }

    pub fn remove(&self, lanes: LaneSet) {
        for (word, bits) in self.0.words.iter().zip(lanes.words()) {
            word.fetch_and(!bits, Ordering::AcqRel);
        }
    }

    /// Whether other nodes live: then they may put updates of our users into the inbox.
    pub fn has_others(&self) -> bool {
        self.0.others.load(Ordering::Acquire)
    }

    pub fn set_others(&self, others: bool) {
        self.0.others.store(others, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_the_same_lanes() {
        let own = OwnLanes::none();
        let other_hand = own.clone();
        let some: LaneSet = [Lane(1), Lane(200)].into_iter().collect();
        other_hand.add(some);
        assert!(own.has(UserId(1)) && own.has(UserId(200 - 256)) && !own.has(UserId(2)));
        assert_eq!(own.now(), some);
        own.remove(LaneSet::ALL);
        assert!(!other_hand.has(UserId(1)));
        assert!(OwnLanes::all().has(UserId(i64::MIN)));
    }
}
