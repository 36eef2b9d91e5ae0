//! What is for sale and how the bot behaves, shared by the actors.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::domain::{catalogue::Catalogue, id::ModelId, ledger::Credits};

/// The operator's choices that the chat depends on.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Given once to everybody who is new; zero for none.
    pub welcome: Credits,
    /// Where people ask for credits: `@name`, an address, or words. Empty: nothing to show.
    pub contact: String,
    /// Open generations that one person may have.
    pub open_max: usize,
    /// Whether `/crash` makes one's own gallery actor panic.
    pub crash_command: bool,
    /// A turn of a conversation that takes longer is a crash.
    pub turn_deadline: Duration,
}

/// The catalogue as it is right now, whether anything is sold at all, and the terms.
#[derive(Debug)]
pub struct Shop {
    catalogue: RwLock<Arc<Catalogue>>,
    closed: AtomicBool,
    pub terms: Terms,
}

impl Shop {
    pub fn new(catalogue: Catalogue, terms: Terms) -> Self {
        Self { catalogue: RwLock::new(Arc::new(catalogue)), closed: AtomicBool::new(false), terms }
    }

    /// The catalogue of this moment.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether nothing new is begun for now (maintenance). What was begun is finished, and galleries stay open.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Begins maintenance, or ends it. True: that is new.
    pub fn set_closed(&self, closed: bool) -> bool {
        self.closed.swap(closed, Ordering::Relaxed) != closed
    }

    /// Takes a model off sale: its endpoint answered "not found" or "gone".
    pub fn retire(&self, id: &ModelId) {
        let mut current = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Catalogue::clone(&current);
        next.retire(id);
        *current = Arc::new(next);
    }
}
