//! Object storage, downloads and the cache.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Events, Script, lock};
use crate::{
    domain::{
        id::{GenerationId, ModelId, UserId},
        picture::{Card, Content, ImageType, ObjectKey, Selection},
    },
    port::{self, CachedWindow, Error, Kind, Listed, Result},
};

/// Blobs in memory.
pub struct Objects {
    pub script: Script,
    blobs: Mutex<HashMap<ObjectKey, Bytes>>,
}

impl Objects {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self { script: Script::new(events), blobs: Mutex::default() }
    }

    /// How many blobs there are.
    pub fn len(&self) -> usize {
        lock(&self.blobs).len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn has(&self, key: &ObjectKey) -> bool {
        lock(&self.blobs).contains_key(key)
    }
}

#[async_trait]
impl port::Objects for Objects {
    async fn put(&self, key: &ObjectKey, bytes: Bytes, _image_type: ImageType) -> Result<()> {
        let lose = self.script.enter("put").await?;
        check(key)?;
        {
            let mut blobs = lock(&self.blobs);
            if blobs.get(key).is_some_and(|known| *known != bytes) {
                return Err(Error::new(Kind::Conflict, "other bytes are there"));
            }
            blobs.insert(key.clone(), bytes);
        }
        self.script.leave(lose, ())
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes> {
        let lose = self.script.enter("get").await?;
        check(key)?;
        let found = lock(&self.blobs).get(key).cloned();
        self.script.leave(lose, found.ok_or_else(|| Error::new(Kind::NotFound, "no blob"))?)
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>> {
        let lose = self.script.enter("list").await?;
        let mut found: Vec<Listed> = lock(&self.blobs)
            .iter()
            .filter(|(at, _)| at.bucket == bucket && at.key.starts_with(prefix))
            .filter(|(at, _)| after.is_none_or(|after| at.key.as_str() > after))
            .map(|(at, bytes)| Listed { key: at.key.clone(), size: bytes.len() as u64 })
            .collect();
        found.sort_by(|one, two| one.key.cmp(&two.key));
        found.truncate(limit.clamp(1, 1000));
        self.script.leave(lose, found)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<()> {
        let lose = self.script.enter("delete").await?;
        check(key)?;
        lock(&self.blobs).remove(key);
        self.script.leave(lose, ())
    }

    async fn delete_by_url(&self, url: &str) -> Result<bool> {
        let lose = self.script.enter("delete_by_url").await?;
        // `https://objects.test/{bucket}/{key}`
        let named = url.strip_prefix("https://objects.test/").and_then(|path| path.split_once('/'));
        let named =
            named.map(|(bucket, key)| ObjectKey { bucket: bucket.to_owned(), key: key.to_owned() });
        let deleted = named.is_some_and(|key| lock(&self.blobs).remove(&key).is_some());
        self.script.leave(lose, deleted)
    }

    fn link(&self, key: &ObjectKey, life: Duration) -> Result<String> {
        check(key)?;
        Ok(format!("https://objects.test/{}/{}?life={}", key.bucket, key.key, life.as_secs()))
    }
}

/// A key that no storage can have.
fn check(object: &ObjectKey) -> Result<()> {
    let (bucket, key) = (&object.bucket, &object.key);
    let is_low = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bucket_is_fine = (3..=63).contains(&bucket.len())
        && bucket.starts_with(is_low)
        && bucket.chars().all(|c| is_low(c) || c == '-' || c == '.');
    let key_is_fine = key.len() <= 1024
        && key.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !key.contains(|c: char| c.is_control() || c == '\\');
    if bucket_is_fine && key_is_fine {
        Ok(())
    } else {
        Err(Error::new(Kind::Permanent, "no storage has such a key"))
    }
}

/// The provider's pictures: every address gives its own text as bytes.
pub struct Downloads {
    pub script: Script,
    gone: Mutex<HashSet<String>>,
}

impl Downloads {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self { script: Script::new(events), gone: Mutex::default() }
    }

    /// The provider has this address no more.
    pub fn forget(&self, url: &str) {
        lock(&self.gone).insert(url.to_owned());
    }
}

#[async_trait]
impl port::Downloads for Downloads {
    async fn picture(&self, url: &str) -> Result<(Bytes, Content)> {
        let lose = self.script.enter("picture").await?;
        if !self.is_allowed(url) {
            return Err(Error::new(Kind::Permanent, "may never be fetched"));
        }
        if url.contains("/gone/") || lock(&self.gone).contains(url) {
            return Err(Error::new(Kind::NotFound, "the provider has it no more"));
        }
        let bytes = Bytes::from(url.to_owned());
        let content = Content {
            image_type: ImageType::Jpeg,
            size: bytes.len() as u64,
            hash: hash(&bytes),
            width: 1024,
            height: 1024,
        };
        self.script.leave(lose, (bytes, content))
    }

    fn is_allowed(&self, url: &str) -> bool {
        if url.contains("#panic") {
            super::script::scripted_panic("is_allowed");
        }
        url.starts_with("https://fal.test/")
    }
}

/// Not SHA-256, but as long and as good for telling two pictures apart here.
fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let word = hasher.finish().to_be_bytes();
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(word.iter().cycle()) {
        *to = *from;
    }
    hash
}

/// A cache that forgets when told to.
pub struct Cache {
    /// `window`: a refusal is a miss.
    pub script: Script,
    windows: Mutex<HashMap<(UserId, Selection), CachedWindow>>,
    generations: Mutex<HashMap<GenerationId, Vec<Card>>>,
}

impl Cache {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self {
            script: Script::new(events),
            windows: Mutex::default(),
            generations: Mutex::default(),
        }
    }

    /// `FLUSHALL`.
    pub fn flush(&self) {
        lock(&self.windows).clear();
        lock(&self.generations).clear();
    }
}

#[async_trait]
impl port::Cache for Cache {
    async fn window(&self, user: UserId, selection: &Selection) -> Option<CachedWindow> {
        self.script.enter("window").await.ok()?;
        lock(&self.windows).get(&(user, selection.clone())).cloned()
    }

    async fn put_window(&self, user: UserId, selection: &Selection, window: CachedWindow) {
        if self.script.enter("put_window").await.is_ok() {
            lock(&self.windows).insert((user, selection.clone()), window);
        }
    }

    async fn generation(&self, _model: &ModelId, id: GenerationId) -> Option<Vec<Card>> {
        self.script.enter("generation").await.ok()?;
        lock(&self.generations).get(&id).cloned()
    }

    async fn put_generation(&self, _model: &ModelId, id: GenerationId, cards: Vec<Card>) {
        if self.script.enter("put_generation").await.is_ok() {
            lock(&self.generations).insert(id, cards);
        }
    }

    async fn forget(&self, user: UserId) -> bool {
        let may = self.script.enter("forget").await.is_ok();
        if may {
            lock(&self.windows).retain(|(owner, _), _| *owner != user);
        }
        may
    }
}
