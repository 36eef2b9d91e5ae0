//! The FAL queue's stand-in under `/sandbox/fal`: submit, status, stream, result and cancel in FAL's
//! own wire format, drawn pictures, signed webhooks, and the deletion of what is kept of a request.
//!
//! Jobs, results, pictures, keys and unsent webhooks are committed before they are answered or acted
//! upon: after a kill queued and running jobs go on, and every `request_id` still answers.
//! [`MAGIC_WORDS`] in a prompt make a job misbehave.

mod http;
mod identity;
mod job;
mod magic;
mod models;
mod platform;
mod queue;
mod runner;
mod webhook;

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

pub use self::magic::MAGIC_WORDS;
use self::{identity::Identity, queue::Queue};
use super::{
    faults::Faults,
    journal::Journal,
    store::{self, Store},
};

/// Where the stand-in lives on the server.
const PREFIX: &str = "/sandbox/fal";

/// Why the stand-in cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the FAL stand-in must be opened inside a Tokio runtime")]
    Runtime(#[from] tokio::runtime::TryCurrentError),
    #[error("the client for webhooks: {0}")]
    Client(#[from] reqwest::Error),
}

/// How fast the stand-in works. Read again at every step, so that a change reaches running jobs too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// The least time that a job waits in the queue, in milliseconds.
    pub queue_ms: u64,
    /// How long a job runs, in milliseconds.
    pub run_ms: u64,
    /// How many jobs run at once; 0 holds the queue.
    pub concurrency: usize,
    /// The wait before a webhook is tried again, in milliseconds; doubles each time.
    pub webhook_retry_ms: u64,
}

impl Default for Pace {
    /// A lively model on a new account, which runs two jobs at once.
    fn default() -> Self {
        Self { queue_ms: 300, run_ms: 1200, concurrency: 2, webhook_retry_ms: 1000 }
    }
}

/// The stand-in. Clones share everything.
#[derive(Clone)]
pub struct Fal {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Queue,
    identity: Identity,
    journal: Arc<Journal>,
    faults: Arc<Faults>,
    base: RwLock<String>,
    client: reqwest::Client,
}

impl Fal {
    /// Loads what is kept and goes on with it: queued jobs wait, running ones start again, unsent
    /// webhooks are sent.
    ///
    /// # Errors
    /// [`Error::Store`] if something cannot be read, [`Error::Runtime`] outside a Tokio runtime.
    pub fn open(
        store: Arc<Store>,
        journal: Arc<Journal>,
        faults: Arc<Faults>,
    ) -> Result<Self, Error> {
        let handle = Handle::try_current()?;
        let inner = Arc::new(Inner {
            identity: Identity::load(&store)?,
            queue: Queue::load(store)?,
            journal,
            faults,
            base: RwLock::new("http://127.0.0.1:8080".to_owned()),
            client: webhook::client()?,
        });
        handle.spawn(runner::dispatch(Arc::clone(&inner)));
        Ok(Self { inner })
    }

    /// Says under which base the server is reached (`http://127.0.0.1:8080`); all URLs start with it,
    /// also those of older jobs.
    pub fn set_base_url(&self, url: &str) {
        let mut base = self.inner.base.write().unwrap_or_else(PoisonError::into_inner);
        url.trim_end_matches('/').clone_into(&mut base);
    }

    /// The base of the queue API, without a slash at the end.
    pub fn queue_url(&self) -> String {
        self.inner.queue_url()
    }

    /// The key that is accepted: `Authorization: Key <this>`. Made once, kept in the store.
    pub fn key(&self) -> String {
        self.inner.identity.key.clone()
    }

    /// The base of the platform API, without a slash at the end.
    pub fn api_url(&self) -> String {
        self.inner.queue_url()
    }

    /// The key that deletes payloads, and does nothing else. Made once, kept in the store.
    pub fn admin_key(&self) -> String {
        self.inner.identity.admin_key.clone()
    }

    /// The account that webhooks name in `X-Fal-Webhook-User-Id`. Made once, kept in the store.
    pub fn user_id(&self) -> String {
        self.inner.identity.user_id.clone()
    }

    /// Changes the pace, also of jobs that run already. Not kept.
    pub fn set_pace(&self, pace: Pace) {
        self.inner.queue.set_pace(pace);
    }

    /// Mounts everything under `/sandbox/fal`.
    pub fn configure(&self, cfg: &mut actix_web::web::ServiceConfig) {
        http::configure(self, cfg);
    }

    /// Stops work: jobs, streams and webhooks end where they are and go on after the next
    /// [`Fal::open`]. Calls are still answered. Repeating it does nothing.
    pub fn shutdown(&self) {
        self.inner.queue.stop();
    }
}

impl Inner {
    fn queue_url(&self) -> String {
        let base = self.base.read().unwrap_or_else(PoisonError::into_inner);
        format!("{base}{PREFIX}")
    }
}

#[cfg(test)]
mod tests;
