//! Restarts that really restart.
//!
//! `actix::Supervisor` dies with its actor's panic: the mailbox closes for good and what is queued
//! vanishes (tried with actix 0.13.5). So a singleton runs in a future of ours: the panic is caught,
//! the value is replaced by a new one (`Supervised::restarting`), its spawned futures are dropped, and
//! the mailbox with every address lives on. A budget bounds the restarts; when it is used up the root
//! hears [`Exit::GaveUp`] and ends the process for its init system.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, ready},
    time::Duration,
};

use actix::{Actor, AsyncContext, Context, Supervised, dev::ContextFut};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::{AbortHandle, JoinSet},
    time::{Sleep, sleep},
};

use crate::{
    address::Address,
    vitals::{Condition, Vitals},
};

/// At most `restarts` in any `within`; the pause before each grows from `pause_min` to `pause_max`.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub restarts: usize,
    pub within: Duration,
    pub pause_min: Duration,
    pub pause_max: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            restarts: 5,
            within: Duration::from_secs(30),
            pause_min: Duration::from_millis(10),
            pause_max: Duration::from_secs(2),
        }
    }
}

/// What became of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It panicked and a new value took over. `recent`: restarts within the budget's window.
    Restarted { child: &'static str, panic: String, recent: usize },
    /// The operator wanted a new value, and has it. Burns no budget.
    Renewed { child: &'static str },
    /// It ended by itself.
    Stopped { child: &'static str },
    /// The budget is used up.
    GaveUp { child: &'static str, panic: String },
}

/// The future that a supervised actor lives in.
struct Guarded<A: Supervised + Actor<Context = Context<A>>> {
    child: &'static str,
    actor: Option<ContextFut<A, Context<A>>>,
    budget: Budget,
    vitals: Arc<Vitals>,
    pause: Option<Pin<Box<Sleep>>>,
    /// The value panicked and was not replaced yet.
    dirty: bool,
    /// It crashed, and the new value was not polled yet.
    is_resting: bool,
    exits: UnboundedSender<Exit>,
}

impl<A: Supervised + Actor<Context = Context<A>>> Guarded<A> {
    /// Notes a crash; false when the budget is used up.
    fn crashed(&mut self, panic: String) -> bool {
        let recent = self.vitals.crashed(&panic);
        if recent > self.budget.restarts {
            self.finish(Exit::GaveUp { child: self.child, panic });
            return false;
        }
        let factor = 2u32.saturating_pow(u32::try_from(recent - 1).unwrap_or(u32::MAX));
        let pause = self.budget.pause_min.saturating_mul(factor).min(self.budget.pause_max);
        self.pause = Some(Box::pin(sleep(pause)));
        self.is_resting = true;
        self.tell(Exit::Restarted { child: self.child, panic, recent });
        true
    }

    /// Puts a new value in place of the one that panicked; true when it is all over.
    fn replace(&mut self) -> bool {
        let Some(actor) = self.actor.as_mut() else { return true };
        match catch_unwind(AssertUnwindSafe(|| actor.restart())) {
            Ok(true) => {
                self.dirty = false;
                self.vitals.reborn();
                false
            }
            Ok(false) => {
                // Nobody holds an address any more.
                self.finish(Exit::Stopped { child: self.child });
                true
            }
            // Tried again after the next pause: the dirty value never works again.
            Err(panic) => !self.crashed(panic_text(panic.as_ref())),
        }
    }

    /// The operator wants a new value: at once, whatever pause there is.
    fn renew(&mut self) {
        self.vitals.was_asked();
        self.tell(Exit::Renewed { child: self.child });
        self.pause = None;
        self.dirty = true;
    }

    fn finish(&mut self, exit: Exit) {
        self.vitals.stands(Condition::Gone);
        let actor = self.actor.take();
        // The drop runs `Actor::stopped`: a second panic there must not leave this future.
        if catch_unwind(AssertUnwindSafe(|| drop(actor))).is_err() {
            tracing::error!(child = self.child, "panicked again while it was put away");
        }
        self.tell(exit);
    }

    fn tell(&self, exit: Exit) {
        if self.exits.send(exit).is_err() {
            tracing::debug!(child = self.child, "the root no longer listens");
        }
    }
}

impl<A: Supervised + Actor<Context = Context<A>>> Future for Guarded<A> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.vitals.take_wish(cx) && this.actor.is_some() {
            this.renew();
        }
        loop {
            if let Some(pause) = this.pause.as_mut() {
                // Messages wait in the mailbox meanwhile.
                ready!(pause.as_mut().poll(cx));
                this.pause = None;
            }
            if this.dirty {
                if this.replace() {
                    return Poll::Ready(());
                }
                continue;
            }
            let Some(actor) = this.actor.as_mut() else { return Poll::Ready(()) };
            if this.is_resting {
                this.is_resting = false;
                this.vitals.stands(Condition::Running);
            }
            match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut *actor).poll(cx))) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(())) => {
                    this.finish(Exit::Stopped { child: this.child });
                    return Poll::Ready(());
                }
                Err(panic) => {
                    // A value that is given up is not started once more.
                    if !this.crashed(panic_text(panic.as_ref())) {
                        return Poll::Ready(());
                    }
                    this.dirty = true;
                    if this.replace() {
                        return Poll::Ready(());
                    }
                }
            }
        }
    }
}

/// Starts a singleton on the current arbiter. Its `Supervised::restarting` must replace the value.
pub fn supervise<A>(
    child: &'static str,
    budget: Budget,
    mailbox: usize,
    exits: UnboundedSender<Exit>,
    make: impl FnOnce() -> A,
) -> Address<A>
where
    A: Supervised + Actor<Context = Context<A>>,
{
    let mut context = Context::new();
    context.set_mailbox_capacity(mailbox);
    let address = context.address();
    let vitals = Arc::new(Vitals::new(child, budget, mailbox));
    let actor = Some(context.into_future(make()));
    let guarded = Guarded {
        child,
        actor,
        budget,
        vitals: vitals.clone(),
        pause: None,
        dirty: false,
        is_resting: false,
        exits,
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a supervised future starts"
    )]
    actix::spawn(guarded);
    Address::new(address, vitals)
}

/// What a panic said.
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}

/// Pieces of work that an actor started and owns: dropped with it, and a panic in one is an answer.
#[derive(Debug, Default)]
pub struct Tasks(JoinSet<()>);

impl Tasks {
    /// Runs `work` beside the actor on its own thread; `then` hears what it gave, or its panic. Who aborts
    /// it hears nothing.
    pub fn run<T: 'static>(
        &mut self,
        work: impl Future<Output = T> + 'static,
        then: impl FnOnce(Result<T, String>) + 'static,
    ) -> AbortHandle {
        while self.0.try_join_next().is_some() {}
        let work = futures::FutureExt::catch_unwind(AssertUnwindSafe(work));
        self.0.spawn_local(async move {
            then(work.await.map_err(|panic| panic_text(panic.as_ref())));
        })
    }

    /// How many are under way.
    pub fn len(&mut self) -> usize {
        while self.0.try_join_next().is_some() {}
        self.0.len()
    }

    pub fn is_empty(&mut self) -> bool {
        self.len() == 0
    }
}
