//! Operators, their sessions, tries to sign in, and the audit log.

use std::time::Duration;

use super::{
    Fresh, On,
    contract::{NOW, after},
};
use crate::db::{
    audit::{AuditFilter, Deed, Verdict},
    operators::{NotChanged, Operator, OperatorChange, OperatorId, Role, Session, Try},
};

on_each!(
    operators_are_made_and_changed_and_one_owner_stays,
    sessions_end,
    tries_are_counted_by_account_and_address,
    links_and_codes_are_good_once,
    sec_11_the_audit_log_is_append_only_and_chained,
    what_is_appended_at_once_is_one_chain,
);

async fn hire(fresh: &Fresh, name: &str, role: Role) -> OperatorId {
    let made = fresh.db.create_operator(name, Some("phc".to_owned()), role, NOW).await;
    made.unwrap().unwrap()
}

fn session(token: u8) -> Session {
    Session {
        token: [token; 32],
        created_at: NOW,
        seen_at: NOW,
        proved_at: NOW,
        address: "127.0.0.1".to_owned(),
        agent: "a browser".to_owned(),
    }
}

async fn operators_are_made_and_changed_and_one_owner_stays(on: On) {
    let fresh = Fresh::new(on).await;
    let ann = hire(&fresh, "ann", Role::Owner).await;
    let zoe = hire(&fresh, "zoe", Role::Viewer).await;
    assert_eq!(fresh.db.create_operator("ann", None, Role::Owner, NOW).await.unwrap(), None);
    let names = fresh.db.operators().await.unwrap();
    assert_eq!(names.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["ann", "zoe"]);
    let change = async |id, change| fresh.db.change_operator(id, change).await.unwrap();
    for last in [OperatorChange::Disabled(true), OperatorChange::Role(Role::Finance)] {
        assert_eq!(change(ann, last).await, Err(NotChanged::LastOwner));
    }
    assert_eq!(change(zoe, OperatorChange::Role(Role::Owner)).await, Ok(()));
    assert_eq!(change(ann, OperatorChange::Disabled(true)).await, Ok(()));
    assert_eq!(fresh.db.password_of("ann").await.unwrap(), None, "disabled");
    assert_eq!(change(zoe, OperatorChange::Disabled(true)).await, Err(NotChanged::LastOwner));
    assert_eq!(
        change(OperatorId(99), OperatorChange::Disabled(false)).await,
        Err(NotChanged::Unknown)
    );
    assert_eq!(change(zoe, OperatorChange::Totp(Some([7; 16]))).await, Ok(()));
    let has_factor = async || {
        let zoe: Operator = fresh.db.operator("zoe").await.unwrap().unwrap();
        zoe.totp_salt.is_some()
    };
    let password = |lost| OperatorChange::Password { hash: "other".to_owned(), lost };
    assert_eq!(change(zoe, password(false)).await, Ok(()));
    assert!(has_factor().await);
    assert_eq!(change(zoe, password(true)).await, Ok(()));
    assert!(!has_factor().await);
    assert_eq!(fresh.db.password_of("zoe").await.unwrap().as_deref(), Some("other"));
}

async fn sessions_end(on: On) {
    let fresh = Fresh::new(on).await;
    let ann = hire(&fresh, "ann", Role::Owner).await;
    for token in 1..=3 {
        fresh.db.begin_session(ann, session(token)).await.unwrap();
    }
    let there = async |token: u8| fresh.db.session([token; 32]).await.unwrap().is_some();
    fresh.db.touch_session([1; 32], after(5)).await.unwrap();
    fresh.db.prove_session([1; 32], after(6)).await.unwrap();
    let (one, operator) = fresh.db.session([1; 32]).await.unwrap().unwrap();
    assert_eq!((one.seen_at, one.proved_at, operator.id), (after(5), after(6), ann));
    fresh.db.end_session([2; 32]).await.unwrap();
    assert!(!there(2).await && there(3).await);
    assert_eq!(fresh.db.end_sessions(ann, Some([1; 32])).await.unwrap(), 1);
    assert!(there(1).await && !there(3).await);
    fresh.db.sweep_logins(after(5), after(5)).await.unwrap();
    assert!(there(1).await);
    fresh.db.sweep_logins(after(6), after(6)).await.unwrap();
    assert!(!there(1).await);
    fresh.db.begin_session(ann, session(4)).await.unwrap();
    let password = OperatorChange::Password { hash: "other".to_owned(), lost: false };
    fresh.db.change_operator(ann, password).await.unwrap().unwrap();
    assert!(!there(4).await);
}

async fn tries_are_counted_by_account_and_address(on: On) {
    let fresh = Fresh::new(on).await;
    let attempt = async |account: &str, address: &str, second: u64| {
        fresh.db.begin_try(account, address, after(second)).await.unwrap()
    };
    let wait = |seconds| Try::Wait(Duration::from_secs(seconds));
    assert_eq!(attempt("ann", "a", 0).await, Try::Granted);
    assert_eq!(attempt("ann", "b", 0).await, Try::Granted);
    assert_eq!(attempt("ann", "c", 0).await, wait(1));
    assert_eq!(attempt("ann", "c", 1).await, Try::Granted);
    assert_eq!(attempt("ann", "d", 2).await, wait(2));
    assert_eq!(attempt("ann", "d", 4).await, Try::Granted);
    assert_eq!(attempt("ann", "e", 11).await, Try::Granted);
    assert_eq!(attempt("ann", "f", 100).await, wait(800), "until the first of five is old");
    assert_eq!(attempt("bob", "a", 100).await, Try::Granted, "another account");
    fresh.db.forgive_tries("ann", "e").await.unwrap();
    assert_eq!(attempt("ann", "f", 101).await, Try::Granted, "four others remain");
    for number in 0..20 {
        assert_eq!(attempt(&format!("user{number}"), "x", 200).await, Try::Granted);
    }
    assert_eq!(attempt("somebody", "x", 201).await, wait(899));
    assert_eq!(attempt("somebody", "x", 1_101).await, Try::Granted);
}

async fn links_and_codes_are_good_once(on: On) {
    let fresh = Fresh::new(on).await;
    let ann = hire(&fresh, "ann", Role::Owner).await;
    fresh.db.add_login_link([1; 32], ann, after(10)).await.unwrap();
    assert_eq!(fresh.db.use_login_link([2; 32], after(1)).await.unwrap(), None);
    assert_eq!(fresh.db.use_login_link([1; 32], after(1)).await.unwrap(), Some(ann));
    assert_eq!(fresh.db.use_login_link([1; 32], after(1)).await.unwrap(), None);
    fresh.db.add_login_link([1; 32], ann, after(10)).await.unwrap();
    assert_eq!(fresh.db.use_login_link([1; 32], after(10)).await.unwrap(), None, "too old");
    assert!(fresh.db.use_totp(ann, 5).await.unwrap());
    assert!(!fresh.db.use_totp(ann, 5).await.unwrap());
    assert!(!fresh.db.use_totp(ann, 4).await.unwrap());
    assert!(fresh.db.use_totp(ann, 6).await.unwrap());
}

fn deed(reason: &str) -> Deed {
    Deed {
        actor: "ann".to_owned(),
        action: "operator.disable".to_owned(),
        subject: "operator/zoe".to_owned(),
        reason: reason.to_owned(),
        before: Some("a".to_owned()),
        ..Deed::default()
    }
}

async fn written(on: On) -> Fresh {
    let fresh = Fresh::new(on).await;
    for number in 1..=5 {
        let seq = fresh.db.record(deed(&format!("reason {number}")), after(number)).await.unwrap();
        assert_eq!(seq.unsigned_abs(), number);
    }
    assert_eq!(fresh.db.verify_audit().await.unwrap(), Verdict::Whole { rows: 5 });
    fresh
}

async fn sec_11_the_audit_log_is_append_only_and_chained(on: On) {
    let fresh = written(on).await;
    let filter = AuditFilter { actor: "ann".to_owned(), before: Some(4), ..Default::default() };
    let rows = fresh.db.audit_rows(filter, 2).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(rows[0].deed, deed("reason 3"));
    for sql in ["UPDATE audit SET reason = ''", "DELETE FROM audit WHERE seq = 5"] {
        let error = fresh.tamper(sql).await.unwrap_err();
        assert!(error.contains("append-only"), "{error}");
    }
    let open = match on {
        On::Sqlite => "DROP TRIGGER audit_not_updated; DROP TRIGGER audit_not_deleted;",
        On::Postgres => "ALTER TABLE audit DISABLE TRIGGER USER;",
    };
    for (sql, at) in [
        ("UPDATE audit SET reason = 'another' WHERE seq = 3", 3),
        ("UPDATE audit SET actor = 'zoe', reason = 'reason 1' WHERE seq = 1", 1),
        ("UPDATE audit SET value_before = NULL WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("DELETE FROM audit", 1),
        ("UPDATE audit_head SET seq = 4", 4),
    ] {
        let fresh = written(on).await;
        fresh.tamper(&format!("{open} {sql}")).await.unwrap();
        assert_eq!(fresh.db.verify_audit().await.unwrap(), Verdict::Broken { at }, "{sql}");
    }
}

async fn what_is_appended_at_once_is_one_chain(on: On) {
    let fresh = Fresh::new(on).await;
    // Two processes, as the command line beside a bot.
    let other = fresh.again().await;
    let writes = (0..40).map(|number: u64| {
        let database = if number.is_multiple_of(2) { fresh.db.clone() } else { other.clone() };
        tokio::spawn(async move { database.record(deed("at once"), after(number)).await })
    });
    let mut numbers = Vec::new();
    for write in writes.collect::<Vec<_>>() {
        numbers.push(write.await.unwrap().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    assert_eq!(fresh.db.verify_audit().await.unwrap(), Verdict::Whole { rows: 40 });
}
