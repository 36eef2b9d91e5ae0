//! What an operator changes by hand.

use aisha_actors::{
    domain::{
        change::{Change, Progress},
        generation::{Failure, State},
        id::{MessageId, OutboxId, PictureId, UserId},
        ledger::Entry,
        outbox::{OutboxEntry, Parcel},
    },
    port::Records,
};

use super::{
    Fresh, On,
    contract::{after, clean, commit, generation, parcels, produce, register, reserve},
};

on_each!(
    pictures_are_owed_again_where_they_were,
    how_it_ended_is_owed_again,
    what_nobody_remembers_is_owed_anew,
);

const ANN: UserId = UserId(1);

fn owed(entries: &[OutboxEntry]) -> Vec<Parcel> {
    entries.iter().map(|entry| entry.parcel.clone()).collect()
}

async fn settle(fresh: &Fresh, id: OutboxId, delivered: bool) {
    let settled = Change::SettleParcel { id, delivered, at: after(70) };
    commit(&fresh.db, ANN, vec![settled]).await;
}

async fn pictures_are_owed_again_where_they_were(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    let made = generation(ANN, 1, 3);
    let ids: Vec<PictureId> = produce(db, &made, after(60)).await;
    let first = parcels(db).await;
    let place = Change::PlaceParcel { id: first[1].id, message: MessageId(55) };
    commit(db, ANN, vec![place]).await;
    settle(&fresh, first[0].id, true).await;
    settle(&fresh, first[1].id, false).await;
    // The third one is owed still.
    assert_eq!(db.deliver_again(made.id).await.unwrap(), 2);
    let again = parcels(db).await;
    let expected = [2, 0, 1].map(|index| Parcel::Picture(ids[index]));
    assert_eq!(owed(&again), expected);
    assert_eq!(again[2].placed, Some(MessageId(55)), "in the message that it had");
    assert!(again[1].id > first[2].id, "found among what came in last");
    assert_eq!(db.deliver_again(made.id).await.unwrap(), 0);
    // What its owner deleted stays deleted.
    commit(db, ANN, vec![Change::TrashPicture { id: ids[0] }]).await;
    for entry in again {
        settle(&fresh, entry.id, true).await;
    }
    assert_eq!(db.deliver_again(made.id).await.unwrap(), 2);
    assert_eq!(owed(&parcels(db).await), [Parcel::Picture(ids[1]), Parcel::Picture(ids[2])]);
    clean(db).await;
}

async fn how_it_ended_is_owed_again(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    let made = generation(ANN, 1, 2);
    commit(db, ANN, reserve(&made)).await;
    assert_eq!(db.deliver_again(made.id).await.unwrap(), 0, "it came to nothing yet");
    let at = after(20);
    let with =
        Progress { failure: Some(Failure::Safety), finished_at: Some(at), ..Progress::default() };
    let (from, to) = (State::Reserved, State::Failed);
    let parcel = Parcel::Outcome(made.id);
    let ended = vec![
        Change::Book(Entry::release(ANN, made.id, at)),
        Change::Advance { id: made.id, from, to, with },
        Change::Enqueue { parcel: parcel.clone(), at },
    ];
    commit(db, ANN, ended).await;
    settle(&fresh, parcels(db).await[0].id, true).await;
    assert_eq!(db.deliver_again(made.id).await.unwrap(), 1);
    assert_eq!(owed(&parcels(db).await), [parcel]);
    assert_eq!(db.deliver_again(generation(ANN, 9, 1).id).await.unwrap(), 0, "there is none");
    clean(db).await;
}

/// Settled entries are swept away after a while.
async fn what_nobody_remembers_is_owed_anew(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    let made = generation(ANN, 1, 1);
    let ids = produce(db, &made, after(60)).await;
    settle(&fresh, parcels(db).await[0].id, true).await;
    commit(db, ANN, vec![Change::DeliverIfShown { id: made.id, at: after(70) }]).await;
    db.sweep(after(31 * 24 * 3600)).await.unwrap();
    assert_eq!(db.deliver_again(made.id).await.unwrap(), 1);
    assert_eq!(owed(&parcels(db).await), [Parcel::Picture(ids[0])]);
    let row = db.generation(made.id).await.unwrap().unwrap();
    assert_eq!(row.state, State::Delivered);
    clean(db).await;
}
