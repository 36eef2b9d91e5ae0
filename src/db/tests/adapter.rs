//! The writer, the locks, and what other processes do.

use aisha_actors::{
    domain::{
        change::{Change, Changes},
        conversation::{Conversation, Draft},
        id::{ModelId, Seq, UserId},
        ledger::Credits,
        picture::{Dates, Filters},
        text::Language,
    },
    port::{self, Inbox, Kind, Outbox, Records},
};
use futures::FutureExt;

use super::{
    Fresh, On,
    contract::{after, arrival, clean, commit, generation, produce, register},
};
use crate::db::{Backend, Error, request::Shape};

on_each!(
    a_conversation_of_another_version_keeps_filters_and_draft_and_goes_home,
    a_caller_that_gives_up_leaves_nothing_open,
    a_panicking_request_breaks_off_and_the_writer_goes_on,
    two_processes_write_beside_each_other,
    only_one_serve_runs_on_a_database,
    a_constraint_that_has_no_word_is_an_error_for_its_caller_alone,
    a_sweep_takes_what_is_old_and_settled,
);

const ANN: UserId = UserId(1);

async fn a_conversation_of_another_version_keeps_filters_and_draft_and_goes_home(on: On) {
    let fresh = Fresh::new(on).await;
    register(&fresh.db, ANN, 0).await;
    let saved = Conversation {
        language: Some(Language::Ru),
        draft: Draft { prompt: Some("a fox".to_owned()), ..Draft::default() },
        filters: Filters {
            model: ModelId::parse("flux").ok(),
            dates: Some(Dates::Week),
            favourites: true,
        },
        ..Conversation::default()
    };
    commit(&fresh.db, ANN, vec![Change::SaveConversation(Box::new(saved.clone()))]).await;
    let conversation = async || fresh.db.standing(ANN).await.unwrap().unwrap().conversation;
    let tamper = async |version: u32, body: &str| {
        let sql = format!("UPDATE conversation SET version = {version}, body = '{body}'");
        fresh.tamper(&sql).await.unwrap();
    };
    let mut body = serde_json::to_value(&saved).unwrap();
    body["stack"] = serde_json::json!(["teleporter"]);
    body["mood"] = serde_json::json!("new");
    tamper(99, &body.to_string()).await;
    assert_eq!(conversation().await, saved);
    body["filters"] = serde_json::json!(7);
    tamper(99, &body.to_string()).await;
    let kept = Conversation { filters: Filters::default(), ..saved };
    assert_eq!(conversation().await, kept, "each part by itself");
    tamper(1, &body.to_string()).await;
    assert_eq!(conversation().await, kept, "a body that does not fit its version");
    tamper(1, "garbage").await;
    assert_eq!(conversation().await, Conversation::default());
}

async fn a_caller_that_gives_up_leaves_nothing_open(on: On) {
    let fresh = Fresh::new(on).await;
    register(&fresh.db, ANN, 0).await;
    for n in 0..50 {
        let mut receive = Box::pin(fresh.db.receive(vec![arrival(n, ANN)]));
        // Polled once, so that it is on its way, then dropped.
        assert!((&mut receive).now_or_never().is_none());
    }
    let last = fresh.db.receive(vec![arrival(100, ANN)]).await.unwrap();
    assert!(last[0].is_some());
    assert_eq!(fresh.db.open_items(Seq(0), 100).await.unwrap().len(), 51);
    assert!(
        fresh.tamper("UPDATE person SET first_name = 'x'").await.is_ok(),
        "nobody holds the lock"
    );
}

async fn a_panicking_request_breaks_off_and_the_writer_goes_on(on: On) {
    let fresh = Fresh::new(on).await;
    let broken: port::Result<()> = {
        let db = &fresh.db;
        on_writer!(db, Shape::One, conn => {
            queries::people::set_blocked(conn, ANN, true).await.ok();
            panic!("a fault of ours")
        })
    };
    assert_eq!(broken.unwrap_err().kind, Kind::Ambiguous);
    register(&fresh.db, ANN, 3).await;
    assert_eq!(fresh.db.account(ANN).await.unwrap().available(), Credits(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_another_process_keeps_is_transient() {
    let fresh = Fresh::new(On::Sqlite).await;
    register(&fresh.db, ANN, 0).await;
    let db = &fresh.db;
    let Backend::Sqlite(backend) = &db.backend else { panic!("SQLite") };
    let quick = backend.writer.write(Shape::One, |conn| {
        async move {
            let sql = "PRAGMA busy_timeout = 20";
            Ok(diesel_async::SimpleAsyncConnection::batch_execute(conn, sql).await?)
        }
        .boxed()
    });
    quick.await.unwrap();
    let mut other = crate::db::sqlite::connection::connect(&fresh.place.file(), false).unwrap();
    let run = |conn: &mut _, sql: &'static str| {
        futures::executor::block_on(diesel_async::SimpleAsyncConnection::batch_execute(conn, sql))
    };
    run(&mut other, "BEGIN IMMEDIATE").unwrap();
    let busy = fresh.db.receive(vec![arrival(1, ANN)]).await.unwrap_err();
    assert_eq!(busy.kind, Kind::Transient, "{busy}");
    assert!(fresh.db.standing(ANN).await.unwrap().is_some(), "reads go on");
    run(&mut other, "ROLLBACK").unwrap();
    assert!(fresh.db.receive(vec![arrival(1, ANN)]).await.unwrap()[0].is_some());
}

async fn two_processes_write_beside_each_other(on: On) {
    let fresh = Fresh::new(on).await;
    let other = fresh.again().await;
    register(&fresh.db, ANN, 0).await;
    let mut tasks = Vec::new();
    for n in 0..100 {
        let db = if n % 2 == 0 { fresh.db.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move { db.receive(vec![arrival(n, ANN)]).await.unwrap() }));
    }
    for task in tasks {
        assert!(task.await.unwrap()[0].is_some());
    }
    assert_eq!(other.open_items(Seq(0), 1000).await.unwrap().len(), 100);
}

async fn only_one_serve_runs_on_a_database(on: On) {
    let fresh = Fresh::new(on).await;
    let other = fresh.again().await;
    let lock = fresh.db.lock_serve().unwrap();
    assert!(matches!(other.lock_serve(), Err(Error::Served)));
    drop(lock);
    assert!(other.lock_serve().is_ok());
}

async fn a_constraint_that_has_no_word_is_an_error_for_its_caller_alone(on: On) {
    let fresh = Fresh::new(on).await;
    register(&fresh.db, ANN, 100).await;
    let mut wrong = generation(ANN, 1, 9);
    wrong.order.count = 9;
    let bad = vec![
        Changes::new(ANN, vec![Change::SetBlocked(true)]),
        Changes::new(ANN, vec![Change::AddGeneration(Box::new(wrong))]),
    ];
    let good = vec![Changes::new(ANN, vec![Change::SetStopped(true)])];
    let (bad, good) = tokio::join!(fresh.db.commit(bad), fresh.db.commit(good));
    assert_eq!(bad.unwrap_err().kind, Kind::Permanent);
    assert!(good.unwrap()[0].is_ok());
    let person = fresh.db.standing(ANN).await.unwrap().unwrap().person;
    assert!(!person.blocked && person.stopped);
}

async fn a_sweep_takes_what_is_old_and_settled(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 1000).await;
    let arrivals = (0..1200).map(|n| arrival(n, ANN)).collect();
    let seqs: Vec<Seq> = db.receive(arrivals).await.unwrap().into_iter().flatten().collect();
    db.finish(seqs[1..].to_vec()).await.unwrap();
    let made = generation(ANN, 1, 2);
    produce(db, &made, after(60)).await;
    let owed = db.open_entries(aisha_actors::domain::id::OutboxId(0), 9).await.unwrap();
    for entry in &owed {
        let settle = Change::SettleParcel { id: entry.id, delivered: true, at: after(61) };
        commit(db, ANN, vec![settle]).await;
    }
    let day = 86_400;
    assert_eq!(db.sweep(after(13 * day)).await.unwrap(), 0);
    assert_eq!(db.sweep(after(15 * day)).await.unwrap(), 1199);
    assert_eq!(db.open_items(Seq(0), 9).await.unwrap().len(), 1, "what is open stays");
    assert_eq!(db.sweep(after(31 * day)).await.unwrap(), 0, "not yet delivered");
    commit(db, ANN, vec![Change::DeliverIfShown { id: made.id, at: after(62) }]).await;
    assert_eq!(db.sweep(after(31 * day)).await.unwrap(), 2);
    clean(db).await;
}
