use aisha_actors::{
    domain::{
        change::{Change, Refusal},
        generation::State,
        id::{MessageId, OutboxId, UserId},
        ledger::Credits,
        outbox::Parcel,
    },
    port::{ItemFault, Kind, Store},
};

use super::{
    NOW, after, clean, commit, generation, parcels, produce, register, reserve, try_commit,
};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

fn settled(id: OutboxId, delivered: bool) -> Vec<Change> {
    vec![Change::SettleParcel { id, delivered, at: after(9) }]
}

/// Every kind of parcel comes out as it was put in, in order, until it is settled.
async fn parcels_of_every_kind(store: &dyn Store) -> Vec<OutboxId> {
    register(store, ANN, 100).await;
    let made = generation(ANN, 1, 1);
    commit(store, ANN, reserve(&made)).await;
    let all = [
        Parcel::Outcome(made.id),
        Parcel::Granted { amount: Credits(-5), reason: "a reason, \"quoted\"".to_owned() },
        Parcel::Refunded { generation: made.id, amount: Credits(3) },
        Parcel::Apology,
        Parcel::Note("Hello.\nA second line, \"quoted\"".to_owned()),
    ];
    let list = all.iter().cloned().map(|parcel| Change::Enqueue { parcel, at: NOW }).collect();
    commit(store, ANN, list).await;
    let open = parcels(store).await;
    assert_eq!(open.iter().map(|entry| entry.parcel.clone()).collect::<Vec<_>>(), all);
    assert!(
        open.iter()
            .all(|entry| { entry.user == ANN && entry.placed.is_none() && entry.attempts == 0 })
    );
    open.iter().map(|entry| entry.id).collect()
}

pub(super) async fn kinds(store: &dyn Store) {
    register(store, BOB, 0).await;
    let ids = parcels_of_every_kind(store).await;
    let entry = async |index: usize| parcels(store).await[index].clone();
    let page = store.open_entries(ids[1], 1).await.unwrap();
    assert_eq!(page, [entry(2).await]);

    let place = vec![Change::PlaceParcel { id: ids[0], message: MessageId(55) }];
    commit(store, BOB, place.clone()).await;
    assert_eq!(entry(0).await.placed, None, "not Bob's");
    commit(store, ANN, place).await;
    assert_eq!(entry(0).await.placed, Some(MessageId(55)));

    commit(store, BOB, settled(ids[0], true)).await;
    assert_eq!(entry(0).await.id, ids[0], "not Bob's");
    commit(store, ANN, settled(ids[0], true)).await;
    commit(store, ANN, settled(ids[0], false)).await;
    commit(store, ANN, settled(ids[2], false)).await;
    let left: Vec<OutboxId> = parcels(store).await.iter().map(|entry| entry.id).collect();
    assert_eq!(left, [ids[1], ids[3], ids[4]]);
}

/// A generation is delivered once none of its pictures is owed any more.
pub(super) async fn delivery(store: &dyn Store) {
    register(store, ANN, 100).await;
    register(store, BOB, 100).await;
    let made = generation(ANN, 1, 2);
    let pictures = produce(store, &made, after(60)).await;
    let deliver = vec![Change::DeliverIfShown { id: made.id, at: after(70) }];
    let state = async || store.generation(made.id).await.unwrap().unwrap().state;
    let again = vec![Change::Enqueue { parcel: Parcel::Picture(pictures[0]), at: after(61) }];
    assert_eq!(try_commit(store, ANN, again).await, Err(Refusal::Exists), "shown once");

    commit(store, ANN, deliver.clone()).await;
    assert_eq!(state().await, State::Captured);
    let owed = parcels(store).await;
    commit(store, ANN, settled(owed[0].id, true)).await;
    commit(store, ANN, deliver.clone()).await;
    assert_eq!(state().await, State::Captured);
    let live: Vec<_> = store.live_generations().await.unwrap();
    assert_eq!(live.iter().map(|generation| generation.id).collect::<Vec<_>>(), [made.id]);
    commit(store, ANN, settled(owed[1].id, false)).await;
    commit(store, BOB, deliver.clone()).await;
    assert_eq!(state().await, State::Captured, "not Bob's");
    commit(store, ANN, deliver.clone()).await;
    assert_eq!(state().await, State::Delivered);
    commit(store, ANN, deliver).await;
    assert_eq!(store.live_generations().await.unwrap(), []);

    let open = generation(ANN, 2, 1);
    commit(store, ANN, reserve(&open)).await;
    commit(store, ANN, vec![Change::DeliverIfShown { id: open.id, at: after(71) }]).await;
    let row = store.generation(open.id).await.unwrap().unwrap();
    assert_eq!(row.state, State::Reserved, "only what was captured");
    clean(store).await;
}

/// The third failure sets an entry aside; the others go on.
pub(super) async fn failures(store: &dyn Store) {
    let ids = parcels_of_every_kind(store).await;
    for attempts in 1..=2 {
        let fault = store.fail_entry(ids[1], "it panicked").await.unwrap();
        assert_eq!(fault, ItemFault::Retry { attempts });
        assert_eq!(parcels(store).await[1].attempts, attempts);
    }
    for _ in 0..2 {
        let fault = store.fail_entry(ids[1], "it panicked").await.unwrap();
        assert_eq!(fault, ItemFault::Quarantined);
    }
    let left: Vec<OutboxId> = parcels(store).await.iter().map(|entry| entry.id).collect();
    assert_eq!(left, [ids[0], ids[2], ids[3], ids[4]], "nothing is owed for it in its place");
    let unknown = store.fail_entry(OutboxId(1 << 40), "who?").await.unwrap_err();
    assert_eq!(unknown.kind, Kind::NotFound);
}
