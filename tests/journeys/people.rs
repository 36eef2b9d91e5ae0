//! Groups, photos, people who are blocked or block, people in a hurry.

use super::{picture, quote, text};
use crate::support::TestApp;

#[actix_rt::test]
async fn a_group_gets_one_polite_line() {
    let app = TestApp::start().await;
    let group = app.user(-500).await;
    group.says("/start").await;
    group.sees_words(text("group")).await;
    group.says("/imagine a fox").await;
    group.adds("and more words").await;
    // What comes after it is served: the group's words were read, and not answered.
    let ann = app.user(7).await;
    ann.says("/start").await;
    ann.sees(|message| message.offers("im")).await;
    assert_eq!(group.messages().len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_photo_is_declined_politely() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        user.says("/start").await;
        user.sees(|message| message.offers("im")).await;
        let dot = image::RgbImage::new(8, 8);
        let mut png = std::io::Cursor::new(Vec::new());
        dot.write_to(&mut png, image::ImageFormat::Png).unwrap();
        user.sends_photo(png.into_inner()).await;
        let answer = user.sees_words(text("unreadable")).await;
        assert!(answer.offers("im") && answer.offers("hm"));
    }
    app.finish().await;
}

#[actix_rt::test]
async fn the_operator_can_close_and_open_the_studio() {
    let app = TestApp::builder().config("bot.contact = '@keeper'").start().await;
    let ann = app.user(7).await;
    let card = picture(&ann, "before").await;
    app.cli(&["user", "block", "7"]).await;
    app.cli(&["balance", "add", "7", "1", "--reason", "after the block"]).await;
    ann.says("/imagine another").await;
    ann.sees(|message| message.says("another") || message.says("closed")).await;
    // The operator's word is worked off in order; what comes after it is refused.
    loop {
        ann.says("/start").await;
        let shown = ann.sees(|_| true).await;
        if shown.says(&ann.words(&text("blocked"))) {
            break;
        }
    }
    ann.presses_of(&card, "ag").await;
    ann.sees_words(text("blocked")).await;
    app.cli(&["user", "unblock", "7"]).await;
    loop {
        ann.says("/start").await;
        if ann.sees(|_| true).await.offers("im") {
            break;
        }
    }
    picture(&ann, "after").await;
    app.finish().await;
}

/// Who blocks the bot is not written to; what they paid for waits in the gallery.
#[actix_rt::test]
async fn a_person_who_blocks_the_bot_is_left_alone_until_they_return() {
    let app = TestApp::builder().pace(0, 600_000).start().await;
    let (ann, bob) = (app.user(7).await, app.user(8).await);
    quote(&ann, "a quiet picture").await;
    ann.presses("go").await;
    ann.sees_words(text("progress-running")).await;
    ann.blocks(true).await;
    // Bob's update comes after the news that Ann left.
    bob.says("/start").await;
    bob.sees(|message| message.offers("im")).await;
    app.pace(0, 10, 2).await;
    app.until(async || {
        app.cli(&["generation", "list", "--user", "7", "--open"]).await == serde_json::json!([])
    })
    .await;
    assert_eq!(app.balance(&ann).await, 95);
    ann.blocks(false).await;
    ann.says("/gallery").await;
    let card = ann.sees(|message| message.offers("fl")).await;
    assert!(card.says("a quiet picture") && card.photo().is_some());
    app.allow_refusals();
    app.finish().await;
}

/// A burst is slowed down politely, and what was taken in is answered.
#[actix_rt::test]
async fn a_burst_is_told_to_slow_down() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    ann.says("/start").await;
    ann.sees(|message| message.offers("im")).await;
    ann.says("/help").await;
    futures::future::join_all((0..80).map(|_| ann.adds("/help"))).await;
    ann.sees_words(text("note-too-fast")).await;
    ann.says("/balance").await;
    ann.sees(|message| {
        message.says(&ann.words(&text("balance").with("credits", 100i64)))
            || message.says(&ann.words(&text("note-too-fast")))
    })
    .await;
    app.finish().await;
}
