//! What can be seen of a supervised actor from outside, whether it answers or not: its mailbox, its
//! lives, its restarts. And the one wish that it hears without its mailbox: to be restarted.
//!
//! Kept beside the actor, in a few words of memory: a message costs two counts and a short lock, and a
//! hung or dead actor is seen like any other.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Context,
    time::Duration,
};

use futures::task::AtomicWaker;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::supervisor::Budget;

/// Restarts that are remembered of each actor.
pub const RESTARTS_KEPT: usize = 10;

/// How long the reason of a restart may be, in characters.
const REASON_MAX: usize = 200;

/// The reason of a restart that nobody is to blame for.
pub const ASKED: &str = "the operator asked";

/// How an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    Running,
    /// It crashed, and begins again after a pause. What comes in waits.
    Resting,
    /// It ended or used up its budget.
    Gone,
}

/// Why an actor was not restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRestarted {
    #[error("there is no such actor")]
    Unknown,
    #[error("it has ended")]
    Gone,
    /// Its thread is busy; it will be restarted when that ends.
    #[error("it was told to, and has not done it yet")]
    Late,
}

/// The last restarts with their reasons, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Restarts(VecDeque<(String, Instant)>);

impl Restarts {
    pub(crate) fn note(&mut self, reason: &str, at: Instant) {
        if self.0.len() == RESTARTS_KEPT {
            self.0.pop_front();
        }
        self.0.push_back((reason.chars().take(REASON_MAX).collect(), at));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Instant)> {
        self.0.iter().map(|(reason, at)| (reason.as_str(), *at))
    }
}

/// What is kept about one supervised actor.
pub(crate) struct Vitals {
    pub(crate) child: &'static str,
    /// Of its mailbox.
    pub(crate) bound: usize,
    budget: Budget,
    waiting: AtomicUsize,
    begun: Mutex<Begun>,
    life: Mutex<Life>,
    wanted: AtomicBool,
    waker: AtomicWaker,
    /// 1, 2, …; told on every change.
    incarnation: watch::Sender<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Begun {
    pub(crate) handled: u64,
    pub(crate) last: Option<(&'static str, Instant)>,
}

struct Life {
    born: Instant,
    condition: Condition,
    /// Within the budget's window.
    crashes: VecDeque<Instant>,
    restarts: Restarts,
}

/// An actor at one moment.
pub(crate) struct Seen {
    pub(crate) incarnation: u32,
    pub(crate) condition: Condition,
    pub(crate) waiting: usize,
    pub(crate) begun: Begun,
    pub(crate) born: Instant,
    pub(crate) restarts: Restarts,
    pub(crate) restarts_left: usize,
}

impl fmt::Debug for Vitals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vitals({})", self.child)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Life {
    /// Crashes that count against the budget.
    fn recent(&mut self, now: Instant, within: Duration) -> usize {
        while self.crashes.front().is_some_and(|at| now.duration_since(*at) > within) {
            self.crashes.pop_front();
        }
        self.crashes.len()
    }
}

impl Vitals {
    /// Of an actor that is born now.
    pub(crate) fn new(child: &'static str, budget: Budget, bound: usize) -> Self {
        let life = Life {
            born: Instant::now(),
            condition: Condition::Running,
            crashes: VecDeque::new(),
            restarts: Restarts::default(),
        };
        Self {
            child,
            bound,
            budget,
            waiting: AtomicUsize::new(0),
            begun: Mutex::default(),
            life: Mutex::new(life),
            wanted: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            incarnation: watch::Sender::new(1),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        let mut life = locked(&self.life);
        let recent = life.recent(Instant::now(), self.budget.within);
        Seen {
            incarnation: *self.incarnation.borrow(),
            condition: life.condition,
            waiting: self.waiting.load(Ordering::Relaxed),
            begun: *locked(&self.begun),
            born: life.born,
            restarts: life.restarts.clone(),
            restarts_left: self.budget.restarts.saturating_sub(recent),
        }
    }

    /// Counts a crash; how many there were within the budget's window, this one among them.
    pub(crate) fn crashed(&self, reason: &str) -> usize {
        let now = Instant::now();
        let mut life = locked(&self.life);
        life.crashes.push_back(now);
        life.restarts.note(reason, now);
        life.condition = Condition::Resting;
        life.recent(now, self.budget.within)
    }

    /// Notes a restart that burns no budget.
    pub(crate) fn was_asked(&self) {
        locked(&self.life).restarts.note(ASKED, Instant::now());
    }

    /// Another value has taken over.
    pub(crate) fn reborn(&self) {
        locked(&self.life).born = Instant::now();
        self.incarnation.send_modify(|incarnation| *incarnation = incarnation.saturating_add(1));
    }

    pub(crate) fn stands(&self, condition: Condition) {
        locked(&self.life).condition = condition;
        if condition == Condition::Gone {
            // Whoever waits for a restart looks again.
            self.incarnation.send_modify(|_| {});
        }
    }

    /// Whether somebody wants a restart; hears of the next such wish by `cx`.
    pub(crate) fn take_wish(&self, cx: &Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.wanted.swap(false, Ordering::AcqRel)
    }

    /// Wishes for a restart and waits, at most `patience`, until another value has taken over; which one.
    pub(crate) async fn restart(&self, patience: Duration) -> Result<u32, NotRestarted> {
        let mut incarnation = self.incarnation.subscribe();
        let before = *incarnation.borrow_and_update();
        self.wanted.store(true, Ordering::Release);
        self.waker.wake();
        let is_over = |now: &u32| *now != before || locked(&self.life).condition == Condition::Gone;
        match timeout(patience, incarnation.wait_for(is_over)).await {
            Ok(Ok(now)) if *now != before => Ok(*now),
            Ok(_) => Err(NotRestarted::Gone),
            Err(_elapsed) => Err(NotRestarted::Late),
        }
    }
}

/// Counts one message in a mailbox, from its sending until it is opened or lost.
#[derive(Debug)]
pub(crate) struct Letter(Arc<Vitals>);

impl Letter {
    pub(crate) fn to(vitals: &Arc<Vitals>) -> Self {
        vitals.waiting.fetch_add(1, Ordering::Relaxed);
        Self(vitals.clone())
    }

    /// Work on it begins.
    pub(crate) fn open<M>(self) {
        let mut begun = locked(&self.0.begun);
        begun.handled += 1;
        begun.last = Some((std::any::type_name::<M>(), Instant::now()));
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
