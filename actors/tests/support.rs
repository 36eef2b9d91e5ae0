//! A system of actors over a world of fakes, and a person who chats with it.

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        action::{Action, Press},
        catalogue::{Catalogue, Choice, Model, Resolution, Status},
        change::{Change, Changes},
        generation::{Generation, Order, State},
        id::{GenerationId, IntentId, MessageId, ModelId, PictureId, UserId},
        ledger::Credits,
        picture::{Picture, PictureState, Place},
        view::Answer,
    },
    fake::{Shown, World, arrival},
    port::Clock,
    shop::{Shop, Terms},
    supervisor::Budget,
    system::{Limits, System},
};

/// Runs a test on one thread with actors and virtual time: whoever sleeps is woken as soon as nobody
/// else has work.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    };
    actix::System::with_tokio_rt(runtime).block_on(test)
}

pub(crate) fn model_id(id: &str) -> ModelId {
    ModelId::parse(id).unwrap()
}

fn model(id: &str, price: i64) -> Model {
    let choice = |name: &str| Choice { name: name.to_owned(), value: name.to_owned() };
    Model {
        id: model_id(id),
        title: id.to_uppercase(),
        endpoint: format!("fal-ai/{id}"),
        status: Status::Active,
        successor: None,
        ratio_parameter: "aspect_ratio".to_owned(),
        ratios: ["1:1", "16:9", "9:16"].map(choice).to_vec(),
        count_max: 4,
        resolutions: Vec::new(),
        seed: true,
        output_format: None,
        fixed: Default::default(),
        prompt_min: 3,
        prompt_max: 1000,
        price: Credits(price),
        bucket: "imagen4".to_owned(),
        deadline: Duration::from_secs(300),
    }
}

/// `imagen4` at 4 credits with successor `nano` at 3, and `flux` at 2 with resolutions and one picture.
pub(crate) fn catalogue() -> Catalogue {
    let imagen4 = Model { successor: Some(model_id("nano")), ..model("imagen4", 4) };
    let resolutions = [("1K", 2), ("2K", 5)]
        .map(|(name, price)| Resolution { name: name.to_owned(), price: Credits(price) })
        .to_vec();
    let flux = Model { resolutions, count_max: 1, ..model("flux", 2) };
    Catalogue::new(vec![imagen4, model("nano", 3), flux]).unwrap()
}

pub(crate) fn shop() -> Shop {
    let terms = Terms {
        welcome: Credits(100),
        contact: "@operator".to_owned(),
        open_max: 10,
        crash_command: true,
        turn_deadline: Duration::from_secs(5),
    };
    Shop::new(catalogue(), terms)
}

pub(crate) fn limits() -> Limits {
    Limits { budget: Budget { restarts: 1000, ..Budget::default() }, ..Limits::default() }
}

/// A running system over a world of fakes.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) shop: Arc<Shop>,
    pub(crate) system: System,
    pub(crate) updates: Arc<std::sync::atomic::AtomicI64>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(World::new(), shop(), limits()).await
    }

    pub(crate) async fn with(world: World, shop: Shop, limits: Limits) -> Self {
        let shop = Arc::new(shop);
        let arbiter = actix::Arbiter::current();
        let system = System::start(&arbiter, world.ports(), shop.clone(), limits).await.unwrap();
        Self { world, shop, system, updates: Arc::default() }
    }

    /// Another process over the same rows.
    pub(crate) async fn again(&self, shop: Shop) -> Self {
        let later = Self::with(self.world.clone(), shop, limits()).await;
        Self { updates: self.updates.clone(), ..later }
    }

    /// A number that no update had yet.
    pub(crate) fn next_update(&self) -> i64 {
        self.updates.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1
    }

    pub(crate) fn person(&self, id: i64) -> Chat {
        Chat { stage: self.clone(), user: UserId(id) }
    }

    /// Puts an update in; it is stored when this returns.
    pub(crate) async fn take(&self, update: i64, user: UserId, payload: &str) {
        let taken = self.system.take_updates(vec![arrival(update, user, payload)]).await;
        assert_eq!(taken, Ok(Ok(())), "{payload}");
    }

    /// Waits until no update is open any more.
    pub(crate) async fn settled(&self) {
        self.world.until("all updates are worked off", |w| w.store.inbox_open() == 0).await;
    }

    /// Waits until all generations are over and nothing is owed.
    pub(crate) async fn quiet(&self) {
        self.settled().await;
        let over = |world: &World| {
            world.store.generations().iter().all(|row| !row.state.is_open())
                && world.store.outbox_figures().0 == 0
        };
        self.world.until("all generations are over and told", over).await;
    }
}

/// A person in a private chat.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(crate) stage: Stage,
    pub(crate) user: UserId,
}

impl Chat {
    /// Does something and waits until it was worked off.
    pub(crate) async fn does(&self, payload: &str) -> Shown {
        self.stage.take(self.stage.next_update(), self.user, payload).await;
        self.stage.settled().await;
        self.last()
    }

    pub(crate) async fn say(&self, words: &str) -> Shown {
        self.does(&format!("say {words}")).await
    }

    pub(crate) async fn command(&self, command: &str) -> Shown {
        self.does(&format!("cmd {command}")).await
    }

    /// Presses what `data` says under a message; gives that message, or the newest if it is gone.
    pub(crate) async fn press_on(
        &self,
        message: MessageId,
        press: &Press,
    ) -> (Shown, Option<Answer>) {
        let update = self.stage.next_update();
        let media = self.stage.world.messenger.message(self.user, message);
        let media = u8::from(media.is_some_and(|shown| shown.has_media));
        let payload = format!("press {} {media} {}", message.0, press.encode());
        self.stage.take(update, self.user, &payload).await;
        self.stage.settled().await;
        let shown = self.stage.world.messenger.message(self.user, message);
        let answer = self.stage.world.messenger.answer_to(&format!("q{update}"));
        (shown.unwrap_or_else(|| self.last()), answer)
    }

    /// Presses the button of the newest message whose action is like that.
    pub(crate) async fn press(&self, wanted: impl Fn(&Action) -> bool) -> Shown {
        let last = self.last();
        let Some(press) = last.button(wanted) else {
            panic!("no such button on {:?}: {:?}", last.keys(), last.buttons())
        };
        self.press_on(last.id, &press).await;
        self.last()
    }

    /// Presses `action` under the newest message, whether it has such a button or not.
    pub(crate) async fn act(&self, action: Action) -> (Shown, Option<Answer>) {
        self.press_on(self.last().id, &action.into()).await
    }

    pub(crate) fn last(&self) -> Shown {
        self.stage.world.messenger.last(self.user).expect("the chat is empty")
    }

    pub(crate) fn available(&self) -> i64 {
        self.stage.world.store.account_now(self.user).available().0
    }

    /// From nothing to a quote for one picture.
    pub(crate) async fn quote(&self, prompt: &str) -> Shown {
        self.command(&format!("imagine {prompt}")).await
    }

    /// A quote, and "Generate" pressed.
    pub(crate) async fn order(&self, prompt: &str) {
        self.quote(prompt).await;
        self.press(|action| matches!(action, Action::Confirm(_))).await;
    }
}

/// Puts a delivered generation of `count` pictures into somebody's gallery, newest first. `number`
/// names it and gives its date, a minute after the one before.
pub(crate) fn seed(
    world: &World,
    user: UserId,
    number: u64,
    model: &str,
    count: u8,
) -> Vec<PictureId> {
    seed_from(world, user, number, model, count, |id| format!("https://fal.test/{id}.jpg"))
}

/// The same with other addresses than the provider's.
pub(crate) fn seed_from(
    world: &World,
    user: UserId,
    number: u64,
    model: &str,
    count: u8,
    url: impl Fn(PictureId) -> String,
) -> Vec<PictureId> {
    let generation = GenerationId::derive(user, IntentId(1_000_000 + number));
    let at = Clock::now(world.clock.as_ref()).plus(Duration::from_secs(number));
    let order = Order {
        model: model_id(model),
        prompt: format!("seeded {number}"),
        ratio: "1:1".to_owned(),
        resolution: None,
        count,
        seed: 1,
        price: Credits(1),
    };
    let row = Generation {
        id: generation,
        user,
        order,
        state: State::Delivered,
        message: None,
        ticket: None,
        submits: 1,
        attempts: 0,
        failure: None,
        captured: count,
        created_at: at,
        submitted_at: Some(at),
        finished_at: Some(at),
        deadline_at: at,
    };
    let ids: Vec<PictureId> = (1..=count).map(|n| PictureId { generation, n }).collect();
    let picture = |id: PictureId| Picture {
        id,
        owner: user,
        model: model_id(model),
        state: PictureState::Stored,
        url: url(id),
        url_expires_at: None,
        object: None,
        content: None,
        file_id: None,
        favourite: false,
        listed_at: None,
        created_at: at,
        attempts: 0,
    };
    let mut list = vec![Change::AddGeneration(Box::new(row))];
    list.push(Change::AddPictures(ids.iter().copied().map(picture).collect()));
    list.extend(
        ids.iter().map(|id| Change::ListPicture {
            id: *id,
            listed_at: Place::of(at, *id, count).listed_at,
        }),
    );
    let stored = world.store.put(vec![Changes::new(user, list)]);
    assert!(stored[0].is_ok(), "{stored:?}");
    ids
}
