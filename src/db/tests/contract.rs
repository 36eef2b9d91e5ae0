//! What every store must do, whatever it keeps things in.

mod changes;
mod deaths;
mod galleries;
mod inboxes;
mod money;
mod outboxes;

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        change::{Change, Changes, Committed, Progress, Refusal},
        generation::{Generation, Order, State, Ticket},
        id::{GenerationId, IntentId, ModelId, PictureId, UpdateId, UserId},
        ledger::{Credits, Entry},
        outbox::{OutboxEntry, Parcel},
        person::Profile,
        picture::{Content, ImageType, ObjectKey, Picture, PictureState, Place},
        time::Timestamp,
        update::{Input, Update},
    },
    port::{Arrival, Source, Store},
};

/// The moment at which all of this happens.
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

/// Runs the whole contract; every part on a fresh store.
pub(super) async fn store_contract(make: impl AsyncFn() -> Arc<dyn Store>) {
    changes::people(&*make().await).await;
    changes::registration_race(make().await).await;
    changes::conversations(&*make().await).await;
    changes::generations(&*make().await).await;
    changes::moves_outside_the_picture(&*make().await).await;
    changes::pictures(&*make().await).await;
    changes::members_stand_alone(&*make().await).await;
    inboxes::repeats(&*make().await).await;
    inboxes::many_at_once(make().await).await;
    inboxes::failures(&*make().await).await;
    money::grants(&*make().await).await;
    money::hold_capture_refund(&*make().await).await;
    money::hold_release(&*make().await).await;
    money::refusals(&*make().await).await;
    money::true_numbers_within_a_member(&*make().await).await;
    money::two_holds_at_once(make().await).await;
    money::history(&*make().await).await;
    galleries::versions(&*make().await).await;
    galleries::paging(&*make().await).await;
    galleries::others_see_nothing(&*make().await).await;
    galleries::statistics(&*make().await).await;
    galleries::storage(&*make().await).await;
    outboxes::kinds(&*make().await).await;
    outboxes::delivery(&*make().await).await;
    outboxes::failures(&*make().await).await;
    deaths::lonely_deaths_set_aside(&*make().await).await;
}

pub(crate) fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

pub(crate) fn profile(user: UserId) -> Profile {
    Profile {
        id: user,
        first_name: format!("Person {user}"),
        username: Some(format!("user_{user}")),
        language_code: Some("ru".to_owned()),
    }
}

/// Commits one member.
pub(super) async fn try_commit(
    store: &dyn Store,
    user: UserId,
    list: Vec<Change>,
) -> Result<Committed, Refusal> {
    let answers = store.commit(vec![Changes::new(user, list)]).await.unwrap();
    assert_eq!(answers.len(), 1);
    answers[0]
}

/// Commits one member that must be stored.
#[track_caller]
pub(crate) fn commit<'a>(
    store: &'a dyn Store,
    user: UserId,
    list: Vec<Change>,
) -> impl Future<Output = Committed> + 'a {
    let caller = std::panic::Location::caller();
    async move {
        try_commit(store, user, list)
            .await
            .unwrap_or_else(|refusal| panic!("refused at {caller}: {refusal}"))
    }
}

/// Registers a person with so many credits.
pub(crate) async fn register(store: &dyn Store, user: UserId, credits: i64) {
    let mut list = vec![Change::Register { profile: profile(user), at: NOW }];
    if credits > 0 {
        list.push(Change::Book(Entry::welcome(user, Credits(credits), NOW)));
    }
    commit(store, user, list).await;
}

pub(super) fn model(name: &str) -> ModelId {
    ModelId::parse(name).unwrap()
}

/// A generation of so many pictures at 3 credits each.
pub(crate) fn generation(user: UserId, intent: u64, count: u8) -> Generation {
    Generation {
        id: GenerationId::derive(user, IntentId(intent)),
        user,
        order: Order {
            model: model("imagen4"),
            prompt: format!("a fox in the snow, {intent}"),
            ratio: "16:9".to_owned(),
            resolution: Some("2K".to_owned()),
            count,
            seed: u32::MAX,
            price: Credits(3),
        },
        state: State::Reserved,
        message: None,
        ticket: None,
        submits: 0,
        attempts: 0,
        failure: None,
        captured: 0,
        created_at: after(intent),
        submitted_at: None,
        finished_at: None,
        deadline_at: after(intent + 600),
    }
}

pub(crate) fn ticket(intent: u64) -> Ticket {
    Ticket {
        request_id: format!("request-{intent}"),
        status_url: format!("http://fal/{intent}/status"),
        response_url: format!("http://fal/{intent}"),
        cancel_url: format!("http://fal/{intent}/cancel"),
    }
}

/// The hold and the row, as one press of "Generate" makes them.
pub(crate) fn reserve(made: &Generation) -> Vec<Change> {
    let hold = Entry::hold(made.user, made.id, made.order.total(), made.created_at);
    vec![Change::Book(hold), Change::AddGeneration(Box::new(made.clone()))]
}

pub(crate) fn advance(id: GenerationId, from: State, to: State) -> Change {
    Change::Advance { id, from, to, with: Progress::default() }
}

pub(crate) fn picture(made: &Generation, n: u8) -> Picture {
    Picture {
        id: PictureId { generation: made.id, n },
        owner: made.user,
        model: made.order.model.clone(),
        state: PictureState::Pending,
        url: format!("http://fal/files/{}/{n}.jpg", made.id),
        url_expires_at: Some(after(7 * 24 * 3600)),
        object: None,
        content: None,
        file_id: None,
        favourite: false,
        listed_at: None,
        created_at: made.created_at,
        attempts: 0,
    }
}

pub(super) fn content() -> Content {
    Content { image_type: ImageType::Jpeg, size: 123_456, hash: [7; 32], width: 1408, height: 768 }
}

pub(crate) fn object(id: PictureId) -> ObjectKey {
    ObjectKey { bucket: "imagen4".to_owned(), key: format!("2026/09/21/{id}.jpg") }
}

pub(super) fn settle(id: PictureId, from: PictureState, to: PictureState) -> Change {
    Change::SettlePicture {
        id,
        from: vec![from],
        to,
        object: Some(object(id)),
        content: Some(content()),
    }
}

/// Takes a generation from the hold to paid pictures in the gallery and parcels in the outbox.
pub(crate) async fn produce(store: &dyn Store, made: &Generation, at: Timestamp) -> Vec<PictureId> {
    let (user, id, count) = (made.user, made.id, made.order.count);
    let mut reserved = made.clone();
    reserved.state = State::Queued;
    commit(store, user, reserve(&reserved)).await;
    let ids: Vec<PictureId> = (1..=count).map(|n| PictureId { generation: id, n }).collect();
    let rows = (1..=count).map(|n| picture(made, n)).collect();
    let resulted = vec![advance(id, State::Queued, State::Resulted), Change::AddPictures(rows)];
    commit(store, user, resulted).await;
    let mut list: Vec<Change> =
        ids.iter().map(|id| settle(*id, PictureState::Pending, PictureState::Stored)).collect();
    list.push(Change::Book(Entry::capture(user, id, made.order.total(), at)));
    list.push(Change::Advance {
        id,
        from: State::Resulted,
        to: State::Captured,
        with: Progress { captured: Some(count), finished_at: Some(at), ..Progress::default() },
    });
    for id in &ids {
        let listed_at = Place::of(at, *id, count).listed_at;
        list.push(Change::ListPicture { id: *id, listed_at });
        list.push(Change::Enqueue { parcel: Parcel::Picture(*id), at });
    }
    commit(store, user, list).await;
    ids
}

pub(crate) async fn parcels(store: &dyn Store) -> Vec<OutboxEntry> {
    store.open_entries(aisha_actors::domain::id::OutboxId(0), 1000).await.unwrap()
}

pub(crate) fn arrival(update: i64, user: UserId) -> Arrival {
    Arrival {
        source: Source::Telegram,
        update: Update {
            id: UpdateId(update),
            from: profile(user),
            input: Input::Said("hello".to_owned()),
        },
        payload: format!("{{\"update_id\":{update}}}"),
    }
}

/// The books are right.
pub(crate) async fn clean(store: &dyn Store) {
    assert_eq!(store.violations().await.unwrap(), Vec::<String>::new());
}
