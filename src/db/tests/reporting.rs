//! What the command line and the dashboard read.

use aisha_actors::{
    domain::{
        change::Change,
        generation::State,
        id::{OutboxId, PictureId, Seq, UserId},
        ledger::{Account, Credits, Entry},
        picture::PictureState,
    },
    port::{Inbox, Kind, Outbox, Records},
};

use super::{
    Fresh, On,
    contract::{
        NOW, after, arrival, clean, commit, generation, picture, produce, profile, register,
        reserve,
    },
};
use crate::db::reports::{
    AsideId, AsideKind, BalanceStats, Bounded, Figures, GenerationFilter, Glance, Page,
};

on_each!(
    people_are_listed_and_found,
    the_books_add_up,
    generations_are_listed_and_shown_with_their_failures,
    what_was_set_aside_is_replayed_or_thrown_away,
    a_generation_waits_for_no_picture_that_was_given_up,
    a_storage_job_that_was_set_aside_is_replayed_or_given_up,
);

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(22);

async fn busy(on: On) -> Fresh {
    let fresh = Fresh::new(on).await;
    register(&fresh.db, ANN, 100).await;
    register(&fresh.db, BOB, 10).await;
    let grant = |amount, cause| {
        let (reason, by) = ("gift".to_owned(), "root".to_owned());
        Change::Book(Entry::by_operator(ANN, Credits(amount), reason, by, cause, NOW))
    };
    commit(&fresh.db, ANN, vec![grant(50, "a"), grant(-20, "b")]).await;
    let made = generation(ANN, 1, 4);
    produce(&fresh.db, &made, after(60)).await;
    let refund = Entry::refund(ANN, made.id, Credits(3), after(61));
    commit(&fresh.db, ANN, vec![Change::Book(refund)]).await;
    commit(&fresh.db, BOB, reserve(&generation(BOB, 2, 1))).await;
    fresh
}

async fn people_are_listed_and_found(on: On) {
    let fresh = busy(on).await;
    let db = &fresh.db;
    commit(db, BOB, vec![Change::SetBlocked(true)]).await;
    let all = db.list_people(None, Page::default()).await.unwrap();
    assert_eq!(all.iter().map(|line| line.id).collect::<Vec<_>>(), [BOB, ANN]);
    assert_eq!(all[0].available, Credits(7));
    assert_eq!((all[0].pictures, all[0].open_generations, all[0].blocked), (0, 1, true));
    assert_eq!(all[1].available, Credits(121));
    assert_eq!((all[1].pictures, all[1].open_generations, all[1].blocked), (4, 0, false));
    assert_eq!(db.list_people(None, Page { limit: 1, offset: 1 }).await.unwrap(), all[1..]);
    let mut odd = profile(ANN);
    odd.first_name = "50%_off\\".to_owned();
    odd.username = None;
    commit(db, ANN, vec![Change::SaveProfile(odd)]).await;
    for (search, found) in [
        ("22", vec![BOB]),
        ("1", vec![ANN]),
        ("@user_22", vec![BOB]),
        ("PERSON", vec![BOB]),
        ("%_off\\", vec![ANN]),
        ("%", vec![ANN]),
        ("nobody", vec![]),
    ] {
        let lines = db.list_people(Some(search), Page::default()).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), found, "{search}");
        assert_eq!(db.count_people(Some(search)).await.unwrap(), found.len() as u64, "{search}");
    }
    let report = db.person_report(ANN, after(70)).await.unwrap().unwrap();
    assert_eq!(report.account.available(), Credits(121));
    assert_eq!((report.counts.last_month, report.counts.spent), (4, Credits(9)));
    assert_eq!(db.person_report(UserId(404), NOW).await.unwrap(), None);
}

async fn the_books_add_up(on: On) {
    let fresh = busy(on).await;
    let stats = fresh.db.balance_stats().await.unwrap();
    assert_eq!(
        stats,
        BalanceStats {
            issued: Credits(30),
            promo: Credits(110),
            revenue: Credits(9),
            held: Credits(3),
            circulating: Credits(131),
            refunded: Credits(3),
            entries: 8,
        }
    );
    let lines = fresh.db.list_balances(Page::default()).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.user).collect::<Vec<_>>(), [ANN, BOB]);
    let account = Account { credited: Credits(10), debited: Credits(0), held: Credits(3) };
    assert_eq!(lines[1].account, account);
    let fresh = Fresh::new(on).await;
    assert_eq!(fresh.db.balance_stats().await.unwrap(), BalanceStats::default());
}

async fn generations_are_listed_and_shown_with_their_failures(on: On) {
    let fresh = busy(on).await;
    let (done, open) = (generation(ANN, 1, 4).id, generation(BOB, 2, 1).id);
    for (filter, found) in [
        (GenerationFilter::default(), vec![done, open]),
        (GenerationFilter { state: Some(State::Captured), ..Default::default() }, vec![done]),
        (GenerationFilter { user: Some(BOB), ..Default::default() }, vec![open]),
        (GenerationFilter { before: Some(after(2)), ..Default::default() }, vec![done]),
        (GenerationFilter { live: true, user: Some(ANN), ..Default::default() }, vec![done]),
        (GenerationFilter { state: Some(State::Expired), ..Default::default() }, vec![]),
    ] {
        let rows = fresh.db.list_generations(filter.clone(), Page::default()).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), found, "{filter:?}");
    }
    fresh.db.fail_generation(open, "it panicked").await.unwrap();
    let report = fresh.db.generation_report(open).await.unwrap().unwrap();
    assert_eq!(report.failures.len(), 1);
    assert_eq!(report.failures[0].reason, "it panicked");
    let report = fresh.db.generation_report(done).await.unwrap().unwrap();
    assert_eq!(report.pictures.len(), 4);
    let kinds: Vec<&str> = report.entries.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["hold", "capture", "refund"]);
    let nobody = generation(ANN, 99, 1).id;
    assert_eq!(fresh.db.generation_report(nobody).await.unwrap(), None);
}

async fn what_was_set_aside_is_replayed_or_thrown_away(on: On) {
    let fresh = busy(on).await;
    let db = &fresh.db;
    let numbers = db.receive(vec![arrival(1, ANN), arrival(2, ANN)]).await.unwrap();
    let [first, second] = [numbers[0].unwrap(), numbers[1].unwrap()];
    let owed = db.open_entries(OutboxId(0), 9).await.unwrap();
    for _ in 0..3 {
        db.fail_item(first, "it panicked").await.unwrap();
        db.fail_item(second, "it panicked").await.unwrap();
        db.fail_entry(owed[0].id, "it panicked").await.unwrap();
        db.fail_entry(owed[1].id, "it panicked").await.unwrap();
    }
    let aside = db.list_aside(AsideKind::Update, Page::default()).await.unwrap();
    assert_eq!(
        aside.iter().map(|row| row.id).collect::<Vec<_>>(),
        [first, second].map(AsideId::Update)
    );
    assert_eq!((aside[0].user, aside[0].attempts), (ANN, 3));
    assert_eq!(aside[0].error.as_deref(), Some("it panicked"));
    assert_eq!(
        db.figures().await.unwrap(),
        Figures {
            people: 2,
            inbox_open: 0,
            inbox_quarantined: 2,
            outbox_open: 4,
            outbox_quarantined: 2,
            generations_open: 1,
            generations_undelivered: 1,
            storage_jobs: 0,
            storage_quarantined: 0,
        }
    );

    assert_eq!(db.glance().await.unwrap(), Glance { has_people: true, aside: Bounded(4) });
    assert!(db.first_person_at().await.unwrap().is_some());
    let empty = Fresh::new(on).await;
    let empty = &empty.db;
    assert_eq!(empty.glance().await.unwrap(), Glance::default());
    assert_eq!(empty.first_person_at().await.unwrap(), None);

    db.replay(AsideId::Update(first)).await.unwrap();
    let open = db.open_items(second, 9).await.unwrap();
    assert_eq!(open.len(), 1, "it comes as the last one, so that a running serve finds it");
    assert_eq!((open[0].update.0, open[0].attempts), (1, 0));
    assert_eq!(db.receive(vec![arrival(1, ANN)]).await.unwrap(), [None], "still known");
    db.discard(AsideId::Update(second)).await.unwrap();
    db.replay(AsideId::Parcel(owed[0].id)).await.unwrap();
    let last = db.open_entries(OutboxId(0), 9).await.unwrap().pop().unwrap();
    assert_eq!((last.parcel, last.attempts), (owed[0].parcel.clone(), 0));
    db.discard(AsideId::Parcel(owed[1].id)).await.unwrap();
    let stored = PictureId { generation: generation(ANN, 1, 4).id, n: 1 };
    for id in [AsideId::Update(Seq(1)), AsideId::Parcel(OutboxId(1)), AsideId::Storage(stored)] {
        assert_eq!(db.list_aside(id.kind(), Page::default()).await.unwrap(), []);
        assert_eq!(db.replay(id).await.unwrap_err().kind, Kind::NotFound);
        assert_eq!(db.discard(id).await.unwrap_err().kind, Kind::NotFound);
    }
    clean(db).await;
}

async fn a_generation_waits_for_no_picture_that_was_given_up(on: On) {
    let fresh = busy(on).await;
    let (db, made) = (&fresh.db, generation(ANN, 1, 4).id);
    let owed = db.open_entries(OutboxId(0), 9).await.unwrap();
    let owed = owed.iter().filter(|entry| entry.parcel.generation() == Some(made));
    let ids: Vec<OutboxId> = owed.map(|entry| entry.id).collect();
    assert_eq!(ids.len(), 4);
    for id in &ids[..2] {
        let settled = Change::SettleParcel { id: *id, delivered: true, at: after(70) };
        commit(db, ANN, vec![settled]).await;
    }
    for id in &ids[2..] {
        for _ in 0..3 {
            db.fail_entry(*id, "no such chat").await.unwrap();
        }
    }
    let state = async || db.generation(made).await.unwrap().unwrap().state;
    db.discard(AsideId::Parcel(ids[2])).await.unwrap();
    assert_eq!(state().await, State::Captured, "another one may still be replayed");
    db.discard(AsideId::Parcel(ids[3])).await.unwrap();
    assert_eq!(state().await, State::Delivered);
    assert_eq!(db.figures().await.unwrap().generations_undelivered, 0);
    clean(db).await;
}

async fn a_storage_job_that_was_set_aside_is_replayed_or_given_up(on: On) {
    let fresh = busy(on).await;
    let db = &fresh.db;
    let made = generation(ANN, 1, 4);
    let ids: Vec<PictureId> = (1..=4).map(|n| picture(&made, n).id).collect();
    for id in &ids[..2] {
        commit(db, ANN, vec![Change::TrashPicture { id: *id }]).await;
        for _ in 0..3 {
            db.fail_storage(*id, "no such bucket").await.unwrap();
        }
    }
    assert_eq!(db.storage_jobs(9).await.unwrap(), []);
    let aside = db.list_aside(AsideKind::Storage, Page::default()).await.unwrap();
    assert_eq!(
        aside.iter().map(|row| row.id).collect::<Vec<_>>(),
        [ids[0], ids[1]].map(AsideId::Storage)
    );
    assert_eq!((aside[0].user, aside[0].attempts), (ANN, 3));
    assert_eq!(aside[0].error.as_deref(), Some("no such bucket"));
    assert!(aside[0].what.starts_with("trashed: "), "{aside:?}");
    assert_eq!(db.figures().await.unwrap().storage_quarantined, 2);

    db.replay(AsideId::Storage(ids[0])).await.unwrap();
    let jobs = db.storage_jobs(9).await.unwrap();
    assert_eq!(jobs.iter().map(|job| (job.id, job.attempts)).collect::<Vec<_>>(), [(ids[0], 0)]);
    db.discard(AsideId::Storage(ids[1])).await.unwrap();
    assert_eq!(db.list_aside(AsideKind::Storage, Page::default()).await.unwrap(), []);
    assert_eq!(db.figures().await.unwrap().storage_quarantined, 0);
    assert_eq!(db.storage_jobs(9).await.unwrap().len(), 1, "given up is no job any more");
    let kept = db.picture(ids[1]).await.unwrap().unwrap();
    assert_eq!(kept.state, PictureState::Trashed, "the picture stays as it is");
    assert_eq!(db.discard(AsideId::Storage(ids[1])).await.unwrap_err().kind, Kind::NotFound);
    // Thought better of.
    db.replay(AsideId::Storage(ids[1])).await.unwrap();
    assert_eq!(db.storage_jobs(9).await.unwrap().len(), 2);
    for id in [ids[2], PictureId { n: 9, ..ids[2] }] {
        assert_eq!(db.replay(AsideId::Storage(id)).await.unwrap_err().kind, Kind::NotFound);
    }
}
