//! What the operator is told in Telegram: once, with the way to the page that says more.

use std::time::{SystemTime, UNIX_EPOCH};

use aisha_actors::domain::id::ModelId;
use serde_json::json;

use super::{picture, quote, text};
use crate::support::{Builder, On, TestApp, TestUser};

on_each!(an_incident_is_told_once_whatever_restarts);

const OPERATOR: i64 = 99;

fn watched(builder: Builder) -> Builder {
    let builder = builder.env("ADMIN_CHAT_ID", &OPERATOR.to_string());
    builder.env("ADMIN_URL", "https://admin.example").config("alerts.settle_ms = 100")
}

/// A chat that the bot may write to.
async fn operator(app: &TestApp) -> TestUser {
    let operator = app.user(OPERATOR).await;
    operator.says("/start").await;
    operator.sees_reply().await;
    operator
}

/// A check of the books that found three breaches, newer than any that the program makes.
async fn breach(app: &TestApp) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() + 60_000_000;
    let at = match app.on() {
        On::Sqlite => now.to_string(),
        On::Postgres => format!("to_timestamp({})", now / 1_000_000),
    };
    app.sql_on_each(&format!(
        "INSERT INTO ledger_check (at, breaches, lines, issued, promo, revenue, held, refunded, entries) \
         VALUES ({at}, 3, 'x', 0, 0, 0, 0, 0, 0)"
    ))
    .await;
}

async fn an_incident_is_told_once_whatever_restarts(builder: Builder) {
    let mut app = watched(builder).config("alerts.language = \"ru\"").start().await;
    let operator = operator(&app).await;
    breach(&app).await;
    let told = operator.sees(|message| message.says("Книги не сходятся: 3 нарушения")).await;
    assert!(told.says("https://admin.example/admin/ledger"), "{}", told.text());
    let database = app.database().await;
    // Told and not noted yet would be told again: rather twice than never.
    app.until(async || database.incidents().await.unwrap()[0].told.is_some()).await;
    app.restart().await;
    operator.comes_back(app.sandbox()).await;
    let model = ModelId::parse("imagen4").unwrap();
    database.set_model_override(&model, false, "too <slow>", "ann").await.unwrap();
    let told = operator.sees(|message| message.says("Модель imagen4 снята с продажи")).await;
    assert!(told.says("ann: too <slow>"), "{}", told.text());
    assert!(told.says("https://admin.example/admin/catalogue"));
    let books = operator.messages().into_iter().filter(|message| message.says("Книги"));
    assert!(books.count() <= 1, "not again after the restart");
    database.lift_model_override(&model, "ann").await.unwrap();
    app.until(async || database.incidents().await.unwrap().len() == 1).await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_dependency_that_goes_and_comes_back_is_told_of() {
    let app = watched(TestApp::builder()).start().await;
    let (operator, ann) = (operator(&app).await, app.user(7).await);
    app.fault(json!({"peer": "fal", "call": "submit", "status": 500, "times": 2})).await;
    app.fault(json!({"peer": "fal", "call": "status", "status": 500, "times": 12})).await;
    quote(&ann, "nobody there").await;
    ann.presses("go").await;
    ann.sees_words(text("outcome-unreachable")).await;
    let told = operator.sees_text("🔴 FAL does not answer, since").await;
    assert!(told.says("https://admin.example/admin"), "{}", told.text());
    operator.sees_text("🟢 FAL answers again. It was away from").await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_provider_out_of_money_and_a_model_that_is_gone_are_told_of() {
    let app = watched(TestApp::builder()).start().await;
    let (operator, ann) = (operator(&app).await, app.user(7).await);
    app.fault(json!({"peer": "fal", "call": "submit", "status": 402, "times": 1})).await;
    quote(&ann, "no coins").await;
    ann.presses("go").await;
    ann.sees_words(text("outcome-out-of-money")).await;
    operator.sees_text("🔴 FAL is out of money, since").await;
    picture(&ann, "coins again").await;
    operator.sees_text("🟢 FAL takes orders again").await;
    app.fault(json!({"peer": "fal", "call": "submit", "status": 404, "times": 1})).await;
    quote(&ann, "a dodo").await;
    ann.presses("go").await;
    operator.sees_text("FAL does not know the model Imagen 4 any more").await;
    app.finish().await;
}
