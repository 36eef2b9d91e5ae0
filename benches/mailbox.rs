//! What it costs to talk to a supervised actor: a question with its answer, and an event.

#![expect(clippy::expect_used, reason = "a bench that cannot run has failed")]

use std::{cell::Cell, hint::black_box, rc::Rc, time::Duration};

use actix::{Actor, Context, Handler, Supervised};
use aisha_actors::{
    address::Address,
    ask::{Ask, Request, Told, ask, tell},
    supervisor::{Budget, supervise},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::future::join_all;
use tokio::sync::mpsc::unbounded_channel;

const CALLERS: u64 = 64;
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds up what it is told.
struct Adder(Rc<Cell<u64>>);

impl Actor for Adder {
    type Context = Context<Self>;
}

impl Supervised for Adder {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        self.0 = Rc::default();
    }
}

struct GetSum(u64);

impl Request for GetSum {
    type Reply = u64;
}

struct Added(u64);

impl Handler<Ask<GetSum>> for Adder {
    type Result = ();

    fn handle(&mut self, ask: Ask<GetSum>, _ctx: &mut Self::Context) {
        let (GetSum(more), reply) = ask.split();
        reply.send(self.0.get() + more);
    }
}

impl Handler<Told<Added>> for Adder {
    type Result = ();

    fn handle(&mut self, told: Told<Added>, _ctx: &mut Self::Context) {
        let Added(more) = told.open();
        self.0.set(self.0.get().wrapping_add(more));
    }
}

async fn question(adder: &Address<Adder>, more: u64) -> u64 {
    ask(adder, GetSum(more), PATIENCE).await.expect("an answer")
}

fn mailbox(criterion: &mut Criterion) {
    let thread = actix::System::new();
    let sum: Rc<Cell<u64>> = Rc::default();
    let (exits, _heard) = unbounded_channel();
    let adder = thread.block_on(async {
        let sum = sum.clone();
        supervise("adder", Budget::default(), 1024, exits, move || Adder(sum))
    });

    let mut group = criterion.benchmark_group("mailbox");
    group.throughput(Throughput::Elements(1));
    group.bench_function("ask, 1 caller", |bench| {
        bench.iter_custom(|times| {
            thread.block_on(async {
                let begun = std::time::Instant::now();
                for n in 0..times {
                    black_box(question(&adder, n).await);
                }
                begun.elapsed()
            })
        });
    });
    group.throughput(Throughput::Elements(CALLERS));
    group.bench_function("ask, 64 callers at once", |bench| {
        bench.iter_custom(|times| {
            thread.block_on(async {
                let begun = std::time::Instant::now();
                for _ in 0..times {
                    black_box(join_all((0..CALLERS).map(|n| question(&adder, n))).await);
                }
                begun.elapsed()
            })
        });
    });
    // One question at the end makes sure that all events were taken.
    let before = sum.get();
    let mut sent = 0;
    group.bench_function("tell, 64 events and 1 question", |bench| {
        bench.iter_custom(|times| {
            sent += times * CALLERS;
            thread.block_on(async {
                let begun = std::time::Instant::now();
                for _ in 0..times {
                    for _ in 0..CALLERS {
                        tell(&adder, Added(1));
                    }
                    black_box(question(&adder, 0).await);
                }
                begun.elapsed()
            })
        });
    });
    assert_eq!(sum.get() - before, sent, "no event was lost");
    group.finish();
}

criterion_group!(benches, mailbox);
criterion_main!(benches);
