//! Credits that wait for a second person.

use aisha_actors::{
    domain::{
        change::{Changes, Refusal},
        id::UserId,
        ledger::{Credits, Refused},
    },
    port::Records,
};

use super::{
    Fresh, On,
    contract::{NOW, register},
};
use crate::{
    db::reports::{Decided, NewProposal},
    operate::Gift,
};

on_each!(what_is_approved_twice_at_once_is_booked_once, what_cannot_be_booked_still_waits);

const ANN: UserId = UserId(1);

fn new(amount: i64) -> NewProposal {
    NewProposal {
        cause: format!("a form of {amount}"),
        user: ANN,
        generation: None,
        amount: Credits(amount),
        reason: "a big gift".to_owned(),
        author: "fay".to_owned(),
    }
}

fn changes(amount: i64, seq: i64, by: &str) -> Changes {
    let (reason, by) = ("a big gift".to_owned(), by.to_owned());
    let cause = format!("proposal/{seq}");
    Gift { user: ANN, amount: Credits(amount), reason, by, cause }.changes(NOW)
}

async fn what_is_approved_twice_at_once_is_booked_once(on: On) {
    let fresh = Fresh::new(on).await;
    let (db, other) = (&fresh.db, fresh.again().await);
    register(db, ANN, 100).await;
    assert!(db.propose(new(500)).await.unwrap());
    assert!(!other.propose(new(500)).await.unwrap(), "the same form");
    let one = other.open_proposals(9).await.unwrap().pop().unwrap();
    assert_eq!(
        (one.what.clone(), Some(one.clone())),
        (new(500), db.open_proposal(one.seq).await.unwrap())
    );
    let own = db.approve(one.seq, "fay", changes(500, one.seq, "fay")).await.unwrap();
    assert_eq!(own, Decided::Own);
    let (first, second, refused) = tokio::join!(
        db.approve(one.seq, "finn", changes(500, one.seq, "finn")),
        other.approve(one.seq, "root", changes(500, one.seq, "root")),
        other.refuse(one.seq, "sue"),
    );
    let approved = [first.unwrap(), second.unwrap()];
    let booked = approved.iter().filter(|one| **one == Decided::Now).count();
    assert_eq!(booked + usize::from(refused.unwrap()), 1, "{approved:?}");
    let has = db.account(ANN).await.unwrap().available().0;
    assert_eq!(has, 100 + 500 * i64::try_from(booked).unwrap());
    assert!(db.open_proposals(9).await.unwrap().is_empty());
    assert!(!db.refuse(one.seq, "sue").await.unwrap());
    assert!(db.violations().await.unwrap().is_empty());
}

async fn what_cannot_be_booked_still_waits(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    db.propose(new(-101)).await.unwrap();
    let one = db.open_proposals(9).await.unwrap().pop().unwrap();
    let answer = db.approve(one.seq, "finn", changes(-101, one.seq, "finn")).await.unwrap();
    let Decided::Refused(Refusal::Ledger(Refused::Insufficient { .. })) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(db.open_proposal(one.seq).await.unwrap(), Some(one.clone()));
    assert!(db.refuse(one.seq, "fay").await.unwrap(), "whoever proposed it may withdraw it");
    let late = db.approve(one.seq, "finn", changes(-101, one.seq, "finn")).await.unwrap();
    assert_eq!(late, Decided::Gone);
    assert_eq!(db.account(ANN).await.unwrap().available().0, 100);
}
