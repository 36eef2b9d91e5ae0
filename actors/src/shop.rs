//! What is for sale and how the bot behaves, shared by the actors.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
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

/// The catalogue as it is right now, whether anything is sold at all, and the terms.
#[derive(Debug)]
pub struct Shop {
    shelf: RwLock<Shelf>,
    retired: Notify,
    closed: AtomicBool,
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
        Self {
            shelf: RwLock::new(shelf),
            retired: Notify::new(),
            closed: AtomicBool::new(false),
            terms,
        }
    }

    /// The catalogue of this moment.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    /// Whether nothing new is begun for now (maintenance). What was begun is finished, and galleries stay open.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Begins maintenance, or ends it. True: that is new.
    pub fn set_closed(&self, closed: bool) -> bool {
        self.closed.swap(closed, Ordering::Relaxed) != closed
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::{Choice, Model, Status};

    fn id(name: &str) -> ModelId {
        ModelId::parse(name).unwrap()
    }

    fn catalogue(models: &[(&str, Status)]) -> Catalogue {
        let model = |(name, status): &(&str, Status)| Model {
            id: id(name),
            title: (*name).to_owned(),
            endpoint: format!("fal-ai/{name}"),
            status: *status,
            successor: None,
            ratio_parameter: "aspect_ratio".to_owned(),
            ratios: vec![Choice { name: "1:1".to_owned(), value: "1:1".to_owned() }],
            count_max: 1,
            resolutions: Vec::new(),
            seed: false,
            output_format: None,
            fixed: BTreeMap::new(),
            prompt_min: 1,
            prompt_max: 100,
            price: Credits(1),
            bucket: "generated".to_owned(),
            deadline: Duration::from_secs(60),
        };
        Catalogue::new(models.iter().map(model).collect()).unwrap()
    }

    fn shop() -> Shop {
        let terms = Terms {
            welcome: Credits(0),
            contact: String::new(),
            open_max: 1,
            crash_command: false,
            turn_deadline: Duration::from_secs(1),
        };
        let file = [("a", Status::Degraded), ("b", Status::Retired), ("c", Status::Active)];
        Shop::new(catalogue(&file), terms)
    }

    fn statuses(shop: &Shop) -> Vec<Status> {
        shop.catalogue().all().iter().map(|model| model.status).collect()
    }

    #[test]
    fn the_operators_word_wins_over_the_file_until_it_is_lifted() {
        use Status::{Active, Degraded, Retired};
        let shop = shop();
        let words = [("a", true), ("b", true), ("c", false), ("unknown", true)];
        shop.hear(words.into_iter().map(|(name, on)| (id(name), on)).collect(), &[]);
        assert_eq!(statuses(&shop), [Degraded, Active, Retired]);
        shop.reload(catalogue(&[("c", Active), ("d", Active)]));
        assert_eq!(statuses(&shop), [Retired, Active], "it stands over another file too");
        assert_eq!(shop.file().get(&id("c")).unwrap().status, Active);
        shop.hear(BTreeMap::new(), &[]);
        assert_eq!(statuses(&shop), [Active, Active]);
    }

    #[test]
    fn what_is_gone_is_off_sale_until_it_is_written_down_and_then_as_written() {
        use Status::{Active, Degraded, Retired};
        let shop = shop();
        shop.hear(BTreeMap::from([(id("a"), true)]), &[]);
        shop.retire(&id("a"));
        assert_eq!(statuses(&shop), [Retired, Retired, Active]);
        assert_eq!(shop.retired(), [id("a")]);
        // A look that began before does not undo it.
        shop.hear(BTreeMap::from([(id("a"), true)]), &[]);
        assert_eq!(statuses(&shop), [Retired, Retired, Active]);
        shop.hear(BTreeMap::from([(id("a"), false)]), &[id("a")]);
        assert_eq!((statuses(&shop), shop.retired()), (vec![Retired, Retired, Active], vec![]));
        shop.retire(&id("a"));
        assert_eq!(shop.retired(), [], "it is written down");
        shop.hear(BTreeMap::new(), &[]);
        assert_eq!(statuses(&shop), [Degraded, Retired, Active]);
    }
}
