use async_trait::async_trait;

use super::Result;
use crate::domain::{
    catalogue::Model,
    generation::{Failure, Order, Ticket},
    id::GenerationId,
    time::Timestamp,
};

/// How a request is doing at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderStatus {
    /// Waiting there; the number of requests before it.
    Waiting {
        position: u32,
    },
    Running,
    /// There is a result, or an error to be read as one.
    Completed,
}

/// One picture of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPicture {
    pub url: String,
    /// Until when the address is promised to work.
    pub expires_at: Option<Timestamp>,
}

/// The last word about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Not empty.
    Pictures(Vec<ProviderPicture>),
    Failed(Failure),
    /// It was cancelled there; nothing was made.
    Cancelled,
}

/// The provider's answer to a cancel. Only a later [`Outcome`] is the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    Requested,
    /// Too late: there is a result.
    AlreadyCompleted,
    /// The provider does not know the request (any more).
    Unknown,
}

/// The provider's queue.
#[async_trait]
pub trait Generator: Send + Sync {
    /// Hands an order in, with the generation's id in the webhook's address.
    ///
    /// # Errors
    /// `Transient`, `RateLimited`: surely not accepted. `Ambiguous`: may have been. `NotFound`: the
    /// endpoint is gone. `OutOfMoney`, `Forbidden`, `Unsafe`, `Permanent`: refused.
    async fn submit(&self, id: GenerationId, model: &Model, order: &Order) -> Result<Ticket>;

    /// `NotFound`: the provider does not know the request (any more). `Permanent`: it cannot be asked
    /// as things are configured (the key is refused, the ticket is another provider's).
    async fn status(&self, ticket: &Ticket) -> Result<ProviderStatus>;

    /// The result of a completed request. A failed request is an `Ok(Outcome::Failed)`; `Transient`
    /// while there is no last word yet. Other errors as for [`Generator::status`].
    async fn outcome(&self, ticket: &Ticket) -> Result<Outcome>;

    /// Asks for a cancel; repeating it does no harm, so that a lost answer is `Transient`.
    async fn cancel(&self, ticket: &Ticket) -> Result<Cancel>;

    /// The ticket of a request that a webhook told us about before its submit was answered.
    fn adopt(&self, model: &Model, request_id: &str) -> Option<Ticket>;
}
