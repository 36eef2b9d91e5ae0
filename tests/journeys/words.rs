//! What people write is shown as they wrote it, and never breaks a message.

use super::{quote, text};
use crate::support::TestApp;

/// W-38: markup in a prompt is words.
#[actix_rt::test]
async fn odd_prompts_are_shown_as_they_are() {
    let app = TestApp::builder().welcome(1000).start().await;
    let ann = app.user(7).await;
    for prompt in [
        "<b>bold</b> & <script>alert(1)</script> &amp; \"quoted\" 'too'",
        "*stars* _lines_ `code` [a](http://b) ~ ||spoiler||",
        "лиса 🦊 и 👩‍👩‍👧‍👦 семья 🏳️‍🌈",
        "שועל אדום ב-5 שלג",
        "two\nlines",
        "{ $model } { n-credits } %s {0}",
    ] {
        let quote = quote(&ann, prompt).await;
        assert!(quote.says(prompt), "quote of {prompt:?}: {:?}", quote.text());
        ann.presses("go").await;
        let result = ann.sees_result().await;
        assert!(result.says(prompt), "result of {prompt:?}: {:?}", result.text());
        ann.presses("fp").await;
        let full = ann.sees(|message| message.offers("cl")).await;
        assert!(full.says(prompt), "full prompt {prompt:?}: {:?}", full.text());
        assert_eq!(full.buttons()[0].copy.as_deref(), Some(prompt), "copied as it is");
    }
    let submits = app.calls("fal", "submit").await;
    assert_eq!(submits.len(), 6);
    assert_eq!(submits[3]["body"]["prompt"], "שועל אדום ב-5 שלג");
    ann.says("/gallery").await;
    ann.sees_text("{ $model } { n-credits }").await;
    app.finish().await;
}

/// Direction overrides reach the model, but never turn the bot's own words around.
#[actix_rt::test]
async fn direction_overrides_do_not_turn_the_message() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    quote(&ann, "abc \u{202E}txt.exe def").await;
    ann.presses("go").await;
    let result = ann.sees_result().await;
    assert!(!result.says("\u{202E}"), "{:?}", result.text());
    assert!(result.says("txt.exe def"));
    app.finish().await;
}

/// W-05: the longest prompt that is taken is paid, stored and shown whole.
#[actix_rt::test]
async fn the_longest_prompt_is_shown_whole() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let prompt: String = "<тень & свет> 🦊".chars().cycle().take(2000).collect();
    quote(&ann, prompt.trim()).await;
    ann.presses("go").await;
    let result = ann.sees_result().await;
    assert!(result.text().encode_utf16().count() <= 1024, "fits a caption");
    ann.presses("fp").await;
    let full = ann.sees(|message| message.offers("cl")).await;
    let shown: String = full.text().split_once('\n').unwrap().1.to_owned();
    assert_eq!(shown.trim(), prompt.trim());
    assert_eq!(app.calls("fal", "submit").await[0]["body"]["prompt"], prompt.trim());
    app.finish().await;
}

#[actix_rt::test]
async fn prompts_too_short_and_too_long_are_refused() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        user.says("/imagine ab").await;
        user.sees_words(text("prompt-short").with("min", 3i64)).await;
        user.says(&format!("/imagine {}", "x".repeat(2001))).await;
        user.sees_words(text("prompt-long").with("max", 2000i64).with("length", 2001i64)).await;
        user.says("just words are a prompt too").await;
        let quote = user.sees(|message| message.offers("go")).await;
        assert!(quote.says("just words are a prompt too"));
        assert_eq!(app.balance(&user).await, 100);
    }
    app.finish().await;
}
