//! Where a list goes on, and counts that end somewhere.

use std::{fmt, str::FromStr};

use aisha_actors::domain::{
    id::{GenerationId, PictureId, UserId},
    time::Timestamp,
};

/// Nothing on a page is counted further than this.
pub const COUNT_MAX: u64 = 1000;

/// A count that ends one past [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Bounded(pub u64);

impl Bounded {
    /// Whether there are more than this says.
    pub const fn is_cut(self) -> bool {
        self.0 > COUNT_MAX
    }
}

impl fmt::Display for Bounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_cut() { write!(f, "{COUNT_MAX}+") } else { self.0.fmt(f) }
    }
}

/// The place of a row in a list that is ordered by a moment and a key: the next page goes on behind it.
/// As text it stands in links; whatever else stands there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spot<K> {
    pub at: Timestamp,
    pub key: K,
}

impl<K: fmt::Display> fmt::Display for Spot<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.key)
    }
}

/// The text names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such place in the list")]
pub struct NoSpot;

impl<K: Key> FromStr for Spot<K> {
    type Err = NoSpot;
    fn from_str(text: &str) -> Result<Self, NoSpot> {
        let (at, key) = text.split_once('.').ok_or(NoSpot)?;
        let at = Timestamp(at.parse().map_err(|_| NoSpot)?);
        Ok(Self { at, key: K::read(key).ok_or(NoSpot)? })
    }
}

/// What a list's rows are told apart by.
pub trait Key: Sized {
    /// Reads what its `Display` writes.
    fn read(text: &str) -> Option<Self>;
}

impl Key for i64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Key for UserId {
    fn read(text: &str) -> Option<Self> {
        i64::read(text).map(Self)
    }
}

impl Key for GenerationId {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Key for PictureId {
    fn read(text: &str) -> Option<Self> {
        let (generation, n) = text.split_once('_')?;
        Some(Self { generation: GenerationId::parse(generation)?, n: n.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back<K: Key + fmt::Display + PartialEq + fmt::Debug>(key: K) {
        let spot = Spot { at: Timestamp(-7), key };
        assert_eq!(spot.to_string().parse(), Ok(spot));
    }

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        let generation = GenerationId(uuid::Uuid::from_u128(u128::MAX));
        comes_back(UserId(-9));
        comes_back(i64::MAX);
        comes_back(generation);
        comes_back(PictureId { generation, n: 4 });
        for text in ["", ".", "1", "1.", ".1", "1.2.3", "x.1", "1.x", "99999999999999999999.1"] {
            assert_eq!(text.parse::<Spot<i64>>(), Err(NoSpot), "{text}");
        }
        assert_eq!("1.2_3".parse::<Spot<PictureId>>(), Err(NoSpot));
    }

    #[test]
    fn a_count_says_where_it_ends() {
        let shown = [0, 1000, 1001].map(|count| Bounded(count).to_string());
        assert_eq!(shown, ["0", "1000", "1000+"]);
    }
}
