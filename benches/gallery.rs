//! One turn of a gallery: a press of "older" or "newer" taken by the user's actor over the real store,
//! its commit to disk included. With 10 and with 100 000 pictures: the cost must not grow.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench that cannot run has failed; what it finds is printed"
)]

mod support;

use std::time::{Duration, Instant};

use actix::Addr;
use aisha::app::seed;
use aisha_actors::{
    domain::{
        action::{Action, Press},
        id::{MessageId, PictureId},
        person::Profile,
        picture::Selection,
        update::{Input, Pressed},
        view::{Does, Reply, Show, View},
    },
    gallery,
    port::{Reach, Records},
};
use criterion::{Criterion, criterion_group, criterion_main};

use support::{Below, Home, Thread, profile, turn};

const SMALL: u32 = 10;
const LARGE: u32 = 100_000;
/// The first person of each size; each bench is another person.
const SMALL_FIRST: i64 = 1_000_000;
const LARGE_FIRST: i64 = 2_000_000;
/// So far a walk goes before it turns back: many times what is read at once, and more than is kept.
const FAR: u32 = 400;

/// Somebody who walks through their gallery, to one end and back.
struct Walker {
    who: Profile,
    gallery: Addr<gallery::Actor>,
    older: Option<Press>,
    newer: Option<Press>,
    back: bool,
    steps: u32,
}

impl Walker {
    /// Opens the gallery at its newest picture.
    async fn new(below: &Below, who: Profile) -> Self {
        let gallery = below.gallery(who.id);
        let (older, newer, back, steps) = (None, None, false, 0);
        let mut walker = Self { who, gallery, older, newer, back, steps };
        let input = Input::Command { name: "gallery".to_owned(), argument: String::new() };
        walker.take(input).await;
        assert!(walker.older.is_some(), "there is an older picture");
        walker
    }

    async fn take(&mut self, input: Input) {
        let Reply { show, .. } = turn(&self.gallery, self.who.clone(), input).await;
        let Some(Show::Edit { view, .. } | Show::New(view)) = show else { panic!("no card") };
        self.older = button(&view, |action| matches!(action, Action::Older(_)));
        self.newer = button(&view, |action| matches!(action, Action::Newer(_)));
    }

    /// One press of an arrow.
    async fn step(&mut self) {
        if self.steps == FAR || (if self.back { &self.newer } else { &self.older }).is_none() {
            (self.back, self.steps) = (!self.back, 0);
        }
        let press = if self.back { self.newer.take() } else { self.older.take() };
        self.steps += 1;
        let press = Some(press.expect("an arrow"));
        let (query, message) = ("1".to_owned(), Some(MessageId(7)));
        self.take(Input::Pressed(Pressed { query, message, has_media: true, press })).await;
    }
}

fn button(view: &View, wanted: fn(&Action) -> bool) -> Option<Press> {
    view.buttons.iter().flatten().find_map(|button| match &button.does {
        Does::Press(press) if wanted(&press.action) => Some(press.clone()),
        _ => None,
    })
}

/// Walks, and gives the time that all turns took.
async fn walk(walker: &mut Walker, turns: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..turns {
        walker.step().await;
    }
    begun.elapsed()
}

/// The times of single turns on one long walk: their median and the slowest hundredth.
async fn spread(walker: &mut Walker, turns: u32) -> (Duration, Duration) {
    let mut times = Vec::new();
    for _ in 0..turns {
        times.push(walk(walker, 1).await);
    }
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().expect("times");
    (at(50), at(99))
}

/// The picture at a depth of the gallery.
async fn picture_at(home: &Home, who: &Profile, depth: usize) -> PictureId {
    let all = Selection::default();
    let cards = home.database.cards(who.id, &all, Reach::Newest, depth).await.expect("cards");
    cards.last().expect("a card").place.picture()
}

/// A press under an old card after a restart: the actor is born, and finds the card's place again.
async fn cold(below: &Below, who: &Profile, card: PictureId) -> Duration {
    let press = Some(Press::from(Action::Older(card)));
    let (query, message) = ("1".to_owned(), Some(MessageId(7)));
    let input = Input::Pressed(Pressed { query, message, has_media: true, press });
    let gallery = below.gallery(who.id);
    let begun = Instant::now();
    turn(&gallery, who.clone(), input).await;
    begun.elapsed()
}

fn turns(criterion: &mut Criterion) {
    let thread = Thread::new();
    let home = thread.run(Home::new());
    let (small, large) = (profile(SMALL_FIRST, 0), profile(LARGE_FIRST, 0));
    thread.run(async {
        for (pictures, who) in [(SMALL, &small), (LARGE, &large)] {
            seed(&home.settings, 1, pictures, who.id.0).await.expect("people with pictures");
            let count = home.database.count(who.id, &Selection::default()).await;
            assert_eq!(count, Ok(u64::from(pictures)));
        }
    });
    let below = thread.run(async { Below::start(&home) });
    let mut few = thread.run(Walker::new(&below, small.clone()));
    let mut many = thread.run(Walker::new(&below, large.clone()));

    let mut group = criterion.benchmark_group("gallery, one turn on SQLite");
    group.sample_size(20);
    for (name, walker) in [("10 pictures", &mut few), ("100000 pictures", &mut many)] {
        group.bench_function(name, |bench| {
            bench.iter_custom(|times| thread.run(walk(walker, times)));
        });
    }
    group.finish();

    thread.run(async {
        // Turn about, so that whatever else the machine does hits both.
        let mut rounds = Vec::new();
        for _ in 0..5 {
            rounds.push((spread(&mut few, 2 * FAR).await, spread(&mut many, 2 * FAR).await));
        }
        rounds.sort_unstable_by(|(few, many), (other_few, other_many)| {
            ratio(many.0, few.0).total_cmp(&ratio(other_many.0, other_few.0))
        });
        let (few, many) = rounds.get(rounds.len() / 2).copied().expect("rounds");
        println!(
            "gallery: median of a turn {:?} with 10, {:?} with 100000 pictures: ratio {:.2}",
            few.0,
            many.0,
            ratio(many.0, few.0)
        );
        println!(
            "gallery: 99th percentile   {:?} with 10, {:?} with 100000 pictures: ratio {:.2}",
            few.1,
            many.1,
            ratio(many.1, few.1)
        );
        for (name, who, deep) in [("10", &small, 5), ("100000", &large, 50_000)] {
            let card = picture_at(&home, who, deep).await;
            let mut times = Vec::new();
            for _ in 0..21 {
                times.push(cold(&below, who, card).await);
            }
            times.sort_unstable();
            let median = times.get(times.len() / 2).copied().expect("times");
            println!("gallery: first turn after a restart, in the middle of {name}: {median:?}");
        }
    });
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

criterion_group!(benches, turns);
criterion_main!(benches);
