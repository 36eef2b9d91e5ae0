//! The traits through which the core reaches the world, and the one error they share.

mod cache;
mod generator;
mod inbox;
mod messenger;
mod objects;
mod outbox;
mod store;
mod wakes;
mod world;

use std::{fmt, sync::Arc, time::Duration};

use crate::lanes::OwnLanes;

pub use cache::{Cache, CachedWindow};
pub use generator::{Cancel, Generator, Outcome, ProviderPicture, ProviderStatus};
pub use inbox::{Arrival, InHand, Inbox, InboxItem, ItemFault, Parser, Source};
pub use messenger::{Image, Messenger, Place, Rendered, Sent, Urgency};
pub use objects::{Downloads, Listed, Objects};
pub use outbox::{Broadcast, Outbox};
pub use store::{Counts, HistoryLine, InLine, Reach, Records, Standing, Store};
pub use wakes::{NobodyElse, Wake, Wakes};
pub use world::{Clock, IdSource};

/// All that the core reaches, for one system of actors.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub parser: Arc<dyn Parser>,
    pub cache: Arc<dyn Cache>,
    pub objects: Arc<dyn Objects>,
    pub downloads: Arc<dyn Downloads>,
    pub generator: Arc<dyn Generator>,
    pub messenger: Arc<dyn Messenger>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    /// Whose work may begin here.
    pub lanes: OwnLanes,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// What kind of trouble it is. Whether to try again is decided from this alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The thing is not there (any more).
    NotFound,
    /// Someone else was first, or it is there already.
    Conflict,
    /// Not before this time has passed.
    RateLimited { retry_after: Duration },
    /// Surely not done; may work later.
    Transient,
    /// This node does not own it any more: surely not done, and not to be tried again here.
    Fenced,
    /// The answer was lost: it may or may not have been done.
    Ambiguous,
    /// The other side does not want to hear from us: a person who blocked the bot, a provider that
    /// does not accept the operator's key.
    Forbidden,
    /// The operator's account there is empty or locked.
    OutOfMoney,
    /// The other side's content policy refuses it.
    Unsafe,
    /// It will never work like this.
    Permanent,
}

/// What a port answers when it cannot do its work. The text carries no secret and no URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    pub kind: Kind,
    /// For the log.
    pub what: String,
}

impl Error {
    pub fn new(kind: Kind, what: impl fmt::Display) -> Self {
        Self { kind, what: what.to_string() }
    }

    /// Shorthand for the commonest kind.
    pub fn transient(what: impl fmt::Display) -> Self {
        Self::new(Kind::Transient, what)
    }
}

/// What every port method gives.
pub type Result<T> = std::result::Result<T, Error>;
