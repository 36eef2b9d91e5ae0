//! The Telegram session: takes updates in, makes them durable, drops repeats, hands each to its user
//! in order, and sends what goes out.
//!
//! One intake commit is under way at a time and gathers whatever comes meanwhile, so the inbox's order
//! is the order in which lanes are filled. Each user has a lane with one thing in hand. Beside other
//! nodes the rows are read after every commit: an older update may have come in elsewhere.
//!
//! Lost on a restart: what is in hand. `started` reads the inbox and the outbox again; effects are
//! found done, and at most a reply is said twice.

mod census;
mod deliver;
mod intake;
mod lane;
mod leave;
mod media;
pub mod message;
mod outgoing;
mod rows;
mod serve;

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix::{
    Actor as ActixActor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle,
    StreamHandler, Supervised, WrapFuture,
};
use futures::channel::mpsc::{UnboundedSender, unbounded};
use tokio::{task::AbortHandle, time::Instant};
use tracing::{Instrument, field::Empty};

use census::{Pasts, Retiring};
use deliver::{Delivered, Progressed};
use lane::{Lane, LaneId, Work};
pub use message::{
    Drain, DropLanes, Error, GetTraffic, GetUsers, LanesGained, LeaveLanes, Retire, RowsAdded,
    TakeUpdates, Traffic,
};
use outgoing::OnlyNew;
use serve::Served;

use crate::{
    ask::{Ask, Reply, Told},
    domain::{
        id::{OutboxId, Seq, UserId},
        lane::LaneSet,
        outbox::OutboxEntry,
    },
    gallery,
    hands::Hands,
    port::{Arrival, InHand, InboxItem, ItemFault, Kind, Ports},
    shop::Shop,
    supervisor::Tasks,
    tracker::{ParcelsAdded, ProgressChanged},
};

/// Updates and entries in memory; beyond this, intake is refused and Telegram keeps them.
const WAITING_MAX: usize = 20_000;

/// Rows read at once.
const PAGE: usize = 500;

/// What the session works with.
#[derive(Clone)]
pub struct Deps {
    pub ports: Arc<Ports>,
    pub shop: Arc<Shop>,
    pub hands: Hands,
    /// What every gallery works with.
    pub gallery: Rc<gallery::Deps>,
    /// A gallery that does not answer by then has crashed. Longer than its own deadline.
    pub turn_deadline: Duration,
    /// A gallery that was not used for this long is retired.
    pub idle: Duration,
    /// Galleries that may live at once; beyond this the ones idle longest are retired.
    pub live_max: usize,
    /// How often the rows are looked at without being asked.
    pub tick: Duration,
    /// The same beside other nodes, which take in updates of our users.
    pub look: Duration,
}

/// Updates that wait for their commit, and who waits for it.
type Intake = (Vec<Arrival>, Reply<Result<(), Error>>);

/// What the session's own work tells it.
enum Done {
    Intake {
        items: Vec<InboxItem>,
        repeats: bool,
    },
    /// The one thing that a lane had in hand.
    Worked {
        user: UserId,
        lane: LaneId,
        worked: Worked,
    },
    Finished {
        seqs: Vec<Seq>,
        stored: bool,
    },
}

/// What became of the thing in hand.
enum Worked {
    Served { item: InboxItem, served: Served },
    Delivered { entry: OutboxEntry, delivered: Delivered },
    Progressed { news: ProgressChanged, progressed: Progressed },
}

/// The actor.
pub struct Actor {
    deps: Deps,
    lanes: HashMap<UserId, Lane>,
    tasks: Tasks,
    done: Option<UnboundedSender<Done>>,
    intake: Vec<Intake>,
    taking: bool,
    finished: Vec<Seq>,
    finishing: bool,
    /// Inbox rows in hand, waiting or being marked as done, so that a look at the rows takes none twice.
    held: HashMap<Seq, UserId>,
    /// Let go since the rows were read last: such a read may still show them open.
    let_go: BTreeSet<Seq>,
    /// A repeat came in whose first coming may not be in hand: a restart may have missed it.
    look_again: bool,
    /// The rows are being read; and somebody wants them read once more after that.
    looking: bool,
    look_wanted: bool,
    /// Nobody else puts in updates of our users, and what was put in has been seen: what comes in goes
    /// straight to its lane.
    direct: bool,
    newest_entry: OutboxId,
    let_go_entries: BTreeSet<OutboxId>,
    reading_entries: bool,
    entries_wanted: bool,
    lanes_made: u64,
    /// Lanes that are being left, and who waits for it.
    leaving: Vec<(LaneSet, Reply<()>)>,
    /// How often lanes were left or lost: a read from before may show what is not ours any more.
    losses: u64,
    /// Whose lanes rest until when.
    wakes: BinaryHeap<Reverse<(Instant, UserId)>>,
    alarm: Option<(Instant, SpawnHandle)>,
    ready: bool,
    drain: Option<Reply<()>>,
    draining: bool,
    traffic: Traffic,
    /// When this value began, for what a lane notes in seconds.
    since: Instant,
    retiring: Retiring,
    pasts: Pasts,
}

impl Actor {
    pub fn new(deps: Deps) -> Self {
        Self {
            deps,
            lanes: HashMap::new(),
            tasks: Tasks::default(),
            done: None,
            intake: Vec::new(),
            taking: false,
            finished: Vec::new(),
            finishing: false,
            held: HashMap::new(),
            let_go: BTreeSet::new(),
            look_again: false,
            looking: false,
            look_wanted: false,
            direct: false,
            newest_entry: OutboxId(0),
            let_go_entries: BTreeSet::new(),
            reading_entries: false,
            entries_wanted: false,
            lanes_made: 0,
            leaving: Vec::new(),
            losses: 0,
            wakes: BinaryHeap::new(),
            alarm: None,
            ready: false,
            drain: None,
            draining: false,
            traffic: Traffic::default(),
            since: Instant::now(),
            retiring: Retiring::new(),
            pasts: Pasts::default(),
        }
    }

    /// Runs work beside the session; its end comes back as an event, a panic as `on_panic` says.
    fn run(
        &mut self,
        work: impl Future<Output = Done> + 'static,
        on_panic: impl FnOnce(String) -> Done + 'static,
    ) -> Option<AbortHandle> {
        let done = self.done.clone()?;
        Some(self.tasks.run(work, move |outcome| {
            let event = outcome.unwrap_or_else(on_panic);
            let _restarted = done.unbounded_send(event);
        }))
    }

    /// Runs what a lane has in hand.
    fn run_in_hand(
        &mut self,
        user: UserId,
        work: impl Future<Output = Worked> + 'static,
        on_panic: impl FnOnce(String) -> Worked + 'static,
    ) {
        let Some(lane) = self.lanes.get(&user).map(|lane| lane.id) else { return };
        let work = async move { Done::Worked { user, lane, worked: work.await } };
        let task =
            self.run(work, move |panic| Done::Worked { user, lane, worked: on_panic(panic) });
        self.lane(user).task = task;
    }

    // Lanes.

    fn lane(&mut self, user: UserId) -> &mut Lane {
        let made = &mut self.lanes_made;
        self.lanes.entry(user).or_insert_with(|| {
            *made += 1;
            Lane::new(LaneId(*made))
        })
    }

    /// Whether this is still the lane that something was begun in.
    fn is_lane(&self, user: UserId, id: LaneId) -> bool {
        self.lanes.get(&user).is_some_and(|lane| lane.id == id)
    }

    /// Starts the next thing of a lane, if it is free.
    fn work(&mut self, user: UserId) {
        self.retire_free(user);
        if !self.deps.ports.lanes.has(user) {
            self.abandon(user);
            return;
        }
        if self.draining {
            self.finish_drain();
            return;
        }
        let Some(lane) = self.lanes.get_mut(&user) else { return };
        let Some(work) = lane.next(Instant::now()) else { return };
        lane.busy = true;
        lane.serves = false;
        lane.last_used = Instant::now();
        match work {
            Work::Update(queued) if queued.shed => {
                let (ports, item) = (self.deps.ports.clone(), queued.item.clone());
                let shed = async move {
                    let served = serve::shed(ports, item.clone(), queued.say_it).await;
                    Worked::Served { item, served }
                };
                self.run_in_hand(user, shed, crashed(queued.item));
            }
            Work::Update(queued) => self.serve(queued.item),
            Work::Parcel(entry) => self.send(entry),
            Work::Progress(news) => {
                let language = lane.language;
                let (ports, shop) = (self.deps.ports.clone(), self.deps.shop.clone());
                let (shown, failed) = (news.clone(), news);
                let show = async move {
                    let showing = shown.clone();
                    let progressed = deliver::show_progress(ports, shop, showing, language).await;
                    Worked::Progressed { news: shown, progressed }
                };
                self.run_in_hand(user, show, move |panic| {
                    tracing::error!(%user, panic, "showing progress panicked");
                    Worked::Progressed { news: failed, progressed: Progressed::Dropped }
                });
            }
        }
    }

    fn send(&mut self, entry: OutboxEntry) {
        let (ports, shop) = (self.deps.ports.clone(), self.deps.shop.clone());
        let hands = self.deps.hands.clone();
        let user = entry.user;
        let span = tracing::info_span!("delivery", entry = entry.id.0, %user, generation = Empty);
        if let Some(generation) = entry.parcel.generation() {
            span.record("generation", tracing::field::display(generation));
        }
        let (sending, failed) = (entry.clone(), entry);
        let send = async move {
            let (held, is_suspect) = (InHand::Parcel(sending.id), sending.attempts > 0);
            let deliver = deliver::deliver(ports, shop, sending.clone());
            let delivered = hands.hold(held, is_suspect, deliver).await;
            Worked::Delivered { entry: sending, delivered }
        };
        self.run_in_hand(user, send.instrument(span), move |panic| {
            tracing::error!(entry = failed.id.0, panic, "sending an entry panicked");
            Worked::Delivered { entry: failed, delivered: Delivered::Failed(panic) }
        });
    }

    fn serve(&mut self, item: InboxItem) {
        let user = item.user;
        let (gallery_deps, now) = (self.deps.gallery.clone(), self.seconds());
        let lane = self.lane(user);
        lane.serves = true;
        lane.heard = now;
        lane.handled = lane.handled.saturating_add(1);
        let address = lane.gallery.take().filter(actix::Addr::connected);
        let gallery = address.unwrap_or_else(|| {
            lane.born = now;
            gallery::Actor::new(user, gallery_deps).start()
        });
        lane.gallery = Some(gallery.clone());
        let (ports, deadline) = (self.deps.ports.clone(), self.deps.turn_deadline);
        let (hands, handed) = (self.deps.hands.clone(), item.clone());
        let span = tracing::info_span!("update", update = item.update.0, %user, generation = Empty);
        let serve = async move {
            // Counted by an earlier process: one that came to this one has no attempts here.
            let (held, is_suspect) = (InHand::Update(handed.seq), handed.attempts > 0);
            let serve = serve::serve(ports, gallery, handed.clone(), deadline);
            let served = hands.hold(held, is_suspect, serve).await;
            Worked::Served { item: handed, served }
        };
        self.run_in_hand(user, serve.instrument(span), crashed(item));
    }

    fn worked(&mut self, worked: Worked, ctx: &mut Context<Self>) {
        match worked {
            Worked::Served { item, served } => self.served(item, served, ctx),
            Worked::Delivered { entry, delivered } => self.delivered(entry, delivered, ctx),
            Worked::Progressed { news, progressed } => self.progressed(news, progressed, ctx),
        }
    }

    fn served(&mut self, item: InboxItem, served: Served, ctx: &mut Context<Self>) {
        let user = item.user;
        match served {
            Served::Done { told, language } => {
                self.traffic.updates += 1;
                self.traffic.sent += told.sent;
                let lane = self.lane(user);
                // What is shed has no turn.
                let took = lane.serves.then(|| lane.last_used.elapsed());
                lane.busy = false;
                lane.troubles = 0;
                lane.updates_after = None;
                lane.language = language.or(lane.language);
                lane.heard(told);
                if let Some(took) = took {
                    self.traffic.turns.add(took);
                }
                self.finished.push(item.seq);
                self.finish_rows();
                self.work(user);
            }
            Served::Later(pause) => {
                let lane = self.lane(user);
                lane.troubles = lane.troubles.saturating_add(1);
                let pause = pause.saturating_mul(lane.troubles.min(10));
                self.put_back(item, pause, ctx);
            }
            Served::Crashed(reason) => self.crashed(item, reason, ctx),
        }
    }

    /// Back to the head of its lane, to be tried again after a pause.
    fn put_back(&mut self, item: InboxItem, pause: Duration, ctx: &mut Context<Self>) {
        let user = item.user;
        let lane = self.lane(user);
        lane.busy = false;
        lane.updates.push_front(lane::Queued { item, shed: false, say_it: false });
        lane.updates_after = Some(Instant::now() + pause);
        self.wake_later(user, pause, ctx);
    }

    /// The user's gallery crashed over this update: counted in its row; the third sets it aside.
    fn crashed(&mut self, item: InboxItem, reason: String, ctx: &mut Context<Self>) {
        let user = item.user;
        tracing::error!(%user, seq = item.seq.0, reason, "a gallery crashed");
        self.traffic.crashes += 1;
        self.pasts.note(user, &reason);
        let lane = self.lane(user);
        lane.gallery = None;
        let lane = lane.id;
        let ports = self.deps.ports.clone();
        let seq = item.seq;
        let count = async move { ports.store.fail_item(seq, &reason).await };
        ctx.spawn(count.into_actor(self).map(move |fault, actor, ctx| {
            if !actor.is_lane(user, lane) {
                return;
            }
            match fault {
                Ok(ItemFault::Retry { attempts }) => {
                    let pause = Duration::from_millis(100 * 5u64.pow(u32::from(attempts.min(4))));
                    actor.put_back(item, pause, ctx);
                }
                Ok(ItemFault::Quarantined) => {
                    actor.traffic.quarantined += 1;
                    actor.let_go(item.seq);
                    actor.lane(user).busy = false;
                    actor.look_for_entries(OnlyNew::Yes, ctx);
                    actor.work(user);
                }
                Err(error) => {
                    tracing::warn!(%error, "the failure could not be counted");
                    actor.put_back(item, Duration::from_secs(2), ctx);
                }
            }
        }));
    }

    /// Marks what is done, in groups: one commit at a time gathers what comes meanwhile.
    fn finish_rows(&mut self) {
        if self.finishing || self.finished.is_empty() {
            return;
        }
        self.finishing = true;
        let seqs = std::mem::take(&mut self.finished);
        let store = self.deps.ports.store.clone();
        let lost = seqs.clone();
        let finish = async move {
            let stored = match store.finish(seqs.clone()).await {
                Ok(()) => true,
                // Another node has them now, and finds their effects done.
                Err(error) if error.kind == Kind::Fenced => false,
                Err(error) => {
                    tracing::warn!(%error, "done updates could not be marked: tried again");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    false
                }
            };
            Done::Finished { seqs, stored }
        };
        let _not_aborted = self.run(finish, move |panic| {
            tracing::error!(panic, "marking done updates panicked");
            Done::Finished { seqs: lost, stored: false }
        });
    }

    fn let_go(&mut self, seq: Seq) {
        self.held.remove(&seq);
        self.let_go.insert(seq);
    }

    fn waiting(&self) -> usize {
        self.lanes.values().map(Lane::waiting).sum()
    }

    fn finish_drain(&mut self) {
        let busy = self.lanes.values().any(|lane| lane.busy);
        if busy || self.taking || self.finishing || !self.finished.is_empty() {
            return;
        }
        if let Some(reply) = self.drain.take() {
            reply.send(());
        }
    }
}

fn crashed(item: InboxItem) -> impl FnOnce(String) -> Worked + 'static {
    move |panic| Worked::Served { item, served: Served::Crashed(panic) }
}

impl ActixActor for Actor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (sender, done) = unbounded();
        self.done = Some(sender);
        ctx.add_stream(done);
        self.tick(ctx);
    }
}

impl Supervised for Actor {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        let (traffic, pasts) = (self.traffic, std::mem::take(&mut self.pasts));
        *self = Self::new(self.deps.clone());
        self.pasts = pasts;
        self.traffic = traffic;
    }
}

impl StreamHandler<Done> for Actor {
    fn handle(&mut self, done: Done, ctx: &mut Self::Context) {
        match done {
            Done::Intake { items, repeats } => {
                self.taking = false;
                self.look_again |= repeats;
                self.taken(items, ctx);
                self.take_in();
            }
            // What was begun in a lane that was lost says nothing about the one that there is now.
            Done::Worked { user, lane, .. } if !self.is_lane(user, lane) => {}
            Done::Worked { user, worked, .. } => {
                // The handle would keep the memory of what has ended, some kilobytes for each person.
                self.lane(user).task = None;
                self.worked(worked, ctx);
            }
            Done::Finished { seqs, stored } => {
                self.finishing = false;
                if stored {
                    for seq in seqs {
                        self.let_go(seq);
                    }
                } else {
                    self.finished.extend(seqs);
                }
                self.finished.retain(|seq| self.held.contains_key(seq));
                self.finish_rows();
                self.finish_leaving();
            }
        }
        if self.draining {
            self.finish_drain();
        }
    }

    /// The stream ends only with the actor itself.
    fn finished(&mut self, _ctx: &mut Self::Context) {}
}

impl Handler<Ask<TakeUpdates>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<TakeUpdates>, _ctx: &mut Self::Context) {
        let (TakeUpdates { arrivals }, reply) = ask.split();
        if self.draining {
            reply.send(Err(Error::Draining));
        } else if self.held.len() + arrivals.len() > WAITING_MAX {
            reply.send(Err(Error::Busy));
        } else {
            self.intake.push((arrivals, reply));
            self.take_in();
        }
    }
}

impl Handler<Ask<Drain>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<Drain>, _ctx: &mut Self::Context) {
        let (Drain, reply) = ask.split();
        self.draining = true;
        self.drain = Some(reply);
        for (_, reply) in self.intake.drain(..) {
            reply.send(Err(Error::Draining));
        }
        self.finish_drain();
    }
}

impl Handler<Told<ProgressChanged>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<ProgressChanged>, _ctx: &mut Self::Context) {
        let news = told.open();
        let user = news.generation.user;
        if !news.generation.state.is_open() || !self.deps.ports.lanes.has(user) {
            return;
        }
        self.lane(user).progress = Some(news);
        self.work(user);
    }
}

impl Handler<Told<ParcelsAdded>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<ParcelsAdded>, ctx: &mut Self::Context) {
        let ParcelsAdded = told.open();
        self.look_for_entries(OnlyNew::Yes, ctx);
    }
}

impl Handler<Told<RowsAdded>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<RowsAdded>, ctx: &mut Self::Context) {
        let RowsAdded = told.open();
        // What was set aside and is open again, too.
        self.look_again = true;
        self.look(ctx);
        self.look_for_entries(OnlyNew::No, ctx);
    }
}
