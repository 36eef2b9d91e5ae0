//! Lanes: how the users are spread over the nodes. A lane belongs to one node at a time.

use super::id::UserId;

/// Lanes in all.
pub const LANES: usize = 256;

const WORDS: usize = LANES / 64;

/// A share of the users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub u8);

impl Lane {
    /// The lane of a user: the id modulo 256, never negative. In SQL it is `user_id & 255`.
    pub const fn of(user: UserId) -> Self {
        let [lane, ..] = user.0.to_le_bytes();
        Self(lane)
    }

    const fn place(self) -> (usize, u64) {
        (self.0 as usize / 64, 1 << (self.0 % 64))
    }
}

/// Some of the lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneSet([u64; WORDS]);

impl LaneSet {
    pub const NONE: Self = Self([0; WORDS]);
    pub const ALL: Self = Self([u64::MAX; WORDS]);

    /// As 256 bits, for whoever keeps them in words.
    pub const fn words(self) -> [u64; WORDS] {
        self.0
    }

    pub const fn from_words(words: [u64; WORDS]) -> Self {
        Self(words)
    }

    pub fn has(self, lane: Lane) -> bool {
        let (word, bit) = lane.place();
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Whether the user's lane is among them.
    pub fn has_user(self, user: UserId) -> bool {
        self.has(Lane::of(user))
    }

    pub fn insert(&mut self, lane: Lane) {
        let (word, bit) = lane.place();
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= bit;
        }
    }

    pub fn len(self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        self.zip(other, |own, other| own | other)
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        self.zip(other, |own, other| own & !other)
    }

    #[must_use]
    pub fn both(self, other: Self) -> Self {
        self.zip(other, |own, other| own & other)
    }

    fn zip(mut self, other: Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own = combine(*own, other);
        }
        self
    }

    /// In ascending order.
    pub fn iter(self) -> impl Iterator<Item = Lane> {
        (0..=u8::MAX).map(Lane).filter(move |lane| self.has(*lane))
    }
}

impl FromIterator<Lane> for LaneSet {
    fn from_iter<I: IntoIterator<Item = Lane>>(lanes: I) -> Self {
        let mut set = Self::NONE;
        lanes.into_iter().for_each(|lane| set.insert(lane));
        set
    }
}

/// How many lanes are the share of the node at `place` among `nodes` equal ones. The shares of all of
/// them are all lanes.
pub fn fair_share(nodes: usize, place: usize) -> usize {
    let nodes = nodes.max(1);
    LANES / nodes + usize::from(place < LANES % nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_the_id_modulo_256() {
        for id in [0, 1, 255, 256, 257, -1, -256, -257, i64::MAX, i64::MIN, 7_000_000_001] {
            let lane = Lane::of(UserId(id));
            assert_eq!(i64::from(lane.0), id.rem_euclid(256), "{id}");
            assert_eq!(i64::from(lane.0), id & 255, "{id}, as SQL has it");
        }
    }

    #[test]
    fn sets_are_what_their_lanes_say() {
        let some: LaneSet = [Lane(0), Lane(63), Lane(64), Lane(255)].into_iter().collect();
        assert_eq!(some.len(), 4);
        assert_eq!(some.iter().map(|lane| lane.0).collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!(LaneSet::ALL.without(some).len(), 252);
        assert_eq!(LaneSet::ALL.without(some).with(some), LaneSet::ALL);
        assert!(LaneSet::ALL.without(some).both(some).is_empty());
        assert!(some.has_user(UserId(-1)) && !some.has_user(UserId(1)));
        assert_eq!(LaneSet::from_words(some.words()), some);
    }

    #[test]
    fn the_shares_are_all_the_lanes_and_differ_by_one_at_most() {
        for nodes in 1..=300 {
            let shares: Vec<usize> = (0..nodes).map(|place| fair_share(nodes, place)).collect();
            assert_eq!(shares.iter().sum::<usize>(), LANES);
            assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
        }
    }
}
