//! What it costs that every transaction of a node begins with its fence: the same commits on the same
//! PostgreSQL with and without, in turns. Needs AISHA_TEST_POSTGRES_URL (see `scripts/servers/postgres`).
//!
//!     AISHA_TEST_POSTGRES_URL=postgres://… cargo bench --bench fence

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that cannot run has failed"
)]

#[path = "../tests/support/postgres.rs"]
mod own;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aisha::{
    db::{
        Database, Limits, Server, Target, migrations,
        nodes::{Known, Wish},
    },
    world::SystemClock,
};
use aisha_actors::{
    domain::{
        change::{Change, Changes},
        id::UserId,
        lane::LaneSet,
        person::Profile,
        time::Timestamp,
    },
    port::Records,
};
use futures::future::join_all;

/// Pairs of measurements; what is told is their medians.
const ROUNDS: usize = 21;

const USERS: i64 = 64;

/// Commits of each measurement, for one user after the other, and of many at once.
const ALONE: i64 = 100;
const TOGETHER: i64 = 30;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let place = own::OwnDatabase::make().await;
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Server { url: place.url(), folder: folder.path().to_owned(), limits: Limits::default() };
    let target = Target::Server(server);
    migrations::up(&target).await.expect("a schema");
    let open = async || Database::open(&target, Arc::new(SystemClock)).await.expect("a database");
    let (free, fenced) = (open().await, open().await);
    for user in 0..USERS {
        let profile = Profile {
            id: UserId(user),
            first_name: "Ann".to_owned(),
            username: None,
            language_code: None,
        };
        commit(&free, user, Change::Register { profile, at: Timestamp(1) }).await;
    }
    let lease = Duration::from_secs(3600);
    let (version, address) = ("bench".to_owned(), "nowhere".to_owned());
    let known = Known { id: uuid::Uuid::new_v4(), lease, version, address };
    let node = fenced.join(known, false).await.expect("it joins").expect("a server");
    node.claim(Wish { polls: false, drains: false }, LaneSet::NONE).await.expect("lanes");

    println!("µs per commit, medians of {ROUNDS} rounds in turns");
    for (name, measure) in [("one at a time", false), ("64 users at once", true)] {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            // Neither is always the first: what one leaves behind, the next one finds.
            let (one, two);
            if round % 2 == 0 {
                one = measured(&free, measure).await;
                two = measured(&fenced, measure).await;
            } else {
                two = measured(&fenced, measure).await;
                one = measured(&free, measure).await;
            }
            // The first round fills caches.
            if round > 0 {
                without.push(one);
                with.push(two);
            }
        }
        let (without, with) = (median(without), median(with));
        let more = (with / without - 1.0) * 100.0;
        println!("{name:<18} without {without:7.1}   with {with:7.1}   {more:+.1} %");
    }
}

async fn commit(database: &Database, user: i64, change: Change) {
    let changes = Changes::new(UserId(user), vec![change]);
    database.commit_one(changes).await.expect("a store").expect("stored");
}

/// Microseconds per commit.
async fn measured(database: &Database, together: bool) -> f64 {
    let begun = Instant::now();
    let commits = if together {
        for round in 0..TOGETHER {
            let set = |user| commit(database, user, Change::SetStopped(round % 2 == 0));
            join_all((0..USERS).map(set)).await;
        }
        TOGETHER * USERS
    } else {
        for round in 0..ALONE {
            commit(database, round % USERS, Change::SetStopped(round % 2 == 0)).await;
        }
        ALONE
    };
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(commits).unwrap())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
