use async_trait::async_trait;

use crate::domain::{
    id::{GenerationId, ModelId, UserId},
    picture::{Card, Selection},
};

/// The first window of a gallery, as of a version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedWindow {
    pub gallery_version: i64,
    pub total: u64,
    /// Newest first.
    pub cards: Vec<Card>,
}

/// The shared cache: it only speeds things up. Whatever goes wrong inside is a miss, never an error,
/// and a value of another gallery version is not used.
#[async_trait]
pub trait Cache: Send + Sync {
    /// The newest pictures for a selection. Keys `imagen4:user_generations:{user}` (24 h) without a
    /// filter, `{model}:user_generations:{user}` (24 h) for one other model and nothing else, and
    /// `gallery:filtered:{user}:{hash}` (5 min) for the rest.
    async fn window(&self, user: UserId, selection: &Selection) -> Option<CachedWindow>;

    async fn put_window(&self, user: UserId, selection: &Selection, window: CachedWindow);

    /// The cards of a finished generation. Key `{model}:generation:{id}`, 1 h.
    async fn generation(&self, model: &ModelId, id: GenerationId) -> Option<Vec<Card>>;

    async fn put_generation(&self, model: &ModelId, id: GenerationId, cards: Vec<Card>);

    /// Drops every window of a user. False: some may still be there.
    async fn forget(&self, user: UserId) -> bool;
}
