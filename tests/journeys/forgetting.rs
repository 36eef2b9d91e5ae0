//! Somebody is deleted by an operator: nothing names them any more, and the books are what they were.

use std::path::Path;

use aisha::db::forget::PayloadTrouble;
use aisha_actors::{
    domain::{generation::State, id::UserId, ledger::Account},
    port::Records,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    helping::Operator,
    picture, quote,
    redis::{keys, readiness},
    text,
};
use crate::support::{Builder, RedisServer, S3Server, StandIns, TestApp, TestUser};

on_each!(
    nothing_names_somebody_who_was_deleted_and_the_books_are_what_they_were,
    a_deletion_goes_on_where_a_restart_broke_it_off,
    what_the_provider_kept_of_somebody_is_deleted_with_them,
    a_restart_asks_the_provider_for_nothing_twice,
    without_the_admin_key_the_provider_keeps_its_copies,
    a_refused_admin_key_holds_a_deletion_up,
);

/// An id that nothing else has by chance.
const ANN: i64 = 7_130_442_917;
const BOB: i64 = 8_210_553_806;

/// Says something under a username.
async fn says_as(app: &TestApp, user: &TestUser, username: &str, words: &str) {
    let body = json!({ "text": words, "first_name": "Annabella", "username": username });
    let url = format!("{}/sandbox/chats/{}/messages", app.sandbox(), user.id);
    let said = app.http().post(url).json(&body).send().await.unwrap();
    assert!(said.status().is_success());
}

/// Every object of the storage on disk.
fn objects(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => objects(&path),
            false => vec![path.display().to_string()],
        })
        .collect()
}

/// Rows that name the person, their words or what was said of them. The audit log says what operators did.
async fn traces(app: &TestApp) -> Vec<(String, String)> {
    traces_of(app, &[&ANN.to_string(), "annabella", "heron"]).await
}

async fn traces_of(app: &TestApp, told: &[&str]) -> Vec<(String, String)> {
    let is_trace = |row: &str| told.iter().any(|word| row.to_lowercase().contains(word));
    let rows = app.every_row().await.into_iter();
    rows.filter(|(table, row)| table != "audit" && is_trace(row)).collect()
}

/// Waits until every deletion is over. Not by the traces: whoever reads all rows again and again holds the program up.
async fn until_over(app: &TestApp) {
    let database = app.database().await;
    app.until(async || database.forgettings().await.unwrap().is_empty()).await;
}

/// What stands in the books as a whole.
async fn books(app: &TestApp) -> serde_json::Value {
    let mut books = app.cli(&["balance", "stats"]).await;
    // The open generation is cancelled: its hold goes, with an entry more.
    for name in ["held", "entries"] {
        books.as_object_mut().unwrap().remove(name);
    }
    books
}

async fn nothing_names_somebody_who_was_deleted_and_the_books_are_what_they_were(builder: Builder) {
    let app = builder.start().await;
    let (ann, bob) = (app.user(ANN).await, app.user(BOB).await);
    says_as(&app, &ann, "annabella_k", "/start").await;
    ann.sees(|message| message.offers("im")).await;
    let card = picture(&ann, "a heron of hers").await;
    ann.presses_of(&card, "fp").await;
    ann.says("/gallery").await;
    ann.sees(|message| message.offers("fl")).await;
    picture(&bob, "a stork of his").await;
    let gift = ["--reason", "for @annabella_k, who likes herons"];
    app.cli(&["balance", "add", &ANN.to_string(), "30", gift[0], gift[1]]).await;
    ann.sees_words(text("notice-granted").with("credits", 30i64)).await;
    app.pace(0, 600_000, 2).await;
    quote(&ann, "a heron that is under way").await;
    ann.presses("go").await;
    ann.sees_words(text("progress-running")).await;
    app.until_settled().await;
    assert_eq!(app.account(&ann).await.held.0, 5);
    let kept = objects(&app.objects()).len();
    let before = books(&app).await;
    let named: Vec<String> = traces(&app).await.into_iter().map(|(table, _)| table).collect();
    for table in ["person", "conversation", "inbox", "generation", "picture", "outbox", "entry"] {
        assert!(named.iter().any(|one| one == table), "{table}: it is looked for well");
    }

    let operator = Operator::sign_in(&app).await;
    let (page, other) = (format!("/admin/people/{ANN}"), format!("/admin/people/{BOB}"));
    let path = format!("{page}/delete");
    for wrong in ["", "7", "no"] {
        let refused = operator.tries(&path, &[("confirm", wrong)]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let id = ANN.to_string();
    operator.does(&path, &[("confirm", &id)]).await;
    app.until(async || !operator.finds(&page).await).await;
    assert!(operator.finds(&other).await);
    until_over(&app).await;
    assert_eq!(traces(&app).await, []);
    assert_eq!(books(&app).await, before);
    assert_eq!(objects(&app.objects()).len(), kept - 1, "hers is gone, his is there");
    assert_eq!(app.account(&ann).await.credited.0, 0);
    assert!(operator.page("/admin/audit").await.contains("person.delete"));
    app.cli(&["ledger", "audit"]).await;

    // Whoever writes afterwards is new.
    ann.says("/start").await;
    ann.sees(|message| message.offers("im")).await;
    assert_eq!(app.balance(&ann).await, 100);
    ann.says("/gallery").await;
    ann.sees_words(text("gallery-empty")).await;
    app.pace(0, 10, 2).await;
    picture(&ann, "something else").await;
    assert_eq!(app.balance(&bob).await, 95);
    app.finish().await;
}

/// Broken off twice: while the provider does not confirm a cancel, and right after the one transaction.
async fn a_deletion_goes_on_where_a_restart_broke_it_off(builder: Builder) {
    let mut app = builder.start().await;
    let (ann, bob) = (app.user(ANN).await, app.user(BOB).await);
    picture(&ann, "a heron of hers").await;
    picture(&bob, "a stork of his").await;
    app.pace(0, 600_000, 2).await;
    quote(&ann, "a heron that is under way").await;
    ann.presses("go").await;
    ann.sees_words(text("progress-running")).await;
    app.fault(json!({"peer": "fal", "call": "cancel", "status": 503})).await;
    let operator = Operator::sign_in(&app).await;
    let (page, id) = (format!("/admin/people/{ANN}"), ANN.to_string());
    for _pressed in 0..2 {
        operator.does(&format!("{page}/delete"), &[("confirm", &id)]).await;
    }
    let database = app.database().await;
    app.until(async || {
        let open = database.open_generations_of(UserId(ANN)).await.unwrap();
        open.iter().any(|row| row.state == State::Cancelling)
    })
    .await;
    assert!(operator.page(&page).await.contains("Generations under way"));
    let unblock = operator.tries(&format!("{page}/unblock"), &[]).await;
    assert_eq!(unblock.status(), StatusCode::UNPROCESSABLE_ENTITY);
    drop(database);

    app.restart_after(async |app| {
        let database = app.database().await;
        let going = database.forgettings().await.unwrap();
        let [hers] = going.as_slice() else { panic!("pressed twice, it is one: {going:?}") };
        let waits = database.forgetting_waits(hers.user).await.unwrap();
        assert!(waits.is_blocked && waits.generations == 1, "{waits:?}");
        assert!(!database.empty(hers).await.unwrap(), "nothing is done too early");

        let his = UserId(BOB);
        database.begin_forgetting(his, "cli", "he asked").await.unwrap();
        database.trash_all_of(his).await.unwrap();
        for statement in [
            "UPDATE picture SET state = 'purged' WHERE state = 'trashed'".to_owned(),
            format!("UPDATE person SET blocked = TRUE WHERE id = {BOB}"),
        ] {
            app.sql_on_each(&statement).await;
        }
        let his = database.forgettings().await.unwrap().pop().unwrap();
        assert!(database.empty(&his).await.unwrap());
        assert!(!traces_of(app, &[&BOB.to_string(), "stork"]).await.is_empty(), "not all of it");
    })
    .await;
    // The restarted stand-in does not remember the fault.
    until_over(&app).await;
    assert_eq!(traces(&app).await, []);
    assert_eq!(traces_of(&app, &[&BOB.to_string(), "stork"]).await, []);
    assert_eq!(app.account(&ann).await, Account::default());
    app.finish().await;
}

/// The ids at the provider of what somebody asked for, the oldest first.
async fn requests(app: &TestApp, user: i64) -> Vec<String> {
    let found = app.database().await.requests_of(UserId(user), 99).await.unwrap();
    found.into_iter().map(|(_, request)| request).collect()
}

/// What the provider was asked to delete and how that ended, in order.
async fn deleted(app: &TestApp) -> Vec<(String, u64)> {
    let calls = app.calls("fal", "payloads").await;
    let told = |call: &Value| {
        (call["request_id"].as_str().unwrap().to_owned(), call["status"].as_u64().unwrap())
    };
    calls.iter().map(told).collect()
}

/// The deletion is asked for on the command line; what that says of the provider's copies.
async fn delete(app: &TestApp) -> Value {
    let id = ANN.to_string();
    let words = ["user", "delete", &id, "--confirm", &id, "--reason", "they asked"];
    app.cli(&words).await["payloads"].clone()
}

async fn what_the_provider_kept_of_somebody_is_deleted_with_them(builder: Builder) {
    let app = builder.start().await;
    let (ann, bob) = (app.user(ANN).await, app.user(BOB).await);
    for prompt in ["a heron of hers", "another heron", "no heron #fail"] {
        quote(&ann, prompt).await;
        ann.presses("go").await;
        ann.sees(|message| message.offers("ag")).await;
    }
    picture(&bob, "a stork of his").await;
    app.until_settled().await;
    let (hers, his) = (requests(&app, ANN).await, requests(&app, BOB).await);
    assert_eq!((hers.len(), his.len()), (3, 1));

    app.fault(json!({"peer": "fal", "call": "payloads", "status": 503})).await;
    let operator = Operator::sign_in(&app).await;
    let (page, other) = (format!("/admin/people/{ANN}"), format!("/admin/people/{BOB}"));
    assert!(operator.page(&page).await.contains("asked for are deleted too"));
    assert_eq!(delete(&app).await, true);
    let waits =
        |page: &str| page.contains("FAL cannot be reached") && page.contains("copies at FAL");
    app.until(async || waits(&operator.page(&page).await)).await;
    assert_eq!(requests(&app, ANN).await, hers, "nothing is struck too early");
    assert!(!waits(&operator.page(&other).await));
    app.mend().await;
    // The work is done, and the answer lost: asked for again, it is done.
    app.fault(json!({"peer": "fal", "call": "payloads", "reset": true, "times": 1})).await;
    until_over(&app).await;
    assert_eq!(traces(&app).await, []);

    let asked = deleted(&app).await;
    let ends = |wanted: u64| asked.iter().filter(move |(_, status)| *status == wanted);
    let gone: Vec<&String> = ends(200).map(|(id, _)| id).collect();
    assert_eq!(gone, [&hers[1], &hers[2]], "{asked:?}");
    assert_eq!(ends(0).chain(ends(404)).map(|(id, _)| id).collect::<Vec<_>>(), [&hers[0]; 2]);
    assert!(!asked.iter().any(|(id, _)| his.contains(id)));
    assert_eq!(requests(&app, BOB).await, his);
    app.finish().await;
}

async fn a_restart_asks_the_provider_for_nothing_twice(builder: Builder) {
    let stand_ins = StandIns::start();
    let info = stand_ins.info();
    let builder = builder.with(stand_ins).welcome(100);
    let builder = builder.env("FAL_ADMIN_KEY", &info.fal_admin_key);
    let mut app = builder.env("FAL_API_URL", &info.fal_api_url).start().await;
    let ann = app.user(ANN).await;
    picture(&ann, "a heron of hers").await;
    picture(&ann, "another heron").await;
    app.until_settled().await;
    let hers = requests(&app, ANN).await;
    // The first call is let through, all others are not.
    app.fault(json!({"peer": "fal", "call": "payloads", "delay_ms": 0, "times": 1})).await;
    app.fault(json!({"peer": "fal", "call": "payloads", "status": 503})).await;
    assert_eq!(delete(&app).await, true);
    app.until(async || deleted(&app).await.iter().any(|(_, status)| *status == 503)).await;
    assert_eq!(requests(&app, ANN).await, hers[1..], "what is done is struck");
    app.restart().await;
    app.mend().await;
    until_over(&app).await;
    assert_eq!(traces(&app).await, []);
    let asked = deleted(&app).await;
    let of_first = asked.iter().filter(|(id, _)| *id == hers[0]);
    assert_eq!(of_first.map(|(_, status)| *status).collect::<Vec<_>>(), [200]);
    assert_eq!(asked.last(), Some(&(hers[1].clone(), 200)));
    app.finish().await;
}

async fn without_the_admin_key_the_provider_keeps_its_copies(builder: Builder) {
    let app = builder.with(StandIns::start()).welcome(100).start().await;
    let ann = app.user(ANN).await;
    picture(&ann, "a heron of hers").await;
    app.until_settled().await;
    assert_eq!(requests(&app, ANN).await.len(), 1);
    assert_eq!(delete(&app).await, false);
    until_over(&app).await;
    assert_eq!(traces(&app).await, []);
    assert_eq!(deleted(&app).await, []);
    app.finish().await;
}

async fn a_refused_admin_key_holds_a_deletion_up(builder: Builder) {
    let stand_ins = StandIns::start();
    let info = stand_ins.info();
    let builder = builder.with(stand_ins).welcome(100);
    let builder = builder.env("FAL_ADMIN_KEY", &info.fal_key);
    let app = builder.env("FAL_API_URL", &info.fal_api_url).start().await;
    let ann = app.user(ANN).await;
    picture(&ann, "a heron of hers").await;
    app.until_settled().await;
    assert_eq!(delete(&app).await, true);
    let database = app.database().await;
    let waits = async || database.forgetting_of(UserId(ANN)).await.unwrap();
    app.until(async || {
        waits().await.is_some_and(|(row, _)| row.payload_trouble == Some(PayloadTrouble::Refused))
    })
    .await;
    let (_, waits) = waits().await.unwrap();
    assert_eq!((waits.pictures, waits.requests), (0, 1), "all but that is done");
    assert_eq!(deleted(&app).await.first().map(|(_, status)| *status), Some(401));
    drop(database);
    app.finish().await;
}

/// Where others keep the pictures and the windows, and asked for from the command line.
#[actix_rt::test]
async fn the_pictures_of_somebody_who_was_deleted_leave_s3_and_their_windows_leave_redis() {
    let (s3, redis) = (S3Server::of("AISHA_TEST_S3"), RedisServer::start());
    let app = TestApp::builder().on_s3(&s3).env("REDIS_URL", &redis.url()).start().await;
    app.until(async || readiness(&app).await["dependencies"]["redis"] == "ok").await;
    let (ann, id) = (app.user(ANN).await, ANN.to_string());
    picture(&ann, "a heron of hers").await;
    ann.says("/gallery").await;
    ann.sees(|message| message.offers("fl")).await;
    app.until_settled().await;
    let made = app.cli(&["generation", "list"]).await;
    let shown = app.cli(&["generation", "show", made[0]["id"].as_str().unwrap()]).await;
    let key = shown["pictures"][0]["key"].as_str().unwrap();
    assert!(s3.object("imagen4", key).await.is_ok());
    // Keys that pace calls live for a minute.
    let windows = || keys(&redis).into_iter().filter(|name| name.ends_with(&format!(":{ANN}")));
    let windows = || windows().filter(|name| name.contains(":user_generations:"));
    // What Redis does not take within its time is left out, and comes with the next look.
    app.until(async || {
        ann.says("/gallery").await;
        ann.sees(|message| message.offers("fl")).await;
        windows().count() == 1
    })
    .await;
    app.until_settled().await;
    app.cli(&["user", "delete", &id, "--confirm", &id, "--reason", "they asked"]).await;
    until_over(&app).await;
    assert_eq!(traces(&app).await, []);
    assert!(s3.object("imagen4", key).await.is_err());
    assert_eq!(windows().collect::<Vec<_>>(), Vec::<String>::new());
    app.finish().await;
}
