//! Ports that note whether the other side answers, for `/health/ready` and the metrics.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aisha_actors::{
    domain::{
        catalogue::Model,
        generation::{Order, Ticket},
        id::{GenerationId, MessageId, ModelId, UserId},
        picture::{Card, ImageType, ObjectKey, Selection},
        text::Language,
        view::Answer,
    },
    port::{
        Cache, CachedWindow, Cancel, Generator, Image, Kind, Listed, Messenger, Objects, Outcome,
        Place, ProviderStatus, Rendered, Result, Sent, Urgency,
    },
};
use async_trait::async_trait;
use bytes::Bytes;

use crate::{metrics::Metrics, web::Condition};

/// Whether the last call reached the other side, and whether the last work was refused for want of money.
#[derive(Debug, Default)]
pub(super) struct Reached {
    away: AtomicBool,
    broke: AtomicBool,
}

impl Reached {
    pub(super) fn condition(&self) -> Condition {
        if self.away.load(Ordering::Relaxed) { Condition::Degraded } else { Condition::Ok }
    }

    /// Refusals are answers: the other side is there.
    pub(super) fn note<T>(&self, outcome: &Result<T>) {
        let away = outcome.as_ref().is_err_and(|error| {
            matches!(error.kind, Kind::Transient | Kind::Ambiguous | Kind::OutOfMoney)
        });
        self.away.store(away, Ordering::Relaxed);
    }

    /// The other side answered somebody who asked for nothing.
    pub(super) fn answered(&self) {
        self.away.store(false, Ordering::Relaxed);
    }

    /// What came of a piece of work that costs money. Questions about older work tell nothing of that.
    fn note_paid<T>(&self, outcome: &Result<T>) {
        match outcome {
            Ok(_) => self.broke.store(false, Ordering::Relaxed),
            Err(error) if error.kind == Kind::OutOfMoney => {
                self.broke.store(true, Ordering::Relaxed);
            }
            Err(_) => {}
        }
    }

    pub(super) fn is_broke(&self) -> bool {
        self.broke.load(Ordering::Relaxed)
    }
}

/// A port and how it is.
pub(super) struct Watched<T> {
    pub inner: T,
    pub reached: Arc<Reached>,
    pub metrics: Metrics,
}

impl<T> Watched<T> {
    pub(super) fn new(inner: T, metrics: &Metrics) -> Self {
        Self { inner, reached: Arc::default(), metrics: metrics.clone() }
    }

    fn noted<V>(&self, outcome: Result<V>) -> Result<V> {
        self.reached.note(&outcome);
        outcome
    }

    fn sent<V>(&self, outcome: Result<V>) -> Result<V> {
        let word = match outcome.as_ref().map_err(|error| error.kind) {
            Ok(_) => "sent",
            Err(Kind::RateLimited { .. }) => "delayed",
            Err(Kind::Transient | Kind::Ambiguous) => "failed",
            Err(_) => "refused",
        };
        self.metrics.count_send(word);
        self.noted(outcome)
    }
}

#[async_trait]
impl<T: Messenger> Messenger for Watched<T> {
    async fn show(
        &self,
        chat: UserId,
        place: Place,
        view: &Rendered,
        urgency: Urgency,
    ) -> Result<Sent> {
        self.sent(self.inner.show(chat, place, view, urgency).await)
    }

    async fn answer(&self, answer: &Answer, language: Language) -> Result<()> {
        self.noted(self.inner.answer(answer, language).await)
    }

    async fn document(&self, chat: UserId, image: Image, urgency: Urgency) -> Result<Sent> {
        self.sent(self.inner.document(chat, image, urgency).await)
    }

    async fn delete(&self, chat: UserId, message: MessageId) -> Result<()> {
        self.noted(self.inner.delete(chat, message).await)
    }
}

#[async_trait]
impl<T: Generator> Generator for Watched<T> {
    async fn submit(&self, id: GenerationId, model: &Model, order: &Order) -> Result<Ticket> {
        let outcome = self.inner.submit(id, model, order).await;
        self.reached.note_paid(&outcome);
        self.noted(outcome)
    }

    async fn status(&self, ticket: &Ticket) -> Result<ProviderStatus> {
        self.noted(self.inner.status(ticket).await)
    }

    async fn outcome(&self, ticket: &Ticket) -> Result<Outcome> {
        self.noted(self.inner.outcome(ticket).await)
    }

    async fn cancel(&self, ticket: &Ticket) -> Result<Cancel> {
        self.noted(self.inner.cancel(ticket).await)
    }

    fn adopt(&self, model: &Model, request_id: &str) -> Option<Ticket> {
        self.inner.adopt(model, request_id)
    }
}

#[async_trait]
impl Objects for Watched<Arc<dyn Objects>> {
    async fn put(&self, key: &ObjectKey, bytes: Bytes, image_type: ImageType) -> Result<()> {
        self.noted(self.inner.put(key, bytes, image_type).await)
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes> {
        self.noted(self.inner.get(key).await)
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>> {
        self.noted(self.inner.list(bucket, prefix, after, limit).await)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<()> {
        self.noted(self.inner.delete(key).await)
    }

    async fn delete_by_url(&self, url: &str) -> Result<bool> {
        self.noted(self.inner.delete_by_url(url).await)
    }

    fn link(&self, key: &ObjectKey, life: Duration) -> Result<String> {
        self.inner.link(key, life)
    }
}

/// A cache whose hits and misses are counted.
pub(super) struct Counted<T> {
    pub inner: T,
    pub metrics: Metrics,
}

impl<T> Counted<T> {
    fn counted<V>(&self, found: Option<V>) -> Option<V> {
        self.metrics.count_cache(if found.is_some() { "hit" } else { "miss" });
        found
    }
}

#[async_trait]
impl<T: Cache> Cache for Counted<T> {
    async fn window(&self, user: UserId, selection: &Selection) -> Option<CachedWindow> {
        self.counted(self.inner.window(user, selection).await)
    }

    async fn put_window(&self, user: UserId, selection: &Selection, window: CachedWindow) {
        self.inner.put_window(user, selection, window).await;
    }

    async fn generation(&self, model: &ModelId, id: GenerationId) -> Option<Vec<Card>> {
        self.counted(self.inner.generation(model, id).await)
    }

    async fn put_generation(&self, model: &ModelId, id: GenerationId, cards: Vec<Card>) {
        self.inner.put_generation(model, id, cards).await;
    }

    async fn forget(&self, user: UserId) -> bool {
        self.inner.forget(user).await
    }
}
