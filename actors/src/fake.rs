//! In-memory ports with scripted failures, for the tests and benches of this crate and of the program.
//!
//! Every fake keeps the promises that the documents in [`crate::port`] make, counts its calls, and tells
//! [`Events`] of each, so that a test waits for what happens rather than for time to pass. A [`Script`]
//! makes single calls fail, panic, wait, or lose their answer.

mod blobs;
mod books;
mod generator;
mod messenger;
mod parser;
mod script;
mod store;
mod tables;
mod world;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use blobs::{Cache, Downloads, Objects};
pub use generator::{Ending, Generator, Look, Plan, Submit};
pub use messenger::{Messenger, Said, Shown};
pub use parser::{Parser, arrival, from_operator};
pub use script::{Events, Fault, Script};
pub use store::Store;
pub use world::{Clock, Ids};

use crate::{lanes::OwnLanes, port::Ports};

/// How long [`World::until`] waits: far more than anything takes, and nothing where time is paused.
const PATIENCE: Duration = Duration::from_secs(3600);

/// One world of fakes.
#[derive(Clone)]
pub struct World {
    pub store: Arc<Store>,
    pub cache: Arc<Cache>,
    pub objects: Arc<Objects>,
    pub downloads: Arc<Downloads>,
    pub generator: Arc<Generator>,
    pub messenger: Arc<Messenger>,
    pub clock: Arc<Clock>,
    pub ids: Arc<Ids>,
    pub events: Arc<Events>,
}

impl World {
    /// An empty world. Its clock goes with tokio's time, paused or not.
    pub fn new() -> Self {
        let events = Arc::new(Events::default());
        let clock = Arc::new(Clock::default());
        Self {
            store: Arc::new(Store::new(events.clone())),
            cache: Arc::new(Cache::new(events.clone())),
            objects: Arc::new(Objects::new(events.clone())),
            downloads: Arc::new(Downloads::new(events.clone())),
            generator: Arc::new(Generator::new(events.clone())),
            messenger: Arc::new(Messenger::new(events.clone())),
            clock,
            ids: Arc::new(Ids::default()),
            events,
        }
    }

    /// The ports to start a system with.
    pub fn ports(&self) -> Ports {
        Ports {
            store: self.store.clone(),
            parser: Arc::new(Parser),
            cache: self.cache.clone(),
            objects: self.objects.clone(),
            downloads: self.downloads.clone(),
            generator: self.generator.clone(),
            messenger: self.messenger.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            lanes: OwnLanes::all(),
        }
    }

    /// Waits until `condition` holds; looks again after every call of a port.
    ///
    /// # Panics
    /// When it does not hold after an hour of tokio's time.
    #[expect(clippy::panic, reason = "a test that waits in vain has failed")]
    pub async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let waiting = async {
            let mut events = self.events.listen();
            while !condition(self) {
                if events.changed().await.is_err() {
                    return;
                }
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("waited in vain until {what}");
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// A lock that outlives a scripted panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
