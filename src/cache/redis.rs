//! The cache that all nodes share.

use aisha_actors::{
    domain::{
        id::{GenerationId, ModelId, UserId},
        picture::{Card, Selection},
    },
    port::{Cache, CachedWindow},
};
use async_trait::async_trait;
use redis::cmd;

use super::{
    key::{Kind, Subject, is_window_of, key},
    value,
};
use crate::redis::Link;

/// The cache in a Redis. While that is away, everything is a miss and nothing is kept.
#[derive(Debug, Clone)]
pub struct Redis {
    link: Link,
    house: String,
}

impl Redis {
    /// `house`: a word for one bot with one database, which all of its nodes know. Several houses may
    /// share a Redis and never see each other's values (but they push each other's out).
    pub fn new(link: Link, house: impl Into<String>) -> Self {
        Self { link, house: house.into() }
    }

    /// One byte more than is ever read: so that what is too long is seen to be.
    async fn get(&self, name: &str) -> Option<Vec<u8>> {
        let mut range = cmd("GETRANGE");
        range.arg(name).arg(0).arg(value::BYTES_MAX);
        let bytes: Vec<u8> = self.link.query(&range).await.ok()?;
        (!bytes.is_empty()).then_some(bytes)
    }

    async fn put(&self, subject: Subject<'_>, write: impl FnOnce(&str) -> Option<Vec<u8>>) {
        let (name, life) = key(subject);
        let mut set = cmd("SET");
        let Some(bytes) = write(&name) else {
            tracing::debug!(name, "too large to be cached");
            return;
        };
        set.arg(&name).arg(bytes).arg("PX").arg(u64::try_from(life.as_millis()).unwrap_or(1));
        if let Err(error) = self.link.query::<()>(&set).await {
            tracing::debug!(name, %error, "not cached");
        }
    }
}

#[async_trait]
impl Cache for Redis {
    async fn window(&self, user: UserId, selection: &Selection) -> Option<CachedWindow> {
        let (name, _) = key(Subject::Window(user, selection));
        value::read_window(&self.house, &name, &self.get(&name).await?)
    }

    async fn put_window(&self, user: UserId, selection: &Selection, window: CachedWindow) {
        let subject = Subject::Window(user, selection);
        self.put(subject, |name| value::write_window(&self.house, name, window)).await;
    }

    async fn generation(&self, model: &ModelId, id: GenerationId) -> Option<Vec<Card>> {
        let (name, _) = key(Subject::Generation(model, id));
        value::read_cards(&self.house, &name, &self.get(&name).await?)
    }

    async fn put_generation(&self, model: &ModelId, id: GenerationId, cards: Vec<Card>) {
        let subject = Subject::Generation(model, id);
        self.put(subject, |name| value::write_cards(&self.house, name, cards)).await;
    }

    async fn forget(&self, user: UserId) -> bool {
        for kind in [Kind::Windows, Kind::Filtered] {
            let pattern = kind.pattern(Some(user));
            let swept = self.link.sweep(&pattern, false, |name| is_window_of(name, user)).await;
            if let Err(error) = swept {
                tracing::debug!(%error, "the cache may still have windows of a person");
                return false;
            }
        }
        true
    }
}
