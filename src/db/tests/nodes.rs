//! Nodes over one PostgreSQL: leases, lanes, the fence, and the two traps of its locks.

use std::time::{Duration, Instant};

use aisha_actors::{
    domain::{
        change::{Change, Changes, Refusal},
        generation::State,
        id::{OutboxId, Seq, UserId},
        lane::{LANES, LaneSet},
        outbox::Parcel,
    },
    port::{InLine, Inbox, Kind, Outbox, Records},
};
use diesel_async::SimpleAsyncConnection;
use futures::FutureExt;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    Fresh, On,
    contract::{after, arrival, commit, generation, produce, register, reserve},
    own,
};
use crate::db::{
    Backend, Database,
    nodes::{Kept, Known, Node, Renewal, Wish},
    postgres::nodes::BURY,
    request::Shape,
};

/// One in the lane 1, one in the lane 2.
const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

const POLLS: Wish = Wish { polls: true, drains: false };

fn known(lease: Duration) -> Known {
    let (version, address) = ("test".to_owned(), "nowhere".to_owned());
    Known { id: Uuid::new_v4(), lease, version, address }
}

async fn joined(db: &Database) -> Node {
    db.join(known(Duration::from_secs(60)), false).await.unwrap().unwrap()
}

async fn claimed(node: &Node) -> Kept {
    node.claim(POLLS, LaneSet::NONE).await.unwrap()
}

async fn buried(node: &Node) -> usize {
    node.bury().await.unwrap()
}

/// As if nobody had renewed for long.
async fn expire(fresh: &Fresh, node: &Node) {
    let id = node.id();
    let sql = format!("UPDATE node SET until = now() - interval '1 second' WHERE id = '{id}'");
    fresh.tamper(&sql).await.unwrap();
}

fn stopped(user: UserId) -> Vec<Changes> {
    vec![Changes::new(user, vec![Change::SetStopped(true)])]
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_are_shared_out_and_nobody_writes_for_anothers() {
    let fresh = Fresh::new(On::Postgres).await;
    for user in [ANN, BOB] {
        register(&fresh.db, user, 0).await;
    }
    let first = joined(&fresh.db).await;
    let all = claimed(&first).await;
    assert_eq!((all.lanes, all.polls, all.living), (LaneSet::ALL, true, 1));

    let other = fresh.again().await;
    let second = joined(&other).await;
    let none = claimed(&second).await;
    assert_eq!((none.lanes.len(), none.polls, none.living), (0, false, 2));
    let kept = claimed(&first).await;
    assert_eq!(kept.surplus, LANES / 2);
    let given: LaneSet = kept.lanes.iter().filter(|lane| lane.0 % 2 == 0).collect();
    first.release(given).await.unwrap();
    assert_eq!(claimed(&second).await.lanes, given);
    assert_eq!(claimed(&first).await.surplus, 0);

    // Ann's lane is the first one's, Bob's is the second one's.
    assert!(fresh.db.commit(stopped(ANN)).await.unwrap()[0].is_ok());
    assert_eq!(fresh.db.commit(stopped(BOB)).await.unwrap_err().kind, Kind::Fenced);
    assert_eq!(other.commit(stopped(ANN)).await.unwrap_err().kind, Kind::Fenced);
    assert!(other.commit(stopped(BOB)).await.unwrap()[0].is_ok());

    // Any node takes updates in; each is handed out where its user is worked for.
    fresh.db.receive(vec![arrival(1, ANN), arrival(2, BOB)]).await.unwrap();
    let users = async |db: &Database| {
        let items = db.open_items(Seq(0), 9).await.unwrap();
        items.into_iter().map(|item| item.user).collect::<Vec<_>>()
    };
    assert_eq!((users(&fresh.db).await, users(&other).await), (vec![ANN], vec![BOB]));
    let owe = Change::Enqueue { parcel: Parcel::Apology, at: after(1) };
    commit(&other, BOB, vec![owe]).await;
    assert!(fresh.db.open_entries(OutboxId(0), 9).await.unwrap().is_empty());
    assert_eq!(other.open_entries(OutboxId(0), 9).await.unwrap().len(), 1);

    let listed = fresh.db.nodes().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|node| node.alive && node.lanes == LANES / 2));
    second.leave().await.unwrap();
    assert_eq!(claimed(&first).await.lanes, LaneSet::ALL);
    assert_eq!(other.commit(stopped(BOB)).await.unwrap_err().kind, Kind::Fenced);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_drains_has_no_share_as_long_as_another_does_not() {
    let fresh = Fresh::new(On::Postgres).await;
    let first = joined(&fresh.db).await;
    let drains = Wish { drains: true, ..POLLS };
    // Alone it keeps the lanes and works off what there is, but does not poll.
    assert!(claimed(&first).await.polls);
    let alone = first.claim(drains, LaneSet::NONE).await.unwrap();
    assert_eq!((alone.lanes, alone.surplus, alone.polls), (LaneSet::ALL, 0, false));

    let other = fresh.again().await;
    let second = joined(&other).await;
    assert!(claimed(&second).await.polls);
    let beside = first.claim(drains, LaneSet::NONE).await.unwrap();
    assert_eq!((beside.surplus, beside.living, beside.polls), (LANES, 2, false));
    first.release(LaneSet::ALL).await.unwrap();
    assert_eq!(first.claim(drains, LaneSet::NONE).await.unwrap().lanes, LaneSet::NONE);
    let all = claimed(&second).await;
    assert_eq!((all.lanes, all.surplus), (LaneSet::ALL, 0));
    let listed = fresh.db.nodes().await.unwrap();
    let draining = |id| listed.iter().find(|node| node.id == id).unwrap().draining;
    assert!(draining(first.id()) && !draining(second.id()));

    // If all drain they share as ever: somebody has to finish.
    let both = second.claim(drains, LaneSet::NONE).await.unwrap();
    assert_eq!(both.surplus, LANES / 2);
    assert_eq!(claimed(&second).await.surplus, 0);
    claimed(&first).await;
    assert_eq!(claimed(&second).await.surplus, LANES / 2);
    assert!(!fresh.db.nodes().await.unwrap().iter().any(|node| node.draining));
    // Another process under the same name begins anew.
    first.claim(drains, LaneSet::NONE).await.unwrap();
    let known = Known { id: first.id(), ..known(Duration::from_secs(60)) };
    fresh.db.join(known, true).await.unwrap().unwrap();
    assert!(!fresh.db.nodes().await.unwrap().iter().any(|node| node.draining));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_taken_over_writes_nothing_until_it_has_joined_again() {
    let fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 0).await;
    let mut first = joined(&fresh.db).await;
    claimed(&first).await;
    let other = fresh.again().await;
    let second = joined(&other).await;
    assert_eq!(buried(&second).await, 0, "it lives");

    expire(&fresh, &first).await;
    assert_eq!(buried(&second).await, LANES + 1);
    assert_eq!(claimed(&second).await.lanes, LaneSet::ALL);
    // It does not know yet: the fence does.
    for refused in [
        fresh.db.commit(stopped(ANN)).await.unwrap_err(),
        fresh.db.receive(vec![arrival(1, ANN)]).await.map(drop).unwrap_err(),
    ] {
        assert_eq!(refused.kind, Kind::Fenced, "{refused}");
    }
    assert!(!other.standing(ANN).await.unwrap().unwrap().person.stopped, "nothing was stored");
    assert!(other.open_items(Seq(0), 9).await.unwrap().is_empty());
    assert_eq!(first.renew(|_| ()).await.unwrap(), Renewal::Buried);

    let (id, before) = (first.id(), other.nodes().await.unwrap());
    first.rejoin().await.unwrap();
    assert_eq!(first.id(), id);
    let epoch = |list: &[crate::db::nodes::Listed]| {
        list.iter().find(|node| node.id == id).map(|node| node.epoch).unwrap()
    };
    assert!(epoch(&other.nodes().await.unwrap()) > epoch(&before));
    assert!(fresh.db.receive(vec![arrival(1, ANN)]).await.is_ok(), "intake needs no lane");
    assert_eq!(fresh.db.commit(stopped(ANN)).await.unwrap_err().kind, Kind::Fenced);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_cannot_renew_stops_by_its_own_clock_first() {
    let fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 0).await;
    let lease = Duration::from_millis(500);
    let node = fresh.db.join(known(lease), false).await.unwrap().unwrap();
    claimed(&node).await;
    let until = node.until().unwrap();
    assert!(until < Instant::now() + lease);
    tokio::time::sleep_until(until.into()).await;
    // Nobody has taken it over: still it writes nothing.
    assert_eq!(fresh.db.commit(stopped(ANN)).await.unwrap_err().kind, Kind::Fenced);
    assert_eq!(node.renew(|others| assert!(!others)).await.unwrap(), Renewal::Renewed);
    assert!(fresh.db.commit(stopped(ANN)).await.unwrap()[0].is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_taken_from_a_dead_process_only() {
    let fresh = Fresh::new(On::Postgres).await;
    let me = known(Duration::from_secs(60));
    let first = fresh.db.join(me.clone(), false).await.unwrap().unwrap();
    claimed(&first).await;
    let other = fresh.again().await;
    assert!(other.join(me.clone(), false).await.unwrap().is_none(), "it lives");
    // Its folder is locked by us: whoever had the id has ended. Its lanes are ours at once.
    let again = other.join(me, true).await.unwrap().unwrap();
    assert_eq!(again.lanes(), LaneSet::ALL);
    assert_eq!(fresh.db.receive(vec![arrival(1, ANN)]).await.unwrap_err().kind, Kind::Fenced);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_at_the_provider_are_counted_over_all_nodes() {
    let fresh = Fresh::new(On::Postgres).await;
    let other = fresh.again().await;
    register(&fresh.db, ANN, 1000).await;
    register(&fresh.db, BOB, 1000).await;
    let (mut ann, mut bob) = (generation(ANN, 1, 1), generation(BOB, 2, 1));
    (ann.state, bob.state) = (State::Reserved, State::Reserved);
    commit(&fresh.db, ANN, reserve(&ann)).await;
    commit(&fresh.db, BOB, reserve(&bob)).await;
    let submit = |id, places| {
        let (from, to) = (State::Reserved, State::Submitting);
        vec![
            Change::TakePlace { id, places },
            Change::Advance { id, from, to, with: Default::default() },
        ]
    };
    let (one, two) = tokio::join!(
        fresh.db.commit_one(Changes::new(ANN, submit(ann.id, 1))),
        other.commit_one(Changes::new(BOB, submit(bob.id, 1))),
    );
    let outcomes = [one.unwrap().err(), two.unwrap().err()];
    assert_eq!(outcomes.iter().flatten().count(), 1, "{outcomes:?}");
    assert!(outcomes.contains(&Some(Refusal::Full)), "{outcomes:?}");
    let (user, id) = if outcomes[0].is_some() { (ANN, ann.id) } else { (BOB, bob.id) };
    let again = fresh.db.commit_one(Changes::new(user, submit(id, 1))).await.unwrap();
    assert_eq!(again.unwrap_err(), Refusal::Full);
    commit(&fresh.db, user, submit(id, 2)).await;
}

/// The first trap: a fence that locks FOR SHARE would hold up every renewal as long as something is stored.
#[tokio::test(flavor = "multi_thread")]
async fn renewals_pass_while_a_transaction_of_the_node_is_open() {
    let fresh = Fresh::new(On::Postgres).await;
    let node = joined(&fresh.db).await;
    let (id, epoch) = fresh.db.term().unwrap();
    let url = fresh.place.own.as_ref().unwrap().url();
    let effect = own::connect(&url).await;
    effect.batch_execute(&format!("BEGIN; SELECT fence('{id}', {epoch})")).await.unwrap();
    let renewed = tokio::time::timeout(Duration::from_secs(2), node.renew(|_| ())).await;
    assert_eq!(renewed.expect("it does not wait").unwrap(), Renewal::Renewed);
    effect.batch_execute("COMMIT").await.unwrap();

    // So this is why not: the very same renewal waits.
    let share = format!("BEGIN; SELECT 1 FROM node WHERE id = '{id}' FOR SHARE");
    effect.batch_execute(&share).await.unwrap();
    let renewal = own::connect(&url).await;
    let sql = format!("SET lock_timeout = 300; UPDATE node SET until = now() WHERE id = '{id}'");
    let held_up = renewal.batch_execute(&sql).await.unwrap_err();
    assert_eq!(held_up.code(), Some(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE));
}

/// What a take-over without the lock would be.
const BURY_WITHOUT_LOCK: &str = "WITH raised AS ( \
      UPDATE node SET epoch = epoch + 1, buried = TRUE WHERE until < now() AND NOT buried RETURNING id) \
    UPDATE lane SET node = NULL FROM raised WHERE lane.node = raised.id RETURNING lane.lane";

/// Five updates of one user; the node that has them in hand is stopped inside its transaction, another
/// takes over with this statement, and the first one goes on. How often each had its effect.
async fn effects_under(bury: &'static str) -> Vec<String> {
    let fresh = Fresh::new(On::Postgres).await;
    fresh.tamper("CREATE TABLE effect (seq BIGINT NOT NULL)").await.unwrap();
    fresh.db.receive((1..=5).map(|n| arrival(n, ANN)).collect()).await.unwrap();
    let first = joined(&fresh.db).await;
    claimed(&first).await;
    let other = fresh.again().await;
    let second = joined(&other).await;

    let (stopped, is_stopped) = oneshot::channel();
    let (go_on, goes_on) = oneshot::channel::<()>();
    let db = fresh.db.clone();
    let effects = tokio::spawn(async move {
        work_off(&db, async move {
            stopped.send(()).unwrap();
            goes_on.await.unwrap();
        })
        .await
    });
    is_stopped.await.unwrap();
    expire(&fresh, &first).await;
    take_over(&fresh, &second, &other, bury).await;
    go_on.send(()).unwrap();
    // Stored, or refused: never half.
    drop(effects.await.unwrap());
    take_over(&fresh, &second, &other, bury).await;
    assert!(other.open_items(Seq(0), 9).await.unwrap().is_empty(), "all was worked off");
    let sql = "SELECT seq || ': ' || count(*) FROM effect GROUP BY seq ORDER BY seq";
    fresh.place.own.as_ref().unwrap().read(sql).await
}

async fn take_over(fresh: &Fresh, node: &Node, db: &Database, bury: &'static str) {
    fresh.tamper(bury).await.unwrap();
    claimed(node).await;
    if !db.open_items(Seq(0), 9).await.unwrap().is_empty() {
        work_off(db, async {}).await.unwrap();
    }
}

/// Does what is open in the node's lanes, in one transaction that rests in its middle.
async fn work_off(
    db: &Database,
    rest: impl Future<Output = ()> + Send + 'static,
) -> aisha_actors::port::Result<()> {
    let items = db.open_items(Seq(0), 9).await.unwrap();
    assert_eq!(items.len(), 5);
    let seqs: Vec<String> = items.iter().map(|item| item.seq.0.to_string()).collect();
    let Backend::Postgres(backend) = &db.backend else { panic!("a server") };
    let work = backend.writer.write(Shape::Several, move |conn| {
        async move {
            for seq in &seqs {
                conn.batch_execute(&format!("INSERT INTO effect VALUES ({seq})")).await?;
            }
            rest.await;
            let seqs = seqs.join(", ");
            conn.batch_execute(&format!(
                "UPDATE inbox SET state = 'done', settled_at = now() WHERE is_open AND seq IN ({seqs})"
            ))
            .await?;
            Ok(())
        }
        .boxed()
    });
    work.await
}

/// The second trap: the take-over has to lock FOR UPDATE, else it passes an open transaction by.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stops_inside_its_transaction_has_each_effect_once() {
    let once = ["1: 1", "2: 1", "3: 1", "4: 1", "5: 1"];
    assert_eq!(effects_under(BURY).await, once);
    let twice = ["1: 2", "2: 2", "3: 2", "4: 2", "5: 2"];
    assert_eq!(effects_under(BURY_WITHOUT_LOCK).await, twice, "the trap is there");
}

/// A process that stays stopped does not keep its users: the server ends its transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_left_alone_keeps_nobody_waiting() {
    let mut fresh = Fresh::new(On::Postgres).await;
    let crate::db::Target::Server(server) = &mut fresh.place.target else { panic!("a server") };
    server.limits.idle_in_transaction = Duration::from_millis(300);
    let impatient = fresh.again().await;
    let first = joined(&impatient).await;
    claimed(&first).await;
    let other = fresh.again().await;
    let second = joined(&other).await;
    let (stopped, is_stopped) = oneshot::channel();
    let Backend::Postgres(backend) = &impatient.backend else { panic!("a server") };
    let writer = backend.writer.clone();
    let open = tokio::spawn(async move {
        writer
            .write(Shape::Several, |_| {
                async move {
                    stopped.send(()).unwrap();
                    tokio::time::sleep(Duration::from_secs(3)).await;
                    Ok(())
                }
                .boxed()
            })
            .await
    });
    is_stopped.await.unwrap();
    expire(&fresh, &first).await;
    let began = Instant::now();
    while buried(&second).await == 0 {
        assert!(began.elapsed() < Duration::from_secs(2), "its lanes are kept");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(open.await.unwrap().is_err(), "nothing of it was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_jobs_and_generations_are_handed_out_by_lane() {
    let fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 1000).await;
    let done = generation(ANN, 1, 1);
    produce(&fresh.db, &done, after(60)).await;
    let id = aisha_actors::domain::id::PictureId { generation: done.id, n: 1 };
    commit(&fresh.db, ANN, vec![Change::TrashPicture { id }]).await;
    commit(&fresh.db, ANN, reserve(&generation(ANN, 2, 1))).await;
    let other = fresh.again().await;
    let node = joined(&other).await;
    let counts = async || {
        let (jobs, live) = tokio::join!(other.storage_jobs(9), other.live_generations());
        (jobs.unwrap().len(), live.unwrap().len())
    };
    assert_eq!(counts().await, (0, 0));
    // The line is that of all nodes.
    let line = other.line().await.unwrap();
    let here = |one: &InLine| (one.generation.user, one.has_place);
    assert_eq!(line.iter().map(here).collect::<Vec<_>>(), [(ANN, false)]);
    claimed(&node).await;
    let (jobs, live) = counts().await;
    assert!(jobs == 1 && live >= 1, "{jobs} {live}");
}
