//! What is for sale and how the bot behaves, shared by the actors.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::Notify;

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

/// The catalogue as it is right now, and the terms.
#[derive(Debug)]
pub struct Shop {
    shelf: RwLock<Shelf>,
    retired: Notify,
    pub terms: Terms,
}

/// What the catalogue of this moment is made of.
#[derive(Debug)]
struct Shelf {
    /// As the file has it.
    file: Arc<Catalogue>,
    /// The operator's word on a model, which wins over the file's: whether it is on sale.
    words: BTreeMap<ModelId, bool>,
    /// Taken off sale by what the provider answered, and nobody has written that down yet.
    gone: BTreeSet<ModelId>,
    current: Arc<Catalogue>,
}

impl Shelf {
    fn lay_out(&mut self) {
        let mut next = Catalogue::clone(&self.file);
        for (id, on_sale) in &self.words {
            if *on_sale { next.put_on_sale(id) } else { next.retire(id) }
        }
        for id in &self.gone {
            next.retire(id);
        }
        if next != *self.current {
            self.current = Arc::new(next);
        }
    }
}

impl Shop {
    pub fn new(catalogue: Catalogue, terms: Terms) -> Self {
        let file = Arc::new(catalogue);
        let (words, gone) = (BTreeMap::new(), BTreeSet::new());
        let shelf = Shelf { current: file.clone(), file, words, gone };
        Self { shelf: RwLock::new(shelf), retired: Notify::new(), terms }
    }

    /// The catalogue of this moment.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    /// The catalogue as the file has it.
    pub fn file(&self) -> Arc<Catalogue> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).file.clone()
    }

    /// Sells from another file from now on. What operators said stands.
    pub fn reload(&self, catalogue: Catalogue) {
        self.change(|shelf| shelf.file = Arc::new(catalogue));
    }

    /// Takes a model off sale: its endpoint answered "not found" or "gone". Whoever waits in
    /// [`Shop::next_retired`] writes it down, so that it stays so.
    pub fn retire(&self, id: &ModelId) {
        self.change(|shelf| {
            if shelf.words.get(id) != Some(&false) {
                shelf.gone.insert(id.clone());
            }
        });
        self.retired.notify_one();
    }

    /// Models that were retired and that nobody has written down yet.
    pub fn retired(&self) -> Vec<ModelId> {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        shelf.gone.iter().cloned().collect()
    }

    /// Returns when a model was retired since the last time.
    pub async fn next_retired(&self) {
        self.retired.notified().await;
    }

    /// Hears all that operators have said, by model. `written`: models of [`Shop::retired`] that are
    /// among it now.
    pub fn hear(&self, words: BTreeMap<ModelId, bool>, written: &[ModelId]) {
        self.change(|shelf| {
            shelf.words = words;
            shelf.gone.retain(|id| !written.contains(id));
        });
    }

    fn change(&self, change: impl FnOnce(&mut Shelf)) {
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut shelf);
        shelf.lay_out();
    }
}
