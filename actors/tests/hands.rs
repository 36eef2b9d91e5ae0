//! Suspects run alone, and nobody waits long for them.

use std::{collections::BTreeSet, future::pending, panic::AssertUnwindSafe, time::Duration};

use aisha_actors::{
    domain::id::{Seq, UserId},
    fake::World,
    hands::Hands,
    port::{InHand, Inbox},
};
use futures::FutureExt;
use tokio::{sync::oneshot, time::Instant};

fn item(n: i64) -> InHand {
    InHand::Update(Seq(n))
}

fn in_hand(world: &World) -> BTreeSet<InHand> {
    world.store.in_hand()
}

fn hands(world: &World) -> Hands {
    Hands::new(world.store.clone())
}

/// Lets everything that can go on go on.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_suspect_waits_for_the_others_and_they_for_it() {
    let (world, local) = (World::new(), tokio::task::LocalSet::new());
    let hands = hands(&world);
    local
        .run_until(async {
            let (let_first_go, first) = oneshot::channel::<()>();
            let (let_suspect_go, suspect) = oneshot::channel::<()>();
            let held = hands.clone();
            tokio::task::spawn_local(async move { held.hold(item(1), false, first).await });
            settle().await;
            let held = hands.clone();
            tokio::task::spawn_local(async move { held.hold(item(2), true, suspect).await });
            settle().await;
            let held = hands.clone();
            tokio::task::spawn_local(
                async move { held.hold(item(3), false, pending::<()>()).await },
            );
            settle().await;
            assert_eq!(in_hand(&world), BTreeSet::from([item(1)]));

            let_first_go.send(()).unwrap();
            settle().await;
            assert_eq!(in_hand(&world), BTreeSet::from([item(2)]), "alone");

            let_suspect_go.send(()).unwrap();
            settle().await;
            assert_eq!(in_hand(&world), BTreeSet::from([item(3)]));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_suspect_stops_nobody() {
    let world = World::new();
    let hands = hands(&world);
    let began = Instant::now();
    let slow = hands.hold(item(1), true, pending::<()>());
    let other = async {
        settle().await;
        hands.hold(item(2), false, async {}).await;
        // And another suspect gets its turn.
        hands.hold(item(3), true, async {}).await;
    };
    tokio::select! {
        () = slow => unreachable!("it never ends"),
        () = other => {}
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_panics_or_is_dropped_is_out_of_hand() {
    let world = World::new();
    let hands = hands(&world);
    for is_suspect in [false, true] {
        let panics = hands.hold(item(1), is_suspect, async { panic!("on purpose") });
        let outcome: Result<(), _> = AssertUnwindSafe(panics).catch_unwind().await;
        assert!(outcome.is_err());
        assert_eq!(in_hand(&world), BTreeSet::new());

        let hold = hands.hold(item(2), is_suspect, pending::<()>());
        assert!(tokio::time::timeout(Duration::from_secs(5), hold).await.is_err());
        assert_eq!(in_hand(&world), BTreeSet::new());
    }
    hands.hold(item(3), true, async {}).await;
    assert_eq!(in_hand(&world), BTreeSet::new(), "the room is free again");
}

#[tokio::test(start_paused = true)]
async fn a_death_with_several_in_hand_blames_none_of_them() {
    let world = World::new();
    let store = &world.store;
    let arrivals = (1..=2).map(|n| aisha_actors::fake::arrival(n, UserId(7), "/start")).collect();
    let seqs: Vec<Seq> = store.receive(arrivals).await.unwrap().into_iter().flatten().collect();
    let attempts = async || {
        let items = store.open_items(Seq(0), 9).await.unwrap();
        items.iter().map(|item| item.attempts).collect::<Vec<_>>()
    };
    let at = aisha_actors::domain::time::Timestamp(0);
    for _ in 0..5 {
        seqs.iter().for_each(|seq| store.take_in_hand(InHand::Update(*seq)));
        store.open_after_death(at).await.unwrap();
        assert_eq!(attempts().await, [1, 1]);
    }
    for _ in 0..aisha_actors::DEATHS_MAX {
        assert_eq!(attempts().await, [1, 1]);
        store.take_in_hand(InHand::Update(seqs[1]));
        store.open_after_death(at).await.unwrap();
    }
    assert_eq!(attempts().await, [1], "so many deaths of its own");
}
