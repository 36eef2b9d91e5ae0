//! What is in hand: noted for the next process, should this one die over it; and suspects, which run
//! alone, so that a death has one cause that can be named.
//!
//! A death with many things in hand blames nobody: all of them become suspects. The next process takes
//! suspects in hand one at a time with nothing else, as far as that can be had soon. Between two of
//! them the others get their turn, so that nobody waits for all suspects.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Mutex, RwLock};

use crate::port::{InHand, Store};

/// A suspect waits this long at most until everything else is out of hand.
const CLEARING_MAX: Duration = Duration::from_millis(250);

/// Others wait this long at most for a suspect: after that it is in hand among them.
const ALONE_MAX: Duration = Duration::from_millis(250);

/// The hands of a process. Clones are the same hands.
#[derive(Clone)]
pub struct Hands {
    store: Arc<dyn Store>,
    /// Shared by what may run beside others.
    room: Arc<RwLock<()>>,
    /// Suspects, one at a time.
    suspects: Arc<Mutex<()>>,
}

impl Hands {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, room: Arc::default(), suspects: Arc::default() }
    }

    /// Does work on an item while it counts as in hand: until the work ends, panics or is dropped.
    pub async fn hold<T>(
        &self,
        item: InHand,
        is_suspect: bool,
        work: impl Future<Output = T>,
    ) -> T {
        if is_suspect {
            // Boxed: it is rare, and would make every turn four times as large.
            return Box::pin(self.hold_alone(item, work)).await;
        }
        let _among = self.room.read().await;
        let _held = Held::take(&self.store, item);
        work.await
    }

    async fn hold_alone<T>(&self, item: InHand, work: impl Future<Output = T>) -> T {
        let turn = self.suspects.lock().await;
        let Ok(alone) = tokio::time::timeout(CLEARING_MAX, self.room.write()).await else {
            drop(turn);
            let _among = self.room.read().await;
            let _held = Held::take(&self.store, item);
            return work.await;
        };
        let _held = Held::take(&self.store, item);
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(ALONE_MAX, work.as_mut()).await {
            return done;
        }
        let _among = alone.downgrade();
        drop(turn);
        work.await
    }
}

/// Notes the end, however it comes.
struct Held<'a> {
    store: &'a Arc<dyn Store>,
    item: InHand,
}

impl<'a> Held<'a> {
    fn take(store: &'a Arc<dyn Store>, item: InHand) -> Self {
        store.take_in_hand(item);
        Self { store, item }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.store.put_down(self.item);
    }
}
