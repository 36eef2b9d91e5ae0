//! Backups under load, and the way back.

use std::{cell::Cell, fs, path::Path, path::PathBuf};

use aisha_actors::{domain::picture::PictureState, port::Records};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    journeys::{picture, quote},
    support::{On, RedisServer, TestApp, TestUser},
};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = sql_types::Text)]
    line: String,
}

/// What a query with one column of text says.
fn lines(file: &Path, query: &str) -> Vec<String> {
    let mut connection = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    let lines: Vec<Line> = sql_query(query).load(&mut connection).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// Everything that a backup keeps of people, money and pictures, a line each.
fn rows(backup: &Path) -> Vec<String> {
    let folder = backup.join("database");
    let file = folder.join("aisha.db");
    if !file.exists() {
        let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<String> = names.flat_map(|path| file_lines(&path)).collect();
        all.sort();
        return all;
    }
    let every = [
        "SELECT 'person ' || id || first_name || gallery_version AS line FROM person ORDER BY id",
        "SELECT 'talk ' || user_id || body AS line FROM conversation ORDER BY user_id",
        "SELECT 'inbox ' || seq || payload || state AS line FROM inbox ORDER BY seq",
        "SELECT 'gen ' || hex(id) || prompt || state || seed AS line FROM generation ORDER BY id",
        "SELECT 'pic ' || hex(generation) || n || state || favourite || hex(hash) || object_key \
           || coalesce(file_id, '') AS line FROM picture WHERE hash IS NOT NULL ORDER BY generation, n",
        "SELECT 'owed ' || seq || kind || state AS line FROM outbox ORDER BY seq",
        "SELECT 'account ' || id || credited || debited || held AS line FROM account ORDER BY id",
        ENTRIES,
    ];
    every.iter().flat_map(|query| lines(&file, query)).collect()
}

const ENTRIES: &str = "SELECT 'entry ' || seq || hex(id) || kind || amount || at AS line FROM entry \
     ORDER BY seq";

/// The ledger of a backup, oldest first.
fn entries(backup: &Path) -> Vec<String> {
    let file = backup.join("database/aisha.db");
    if file.exists() {
        return lines(&file, ENTRIES);
    }
    let mut rows = file_lines(&backup.join("database/entry.rows"));
    assert!(rows.remove(0).contains("entry.rows seq\tid\tkind"));
    let seq = |row: &String| row.split([' ', '\t']).nth(1).unwrap().parse::<i64>().unwrap();
    rows.sort_by_key(seq);
    rows
}

/// Each with its file's name.
fn file_lines(path: &Path) -> Vec<String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| format!("{name} {line}")).collect()
}

/// Backs up into a folder of its own and gives the backup.
async fn snapshot(app: &TestApp, name: &str) -> PathBuf {
    let folder = app.folder().join(name).display().to_string();
    let made = app.cli(&["backup", &folder]).await;
    PathBuf::from(made["folder"].as_str().unwrap())
}

/// Presses and pays until it is told to stop.
async fn lives(user: &TestUser, stop: &Cell<bool>) {
    let mut n = 0;
    while !stop.get() {
        n += 1;
        quote(user, &format!("load {n}")).await;
        user.presses("go").await;
        let card = user.sees_result().await;
        user.presses_of(&card, "fp").await;
        user.says("/gallery").await;
        user.sees(|message| message.offers("fl")).await;
    }
}

/// Removes what a broken disk would take: the database and the pictures.
async fn destroy(app: &TestApp) {
    match app.on() {
        On::Postgres => app.sql_on_each("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await,
        On::Sqlite => {
            let file = app.database_file();
            for ending in ["", "-wal", "-shm", ".hand", ".lock", ".migrate"] {
                let path = PathBuf::from(format!("{}{ending}", file.display()));
                if path.exists() {
                    fs::remove_file(path).unwrap();
                }
            }
        }
    }
    fs::remove_dir_all(app.objects()).unwrap();
}

/// What `/metrics` says now, in seconds.
async fn backup_age(app: &TestApp) -> u64 {
    let figures = app.http().get(app.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let line = figures.lines().find_map(|line| line.strip_prefix("aisha_backup_age_seconds "));
    line.unwrap().parse().unwrap()
}

#[actix_rt::test]
async fn the_metrics_know_of_a_backup_as_soon_as_it_is_made() {
    let app = TestApp::start().await;
    assert!(backup_age(&app).await > 1_000_000_000, "there was never one");
    snapshot(&app, "backups").await;
    assert!(backup_age(&app).await < 3600);
    app.finish().await;
}

#[actix_rt::test]
async fn a_backup_under_load_brings_everything_back() {
    everything_comes_back(On::Sqlite).await;
}

#[actix_rt::test]
async fn a_backup_of_postgres_under_load_brings_everything_back() {
    everything_comes_back(On::Postgres).await;
}

async fn everything_comes_back(on: On) {
    // With PostgreSQL comes Redis: what it remembers of later times must not outlive the way back.
    let redis = (on == On::Postgres).then(RedisServer::start);
    let mut builder = TestApp::builder().on(on).welcome(10_000);
    if let Some(redis) = &redis {
        builder = builder.env("REDIS_URL", &redis.url());
    }
    let mut app = builder.start().await;
    let people = [app.user(11).await, app.user(12).await, app.user(13).await];
    let ann = app.user(7).await;
    let card = picture(&ann, "before the fire").await;
    let (dir, stop) = (app.folder().join("backups"), Cell::new(false));
    let folder = dir.display().to_string();
    let operator = async {
        let mut made = Vec::new();
        for round in 1..=3 {
            let busy =
                async || app.database().await.balance_stats().await.unwrap().entries > 12 * round;
            app.until(busy).await;
            let words = ["backup", &folder, "--keep", "2", "--objects"];
            let done = app.cli(&words).await;
            assert_eq!(done["manifest"]["objects"]["missing"], serde_json::json!([]));
            made.push(done);
        }
        stop.set(true);
        made
    };
    let all = futures::future::join_all(people.iter().map(|one| lives(one, &stop)));
    let (made, _) = futures::join!(operator, all);
    assert_eq!(made[2]["removed"], serde_json::json!([made[0]["folder"]]), "two are kept");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    let kept = PathBuf::from(made[2]["folder"].as_str().unwrap());

    // After the last backup more happens, and is lost with the disk.
    picture(&ann, "after the backup").await;
    let refused = app.cli_refused(&["restore", &folder]).await;
    assert!(refused.contains("another `aisha serve` runs"), "{refused}");
    let restored: Cell<Value> = Cell::new(Value::Null);
    app.restart_after(async |app| {
        let lost = snapshot(app, "lost").await;
        let refused = app.cli_refused(&["restore", &folder]).await;
        assert!(refused.contains("not empty"), "{refused}");
        destroy(app).await;
        restored.set(app.cli(&["restore", &folder]).await);
        // Row by row what the copy has, and of the ledger what the lost database had.
        let back = snapshot(app, "back").await;
        assert_eq!(rows(&back), rows(&kept));
        let (now, then) = (entries(&back), entries(&lost));
        assert!(now.len() > 10 && now.len() < then.len(), "{} of {}", now.len(), then.len());
        assert_eq!(now[..], then[..now.len()], "the ledger only ever grew");
    })
    .await;
    let restored = restored.into_inner();
    assert_eq!(restored["audit"]["violations"], serde_json::json!([]));
    assert_eq!(restored["doctor"]["ok"], true);
    assert_eq!(
        restored["cache_removed"].as_u64().map(|keys| keys > 0),
        redis.as_ref().map(|_| true)
    );
    assert_eq!(restored["manifest"]["rows"]["entry"], made[2]["manifest"]["rows"]["entry"]);
    objects_are_whole(&app).await;

    // People go on where the backup was made.
    ann.comes_back(app.sandbox()).await;
    ann.says("/gallery").await;
    let shown = ann.sees(|message| message.photo().is_some() && message.offers("fl")).await;
    assert!(shown.says("before the fire"), "{}", shown.text());
    assert_eq!(shown.photo(), card.photo());
    picture(&ann, "a new beginning").await;
    let settled = async || {
        let figures = app.database().await.figures().await.unwrap();
        figures.inbox_open + figures.outbox_open + figures.generations_open == 0
            && figures.generations_undelivered == 0
    };
    app.until(settled).await;
    // What was in hand at the backup's moment may be told to Telegram again.
    app.allow_refusals();
    app.finish().await;
}

/// Every stored picture has its object, with the bytes that were seen when it was stored.
async fn objects_are_whole(app: &TestApp) {
    let database = app.database().await;
    let stored = database.pictures_after(&[PictureState::Stored], None, 10_000).await.unwrap();
    assert!(!stored.is_empty());
    for picture in stored {
        let key = picture.object.unwrap();
        let bytes = fs::read(app.objects().join(&key.bucket).join(&key.key)).unwrap();
        assert_eq!(Sha256::digest(bytes)[..], picture.content.unwrap().hash[..], "{}", picture.id);
    }
    assert_eq!(database.violations().await.unwrap(), Vec::<String>::new());
}

#[actix_rt::test]
async fn what_is_damaged_is_not_restored_and_what_is_there_is_kept() {
    damage_is_found(On::Sqlite).await;
}

#[actix_rt::test]
async fn what_is_damaged_is_not_restored_to_postgres() {
    damage_is_found(On::Postgres).await;
}

async fn damage_is_found(on: On) {
    let mut app = TestApp::builder().on(on).start().await;
    let ann = app.user(7).await;
    picture(&ann, "a keeper").await;
    let folder = app.folder().join("backups").display().to_string();
    let made = app.cli(&["backup", &folder, "--objects"]).await;
    let kept = PathBuf::from(made["folder"].as_str().unwrap());
    let ready = app.cli(&["doctor"]).await;
    let said = ready["findings"].as_array().unwrap().iter().find(|line| line["what"] == "backup");
    assert!(said.unwrap()["words"].as_str().unwrap().contains("0 minutes ago"), "{said:?}");

    // A copy that is not right in its books is no backup: it goes away, and no older one does.
    app.sql_on_each("UPDATE account SET credited = credited + 5 WHERE id = 7").await;
    let refused = app.cli_refused(&["backup", &folder, "--keep", "1"]).await;
    assert!(refused.contains("its ledger has"), "{refused}");
    app.sql_on_each("UPDATE account SET credited = credited - 5 WHERE id = 7").await;
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    assert!(kept.exists());

    // Others can check it too.
    let others = std::process::Command::new("sha256sum")
        .args(["--check", "--quiet", "SHA256SUMS"])
        .current_dir(&kept)
        .status();
    assert!(others.unwrap().success());

    app.restart_after(async |app| {
        let object = fs::read_dir(kept.join("objects/imagen4")).unwrap().next().unwrap().unwrap();
        let object = first_file(&object.path());
        let whole = fs::read(&object).unwrap();
        fs::write(&object, b"rot").unwrap();
        let refused = app.cli_refused(&["restore", &folder, "--force"]).await;
        assert!(refused.contains("is not as it was written"), "{refused}");
        fs::remove_file(&object).unwrap();
        let refused = app.cli_refused(&["restore", &folder, "--force"]).await;
        assert!(refused.contains("is missing"), "{refused}");
        fs::write(&object, whole).unwrap();
        let refused = app.cli_refused(&["restore", &app.objects().display().to_string()]).await;
        assert!(refused.contains("this is no backup"), "{refused}");

        let before = rows(&snapshot(app, "before").await);
        let restored = app.cli(&["restore", &folder, "--force"]).await;
        assert_eq!(restored["was_empty"], false);
        if on == On::Sqlite {
            let aside = PathBuf::from(restored["replaced"].as_str().unwrap());
            let there = app.folder().join("aside/database");
            fs::create_dir_all(&there).unwrap();
            fs::copy(aside, there.join("aisha.db")).unwrap();
            assert_eq!(rows(&app.folder().join("aside")), before);
        } else {
            let kept = PathBuf::from(restored["replaced"].as_str().unwrap());
            assert_eq!(rows(&kept), before, "a safety copy of what was there");
        }
        assert_eq!(rows(&snapshot(app, "after").await), rows(&kept));
    })
    .await;
    ann.comes_back(app.sandbox()).await;
    ann.says("/gallery").await;
    ann.sees_text("a keeper").await;
    app.finish().await;
}

fn first_file(path: &Path) -> PathBuf {
    if path.is_file() {
        return path.to_owned();
    }
    first_file(&fs::read_dir(path).unwrap().next().unwrap().unwrap().path())
}
