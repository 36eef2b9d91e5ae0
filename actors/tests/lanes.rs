//! Two systems over the same rows: each works in its own lanes, and lanes move without a trace.

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        generation::State,
        id::UserId,
        lane::{Lane, LaneSet},
        text::Text,
    },
    fake::{World, arrival},
    lanes::OwnLanes,
    port::Ports,
    system::{Limits, System},
};

use crate::support::{Stage, limits, run, shop};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

/// A node: its actors, and the lanes that they may work in.
struct Node {
    system: System,
    own: OwnLanes,
}

fn lane_of(user: UserId) -> LaneSet {
    [Lane::of(user)].into_iter().collect()
}

async fn node(world: &World, users: &[UserId]) -> Node {
    node_with(world, users, limits()).await
}

async fn node_with(world: &World, users: &[UserId], limits: Limits) -> Node {
    let own = OwnLanes::none();
    own.set_others(true);
    users.iter().for_each(|user| own.add(lane_of(*user)));
    let ports = Ports { lanes: own.clone(), ..world.ports() };
    let arbiter = actix::Arbiter::current();
    let system = System::start(&arbiter, ports, Arc::new(shop()), limits).await.unwrap();
    Node { system, own }
}

impl Node {
    fn stage(&self, world: &World) -> Stage {
        let (shop, system) = (Arc::new(shop()), self.system.clone());
        Stage { world: world.clone(), shop, system, updates: Arc::default() }
    }

    async fn take(&self, update: i64, user: UserId, payload: &str) {
        let taken = self.system.take_updates(vec![arrival(update, user, payload)]).await;
        assert_eq!(taken, Ok(Ok(())));
    }
}

fn is_done(world: &World) -> bool {
    world.store.inbox_open() == 0
}

#[test]
fn an_update_is_worked_off_where_its_user_is_at_home() {
    run(async {
        let world = World::new();
        let (one, two) = (node(&world, &[ANN]).await, node(&world, &[BOB]).await);
        // Each takes in what is the other's, and of one's own between two of the other's intake.
        one.take(1, BOB, "cmd start").await;
        two.take(2, ANN, "cmd start").await;
        world.until("both were served", is_done).await;
        for n in 0..10 {
            let at = if n % 3 == 0 { &one } else { &two };
            at.take(10 + n, ANN, &format!("cmd imagine cat number {n}")).await;
        }
        world.until("all were served", is_done).await;
        let said = world.messenger.said(ANN);
        let told = format!("{said:?}");
        let places: Vec<usize> =
            (0..10).map(|n| told.find(&format!("cat number {n}")).unwrap()).collect();
        assert!(places.is_sorted(), "in the order in which they came: {places:?}");
        assert_eq!(one.system.traffic().await.unwrap().updates, 11);
        assert_eq!(two.system.traffic().await.unwrap().updates, 1);
    });
}

#[test]
fn a_lane_that_is_left_is_finished_first() {
    run(async {
        let world = World::new();
        let (one, two) = (node(&world, &[ANN]).await, node(&world, &[]).await);
        one.take(1, ANN, "cmd start").await;
        world.until("served", is_done).await;
        // A turn is in hand, and one waits.
        world.messenger.script.hold("show");
        one.take(2, ANN, "cmd imagine a first cat").await;
        world.until("its reply is on its way", |w| w.messenger.script.waiting("show") == 1).await;
        one.take(3, ANN, "cmd imagine a second cat").await;
        one.own.remove(lane_of(ANN));
        let leaving = one.system.leave_lanes(lane_of(ANN), Duration::from_secs(60));
        let mut leaving = std::pin::pin!(leaving);
        let soon = tokio::time::timeout(Duration::from_secs(5), leaving.as_mut()).await;
        assert!(soon.is_err(), "something is in hand");
        world.messenger.script.release("show");
        leaving.await.unwrap();
        assert_eq!(world.store.inbox_figures().0, 1, "what waits stays in the rows");
        two.own.add(lane_of(ANN));
        two.system.lanes_gained();
        world.until("the other goes on", is_done).await;
        assert_eq!(one.system.traffic().await.unwrap().updates, 2);
        assert_eq!(two.system.traffic().await.unwrap().updates, 1);
    });
}

#[test]
fn a_lane_that_is_lost_is_dropped_at_once_and_may_come_back() {
    run(async {
        let world = World::new();
        let one = node(&world, &[ANN]).await;
        one.take(1, ANN, "cmd start").await;
        world.until("served", is_done).await;
        world.messenger.script.hold("show");
        one.take(2, ANN, "cmd imagine a cat").await;
        world.until("its reply is on its way", |w| w.messenger.script.waiting("show") == 1).await;
        one.own.remove(LaneSet::ALL);
        one.system.drop_lanes(LaneSet::ALL).await.unwrap();
        assert_eq!(one.system.traffic().await.unwrap().galleries, 0);
        world.messenger.script.release("show");
        one.take(3, ANN, "cmd imagine another cat").await;
        assert_eq!(world.store.inbox_figures().0, 2, "nothing is worked off");
        one.own.add(lane_of(ANN));
        one.system.lanes_gained();
        world.until("it goes on", is_done).await;
        assert_eq!(one.system.traffic().await.unwrap().updates, 3);
    });
}

#[test]
fn a_generation_goes_on_with_the_node_that_has_its_lane() {
    run(async {
        let world = World::new();
        let one = node(&world, &[ANN]).await;
        let stage = one.stage(&world);
        world.generator.script.hold("status");
        stage.person(1).order("a cat on the moon").await;
        world.until("it is asked about", |w| w.generator.script.waiting("status") > 0).await;
        // In the middle of a step.
        one.own.remove(LaneSet::ALL);
        one.system.drop_lanes(LaneSet::ALL).await.unwrap();
        assert_eq!(one.system.load().await.unwrap().open, 0);
        world.generator.script.release("status");
        let two = node(&world, &[ANN]).await;
        let delivered = |w: &World| w.store.generations()[0].state == State::Delivered;
        world.until("the other delivers it", delivered).await;
        assert_eq!(two.system.traffic().await.unwrap().updates, 0);
        assert_eq!(world.store.breaches(), Vec::<String>::new());
    });
}

/// How many are before somebody is said of all nodes' line: here of one place, and of two who wait elsewhere.
#[test]
fn the_place_in_the_line_is_that_among_all_nodes() {
    run(async {
        let world = World::new();
        let one_place = || Limits { places: 1, ..limits() };
        let one = node_with(&world, &[ANN], one_place()).await;
        let two = node_with(&world, &[BOB], one_place()).await;
        world.generator.script.hold("status");
        let (here, there) = (one.stage(&world), two.stage(&world));
        here.person(ANN.0).order("a first cat").await;
        world.until("it has the place", |w| w.generator.script.waiting("status") > 0).await;
        there.updates.store(1000, std::sync::atomic::Ordering::Relaxed);
        there.person(BOB.0).order("a dog").await;
        there.person(BOB.0).order("another dog").await;
        here.person(ANN.0).order("a second cat").await;
        let waits = |user: UserId, before: u32| {
            // It stands within the text of the progress.
            let waiting =
                format!("{:?}", Text::new("progress-waiting").with("before", u64::from(before)));
            move |w: &World| {
                let said = w.messenger.said(user);
                said.iter().any(|one| format!("{:?}", one.view).contains(&waiting))
            }
        };
        world.until("hers is behind one who draws and both of his", waits(ANN, 3)).await;
        world.until("his is behind the one who draws", waits(BOB, 1)).await;
        world.generator.script.release("status");
        let all_done = |w: &World| {
            let all = w.store.generations();
            all.len() == 4 && all.iter().all(|row| row.state == State::Delivered)
        };
        world.until("all are delivered", all_done).await;
        assert_eq!(world.store.breaches(), Vec::<String>::new());
    });
}
