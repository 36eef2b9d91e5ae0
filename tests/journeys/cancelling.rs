//! `/cancel` and the button: true words, true balance.

use super::{quote, text};
use crate::support::{TestApp, TestUser};

#[actix_rt::test]
async fn every_step_can_be_left() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        user.says("/start").await;
        user.sees(|message| message.offers("im")).await;
        user.says("/cancel").await;
        user.sees_words(text("cancel-nothing")).await;
        for step in 0..4 {
            user.says("/imagine").await;
            user.sees(|message| message.offers("ms")).await;
            if step > 0 {
                user.says("a step to leave").await;
                user.sees(|message| message.offers("rt")).await;
            }
            if step > 1 {
                user.presses("rt.1:1").await;
                user.sees(|message| message.offers("ct")).await;
            }
            if step > 2 {
                user.presses("ct.1").await;
                user.sees(|message| message.offers("go")).await;
            }
            user.says("/cancel").await;
            user.sees_words(text("cancel-left")).await;
        }
        user.says("/gallery").await;
        user.sees_words(text("gallery-empty")).await;
        user.says("/cancel").await;
        user.sees_words(text("cancel-left")).await;
        assert_eq!(app.balance(&user).await, 100);
    }
    app.finish().await;
}

async fn sees_cancelled(user: &TestUser, credits: i64) {
    let outcome = user.sees_words(text("outcome-cancelled")).await;
    let released = user.words(&text("outcome-released").with("credits", credits));
    assert!(outcome.says(&released), "{}", outcome.text());
}

#[actix_rt::test]
async fn a_running_generation_is_cancelled_at_the_provider() {
    let app = TestApp::builder().pace(0, 600_000).start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        quote(&user, "a long one").await;
        user.presses("go").await;
        user.sees_words(text("progress-running")).await;
        assert_eq!(app.account(&user).await.held.0, 5);
        let answer = user.presses("cn").await;
        assert_eq!(answer.text, user.words(&text("note-cancelling")));
        sees_cancelled(&user, 5).await;
        assert_eq!(app.balance(&user).await, 100);
    }
    assert!(app.calls("fal", "cancel").await.len() >= 2, "asked until the provider's last word");
    app.finish().await;
}

/// Who waits with us is let go at once; the provider never hears of it.
#[actix_rt::test]
async fn a_waiting_generation_is_cancelled_with_us() {
    let app = TestApp::builder().config("fal.concurrency = 1").pace(0, 600_000).start().await;
    let (ann, bob) = (app.user(1).await, app.user(2).await);
    quote(&ann, "the first").await;
    ann.presses("go").await;
    ann.sees_words(text("progress-running")).await;
    quote(&bob, "the second").await;
    bob.presses("go").await;
    bob.sees_words(text("progress-waiting").with("before", 1i64)).await;
    bob.says("/cancel").await;
    bob.sees_words(text("cancel-open")).await;
    bob.presses("cn").await;
    sees_cancelled(&bob, 5).await;
    assert_eq!(app.balance(&bob).await, 100);
    assert_eq!(app.calls("fal", "submit").await.len(), 1);
    ann.says("/cancel").await;
    ann.sees_words(text("cancel-open")).await;
    ann.presses("cn").await;
    sees_cancelled(&ann, 5).await;
    app.finish().await;
}

#[actix_rt::test]
async fn too_late_is_said_and_the_picture_comes() {
    let app = TestApp::start().await;
    app.pace(0, 10, 0).await;
    let ann = app.user(7).await;
    quote(&ann, "a quick one").await;
    ann.presses("go").await;
    ann.sees(|message| message.offers("cn")).await;
    ann.adds("/cancel").await;
    let list = ann.sees_words(text("cancel-open")).await;
    app.pace(0, 10, 2).await;
    ann.sees_result().await;
    let answer = ann.presses_of(&list, "cn").await;
    assert_eq!(answer.text, ann.words(&text("note-cancel-ready")));
    assert!(answer.alert);
    assert_eq!(app.balance(&ann).await, 95);
    app.finish().await;
}
