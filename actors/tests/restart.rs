//! `supervisor`: restarts that really restart, within a budget.

use std::{cell::Cell, rc::Rc, time::Duration};

use actix::{Actor, AsyncContext, Context, Handler, Supervised};
use aisha_actors::{
    address::{Address, Reach},
    ask::{Ask, AskError, Request, Told, ask, tell},
    census::Mailbox,
    supervisor::{Budget, Exit, supervise},
};
use tokio::{sync::mpsc, time::Instant};

use crate::support::run;

/// Counts; panics on request.
struct Counter {
    count: u32,
    starts: Rc<Cell<u32>>,
    stop_panics: bool,
    /// How often putting a new value in place panics first.
    replace_panics: u32,
}

impl Actor for Counter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.starts.set(self.starts.get() + 1);
        // What the dead value spawned must not outlive it.
        ctx.run_later(Duration::from_secs(1000), |actor, _| actor.count += 1000);
    }

    fn stopped(&mut self, _ctx: &mut Self::Context) {
        assert!(!self.stop_panics, "a second panic while it is put away");
    }
}

impl Supervised for Counter {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        if self.replace_panics > 0 {
            self.replace_panics -= 1;
            panic!("no new value yet");
        }
        self.count = 0;
    }
}

struct Add;
impl Request for Add {
    type Reply = u32;
}

impl Handler<Ask<Add>> for Counter {
    type Result = ();
    fn handle(&mut self, ask: Ask<Add>, _ctx: &mut Self::Context) {
        self.count += 1;
        ask.split().1.send(self.count);
    }
}

struct Crash;
impl Handler<Told<Crash>> for Counter {
    type Result = ();
    fn handle(&mut self, told: Told<Crash>, _ctx: &mut Self::Context) {
        let Crash = told.open();
        panic!("told to crash");
    }
}

const SOON: Duration = Duration::from_secs(60);

struct Setup {
    address: Address<Counter>,
    exits: mpsc::UnboundedReceiver<Exit>,
    starts: Rc<Cell<u32>>,
}

fn setup(budget: Budget, stop_panics: bool) -> Setup {
    start(budget, stop_panics, 0)
}

fn start(budget: Budget, stop_panics: bool, replace_panics: u32) -> Setup {
    let (sender, exits) = mpsc::unbounded_channel();
    let starts = Rc::new(Cell::new(0));
    let counted = starts.clone();
    let make = || Counter { count: 0, starts: counted, stop_panics, replace_panics };
    Setup { address: supervise("counter", budget, 8, sender, make), exits, starts }
}

#[test]
fn a_panic_gives_a_new_value_behind_the_same_address() {
    run(async {
        let Setup { address, mut exits, starts } = setup(Budget::default(), false);
        assert_eq!(ask(&address, Add, SOON).await, Ok(1));
        assert_eq!(ask(&address, Add, SOON).await, Ok(2));
        tell(&address, Crash);
        // Queued behind the panic, and served by the new value.
        assert_eq!(ask(&address, Add, SOON).await, Ok(1));
        assert_eq!(starts.get(), 2);
        let expected =
            Exit::Restarted { child: "counter", panic: "told to crash".to_owned(), recent: 1 };
        assert_eq!(exits.recv().await, Some(expected));
        // The old value's timer died with it.
        tokio::time::sleep(Duration::from_secs(990)).await;
        assert_eq!(ask(&address, Add, SOON).await, Ok(2));
    });
}

#[test]
fn the_pause_doubles_up_to_its_bound() {
    run(async {
        let budget = Budget {
            restarts: 5,
            within: Duration::from_secs(30),
            pause_min: Duration::from_secs(1),
            pause_max: Duration::from_secs(3),
        };
        let Setup { address, exits: _exits, .. } = setup(budget, false);
        for pause in [1, 2, 3, 3] {
            let began = Instant::now();
            tell(&address, Crash);
            assert_eq!(ask(&address, Add, SOON).await, Ok(1));
            assert_eq!(began.elapsed().as_secs(), pause);
        }
    });
}

#[test]
fn the_budget_counts_only_what_is_recent_and_then_gives_up() {
    run(async {
        let budget = Budget { restarts: 2, within: Duration::from_secs(30), ..Budget::default() };
        let Setup { address, mut exits, starts } = setup(budget, false);
        for _ in 0..5 {
            tell(&address, Crash);
            assert_eq!(ask(&address, Add, SOON).await, Ok(1));
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
        let before = starts.get();
        while exits.try_recv().is_ok() {}
        for _ in 0..3 {
            tell(&address, Crash);
        }
        let lost = ask(&address, Add, SOON).await;
        assert_eq!(lost, Err(AskError::Closed));
        let mut last = None;
        while let Ok(exit) = exits.try_recv() {
            last = Some(exit);
        }
        assert!(matches!(last, Some(Exit::GaveUp { child: "counter", .. })), "{last:?}");
        assert!(!address.addr().connected());
        // The value that is put away is not started once more.
        assert_eq!(starts.get(), before + 2);
    });
}

#[test]
fn a_second_panic_while_being_put_away_does_not_abort() {
    run(async {
        let budget = Budget { restarts: 0, ..Budget::default() };
        let Setup { address, mut exits, .. } = setup(budget, true);
        tell(&address, Crash);
        assert!(matches!(exits.recv().await, Some(Exit::GaveUp { .. })));
        assert_eq!(ask(&address, Add, SOON).await, Err(AskError::Closed));
    });
}

#[test]
fn a_value_that_cannot_be_replaced_never_works_again() {
    run(async {
        let Setup { address, exits: _exits, starts } = start(Budget::default(), false, 2);
        assert_eq!(ask(&address, Add, SOON).await, Ok(1));
        tell(&address, Crash);
        assert_eq!(ask(&address, Add, SOON).await, Ok(1), "the dirty value was asked");
        assert_eq!(starts.get(), 2);
    });
}

#[test]
fn what_waits_in_a_mailbox_is_counted_and_so_is_what_was_lost_with_it() {
    run(async {
        let budget = Budget { restarts: 0, ..Budget::default() };
        let Setup { address, exits: _exits, .. } = setup(budget, false);
        let asks: Vec<_> = (0..3).map(|_| ask(&address, Add, SOON)).collect();
        let mut asks = Box::pin(futures::future::join_all(asks));
        assert!(futures::poll!(&mut asks).is_pending());
        assert_eq!(address.mailbox(), Mailbox { len: 3, bound: 8 });
        asks.await;
        assert_eq!(address.mailbox().len, 0);
        // The second and third vanish with the mailbox.
        (0..3).for_each(|_| tell(&address, Crash));
        assert_eq!(address.mailbox().len, 3);
        assert_eq!(ask(&address, Add, SOON).await, Err(AskError::Closed));
        assert_eq!(address.mailbox().len, 0);
    });
}

#[test]
fn a_full_mailbox_is_an_answer() {
    run(async {
        let Setup { address, exits: _exits, .. } = setup(Budget::default(), false);
        // Nothing is polled between these: the mailbox fills up.
        let asks: Vec<_> = (0..20).map(|_| ask(&address, Add, SOON)).collect();
        let answers = futures::future::join_all(asks).await;
        let full = answers.iter().filter(|answer| **answer == Err(AskError::Full)).count();
        let served = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!((8..=10).contains(&served), "{answers:?}");
        assert_eq!(full + served, 20);
    });
}

#[test]
fn wake_ups_do_not_grow_a_full_mailbox() {
    run(async {
        let Setup { address, exits: _exits, .. } = setup(Budget::default(), false);
        for _ in 0..20 {
            tell(&address, Crash);
        }
        assert_eq!(address.mailbox(), Mailbox { len: 8, bound: 8 });
    });
}

#[test]
fn panics_unwind_in_every_profile() {
    const { assert!(cfg!(panic = "unwind")) };
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for manifest in ["Cargo.toml", "actors/Cargo.toml", ".cargo/config.toml"] {
        let Ok(text) = std::fs::read_to_string(root.join(manifest)) else {
            assert_eq!(manifest, ".cargo/config.toml", "{manifest} is not there");
            continue;
        };
        let settings = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let aborts =
            settings.filter(|line| line.replace(' ', "").contains("panic=\"abort")).count();
        assert_eq!(aborts, 0, "{manifest} sets a panic strategy");
    }
}
