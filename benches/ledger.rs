//! What it costs to set credits aside for a generation and to spend them: through the ledger's actor
//! and the real store, committed to disk, and as the bare rule.

#![expect(clippy::expect_used, reason = "a bench that cannot run has failed")]

mod support;

use std::{cell::Cell, hint::black_box, time::Instant};

use aisha_actors::{
    address::Address,
    ask::ask,
    domain::{
        catalogue::Model,
        change::{Change, Changes},
        generation::{Generation, Order, State},
        id::{GenerationId, IntentId, UserId},
        ledger::{Account, Credits, Entry},
        time::Timestamp,
    },
    ledger::{self, CaptureHold, PlaceHold},
    port::{Clock, Records},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::future::join_all;

use support::{Below, Home, PATIENCE, Thread, profile};

const USERS: u32 = 64;
const FIRST: i64 = 1_000_000;
const CREDITS: Credits = Credits(1_000_000_000_000);
const PRICE: Credits = Credits(4);

async fn register(home: &Home) {
    for index in 0..USERS {
        let profile = profile(FIRST, index);
        let (user, at) = (profile.id, Timestamp(1));
        let (reason, by) = ("bench".to_owned(), "bench".to_owned());
        let grant = Entry::by_operator(user, CREDITS, reason, by, &format!("bench/{user}"), at);
        let list = vec![Change::Register { profile, at }, Change::Book(grant)];
        let answers = home.database.commit(vec![Changes::new(user, list)]).await;
        answers.expect("a store").into_iter().for_each(|answer| {
            answer.expect("registered");
        });
    }
}

fn generation(user: UserId, intent: u64, model: &Model, now: Timestamp) -> Generation {
    let order = Order {
        model: model.id.clone(),
        prompt: "a quiet lake in the mountains".to_owned(),
        ratio: "1:1".to_owned(),
        resolution: None,
        count: 1,
        seed: 7,
        price: PRICE,
    };
    Generation {
        id: GenerationId::derive(user, IntentId(intent)),
        user,
        order,
        state: State::Reserved,
        message: None,
        ticket: None,
        submits: 0,
        attempts: 0,
        failure: None,
        captured: 0,
        created_at: now,
        submitted_at: None,
        finished_at: None,
        deadline_at: now.plus(model.deadline),
    }
}

/// Makes a generation, holds its price, and spends it: two commits that the asker waits for.
async fn pay(ledger: &Address<ledger::Actor>, generation: Generation) {
    let (user, id) = (generation.user, generation.id);
    let hold = PlaceHold { generation: Box::new(generation), also: Vec::new() };
    ask(ledger, hold, PATIENCE).await.expect("an answer").expect("a hold");
    let capture = CaptureHold { user, generation: id, amount: PRICE, also: Vec::new() };
    ask(ledger, capture, PATIENCE).await.expect("an answer").expect("a capture");
}

fn through_the_actor(criterion: &mut Criterion) {
    let thread = Thread::new();
    let home = thread.run(Home::new());
    let below = thread.run(async { Below::start(&home) });
    thread.run(register(&home));
    let model = home.model();
    let paid = Cell::new(0);
    let next = |index: u32| {
        paid.set(paid.get() + 1);
        let user = UserId(FIRST + i64::from(index));
        generation(user, paid.get(), &model, aisha::world::SystemClock.now())
    };

    let mut group = criterion.benchmark_group("ledger, hold and capture on SQLite");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1));
    group.bench_function("1 user", |bench| {
        bench.iter_custom(|times| {
            thread.run(async {
                let begun = Instant::now();
                for _ in 0..times {
                    pay(&below.ledger, next(0)).await;
                }
                begun.elapsed()
            })
        });
    });
    group.throughput(Throughput::Elements(u64::from(USERS)));
    group.bench_function("64 users at once", |bench| {
        bench.iter_custom(|times| {
            thread.run(async {
                let begun = Instant::now();
                for _ in 0..times {
                    join_all((0..USERS).map(|index| pay(&below.ledger, next(index)))).await;
                }
                begun.elapsed()
            })
        });
    });
    group.finish();

    let spent = thread.run(async {
        let mut spent = 0;
        for index in 0..USERS {
            let user = UserId(FIRST + i64::from(index));
            let account = home.database.account(user).await.expect("a store");
            assert_eq!(account.held, Credits(0), "every hold came to its end");
            spent += account.debited.0;
        }
        spent
    });
    assert_eq!(spent.unsigned_abs(), paid.get() * PRICE.0.unsigned_abs(), "all was spent, once");
}

fn the_bare_rule(criterion: &mut Criterion) {
    let (user, at) = (UserId(FIRST), Timestamp(1));
    let id = GenerationId::derive(user, IntentId(1));
    let hold = Entry::hold(user, id, PRICE, at);
    let capture = Entry::capture(user, id, PRICE, at);
    let account = Account { credited: CREDITS, ..Account::default() };
    criterion.bench_function("ledger, hold and capture by Account::apply", |bench| {
        bench.iter(|| {
            let (held, open) = black_box(account).apply(None, black_box(&hold)).expect("a hold");
            held.apply(open, black_box(&capture)).expect("a capture")
        });
    });
}

criterion_group!(benches, through_the_actor, the_bare_rule);
criterion_main!(benches);
