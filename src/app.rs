//! The composition root: settings become adapters, adapters become a running system.
//!
//! ```text
//! bind ─► database (migrate, lock, count deaths) ─► adapters ─► actors ─► HTTP ─► updates
//! ```
//! It stops in the other direction: no more updates, what is in hand is finished, HTTP, database.

mod alerts;
mod broadcasts;
mod catalogue;
mod connect;
mod draining;
mod edge;
mod figures;
mod forgetting;
mod gauges;
mod maintenance;
mod nodes;
mod sandbox;
mod seed;
mod shared;
mod steering;
pub(crate) mod storage;
mod sweep;
pub mod tools;
mod upkeep;
mod watch;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use actix_web::{dev::ServerHandle, web as routes};
use aisha_actors::{
    lanes::OwnLanes,
    port::{Clock, Inbox},
    system::{self, System},
};
use tokio::{
    sync::{
        oneshot,
        watch::{Receiver, channel},
    },
    task::JoinSet,
};

use crate::{
    dashboard::{self, Desk},
    db::{Database, ServeLock, migrations, nodes::Node},
    objects::{Files, Signer, files},
    outgoing::Backoff,
    redis::Link,
    sandbox::Sandbox,
    settings::{Mode, Settings, Storage},
    telegram,
    web::{self, Edge, Places},
    world::SystemClock,
};

use alerts::Alerts;
pub use catalogue::{BOT, Probe, Stock};
use connect::Connections;
use draining::Draining;
use nodes::Joined;
pub use sandbox::run_sandbox;
pub use seed::{Seeded, seed};
pub use shared::wake;
pub use steering::{Answer, Seen, Steering, order};
pub use sweep::{Swept, sweep};
pub(crate) use upkeep::Means;
pub use upkeep::Upkeep;

/// How long what is in hand may take when the program is told to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often settled rows that nobody needs any more are looked for.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);

/// How often the figures of the actors are taken over into the metrics.
const FIGURES: Duration = Duration::from_secs(5);

/// The running program.
pub struct App {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    system: System,
    arbiter: actix_rt::Arbiter,
    database: Database,
    lock: Option<ServeLock>,
    /// This process among others; None on SQLite.
    node: Option<Node>,
    /// Ends when nobody keeps the node's lease any more.
    lease: Option<oneshot::Receiver<()>>,
    servers: Vec<ServerHandle>,
    sandbox: Option<Sandbox>,
    edge: Arc<edge::Inside>,
    steering: Steering,
    draining: Draining,
    desk: Arc<Desk>,
    redis: Option<Link>,
    tasks: JoinSet<()>,
    /// For whoever looks at it from outside, like tests: secrets included.
    info: Option<crate::sandbox::Info>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Opens the database of the settings for `serve`: newest schema, nobody else in this folder.
async fn open_database(settings: &Settings) -> anyhow::Result<(Database, ServeLock)> {
    for name in migrations::up(&settings.database).await? {
        tracing::info!(name, "migrated the database");
    }
    let clock = Arc::new(SystemClock);
    let database = Database::open(&settings.database, clock.clone()).await?;
    let lock = database.lock_serve()?;
    Ok((database, lock))
}

fn stock(settings: &Settings, database: &Database, connections: &Connections) -> Stock {
    let generator = connections.ports.generator.clone();
    Stock::new(database.clone(), connections.shop.clone(), generator, settings.clone())
}

fn upkeep(
    settings: &Settings,
    database: &Database,
    connections: &Connections,
) -> (Upkeep, upkeep::Worker) {
    Upkeep::new(Means {
        database: database.clone(),
        objects: connections.ports.objects.clone(),
        downloads: connections.ports.downloads.clone(),
        shop: connections.shop.clone(),
        buckets: settings.buckets.names(),
    })
}

impl App {
    /// Starts everything and returns once it answers.
    ///
    /// # Errors
    /// Whatever keeps it from serving, in one line.
    pub async fn start(settings: &Settings) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&settings.data_dir)?;
        let secret_key = settings.secret_key()?;
        let (database, lock) = open_database(settings).await?;
        let places = Places::bind(&settings.http)?;
        let base = places.base_url();
        let sandbox = match settings.mode {
            Mode::Real { .. } => None,
            Mode::Sandbox | Mode::Trial { .. } => Some(sandbox::open(settings, &base)?),
        };
        let joined = Joined::join(settings, &database, &base).await?;
        let node = joined.as_ref().map(Joined::node);
        database.open_after_death(SystemClock.now()).await?;
        let lanes = joined.as_ref().map_or_else(OwnLanes::all, |joined| joined.own.clone());
        let connections =
            Connections::make(settings, &database, sandbox.as_ref(), &base, lanes).await?;
        let stock = stock(settings, &database, &connections);
        // A model that was taken off sale is not offered for a moment.
        stock.look().await?;
        let arbiter = system::arbiter();
        let limits = connect::limits(settings);
        let shop = connections.shop.clone();
        let system =
            System::start(&arbiter.handle(), connections.ports.clone(), shop, limits).await?;
        let draining = Draining::new();
        let inside = Arc::new(edge::Inside::new(
            system.clone(),
            &connections,
            database.clone(),
            node.clone(),
            draining.clone(),
        ));
        let steering = Steering::new(
            system.clone(),
            database.clone(),
            node.clone(),
            connections.ports.lanes.clone(),
            draining.clone(),
        );
        let edge = Arc::new(Edge {
            intake: inside.clone(),
            waker: inside.clone(),
            health: inside.clone(),
            signatures: inside.clone(),
            webhook_secret: settings.webhook_secret(&secret_key),
            metrics: connections.metrics.clone(),
            sandbox: matches!(settings.mode, Mode::Sandbox),
            body_deadline: web::BODY_DEADLINE,
        });
        let (upkeep, worker) = upkeep(settings, &database, &connections);
        let desk = Desk::new(
            settings,
            secret_key.clone(),
            database.clone(),
            Some(system.clone()),
            connections.ports.clock.clone(),
        );
        let desk = desk.of(Arc::new(steering.clone()), inside.clone());
        let desk = desk.with_stock(stock.clone(), upkeep);
        let wakes = shared::wakes(connections.shared.as_ref());
        let desk = Arc::new(desk.with_reach(connections.ports.objects.clone(), wakes));
        let mut app = Self {
            address: places.address(),
            admin: places.admin_address(),
            system,
            arbiter,
            database,
            lock: Some(lock),
            node,
            lease: None,
            servers: Vec::new(),
            info: sandbox.as_ref().map(Sandbox::info),
            sandbox,
            edge: inside,
            steering,
            draining,
            desk: desk.clone(),
            redis: connections.shared.as_ref().map(|shared| shared.link.clone()),
            tasks: JoinSet::new(),
        };
        if let Some(shared) = &connections.shared {
            let woken = app.system.clone();
            shared.wakes.listen(move |wake| woken.woken(wake));
        }
        let signer = Signer::new(secret_key.expose().as_bytes());
        app.serve(places, &edge, settings, &connections, signer)?;
        app.tasks.spawn_local(desk.keep());
        app.tasks.spawn_local(worker.run());
        app.tasks.spawn_local(stock.clone().run());
        app.tasks.spawn_local(stock.hear_hangups(catalogue::hangups()));
        maintenance::look(&app.database, &connections.shop).await?;
        let polls = app.keep_node(joined, &connections);
        app.take_updates(settings, &connections, &secret_key, polls);
        app.edge.watch_backups(settings.data_dir.clone());
        app.tasks.spawn_local(broadcasts::keep(
            app.database.clone(),
            app.system.clone(),
            connections.ports.lanes.clone(),
            shared::wakes(connections.shared.as_ref()),
        ));
        app.forget_people(&connections);
        let node = app.node.as_ref().map(Node::id);
        let (database, health) = (app.database.clone(), app.edge.clone());
        if let Some(alerts) = Alerts::new(settings, &connections, database, node, health) {
            app.tasks.spawn_local(alerts.run());
        }
        app.keep_house();
        if let Storage::S3(told) = &settings.storage {
            let s3 = storage::server(settings, told)?;
            let reached = connections.objects_reached.clone();
            app.tasks.spawn_local(storage::look_after(s3, reached));
        }
        Ok(app)
    }

    fn serve(
        &mut self,
        places: Places,
        edge: &Arc<Edge>,
        settings: &Settings,
        connections: &Connections,
        signer: Option<Signer>,
    ) -> anyhow::Result<()> {
        let sandbox = self.sandbox.clone();
        let is_trial = matches!(settings.mode, Mode::Trial { .. });
        let given = signer.map(|signer| Files {
            objects: connections.ports.objects.clone(),
            signer,
            clock: connections.ports.clock.clone(),
        });
        let more = move |config: &mut routes::ServiceConfig| {
            if let Some(given) = given.clone() {
                config
                    .app_data(routes::Data::new(given))
                    .route("/files/{bucket}/{key:.*}", routes::get().to(files));
            }
            match &sandbox {
                Some(sandbox) if is_trial => sandbox.configure_provider(config),
                Some(sandbox) => sandbox.configure(config),
                None => {}
            }
        };
        let desk = self.desk.clone();
        let inside = move |config: &mut routes::ServiceConfig| dashboard::configure(config, &desk);
        let listening = web::listen(edge, places, settings.http.connections_max, more, inside)?;
        for server in [Some(listening.server), listening.admin].into_iter().flatten() {
            self.servers.push(server.handle());
            self.tasks.spawn_local(async move {
                if let Err(error) = server.await {
                    tracing::error!(%error, "an HTTP server ended");
                }
            });
        }
        Ok(())
    }

    fn take_updates(
        &mut self,
        settings: &Settings,
        connections: &Connections,
        secret_key: &crate::settings::Secret,
        mut polls: Receiver<bool>,
    ) {
        let client = connections.telegram.clone();
        let (name, words) = (connections.bot_name.clone(), connections.words.clone());
        let introducing = client.clone();
        self.tasks.spawn_local(async move {
            let backoff = Backoff::default();
            telegram::commands::introduce(&introducing, &name, &words, backoff).await;
        });
        let webhook = connect::webhook(settings, secret_key);
        let parser = connections.parser.clone();
        let sink = edge::sink(self.edge.clone());
        let wait = connect::poll_wait(settings);
        self.tasks.spawn_local(async move {
            match webhook {
                Some(webhook) => {
                    let backoff = Backoff::default();
                    telegram::updates::set_webhook(&client, &webhook, backoff).await;
                }
                // One node polls at a time. What it had not stored when it lost the poll comes again.
                None => loop {
                    if polls.wait_for(|ours| *ours).await.is_err() {
                        return;
                    }
                    let polling = telegram::updates::Polling { wait, ..Default::default() };
                    tokio::select! {
                        never = telegram::updates::poll(&client, &parser, polling, &sink) => {
                            match never {}
                        }
                        lost = polls.wait_for(|ours| !*ours) => {
                            if lost.is_err() {
                                return;
                            }
                        }
                    }
                },
            }
        });
    }

    /// Keeps the lease from now on; says whether this process has the long poll.
    fn keep_node(&mut self, joined: Option<Joined>, connections: &Connections) -> Receiver<bool> {
        let Some(joined) = joined else {
            // The only one there is: it polls unless it drains.
            let (sender, polls) = channel(true);
            let mut drains = self.draining.listen();
            self.tasks.spawn_local(async move {
                while drains.changed().await.is_ok() {
                    sender.send_replace(!*drains.borrow_and_update());
                }
            });
            return polls;
        };
        let polls = joined.polls();
        let (database, system) = (self.database.clone(), self.system.clone());
        let metrics = connections.metrics.clone();
        let keeping = joined.keep(database, system, metrics, self.draining.clone());
        let (kept, lease) = oneshot::channel();
        self.lease = Some(lease);
        self.tasks.spawn_local(async move {
            let _kept: oneshot::Sender<()> = kept;
            keeping.run().await;
        });
        polls
    }

    fn forget_people(&mut self, connections: &Connections) {
        let steps = forgetting::Steps {
            database: self.database.clone(),
            system: self.system.clone(),
            lanes: connections.ports.lanes.clone(),
            objects: connections.ports.objects.clone(),
            cache: connections.ports.cache.clone(),
            shop: connections.shop.clone(),
            copies: connections.deleter.clone().map(forgetting::Copies::new),
        };
        self.tasks.spawn_local(steps.run());
    }

    fn keep_house(&mut self) {
        let database = self.database.clone();
        self.tasks.spawn_local(async move {
            loop {
                tokio::time::sleep(HOUSEKEEPING).await;
                if let Err(error) = database.sweep(SystemClock.now()).await {
                    tracing::warn!(%error, "settled rows could not be swept away");
                }
            }
        });
        self.tasks.spawn_local(figures::keep(self.database.clone()));
        let shop = self.system.shop().clone();
        self.tasks.spawn_local(maintenance::keep(self.database.clone(), shop));
        self.tasks.spawn_local(self.steering.clone().run());
        let inside = self.edge.clone();
        self.tasks.spawn_local(async move {
            loop {
                tokio::time::sleep(FIGURES).await;
                inside.take_figures().await;
            }
        });
    }

    /// Where HTTP answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The actors of this process and of the other nodes, to be shown and steered.
    pub fn steering(&self) -> &Steering {
        &self.steering
    }

    /// Under which operators reach the dashboard.
    fn admin_base(&self, settings: &Settings) -> String {
        let bound = || format!("http://{}", self.admin.unwrap_or(self.address));
        settings.http.admin_url.clone().unwrap_or_else(bound)
    }

    /// A link that signs in to the dashboard, once. Only the sandbox gives one; it is for the terminal and
    /// never for the log.
    ///
    /// # Errors
    /// The database is away.
    pub async fn login_link(&self, settings: &Settings) -> anyhow::Result<Option<String>> {
        Ok(self.desk.sandbox_link(&self.admin_base(settings)).await?)
    }

    /// How to talk to the stand-ins, where they run along.
    pub fn sandbox_info(&self) -> Option<&crate::sandbox::Info> {
        self.info.as_ref()
    }

    /// Waits until a signal asks to stop, or until a part gave up; then stops.
    ///
    /// # Errors
    /// A part gave up: the process should end with a failure, to be started anew.
    async fn run_until_stopped(
        mut self,
        signals: impl Future<Output = &'static str>,
    ) -> anyhow::Result<()> {
        let lease = self.lease.take();
        let lost = async {
            match lease {
                Some(lease) => drop(lease.await),
                None => std::future::pending().await,
            }
        };
        let gave_up = tokio::select! {
            signal = signals => {
                tracing::info!(signal, "stopping");
                None
            }
            child = self.system.gave_up() => Some(format!("{child} crashed too often")),
            () = lost => Some("nobody keeps this node's lease".to_owned()),
        };
        self.stop().await;
        match gave_up {
            Some(why) => anyhow::bail!("{why}; see the log"),
            None => Ok(()),
        }
    }

    /// Takes nothing new, finishes what is in hand for up to 20 s, and lets go of everything.
    pub async fn stop(mut self) {
        self.edge.stop();
        if !self.system.drain(PATIENCE).await {
            tracing::warn!("not everything in hand was finished; the rows know");
        }
        self.desk.close();
        self.tasks.abort_all();
        if let Some(sandbox) = &self.sandbox {
            sandbox.shutdown();
        }
        for server in &self.servers {
            server.stop(true).await;
        }
        self.arbiter.stop();
        if let Some(redis) = &self.redis {
            redis.close().await;
        }
        self.database.flush().await;
        if let Some(node) = &self.node
            && let Err(error) = node.leave().await
        {
            tracing::warn!(%error, "the others take over when the lease has run out");
        }
        if let Some(lock) = self.lock.take() {
            self.database.stop(lock).await;
        }
    }

    /// Says on the terminal what is connected to what, and where to click.
    ///
    /// # Errors
    /// The terminal is gone.
    fn introduce(&self, settings: &Settings, link: Option<String>) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let base = format!("http://{}", self.address);
        writeln!(out, "AISHA {} is up.", env!("CARGO_PKG_VERSION"))?;
        for (part, what) in connect::summary(settings) {
            writeln!(out, "  {part:<10} {what}")?;
        }
        writeln!(out, "  {:<10} {base}", "web")?;
        if let Some(admin) = self.admin {
            writeln!(out, "  {:<10} http://{admin}/metrics", "figures")?;
        }
        writeln!(out, "  {:<10} {}/admin", "dashboard", self.admin_base(settings))?;
        for warning in &settings.warnings {
            writeln!(out, "  note: {warning}")?;
        }
        if matches!(settings.mode, Mode::Sandbox) {
            writeln!(out, "\nOpen {base}/sandbox and say /start.")?;
        }
        if let Some(link) = link {
            writeln!(out, "The operator's dashboard, for one sign-in within 15 minutes:\n{link}")?;
        }
        out.flush()
    }
}

/// Runs it all until it is told to stop.
///
/// # Errors
/// It could not start, or a part gave up.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let signals = signals();
    let app = App::start(&settings).await?;
    let link = app.login_link(&settings).await?;
    if app.introduce(&settings, link).is_err() {
        tracing::debug!("nobody reads the terminal");
    }
    app.run_until_stopped(signals).await
}

/// From now on SIGTERM and Ctrl-C end nothing by themselves: what is given waits for one and says which it was. Asked for
/// before anything is begun, so that one that comes in the middle of a start stops it in order.
pub(crate) fn signals() -> impl Future<Output = &'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let hear = |kind| {
        signal(kind).inspect_err(|error| tracing::error!(%error, "a signal cannot be heard"))
    };
    let (terminate, interrupt) = (hear(SignalKind::terminate()), hear(SignalKind::interrupt()));
    let come = async |heard: io::Result<tokio::signal::unix::Signal>| match heard {
        Ok(mut stream) => {
            stream.recv().await;
        }
        Err(_told) => std::future::pending().await,
    };
    async move {
        tokio::select! {
            () = come(terminate) => "SIGTERM",
            () = come(interrupt) => "Ctrl-C",
        }
    }
}
