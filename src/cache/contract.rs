//! What every cache does, run over all of them: in the process, the fake of the actors' tests, Redis.

use std::time::Duration;

use aisha_actors::{
    domain::{
        id::{GenerationId, ModelId, UserId},
        picture::{Card, Place, Selection},
        time::{Range, Timestamp},
    },
    fake::World,
    port::{Cache, CachedWindow},
};
use redis::cmd;
use uuid::Uuid;

use super::{Memory, Redis, key, key::Subject};
use crate::redis::{Link, testing::Server, tests::shared};

pub(super) fn card(n: u128, prompt: &str) -> Card {
    let generation = GenerationId(Uuid::from_u128(n));
    Card {
        place: Place { listed_at: Timestamp(1_772_366_400_000_000), generation, n: 1 },
        model: ModelId::parse("imagen4").unwrap(),
        ratio: "1:1".into(),
        resolution: Some("2K".into()),
        prompt: prompt.to_owned(),
        favourite: n.is_multiple_of(2),
        file_id: Some(format!("file-{n}")),
        created_at: Timestamp(1_772_366_300_000_000),
        siblings: 4,
    }
}

pub(super) fn window(version: i64, cards: u128) -> CachedWindow {
    let cards: Vec<Card> = (0..cards).map(|n| card(n, "a cat \u{1f408}")).collect();
    CachedWindow { gallery_version: version, total: cards.len() as u64 + 100, cards }
}

fn selections() -> Vec<Selection> {
    let range = Some(Range { from: Timestamp(1), until: Timestamp(2) });
    let mut all = Vec::new();
    for model in [None, Some("imagen4"), Some("flux-dev")] {
        let model = model.map(|name| ModelId::parse(name).unwrap());
        for range in [None, range] {
            for favourites in [false, true] {
                all.push(Selection { model: model.clone(), range, favourites });
            }
        }
    }
    all
}

async fn keeps_the_contract(cache: &dyn Cache) {
    let (ann, bob) = (UserId(1), UserId(-2));
    for (version, selection) in (0..).zip(selections()) {
        assert_eq!(cache.window(ann, &selection).await, None, "empty at first");
        cache.put_window(ann, &selection, window(version, 32)).await;
    }
    // Each under a name of its own, and nobody else's.
    for (version, selection) in (0..).zip(selections()) {
        assert_eq!(cache.window(ann, &selection).await, Some(window(version, 32)));
        assert_eq!(cache.window(bob, &selection).await, None);
    }
    let all = Selection::default();
    cache.put_window(ann, &all, window(90, 0)).await;
    assert_eq!(cache.window(ann, &all).await, Some(window(90, 0)), "the last one counts");

    cache.put_window(UserId(11), &all, window(1, 1)).await;
    assert!(cache.forget(ann).await);
    for selection in selections() {
        assert_eq!(cache.window(ann, &selection).await, None, "forgotten");
    }
    assert_eq!(cache.window(UserId(11), &all).await, Some(window(1, 1)), "nobody else's");

    let (model, id) = (ModelId::parse("imagen4").unwrap(), GenerationId(Uuid::from_u128(7)));
    assert_eq!(cache.generation(&model, id).await, None);
    let cards = vec![card(7, "one"), Card { file_id: None, resolution: None, ..card(7, "") }];
    cache.put_generation(&model, id, cards.clone()).await;
    assert_eq!(cache.generation(&model, id).await, Some(cards));
    assert_eq!(cache.generation(&model, GenerationId(Uuid::from_u128(8))).await, None);
}

#[tokio::test]
async fn the_cache_in_the_process() {
    keeps_the_contract(&Memory::new(32 << 20)).await;
}

#[tokio::test]
async fn the_fake() {
    keeps_the_contract(World::new().cache.as_ref()).await;
}

#[tokio::test]
async fn the_cache_in_redis() {
    let (link, _client) = shared().await;
    keeps_the_contract(&Redis::new(link.clone(), "house")).await;
    assert_eq!(link.figures(), crate::redis::Figures::default(), "nothing went wrong");
    link.close().await;
}

#[tokio::test]
async fn redis_keeps_each_value_as_long_as_its_key_says() {
    let (link, mut client) = shared().await;
    let cache = Redis::new(link.clone(), "house");
    let (model, id) = (ModelId::parse("imagen4").unwrap(), GenerationId(Uuid::from_u128(7)));
    cache.put_generation(&model, id, vec![card(7, "x")]).await;
    let favourites = Selection { favourites: true, ..Selection::default() };
    cache.put_window(UserId(1), &Selection::default(), window(1, 1)).await;
    cache.put_window(UserId(1), &favourites, window(1, 1)).await;
    for (subject, seconds) in [
        (Subject::Generation(&model, id), 3600),
        (Subject::Window(UserId(1), &Selection::default()), 24 * 3600),
        (Subject::Window(UserId(1), &favourites), 300),
    ] {
        let (name, life) = key::key(subject);
        assert_eq!(life, Duration::from_secs(seconds));
        let left: u64 = cmd("TTL").arg(&name).query(&mut client).unwrap();
        assert!((seconds - 60..=seconds).contains(&left), "{name} lives {left} s");
    }
    link.close().await;
}

#[tokio::test]
async fn two_nodes_see_each_others_values_and_two_houses_do_not() {
    let (link, _client) = shared().await;
    let [one, two, stranger] = ["house", "house", "another"].map(|h| Redis::new(link.clone(), h));
    let all = Selection::default();
    one.put_window(UserId(1), &all, window(1, 2)).await;
    assert_eq!(two.window(UserId(1), &all).await, Some(window(1, 2)));
    assert_eq!(stranger.window(UserId(1), &all).await, None);
    link.close().await;
}

#[tokio::test]
async fn garbage_under_our_names_is_a_miss_and_is_written_over() {
    let (link, mut client) = shared().await;
    let cache = Redis::new(link.clone(), "house");
    let all = Selection::default();
    let (name, _) = key::key(Subject::Window(UserId(1), &all));
    let long = "[".repeat(2_000_000);
    for garbage in ["", "x", "{}", "null", "{\"v\":1}", long.as_str()] {
        cmd("SET").arg(&name).arg(garbage).query::<()>(&mut client).unwrap();
        assert_eq!(cache.window(UserId(1), &all).await, None);
    }
    cmd("DEL").arg(&name).query::<()>(&mut client).unwrap();
    cmd("LPUSH").arg(&name).arg("x").query::<()>(&mut client).unwrap();
    assert_eq!(cache.window(UserId(1), &all).await, None, "another type");
    cache.put_window(UserId(1), &all, window(1, 2)).await;
    assert_eq!(cache.window(UserId(1), &all).await, Some(window(1, 2)));
    // Somebody else's, moved here.
    let (other, _) = key::key(Subject::Window(UserId(2), &all));
    cmd("COPY").arg(&name).arg(&other).query::<()>(&mut client).unwrap();
    assert_eq!(cache.window(UserId(2), &all).await, None);
    // What is too large is not kept.
    let huge = CachedWindow { cards: vec![card(1, &"x".repeat(300_000))], ..window(1, 0) };
    cache.put_window(UserId(3), &all, huge).await;
    assert_eq!(cache.window(UserId(3), &all).await, None);
    assert!(link.is_up());
    link.close().await;
}

#[tokio::test]
async fn a_redis_that_is_away_or_flushed_is_a_cache_of_misses() {
    let mut server = Server::start();
    let link = Link::open(crate::redis::tests::patient(&server.url())).unwrap();
    link.until_up_anew().await;
    let cache = Redis::new(link.clone(), "house");
    let all = Selection::default();
    cache.put_window(UserId(1), &all, window(1, 2)).await;
    cmd("FLUSHALL").query::<()>(&mut server.client()).unwrap();
    assert_eq!(cache.window(UserId(1), &all).await, None);
    cache.put_window(UserId(1), &all, window(1, 2)).await;
    server.kill();
    for _ in 0..10 {
        assert_eq!(cache.window(UserId(1), &all).await, None);
        cache.put_window(UserId(1), &all, window(1, 2)).await;
    }
    server.start_again();
    link.until_up_anew().await;
    keeps_the_contract(&cache).await;
    link.close().await;
}
