//! What is for sale while the program runs.

use aisha_actors::domain::id::ModelId;
use serde_json::json;

use super::{
    dashboard::{get, visitor},
    picture, quote, text,
};
use crate::support::{Builder, TestApp};

on_each!(
    a_model_that_is_gone_stays_off_sale_after_a_restart,
    an_operators_word_reaches_the_chat_from_the_row,
);

/// Until an operator puts it back.
async fn a_model_that_is_gone_stays_off_sale_after_a_restart(builder: Builder) {
    let mut app = builder.start().await;
    let ann = app.user(7).await;
    quote(&ann, "a dodo").await;
    app.fault(json!({"peer": "fal", "call": "submit", "status": 404, "times": 1})).await;
    ann.presses("go").await;
    ann.sees_words(text("outcome-model-gone").with("model", "Imagen 4")).await;
    let database = app.database().await;
    app.until(async || !database.model_overrides().await.unwrap().is_empty()).await;
    let said = database.model_overrides().await.unwrap();
    assert_eq!((said[0].author.as_str(), said[0].on_sale), ("bot", false));
    drop(database);

    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    ann.says("/imagine a dodo again").await;
    let successor = text("notice-successor").with("old", "Imagen 4").with("new", "Nano Banana 2");
    ann.sees_words(successor.clone()).await;
    let database = app.database().await;
    database.lift_model_override(&ModelId::parse("imagen4").unwrap(), "eve").await.unwrap();
    let successor = ann.words(&successor);
    app.until(async || !quote(&ann, "a dodo at last").await.says(&successor)).await;
    app.finish().await;
}

/// Whoever wrote it: another node, for example.
async fn an_operators_word_reaches_the_chat_from_the_row(builder: Builder) {
    let app = builder.start().await;
    let ann = app.user(7).await;
    picture(&ann, "a fox").await;
    let (database, imagen) = (app.database().await, ModelId::parse("imagen4").unwrap());
    database.set_model_override(&imagen, false, "bad pictures", "eve").await.unwrap();
    let successor = text("notice-successor").with("old", "Imagen 4").with("new", "Nano Banana 2");
    app.until(async || quote(&ann, "an owl").await.says(&ann.words(&successor))).await;
    database.lift_model_override(&imagen, "eve").await.unwrap();
    app.until(async || !quote(&ann, "a cat").await.says(&ann.words(&successor))).await;
    app.finish().await;
}

/// A file that is broken is tried on the dashboard's own page.
#[actix_rt::test]
async fn a_signal_has_the_file_read_again() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let file = app.folder().join("config.toml");
    let old = std::fs::read_to_string(&file).unwrap();
    let model = "\n[[models]]\nid = \"imagen4\"\ntitle = \"Imagen 4\"\n\
        endpoint = \"fal-ai/imagen4/preview\"\nprice = 7\nratios = [\"1:1\"]\n";
    assert!(quote(&ann, "a fox").await.says("(1 × 5)"));
    std::fs::write(&file, format!("{old}{model}")).unwrap();
    let id = std::process::id().to_string();
    let sent = std::process::Command::new("kill").args(["-HUP", &id]).status();
    assert!(sent.unwrap().success());
    app.until(async || quote(&ann, "an owl").await.says("(1 × 7)")).await;
    app.finish().await;
}

/// The call is free, and says what the key is worth.
#[actix_rt::test]
async fn the_provider_is_asked_about_a_model() {
    let app = TestApp::start().await;
    let cookie = visitor(&app).await;
    let ask = async || {
        let page = get(&app, "/admin/catalogue/models/imagen4/probe", &cookie).await;
        page.text().await.unwrap()
    };
    let answers = "FAL answers at the model’s address and takes the key.";
    assert!(ask().await.contains(answers));
    for (status, words) in
        [(401, "FAL does not take the key"), (402, "The account at FAL is empty")]
    {
        app.fault(json!({"peer": "fal", "call": "status", "status": status, "times": 1})).await;
        let page = ask().await;
        assert!(page.contains(words) && !page.contains(answers), "{status}");
    }
    assert_eq!(app.calls("fal", "submit").await.len(), 0, "nothing was ordered");
    app.finish().await;
}
