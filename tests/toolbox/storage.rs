//! Objects against rows, the backfill, and pictures that came from hosts of tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aisha_actors::{
    domain::picture::{Picture, PictureState},
    port::Records,
};
use serde_json::json;

use crate::{
    journeys::{picture, text},
    support::{StandIns, TestApp},
};

/// The pictures that are stored or wait for it, in the order of their ids.
async fn rows(app: &TestApp) -> Vec<Picture> {
    let all = &[PictureState::Stored, PictureState::Fallback, PictureState::Lost];
    app.database().await.pictures_after(all, None, 100).await.unwrap()
}

fn file(app: &TestApp, row: &Picture) -> PathBuf {
    let object = row.object.as_ref().unwrap();
    app.objects().join(&object.bucket).join(&object.key)
}

/// The row of a picture in SQL.
fn at(row: &Picture) -> String {
    format!("hex(generation) = upper('{}') AND n = {}", row.id.generation, row.id.n)
}

fn moved(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(from, to).unwrap();
}

#[actix_rt::test]
async fn objects_and_rows_are_compared_both_ways() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    for prompt in ["one", "two", "three"] {
        picture(&ann, prompt).await;
    }
    let well = app.cli(&["storage", "check"]).await;
    assert_eq!((&well["rows"], &well["objects"]), (&json!(3), &json!(3)));

    let rows = rows(&app).await;
    let [gone, strayed, _] = &rows[..] else { panic!("three pictures") };
    let bytes = fs::read(file(&app, gone)).unwrap();
    fs::remove_file(file(&app, gone)).unwrap();
    let stray = app.objects().join("generated/2026/01/02/0123_1.jpg");
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    fs::write(&stray, b"nobody's").unwrap();
    let elsewhere = app.objects().join("avatars").join(&strayed.object.as_ref().unwrap().key);
    moved(&file(&app, strayed), &elsewhere);
    app.sql(&format!("UPDATE picture SET bucket = 'avatars' WHERE {}", at(strayed)));

    let said = app.cli_refused(&["storage", "check", "--move", "--dry-run"]).await;
    for part in [
        "3 stored pictures, 3 objects: 1 missing, 1 without a row, 1 in the wrong bucket",
        &format!("{}", gone.id),
        "generated/2026/01/02/0123_1.jpg",
        "would be moved",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert!(elsewhere.exists(), "a dry run changes nothing");

    let said = app.cli_refused(&["storage", "check", "--move"]).await;
    assert!(said.contains("1 in the wrong bucket"), "{said}");
    assert!(!elsewhere.exists() && file(&app, strayed).exists());
    assert_eq!(self::rows(&app).await, rows, "the row says so again");
    fs::write(file(&app, gone), bytes).unwrap();
    fs::remove_file(stray).unwrap();
    let well = app.cli(&["storage", "check"]).await;
    assert_eq!((&well["rows"], &well["objects"]), (&json!(3), &json!(3)));
    app.finish().await;
}

#[actix_rt::test]
async fn pictures_that_wait_are_copied_when_told() {
    let app = TestApp::builder().with(StandIns::start()).welcome(100).start().await;
    let ann = app.user(7).await;
    picture(&ann, "waiting").await;
    let row = &rows(&app).await[0];
    let (path, bytes) = (file(&app, row), fs::read(file(&app, row)).unwrap());
    // Set aside after three failures: the running bot does not come to it any more.
    fs::remove_file(&path).unwrap();
    app.sql(&format!("UPDATE picture SET state = 'fallback', attempts = 3 WHERE {}", at(row)));
    let done = app.cli(&["storage", "backfill"]).await;
    assert_eq!((&done["stored"], &done["waiting"]), (&json!(1), &json!(0)));
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(rows(&app).await[0].state, PictureState::Stored);

    fs::remove_file(&path).unwrap();
    let url = "'https://v3.fal.media/files/nowhere/else.jpg'";
    app.sql(&format!("UPDATE picture SET url = {url}, state = 'fallback', attempts = 3"));
    let said = app.cli_refused(&["storage", "backfill"]).await;
    assert!(said.contains("0 stored, 1 still waiting"), "{said}");
    fs::write(&path, bytes).unwrap();
    app.sql("UPDATE picture SET state = 'stored', attempts = 0");
    app.finish().await;
}

#[actix_rt::test]
async fn pictures_from_test_hosts_are_fetched_again_or_refunded() {
    let app = TestApp::builder().with(StandIns::start()).welcome(100).start().await;
    let (ann, bob) = (app.user(7).await, app.user(8).await);
    picture(&ann, "to be fetched again").await;
    picture(&bob, "to be given up").await;
    let rows_before = rows(&app).await;
    let of = |user: i64| rows_before.iter().find(|row| row.owner.0 == user).unwrap();
    let (hers, his) = (of(7), of(8));
    let bytes = fs::read(file(&app, hers)).unwrap();
    // Both came from such a host; what it gave for hers was stored, and his request is forgotten.
    fs::write(file(&app, hers), b"a grey placeholder").unwrap();
    let test = "url = 'https://example.com/test.jpg'";
    app.sql(&format!("UPDATE picture SET {test} WHERE {}", at(hers)));
    app.sql(&format!("UPDATE picture SET {test} WHERE {}", at(his)));
    app.sql(
        "UPDATE generation SET request_id = NULL, status_url = NULL, response_url = NULL, \
         cancel_url = NULL WHERE user_id = 8",
    );

    let dry = app.cli(&["storage", "cleanup-test-urls", "--dry-run"]).await;
    assert_eq!((&dry["fetched"], &dry["lost"], &dry["waiting"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(app.balance(&bob).await, 95, "a dry run changes nothing");

    let done = app.cli(&["storage", "cleanup-test-urls"]).await;
    assert_eq!((&done["fetched"], &done["lost"]), (&json!(1), &json!(1)));
    let now = rows(&app).await;
    let row = now.iter().find(|row| row.owner.0 == 7).unwrap();
    assert_eq!((row.state, &row.url, &row.file_id), (PictureState::Stored, &hers.url, &None));
    assert_eq!(fs::read(file(&app, row)).unwrap(), bytes, "the provider's own picture");
    ann.says("/gallery").await;
    ann.sees(|message| message.photo().is_some() && message.says("to be fetched again")).await;
    assert_eq!(app.balance(&ann).await, 95);

    bob.sees_text("came back to your balance").await;
    bob.sees_text("had brought test images instead of real pictures").await;
    assert_eq!(app.balance(&bob).await, 100);
    assert!(!file(&app, his).exists());
    bob.says("/gallery").await;
    bob.sees_words(text("gallery-empty")).await;
    let again = app.cli(&["storage", "cleanup-test-urls"]).await;
    assert_eq!(again["pictures"], json!([]), "nothing is left to clean up");
    assert_eq!(app.database().await.violations().await.unwrap(), Vec::<String>::new());
    app.finish().await;
}
