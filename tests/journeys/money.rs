//! Credits: what they buy, what is missing, where they went.

use super::{picture, quote, text};
use crate::support::{Builder, TestApp};

on_each!(
    missing_credits_are_named_and_a_top_up_makes_the_same_quote_work,
    the_balance_screen_says_what_the_ledger_says,
);

async fn missing_credits_are_named_and_a_top_up_makes_the_same_quote_work(builder: Builder) {
    let app = builder.welcome(3).config("bot.contact = '@keeper'").start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        let short = quote(&user, "a castle").await;
        assert!(short.says(&user.words(&text("quote-short").with("missing", 2i64))));
        assert!(short.says(&user.words(&text("credits-contact").with("contact", "@keeper"))));
        let contact = short.buttons().into_iter().find_map(|button| button.url);
        assert_eq!(contact.as_deref(), Some("https://t.me/keeper"));
        assert!(!short.offers("go"), "nothing to confirm");
        let add = ["balance", "add", &id.to_string(), "10", "--reason", "thank <you> & more"];
        let done = app.cli(&add).await;
        assert_eq!(done["available"], 13);
        let notice = user.sees_words(text("notice-granted").with("credits", 10i64)).await;
        assert!(notice.says("thank <you> & more"), "{}", notice.text());
        user.presses_of(&short, "qt").await;
        let whole = user.sees(|message| message.offers("go")).await;
        assert_eq!(whole.id(), short.id(), "the same message");
        user.presses("go").await;
        user.sees_result().await;
        assert_eq!(app.balance(&user).await, 8);
    }
    app.finish().await;
}

/// W-09: what the ledger says is what is shown, at once.
async fn the_balance_screen_says_what_the_ledger_says(builder: Builder) {
    let app = builder.start().await;
    let ann = app.user(7).await;
    app.pace(0, 10, 0).await;
    quote(&ann, "a held picture").await;
    ann.presses("go").await;
    ann.sees(|message| message.offers("cn")).await;
    ann.says("/balance").await;
    let balance = ann.sees_words(text("balance").with("credits", 95i64)).await;
    assert!(balance.says(&ann.words(&text("balance-held").with("credits", 5i64))));
    assert_eq!(app.account(&ann).await.held.0, 5);
    app.cli(&["balance", "add", "7", "-40", "--reason", "a mistake"]).await;
    ann.sees_words(text("notice-withdrawn").with("credits", 40i64)).await;
    ann.says("/balance").await;
    ann.sees_words(text("balance").with("credits", 55i64)).await;
    app.pace(0, 10, 2).await;
    ann.sees_result().await;
    ann.says("/balance").await;
    let balance = ann.sees_words(text("balance").with("credits", 55i64)).await;
    assert!(!balance.says("Set aside"), "{}", balance.text());
    app.finish().await;
}

#[actix_rt::test]
async fn the_history_has_every_credit_in_pages() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    ann.says("/start").await;
    ann.sees(|message| message.offers("bl")).await;
    picture(&ann, "the first one").await;
    for number in 1..=8 {
        let reason = format!("gift {number}");
        app.cli(&["balance", "add", "7", "1", "--reason", &reason]).await;
    }
    ann.sees_text("gift 8").await;
    ann.says("/balance").await;
    ann.sees(|message| message.offers("hi")).await;
    ann.presses("hi").await;
    let newest = ann.sees_text("gift 8").await;
    assert!(newest.says("gift 1") && !newest.says("the first one"), "{}", newest.text());
    ann.presses("Earlier").await;
    let oldest = ann.sees_text("the first one").await;
    assert!(oldest.says("welcome gift") && !oldest.says("gift 1 "), "{}", oldest.text());
    assert!(oldest.says("−5") && oldest.says("+100"), "{}", oldest.text());
    ann.presses("Newest").await;
    ann.sees_text("gift 8").await;
    ann.presses("bk").await;
    ann.sees_words(text("balance").with("credits", 103i64)).await;
    app.finish().await;
}
