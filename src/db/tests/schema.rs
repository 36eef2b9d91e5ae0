//! What the schema itself forbids, and that the audit sees what it cannot forbid.

use aisha_actors::{
    domain::{
        change::Change,
        id::UserId,
        ledger::{Credits, Entry},
    },
    port::Records,
};

use super::{
    Fresh, On,
    contract::{after, clean, commit, generation, produce, register, reserve},
};

on_each!(what_the_books_say_cannot_be_changed_from_outside, the_audit_sees_what_is_wrong,);

const ANN: UserId = UserId(1);

/// The same attack in PostgreSQL's words.
fn dialect(sql: &str) -> String {
    let mut sql = sql.to_owned();
    for (ours, theirs) in [
        ("randomblob(16)", "gen_random_uuid()"),
        (", '', '', 0)", ", '', '', 'epoch')"),
        ("'pending', '', 0)", "'pending', '', 'epoch')"),
        ("DROP TRIGGER generation_ends;", "DROP TRIGGER generation_ends ON generation;"),
        ("DROP TRIGGER entry_not_updated;", "DROP TRIGGER entry_not_updated ON entry;"),
        (
            "PRAGMA ignore_check_constraints = 1; UPDATE picture",
            "ALTER TABLE picture DROP CONSTRAINT picture_check; UPDATE picture",
        ),
        (
            "PRAGMA ignore_check_constraints = 1; UPDATE account",
            "ALTER TABLE account DROP CONSTRAINT no_overdraft; UPDATE account",
        ),
    ] {
        sql = sql.replace(ours, theirs);
    }
    sql
}

/// The SQLSTATE for SQLite's word.
fn state(why: &'static str) -> &'static str {
    match why {
        "CHECK" => "23514",
        "UNIQUE" => "23505",
        "FOREIGN KEY" => "23503",
        word => word,
    }
}

async fn busy(on: On) -> Fresh {
    let fresh = Fresh::new(on).await;
    register(&fresh.db, ANN, 1000).await;
    produce(&fresh.db, &generation(ANN, 1, 2), after(60)).await;
    commit(&fresh.db, ANN, reserve(&generation(ANN, 2, 2))).await;
    clean(&fresh.db).await;
    fresh
}

async fn what_the_books_say_cannot_be_changed_from_outside(on: On) {
    let fresh = busy(on).await;
    let insert = |kind: &str, debit: &str, credit: &str, amount: i64, generation: &str| {
        format!(
            "INSERT INTO entry (id, kind, user_id, debit, credit, amount, generation, reason, actor, at) \
             VALUES (randomblob(16), '{kind}', 1, {debit}, {credit}, {amount}, {generation}, '', '', 0)"
        )
    };
    let (issued, revenue) = ("-9000000000000000001", "-9000000000000000003");
    let captured = "(SELECT generation FROM entry WHERE kind = 'capture')";
    let open = "(SELECT id FROM generation WHERE is_open)";
    for (sql, why) in [
        ("UPDATE entry SET amount = amount + 1".to_owned(), "append-only"),
        ("DELETE FROM entry".to_owned(), "append-only"),
        ("UPDATE account SET held = 5000 WHERE id = 1".to_owned(), "no_overdraft"),
        (format!("UPDATE account SET credited = 1 WHERE id = {issued}"), "CHECK"),
        (insert("withdrawal", "1", issued, 5000, "NULL"), "no_overdraft"),
        (insert("grant", "1", issued, 5, "NULL"), "CHECK"),
        (insert("grant", issued, "1", 0, "NULL"), "CHECK"),
        (insert("hold", "1", revenue, 5, "NULL"), "CHECK"),
        (insert("hold", "1", revenue, 5, open), "UNIQUE"),
        (insert("capture", "1", revenue, 5, captured), "UNIQUE"),
        (insert("release", "1", revenue, 0, captured), "UNIQUE"),
        (insert("capture", "1", revenue, 7, open), "no such hold"),
        (insert("refund", revenue, "1", 7, captured), "no such capture"),
        (insert("refund", revenue, "1", 1, open), "no such capture"),
        ("UPDATE generation SET state = 'queued' WHERE state = 'captured'".to_owned(), "forward"),
        ("UPDATE generation SET state = 'asleep' WHERE is_open".to_owned(), "CHECK"),
        ("UPDATE picture SET state = 'lost' WHERE listed".to_owned(), "CHECK"),
        ("UPDATE picture SET listed_at = NULL WHERE listed".to_owned(), "CHECK"),
        (
            "INSERT INTO picture (generation, n, owner, model, state, url, created_at) \
          VALUES (randomblob(16), 1, 1, 'x', 'pending', '', 0)"
                .to_owned(),
            "FOREIGN KEY",
        ),
        ("UPDATE inbox SET state = 'done'; UPDATE outbox SET state = 'done'".to_owned(), "CHECK"),
    ] {
        let (sql, why) = match on {
            On::Sqlite => (sql, why),
            On::Postgres => (dialect(&sql), state(why)),
        };
        let error = fresh.tamper(&sql).await.expect_err(&sql);
        assert!(error.contains(why), "{sql}: {error}");
    }
    clean(&fresh.db).await;
    assert_eq!(fresh.db.account(ANN).await.unwrap().held, Credits(6));
}

async fn the_audit_sees_what_is_wrong(on: On) {
    for (sql, rule) in [
        ("UPDATE account SET credited = credited + 1 WHERE id = 1", "a counter is not the sum"),
        ("UPDATE account SET credited = credited + 1 WHERE id = 1", "the users' counters"),
        ("UPDATE generation SET state = 'failed' WHERE is_open", "a hold is open but"),
        (
            "UPDATE generation SET state = 'captured' WHERE is_open",
            "a paid generation has no capture",
        ),
        (
            "DROP TRIGGER generation_ends; \
             UPDATE generation SET state = 'failed' WHERE state = 'captured'",
            "a generation without pictures was paid",
        ),
        (
            "DROP TRIGGER generation_ends; \
             UPDATE generation SET state = 'queued' WHERE state = 'captured'",
            "a generation is open without a hold",
        ),
        ("DELETE FROM outbox", "a paid picture is neither shown nor owed"),
        (
            "DROP TRIGGER entry_not_updated; UPDATE entry SET amount = 99 WHERE kind = 'capture'",
            "more was captured than held",
        ),
        (
            "PRAGMA ignore_check_constraints = 1; UPDATE picture SET state = 'lost' WHERE listed",
            "a listed picture is not safe",
        ),
        (
            "PRAGMA ignore_check_constraints = 1; UPDATE account SET held = 5000 WHERE id = 1",
            "an account is overdrawn",
        ),
        (
            "UPDATE generation SET request_id = 'r', status_url = '', response_url = '', cancel_url = ''",
            "two generations share a request",
        ),
    ] {
        let fresh = busy(on).await;
        let sql = if on == On::Postgres { dialect(sql) } else { sql.to_owned() };
        fresh.tamper(&sql).await.unwrap();
        let breaches = fresh.db.violations().await.unwrap();
        assert!(breaches.iter().any(|breach| breach.starts_with(rule)), "{sql}: {breaches:?}");
    }
    let fresh = busy(on).await;
    let id = generation(ANN, 1, 2).id;
    commit(&fresh.db, ANN, vec![Change::Book(Entry::refund(ANN, id, Credits(1), after(70)))]).await;
    let sql = "DROP TRIGGER entry_not_updated; UPDATE entry SET amount = 50 WHERE kind = 'refund'";
    let sql = if on == On::Postgres { dialect(sql) } else { sql.to_owned() };
    fresh.tamper(&sql).await.unwrap();
    let breaches = fresh.db.violations().await.unwrap();
    assert!(breaches.iter().any(|breach| breach.starts_with("more was given back")));
}
