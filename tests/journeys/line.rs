//! More generations than places: limits, the line, fair turns.

use super::{quote, text};
use crate::support::TestApp;

#[actix_rt::test]
async fn so_many_open_at_once_and_no_more() {
    let app = TestApp::builder()
        .config("limits.open_generations_per_person = 2")
        .pace(0, 600_000)
        .start()
        .await;
    let ann = app.user(7).await;
    for prompt in ["the first", "the second"] {
        quote(&ann, prompt).await;
        ann.presses("go").await;
        ann.sees(|message| message.offers("cn")).await;
    }
    let third = quote(&ann, "the third").await;
    let answer = ann.presses("go").await;
    assert_eq!(answer.text, ann.words(&text("note-limit").with("count", 2i64)));
    assert!(answer.alert);
    assert_eq!(app.account(&ann).await.held.0, 10);
    ann.says("/cancel").await;
    let list = ann.sees_words(text("cancel-open")).await;
    let open: Vec<_> =
        list.buttons().into_iter().filter(|button| button.label.contains('🛑')).collect();
    assert_eq!(open.len(), 2);
    ann.presses_of(&list, "the first").await;
    ann.sees_words(text("outcome-cancelled")).await;
    // There is room again, and the quote that was refused still stands.
    app.pace(0, 10, 2).await;
    ann.presses_of(&third, "go").await;
    ann.sees(|message| message.photo().is_some() && message.says("the third")).await;
    ann.sees(|message| message.photo().is_some() && message.says("the second")).await;
    assert_eq!(app.balance(&ann).await, 90);
    app.finish().await;
}

/// One person's many do not keep another's one waiting.
#[actix_rt::test]
async fn turns_are_fair_and_the_place_in_the_line_is_told() {
    let app = TestApp::builder().config("fal.concurrency = 1").pace(0, 600_000).start().await;
    let (ann, bob) = (app.user(1).await, app.user(2).await);
    for prompt in ["ann one", "ann two", "ann three"] {
        quote(&ann, prompt).await;
        ann.presses("go").await;
        ann.sees(|message| message.offers("cn")).await;
    }
    ann.sees_words(text("progress-waiting").with("before", 2i64)).await;
    quote(&bob, "bob one").await;
    bob.presses("go").await;
    bob.sees_words(text("progress-waiting").with("before", 1i64)).await;
    app.pace(0, 150, 1).await;
    bob.sees_result().await;
    ann.sees(|message| message.photo().is_some() && message.says("ann three")).await;
    let submits = app.calls("fal", "submit").await;
    let order: Vec<_> = submits.iter().map(|c| c["body"]["prompt"].as_str().unwrap()).collect();
    assert_eq!(order, ["ann one", "bob one", "ann two", "ann three"]);
    app.finish().await;
}
