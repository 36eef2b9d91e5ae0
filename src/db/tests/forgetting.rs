//! A person is deleted: what the one transaction does, what it waits for, and what the books allow.

use aisha_actors::{
    domain::{
        change::Change,
        generation::Generation,
        id::{PictureId, UserId},
        ledger::{Account, Credits, Entry},
        picture::PictureState,
    },
    port::{Inbox, Outbox, Records},
};

use super::{
    Fresh, On,
    contract::{after, arrival, clean, commit, generation, parcels, produce, register, ticket},
};
use crate::{
    db::{
        Database,
        forget::{Begun, PayloadTrouble, Waits},
        reports::NewProposal,
    },
    operate::{Gift, give},
};

on_each!(
    the_books_of_somebody_who_was_deleted_go_on_under_a_drawn_id,
    an_entry_changes_its_person_and_nothing_else,
    what_was_set_aside_does_not_hold_a_deletion_up,
    a_gift_at_the_last_moment_is_booked_whole_or_not_at_all,
    a_request_is_struck_once_the_provider_has_nothing_of_it,
);

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

async fn show_all(db: &Database) {
    for entry in parcels(db).await {
        let id = entry.parcel.generation().unwrap();
        let settled = Change::SettleParcel { id: entry.id, delivered: true, at: after(70) };
        commit(db, ANN, vec![settled, Change::DeliverIfShown { id, at: after(70) }]).await;
    }
}

async fn delete_all(db: &Database, pictures: &[PictureId]) {
    assert_eq!(db.trash_all_of(ANN).await.unwrap(), pictures.len());
    assert_eq!(db.trash_all_of(ANN).await.unwrap(), 0);
    for id in pictures {
        let purged = Change::SettlePicture {
            id: *id,
            from: vec![PictureState::Trashed],
            to: PictureState::Purged,
            object: None,
            content: None,
        };
        commit(db, ANN, vec![purged]).await;
    }
}

async fn the_books_of_somebody_who_was_deleted_go_on_under_a_drawn_id(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    register(db, BOB, 50).await;
    let made = Generation { ticket: Some(ticket(1)), ..generation(ANN, 1, 2) };
    let pictures = produce(db, &made, after(60)).await;
    let (why, by) = ("for @user_1".to_owned(), "admin:root".to_owned());
    let gift = Entry::by_operator(ANN, Credits(7), why, by, "a gift", after(1));
    commit(db, ANN, vec![Change::Book(gift)]).await;
    let wish = NewProposal {
        cause: "a form".to_owned(),
        user: ANN,
        generation: None,
        amount: Credits(9),
        reason: "for @user_1".to_owned(),
        author: "root".to_owned(),
    };
    assert!(db.propose(wish).await.unwrap());
    let known = db.receive(vec![arrival(5, ANN)]).await.unwrap()[0].unwrap();
    db.finish(vec![known]).await.unwrap();
    let (account, stats) = (db.account(ANN).await.unwrap(), db.balance_stats().await.unwrap());

    for (user, begun) in [
        (UserId(99), Begun::Nobody),
        (UserId(-5), Begun::Nobody),
        (ANN, Begun::Now),
        (ANN, Begun::Before),
    ] {
        assert_eq!(db.begin_forgetting(user, "root", "they asked").await.unwrap(), begun);
    }
    let row = db.forgettings().await.unwrap().pop().unwrap();
    assert_eq!((row.user, row.operator.as_str(), row.is_emptied), (ANN, "root", false));
    assert!(row.pseudonym.is_pseudonym());
    let (_, waits) = db.forgetting_of(ANN).await.unwrap().unwrap();
    let expected =
        Waits { generations: 1, parcels: 2, pictures: 2, requests: 1, ..Waits::default() };
    assert_eq!(waits, expected);
    let waits = async || db.forgetting_waits(ANN).await.unwrap();
    show_all(db).await;
    delete_all(db, &pictures).await;
    assert_eq!(waits().await, Waits { requests: 1, ..Waits::default() });
    assert!(!db.empty(&row).await.unwrap(), "not blocked");
    commit(db, ANN, vec![Change::SetBlocked(true)]).await;
    let open = db.receive(vec![arrival(6, ANN)]).await.unwrap()[0].unwrap();
    assert!(!db.empty(&row).await.unwrap(), "an update is open");
    assert_eq!(db.account(ANN).await.unwrap(), account, "nothing has changed");
    db.finish(vec![open]).await.unwrap();

    assert!(db.empty(&row).await.unwrap());
    assert!(db.open_proposals(9).await.unwrap().is_empty());
    clean(db).await;
    assert_eq!(db.balance_stats().await.unwrap(), stats);
    assert_eq!(db.account(row.pseudonym).await.unwrap(), account);
    assert_eq!(db.account(ANN).await.unwrap(), Account::default());
    assert_eq!(db.standing(ANN).await.unwrap(), None);
    assert_eq!(db.forgetting_of(ANN).await.unwrap(), None);
    let kept = db.generation(made.id).await.unwrap().unwrap();
    assert_eq!((kept.user, kept.order.prompt.as_str(), kept.ticket), (row.pseudonym, "", None));
    let picture = db.picture(pictures[0]).await.unwrap().unwrap();
    assert_eq!((picture.owner, picture.url.as_str()), (row.pseudonym, ""));
    assert_eq!((picture.content, picture.file_id), (None, None));

    // Repeated, and with somebody new under the id: only the rows of before are touched.
    register(db, ANN, 100).await;
    let row = db.forgettings().await.unwrap().pop().unwrap();
    assert!(row.is_emptied && db.empty(&row).await.unwrap());
    db.blank_settled(&row).await.unwrap();
    db.blank_settled(&row).await.unwrap();
    assert_eq!(db.receive(vec![arrival(5, ANN)]).await.unwrap(), [None], "a repeat is known");
    db.end_forgetting(&row).await.unwrap();
    assert_eq!(db.forgettings().await.unwrap(), []);
    assert_eq!(db.account(ANN).await.unwrap().available(), Credits(100));
    clean(db).await;
}

async fn an_entry_changes_its_person_and_nothing_else(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    register(db, BOB, 50).await;
    produce(db, &generation(ANN, 1, 2), after(60)).await;
    let rename = |to: i64, of: i64, more: &str| {
        format!(
            "UPDATE entry SET user_id = {to}, debit = CASE debit WHEN {of} THEN {to} ELSE debit END, \
             credit = CASE credit WHEN {of} THEN {to} ELSE credit END{more} WHERE user_id = {of}"
        )
    };
    let refused = async |sql: String| {
        let said = fresh.tamper(&sql).await.expect_err(&sql);
        assert!(said.contains("append-only"), "{sql}: {said}");
    };
    let drawn = UserId::pseudonym(5).0;
    let house = "SELECT kind, credited, debited, held FROM account WHERE id = 1";
    let copy = house.replace("kind", &format!("{drawn}, kind"));
    let copy = format!("INSERT INTO account (id, kind, credited, debited, held) {copy}");
    fresh.tamper(&copy).await.unwrap();
    refused(rename(drawn, 1, "")).await;

    db.begin_forgetting(ANN, "root", "they asked").await.unwrap();
    let name = format!("UPDATE forgetting SET pseudonym = {drawn}");
    fresh.tamper(&name).await.unwrap();
    let (moment, id) = match on {
        On::Sqlite => ("0", "randomblob(16)"),
        On::Postgres => ("'epoch'", "gen_random_uuid()"),
    };
    for more in [
        ", amount = amount + 1",
        ", kind = 'grant'",
        ", generation = NULL",
        ", reason = 'another'",
        ", actor = 'another'",
        ", seq = seq + 1000",
        &format!(", at = {moment}"),
        // Of a welcome only.
        &format!(", id = {id}"),
    ] {
        refused(rename(drawn, 1, more)).await;
    }
    for sql in [
        rename(drawn, 2, ""),
        rename(drawn - 1, 1, ""),
        rename(2, 1, ""),
        format!("UPDATE entry SET user_id = {drawn} WHERE user_id = 1"),
        "UPDATE entry SET reason = '' WHERE user_id = 1".to_owned(),
        "DELETE FROM entry WHERE user_id = 1".to_owned(),
    ] {
        refused(sql).await;
    }
    let emptied = |at: &str| format!("UPDATE forgetting SET emptied_at = {at}");
    fresh.tamper(&emptied(moment)).await.unwrap();
    refused(rename(drawn, 1, "")).await;
    fresh.tamper(&emptied("NULL")).await.unwrap();
    fresh.tamper(&rename(drawn, 1, ", reason = ''")).await.unwrap();
    refused(rename(1, drawn, "")).await;
}

async fn what_was_set_aside_does_not_hold_a_deletion_up(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    let pictures = produce(db, &generation(ANN, 1, 2), after(60)).await;
    for entry in parcels(db).await {
        for _failure in 0..3 {
            db.fail_entry(entry.id, "no such chat").await.unwrap();
        }
    }
    let waits = async || db.forgetting_waits(ANN).await.unwrap();
    assert!(waits().await.parcels >= 2 && waits().await.generations == 1);
    db.give_up_owed(ANN).await.unwrap();
    // The apology for what was set aside is sent.
    for entry in parcels(db).await {
        let settled = Change::SettleParcel { id: entry.id, delivered: true, at: after(70) };
        commit(db, ANN, vec![settled]).await;
    }
    assert_eq!((waits().await.parcels, waits().await.generations), (0, 0));

    assert_eq!(db.trash_all_of(ANN).await.unwrap(), 2);
    for _failure in 0..3 {
        db.fail_storage(pictures[0], "no such bucket").await.unwrap();
    }
    assert_eq!((waits().await.pictures, waits().await.aside), (2, 1));
    assert_eq!(db.storage_jobs(9).await.unwrap().len(), 1);
    // Asked for once more, it is tried once more.
    db.begin_forgetting(ANN, "root", "they asked").await.unwrap();
    assert_eq!((waits().await.pictures, waits().await.aside), (2, 0));
    assert_eq!(db.storage_jobs(9).await.unwrap().len(), 2);
    clean(db).await;
}

/// Another process books while the one transaction is under way.
async fn a_gift_at_the_last_moment_is_booked_whole_or_not_at_all(on: On) {
    let fresh = Fresh::new(on).await;
    let (db, other) = (&fresh.db, fresh.again().await);
    let people = (1..=12).map(UserId);
    for user in people.clone() {
        register(db, user, 100).await;
        commit(db, user, vec![Change::SetBlocked(true)]).await;
        db.begin_forgetting(user, "root", "they asked").await.unwrap();
    }
    let rows = db.forgettings().await.unwrap();
    assert_eq!(rows.len(), people.count());
    for row in rows {
        let gift = Gift {
            user: row.user,
            amount: Credits(5),
            reason: "late".to_owned(),
            by: "cli".to_owned(),
            cause: row.user.to_string(),
        };
        let (emptied, given) = tokio::join!(db.empty(&row), give(&other, gift, after(5)));
        let (emptied, given) = (emptied.unwrap(), given.unwrap().is_ok());
        assert_ne!(emptied, given, "the message of a gift holds the deletion up");
        let whose = if emptied { row.pseudonym } else { row.user };
        let expected = if given { 105 } else { 100 };
        assert_eq!(db.account(whose).await.unwrap().available(), Credits(expected));
    }
    clean(db).await;
}

async fn a_request_is_struck_once_the_provider_has_nothing_of_it(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    register(db, BOB, 50).await;
    let asked =
        |user, intent| Generation { ticket: Some(ticket(intent)), ..generation(user, intent, 1) };
    for intent in 1..=3 {
        produce(db, &asked(ANN, intent), after(60)).await;
    }
    // Its submit was lost: nobody knows its id.
    produce(db, &generation(ANN, 4, 1), after(60)).await;
    show_all(db).await;
    produce(db, &asked(BOB, 5), after(60)).await;
    let ids = async |user, limit| -> Vec<_> {
        db.requests_of(user, limit).await.unwrap().into_iter().map(|(id, _)| id).collect()
    };
    let (hers, his) = (ids(ANN, 9).await, ids(BOB, 9).await);
    assert_eq!((hers.len(), his.len()), (3, 1));
    assert_eq!(ids(ANN, 2).await, hers[..2]);
    let kept = db.generation(hers[0]).await.unwrap().unwrap();
    let (_, request) = db.requests_of(ANN, 1).await.unwrap().remove(0);
    assert_eq!(kept.ticket.map(|ticket| ticket.request_id), Some(request));

    for _again in 0..2 {
        db.strike_request(ANN, hers[0]).await.unwrap();
        assert_eq!(ids(ANN, 9).await, hers[1..]);
    }
    assert_eq!(db.generation(hers[0]).await.unwrap().unwrap().ticket, None);
    // Nobody else's, and nothing that the tracker still asks about: his is not delivered.
    db.strike_request(ANN, his[0]).await.unwrap();
    db.strike_request(BOB, his[0]).await.unwrap();
    assert_eq!(ids(BOB, 9).await, his);
    assert_eq!(db.forgetting_waits(ANN).await.unwrap().requests, 2);

    db.begin_forgetting(ANN, "root", "they asked").await.unwrap();
    let row = async || db.forgetting_of(ANN).await.unwrap().unwrap().0;
    assert_eq!(row().await.payload_trouble, None);
    for trouble in [Some(PayloadTrouble::Away), Some(PayloadTrouble::Refused), None] {
        db.note_payload_trouble(&row().await, trouble).await.unwrap();
        assert_eq!(row().await.payload_trouble, trouble);
    }
    clean(db).await;
}
