//! The language is the person's own choice.

use aisha_actors::domain::text::Language;

use super::{picture, text};
use crate::support::TestApp;

#[actix_rt::test]
async fn a_chosen_language_stays_whatever_telegram_says() {
    let mut app = TestApp::start().await;
    let ann = app.user_of(7, "en").await;
    ann.says("/language").await;
    ann.sees_words(text("languages")).await;
    let answer = ann.presses("lg.ru").await;
    ann.reads(Language::Ru);
    assert_eq!(answer.text, ann.words(&text("note-saved")));
    ann.sees_words(text("home-balance").with("credits", 100i64)).await;
    // Telegram goes on to say "en" with every message.
    ann.says("/help").await;
    ann.sees_words(text("help")).await;
    let shown = picture(&ann, "лиса в снегу").await;
    let paid = ann.words(&text("result-paid").with("credits", 5i64).with("count", 1i64));
    assert!(shown.says(&paid), "{}", shown.text());
    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    ann.says("/balance").await;
    ann.sees_words(text("balance").with("credits", 95i64)).await;
    ann.says("/language").await;
    let choice = ann.sees_words(text("languages")).await;
    assert!(choice.button("lg.ru").unwrap().label.contains('✅'));
    ann.presses("lg.en").await;
    ann.reads(Language::En);
    ann.sees_words(text("home-balance").with("credits", 95i64)).await;
    app.finish().await;
}
