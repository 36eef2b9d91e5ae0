//! What stands in the shared cache under a key: JSON with a version, with the name it belongs to, and
//! with the house that wrote it. Whatever is not exactly that is not there.

use aisha_actors::{
    domain::{
        id::{GenerationId, ModelId},
        picture::{Card, Place},
        time::Timestamp,
    },
    port::CachedWindow,
};
use serde::{Deserialize, Serialize};

/// Raised whenever a field changes its meaning: values of other versions are misses.
const VERSION: u32 = 1;

/// Nothing larger is written or read, in bytes.
pub(super) const BYTES_MAX: usize = 256 * 1024;

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u32,
    /// One database and one bot: another one's pictures are nobody's business here.
    house: String,
    /// The key, so that a value under another name is seen to be foreign.
    key: String,
    value: T,
}

#[derive(Serialize, Deserialize)]
struct Window {
    gallery_version: i64,
    total: u64,
    cards: Vec<StoredCard>,
}

#[derive(Serialize, Deserialize)]
struct StoredCard {
    listed_at: i64,
    generation: String,
    n: u8,
    model: String,
    ratio: String,
    resolution: Option<String>,
    prompt: String,
    favourite: bool,
    file_id: Option<String>,
    created_at: i64,
    siblings: u8,
}

impl StoredCard {
    fn new(card: Card) -> Self {
        Self {
            listed_at: card.place.listed_at.0,
            generation: card.place.generation.to_string(),
            n: card.place.n,
            model: card.model.as_str().to_owned(),
            ratio: card.ratio.into(),
            resolution: card.resolution.map(Into::into),
            prompt: card.prompt,
            favourite: card.favourite,
            file_id: card.file_id,
            created_at: card.created_at.0,
            siblings: card.siblings,
        }
    }

    fn card(self) -> Option<Card> {
        let generation = GenerationId::parse(&self.generation)?;
        let place = Place { listed_at: Timestamp(self.listed_at), generation, n: self.n };
        Some(Card {
            place,
            model: ModelId::parse(&self.model).ok()?,
            ratio: self.ratio.into(),
            resolution: self.resolution.map(Into::into),
            prompt: self.prompt,
            favourite: self.favourite,
            file_id: self.file_id,
            created_at: Timestamp(self.created_at),
            siblings: self.siblings,
        })
    }
}

/// None: it is too large to be kept.
pub(super) fn write_window(house: &str, key: &str, window: CachedWindow) -> Option<Vec<u8>> {
    let CachedWindow { gallery_version, total, cards } = window;
    let cards = cards.into_iter().map(StoredCard::new).collect();
    write(house, key, Window { gallery_version, total, cards })
}

pub(super) fn read_window(house: &str, key: &str, bytes: &[u8]) -> Option<CachedWindow> {
    let Window { gallery_version, total, cards } = read(house, key, bytes)?;
    let cards = cards.into_iter().map(StoredCard::card).collect::<Option<Vec<_>>>()?;
    (total >= cards.len() as u64).then_some(CachedWindow { gallery_version, total, cards })
}

/// None: it is too large to be kept.
pub(super) fn write_cards(house: &str, key: &str, cards: Vec<Card>) -> Option<Vec<u8>> {
    write(house, key, cards.into_iter().map(StoredCard::new).collect::<Vec<_>>())
}

pub(super) fn read_cards(house: &str, key: &str, bytes: &[u8]) -> Option<Vec<Card>> {
    let cards: Vec<StoredCard> = read(house, key, bytes)?;
    cards.into_iter().map(StoredCard::card).collect()
}

fn write<T: Serialize>(house: &str, key: &str, value: T) -> Option<Vec<u8>> {
    let (house, key) = (house.to_owned(), key.to_owned());
    let bytes = serde_json::to_vec(&Envelope { v: VERSION, house, key, value }).ok()?;
    (bytes.len() <= BYTES_MAX).then_some(bytes)
}

fn read<T: for<'a> Deserialize<'a>>(house: &str, key: &str, bytes: &[u8]) -> Option<T> {
    if bytes.len() > BYTES_MAX {
        return None;
    }
    let found: Envelope<T> = serde_json::from_slice(bytes).ok()?;
    let ours = found.v == VERSION && found.house == house && found.key == key;
    ours.then_some(found.value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::cache::contract::{card, window};

    fn text(house: &str, key: &str) -> serde_json::Value {
        let bytes = write_window(house, key, window(7, 2)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let bytes = write_window("h", "k", window(7, 32)).unwrap();
        assert_eq!(read_window("h", "k", &bytes), Some(window(7, 32)));
        let cards = vec![card(1, "кот \u{1f408} \"\\ \n"), Card { file_id: None, ..card(2, "") }];
        let bytes = write_cards("h", "k", cards.clone()).unwrap();
        assert_eq!(read_cards("h", "k", &bytes), Some(cards));
    }

    #[test]
    fn another_version_house_name_or_kind_is_a_miss() {
        let good = text("h", "k");
        let read =
            |value: &serde_json::Value| read_window("h", "k", &serde_json::to_vec(value).unwrap());
        assert!(read(&good).is_some());
        for (field, other) in [
            ("/v", json!(VERSION + 1)),
            ("/v", json!("1")),
            ("/house", json!("another")),
            ("/key", json!("another")),
            ("/value", json!([])),
            ("/value/total", json!(1)),
            ("/value/total", json!(-1)),
            ("/value/cards/0/generation", json!("../../x")),
            ("/value/cards/0/model", json!("NOT A MODEL")),
            ("/value/cards/1/n", json!(256)),
        ] {
            let mut changed = good.clone();
            *changed.pointer_mut(field).unwrap() = other;
            assert_eq!(read(&changed), None, "{field}");
        }
        assert_eq!(read_cards("h", "k", good.to_string().as_bytes()), None);
    }

    #[test]
    fn what_is_too_large_is_neither_written_nor_read() {
        let prompt = "x".repeat(BYTES_MAX);
        assert_eq!(write_cards("h", "k", vec![card(1, &prompt)]), None);
        let mut bytes = write_cards("h", "k", vec![card(1, "x")]).unwrap();
        bytes.resize(BYTES_MAX + 1, b' ');
        assert_eq!(read_cards("h", "k", &bytes), None);
        bytes.truncate(BYTES_MAX);
        assert!(read_cards("h", "k", &bytes).is_some(), "blanks alone do no harm");
    }

    proptest! {
        #[test]
        fn garbage_is_a_miss_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(read_window("h", "k", &bytes), None);
            prop_assert_eq!(read_cards("h", "k", &bytes), None);
        }

        #[test]
        fn a_cut_value_is_a_miss(share in 0.0..1.0f64) {
            let bytes = write_window("h", "k", window(7, 3)).unwrap();
            let end = (bytes.len() as f64 * share) as usize;
            prop_assert_eq!(read_window("h", "k", &bytes[..end]), None);
        }
    }
}
