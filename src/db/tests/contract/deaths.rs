use aisha_actors::{
    DEATHS_MAX,
    domain::{
        change::Change,
        generation::State,
        id::{OutboxId, Seq, UserId},
        outbox::Parcel,
        picture::PictureState,
    },
    port::{InHand, Store},
};

use super::{
    advance, after, arrival, commit, generation, parcels, produce, register, reserve, settle,
};

const ANN: UserId = UserId(1);

/// Whatever was in hand among others is suspected, however often; what was in hand alone at so many
/// deaths is set aside; what finished between them is not touched.
pub(super) async fn lonely_deaths_set_aside(store: &dyn Store) {
    store.open_after_death(after(0)).await.unwrap();
    register(store, ANN, 100).await;
    let made = generation(ANN, 1, 2);
    let pictures = produce(store, &made, after(60)).await;
    for id in &pictures {
        let fallback = settle(*id, PictureState::Stored, PictureState::Fallback);
        commit(store, ANN, vec![fallback]).await;
    }
    let open = generation(ANN, 2, 1);
    commit(store, ANN, reserve(&open)).await;
    commit(store, ANN, vec![advance(open.id, State::Reserved, State::Submitting)]).await;
    let seqs: Vec<Seq> = store
        .receive(vec![arrival(1, ANN), arrival(2, ANN)])
        .await
        .unwrap()
        .into_iter()
        .flatten()
        .collect();
    let owed: Vec<OutboxId> = parcels(store).await.iter().map(|entry| entry.id).collect();
    let take = || {
        store.take_in_hand(InHand::Update(seqs[0]));
        store.take_in_hand(InHand::Parcel(owed[0]));
        store.take_in_hand(InHand::Generation(open.id));
        store.take_in_hand(InHand::Storage(pictures[0]));
    };
    let attempts = async || {
        let update = store.open_items(Seq(0), 1).await.unwrap()[0].attempts;
        let entry = parcels(store).await[0].attempts;
        let generation = store.generation(open.id).await.unwrap().unwrap().attempts;
        let job = store.picture(pictures[0]).await.unwrap().unwrap().attempts;
        (update, entry, generation, job)
    };

    take();
    store.open_after_death(after(100)).await.unwrap();
    assert_eq!(attempts().await, (1, 1, 1, 1));

    take();
    store.open_after_death(after(110)).await.unwrap();
    assert_eq!(attempts().await, (1, 1, 1, 1), "nobody knows whose death it was");

    let alone = [
        InHand::Update(seqs[0]),
        InHand::Parcel(owed[0]),
        InHand::Generation(open.id),
        InHand::Storage(pictures[0]),
    ];
    for item in alone {
        for _ in 1..DEATHS_MAX {
            store.take_in_hand(item);
            store.open_after_death(after(120)).await.unwrap();
        }
    }
    assert_eq!(attempts().await, (1, 1, 1, 1), "still a suspect");
    for item in alone {
        store.take_in_hand(item);
        store.open_after_death(after(200)).await.unwrap();
    }
    let left: Vec<Seq> =
        store.open_items(Seq(0), 9).await.unwrap().iter().map(|item| item.seq).collect();
    assert!(!left.contains(&seqs[0]));
    let jobs: Vec<_> =
        store.storage_jobs(9).await.unwrap().iter().map(|picture| picture.id).collect();
    assert!(!jobs.contains(&pictures[0]));
    let entries = parcels(store).await;
    assert!(entries.iter().all(|entry| entry.id != owed[0]));
    let apologies = entries.iter().filter(|entry| entry.parcel == Parcel::Apology);
    assert_eq!(apologies.count(), 1);
    let row = store.generation(open.id).await.unwrap().unwrap();
    assert_eq!((row.state, row.attempts), (State::Submitting, 3), "only counted");

    let last = seqs[1];
    store.take_in_hand(InHand::Update(last));
    store.finish(vec![last]).await.unwrap();
    let settled = Change::SettleParcel { id: owed[1], delivered: true, at: after(201) };
    store.take_in_hand(InHand::Parcel(owed[1]));
    commit(store, ANN, vec![settled]).await;
    store.open_after_death(after(300)).await.unwrap();
    assert_eq!(store.open_items(Seq(0), 9).await.unwrap(), []);
    let apologies = parcels(store).await;
    assert_eq!(apologies.len(), 1, "{apologies:?}");
}
