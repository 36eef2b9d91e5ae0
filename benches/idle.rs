//! What it costs that somebody is there: memory and start of idle user actors.
//!
//! Not a matter for criterion's statistics: 100 000 of them are started once, and the resident memory
//! of the process is read before and after.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot run has failed; what it finds is printed"
)]

mod support;

use std::time::{Duration, Instant};

use aisha_actors::{
    domain::{
        change::{Change, Changes},
        time::Timestamp,
        update::Input,
    },
    port::Records,
};
use futures::{StreamExt, stream};

use support::{Below, Home, Thread, profile, turn};

const ACTORS: u32 = 100_000;
const FIRST: i64 = 1_000_000;
/// People in one commit.
const BATCH: u32 = 1_000;

/// Turns under way at the same time: they share commits.
const AT_ONCE: usize = 256;
/// Of memory, in bytes. Linux on the usual machines.
const PAGE: u64 = 4096;

/// The resident memory of this process in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux's statm");
    let pages = text.split(' ').nth(1).and_then(|word| word.parse::<u64>().ok());
    pages.expect("a number of pages") * PAGE
}

fn say(what: &str, memory: u64, time: Duration) {
    let each = f64::from(ACTORS);
    println!(
        "idle: {what}: {:.0} bytes and {:.2} us each, {:.1} MB and {time:.2?} in all",
        memory as f64 / each,
        time.as_secs_f64() * 1e6 / each,
        memory as f64 / 1e6,
    );
}

async fn register(home: &Home) {
    for from in (0..ACTORS).step_by(BATCH as usize) {
        let people = (from..from + BATCH).map(|index| {
            let (profile, at) = (profile(FIRST, index), Timestamp(1));
            Changes::new(profile.id, vec![Change::Register { profile, at }])
        });
        let answers = home.database.commit(people.collect()).await.expect("a store");
        assert!(answers.iter().all(Result::is_ok));
    }
}

fn main() {
    let thread = Thread::new();
    let home = thread.run(Home::new());
    thread.run(async {
        register(&home).await;
        let below = Below::start(&home);
        // The first one pays for what all share.
        let warm = below.gallery(profile(FIRST, 0).id);
        turn(&warm, profile(FIRST, 0), help()).await;

        let (before, begun) = (resident(), Instant::now());
        let mut galleries = Vec::with_capacity(ACTORS as usize);
        for index in 0..ACTORS {
            galleries.push(below.gallery(profile(FIRST, index).id));
        }
        // Each has started when the thread comes by again.
        tokio::task::yield_now().await;
        let born = resident();
        say("born, not spoken to", born.saturating_sub(before), begun.elapsed());

        let begun = Instant::now();
        let turns = (0..ACTORS).zip(&galleries).map(|(index, gallery)| async move {
            turn(gallery, profile(FIRST, index), help()).await;
        });
        stream::iter(turns).buffer_unordered(AT_ONCE).collect::<()>().await;
        say("after a turn of each", resident().saturating_sub(before), begun.elapsed());
    });
}

/// A turn that shows words and is no gallery.
fn help() -> Input {
    Input::Command { name: "help".to_owned(), argument: String::new() }
}
