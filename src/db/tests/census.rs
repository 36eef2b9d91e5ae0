//! What nodes say of themselves, and what they are told to do.

use std::{sync::atomic::Ordering, time::Duration};

use aisha_actors::{
    census::{Census, Condition, Mailbox, Member, Restart, Users},
    domain::id::UserId,
    port::Kind,
    session::Traffic,
};
use uuid::Uuid;

use super::{Fresh, On, contract::NOW};
use crate::db::census::{Act, Came, ORDER_LIFE, OrderState, THE_ONLY_NODE, Told};

on_each!(
    a_report_is_written_over_the_last_one,
    an_order_is_taken_once_and_says_what_came_of_it,
    an_order_that_nobody_takes_in_time_is_lost,
    an_order_that_a_process_ended_over_is_lost,
    what_was_long_ago_is_swept_away,
);

const NODE: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);
const ANN: UserId = UserId(1);

fn told(draining: bool) -> Told {
    let member = Member {
        kind: "gallery".to_owned(),
        user: Some(ANN),
        incarnation: 2,
        condition: Condition::Running,
        mailbox: Mailbox { len: 1, bound: 16 },
        queued: 3,
        handled: 4,
        last: None,
        born_at: NOW,
        restarts: vec![Restart { reason: "told to \u{0} \"crash\"".to_owned(), at: NOW }],
        restarts_left: None,
    };
    Told {
        draining,
        lanes: 256,
        traffic: Some(Traffic { updates: 5, ..Traffic::default() }),
        load: None,
        census: Census {
            at: NOW,
            singletons: Vec::new(),
            users: Some(Users { live: 1, listed: vec![member] }),
        },
    }
}

impl Fresh {
    fn later(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

async fn a_report_is_written_over_the_last_one(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    assert_eq!(db.reports().await.unwrap(), []);
    db.leave_report(NODE, &told(false)).await.unwrap();
    fresh.later(Duration::from_secs(5));
    db.leave_report(NODE, &told(true)).await.unwrap();
    db.leave_report(OTHER, &told(false)).await.unwrap();
    let reports = fresh.again().await.reports().await.unwrap();
    assert_eq!(reports.iter().map(|report| report.node).collect::<Vec<_>>(), [NODE, OTHER]);
    assert_eq!(reports[0].told, told(true));
    assert_eq!(reports[0].at.since(NOW), Duration::from_secs(5));
    // Another version's words are no trouble.
    fresh.tamper("UPDATE node_report SET body = '{\"shape\": \"new\"}'").await.unwrap();
    assert_eq!(db.reports().await.unwrap(), []);
}

async fn an_order_is_taken_once_and_says_what_came_of_it(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let acts =
        [Act::Restart("ledger".to_owned()), Act::Retire(UserId(-5)), Act::Drain, Act::Undrain];
    let mut given = Vec::new();
    for act in &acts {
        given.push(db.give_order(NODE, act, &"root ".repeat(100)).await.unwrap());
    }
    assert_eq!(db.take_order(OTHER).await.unwrap(), None);
    let mut takers = Vec::new();
    for _ in 0..4 {
        let db = fresh.again().await;
        takers.push(async move {
            let mut taken = Vec::new();
            while let Some(order) = db.take_order(NODE).await.unwrap() {
                taken.push(order);
            }
            taken
        });
    }
    let mut taken = futures::future::join_all(takers).await.concat();
    taken.sort_by_key(|order| order.seq);
    assert_eq!(taken.iter().map(|order| order.seq).collect::<Vec<_>>(), given, "each once");
    assert_eq!(taken.iter().map(|order| order.act.clone()).collect::<Vec<_>>(), acts);
    assert!(taken.iter().all(|order| order.state == OrderState::Taken && order.came.is_none()));
    assert!(taken[0].author.starts_with("root ") && taken[0].author.len() == 100);

    let comes = [Came::Restarted, Came::Late, Came::Drains, Came::TakesIn];
    for (seq, came) in given.iter().zip(comes) {
        db.settle_order(*seq, came).await.unwrap();
        // What was said first stands.
        db.settle_order(*seq, Came::NodeEnded).await.unwrap();
        let order = db.order(*seq).await.unwrap();
        assert_eq!((order.came, order.state), (Some(came), came.state()));
        assert_eq!(order.settled_at, Some(NOW));
    }
    let latest = db.orders(3).await.unwrap();
    assert_eq!(
        latest.iter().map(|order| order.seq).collect::<Vec<_>>(),
        [given[3], given[2], given[1]]
    );
    assert_eq!(db.order(404).await.unwrap_err().kind, Kind::NotFound);
    for came in Came::ALL {
        assert!(came.state().is_settled(), "{came:?}");
    }
}

async fn an_order_that_nobody_takes_in_time_is_lost(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let old = db.give_order(THE_ONLY_NODE, &Act::Drain, "root").await.unwrap();
    fresh.later(ORDER_LIFE + Duration::from_secs(1));
    let new = db.give_order(THE_ONLY_NODE, &Act::Undrain, "root").await.unwrap();
    assert_eq!(db.take_order(THE_ONLY_NODE).await.unwrap().unwrap().seq, new);
    assert_eq!(db.take_order(THE_ONLY_NODE).await.unwrap(), None);
    let order = db.order(old).await.unwrap();
    assert_eq!((order.state, order.came), (OrderState::Lost, Some(Came::NotTaken)));
}

async fn an_order_that_a_process_ended_over_is_lost(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let seq = db.give_order(NODE, &Act::Retire(ANN), "root").await.unwrap();
    db.take_order(NODE).await.unwrap().unwrap();
    let waits = db.give_order(NODE, &Act::Drain, "root").await.unwrap();
    db.lose_taken_orders(OTHER).await.unwrap();
    assert_eq!(db.order(seq).await.unwrap().state, OrderState::Taken);
    db.lose_taken_orders(NODE).await.unwrap();
    let order = db.order(seq).await.unwrap();
    assert_eq!((order.state, order.came), (OrderState::Lost, Some(Came::NodeEnded)));
    assert_eq!(db.order(waits).await.unwrap().state, OrderState::Open);
}

async fn what_was_long_ago_is_swept_away(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    db.leave_report(NODE, &told(false)).await.unwrap();
    let seq = db.give_order(NODE, &Act::Drain, "root").await.unwrap();
    let day = Duration::from_secs(24 * 60 * 60);
    let at = |days: u32| NOW.plus(day * days + Duration::from_secs(1));
    assert_eq!(db.sweep(NOW.plus(day)).await.unwrap(), 0);
    assert_eq!(db.sweep(at(1)).await.unwrap(), 1);
    assert_eq!(db.reports().await.unwrap(), []);
    assert_eq!(db.order(seq).await.unwrap().state, OrderState::Open);
    assert_eq!(db.sweep(at(30)).await.unwrap(), 1);
    assert_eq!(db.order(seq).await.unwrap_err().kind, Kind::NotFound);
}
