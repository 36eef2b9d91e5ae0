//! The gallery against a plain list: whatever people press and whatever comes and goes meanwhile, the
//! card, its position and the total are those of the list.

use aisha_actors::{
    domain::{
        action::{Action, Spot},
        id::{GenerationId, IntentId, PictureId, UserId},
        text::Value,
    },
    fake::{Fault, Shown},
};
use proptest::{prelude::*, sample::Index};

use crate::support::{Chat, Stage, model_id, run, seed};

#[derive(Debug, Clone)]
enum Step {
    Newest,
    /// The arrows under the card in view.
    OlderHere,
    NewerHere,
    /// Old buttons, of any picture that ever was.
    Older(Index),
    Newer(Index),
    At(Index),
    Favourite(Index, bool),
    FavouriteHere(bool),
    Delete(Index),
    DeleteHere,
    FilterModel(Option<bool>),
    FilterFavourites(bool),
    Reset,
    /// A generation of so many pictures is captured meanwhile.
    Arrives(u8, bool),
    /// The next commit panics: the gallery is born again.
    Reborn,
    CacheLost,
    Elsewhere,
}

fn step() -> impl Strategy<Value = Step> {
    let at = any::<Index>;
    prop_oneof![
        1 => Just(Step::Newest),
        8 => Just(Step::OlderHere),
        6 => Just(Step::NewerHere),
        3 => at().prop_map(Step::Older),
        3 => at().prop_map(Step::Newer),
        3 => at().prop_map(Step::At),
        2 => (at(), any::<bool>()).prop_map(|(at, on)| Step::Favourite(at, on)),
        3 => any::<bool>().prop_map(Step::FavouriteHere),
        2 => at().prop_map(Step::Delete),
        2 => Just(Step::DeleteHere),
        1 => proptest::option::of(any::<bool>()).prop_map(Step::FilterModel),
        1 => any::<bool>().prop_map(Step::FilterFavourites),
        1 => Just(Step::Reset),
        2 => (1..=4u8, any::<bool>()).prop_map(|(count, flux)| Step::Arrives(count, flux)),
        1 => Just(Step::Reborn),
        1 => Just(Step::CacheLost),
        1 => Just(Step::Elsewhere),
    ]
}

fn model_name(flux: bool) -> &'static str {
    if flux { "flux" } else { "nano" }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: PictureId,
    flux: bool,
    favourite: bool,
    gone: bool,
}

/// The plain list, newest first, with what is gone still in its place.
#[derive(Default)]
struct List {
    all: Vec<Entry>,
    flux: Option<bool>,
    favourites: bool,
    cursor: Option<PictureId>,
}

impl List {
    fn shows(&self, entry: &Entry) -> bool {
        !entry.gone
            && self.flux.is_none_or(|flux| flux == entry.flux)
            && (entry.favourite || !self.favourites)
    }

    fn shown(&self) -> Vec<PictureId> {
        self.all.iter().filter(|entry| self.shows(entry)).map(|entry| entry.id).collect()
    }

    fn entry(&mut self, id: PictureId) -> Option<&mut Entry> {
        self.all.iter_mut().find(|entry| entry.id == id)
    }

    /// The nearest that is shown, in the older direction or the newer.
    fn nearest(&self, id: PictureId, older: bool) -> Option<PictureId> {
        let at = self.all.iter().position(|entry| entry.id == id)?;
        let found = if older {
            self.all[at + 1..].iter().find(|entry| self.shows(entry))
        } else {
            self.all[..at].iter().rev().find(|entry| self.shows(entry))
        };
        found.map(|entry| entry.id)
    }

    fn itself(&self, id: PictureId) -> Option<PictureId> {
        self.all.iter().find(|entry| entry.id == id && self.shows(entry)).map(|entry| entry.id)
    }

    fn go(&mut self, wishes: impl IntoIterator<Item = Option<PictureId>>) {
        self.cursor = wishes.into_iter().flatten().next();
    }

    fn newest(&mut self) {
        self.cursor = self.shown().first().copied();
    }

    fn at(&mut self, id: PictureId) {
        self.go([self.itself(id), self.nearest(id, true), self.nearest(id, false)]);
    }

    fn turn(&mut self, id: PictureId, older: bool) {
        self.go([self.nearest(id, older), self.itself(id), self.nearest(id, !older)]);
    }
}

/// What the card says: picture, position, total. None: an empty screen.
fn said(shown: &Shown) -> Option<(PictureId, i64, i64)> {
    let text = shown.view.text.first()?;
    if !text.key.starts_with("card") {
        return None;
    }
    let number = |wanted| {
        text.args.iter().find_map(|(name, value)| match value {
            Value::Number(number) if *name == wanted => Some(*number),
            _ => None,
        })
    };
    Some((shown.picture?, number("position")?, number("total")?))
}

struct Play {
    stage: Stage,
    person: Chat,
    list: List,
    seeded: u64,
}

impl Play {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        Self { stage, person, list: List::default(), seeded: 0 }
    }

    fn arrive(&mut self, count: u8, flux: bool) {
        self.seeded += 1;
        let world = &self.stage.world;
        let ids = seed(world, self.person.user, self.seeded, model_name(flux), count);
        for id in ids.into_iter().rev() {
            self.list.all.insert(0, Entry { id, flux, favourite: false, gone: false });
        }
    }

    fn any(&self, index: &Index) -> PictureId {
        // One more than there are: a picture that never was.
        let at = index.index(self.list.all.len() + 1);
        let never = GenerationId::derive(UserId(7), IntentId(7));
        let never = PictureId { generation: never, n: 1 };
        self.list.all.get(at).map_or(never, |entry| entry.id)
    }

    fn known(&self, id: PictureId) -> bool {
        self.list.all.iter().any(|entry| entry.id == id)
    }

    async fn turn(&mut self, id: PictureId, older: bool) {
        if self.known(id) {
            self.list.turn(id, older);
        } else {
            self.list.newest();
        }
        let action = if older { Action::Older(id) } else { Action::Newer(id) };
        self.person.act(action).await;
    }

    async fn favour(&mut self, id: PictureId, on: bool) -> bool {
        self.person.act(Action::Favourite(id, on, Spot::Gallery)).await;
        let Some(entry) = self.list.entry(id).filter(|entry| !entry.gone) else { return false };
        entry.favourite = on;
        self.list.at(id);
        true
    }

    async fn delete(&mut self, id: PictureId) {
        self.person.act(Action::Delete(id, Spot::Gallery)).await;
        if let Some(entry) = self.list.entry(id) {
            entry.gone = true;
            self.list.turn(id, true);
        } else {
            self.list.newest();
        }
    }

    async fn filter(&mut self, action: Action) {
        self.person.act(action).await;
        self.person.act(Action::Gallery).await;
        self.list.newest();
    }

    /// Whether a card (or an empty screen) was shown.
    async fn step(&mut self, step: Step) -> bool {
        match step {
            Step::Newest => {
                self.person.act(Action::Gallery).await;
                self.list.newest();
            }
            Step::OlderHere | Step::NewerHere => {
                let Some(id) = self.list.cursor else { return false };
                self.turn(id, matches!(step, Step::OlderHere)).await;
            }
            Step::Older(at) => self.turn(self.any(&at), true).await,
            Step::Newer(at) => self.turn(self.any(&at), false).await,
            Step::At(at) => {
                let id = self.any(&at);
                if self.known(id) {
                    self.list.at(id);
                } else {
                    self.list.newest();
                }
                self.person.act(Action::Card(id)).await;
            }
            Step::Favourite(at, on) => return self.favour(self.any(&at), on).await,
            Step::FavouriteHere(on) => {
                let Some(id) = self.list.cursor else { return false };
                return self.favour(id, on).await;
            }
            Step::Delete(at) => self.delete(self.any(&at)).await,
            Step::DeleteHere => {
                let Some(id) = self.list.cursor else { return false };
                self.delete(id).await;
            }
            Step::FilterModel(flux) => {
                self.list.flux = flux;
                let model = flux.map(|flux| model_id(model_name(flux)));
                self.filter(Action::FilterModel(model)).await;
            }
            Step::FilterFavourites(on) => {
                self.list.favourites = on;
                self.filter(Action::FilterFavourites(on)).await;
            }
            Step::Reset => {
                (self.list.flux, self.list.favourites) = (None, false);
                self.filter(Action::ResetFilters).await;
            }
            Step::Arrives(count, flux) => {
                self.arrive(count, flux);
                return false;
            }
            Step::Reborn => {
                self.stage.world.store.script.next("commit", Fault::Panic);
                return false;
            }
            Step::CacheLost => {
                self.stage.world.cache.flush();
                return false;
            }
            Step::Elsewhere => {
                self.person.act(Action::Balance).await;
                self.person.act(Action::Back).await;
                return false;
            }
        }
        true
    }

    fn check(&self, step: &str) {
        let shown = self.list.shown();
        let expected = self.list.cursor.map(|id| {
            let at = shown.iter().position(|one| *one == id).expect("the model is wrong");
            (id, at as i64 + 1, shown.len() as i64)
        });
        let last = self.person.last();
        assert_eq!(said(&last), expected, "after {step}: {:?}", last.keys());
        if expected.is_none() {
            let filtered = self.list.flux.is_some() || self.list.favourites;
            let key = if filtered { "gallery-nothing" } else { "gallery-empty" };
            assert!(last.has(key), "after {step}: {:?}", last.keys());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_gallery_shows_what_a_plain_list_would(
        seeds in proptest::collection::vec((1..=4u8, any::<bool>()), 0..70),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        run(async move {
            let mut play = Play::new().await;
            for (count, flux) in seeds {
                play.arrive(count, flux);
            }
            play.step(Step::Newest).await;
            play.check("opening");
            for step in steps {
                let name = format!("{step:?}");
                if play.step(step).await {
                    play.check(&name);
                }
            }
        });
    }
}

#[test]
fn turning_from_end_to_end_and_back_meets_every_picture_once() {
    run(async {
        let mut play = Play::new().await;
        for number in 0..60 {
            play.arrive(4, number % 3 == 0);
        }
        play.step(Step::Newest).await;
        let reads = |play: &Play| {
            let script = &play.stage.world.store.script;
            (script.calls("count"), script.calls("cards"))
        };
        let before = reads(&play);
        for step in [Step::OlderHere, Step::NewerHere] {
            for _ in 0..239 {
                play.step(step.clone()).await;
                play.check("turning");
            }
        }
        let after = reads(&play);
        assert_eq!(after.0, before.0, "turning pages counts the gallery again");
        // Ten cards at a time.
        assert!(after.1 - before.1 < 52, "{} reads for 478 pages", after.1 - before.1);
    });
}
