//! What the benches share: a thread with actors, the real store in a temporary folder, and a world
//! beyond it in which nothing is ever reached.

#![expect(dead_code, reason = "no bench uses all of it")]

use std::{collections::BTreeMap, future::Future, rc::Rc, sync::Arc, time::Duration};

use actix::{Actor, Addr};
use aisha::{
    cache,
    db::{Database, migrations},
    settings::{self, Settings, Sources},
    telegram::{BotName, TelegramParser},
    world::{RandomIds, SystemClock},
};
use aisha_actors::{
    address::Address,
    ask::ask,
    domain::{
        catalogue::Model,
        generation::{Order, Ticket},
        id::{GenerationId, MessageId, UpdateId, UserId},
        ledger::Credits,
        person::Profile,
        picture::{Content, ImageType, ObjectKey},
        text::Language,
        update::{Input, Update},
        view::{Answer, Reply},
    },
    gallery::{self, TakeUpdate},
    hands::Hands,
    lanes::OwnLanes,
    ledger,
    port::{
        self, Cancel, Downloads, Generator, Image, Messenger, Objects, Outcome, Place, Ports,
        ProviderStatus, Rendered, Sent, Urgency,
    },
    shop::{Shop, Terms},
    supervisor::{Budget, Exit, supervise},
    system::Limits,
    tracker::{self, Listeners},
    writer,
};
use async_trait::async_trait;
use bytes::Bytes;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Far longer than anything that is measured.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One thread with actors, as the program has one for its own.
pub(crate) struct Thread(actix::SystemRunner);

impl Thread {
    pub(crate) fn new() -> Self {
        Self(actix::System::new())
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.block_on(future)
    }
}

/// The real store, in a folder that goes away with it.
pub(crate) struct Home {
    pub(crate) settings: Settings,
    pub(crate) database: Database,
    _folder: TempDir,
}

impl Home {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().to_string_lossy().into_owned();
        let environment = BTreeMap::from([("DATA_DIR".to_owned(), data)]);
        let sources = Sources { config: None, folder: folder.path().to_owned(), environment };
        let settings = settings::load(sources).expect("settings");
        migrations::up(&settings.database).await.expect("a schema");
        let database =
            Database::open(&settings.database, Arc::new(SystemClock)).await.expect("a database");
        Self { settings, database, _folder: folder }
    }

    /// The first model for sale.
    pub(crate) fn model(&self) -> Model {
        self.settings.catalogue.all().first().expect("a model").clone()
    }

    fn shop(&self) -> Arc<Shop> {
        let terms = Terms {
            welcome: Credits(0),
            contact: String::new(),
            open_max: 3,
            crash_command: false,
            turn_deadline: PATIENCE,
        };
        Arc::new(Shop::new(self.settings.catalogue.clone(), terms))
    }

    /// The real store, clock, parser and cache; the rest is out of reach.
    fn ports(&self) -> Ports {
        Ports {
            store: Arc::new(self.database.clone()),
            parser: Arc::new(TelegramParser::new(BotName::default())),
            cache: Arc::new(cache::Memory::new(32 << 20)),
            objects: Arc::new(Away),
            downloads: Arc::new(Away),
            generator: Arc::new(Away),
            messenger: Arc::new(Away),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            lanes: OwnLanes::all(),
        }
    }
}

/// The supervised actors below the galleries, on the current thread.
pub(crate) struct Below {
    pub(crate) ledger: Address<ledger::Actor>,
    galleries: Rc<gallery::Deps>,
    /// Nobody restarts in a bench; kept so that the actors may say so.
    _exits: UnboundedReceiver<Exit>,
}

impl Below {
    /// Call it on a [`Thread`].
    pub(crate) fn start(home: &Home) -> Self {
        let (ports, shop, limits) = (home.ports(), home.shop(), Limits::default());
        let (sender, exits) = unbounded_channel();
        let (budget, mailboxes) = (Budget::default(), limits.mailboxes);
        let deps = ledger::Deps { store: ports.store.clone(), clock: ports.clock.clone() };
        let ledger = supervise("ledger", budget, mailboxes.ledger, sender.clone(), || {
            ledger::Actor::new(deps)
        });
        let hands = Hands::new(ports.store.clone());
        let deps = writer::Deps {
            ports: ports.clone(),
            hands: hands.clone(),
            shop: shop.clone(),
            copies_max: limits.copies_max,
            tick: PATIENCE,
        };
        let writer = supervise("writer", budget, mailboxes.writer, sender.clone(), || {
            writer::Actor::new(deps)
        });
        let deps = tracker::Deps {
            ports: ports.clone(),
            hands,
            shop: shop.clone(),
            ledger: ledger.clone(),
            writer: writer.clone(),
            listeners: Arc::new(Listeners::default()),
            places: limits.places,
            submit_grace: limits.submit_grace,
            poll: limits.poll,
            fetch_deadline: PATIENCE,
            ledger_deadline: PATIENCE,
            rescan: PATIENCE,
        };
        let tracker =
            supervise("tracker", budget, mailboxes.tracker, sender, || tracker::Actor::new(deps));
        let galleries = Rc::new(gallery::Deps {
            ports,
            shop,
            ledger: ledger.clone(),
            tracker,
            writer,
            mailbox: mailboxes.gallery,
        });
        Self { ledger, galleries, _exits: exits }
    }

    /// A user's actor, just born.
    pub(crate) fn gallery(&self, user: UserId) -> Addr<gallery::Actor> {
        gallery::Actor::new(user, self.galleries.clone()).start()
    }
}

/// Hands a person's input to their actor, as the session does, and takes the reply.
pub(crate) async fn turn(gallery: &Addr<gallery::Actor>, from: Profile, input: Input) -> Reply {
    let update = Update { id: UpdateId(1), from, input };
    let answer = ask(gallery, TakeUpdate { update }, PATIENCE).await;
    answer.expect("an answer").expect("a turn").expect("a reply")
}

/// How Telegram tells of the `index`-th person that `aisha sandbox seed` makes from `first` on.
pub(crate) fn profile(first: i64, index: u32) -> Profile {
    Profile {
        id: UserId(first + i64::from(index)),
        first_name: format!("User{index}"),
        username: Some(format!("seeded_{index}")),
        language_code: Some("ru".to_owned()),
    }
}

/// A world that is away.
struct Away;

fn away<T>() -> port::Result<T> {
    Err(port::Error::transient("away"))
}

#[async_trait]
impl Messenger for Away {
    async fn show(&self, _: UserId, _: Place, _: &Rendered, _: Urgency) -> port::Result<Sent> {
        away()
    }
    async fn answer(&self, _: &Answer, _: Language) -> port::Result<()> {
        away()
    }
    async fn document(&self, _: UserId, _: Image, _: Urgency) -> port::Result<Sent> {
        away()
    }
    async fn delete(&self, _: UserId, _: MessageId) -> port::Result<()> {
        away()
    }
}

#[async_trait]
impl Generator for Away {
    async fn submit(&self, _: GenerationId, _: &Model, _: &Order) -> port::Result<Ticket> {
        away()
    }
    async fn status(&self, _: &Ticket) -> port::Result<ProviderStatus> {
        away()
    }
    async fn outcome(&self, _: &Ticket) -> port::Result<Outcome> {
        away()
    }
    async fn cancel(&self, _: &Ticket) -> port::Result<Cancel> {
        away()
    }
    fn adopt(&self, _: &Model, _: &str) -> Option<Ticket> {
        None
    }
}

#[async_trait]
impl Objects for Away {
    async fn put(&self, _: &ObjectKey, _: Bytes, _: ImageType) -> port::Result<()> {
        away()
    }
    async fn get(&self, _: &ObjectKey) -> port::Result<Bytes> {
        away()
    }
    async fn list(
        &self,
        _: &str,
        _: &str,
        _: Option<&str>,
        _: usize,
    ) -> port::Result<Vec<port::Listed>> {
        away()
    }
    async fn delete(&self, _: &ObjectKey) -> port::Result<()> {
        away()
    }
    fn link(&self, _: &ObjectKey, _: Duration) -> port::Result<String> {
        away()
    }
}

#[async_trait]
impl Downloads for Away {
    async fn picture(&self, _: &str) -> port::Result<(Bytes, Content)> {
        away()
    }
    fn is_allowed(&self, _: &str) -> bool {
        false
    }
}
