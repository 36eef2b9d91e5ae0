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
    port::{Inbox, Kind, Outbox, Records},
};
use futures::FutureExt;

use super::{
    Fresh,
    contract::{after, arrival, clean, commit, generation, produce, register},
};
use crate::db::{Error, writer::Shape};

const ANN: UserId = UserId(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_of_another_version_keeps_filters_and_draft_and_goes_home() {
    let fresh = Fresh::new();
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
    fresh
        .tamper(
            "UPDATE conversation SET version = 99, \
             body = json_set(body, '$.stack', json('[\"teleporter\"]'), '$.mood', 'new')",
        )
        .unwrap();
    assert_eq!(conversation().await, saved);
    fresh.tamper("UPDATE conversation SET body = json_set(body, '$.filters', 7)").unwrap();
    let kept = Conversation { filters: Filters::default(), ..saved };
    assert_eq!(conversation().await, kept, "each part by itself");
    fresh.tamper("UPDATE conversation SET version = 1").unwrap();
    assert_eq!(conversation().await, kept, "a body that does not fit its version");
    fresh.tamper("UPDATE conversation SET body = 'garbage'").unwrap();
    assert_eq!(conversation().await, Conversation::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_gives_up_leaves_nothing_open() {
    let fresh = Fresh::new();
    register(&fresh.db, ANN, 0).await;
    for n in 0..50 {
        let mut receive = Box::pin(fresh.db.receive(vec![arrival(n, ANN)]));
        // Polled once, so that it is on its way, then dropped.
        assert!((&mut receive).now_or_never().is_none());
    }
    let last = fresh.db.receive(vec![arrival(100, ANN)]).await.unwrap();
    assert!(last[0].is_some());
    assert_eq!(fresh.db.open_items(Seq(0), 100).await.unwrap().len(), 51);
    assert!(fresh.tamper("UPDATE person SET first_name = 'x'").is_ok(), "nobody holds the lock");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_request_breaks_off_and_the_writer_goes_on() {
    let fresh = Fresh::new();
    let broken = fresh
        .db
        .writer
        .write(Shape::Whole, |conn| {
            async move {
                crate::db::people::set_blocked(conn, ANN, true).await.ok();
                panic!("a fault of ours");
                #[expect(unreachable_code, reason = "says what the body would give")]
                Ok(())
            }
            .boxed()
        })
        .await;
    assert_eq!(broken.unwrap_err().kind, Kind::Ambiguous);
    register(&fresh.db, ANN, 3).await;
    assert_eq!(fresh.db.account(ANN).await.unwrap().available(), Credits(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_another_process_keeps_is_transient() {
    let fresh = Fresh::new();
    register(&fresh.db, ANN, 0).await;
    fresh
        .db
        .writer
        .write(Shape::Whole, |conn| {
            async move {
                diesel_async::SimpleAsyncConnection::batch_execute(
                    conn,
                    "PRAGMA busy_timeout = 20",
                )
                .await?;
                Ok(())
            }
            .boxed()
        })
        .await
        .unwrap();
    let path = fresh.dir.path().join("aisha.db");
    let mut other = crate::db::connection::connect(&path.to_string_lossy(), false).unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_beside_each_other() {
    let fresh = Fresh::new();
    let other = fresh.again();
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

#[tokio::test(flavor = "multi_thread")]
async fn only_one_serve_runs_on_a_database() {
    let fresh = Fresh::new();
    let other = fresh.again();
    let lock = fresh.db.lock_serve().unwrap();
    assert!(matches!(other.lock_serve(), Err(Error::Served)));
    drop(lock);
    assert!(other.lock_serve().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constraint_that_has_no_word_is_an_error_for_its_caller_alone() {
    let fresh = Fresh::new();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_takes_what_is_old_and_settled() {
    let fresh = Fresh::new();
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
