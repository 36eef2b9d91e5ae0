//! The shared pacing decides as the pure one does; wake-ups and freezes reach other processes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aisha_actors::{
    domain::id::UserId,
    port::{Urgency, Wake},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use redis::cmd;
use tokio::sync::mpsc;

use super::{
    pacing::{Ask, read_freeze},
    *,
};
use crate::{
    redis::{
        Link,
        testing::Server,
        tests::{patient, shared},
    },
    telegram::pace::{Gate, Pace, Settings, Shared, Verdict},
};

#[derive(Debug, Clone, Copy)]
enum Step {
    Admit(i64, Urgency),
    AdmitToAll(i64),
    /// None: everything.
    Limited(Option<i64>, u64),
}

fn steps() -> impl Strategy<Value = Vec<(Step, u64)>> {
    let urgency = prop_oneof![3 => Just(Urgency::Owed), 1 => Just(Urgency::Progress)];
    let step = prop_oneof![
        12 => (0i64..4, urgency).prop_map(|(chat, urgency)| Step::Admit(chat, urgency)),
        3 => (0i64..4).prop_map(Step::AdmitToAll),
        1 => (prop_oneof![1 => Just(None), 5 => (0i64..4).prop_map(Some)], 1u64..9000)
            .prop_map(|(chat, ms)| Step::Limited(chat, ms)),
    ];
    let pause = prop_oneof![8 => 0u64..400, 2 => 400u64..5000, 1 => 60_000u64..200_000];
    proptest::collection::vec((step, pause), 1..120)
}

fn same(one: Verdict, two: Verdict) -> bool {
    let near = |one: Duration, two: Duration| one.abs_diff(two) < Duration::from_micros(50);
    match (one, two) {
        (Verdict::Go(one), Verdict::Go(two))
        | (Verdict::OwnTurn(one), Verdict::OwnTurn(two))
        | (Verdict::Refused(one), Verdict::Refused(two)) => near(one, two),
        _ => false,
    }
}

/// One sequence of calls, decided by both; time is what the steps say.
async fn compare(link: &Link, bot: String, steps: &[(Step, u64)]) {
    let settings = Settings { rate_start: 20.0, rate_max: 40.0, ..Settings::default() };
    let pacing = Pacing::new(link.clone(), bot, settings);
    let (start, began) = (Instant::now(), 1_000_000_000_i64);
    let (mut pure, mut passed) = (Pace::new(settings, start), 0);
    for (number, (step, pause)) in (0..).zip(steps) {
        // Both begin with the first step.
        passed += if number == 0 { 0 } else { *pause };
        let now = start + Duration::from_millis(passed);
        let at = Some(began + i64::try_from(passed * 1000).unwrap());
        let (mine, theirs) = match *step {
            Step::Admit(chat, urgency) => {
                let ask = if urgency == Urgency::Owed { Ask::Owed } else { Ask::Progress };
                let chat = Some(UserId(chat));
                (pure.admit(chat, urgency, now), pacing.ask(ask, chat, at).await.unwrap())
            }
            Step::AdmitToAll(chat) => {
                let chat = Some(UserId(chat));
                (pure.admit_to_all(chat, now), pacing.ask(Ask::All, chat, at).await.unwrap())
            }
            Step::Limited(chat, ms) => {
                let (chat, rest) = (chat.map(UserId), Duration::from_millis(ms));
                pure.limited(chat, rest, now);
                let done = pacing.ask(Ask::Limited(rest), chat, at).await.unwrap();
                (Verdict::Go(Duration::ZERO), done)
            }
        };
        assert!(same(mine, theirs), "{step:?} at {passed} ms: {mine:?} and {theirs:?}\n{steps:?}");
    }
}

#[tokio::test]
async fn redis_decides_as_one_process_would() {
    let (link, _client) = shared().await;
    let mut runner = TestRunner::default();
    for case in 0..60 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        compare(&link, format!("{case:012x}"), &steps).await;
    }
    link.close().await;
}

fn strict() -> Settings {
    // So slow that a second call at once is never free, however slow the test is.
    let owed_every = Duration::from_secs(3600);
    Settings { owed_every, owed_burst: 2, wait_max: Duration::from_secs(10), ..Settings::default() }
}

#[tokio::test]
async fn two_nodes_share_a_chats_rhythm_and_two_bots_do_not() {
    let (link, mut client) = shared().await;
    let node = |bot: &str| Pacing::new(link.clone(), bot_word(bot), strict());
    let (one, two, other) = (node("1:a"), node("1:b"), node("2:a"));
    let chat = UserId(7);
    assert!(matches!(one.admit(chat, Urgency::Owed).await, Some(Verdict::Go(_))));
    assert!(matches!(two.admit(chat, Urgency::Owed).await, Some(Verdict::Go(_))));
    assert!(matches!(one.admit(chat, Urgency::Owed).await, Some(Verdict::Refused(_))));
    assert!(matches!(two.admit(chat, Urgency::Owed).await, Some(Verdict::Refused(_))));
    assert!(matches!(two.admit(UserId(8), Urgency::Owed).await, Some(Verdict::Go(_))));
    assert!(matches!(other.admit(chat, Urgency::Owed).await, Some(Verdict::Go(_))));
    // Garbage under its names does not stop it.
    let names: Vec<String> = cmd("KEYS").arg(pacing_pattern(None)).query(&mut client).unwrap();
    assert!(names.len() >= 5 && names.iter().all(|name| is_pacing_key(name)), "{names:?}");
    for name in &names {
        let left: i64 = cmd("PTTL").arg(name).query(&mut client).unwrap();
        assert!(left > 0, "{name} lives for ever");
        cmd("SET").arg(name).arg("garbage").query::<()>(&mut client).unwrap();
    }
    assert!(matches!(one.admit(chat, Urgency::Owed).await, Some(Verdict::Go(_))));
    link.close().await;
}

#[tokio::test]
async fn what_telegram_said_to_one_node_is_obeyed_by_all() {
    let (link, _client) = shared().await;
    let node = || {
        let pacing = Pacing::new(link.clone(), bot_word("1:a"), strict());
        let gate = Arc::new(Gate::new(strict(), Some(Arc::new(pacing.clone()))));
        (pacing, gate)
    };
    let ((_one, here), (two, there)) = (node(), node());
    two.tell(&there);
    listening(&link, 1).await;
    here.limited(Some(UserId(7)), Duration::from_secs(600));
    // Also answers to people, which never ask Redis, wait for the chat.
    until(|| async { there.pass(Some(UserId(7)), Urgency::Reply, false).await.is_err() }).await;
    assert!(there.pass(Some(UserId(8)), Urgency::Reply, false).await.is_ok());
    here.limited(None, Duration::from_secs(600));
    until(|| async { there.pass(None, Urgency::Reply, false).await.is_err() }).await;
    // A node that is started now finds it out.
    let (three, late) = node();
    three.tell(&late);
    until(|| async { late.pass(None, Urgency::Reply, false).await.is_err() }).await;
    link.close().await;
}

/// Waits until so many listen on some channel of ours.
async fn listening(link: &Link, count: usize) {
    until(|| async {
        let names: Vec<String> =
            link.query(cmd("PUBSUB").arg("CHANNELS").arg("aisha:*")).await.unwrap();
        names.len() >= count
    })
    .await;
}

async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let waiting = async {
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        while !is_so().await {
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it never came to be so");
}

#[tokio::test]
async fn without_redis_a_node_paces_alone() {
    let mut server = Server::start();
    let link = Link::open(patient(&server.url())).unwrap();
    link.until_up_anew().await;
    let pacing = Pacing::new(link.clone(), bot_word("1:a"), strict());
    let gate = Gate::new(strict(), Some(Arc::new(pacing.clone())));
    let chat = Some(UserId(7));
    assert!(gate.pass(chat, Urgency::Owed, false).await.is_ok());
    server.kill();
    // What was sent while Redis was there counts.
    assert!(gate.pass(chat, Urgency::Owed, false).await.is_ok());
    assert!(gate.pass(chat, Urgency::Owed, false).await.is_err());
    assert_eq!(pacing.admit(UserId(8), Urgency::Owed).await, None);
    gate.limited(Some(UserId(9)), Duration::from_secs(600));
    assert!(gate.pass(Some(UserId(9)), Urgency::Reply, false).await.is_err());
    link.close().await;
}

#[tokio::test]
async fn a_process_wakes_the_others_and_not_itself() {
    let (link, _client) = shared().await;
    let (one, two) = (Wakes::new(link.clone(), "house"), Wakes::new(link.clone(), "house"));
    let elsewhere = Wakes::new(link.clone(), "another");
    let (told, mut heard) = mpsc::unbounded_channel();
    two.listen(move |wake| _ = told.send(wake));
    // What may have been missed before.
    assert_eq!(heard.recv().await, Some(Wake::ParcelsAdded));
    assert_eq!(heard.recv().await, Some(Wake::RowsChanged));
    assert_eq!(two.tell_now(Wake::ParcelsAdded).await, Ok(1));
    assert_eq!(elsewhere.tell_now(Wake::ParcelsAdded).await, Ok(0));
    assert_eq!(one.tell_now(Wake::UpdatesAdded).await, Ok(1));
    assert_eq!(heard.recv().await, Some(Wake::UpdatesAdded));
    aisha_actors::port::Wakes::tell(&one, Wake::RowsChanged);
    assert_eq!(heard.recv().await, Some(Wake::RowsChanged));
    link.close().await;
}

#[test]
fn a_bots_word_tells_neither_its_number_nor_its_secret() {
    assert_eq!(bot_word("123456:CANARY"), bot_word("123456:another"));
    assert_ne!(bot_word("123456:CANARY"), bot_word("123457:CANARY"));
    assert!(!bot_word("123456:CANARY").contains("123456"));
}

#[test]
fn only_the_pacings_own_names_are_taken_for_its() {
    for name in ["aisha:pace:{0af}:all", "aisha:pace:{0af}:chat:-7", "aisha:pace:{0af}:limited"] {
        assert!(is_pacing_key(name), "{name}");
    }
    for name in
        ["aisha:pace:", "aisha:pace:{0af}", "aisha:pace:{0af}:chat:x", "x", "aisha:pace:{x}:all"]
    {
        assert!(!is_pacing_key(name), "{name}");
    }
    assert_eq!(read_freeze("chat 7 x"), None);
    assert_eq!(read_freeze("everything"), None);
}
