//! What the operator is told in Telegram: once, with the way to the page that says more.

use std::time::{SystemTime, UNIX_EPOCH};

use aisha::db::{
    Database,
    incidents::IncidentKind,
    reports::{AsideKind, Page},
};
use aisha_actors::domain::id::ModelId;
use serde_json::json;

use super::{helping::Operator, picture, quote, text};
use crate::support::{Builder, FarDatabase, On, TestApp, TestUser};

on_each!(
    an_incident_is_told_once_whatever_restarts,
    what_is_set_aside_is_told_once_and_anew_after_it_was_settled,
    a_house_that_never_made_a_backup_is_told_of_until_it_makes_one,
    credits_that_wait_for_a_second_operator_are_told_of_once_and_anew_after_a_decision,
);

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

/// Microseconds since 1970, so many hours ago.
fn hours_ago(hours: u128) -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    now - hours * 3_600_000_000
}

/// How the database writes that moment.
fn moment(app: &TestApp, at_us: u128) -> String {
    match app.on() {
        On::Sqlite => at_us.to_string(),
        On::Postgres => format!("to_timestamp({})", at_us / 1_000_000),
    }
}

/// The incident of this kind was told, and that is noted.
async fn is_told(database: &Database, kind: IncidentKind) -> bool {
    let rows = database.incidents().await.unwrap();
    rows.iter().any(|row| row.what.kind == kind && row.told.is_some())
}

/// Nothing of this kind is noted.
async fn is_forgotten(database: &Database, kind: IncidentKind) -> bool {
    database.incidents().await.unwrap().iter().all(|row| row.what.kind != kind)
}

/// Whatever was to be told before this is told now: looks come one after the other.
async fn later_look(app: &TestApp, operator: &TestUser) {
    breach(app).await;
    operator.sees_text("The books are not right in 3 places").await;
}

/// How many messages say so.
fn said(operator: &TestUser, part: &str) -> usize {
    operator.messages().iter().filter(|message| message.says(part)).count()
}

/// A check of the books that found three breaches, newer than any that the program makes.
async fn breach(app: &TestApp) {
    let at = moment(app, hours_ago(0) + 60_000_000);
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

async fn what_is_set_aside_is_told_once_and_anew_after_it_was_settled(builder: Builder) {
    let app = watched(builder).start().await;
    app.allow_quarantine();
    let (operator, ann) = (operator(&app).await, app.user(7).await);
    let database = app.database().await;
    let crash = async || {
        ann.says("/crash").await;
        ann.sees_reply().await;
    };
    crash().await;
    let told = operator.sees_text("1 item is set aside").await;
    assert!(told.says("https://admin.example/admin/actors"), "{}", told.text());
    app.until(async || is_told(&database, IncidentKind::Aside).await).await;
    // More of it is no news for ten minutes.
    crash().await;
    let level = async |level: i64| {
        let rows = database.incidents().await.unwrap();
        rows.iter().any(|row| row.what.kind == IncidentKind::Aside && row.what.level == level)
    };
    app.until(async || level(2).await).await;
    later_look(&app, &operator).await;
    assert_eq!((said(&operator, "set aside"), said(&operator, "1 item is set aside")), (1, 1));

    for row in app.steering().aside(AsideKind::Update, Page::default()).await.unwrap() {
        app.steering().discard(row.id).await.unwrap();
    }
    app.until(async || is_forgotten(&database, IncidentKind::Aside).await).await;
    assert_eq!(said(&operator, "set aside"), 1, "nobody waits for its end");
    crash().await;
    app.until(async || said(&operator, "1 item is set aside") == 2).await;
    app.until_settled().await;
    app.finish().await;
}

async fn credits_that_wait_for_a_second_operator_are_told_of_once_and_anew_after_a_decision(
    builder: Builder,
) {
    let app = watched(builder).config("admin.alone_max_credits = 50").start().await;
    let (chat, ann) = (operator(&app).await, app.user(7).await);
    ann.says("/start").await;
    ann.sees_reply().await;
    let database = app.database().await;
    let (first, second) =
        (Operator::sign_in(&app).await, Operator::another(&app, "fay", "finance").await);
    let proposes = async |key: &str| {
        let key = key.repeat(32);
        let gift = [("way", "give"), ("amount", "51"), ("key", &key)];
        first.does("/admin/people/7/credits", &gift).await;
    };
    // What the page of the books offers to do with what waits.
    let offered = async |operator: &Operator<'_>, what: &str| {
        let page = operator.page("/admin/ledger").await;
        let start = "action=\"/admin/ledger/proposals/";
        let ids = page.split(start).skip(1).filter_map(|form| form.split_once('/'));
        let fits = ids.filter(|(_, end)| end.starts_with(what));
        fits.map(|(id, _)| format!("/admin/ledger/proposals/{id}/{what}")).collect::<Vec<_>>()
    };
    let forgotten = async || is_forgotten(&database, IncidentKind::Proposal).await;
    let waits = "1 booking waits for a second operator";

    proposes("a").await;
    let told = chat.sees_text(waits).await;
    assert!(told.says("https://admin.example/admin/ledger"), "{}", told.text());
    app.until(async || is_told(&database, IncidentKind::Proposal).await).await;
    // One more is no news for ten minutes.
    proposes("b").await;
    let two = async || {
        let rows = database.incidents().await.unwrap();
        rows.iter().any(|row| row.what.kind == IncidentKind::Proposal && row.what.level == 2)
    };
    app.until(two).await;
    later_look(&app, &chat).await;
    assert_eq!((said(&chat, "second operator"), said(&chat, waits)), (1, 1));
    assert_eq!(offered(&first, "approve").await, Vec::<String>::new(), "they are their own");
    let waiting = offered(&second, "approve").await;
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    assert_eq!(app.balance(&ann).await, 100);
    for path in &waiting {
        second.does(path, &[]).await;
    }
    app.until(forgotten).await;
    assert_eq!(app.balance(&ann).await, 202);
    ann.sees_words(text("notice-granted").with("credits", 51i64)).await;
    assert_eq!(said(&chat, "second operator"), 1, "nobody waits for its end");

    for (key, times) in [("c", 2), ("d", 3)] {
        proposes(key).await;
        app.until(async || said(&chat, waits) == times).await;
        app.until(async || is_told(&database, IncidentKind::Proposal).await).await;
        let own = offered(&first, "refuse").await;
        let refuse = own.first().unwrap();
        second.does(refuse, &[]).await;
        app.until(forgotten).await;
    }
    assert_eq!(said(&chat, "second operator"), 3);
    assert_eq!(app.balance(&ann).await, 202);
    app.until_settled().await;
    app.finish().await;
}

async fn a_house_that_never_made_a_backup_is_told_of_until_it_makes_one(builder: Builder) {
    let app = watched(builder).config("alerts.backup_hours_max = 71").start().await;
    let operator = operator(&app).await;
    let database = app.database().await;
    later_look(&app, &operator).await;
    assert!(is_forgotten(&database, IncidentKind::Backup).await, "there is no hurry yet");
    let at = moment(&app, hours_ago(72));
    app.sql_on_each(&format!("UPDATE person SET created_at = {at}")).await;
    let told = operator.sees_text("No backup was ever made here").await;
    assert!(told.says("for 72 hours"), "{}", told.text());
    app.until(async || is_told(&database, IncidentKind::Backup).await).await;
    let folder = app.folder().join("backups");
    app.cli(&["backup", &folder.display().to_string()]).await;
    app.until(async || is_forgotten(&database, IncidentKind::Backup).await).await;
    assert_eq!(said(&operator, "backup"), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_last_backup_that_is_too_old_is_told_once_whatever_restarts() {
    let mut app = watched(TestApp::builder()).start().await;
    let operator = operator(&app).await;
    let database = app.database().await;
    let note = json!({ "made_at_us": hours_ago(72), "folder": "/backups/x", "objects": false });
    let path = app.folder().join("data/last-backup.json");
    std::fs::write(path, note.to_string()).unwrap();
    let told = operator.sees_text("The last good backup is 72 hours old").await;
    assert!(told.says("https://admin.example/admin"), "{}", told.text());
    app.until(async || is_told(&database, IncidentKind::Backup).await).await;
    app.until_settled().await;
    app.restart().await;
    operator.comes_back(app.sandbox()).await;
    later_look(&app, &operator).await;
    assert!(said(&operator, "last good backup") <= 1, "not again after the restart");
    let folder = app.folder().join("backups");
    app.cli(&["backup", &folder.display().to_string()]).await;
    app.until(async || is_forgotten(&database, IncidentKind::Backup).await).await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_node_that_is_gone_is_told_of_once_and_one_that_left_in_peace_is_not() {
    let app = watched(TestApp::builder()).on(On::Postgres).start().await;
    let operator = operator(&app).await;
    let database = app.database().await;
    for (address, draining) in [("10.0.0.7:8080", false), ("10.0.0.8:8080", true)] {
        let past = "now() - interval '1 minute'";
        app.sql_on_each(&format!(
            "INSERT INTO node (id, epoch, until, seen_at, joined_at, version, address, draining) \
             VALUES (gen_random_uuid(), 1, {past}, {past}, {past}, '0.0.1', '{address}', {draining})"
        ))
        .await;
    }
    let told = operator.sees_text("is gone without saying goodbye").await;
    assert!(told.says("10.0.0.7:8080"), "{}", told.text());
    assert!(told.says("https://admin.example/admin/actors"));
    app.until(async || is_told(&database, IncidentKind::Node).await).await;
    later_look(&app, &operator).await;
    assert_eq!(said(&operator, "goodbye"), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_database_that_goes_and_comes_back_is_told_of_once_each() {
    let far = FarDatabase::make().await;
    let app = far.under(watched(TestApp::builder())).start().await;
    let operator = operator(&app).await;
    // It watches: only who watched before speaks of it.
    later_look(&app, &operator).await;
    app.until_settled().await;
    far.goes_away();
    let told = operator.sees_text("🔴 The database does not answer, since").await;
    assert!(told.says("https://admin.example/admin"), "{}", told.text());
    far.comes_back();
    operator.sees_text("🟢 The database answers again. It was away from").await;
    let database = app.database().await;
    app.until(async || is_told(&database, IncidentKind::Books).await).await;
    picture(&app.user(7).await, "after the storm").await;
    app.until_settled().await;
    assert_eq!((said(&operator, "🔴 The database"), said(&operator, "🟢 The database")), (1, 1));
    app.finish().await;
}
