use aisha_actors::{
    domain::{
        change::{Change, Refusal},
        id::{PictureId, UserId},
        ledger::{Credits, Entry},
        picture::{Card, PictureState, Place, Selection},
        time::Range,
    },
    port::{Counts, ItemFault, Kind, Reach, Store},
};

use super::{
    after, clean, commit, generation, model, parcels, produce, register, settle, try_commit,
};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

async fn version(store: &dyn Store) -> i64 {
    let version = store.standing(ANN).await.unwrap().unwrap().person.gallery_version;
    let told = commit(store, ANN, vec![Change::SetBlocked(false)]).await.gallery_version;
    assert_eq!(told, version);
    version
}

/// The version rises with every commit that changes what the gallery shows, and with no other.
pub(super) async fn versions(store: &dyn Store) {
    register(store, ANN, 100).await;
    register(store, BOB, 100).await;
    assert_eq!(version(store).await, 0);
    let ids = produce(store, &generation(ANN, 1, 2), after(60)).await;
    let listed = version(store).await;
    assert!(listed > 0);
    let like = |favourite| vec![Change::SetFavourite { id: ids[0], favourite }];
    assert_eq!(commit(store, ANN, like(false)).await.gallery_version, listed, "it was none");
    let liked = commit(store, ANN, like(true)).await.gallery_version;
    assert!(liked > listed);
    assert_eq!(commit(store, ANN, like(true)).await.gallery_version, liked, "set, not toggled");
    assert!(store.card(ANN, ids[0]).await.unwrap().unwrap().favourite);
    let again = vec![Change::ListPicture { id: ids[0], listed_at: after(999) }];
    assert_eq!(commit(store, ANN, again).await.gallery_version, liked, "it keeps its place");
    let place = store.card(ANN, ids[0]).await.unwrap().unwrap().place;
    assert_eq!(place, Place::of(after(60), ids[0], 2));
    let unliked = commit(store, ANN, like(false)).await.gallery_version;
    assert!(unliked > liked);
    let trash = vec![Change::TrashPicture { id: ids[1] }];
    let trashed = commit(store, ANN, trash.clone()).await.gallery_version;
    assert!(trashed > unliked);
    assert_eq!(try_commit(store, ANN, trash).await, Err(Refusal::Moved));
    produce(store, &generation(BOB, 2, 1), after(61)).await;
    assert_eq!(version(store).await, trashed, "of another's gallery it says nothing");
    clean(store).await;
}

/// A gallery of 40 pictures of two models over ten days, every third a favourite, some of one moment.
async fn fill(store: &dyn Store) -> Vec<Card> {
    register(store, ANN, 10_000).await;
    register(store, BOB, 10_000).await;
    let mut n = 0;
    for intent in 1..=16 {
        let owner = if intent % 5 == 0 { BOB } else { ANN };
        let mut made = generation(owner, intent, u8::try_from(intent % 4).unwrap() + 1);
        made.order.model = model(if intent % 3 == 0 { "flux" } else { "imagen4" });
        made.captured = 0;
        // Pairs of generations are captured in the very same moment.
        let ids = produce(store, &made, after(intent / 2 * 86_400)).await;
        for id in ids {
            n += 1;
            if n % 3 == 0 {
                let like = vec![Change::SetFavourite { id, favourite: true }];
                commit(store, owner, like).await;
            }
            if n % 11 == 0 {
                commit(store, owner, vec![Change::TrashPicture { id }]).await;
            }
        }
    }
    let mut cards = store.cards(ANN, &Selection::default(), Reach::Newest, 1000).await.unwrap();
    assert!(cards.len() > 20, "{}", cards.len());
    let newest_first = cards.clone();
    cards.sort_by_key(|card| std::cmp::Reverse(card.place));
    assert_eq!(newest_first, cards);
    cards
}

fn selections() -> Vec<Selection> {
    let mut all = Vec::new();
    for name in [None, Some("imagen4"), Some("flux"), Some("none-such")] {
        for range in [None, Some((2, 5)), Some((3, 3)), Some((0, 100))] {
            for favourites in [false, true] {
                all.push(Selection {
                    model: name.map(model),
                    range: range.map(|(from, until)| Range {
                        from: after(from * 86_400),
                        until: after(until * 86_400),
                    }),
                    favourites,
                });
            }
        }
    }
    all
}

fn shows(selection: &Selection, card: &Card) -> bool {
    selection.model.as_ref().is_none_or(|model| *model == card.model)
        && selection
            .range
            .is_none_or(|range| (range.from..range.until).contains(&card.place.listed_at))
        && (!selection.favourites || card.favourite)
}

/// Whatever the filters: pages in both directions meet every picture once, in order.
pub(super) async fn paging(store: &dyn Store) {
    let all = fill(store).await;
    for selection in selections() {
        let expected: Vec<Card> =
            all.iter().filter(|card| shows(&selection, card)).cloned().collect();
        let about = format!("{selection:?}");
        let count = store.count(ANN, &selection).await.unwrap();
        assert_eq!(count, expected.len() as u64, "{about}");

        let mut down = Vec::new();
        let mut reach = Reach::Newest;
        loop {
            let page = store.cards(ANN, &selection, reach, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            reach = Reach::OlderThan(last.place);
            down.extend(page);
        }
        assert_eq!(down, expected, "{about}");

        let mut up = Vec::new();
        if let Some(oldest) = expected.last() {
            let mut place = oldest.place;
            up.push(oldest.clone());
            loop {
                let reach = Reach::NewerThan(place);
                let page = store.cards(ANN, &selection, reach, 2).await.unwrap();
                let Some(last) = page.last() else { break };
                place = last.place;
                up.extend(page);
            }
        }
        up.reverse();
        assert_eq!(up, expected, "{about}");

        for card in all.iter().step_by(5) {
            let newer = expected.iter().filter(|other| other.place > card.place).count() as u64;
            let told = store.newer_than(ANN, &selection, card.place).await.unwrap();
            assert_eq!(told, newer, "{about} {card:?}");
        }
    }
    let page = store.cards(ANN, &Selection::default(), Reach::Newest, 0).await.unwrap();
    assert_eq!(page, []);
    clean(store).await;
}

/// Only the owner sees a picture, and only while it is listed.
pub(super) async fn others_see_nothing(store: &dyn Store) {
    register(store, ANN, 100).await;
    register(store, BOB, 100).await;
    let mut made = generation(ANN, 1, 3);
    made.order.resolution = None;
    let ids = produce(store, &made, after(60)).await;
    let file = Change::SetFileId { id: ids[1], file_id: "AgAC".to_owned() };
    commit(store, ANN, vec![file]).await;
    let card = Card {
        place: Place::of(after(60), ids[1], 3),
        model: model("imagen4"),
        ratio: "16:9".into(),
        resolution: None,
        prompt: "a fox in the snow, 1".to_owned(),
        favourite: false,
        file_id: Some("AgAC".to_owned()),
        created_at: made.created_at,
        siblings: 3,
    };
    assert_eq!(store.card(ANN, ids[1]).await.unwrap(), Some(card));
    assert_eq!(store.card(BOB, ids[1]).await.unwrap(), None);
    let all = Selection::default();
    assert_eq!(store.cards(BOB, &all, Reach::Newest, 10).await.unwrap(), []);
    assert_eq!(store.count(BOB, &all).await.unwrap(), 0);
    commit(store, ANN, vec![Change::TrashPicture { id: ids[1] }]).await;
    assert_eq!(store.card(ANN, ids[1]).await.unwrap(), None);
    let left: Vec<PictureId> = store
        .cards(ANN, &all, Reach::Newest, 10)
        .await
        .unwrap()
        .iter()
        .map(|card| card.place.picture())
        .collect();
    assert_eq!(left, [ids[0], ids[2]], "the first is the newest");
}

/// True figures.
pub(super) async fn statistics(store: &dyn Store) {
    register(store, ANN, 1000).await;
    assert_eq!(store.counts(ANN, after(0)).await.unwrap(), Counts::default());
    let day = 86_400;
    let old = generation(ANN, 1, 2);
    let mut flux = generation(ANN, 2, 1);
    flux.order.model = model("flux");
    let new = generation(ANN, 3, 4);
    produce(store, &old, after(100)).await;
    let fluxes = produce(store, &flux, after(40 * day)).await;
    let news = produce(store, &new, after(41 * day)).await;
    commit(store, ANN, vec![Change::SetFavourite { id: fluxes[0], favourite: true }]).await;
    commit(store, ANN, vec![Change::TrashPicture { id: news[3] }]).await;
    let refund = Entry::refund(ANN, old.id, Credits(5), after(42 * day));
    commit(store, ANN, vec![Change::Book(refund)]).await;
    let counts = store.counts(ANN, after(42 * day)).await.unwrap();
    assert_eq!(counts.by_model, [(model("imagen4"), 5), (model("flux"), 1)]);
    assert_eq!((counts.favourites, counts.last_month, counts.generations), (1, 4, 3));
    assert_eq!(counts.spent, Credits(7 * 3 - 5));
    assert_eq!(counts.first_at, Some(after(100)));
}

/// Storage jobs come up, fewest failures first, and the third failure sets one aside.
pub(super) async fn storage(store: &dyn Store) {
    register(store, ANN, 1000).await;
    let ids = produce(store, &generation(ANN, 1, 4), after(60)).await;
    assert_eq!(store.storage_jobs(10).await.unwrap(), []);
    let jobs = async |limit| -> Vec<PictureId> {
        store.storage_jobs(limit).await.unwrap().iter().map(|picture| picture.id).collect()
    };
    for id in &ids[..2] {
        let fallback = settle(*id, PictureState::Stored, PictureState::Fallback);
        commit(store, ANN, vec![fallback]).await;
    }
    commit(store, ANN, vec![Change::TrashPicture { id: ids[3] }]).await;
    assert_eq!(jobs(10).await, [ids[0], ids[1], ids[3]]);
    let retry = ItemFault::Retry { attempts: 1 };
    assert_eq!(store.fail_storage(ids[0], "no bucket").await.unwrap(), retry);
    assert_eq!(jobs(2).await, [ids[1], ids[3]]);
    assert_eq!(jobs(10).await, [ids[1], ids[3], ids[0]]);
    store.fail_storage(ids[0], "no bucket").await.unwrap();
    let fault = store.fail_storage(ids[0], "no bucket").await.unwrap();
    assert_eq!(fault, ItemFault::Quarantined);
    assert_eq!(jobs(10).await, [ids[1], ids[3]]);
    assert!(store.card(ANN, ids[0]).await.unwrap().is_some(), "it is still in the gallery");

    let stored = settle(ids[1], PictureState::Fallback, PictureState::Stored);
    commit(store, ANN, vec![stored]).await;
    let purged = Change::SettlePicture {
        id: ids[3],
        from: vec![PictureState::Trashed],
        to: PictureState::Purged,
        object: None,
        content: None,
    };
    commit(store, ANN, vec![purged]).await;
    assert_eq!(jobs(10).await, []);
    commit(store, ANN, vec![Change::TrashPicture { id: ids[0] }]).await;
    assert_eq!(jobs(10).await, [ids[0]], "to delete it is another job than to copy it");

    let before = store.standing(ANN).await.unwrap().unwrap().person.gallery_version;
    let lost = settle(ids[1], PictureState::Stored, PictureState::Lost);
    let told = commit(store, ANN, vec![lost]).await.gallery_version;
    assert!(told > before, "what is lost is no longer shown");
    assert_eq!(store.card(ANN, ids[1]).await.unwrap(), None);
    let unknown = PictureId { generation: ids[0].generation, n: 9 };
    assert_eq!(store.fail_storage(unknown, "who?").await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(parcels(store).await.len(), 4);
    clean(store).await;
}
