//! What the dashboard's pages of storage, catalogue and broadcasts read and say.

use aisha_actors::{
    domain::{
        change::Change,
        generation::State,
        id::{OutboxId, PictureId, UserId},
        ledger::Credits,
        picture::PictureState,
    },
    port::{Kind, Outbox, Records},
};

use super::{
    Fresh, On,
    contract::{
        after, clean, commit, content, generation, model, picture, produce, register, reserve,
    },
};
use crate::db::reports::{AsideId, BroadcastState, MAINTENANCE, NewBroadcast, Segment};

on_each!(
    what_is_stored_is_counted_and_what_is_not_is_listed_by_when_it_ends,
    an_operators_word_on_a_model_wins_until_it_is_lifted,
    a_switch_stands_as_it_was_set_last,
    a_broadcast_reaches_everybody_once_and_hears_a_pause,
    a_cancelled_broadcast_gives_up_what_waits,
    a_broadcast_tells_who_blocked_the_bot_from_what_failed,
);

const ANN: UserId = UserId(1);

async fn what_is_stored_is_counted_and_what_is_not_is_listed_by_when_it_ends(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    produce(db, &generation(ANN, 1, 2), after(60)).await;
    let mut made = generation(ANN, 2, 4);
    made.state = State::Resulted;
    commit(db, ANN, reserve(&made)).await;
    let ends = [Some(after(500)), None, Some(after(400)), Some(after(400))];
    let rows = (1..=4).zip(ends).map(|(n, url_expires_at)| {
        let state = if n == 4 { PictureState::Lost } else { PictureState::Fallback };
        let attempts = if n == 3 { 3 } else { 0 };
        let content = Some(content());
        let row = picture(&made, n);
        aisha_actors::domain::picture::Picture { state, attempts, url_expires_at, content, ..row }
    });
    commit(db, ANN, vec![Change::AddPictures(rows.collect())]).await;

    let (mut walked, mut spot) = (Vec::new(), None);
    while let [one] =
        db.unsettled_pictures(PictureState::Fallback, spot, 1).await.unwrap().as_slice()
    {
        walked.push(one.picture.id.n);
        spot = Some(one.spot);
    }
    assert_eq!(walked, [2, 3, 1], "without a promise first, then who ends first");
    let lost = db.unsettled_pictures(PictureState::Lost, None, 9).await.unwrap();
    assert_eq!(lost.iter().map(|one| one.picture.id.n).collect::<Vec<_>>(), [4]);
    let backlog = db.backlog().await.unwrap();
    assert_eq!((backlog.backfills.0, backlog.deletions.0, backlog.aside.0), (2, 0, 1));
    assert_eq!(backlog.oldest, Some(made.created_at));
    assert_eq!(db.overview(after(1)).await.unwrap().storage_aside.0, 1);

    assert_eq!(db.bucket_counts().await.unwrap(), []);
    db.count_storage(after(100)).await.unwrap();
    let told = async || {
        let counts = db.bucket_counts().await.unwrap().into_iter();
        let told = counts.map(|count| {
            let bucket = count.bucket.unwrap_or_else(|| "-".to_owned());
            format!("{bucket} {} {} {}", count.state.name(), count.pictures, count.bytes)
        });
        told.collect::<Vec<_>>()
    };
    let first = ["- fallback 3 370368", "- lost 1 123456", "imagen4 stored 2 246912"];
    assert_eq!(told().await, first);
    let one = PictureId { generation: generation(ANN, 1, 2).id, n: 1 };
    commit(db, ANN, vec![Change::TrashPicture { id: one }]).await;
    db.count_storage(after(160)).await.unwrap();
    assert_eq!(told().await, first, "counted a minute ago");
    db.count_storage(after(800)).await.unwrap();
    assert_eq!(told().await[2..], ["imagen4 stored 1 123456", "imagen4 trashed 1 123456"]);
}

async fn an_operators_word_on_a_model_wins_until_it_is_lifted(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let (imagen, nano) = (model("imagen4"), model("nano-banana"));
    let nothing = db.lift_model_override(&imagen, "root").await.unwrap_err();
    assert_eq!(nothing.kind, Kind::NotFound);
    db.set_model_override(&imagen, false, "it is gone", "root").await.unwrap();
    db.set_model_override(&nano, true, "try it", "eve").await.unwrap();
    fresh.set(after(5));
    db.set_model_override(&imagen, true, "it is back", "eve").await.unwrap();
    let standing = async || {
        let words = db.model_overrides().await.unwrap().into_iter();
        words.map(|word| (word.model.to_string(), word.on_sale, word.reason)).collect::<Vec<_>>()
    };
    let other = ("nano-banana".to_owned(), true, "try it".to_owned());
    let back = ("imagen4".to_owned(), true, "it is back".to_owned());
    assert_eq!(standing().await, [back, other.clone()]);
    fresh.set(after(6));
    db.lift_model_override(&imagen, "ann").await.unwrap();
    assert_eq!(standing().await, [other]);
    let history = db.model_override_history(9).await.unwrap();
    let lifted: Vec<_> = history.into_iter().map(|word| word.lifted).collect();
    let by = |at, who: &str| Some((after(at), who.to_owned()));
    assert_eq!(lifted, [by(6, "ann"), None, by(5, "eve")]);
}

async fn a_switch_stands_as_it_was_set_last(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    assert_eq!(db.switch(MAINTENANCE).await.unwrap(), None);
    db.set_switch(MAINTENANCE, true, "back at noon", "root").await.unwrap();
    let set = db.switch(MAINTENANCE).await.unwrap().unwrap();
    assert_eq!((set.is_on, set.note.as_str(), set.author.as_str()), (true, "back at noon", "root"));
    db.set_switch(MAINTENANCE, false, "", "eve").await.unwrap();
    let set = db.switch(MAINTENANCE).await.unwrap().unwrap();
    assert_eq!((set.is_on, set.author.as_str()), (false, "eve"));
}

/// Five people, of whom one is blocked and one blocked the bot; then a draft to all.
async fn five_and_a_draft(on: On) -> (Fresh, i64) {
    let fresh = Fresh::new(on).await;
    for id in 1..=5 {
        register(&fresh.db, UserId(id), 0).await;
    }
    commit(&fresh.db, UserId(2), vec![Change::SetBlocked(true)]).await;
    commit(&fresh.db, UserId(4), vec![Change::SetStopped(true)]).await;
    let new = NewBroadcast {
        text_en: "News".to_owned(),
        text_ru: "Новости".to_owned(),
        segment: Segment::Everyone,
        author: "root".to_owned(),
    };
    let id = fresh.db.create_broadcast(new).await.unwrap();
    (fresh, id)
}

async fn owed(fresh: &Fresh, settle: &str) {
    let at = "(SELECT created_at FROM broadcast)";
    fresh
        .tamper(&format!(
            "UPDATE outbox SET state = '{settle}', settled_at = {at} \
             WHERE seq = (SELECT min(seq) FROM outbox WHERE is_open)"
        ))
        .await
        .unwrap();
}

async fn a_broadcast_reaches_everybody_once_and_hears_a_pause(on: On) {
    let (fresh, id) = five_and_a_draft(on).await;
    let db = &fresh.db;
    assert_eq!(db.next_batch(id, 9).await.unwrap(), 0, "a draft");
    for (segment, count) in [
        (Segment::Everyone, 3),
        (Segment::Language("ru".to_owned()), 3),
        (Segment::Language("en".to_owned()), 0),
        (Segment::Active(30), 0),
        (Segment::Idle(30), 3),
    ] {
        assert_eq!(db.count_segment(segment.clone()).await.unwrap().0, count, "{segment}");
    }
    db.start_broadcast(id).await.unwrap();
    fresh.set(after(5));
    commit(
        db,
        UserId(6),
        vec![Change::Register { profile: super::contract::profile(UserId(6)), at: after(5) }],
    )
    .await;
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 2);
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 0, "as many as may wait do");
    owed(&fresh, "done").await;
    db.pause_broadcast(id).await.unwrap();
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 0, "it is paused");
    assert_eq!(db.start_broadcast(id).await.unwrap_err().kind, Kind::Conflict);
    db.resume_broadcast(id).await.unwrap();
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 1);
    owed(&fresh, "dead").await;
    db.tally_broadcast(id).await.unwrap();
    let row = db.list_broadcasts(None, 9).await.unwrap().remove(0);
    assert_eq!((row.queued, row.sent, row.blocked, row.failed), (3, 1, 1, 0));
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 0, "nobody is left: the sixth came too late");
    owed(&fresh, "done").await;
    db.tally_broadcast(id).await.unwrap();
    let row = db.list_broadcasts(None, 9).await.unwrap().remove(0);
    assert_eq!((row.state, row.queued), (BroadcastState::Done, 3));
    assert_eq!((row.sent, row.blocked, row.failed), (2, 1, 0));
    assert!(row.is_walked && row.finished_at.is_some());
    assert_eq!(db.list_broadcasts(Some(id), 9).await.unwrap(), []);
    assert_eq!(db.cancel_broadcast(id).await.unwrap_err().kind, Kind::Conflict);
    assert_eq!(db.account(ANN).await.unwrap().available(), Credits(0));
    clean(db).await;
}

async fn a_cancelled_broadcast_gives_up_what_waits(on: On) {
    let (fresh, id) = five_and_a_draft(on).await;
    let db = &fresh.db;
    db.start_broadcast(id).await.unwrap();
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 2);
    db.cancel_broadcast(id).await.unwrap();
    assert_eq!(db.figures().await.unwrap().outbox_open, 0);
    db.tally_broadcast(id).await.unwrap();
    let row = db.list_broadcasts(None, 9).await.unwrap().remove(0);
    assert_eq!((row.state, row.queued), (BroadcastState::Cancelled, 2));
    assert_eq!((row.sent, row.blocked, row.failed), (0, 0, 0), "given up is neither");
    assert_eq!(db.next_batch(id, 2).await.unwrap(), 0);
}

/// One was sent, one blocked the bot after a failure, and one failed again and again: set aside, or given up.
async fn a_broadcast_tells_who_blocked_the_bot_from_what_failed(on: On) {
    let (fresh, id) = five_and_a_draft(on).await;
    let db = &fresh.db;
    db.start_broadcast(id).await.unwrap();
    assert_eq!(db.next_batch(id, 9).await.unwrap(), 3);
    let entries = db.open_entries(OutboxId(0), 9).await.unwrap();
    let settle = async |at: usize, delivered: bool| {
        let change = Change::SettleParcel { id: entries[at].id, delivered, at: after(70) };
        commit(db, entries[at].user, vec![change]).await;
    };
    settle(0, true).await;
    db.fail_entry(entries[1].id, "no such chat").await.unwrap();
    settle(1, false).await;
    for _ in 0..3 {
        db.fail_entry(entries[2].id, "no such chat").await.unwrap();
    }
    let counts = async || {
        db.tally_broadcast(id).await.unwrap();
        let row = db.broadcast(id).await.unwrap().unwrap();
        (row.queued, row.sent, row.blocked, row.failed)
    };
    assert_eq!(counts().await, (3, 1, 1, 1));
    db.discard(AsideId::Parcel(entries[2].id)).await.unwrap();
    assert_eq!(counts().await, (3, 1, 1, 1), "given up later, it failed all the same");
}
