//! The tree of actors: started from the bottom up, stopped from the top down.

use std::{
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix::Arbiter;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    address::{Address, Reach},
    ask::{AskError, ask, tell},
    census::{self, Census, Filter, Moment, NotRestarted, Retired},
    domain::{id::UserId, lane::LaneSet},
    gallery,
    hands::Hands,
    ledger,
    port::{Arrival, Clock, Ports, Wake},
    session::{
        self, Drain, DropLanes, GetTraffic, GetUsers, LanesGained, LeaveLanes, Retire, RowsAdded,
        TakeUpdates, Traffic,
    },
    shop::Shop,
    supervisor::{Budget, Exit, supervise},
    tracker::{
        self, GetLoad, LanesDropped, LanesLeft, Listeners, Load, ParcelsAdded, ProviderCalled,
        RowsChanged,
    },
    vitals::Vitals,
    writer::{self, JobsAdded},
};

/// Messages that may wait for each kind of actor; more are refused.
#[derive(Debug, Clone, Copy)]
pub struct Mailboxes {
    pub session: usize,
    pub gallery: usize,
    pub tracker: usize,
    pub writer: usize,
    pub ledger: usize,
}

impl Default for Mailboxes {
    fn default() -> Self {
        Self { session: 1024, gallery: 16, tracker: 1024, writer: 256, ledger: 1024 }
    }
}

/// The sizes and times that the actors keep to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub mailboxes: Mailboxes,
    /// A gallery that was not used for this long is retired.
    pub gallery_idle: Duration,
    /// Galleries that may live at once.
    pub galleries_max: usize,
    /// Generations at the provider at once, over all nodes.
    pub places: u32,
    /// How long a submit whose answer was lost may still be named by a webhook.
    pub submit_grace: Duration,
    /// The pause between polls of a generation grows from the first to the second.
    pub poll: (Duration, Duration),
    /// Pictures copied at once.
    pub copies_max: usize,
    /// How often the rows are looked at without being asked.
    pub tick: Duration,
    /// How often the rows are looked at for what other nodes took in.
    pub look: Duration,
    pub budget: Budget,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mailboxes: Mailboxes::default(),
            gallery_idle: Duration::from_secs(600),
            galleries_max: 200_000,
            places: 2,
            submit_grace: Duration::from_secs(60),
            poll: (Duration::from_millis(500), Duration::from_secs(5)),
            copies_max: 4,
            tick: Duration::from_secs(1),
            look: Duration::from_millis(200),
            budget: Budget::default(),
        }
    }
}

/// How long an outsider waits for an actor.
const OUTSIDE: Duration = Duration::from_secs(10);

/// How long a census waits for the session.
const CENSUS: Duration = Duration::from_secs(2);

/// What the actors went through since the start.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// Restarts by child, with the last reason.
    pub restarts: Vec<(&'static str, u32, String)>,
}

impl Health {
    fn count(&mut self, child: &'static str, reason: String) {
        match self.restarts.iter_mut().find(|(name, _, _)| *name == child) {
            Some((_, count, last)) => {
                *count += 1;
                *last = reason;
            }
            None => self.restarts.push((child, 1, reason)),
        }
    }
}

/// The running system, for the program around it. Cheap to clone.
#[derive(Clone)]
pub struct System {
    session: Address<session::Actor>,
    tracker: Address<tracker::Actor>,
    /// For those who need to ask the ledger or the writer directly (benches, the command line).
    pub ledger: Address<ledger::Actor>,
    pub writer: Address<writer::Actor>,
    shop: Arc<Shop>,
    clock: Arc<dyn Clock>,
    health: Arc<Mutex<Health>>,
    gave_up: watch::Receiver<Option<&'static str>>,
}

/// The thread on which the actors run ended before they were up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the actors' thread ended before they were up")]
pub struct NotStarted;

impl System {
    /// Starts all actors on `arbiter`. Call `Inbox::open_after_death` first.
    ///
    /// # Errors
    /// [`NotStarted`] when the arbiter is gone.
    pub async fn start(
        arbiter: &actix::ArbiterHandle,
        ports: Ports,
        shop: Arc<Shop>,
        limits: Limits,
    ) -> Result<Self, NotStarted> {
        let (sender, started) = oneshot::channel();
        arbiter.spawn_fn(move || {
            let system = Self::start_here(ports, shop, limits);
            if sender.send(system).is_err() {
                tracing::error!("nobody waits for the actors that were started");
            }
        });
        started.await.map_err(|_ended| NotStarted)
    }

    fn start_here(ports: Ports, shop: Arc<Shop>, limits: Limits) -> Self {
        let (exits, heard) = mpsc::unbounded_channel();
        let Limits { mailboxes, budget, .. } = limits;
        let ledger_deps = ledger::Deps { store: ports.store.clone(), clock: ports.clock.clone() };
        let ledger = supervise("ledger", budget, mailboxes.ledger, exits.clone(), || {
            ledger::Actor::new(ledger_deps)
        });
        let hands = Hands::new(ports.store.clone());
        let writer_deps = writer::Deps {
            ports: ports.clone(),
            shop: shop.clone(),
            hands: hands.clone(),
            copies_max: limits.copies_max,
            tick: limits.tick * 5,
        };
        let writer = supervise("writer", budget, mailboxes.writer, exits.clone(), || {
            writer::Actor::new(writer_deps)
        });
        let listeners = Arc::new(Listeners::default());
        let tracker_deps = tracker::Deps {
            ports: ports.clone(),
            shop: shop.clone(),
            hands: hands.clone(),
            ledger: ledger.clone(),
            writer: writer.clone(),
            listeners: listeners.clone(),
            places: limits.places,
            submit_grace: limits.submit_grace,
            poll: limits.poll,
            fetch_deadline: Duration::from_secs(60),
            ledger_deadline: Duration::from_secs(10),
            rescan: limits.tick * 10,
        };
        let tracker = supervise("tracker", budget, mailboxes.tracker, exits.clone(), || {
            tracker::Actor::new(tracker_deps)
        });
        let clock = ports.clock.clone();
        let turn_deadline = shop.terms.turn_deadline + Duration::from_secs(1);
        let gallery = gallery::Deps {
            ports: ports.clone(),
            shop: shop.clone(),
            ledger: ledger.clone(),
            tracker: tracker.clone(),
            writer: writer.clone(),
            mailbox: mailboxes.gallery,
        };
        let session_deps = session::Deps {
            ports: Arc::new(ports),
            shop: shop.clone(),
            hands,
            gallery: Rc::new(gallery),
            turn_deadline,
            idle: limits.gallery_idle,
            live_max: limits.galleries_max,
            tick: limits.tick,
            look: limits.look,
        };
        let session = supervise("session", budget, mailboxes.session, exits, || {
            session::Actor::new(session_deps)
        });
        // Set once, right here: the cells are empty.
        let _first = listeners.progress.set(session.listener());
        let _first = listeners.parcels.set(session.listener());
        let (health, gave_up) = listen(heard);
        Self { session, tracker, ledger, writer, shop, clock, health, gave_up }
    }

    /// What is for sale, shared with the actors.
    pub fn shop(&self) -> &Arc<Shop> {
        &self.shop
    }

    /// Stores updates; only after `Ok(Ok(()))` may they be acknowledged.
    ///
    /// # Errors
    /// [`AskError`] when the session is busy or gone.
    pub async fn take_updates(
        &self,
        arrivals: Vec<Arrival>,
    ) -> Result<Result<(), session::Error>, AskError> {
        ask(&self.session, TakeUpdates { arrivals }, OUTSIDE).await
    }

    /// A webhook of the provider named a generation. May be lost: polling finds out too.
    pub fn provider_called(&self, call: ProviderCalled) {
        tell(&self.tracker, call);
    }

    /// Somebody else changed rows: look at them now. May be lost: they are looked at anyway.
    pub fn rows_changed(&self) {
        tell(&self.tracker, RowsChanged);
        tell(&self.writer, JobsAdded);
        tell(&self.session, RowsAdded);
    }

    /// Pictures were given to be deleted. May be lost: the writer looks at the rows anyway.
    pub fn jobs_added(&self) {
        tell(&self.writer, JobsAdded);
    }

    /// Another node put updates or entries of our users in. May be lost: the rows are looked at anyway.
    pub fn rows_added(&self) {
        tell(&self.session, RowsAdded);
    }

    /// These lanes are among our own from now on ([`crate::lanes::OwnLanes`]): work off their rows.
    pub fn lanes_gained(&self) {
        tell(&self.session, LanesGained);
        tell(&self.tracker, RowsChanged);
    }

    /// Waits until nothing is in hand in these lanes, in which nothing may begin any more.
    ///
    /// # Errors
    /// [`AskError`] when that took longer than `patience`, or an actor was restarted.
    pub async fn leave_lanes(&self, lanes: LaneSet, patience: Duration) -> Result<(), AskError> {
        // Together: a turn may wait for a step that does not begin any more, and is told so.
        let session = ask(&self.session, LeaveLanes(lanes), patience);
        let tracker = ask(&self.tracker, LanesLeft(lanes), patience);
        futures::future::try_join(session, tracker).await.map(|_| ())
    }

    /// Drops at once what is in hand in these lanes: another node may have them by now.
    ///
    /// # Errors
    /// [`AskError`] when an actor is busy or was restarted: then it holds nothing of before.
    pub async fn drop_lanes(&self, lanes: LaneSet) -> Result<(), AskError> {
        let session = ask(&self.session, DropLanes(lanes), OUTSIDE).await;
        ask(&self.tracker, LanesDropped(lanes), OUTSIDE).await?;
        session
    }

    /// Another process told something. May be lost.
    pub fn woken(&self, wake: Wake) {
        match wake {
            Wake::UpdatesAdded => self.rows_added(),
            Wake::ParcelsAdded => tell(&self.session, ParcelsAdded),
            Wake::RowsChanged => self.rows_changed(),
            Wake::ProviderCalled { id, request_id } => {
                self.provider_called(ProviderCalled { id, request_id });
            }
        }
    }

    /// # Errors
    /// [`AskError`] when the session is busy or gone.
    pub async fn traffic(&self) -> Result<Traffic, AskError> {
        // Not counted: who looks is not the last message of the one looked at.
        ask(self.session.addr(), GetTraffic, OUTSIDE).await
    }

    /// # Errors
    /// [`AskError`] when the tracker is busy or gone.
    pub async fn load(&self) -> Result<Load, AskError> {
        ask(self.tracker.addr(), GetLoad, OUTSIDE).await
    }

    fn vitals(&self) -> [&Arc<Vitals>; 4] {
        [self.session.vitals(), self.tracker.vitals(), self.writer.vitals(), self.ledger.vitals()]
    }

    /// The tree as it is now. `limit`: users' actors listed, at most [`census::LISTED_MAX`]. Takes two
    /// seconds at the most, whatever hangs.
    pub async fn census(&self, filter: Filter, limit: usize) -> Census {
        let users = ask(self.session.addr(), GetUsers { filter, limit }, CENSUS).await;
        let moment = Moment { now: tokio::time::Instant::now(), at: self.clock.now() };
        let singletons = self.vitals().map(|vitals| census::singleton(vitals, moment)).to_vec();
        Census { at: moment.at, singletons, users: users.ok() }
    }

    /// Puts a new value in a singleton's place, as after a crash, but for the budget: what it had in hand
    /// is done again from the rows. Gives its new incarnation.
    ///
    /// # Errors
    /// [`NotRestarted`].
    pub async fn restart(&self, child: &str) -> Result<u32, NotRestarted> {
        let vitals = self.vitals().into_iter().find(|vitals| vitals.child == child);
        vitals.ok_or(NotRestarted::Unknown)?.restart(OUTSIDE).await
    }

    /// Puts a user's actor away once nothing of theirs is in hand: their next update makes another one.
    ///
    /// # Errors
    /// [`AskError`] when the session is busy or gone. `Late`: it will be done as soon as it is free.
    pub async fn retire(&self, user: UserId) -> Result<Retired, AskError> {
        ask(&self.session, Retire(user), OUTSIDE).await
    }

    /// What the actors went through since the start.
    pub fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a singleton used up its restarts; the process should end then.
    pub async fn gave_up(&self) -> &'static str {
        let mut gave_up = self.gave_up.clone();
        let child = gave_up.wait_for(Option::is_some).await.ok().and_then(|child| *child);
        match child {
            Some(child) => child,
            // The listener is gone with its thread.
            None => "the actors' thread",
        }
    }

    /// Stops taking in and waits, at most `patience`, until what is in hand is finished.
    pub async fn drain(&self, patience: Duration) -> bool {
        ask(&self.session, Drain, patience).await.is_ok()
    }
}

/// Hears of restarts, counts them, and says when one gave up.
fn listen(
    mut heard: mpsc::UnboundedReceiver<Exit>,
) -> (Arc<Mutex<Health>>, watch::Receiver<Option<&'static str>>) {
    let health: Arc<Mutex<Health>> = Arc::default();
    let (sender, gave_up) = watch::channel(None);
    let counted = health.clone();
    let listening = async move {
        while let Some(exit) = heard.recv().await {
            match exit {
                Exit::Restarted { child, panic, recent } => {
                    tracing::error!(child, panic, recent, "an actor panicked and was restarted");
                    counted.lock().unwrap_or_else(PoisonError::into_inner).count(child, panic);
                }
                Exit::Renewed { child } => {
                    tracing::warn!(child, "an actor was restarted because the operator asked");
                    let reason = census::ASKED.to_owned();
                    counted.lock().unwrap_or_else(PoisonError::into_inner).count(child, reason);
                }
                Exit::Stopped { child } => tracing::info!(child, "an actor stopped"),
                Exit::GaveUp { child, panic } => {
                    tracing::error!(child, panic, "an actor used up its restarts");
                    sender.send_replace(Some(child));
                }
            }
        }
        // Keeps the sender, and with it the watch, alive as long as the actors.
        drop(sender);
    };
    #[expect(clippy::disallowed_methods, reason = "ends with the actors, which hold the senders")]
    actix::spawn(listening);
    (health, gave_up)
}

/// A thread of its own for the actors.
pub fn arbiter() -> Arbiter {
    Arbiter::new()
}
