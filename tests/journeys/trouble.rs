//! What goes wrong at the provider is said in plain words, and costs nothing.

use serde_json::json;

use super::{picture, quote, text};
use crate::support::{TestApp, TestUser};

async fn fails(user: &TestUser, prompt: &str, outcome: &'static str) {
    quote(user, prompt).await;
    user.presses("go").await;
    let end = user.sees_words(text(outcome)).await;
    let released = user.words(&text("outcome-released").with("credits", 5i64));
    assert!(end.says(&released) && end.says(prompt), "{}", end.text());
    assert!(end.offers("hm") && (end.offers("ep") || end.offers("ag")), "a next step");
}

/// W-02: what fails is not paid for.
#[actix_rt::test]
async fn failures_are_told_apart_and_cost_nothing() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        fails(&user, "x #unsafe", "outcome-safety").await;
        fails(&user, "x #fail", "outcome-provider").await;
        fails(&user, "x #garbage", "outcome-provider").await;
        fails(&user, "x #lost", "outcome-pictures-lost").await;
        fails(&user, "x #testurl", "outcome-pictures-lost").await;
        assert_eq!(app.balance(&user).await, 100);
        user.says("/gallery").await;
        user.sees_words(text("gallery-empty")).await;
    }
    app.finish().await;
}

#[actix_rt::test]
async fn only_what_came_is_charged_and_that_is_said() {
    let app = TestApp::start().await;
    for (id, prompt) in [(1, "owls #partial"), (2, "owls #testurl")] {
        let user = app.user(id).await;
        quote(&user, prompt).await;
        user.presses("cs").await;
        user.sees_words(text("counts")).await;
        user.presses("ct.3").await;
        user.sees(|message| message.says("(3 ×")).await;
        user.presses("go").await;
        let pictures = user.sees_pictures(2).await;
        let said =
            text("result-partial").with("got", 2i64).with("asked", 3i64).with("credits", 10i64);
        assert!(pictures[1].says(&user.words(&said)), "{}", pictures[1].text());
        assert_eq!(app.balance(&user).await, 90);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_provider_that_stumbles_is_asked_again() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    for fault in [
        json!({"peer": "fal", "call": "submit", "status": 429, "retry_after": 1, "times": 1}),
        json!({"peer": "fal", "call": "submit", "status": 503, "times": 1}),
        json!({"peer": "fal", "call": "status", "status": 500, "times": 1}),
        json!({"peer": "fal", "call": "status", "garbage": true, "times": 1}),
        json!({"peer": "fal", "call": "status", "reset": true, "times": 1}),
        json!({"peer": "fal", "call": "result", "status": 502, "times": 1}),
        json!({"peer": "fal", "call": "result", "garbage": true, "times": 1}),
        json!({"peer": "fal", "call": "file", "status": 500, "times": 1}),
    ] {
        app.fault(fault).await;
    }
    picture(&ann, "a stubborn mule").await;
    assert_eq!(app.balance(&ann).await, 95);
    app.finish().await;
}

/// A submit whose answer was lost is not paid twice, and the picture comes.
#[actix_rt::test]
async fn a_submit_without_an_answer_is_found_again() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    app.fault(json!({"peer": "fal", "call": "submit", "reset": true, "times": 1})).await;
    picture(&ann, "a lost letter").await;
    assert!(app.calls("fal", "submit").await.len() <= 2);
    assert_eq!(app.balance(&ann).await, 95);
    app.finish().await;
}

#[actix_rt::test]
async fn an_unreachable_provider_is_given_up_at_last() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    app.fault(json!({"peer": "fal", "call": "submit", "status": 500, "times": 2})).await;
    fails(&ann, "nobody there", "outcome-unreachable").await;
    assert_eq!(app.calls("fal", "submit").await.len(), 2, "two submits at most");
    assert_eq!(app.balance(&ann).await, 100);
    app.finish().await;
}

#[actix_rt::test]
async fn a_provider_out_of_money_is_the_operators_affair() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    app.fault(json!({"peer": "fal", "call": "submit", "status": 402, "times": 1})).await;
    fails(&ann, "no coins", "outcome-out-of-money").await;
    assert_eq!(app.balance(&ann).await, 100);
    picture(&ann, "coins again").await;
    app.finish().await;
}

/// The endpoint is gone: the model is retired, its successor is offered, at a price that is said first.
#[actix_rt::test]
async fn a_model_that_is_gone_is_succeeded_price_first() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let old = quote(&ann, "a dodo").await;
    app.fault(json!({"peer": "fal", "call": "submit", "status": 404, "times": 1})).await;
    ann.presses("go").await;
    let end = ann.sees_words(text("outcome-model-gone").with("model", "Imagen 4")).await;
    assert_eq!(app.balance(&ann).await, 100);
    ann.presses_of(&end, "ag").await;
    let successor = text("notice-successor").with("old", "Imagen 4").with("new", "Nano Banana 2");
    let next = ann.sees_words(successor.clone()).await;
    assert!(next.says("(1 × 10)") && next.says("a dodo"), "{}", next.text());
    ann.presses("ms").await;
    let models = ann.sees_words(text("models")).await;
    assert!(!models.offers("md.imagen4"), "no longer for sale");
    // A quote of before, for the old price, charges nothing.
    assert_ne!(old.id(), 0);
    ann.presses("bk").await;
    ann.sees_words(successor).await;
    ann.presses("go").await;
    ann.sees_result().await;
    assert_eq!(app.balance(&ann).await, 90);
    app.finish().await;
}

/// A quote that was shown before the model went away is not charged at another price.
#[actix_rt::test]
async fn only_the_price_that_was_said_is_charged() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user(1).await, app.user(2).await);
    let shown = quote(&ann, "a dodo").await;
    app.fault(json!({"peer": "fal", "call": "submit", "status": 404, "times": 1})).await;
    quote(&bob, "the last of them").await;
    bob.presses("go").await;
    bob.sees_words(text("outcome-model-gone").with("model", "Imagen 4")).await;
    let answer = ann.presses_of(&shown, "go").await;
    assert_eq!(answer.text, ann.words(&text("note-price-changed")));
    let successor = text("notice-successor").with("old", "Imagen 4").with("new", "Nano Banana 2");
    ann.sees_words(successor).await;
    assert_eq!(app.balance(&ann).await, 100);
    app.finish().await;
}

/// W-15, W-17: what hangs at the provider is asked about, cancelled there, and released.
#[actix_rt::test]
async fn what_is_stuck_expires_and_is_released() {
    let model = r#"
[[models]]
id = "imagen4"
title = "Imagen 4"
endpoint = "fal-ai/imagen4/preview"
price = 5
ratios = ["1:1"]
ratio_parameter = "aspect_ratio"
deadline_seconds = 2
"#;
    let app = TestApp::builder().config(model).start().await;
    let ann = app.user(7).await;
    quote(&ann, "x #stuck").await;
    ann.presses("go").await;
    ann.sees_words(text("progress-running")).await;
    let end = ann.sees_words(text("outcome-expired")).await;
    assert!(end.says(&ann.words(&text("outcome-released").with("credits", 5i64))));
    assert_eq!(app.balance(&ann).await, 100);
    assert_eq!(app.calls("fal", "cancel").await.len(), 1);
    app.finish().await;
}
