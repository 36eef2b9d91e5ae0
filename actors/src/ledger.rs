//! The ledger: the only place that decides about credits.
//!
//! It owns no balance. It turns commands into entries and commits them together with whatever has to
//! be stored in the same transaction; the schema's guards are the last word. While one commit is under
//! way the next commands gather, so many people share a commit, and a refused one never hurts the
//! others.
//!
//! Lost on a restart: commands that were not answered. Their askers hear `Closed` and find out from
//! the row; a repeat collides with the entry's derived id.

pub mod message;

use std::sync::Arc;

use actix::{Actor as ActixActor, AsyncContext, Context, Handler, StreamHandler, Supervised};
use futures::channel::mpsc::{UnboundedSender, unbounded};

pub use message::{Answer, CaptureHold, Error, GrantWelcome, PlaceHold, ReleaseHold};

use crate::{
    ask::{Ask, Reply},
    domain::{
        change::{Change, Changes},
        ledger::Entry,
    },
    port::{self, Clock, Store},
    supervisor::Tasks,
};

/// Commands in one commit, at most.
const BATCH_MAX: usize = 256;

/// What the ledger works with.
#[derive(Clone)]
pub struct Deps {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
}

/// A command that waits for its commit.
type Waiting = (Changes, Reply<Answer>);

/// The actor.
pub struct Actor {
    deps: Deps,
    waiting: Vec<Waiting>,
    /// Whether a commit is under way.
    committing: bool,
    tasks: Tasks,
    done: Option<UnboundedSender<CommitFinished>>,
}

/// A commit came to its end; the next may begin.
struct CommitFinished;

impl Actor {
    pub fn new(deps: Deps) -> Self {
        Self { deps, waiting: Vec::new(), committing: false, tasks: Tasks::default(), done: None }
    }

    fn book(&mut self, entry: Entry, also: Vec<Change>, reply: Reply<Answer>) {
        let user = entry.user;
        let mut list = also;
        list.push(Change::Book(entry));
        self.waiting.push((Changes::new(user, list), reply));
        self.commit_waiting();
    }

    fn commit_waiting(&mut self) {
        let Some(done) = self.done.clone() else { return };
        if self.committing || self.waiting.is_empty() {
            return;
        }
        self.committing = true;
        let rest = self.waiting.split_off(self.waiting.len().min(BATCH_MAX));
        let batch = std::mem::replace(&mut self.waiting, rest);
        let (members, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let store = self.deps.store.clone();
        let commit = async move { answer(store.commit(members).await, replies) };
        self.tasks.run(commit, move |_outcome| {
            // After a panic the replies were dropped: their askers hear `Closed`.
            let _restarted = done.unbounded_send(CommitFinished);
        });
    }
}

fn answer(
    outcome: port::Result<
        Vec<Result<crate::domain::change::Committed, crate::domain::change::Refusal>>,
    >,
    replies: Vec<Reply<Answer>>,
) {
    match outcome {
        Ok(answers) => {
            for (reply, answer) in replies.into_iter().zip(answers) {
                reply.send(answer.map_err(Error::from));
            }
        }
        Err(error) => {
            tracing::warn!(%error, members = replies.len(), "the ledger's commit failed");
            for reply in replies {
                reply.send(Err(Error::Unavailable(error.clone())));
            }
        }
    }
}

impl ActixActor for Actor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (sender, finished) = unbounded();
        self.done = Some(sender);
        ctx.add_stream(finished);
    }
}

impl Supervised for Actor {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        *self = Self::new(self.deps.clone());
    }
}

impl Handler<Ask<PlaceHold>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<PlaceHold>, _ctx: &mut Self::Context) {
        let (PlaceHold { generation, mut also }, reply) = ask.split();
        let now = self.deps.clock.now();
        let entry = Entry::hold(generation.user, generation.id, generation.order.total(), now);
        also.insert(0, Change::AddGeneration(generation));
        self.book(entry, also, reply);
    }
}

impl Handler<Ask<CaptureHold>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<CaptureHold>, _ctx: &mut Self::Context) {
        let (CaptureHold { user, generation, amount, also }, reply) = ask.split();
        let entry = Entry::capture(user, generation, amount, self.deps.clock.now());
        self.book(entry, also, reply);
    }
}

impl Handler<Ask<ReleaseHold>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<ReleaseHold>, _ctx: &mut Self::Context) {
        let (ReleaseHold { user, generation, also }, reply) = ask.split();
        let entry = Entry::release(user, generation, self.deps.clock.now());
        self.book(entry, also, reply);
    }
}

impl Handler<Ask<GrantWelcome>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<GrantWelcome>, _ctx: &mut Self::Context) {
        let (GrantWelcome { user, amount, also }, reply) = ask.split();
        let entry = Entry::welcome(user, amount, self.deps.clock.now());
        self.book(entry, also, reply);
    }
}

impl StreamHandler<CommitFinished> for Actor {
    fn handle(&mut self, CommitFinished: CommitFinished, _ctx: &mut Self::Context) {
        self.committing = false;
        self.commit_waiting();
    }

    /// The stream ends only with the actor itself.
    fn finished(&mut self, _ctx: &mut Self::Context) {}
}
