//! Pictures in object storage that speaks S3: on disk by default, here on a server.

use serde_json::Value;

use super::{picture, text};
use crate::support::{Forwarder, S3Server, StandIns, TestApp, TestUser};

/// Where the only picture of a person is, from the row.
async fn place(app: &TestApp) -> (String, String) {
    let list = app.cli(&["generation", "list"]).await;
    let id = list[0]["id"].as_str().unwrap().to_owned();
    let shown = app.cli(&["generation", "show", &id]).await;
    let stored = &shown["pictures"][0];
    let key = stored["key"].as_str().unwrap_or_default().to_owned();
    assert!(key.ends_with(&format!("/{id}_1.jpg")), "{shown:#}");
    (stored["bucket"].as_str().unwrap().to_owned(), key)
}

async fn storage_is(app: &TestApp, condition: &str) -> bool {
    let answer = app.http().get(app.url("/health/ready")).send().await.unwrap();
    assert_eq!(answer.status(), 200, "work goes on");
    let ready: Value = answer.json().await.unwrap();
    ready["dependencies"]["objects"] == condition
}

async fn sends_the_original(
    app: &TestApp,
    ann: &TestUser,
    card: &crate::support::Message,
) -> bytes::Bytes {
    ann.presses_of(card, "or").await;
    let document = ann.sees(|message| message.document().is_some()).await;
    let chat = ann.id;
    let file = document.document().unwrap();
    let url = format!("{}/sandbox/chats/{chat}/files/{file}?download=1", app.sandbox());
    app.http().get(url).send().await.unwrap().bytes().await.unwrap()
}

/// A picture lands in the bucket of its model, is shown, is sent as a document, and goes for good.
async fn a_picture_lives_and_dies_on(variable: &str) {
    let server = S3Server::of(variable);
    let app = TestApp::builder().on_s3(&server).start().await;
    let ann = app.user(7).await;
    let card = picture(&ann, "a fox").await;
    let (bucket, key) = place(&app).await;
    assert_eq!(bucket, server.bucket("imagen4"));
    let today = &key[..11];
    assert!(today.split('/').take(3).all(|part| part.bytes().all(|b| b.is_ascii_digit())), "{key}");
    let stored = server.object("imagen4", &key).await.unwrap();
    assert_eq!(sends_the_original(&app, &ann, &card).await, stored, "byte for byte");
    for name in ["imagen4", "generated", "avatars", "photos"] {
        assert!(server.has_bucket(name).await, "{name}");
    }

    // A link that the operator asks for opens it, without any key.
    let link = app.cli(&["storage", "link", &bucket, &key, "--hours", "1"]).await;
    let link = link["link"].as_str().unwrap();
    let got = app.http().get(link).send().await.unwrap();
    assert_eq!(got.headers()["content-type"], "image/jpeg");
    assert_eq!(got.bytes().await.unwrap(), stored);
    let checked = app.cli(&["doctor"]).await.to_string();
    assert!(checked.contains(&format!("bucket {bucket}")), "{checked}");
    assert!(!checked.contains(&server.secret));

    ann.presses_of(&card, "da").await;
    ann.sees_words(text("delete-ask")).await;
    ann.presses("dl").await;
    ann.sees_deleted(card.id()).await;
    app.until(async || server.object("imagen4", &key).await.is_err()).await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_picture_lives_and_dies_on_s3s() {
    a_picture_lives_and_dies_on("AISHA_TEST_S3").await;
}

#[actix_rt::test]
async fn a_picture_lives_and_dies_on_radosgw() {
    a_picture_lives_and_dies_on("AISHA_TEST_RADOSGW").await;
}

/// The program starts without its storage and says so; pictures come from the bytes at hand; when the
/// storage is there, buckets are made and pictures are brought in.
#[actix_rt::test]
async fn storage_that_is_away_costs_no_picture() {
    let server = S3Server::of("AISHA_TEST_S3");
    let target = server.endpoint.trim_start_matches("http://").parse().unwrap();
    let door = Forwarder::closed().await;
    let server = server.by(&door.url());
    let app = TestApp::builder().on_s3(&server).start().await;
    app.until(async || storage_is(&app, "degraded").await).await;

    let ann = app.user(7).await;
    let card = picture(&ann, "a fox in the rain").await;
    assert_eq!(app.balance(&ann).await, 95, "it is paid, and it is there");
    let original = sends_the_original(&app, &ann, &card).await;
    let (_, key) = place(&app).await;

    door.lead_to(target);
    app.until(async || server.object("imagen4", &key).await.is_ok()).await;
    assert_eq!(server.object("imagen4", &key).await.unwrap(), original);
    app.until(async || storage_is(&app, "ok").await).await;

    // And away again while it runs.
    door.close();
    app.until(async || storage_is(&app, "degraded").await).await;
    let second = picture(&ann, "a fox in the sun").await;
    assert_ne!(second.id(), card.id());
    door.lead_to(target);
    app.until(async || storage_is(&app, "ok").await).await;
    app.finish().await;
}

/// A storage that takes connections and then says nothing does not keep a picture from its owner.
#[actix_rt::test]
async fn storage_that_hangs_costs_a_bounded_time() {
    let server = S3Server::of("AISHA_TEST_S3");
    let silent = Forwarder::open().await;
    let server = server.by(&silent.url());
    let app = TestApp::builder().with(StandIns::start()).on_s3(&server).welcome(10).start().await;
    let ann = app.user(7).await;
    picture(&ann, "a patient fox").await;
    app.until(async || storage_is(&app, "degraded").await).await;
    app.finish().await;
}
