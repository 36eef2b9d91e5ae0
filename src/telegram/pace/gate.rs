//! Waits as it was decided, and lets so many calls out at a time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aisha_actors::{
    domain::id::UserId,
    port::{self, Kind, Urgency},
};
use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Pace, Settings, Verdict};

/// The pacing that all nodes of one bot share: the same decisions as [`Pace`]'s, on numbers that all of
/// them see. None: it cannot be asked now, and each node decides for itself.
#[async_trait]
pub trait Shared: Send + Sync {
    /// [`Pace::admit`] for a call that is owed or progress.
    async fn admit(&self, chat: UserId, urgency: Urgency) -> Option<Verdict>;

    /// [`Pace::admit_to_all`].
    async fn admit_to_all(&self, chat: UserId) -> Option<Verdict>;

    /// [`Pace::limited`]. Returns at once; what is lost is found out by the next 429.
    fn limited(&self, chat: Option<UserId>, retry_after: Duration);
}

/// Lets calls out as [`Pace`] decides, and so many at a time.
pub struct Gate {
    /// Decides where nothing is shared, and knows of every freeze: an answer to a person never waits
    /// for another machine.
    pace: Mutex<Pace>,
    shared: Option<Arc<dyn Shared>>,
    calls: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
}

/// The right to make one call. Kept while the call is in flight.
#[derive(Debug)]
pub struct Pass {
    _call: OwnedSemaphorePermit,
    _upload: Option<OwnedSemaphorePermit>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pace, shared, .. } = self;
        let is_shared = shared.is_some();
        f.debug_struct("Gate").field("pace", pace).field("is_shared", &is_shared).finish()
    }
}

impl Gate {
    pub fn new(settings: Settings, shared: Option<Arc<dyn Shared>>) -> Self {
        Self {
            pace: Mutex::new(Pace::new(settings, Instant::now())),
            shared,
            calls: Arc::new(Semaphore::new(settings.calls_max)),
            uploads: Arc::new(Semaphore::new(settings.uploads_max)),
        }
    }

    /// Waits until the call may go.
    ///
    /// # Errors
    /// `RateLimited`: the chat is frozen, or the call is not worth waiting for.
    pub async fn pass(
        &self,
        chat: Option<UserId>,
        urgency: Urgency,
        with_upload: bool,
    ) -> port::Result<Pass> {
        let mut verdict = self.admit(chat, urgency).await;
        loop {
            match verdict {
                Verdict::Refused(rest) => return Err(refused(rest)),
                Verdict::Go(wait) if wait.is_zero() => break,
                Verdict::Go(wait) => break tokio::time::sleep(wait).await,
                Verdict::OwnTurn(wait) => tokio::time::sleep(wait).await,
            }
            verdict = self.admit_to_all(chat).await;
        }
        let droppable = urgency == Urgency::Progress;
        let upload = match with_upload {
            true => Some(permit(&self.uploads, droppable).await?),
            false => None,
        };
        let call = permit(&self.calls, droppable).await?;
        // It may have frozen while this one waited.
        match self.with(|pace, now| pace.frozen(chat, now)) {
            Some(rest) => Err(refused(rest)),
            None => Ok(Pass { _call: call, _upload: upload }),
        }
    }

    /// Places are taken here too, so that this node goes on in step when it is left alone.
    async fn admit(&self, chat: Option<UserId>, urgency: Urgency) -> Verdict {
        let own = self.with(|pace, now| pace.admit(chat, urgency, now));
        match (&self.shared, chat) {
            (Some(shared), Some(chat)) if urgency != Urgency::Reply && self.is_free(Some(chat)) => {
                shared.admit(chat, urgency).await.unwrap_or(own)
            }
            _ => own,
        }
    }

    async fn admit_to_all(&self, chat: Option<UserId>) -> Verdict {
        let own = self.with(|pace, now| pace.admit_to_all(chat, now));
        match (&self.shared, chat) {
            (Some(shared), Some(chat)) if self.is_free(Some(chat)) => {
                shared.admit_to_all(chat).await.unwrap_or(own)
            }
            _ => own,
        }
    }

    fn is_free(&self, chat: Option<UserId>) -> bool {
        self.with(|pace, now| pace.frozen(chat, now)).is_none()
    }

    /// Telegram said 429.
    pub fn limited(&self, chat: Option<UserId>, retry_after: Duration) {
        self.with(|pace, now| pace.limited(chat, retry_after, now));
        if let Some(shared) = &self.shared {
            shared.limited(chat, retry_after);
        }
    }

    /// Telegram said 429 to another node.
    pub fn freeze(&self, chat: Option<UserId>, rest: Duration) {
        self.with(|pace, now| pace.freeze(chat, rest, now));
    }

    fn with<T>(&self, decide: impl FnOnce(&mut Pace, Instant) -> T) -> T {
        // Every decision leaves the numbers consistent, so a poisoned lock is still good.
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        decide(&mut pace, Instant::now())
    }
}

fn refused(retry_after: Duration) -> port::Error {
    port::Error::new(Kind::RateLimited { retry_after }, "paced: not before its time")
}

async fn permit(places: &Arc<Semaphore>, droppable: bool) -> port::Result<OwnedSemaphorePermit> {
    let busy = || refused(Duration::from_secs(1));
    let places = Arc::clone(places);
    if droppable {
        return places.try_acquire_owned().map_err(|_| busy());
    }
    // The semaphores are never closed.
    places.acquire_owned().await.map_err(|_| busy())
}
