//! First steps: registration, greeting, commands, the menu.

use aisha_actors::domain::id::UserId;
use aisha_actors::port::Records;

use super::text;
use crate::support::TestApp;

/// W-42: two first updates at once make one person with one welcome.
#[actix_rt::test]
async fn two_first_updates_at_once_register_once() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    tokio::join!(ann.adds("/start"), ann.adds("/balance"), ann.adds("/gallery"));
    ann.sees(|message| message.offers("st")).await;
    ann.sees_words(text("balance").with("credits", 100i64)).await;
    ann.sees_words(text("gallery-empty")).await;
    let history = app.database().await.history(UserId(7), 0, 10).await.unwrap();
    assert_eq!(history.len(), 1, "one welcome");
    assert_eq!(app.balance(&ann).await, 100);
    app.finish().await;
}

#[actix_rt::test]
async fn greets_in_the_language_of_telegram() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru"), (3, "pt-BR"), (4, "uk")] {
        let user = app.user_of(id, code).await;
        user.says("/start").await;
        let name = format!("Visitor {id}");
        user.sees_words(text("home-welcome").quoting("name", &name, 64)).await;
        user.sees_words(text("home-grant").with("credits", 100i64)).await;
        let home = user.sees_words(text("home-balance").with("credits", 100i64)).await;
        assert_eq!(home.says("студия"), matches!(code, "ru" | "uk"), "{}", home.text());
        user.says("/start").await;
        user.sees_words(text("home").quoting("name", &name, 64)).await;
    }
    app.finish().await;
}

#[actix_rt::test]
async fn without_a_welcome_nothing_is_promised() {
    let app = TestApp::builder().welcome(0).start().await;
    let ann = app.user(7).await;
    ann.says("/start").await;
    let home = ann.sees_words(text("home-balance").with("credits", 0i64)).await;
    assert!(!home.says("gift"), "{}", home.text());
    assert_eq!(app.balance(&ann).await, 0);
    app.finish().await;
}

#[actix_rt::test]
async fn every_command_answers_and_back_leads_home() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        user.says("/start").await;
        user.sees(|message| message.offers("st")).await;
        for (command, words) in [
            ("/help", "help"),
            ("/balance", "credits-ask"),
            ("/gallery", "gallery-empty"),
            ("/language", "languages"),
        ] {
            user.says(command).await;
            user.sees_words(text(words)).await;
            user.presses("bk").await;
            user.sees_words(text("home-balance").with("credits", 100i64)).await;
        }
        user.says("/settings").await;
        user.sees(|message| message.offers("ls") && message.offers("zs")).await;
        user.presses("hm").await;
        user.sees_words(text("home-balance").with("credits", 100i64)).await;
        user.says("/imagine").await;
        user.sees(|message| message.offers("ms")).await;
        user.says("/cancel").await;
        user.sees_words(text("cancel-left")).await;
        user.says("/nonsense").await;
        user.sees_words(text("unknown-command")).await;
        user.sees_commands(&user.words(&text("command-imagine"))).await;
    }
    app.finish().await;
}
