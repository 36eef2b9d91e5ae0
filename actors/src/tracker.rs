//! The tracker drives every generation from its row until it is paid or released.
//!
//! It is a reconciler: woken by events and by a timer, it looks at the rows it knows, gives free places
//! at the provider to those who wait (in fair turns), and takes one step of each that is due. Steps run
//! beside it, one per generation at a time; each is written so that it can be repeated.
//!
//! Lost on a restart: the steps under way and the rhythm of the polls. `started` reads all open rows.

mod line;
mod lost;
pub mod message;
mod rows;
mod step;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix::{
    Actor as ActixActor, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle,
    StreamHandler, Supervised, WrapFuture,
};
use futures::channel::mpsc::{UnboundedSender, unbounded};
use tokio::time::Instant;
use tracing::Instrument;

pub use message::{
    CancelGeneration, Cancelling, Error, GenerationReserved, GetLoad, GetProgress, LanesDropped,
    LanesLeft, Load, ParcelsAdded, ProgressChanged, ProviderCalled, RowsChanged,
};
use step::{Below, Hints, Next, Stepped};

use crate::{
    address::{Address, Listener},
    ask::{Ask, Reply, Told, tell_listener},
    domain::{
        generation::{Generation, State},
        id::{GenerationId, UserId},
        lane::LaneSet,
        screens::studio::Doing,
    },
    hands::Hands,
    ledger,
    port::{InHand, InLine, ItemFault, Kind, Ports},
    shop::Shop,
    supervisor::Tasks,
    writer,
};

/// What the tracker works with.
#[derive(Clone)]
pub struct Deps {
    pub ports: Ports,
    pub shop: Arc<Shop>,
    pub hands: Hands,
    pub ledger: Address<ledger::Actor>,
    pub writer: Address<writer::Actor>,
    /// Who hears of progress; set once the session runs.
    pub listeners: Arc<Listeners>,
    /// Generations at the provider at once, over all nodes.
    pub places: u32,
    /// How long a submit whose answer was lost may still be named by a webhook.
    pub submit_grace: Duration,
    /// The pause between polls grows from the first to the second.
    pub poll: (Duration, Duration),
    /// How long the writer may take for one picture.
    pub fetch_deadline: Duration,
    pub ledger_deadline: Duration,
    /// How often all rows are looked at without being asked.
    pub rescan: Duration,
}

/// Those above who may be told something that may be lost.
#[derive(Default)]
pub struct Listeners {
    pub progress: OnceLock<Listener<ProgressChanged>>,
    pub parcels: OnceLock<Listener<ParcelsAdded>>,
}

/// Steps of one generation that failed for reasons that pass are repeated after this.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// Copies of results that are under way at once.
const COLLECTING_MAX: usize = 8;

/// Those who wait hear of their place in the line this often.
const LINE_NEWS: Duration = Duration::from_secs(3);

/// One generation that is driven.
struct Job {
    /// Tells it from one that was driven before, if its lane was lost and came back.
    number: u64,
    row: Generation,
    due: Instant,
    busy: bool,
    /// The row may have moved without us: read it before the next step.
    stale: bool,
    /// Its row counts failures, and no step worked since.
    is_suspect: bool,
    polls: u32,
    doing: Doing,
    hints: Hints,
    cancels: Vec<Reply<Result<Cancelling, Error>>>,
}

impl Job {
    fn new(number: u64, row: Generation, due: Instant) -> Self {
        Self {
            number,
            is_suspect: row.attempts > 0,
            row,
            due,
            busy: false,
            stale: false,
            polls: 0,
            doing: Doing::default(),
            hints: Hints::default(),
            cancels: Vec::new(),
        }
    }
}

/// What a step tells the actor.
struct StepFinished {
    id: GenerationId,
    number: u64,
    outcome: Result<Result<Stepped, Error>, String>,
    /// The row as it was read before the step, if it was.
    reread: Option<Generation>,
}

/// The actor.
pub struct Actor {
    deps: Deps,
    jobs: HashMap<GenerationId, Job>,
    tasks: Tasks,
    done: Option<UnboundedSender<StepFinished>>,
    timer: Option<(Instant, SpawnHandle)>,
    /// Whether the rows were read: before, nobody knows how many places are taken.
    ready: bool,
    /// Nothing is submitted before this.
    paused_until: Option<Instant>,
    line_told: Instant,
    /// Those who wait or are served on other nodes, as the rows were when they were read last.
    elsewhere: Vec<InLine>,
    /// Turns given so far, and the number of each person's latest.
    turns: u64,
    served: HashMap<UserId, u64>,
    /// Those that ended since the rows were read last, and before that: a read that began earlier may
    /// still show them open, and nothing is told about them any more.
    ended: HashSet<GenerationId>,
    ended_before: HashSet<GenerationId>,
    jobs_made: u64,
    /// Lanes that are being left, and who waits for it.
    leaving: Vec<(LaneSet, Reply<()>)>,
    /// How often lanes were left or lost: a read from before may show what is not ours any more.
    losses: u64,
}

impl Actor {
    pub fn new(deps: Deps) -> Self {
        Self {
            deps,
            jobs: HashMap::new(),
            tasks: Tasks::default(),
            done: None,
            timer: None,
            ready: false,
            paused_until: None,
            line_told: Instant::now(),
            elsewhere: Vec::new(),
            turns: 0,
            served: HashMap::new(),
            ended: HashSet::new(),
            ended_before: HashSet::new(),
            jobs_made: 0,
            leaving: Vec::new(),
            losses: 0,
        }
    }

    /// Starts every step that is due, and sleeps until the next one is.
    fn reconcile(&mut self, ctx: &mut Context<Self>) {
        let now = Instant::now();
        let line = self.line();
        let mut ready = self.admitted(&line, now);
        self.tell_line(&line, &ready, now);
        let mut collecting = self.busy_in(State::Resulted);
        for (id, job) in &self.jobs {
            let waits = job.row.state == State::Reserved && !job.stale;
            if job.busy || job.due > now || waits || !self.deps.ports.lanes.has(job.row.user) {
                continue;
            }
            if job.row.state == State::Resulted {
                if collecting == COLLECTING_MAX {
                    continue;
                }
                collecting += 1;
            }
            ready.push(*id);
        }
        // Suspects run one at a time: the most suspect first, so that its next death is its own.
        ready.sort_by_key(|id| {
            let suspect = self.jobs.get(id).filter(|job| job.is_suspect);
            std::cmp::Reverse(suspect.map_or(0, |job| job.row.attempts))
        });
        for id in ready {
            self.start_step(id);
        }
        self.arm(ctx);
    }

    fn busy_in(&self, state: State) -> usize {
        self.jobs.values().filter(|job| job.busy && job.row.state == state).count()
    }

    fn start_step(&mut self, id: GenerationId) {
        let (Some(job), Some(done)) = (self.jobs.get_mut(&id), self.done.clone()) else { return };
        job.busy = true;
        let number = job.number;
        let (row, hints, stale) = (job.row.clone(), job.hints.clone(), job.stale);
        let (deps, is_suspect) = (self.deps.clone(), job.is_suspect);
        let span = tracing::info_span!("generation", generation = %id, user = %row.user);
        let below = Below { ledger: deps.ledger.clone(), writer: deps.writer.clone() };
        let step = async move {
            let row = if stale { read_again(&deps, row).await? } else { row };
            let reread = stale.then(|| row.clone());
            if stale && row.state == State::Reserved {
                // No place is kept for it: back to the line.
                return Ok::<_, Error>((Ok(Stepped::new(row, Next::Now)), reread));
            }
            let outcome = if row.attempts >= crate::ATTEMPTS_MAX || hints.release {
                step::set_aside(&deps, &below, row).await
            } else {
                step::step(&deps, &below, row, hints).await
            };
            Ok((outcome, reread))
        };
        let hands = self.deps.hands.clone();
        let held = async move { hands.hold(InHand::Generation(id), is_suspect, step).await };
        self.tasks.run(held.instrument(span), move |outcome| {
            let finished = match outcome {
                Ok(Ok((outcome, reread))) => (Ok(outcome), reread),
                Ok(Err(error)) => (Ok(Err(error)), None),
                Err(panic) => (Err(panic), None),
            };
            let (outcome, reread) = finished;
            let finished = StepFinished { id, number, outcome, reread };
            let _restarted = done.unbounded_send(finished);
        });
    }

    fn stepped(&mut self, id: GenerationId, stepped: Stepped) {
        let pause = stepped.provider_pause;
        if let Some(pause) = pause {
            self.paused_until = Some(Instant::now() + pause);
        }
        if stepped.parcels
            && let Some(listener) = self.deps.listeners.parcels.get()
        {
            tell_listener(listener, ParcelsAdded);
        }
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let moved = job.row.state != stepped.row.state;
        job.row = stepped.row;
        job.is_suspect = false;
        job.doing = stepped.doing;
        job.stale = false;
        job.hints.missing = 0;
        if moved {
            job.polls = 0;
        }
        job.due = Instant::now()
            + match stepped.next {
                Next::Now => Duration::ZERO,
                Next::In(wait) => wait,
                Next::Poll => {
                    job.polls = job.polls.saturating_add(1);
                    pause_between(self.deps.poll, job.polls)
                }
                Next::Finished => {
                    self.finish(id);
                    return;
                }
            };
        let is_wished = job.hints.release
            || job.hints.cancel
                && matches!(job.row.state, State::Reserved | State::Submitting | State::Queued);
        if is_wished {
            // The wish came while the step was under way.
            job.due = Instant::now();
        }
        if job.row.state == State::Cancelling && !job.hints.release {
            for reply in job.cancels.drain(..) {
                reply.send(Ok(Cancelling::Begun));
            }
        }
        self.tell_progress(id);
    }

    fn finish(&mut self, id: GenerationId) {
        let Some(job) = self.jobs.remove(&id) else { return };
        self.ended.insert(id);
        let state = job.row.state;
        for reply in job.cancels {
            let cancelled = state == State::Cancelled;
            let answer = if cancelled { Cancelling::Begun } else { Cancelling::TooLate(state) };
            reply.send(Ok(answer));
        }
    }

    fn troubled(&mut self, id: GenerationId, error: &Error) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.due = Instant::now() + TROUBLE_PAUSE;
        // A row that was just read and is refused all the same will not do better at once.
        let was_fresh = std::mem::replace(&mut job.stale, true);
        match error {
            Error::NotFound => job.hints.missing = job.hints.missing.saturating_add(1),
            Error::Unavailable(error) if error.kind == Kind::Conflict && !was_fresh => {
                job.due = Instant::now();
            }
            Error::Unavailable(_) | Error::Below(_) => {}
        }
        tracing::warn!(generation = %id, %error, "a step failed and is repeated");
    }

    /// Our own fault: counted in the row; the third sets the generation aside and frees its hold.
    fn panicked(&mut self, id: GenerationId, panic: String, ctx: &mut Context<Self>) {
        tracing::error!(generation = %id, panic, "a step panicked");
        let store = self.deps.ports.store.clone();
        let Some(number) = self.jobs.get(&id).map(|job| job.number) else { return };
        let count = async move { store.fail_generation(id, &panic).await };
        ctx.spawn(count.into_actor(self).map(move |fault, actor, ctx| {
            let job = actor.jobs.get_mut(&id).filter(|job| job.number == number);
            let Some(job) = job else { return };
            job.busy = false;
            job.stale = true;
            job.due = Instant::now() + TROUBLE_PAUSE;
            match fault {
                Ok(ItemFault::Retry { attempts }) => job.row.attempts = attempts,
                Ok(ItemFault::Quarantined) => job.row.attempts = crate::ATTEMPTS_MAX,
                Err(error) => tracing::warn!(%error, "the failure could not be counted"),
            }
            actor.forget_left();
            actor.reconcile(ctx);
        }));
    }

    fn tell_progress(&self, id: GenerationId) {
        let Some(job) = self.jobs.get(&id) else { return };
        let Some(listener) = self.deps.listeners.progress.get() else { return };
        let generation = Box::new(job.row.clone());
        let doing = self.doing(job);
        tell_listener(listener, ProgressChanged { generation, doing });
    }

    fn doing(&self, job: &Job) -> Doing {
        let elapsed = self.deps.ports.clock.now().since(job.row.created_at).as_secs();
        Doing { elapsed, ..job.doing }
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        let waiting = self.jobs.values().any(|job| job.row.state == State::Reserved);
        let line_news = waiting.then(|| self.line_told + LINE_NEWS);
        let idle = self.jobs.values().filter(|job| !job.busy);
        let due = idle
            .filter(|job| job.row.state != State::Reserved || job.due > Instant::now())
            .map(|job| job.due);
        let Some(next) = due.chain(line_news).chain(self.paused_until).min() else { return };
        if let Some((armed, handle)) = self.timer.take() {
            if armed <= next && armed > Instant::now() {
                self.timer = Some((armed, handle));
                return;
            }
            ctx.cancel_future(handle);
        }
        // Never a busy loop: what is due now was started already or waits for a place.
        let wait = next.saturating_duration_since(Instant::now()).max(Duration::from_millis(5));
        let handle = ctx.run_later(wait, |actor, ctx| {
            actor.timer = None;
            if actor.paused_until.is_some_and(|until| until <= Instant::now()) {
                actor.paused_until = None;
            }
            actor.reconcile(ctx);
        });
        self.timer = Some((Instant::now() + wait, handle));
    }

    fn cancel(
        &mut self,
        CancelGeneration { id, at_once, .. }: CancelGeneration,
        reply: Reply<Result<Cancelling, Error>>,
        ctx: &mut Context<Self>,
    ) {
        let Some(job) = self.jobs.get_mut(&id) else {
            reply.send(Err(Error::NotFound));
            return;
        };
        if !self.deps.ports.lanes.has(job.row.user) {
            reply.send(Err(lost::fenced()));
            return;
        }
        match job.row.state {
            state if at_once && state.is_open() => {
                job.hints.release = true;
                job.due = Instant::now();
                job.cancels.push(reply);
            }
            State::Cancelling => reply.send(Ok(Cancelling::Begun)),
            State::Reserved | State::Submitting | State::Queued => {
                job.hints.cancel = true;
                job.due = Instant::now();
                job.cancels.push(reply);
            }
            state => reply.send(Ok(Cancelling::TooLate(state))),
        }
        self.reconcile(ctx);
    }
}

/// Whether a job takes one of the provider's places. One whose row is in doubt may have moved on.
fn takes_place(job: &Job) -> bool {
    let reserved = job.row.state == State::Reserved;
    job.row.state.is_at_provider() || (reserved && (job.busy || job.stale))
}

fn pause_between((min, max): (Duration, Duration), polls: u32) -> Duration {
    min.mul_f64(1.3f64.powi(i32::try_from(polls.min(40)).unwrap_or(40))).min(max)
}

async fn read_again(deps: &Deps, row: Generation) -> Result<Generation, Error> {
    deps.ports.store.generation(row.id).await?.ok_or(Error::NotFound)
}

impl ActixActor for Actor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (sender, finished) = unbounded();
        self.done = Some(sender);
        ctx.add_stream(finished);
        self.rescan(ctx);
    }
}

impl Supervised for Actor {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        *self = Self::new(self.deps.clone());
    }
}

impl Handler<Ask<CancelGeneration>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<CancelGeneration>, ctx: &mut Self::Context) {
        let (wish, reply) = ask.split();
        let CancelGeneration { user, id, .. } = wish;
        if self.jobs.get(&id).is_some_and(|job| job.row.user == user) {
            self.cancel(wish, reply, ctx);
            return;
        }
        let store = self.deps.ports.store.clone();
        let read = async move { store.generation(id).await };
        ctx.spawn(read.into_actor(self).map(move |row, actor, ctx| match row {
            Ok(Some(row)) if !actor.deps.ports.lanes.has(row.user) => {
                reply.send(Err(lost::fenced()));
            }
            Ok(Some(row)) if row.user == user && row.state.is_open() => {
                actor.take_on(row);
                actor.cancel(wish, reply, ctx);
            }
            Ok(Some(row)) if row.user == user => {
                reply.send(Ok(Cancelling::TooLate(row.state)));
            }
            Ok(_) => reply.send(Err(Error::NotFound)),
            Err(error) => reply.send(Err(error.into())),
        }));
    }
}

impl Handler<Ask<GetProgress>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<GetProgress>, ctx: &mut Self::Context) {
        let (GetProgress { user, id }, reply) = ask.split();
        if let Some(job) = self.jobs.get(&id).filter(|job| job.row.user == user) {
            reply.send(Ok((job.row.clone(), self.doing(job))));
            return;
        }
        let store = self.deps.ports.store.clone();
        let read = async move { store.generation(id).await };
        ctx.spawn(read.into_actor(self).map(move |row, _, _| {
            reply.send(match row {
                Ok(Some(row)) if row.user == user => Ok((row, Doing::default())),
                Ok(_) => Err(Error::NotFound),
                Err(error) => Err(error.into()),
            });
        }));
    }
}

impl Handler<Ask<GetLoad>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<GetLoad>, _ctx: &mut Self::Context) {
        let (GetLoad, reply) = ask.split();
        let waiting = self.jobs.values().filter(|job| job.row.state == State::Reserved).count();
        let running = self.jobs.values().filter(|job| takes_place(job)).count();
        reply.send(Load { running, waiting, open: self.jobs.len() });
    }
}

impl Handler<Told<GenerationReserved>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<GenerationReserved>, ctx: &mut Self::Context) {
        let GenerationReserved(row) = told.open();
        self.take_on(*row);
        self.reconcile(ctx);
    }
}

impl Handler<Told<ProviderCalled>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<ProviderCalled>, ctx: &mut Self::Context) {
        let event = told.open();
        let Some(job) = self.jobs.get_mut(&event.id) else { return };
        let ticket = job.row.ticket.as_ref();
        if ticket.is_some_and(|ticket| ticket.request_id != event.request_id) {
            tracing::warn!(generation = %event.id, "a webhook named another request: ignored");
            return;
        }
        job.hints.request_id = Some(event.request_id);
        job.due = Instant::now();
        self.reconcile(ctx);
    }
}

impl Handler<Told<RowsChanged>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<RowsChanged>, ctx: &mut Self::Context) {
        let RowsChanged = told.open();
        for job in self.jobs.values_mut() {
            job.stale = true;
            job.due = Instant::now();
        }
        self.read_rows(ctx);
        self.reconcile(ctx);
    }
}

impl StreamHandler<StepFinished> for Actor {
    fn handle(&mut self, finished: StepFinished, ctx: &mut Self::Context) {
        let StepFinished { id, number, outcome, reread } = finished;
        let job = self.jobs.get_mut(&id).filter(|job| job.number == number);
        // None: its lane was lost meanwhile.
        let Some(job) = job else { return };
        if let Some(row) = reread {
            job.row = row;
        }
        // A panic keeps it busy until its failure is counted.
        job.busy = outcome.is_err();
        match outcome {
            Ok(Ok(stepped)) => self.stepped(id, stepped),
            Ok(Err(error)) => self.troubled(id, &error),
            Err(panic) => {
                self.panicked(id, panic, ctx);
                return;
            }
        }
        self.forget_left();
        self.reconcile(ctx);
    }

    /// The stream ends only with the actor itself.
    fn finished(&mut self, _ctx: &mut Self::Context) {}
}
