//! The cache inside the process.

use std::{
    fmt,
    time::{Duration, Instant},
};

use aisha_actors::{
    domain::{
        id::{GenerationId, ModelId, UserId},
        picture::{Card, Selection},
    },
    port::{Cache, CachedWindow},
};
use async_trait::async_trait;
use moka::{Expiry, sync};

use super::key::{Subject, is_window_of, key};

/// What an entry costs beside the words in its cards, in bytes, roughly.
const ENTRY_COST: usize = 512;
const CARD_COST: usize = 256;

#[derive(Debug, Clone)]
enum Value {
    Window(CachedWindow),
    Cards(Vec<Card>),
}

#[derive(Debug, Clone)]
struct Entry {
    value: Value,
    life: Duration,
}

/// A cache of bounded size; what was used least goes first.
#[derive(Clone)]
pub struct Memory {
    entries: sync::Cache<String, Entry>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("entries", &self.entries.entry_count()).finish()
    }
}

/// Each entry lives as long as its key says, from its last write.
struct Life;

impl Expiry<String, Entry> for Life {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.life)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.life)
    }
}

impl Memory {
    /// A cache of at most about `bytes_max` bytes. Nothing larger than that is kept.
    pub fn new(bytes_max: u64) -> Self {
        let entries = sync::Cache::builder()
            .max_capacity(bytes_max)
            .weigher(|key: &String, entry: &Entry| {
                u32::try_from(key.len() + entry.value.cost()).unwrap_or(u32::MAX)
            })
            .expire_after(Life)
            .build();
        Self { entries }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries.invalidate_all();
    }

    fn get(&self, subject: Subject<'_>) -> Option<Value> {
        Some(self.entries.get(&key(subject).0)?.value)
    }

    fn put(&self, subject: Subject<'_>, value: Value) {
        let (name, life) = key(subject);
        self.entries.insert(name, Entry { value, life });
    }
}

impl Value {
    fn cost(&self) -> usize {
        let cards = match self {
            Self::Window(window) => &window.cards,
            Self::Cards(cards) => cards,
        };
        let cost = |card: &Card| {
            CARD_COST + card.prompt.len() + card.file_id.as_ref().map_or(0, String::len)
        };
        ENTRY_COST + cards.iter().map(cost).sum::<usize>()
    }
}

#[async_trait]
impl Cache for Memory {
    async fn window(&self, user: UserId, selection: &Selection) -> Option<CachedWindow> {
        match self.get(Subject::Window(user, selection))? {
            Value::Window(window) => Some(window),
            Value::Cards(_) => None,
        }
    }

    async fn put_window(&self, user: UserId, selection: &Selection, window: CachedWindow) {
        self.put(Subject::Window(user, selection), Value::Window(window));
    }

    async fn generation(&self, model: &ModelId, id: GenerationId) -> Option<Vec<Card>> {
        match self.get(Subject::Generation(model, id))? {
            Value::Cards(cards) => Some(cards),
            Value::Window(_) => None,
        }
    }

    async fn put_generation(&self, model: &ModelId, id: GenerationId, cards: Vec<Card>) {
        self.put(Subject::Generation(model, id), Value::Cards(cards));
    }

    async fn forget(&self, user: UserId) -> bool {
        let theirs = self.entries.iter().filter(|(name, _)| is_window_of(name, user));
        for (name, _) in theirs.collect::<Vec<_>>() {
            self.entries.invalidate(name.as_str());
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use aisha_actors::domain::{picture::Place, time::Timestamp};
    use uuid::Uuid;

    use super::*;

    fn model() -> ModelId {
        ModelId::parse("imagen4").unwrap()
    }

    fn card(n: u128, prompt: &str) -> Card {
        let place =
            Place { listed_at: Timestamp(5), generation: GenerationId(Uuid::from_u128(n)), n: 1 };
        Card {
            place,
            model: model(),
            ratio: "1:1".into(),
            resolution: None,
            prompt: prompt.to_owned(),
            favourite: false,
            file_id: Some("file".to_owned()),
            created_at: Timestamp(4),
            siblings: 1,
        }
    }

    fn window(version: i64) -> CachedWindow {
        CachedWindow { gallery_version: version, total: 1, cards: vec![card(1, "a cat")] }
    }

    #[tokio::test]
    async fn what_is_put_is_found_under_its_own_name_only() {
        let cache = Memory::new(1 << 20);
        let (all, favourites) =
            (Selection::default(), Selection { favourites: true, ..Selection::default() });
        assert_eq!(cache.window(UserId(1), &all).await, None);
        cache.put_window(UserId(1), &all, window(7)).await;
        assert_eq!(cache.window(UserId(1), &all).await, Some(window(7)));
        assert_eq!(cache.window(UserId(2), &all).await, None);
        assert_eq!(cache.window(UserId(1), &favourites).await, None);
        cache.put_window(UserId(1), &all, window(8)).await;
        assert_eq!(cache.window(UserId(1), &all).await, Some(window(8)));
        let id = GenerationId(Uuid::from_u128(1));
        assert_eq!(cache.generation(&model(), id).await, None);
        cache.put_generation(&model(), id, vec![card(1, "a cat")]).await;
        assert_eq!(cache.generation(&model(), id).await, Some(vec![card(1, "a cat")]));
        cache.clear();
        assert_eq!(cache.generation(&model(), id).await, None);
        assert_eq!(cache.window(UserId(1), &all).await, None);
    }

    #[tokio::test]
    async fn it_stays_within_its_bound() {
        let cache = Memory::new(100_000);
        let prompt = "x".repeat(4000);
        for n in 0..1000 {
            let id = GenerationId(Uuid::from_u128(n));
            cache.put_generation(&model(), id, vec![card(n, &prompt)]).await;
        }
        cache.entries.run_pending_tasks();
        assert!(cache.entries.weighted_size() <= 100_000);
        assert!(cache.entries.entry_count() > 0);
    }

    #[test]
    fn entries_live_as_long_as_their_key_says() {
        let life = Duration::from_secs(300);
        let entry = Entry { value: Value::Cards(Vec::new()), life };
        let (name, now) = (String::new(), Instant::now());
        assert_eq!(Life.expire_after_create(&name, &entry, now), Some(life));
        let left = Some(Duration::from_secs(1));
        assert_eq!(Life.expire_after_update(&name, &entry, now, left), Some(life));
    }

    #[tokio::test]
    async fn what_has_lived_is_gone() {
        let cache = Memory::new(1 << 20);
        let entry = Entry { value: Value::Cards(Vec::new()), life: Duration::ZERO };
        let id = GenerationId(Uuid::from_u128(1));
        cache.entries.insert(key(Subject::Generation(&model(), id)).0, entry);
        assert_eq!(cache.generation(&model(), id).await, None);
    }
}
