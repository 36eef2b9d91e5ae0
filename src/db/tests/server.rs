//! What only a server does.

use aisha_actors::{
    domain::{
        change::{Change, Changes},
        id::{Seq, UserId},
    },
    port::{Inbox, Kind, Records},
};

use super::{
    Fresh, On,
    contract::{arrival, profile, register},
};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

/// What a broken connection costs is one refusal at most, and nothing is half done.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_the_server_drops_are_made_anew() {
    let fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 5).await;
    for n in 0..3 {
        fresh
            .tamper(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
        // The writer finds out when it begins, and nothing was lost by then.
        let stored = fresh.db.receive(vec![arrival(n, ANN)]).await.unwrap();
        assert!(stored[0].is_some());
        let mut reads = 0;
        while fresh.db.account(ANN).await.is_err() {
            reads += 1;
            assert!(reads < 20, "each connection fails once at most");
        }
    }
    assert_eq!(fresh.db.open_items(Seq(0), 9).await.unwrap().len(), 3);
}

/// Somebody else's lock is waited for, then it is a refusal that may be tried again; the others of the
/// group do not pay for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_else_keeps_is_transient_for_whoever_wants_it() {
    let mut fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 0).await;
    register(&fresh.db, BOB, 0).await;
    let crate::db::Target::Server(server) = &mut fresh.place.target else { panic!("a server") };
    server.limits.lock = std::time::Duration::from_millis(100);
    let quick = fresh.again().await;
    let url = fresh.place.own.as_ref().unwrap().url();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; SELECT 1 FROM person WHERE id = 1 FOR UPDATE").await.unwrap();
    let set = |user, stopped| vec![Changes::new(user, vec![Change::SetStopped(stopped)])];
    let (kept, free) = tokio::join!(quick.commit(set(ANN, true)), quick.commit(set(BOB, true)));
    assert_eq!(kept.unwrap_err().kind, Kind::Transient);
    assert!(free.unwrap()[0].is_ok());
    assert!(fresh.db.standing(BOB).await.unwrap().unwrap().person.stopped);
    client.batch_execute("ROLLBACK").await.unwrap();
    assert!(quick.commit(set(ANN, true)).await.unwrap()[0].is_ok());
}

/// PostgreSQL has no word for the character NUL. Whoever sends it is refused alone, and for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_character_that_cannot_be_stored_is_refused_for_its_sender_alone() {
    let fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 0).await;
    register(&fresh.db, BOB, 0).await;
    let mut odd = profile(ANN);
    odd.first_name = "A\0nn".to_owned();
    let odd = vec![Changes::new(ANN, vec![Change::SaveProfile(odd)])];
    let good = vec![Changes::new(BOB, vec![Change::SetStopped(true)])];
    let (odd, good) = tokio::join!(fresh.db.commit(odd), fresh.db.commit(good));
    assert_eq!(odd.unwrap_err().kind, Kind::Permanent);
    assert!(good.unwrap()[0].is_ok());
    assert!(fresh.db.standing(BOB).await.unwrap().unwrap().person.stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_write_nothing() {
    let fresh = Fresh::new(On::Postgres).await;
    register(&fresh.db, ANN, 0).await;
    let db = &fresh.db;
    let crate::db::Backend::Postgres(backend) = &db.backend else { panic!("a server") };
    let refused = backend.readers.read(|conn| {
        Box::pin(async move {
            use crate::db::postgres::queries::people;
            people::set_blocked(conn, ANN, true)
                .await
                .map_err(|_| crate::db::Fault::NotFound("refused"))
        })
    });
    assert_eq!(refused.await.unwrap_err().kind, Kind::NotFound);
    assert!(!fresh.db.standing(ANN).await.unwrap().unwrap().person.blocked);
}
