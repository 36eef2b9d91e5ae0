use std::sync::Arc;

use aisha_actors::{
    domain::{
        id::{Seq, UserId},
        outbox::Parcel,
    },
    port::{ItemFault, Kind, Source, Store},
};

use super::{arrival, parcels};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

/// An update counts once per source; order is the order of arrival.
pub(super) async fn repeats(store: &dyn Store) {
    let both = vec![arrival(10, ANN), arrival(9, BOB), arrival(10, ANN)];
    let numbers = store.receive(both).await.unwrap();
    let [Some(first), Some(second), None] = numbers.as_slice() else { panic!("{numbers:?}") };
    assert!(first < second);
    assert_eq!(store.receive(vec![arrival(9, BOB)]).await.unwrap(), [None]);
    let mut operators = arrival(10, ANN);
    operators.source = Source::Operator;
    let third = store.receive(vec![operators]).await.unwrap()[0].unwrap();

    let items = store.open_items(Seq(0), 10).await.unwrap();
    let seen: Vec<_> = items.iter().map(|item| (item.seq, item.update.0, item.user)).collect();
    assert_eq!(seen, [(*first, 10, ANN), (*second, 9, BOB), (third, 10, ANN)]);
    assert_eq!(items[0].payload, "{\"update_id\":10}");
    assert_eq!((items[1].source, items[2].source), (Source::Telegram, Source::Operator));
    assert_eq!(store.open_items(Seq(0), 2).await.unwrap(), items[..2]);
    assert_eq!(store.open_items(*second, 10).await.unwrap(), items[2..]);

    store.finish(vec![*first, third]).await.unwrap();
    store.finish(vec![*first]).await.unwrap();
    assert_eq!(store.open_items(Seq(0), 10).await.unwrap(), items[1..2]);
    assert_eq!(store.receive(vec![arrival(10, ANN)]).await.unwrap(), [None], "done is known too");
    assert_eq!(store.receive(Vec::new()).await.unwrap(), []);
    store.finish(Vec::new()).await.unwrap();
}

/// Of many callers with the same update one gets a number.
pub(super) async fn many_at_once(store: Arc<dyn Store>) {
    let callers = (0..40).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.receive(vec![arrival(n % 4, ANN)]).await.unwrap() })
    });
    let mut numbers = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        numbers.extend(caller.await.unwrap().into_iter().flatten());
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
    assert_eq!(store.open_items(Seq(0), 100).await.unwrap().len(), 4);
}

/// The third failure sets an item aside and owes its sender an apology, once.
pub(super) async fn failures(store: &dyn Store) {
    let mut operators = arrival(3, ANN);
    operators.source = Source::Operator;
    let numbers = store.receive(vec![arrival(1, ANN), arrival(2, ANN), operators]).await.unwrap();
    let [bad, good, command]: [Seq; 3] =
        numbers.into_iter().flatten().collect::<Vec<_>>().try_into().unwrap();
    for attempts in 1..=2 {
        let fault = store.fail_item(bad, "it panicked").await.unwrap();
        assert_eq!(fault, ItemFault::Retry { attempts });
        assert_eq!(store.open_items(Seq(0), 1).await.unwrap()[0].attempts, attempts);
    }
    assert_eq!(parcels(store).await, []);
    for _ in 0..2 {
        assert_eq!(store.fail_item(bad, "again").await.unwrap(), ItemFault::Quarantined);
    }
    store.finish(vec![bad]).await.unwrap();
    assert_eq!(store.fail_item(bad, "again").await.unwrap(), ItemFault::Quarantined);
    let owed = parcels(store).await;
    assert_eq!(owed.len(), 1);
    assert_eq!((owed[0].user, &owed[0].parcel), (ANN, &Parcel::Apology));

    for _ in 0..3 {
        store.fail_item(command, "it panicked").await.unwrap();
    }
    assert_eq!(parcels(store).await.len(), 1, "nobody waits for an answer to an operator's act");
    let left: Vec<Seq> =
        store.open_items(Seq(0), 10).await.unwrap().iter().map(|item| item.seq).collect();
    assert_eq!(left, [good]);

    store.finish(vec![good]).await.unwrap();
    store.fail_item(good, "too late").await.unwrap();
    assert_eq!(store.open_items(Seq(0), 10).await.unwrap(), []);
    assert_eq!(parcels(store).await.len(), 1);
    let unknown = store.fail_item(Seq(1 << 40), "who?").await.unwrap_err();
    assert_eq!(unknown.kind, Kind::NotFound);
}
