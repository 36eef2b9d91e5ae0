//! Telegram misbehaves: what is owed arrives, once.

use serde_json::json;

use super::{picture, quote, text};
use crate::support::TestApp;

#[actix_rt::test]
async fn a_pause_that_telegram_wants_is_kept() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    ann.says("/start").await;
    ann.sees(|message| message.offers("im")).await;
    app.fault(json!({
        "peer": "telegram", "call": "sendMessage", "status": 429, "retry_after": 2, "times": 1,
    }))
    .await;
    ann.says("/help").await;
    ann.sees_words(text("help")).await;
    let sends = app.calls("telegram", "sendMessage").await;
    let (refused, after) = (&sends[sends.len() - 2], &sends[sends.len() - 1]);
    assert_eq!((refused["status"].as_u64(), after["status"].as_u64()), (Some(429), Some(200)));
    let pause = after["at_us"].as_i64().unwrap() - refused["at_us"].as_i64().unwrap();
    assert!(pause >= 2_000_000, "only {pause} µs between them");
    app.finish().await;
}

#[actix_rt::test]
async fn a_telegram_that_stumbles_is_asked_again() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    for call in ["sendMessage", "editMessageText", "editMessageMedia", "sendPhoto"] {
        app.fault(json!({"peer": "telegram", "call": call, "status": 502, "times": 1})).await;
    }
    picture(&ann, "through the storm").await;
    let photos = ann.messages().into_iter().filter(|message| message.photo().is_some()).count();
    assert_eq!(photos, 1);
    assert_eq!(app.balance(&ann).await, 95);
    app.finish().await;
}

/// G10: an edit whose answer was lost is repeated, and shows the picture once.
#[actix_rt::test]
async fn a_lost_answer_shows_nothing_twice() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    for (prompt, call) in [("one", "editMessageMedia"), ("two", "editMessageText")] {
        app.fault(json!({"peer": "telegram", "call": call, "reset": true, "times": 1})).await;
        picture(&ann, &prompt.repeat(3)).await;
    }
    let photos = ann.messages().into_iter().filter(|message| message.photo().is_some()).count();
    assert_eq!(photos, 2);
    ann.says("/gallery").await;
    ann.sees_text("1 of 2").await;
    app.finish().await;
}

/// The message with the progress is gone: the picture comes in a new one.
#[actix_rt::test]
async fn a_picture_finds_its_way_without_the_progress_message() {
    let app = TestApp::builder().pace(0, 600_000).start().await;
    let ann = app.user(7).await;
    quote(&ann, "a lost progress").await;
    ann.presses("go").await;
    let progress = ann.sees_words(text("progress-running")).await;
    app.deletes(7, progress.id()).await;
    ann.sees_deleted(progress.id()).await;
    app.pace(0, 10, 2).await;
    let result = ann.sees_result().await;
    assert_ne!(result.id(), progress.id());
    app.allow_refusals();
    app.finish().await;
}
