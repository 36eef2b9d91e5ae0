//! `kill -9` of the bot at random moments under 50 simulated people: nothing is lost or doubled.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{sync::watch, task::JoinSet};

use super::{
    house::{FAST, House, seed},
    oracle::{Figures, Witness, judge},
    person::Person,
    program::Program,
};

const PEOPLE: i64 = 50;
const FIRST_PERSON: i64 = 7_001;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_by_20_kills() {
    survives(House::new(FAST).await, 20).await;
}

/// Fewer: what is kept is kept by the same queries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_by_6_kills_on_postgres() {
    survives(House::on_postgres(FAST).await, 6).await;
}

async fn survives(house: House, kills: usize) {
    let seed = seed();
    let began = Instant::now();
    let (mut sandbox, info) = house.sandbox();

    let (stop, stopped) = watch::channel(false);
    let mut people = JoinSet::new();
    for id in FIRST_PERSON..FIRST_PERSON + PEOPLE {
        let person = Person::new(info.chat(id), seed ^ id.unsigned_abs());
        people.spawn(person.live(stopped.clone()));
    }

    let mut dice = StdRng::seed_from_u64(seed);
    let mut recoveries = Vec::new();
    for _ in 0..kills {
        let (bot, recovery) = restarted(&house, &info).await;
        recoveries.push(recovery);
        assert_eq!(sandbox.ended(), None, "the stand-ins stay");
        let life = Duration::from_secs_f64(dice.random_range(0.05..2.5));
        tokio::time::sleep(life).await;
        bot.kill();
    }
    let (bot, recovery) = restarted(&house, &info).await;
    recoveries.push(recovery);
    stop.send(true).expect("people listen");
    let mut done = Vec::new();
    while let Some(one) = people.join_next().await {
        done.push(one.expect("no person panicked"));
    }
    let acted = began.elapsed();
    let settled = house.rows().settle().await;

    let mut witnesses = Vec::new();
    for (chat, done) in done {
        let view = chat.view().await;
        witnesses.push(Witness { chat, done, view });
    }
    let figures = judge(&house, &info, &witnesses, kills).await;
    let (status, stopping) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
    tell(&figures, recoveries, acted, settled, stopping);
}

async fn restarted(house: &House, info: &super::house::Info) -> (Program, Duration) {
    let mut bot = Program::start(&mut house.bot(info));
    let recovery = house.ready(&mut bot).await;
    assert!(recovery < Duration::from_secs(10), "ready after {recovery:?}");
    (bot, recovery)
}

fn tell(
    figures: &Figures,
    mut recoveries: Vec<Duration>,
    acted: Duration,
    settled: Duration,
    stopping: Duration,
) {
    recoveries.sort_unstable();
    let (median, worst) = (recoveries[recoveries.len() / 2], recoveries[recoveries.len() - 1]);
    println!("{figures}");
    println!("ready after a kill: median {median:?}, worst {worst:?} (goal: 3 s)");
    println!("acted {acted:?}, settled after {settled:?}, stopped in {stopping:?}");
}
