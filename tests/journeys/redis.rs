//! The cache is a Redis: it is emptied, killed and hung in the middle of a walk, and nobody notices.

use serde_json::{Value, json};

use super::{picture, text};
use crate::support::{RedisServer, TestApp, TestUser};

/// Through the gallery and back, with a filter on the way; `disturb` happens between any two steps.
async fn walks(user: &TestUser, newest: &str, total: usize, disturb: impl Fn()) {
    user.says("/gallery").await;
    user.sees(|card| card.says(&format!("1 of {total}")) && card.says(newest)).await;
    for position in 2..=total {
        disturb();
        user.presses("ol").await;
        user.sees(|card| card.says(&format!("{position} of {total}"))).await;
    }
    disturb();
    user.presses("fl").await;
    user.sees_words(text("filters-none")).await;
    disturb();
    user.presses("bk").await;
    user.sees(|card| card.says(&format!("{total} of {total}"))).await;
    for position in (1..total).rev() {
        disturb();
        user.presses("nw").await;
        user.sees(|card| card.says(&format!("{position} of {total}"))).await;
    }
    user.sees_text(newest).await;
}

pub(super) async fn readiness(app: &TestApp) -> Value {
    let answer = app.http().get(app.url("/health/ready")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

pub(super) fn keys(server: &RedisServer) -> Vec<String> {
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut server.client()).unwrap();
    keys.sort();
    keys
}

#[actix_rt::test]
async fn a_redis_that_is_flushed_killed_or_hung_is_not_noticed() {
    let mut server = RedisServer::start();
    let mut app = TestApp::builder().env("REDIS_URL", &server.url()).start().await;
    let ann = app.user(7).await;
    for prompt in ["first", "second", "third"] {
        picture(&ann, prompt).await;
    }
    app.until(async || readiness(&app).await["dependencies"]["redis"] == "ok").await;
    walks(&ann, "third", 3, || {}).await;
    let all = "imagen4:user_generations:7".to_owned();
    assert!(keys(&server).contains(&all), "{:?}", keys(&server));

    // Emptied at every step.
    let flush = || redis::cmd("FLUSHALL").query::<()>(&mut server.client()).unwrap();
    walks(&ann, "third", 3, flush).await;
    // A gallery that is born anew finds its window, and one that finds garbage does not care.
    walks(&ann, "third", 3, || {}).await;
    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    walks(&ann, "third", 3, || {}).await;
    redis::cmd("SET").arg(&all).arg("garbage").query::<()>(&mut server.client()).unwrap();
    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    walks(&ann, "third", 3, || {}).await;

    server.kill();
    picture(&ann, "fourth").await;
    walks(&ann, "fourth", 4, || {}).await;
    let health = readiness(&app).await;
    assert_eq!(health["status"], "degraded", "{health}");
    assert_eq!(health["dependencies"]["redis"], "degraded");
    assert_eq!(health["dependencies"]["database"], "ok");

    server.start_again();
    app.until(async || readiness(&app).await["dependencies"]["redis"] == "ok").await;
    server.hang();
    picture(&ann, "fifth").await;
    walks(&ann, "fifth", 5, || {}).await;
    // Also a start with a hung Redis is a start.
    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    walks(&ann, "fifth", 5, || {}).await;
    server.go_on();
    app.until(async || readiness(&app).await["dependencies"]["redis"] == "ok").await;
    walks(&ann, "fifth", 5, || {}).await;
    app.finish().await;
}

/// The operator's own commands reach the running bot and its cache.
#[actix_rt::test]
async fn the_operator_flushes_and_the_walk_goes_on() {
    let server = RedisServer::start();
    let app = TestApp::builder().env("REDIS_URL", &server.url()).start().await;
    let ann = app.user(7).await;
    for prompt in ["first", "second"] {
        picture(&ann, prompt).await;
    }
    app.until(async || readiness(&app).await["dependencies"]["redis"] == "ok").await;
    walks(&ann, "second", 2, || {}).await;
    let removed = app.cli(&["cache", "flush", "--scope", "windows"]).await;
    assert_eq!(removed["scopes"], json!({"windows": 1}));
    walks(&ann, "second", 2, || {}).await;
    assert_eq!(app.cli(&["cache", "ping"]).await["cache"], "redis");
    app.cli(&["balance", "add", "7", "50", "--reason", "a gift"]).await;
    ann.sees_text("a gift").await;
    let figures = app.http().get(app.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(figures.contains("aisha_cache_reads_total{outcome=\"miss\"}"), "{figures}");
    app.finish().await;
}
