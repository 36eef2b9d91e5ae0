use std::sync::Arc;

use aisha_actors::{
    domain::{
        change::{Change, Refusal},
        generation::State,
        id::UserId,
        ledger::{Account, Credits, Entry, EntryKind, Refused},
    },
    port::{HistoryLine, Store},
};

use super::{
    NOW, advance, after, clean, commit, generation, produce, register, reserve, try_commit,
};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

fn book(entry: Entry) -> Vec<Change> {
    vec![Change::Book(entry)]
}

fn account(credited: i64, debited: i64, held: i64) -> Account {
    Account { credited: Credits(credited), debited: Credits(debited), held: Credits(held) }
}

async fn refused(store: &dyn Store, entry: Entry) -> Refused {
    match try_commit(store, entry.user, book(entry)).await {
        Err(Refusal::Ledger(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

fn operator(user: UserId, amount: i64, cause: &str) -> Entry {
    let reason = "a good reason".to_owned();
    Entry::by_operator(user, Credits(amount), reason, "root".to_owned(), cause, NOW)
}

/// Grants, withdrawals and the welcome, each once.
pub(super) async fn grants(store: &dyn Store) {
    register(store, ANN, 7).await;
    commit(store, ANN, book(operator(ANN, 100, "a"))).await;
    commit(store, ANN, book(operator(ANN, -30, "b"))).await;
    assert_eq!(store.account(ANN).await.unwrap(), account(107, 30, 0));
    assert_eq!(refused(store, operator(ANN, 100, "a")).await, Refused::Repeated);
    assert_eq!(refused(store, operator(ANN, -30, "b")).await, Refused::Repeated);
    assert_eq!(refused(store, Entry::welcome(ANN, Credits(7), NOW)).await, Refused::Repeated);
    assert_eq!(
        refused(store, operator(ANN, -78, "c")).await,
        Refused::Insufficient { needed: Credits(78), available: Credits(77) }
    );
    assert_eq!(refused(store, operator(ANN, 0, "d")).await, Refused::NotPositive);
    commit(store, ANN, book(operator(ANN, -77, "c"))).await;
    assert_eq!(store.account(ANN).await.unwrap().available(), Credits(0));
    let stranger = try_commit(store, UserId(404), book(operator(UserId(404), 5, "e"))).await;
    assert_eq!(stranger, Err(Refusal::Moved), "there is no account");
    let not_hers = try_commit(store, ANN, book(operator(BOB, 5, "f"))).await;
    assert_eq!(not_hers, Err(Refusal::Moved));
    clean(store).await;
}

/// A hold is captured in part, the rest is free again; a refund comes once.
pub(super) async fn hold_capture_refund(store: &dyn Store) {
    register(store, ANN, 20).await;
    let mut made = generation(ANN, 1, 4);
    made.state = State::Resulted;
    commit(store, ANN, reserve(&made)).await;
    assert_eq!(store.account(ANN).await.unwrap(), account(20, 0, 12));
    let hold = Entry::hold(ANN, made.id, Credits(12), after(1));
    assert_eq!(refused(store, hold).await, Refused::Repeated);
    let too_much = Entry::capture(ANN, made.id, Credits(13), after(2));
    assert_eq!(refused(store, too_much).await, Refused::TooMuch);
    let early = Entry::refund(ANN, made.id, Credits(1), after(2));
    assert_eq!(refused(store, early).await, Refused::TooMuch);

    let capture = Entry::capture(ANN, made.id, Credits(9), after(2));
    let parcel =
        aisha_actors::domain::outbox::Parcel::Refunded { generation: made.id, amount: Credits(9) };
    let mut list = book(capture.clone());
    list.push(advance(made.id, State::Resulted, State::Captured));
    list.push(advance(made.id, State::Captured, State::Delivered));
    commit(store, ANN, list).await;
    assert_eq!(store.account(ANN).await.unwrap(), account(20, 9, 0));
    assert_eq!(refused(store, capture).await, Refused::Repeated);
    assert_eq!(refused(store, Entry::release(ANN, made.id, after(3))).await, Refused::NoOpenHold);

    let more = Entry::refund(ANN, made.id, Credits(10), after(4));
    assert_eq!(refused(store, more).await, Refused::TooMuch);
    let refund = Entry::refund(ANN, made.id, Credits(9), after(4));
    let list = vec![Change::Book(refund.clone()), Change::Enqueue { parcel, at: after(4) }];
    commit(store, ANN, list).await;
    assert_eq!(store.account(ANN).await.unwrap(), account(29, 9, 0));
    assert_eq!(refused(store, refund).await, Refused::Repeated);
    clean(store).await;
}

/// A released hold is free as a whole, once.
pub(super) async fn hold_release(store: &dyn Store) {
    register(store, ANN, 6).await;
    let made = generation(ANN, 1, 2);
    commit(store, ANN, reserve(&made)).await;
    assert_eq!(
        refused(store, Entry::hold(ANN, generation(ANN, 2, 1).id, Credits(3), NOW)).await,
        Refused::Insufficient { needed: Credits(3), available: Credits(0) }
    );
    let release = Entry::release(ANN, made.id, after(1));
    let mut list = book(release.clone());
    list.push(advance(made.id, State::Reserved, State::Cancelled));
    commit(store, ANN, list).await;
    assert_eq!(store.account(ANN).await.unwrap(), account(6, 0, 0));
    assert_eq!(refused(store, release).await, Refused::Repeated);
    let capture = Entry::capture(ANN, made.id, Credits(1), after(2));
    assert_eq!(refused(store, capture).await, Refused::NoOpenHold);
    let refund = Entry::refund(ANN, made.id, Credits(1), after(2));
    assert_eq!(refused(store, refund).await, Refused::TooMuch);
    clean(store).await;
}

/// What is refused, and that a refusal changes nothing.
pub(super) async fn refusals(store: &dyn Store) {
    register(store, ANN, 10).await;
    register(store, BOB, 10).await;
    let made = generation(ANN, 1, 1);
    commit(store, ANN, reserve(&made)).await;
    let before = (store.account(ANN).await.unwrap(), store.account(BOB).await.unwrap());
    let foreign = Entry::capture(BOB, made.id, Credits(1), after(1));
    assert!(matches!(refused(store, foreign).await, Refused::NoOpenHold | Refused::Repeated));
    let foreign = Entry::release(BOB, made.id, after(1));
    assert!(matches!(refused(store, foreign).await, Refused::NoOpenHold | Refused::Repeated));
    for amount in [0, -5] {
        let capture = Entry::capture(ANN, made.id, Credits(amount), after(1));
        assert_eq!(refused(store, capture).await, Refused::NotPositive);
        let hold = Entry::hold(ANN, generation(ANN, 9, 1).id, Credits(amount), after(1));
        assert_eq!(refused(store, hold).await, Refused::NotPositive);
    }
    let absurd = Entry::hold(BOB, generation(BOB, 9, 1).id, Credits(i64::MAX), after(1));
    try_commit(store, BOB, book(absurd)).await.unwrap_err();
    assert_eq!((store.account(ANN).await.unwrap(), store.account(BOB).await.unwrap()), before);
    clean(store).await;
}

/// The numbers of a refusal count what the same member booked before it.
pub(super) async fn true_numbers_within_a_member(store: &dyn Store) {
    register(store, ANN, 1).await;
    let made = generation(ANN, 1, 4);
    let mut list = book(operator(ANN, 10, "a"));
    list.extend(reserve(&made));
    assert_eq!(
        try_commit(store, ANN, list).await,
        Err(Refusal::Ledger(Refused::Insufficient { needed: Credits(12), available: Credits(11) }))
    );
    assert_eq!(store.account(ANN).await.unwrap(), account(1, 0, 0), "nothing of it was stored");
    let mut list = book(operator(ANN, 11, "a"));
    list.extend(reserve(&made));
    commit(store, ANN, list).await;
    let twice = vec![Change::Book(operator(ANN, 1, "b")), Change::Book(operator(ANN, 1, "b"))];
    assert_eq!(try_commit(store, ANN, twice).await, Err(Refusal::Ledger(Refused::Repeated)));
    clean(store).await;
}

/// Of many holds at once no more stand than there are credits for.
pub(super) async fn two_holds_at_once(store: Arc<dyn Store>) {
    register(&*store, ANN, 10).await;
    let callers: Vec<_> = (1..=20)
        .map(|intent| {
            let store = store.clone();
            // Ten presses, each of them twice.
            let made = generation(ANN, intent % 10, 1);
            tokio::spawn(async move { try_commit(&*store, ANN, reserve(&made)).await })
        })
        .collect();
    let mut stored = 0;
    for caller in callers {
        match caller.await.unwrap() {
            Ok(_) => stored += 1,
            Err(Refusal::Ledger(Refused::Repeated)) => {}
            Err(Refusal::Ledger(Refused::Insufficient { needed, available })) => {
                assert_eq!(needed, Credits(3));
                assert!(available < needed && available.0 >= 0);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(stored, 3);
    assert_eq!(store.account(ANN).await.unwrap(), account(10, 0, 9));
    assert_eq!(store.open_generations_of(ANN).await.unwrap().len(), 3);
    clean(&*store).await;
}

/// Every credit given or spent, newest first, in pages.
pub(super) async fn history(store: &dyn Store) {
    register(store, ANN, 50).await;
    register(store, BOB, 50).await;
    let made = generation(ANN, 1, 2);
    produce(store, &made, after(60)).await;
    let released = generation(ANN, 2, 1);
    commit(store, ANN, reserve(&released)).await;
    let release = Change::Book(Entry::release(ANN, released.id, after(61)));
    let cancelled = advance(released.id, State::Reserved, State::Cancelled);
    commit(store, ANN, vec![release, cancelled]).await;
    commit(store, ANN, book(operator(ANN, -4, "a"))).await;

    let lines = store.history(ANN, 0, 10).await.unwrap();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| (line.kind, line.amount.0, line.reason.as_str(), line.prompt.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            (EntryKind::Withdrawal, 4, "a good reason", None),
            (EntryKind::Capture, 6, "", Some("a fox in the snow, 1")),
            (EntryKind::Welcome, 50, "", None),
        ]
    );
    assert_eq!(lines[1].at, after(60));
    let mut paged: Vec<HistoryLine> = Vec::new();
    loop {
        let before = paged.last().map_or(0, |line| line.seq);
        let page = store.history(ANN, before, 1).await.unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, lines);
}
