//! What can be said, and what it does to a real database.

use std::collections::BTreeMap;

use aisha_actors::{
    domain::id::Seq,
    port::{Inbox, Source},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    db::{Target, migrations},
    redis::testing::Server,
    settings::Storage,
};

/// A folder with a database, and the commands run against it.
struct Desk {
    dir: TempDir,
    settings: Settings,
}

impl Desk {
    async fn new() -> Self {
        let desk = Self::empty();
        migrations::up(&desk.settings.database).await.unwrap();
        desk
    }

    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data").to_string_lossy().into_owned();
        let environment = BTreeMap::from([("DATA_DIR".to_owned(), data)]);
        let sources = Sources { config: None, folder: dir.path().into(), environment };
        let settings = settings::load(sources).unwrap();
        Self { dir, settings }
    }

    fn file(&self) -> &std::path::Path {
        match &self.settings.database {
            Target::File(path) => path,
            Target::Server(_) => panic!("no file"),
        }
    }

    async fn say(&self, words: &str) -> anyhow::Result<Report> {
        let words = words.split_whitespace().map(|word| word.replace('~', " "));
        let cli = Cli::try_parse_from(std::iter::once("aisha".to_owned()).chain(words))?;
        carry_out(cli.command.unwrap(), self.settings.clone()).await
    }

    async fn done(&self, words: &str) -> Value {
        let report = self.say(words).await.unwrap();
        assert!(!report.trouble, "{words}: {}", report.text);
        assert!(!report.text.is_empty() && !report.text.contains('\u{1b}'));
        report.json
    }

    async fn refused(&self, words: &str) -> String {
        self.say(words).await.unwrap_err().to_string()
    }
}

#[test]
fn the_definition_is_sane() {
    Cli::command().debug_assert();
}

#[test]
fn what_is_said_wrongly_is_exit_code_2() {
    for words in [
        "serv",
        "user",
        "user show",
        "user show abc",
        "user show -5",
        "user create 0",
        "user create 5 --language !",
        "user list --limit 0",
        "balance add 5 10",
        "balance add 5 0 --reason gift",
        "balance add 5 1.5 --reason gift",
        "balance add 5 99999999999 --reason gift",
        "balance add 5 10 --reason",
        "balance history",
        "generation list --state sleeping",
        "generation show 12",
        "migrate down",
        "migrate sideways",
        "sandbox --bind 0.0.0.0:1",
        "sandbox seed --users 1",
        "sandbox seed --users 0 --pictures 1 --first-id 1",
        "storage",
        "storage check everything",
        "storage cleanup-test-urls --yes",
        "health --soon",
        "cache",
        "cache flush --scope everything",
        "cache flush --user me",
        "backup",
        "backup x --keep 0",
        "restore",
        "report a b",
        "report --lines 0",
        "admin create Me!",
    ] {
        let error = Cli::try_parse_from(std::iter::once("aisha").chain(words.split(' ')));
        assert_eq!(error.err().map(|error| error.exit_code()), Some(2), "{words}");
    }
}

#[test]
fn json_and_config_may_stand_anywhere() {
    for words in ["--json user list", "user list --json", "user --json list"] {
        let cli = Cli::try_parse_from(std::iter::once("aisha").chain(words.split(' '))).unwrap();
        assert!(cli.json);
    }
    let cli = Cli::try_parse_from(["aisha", "--config", "x.toml"]).unwrap();
    assert!(cli.command.is_none() && cli.config.is_some());
    let seed = ["aisha", "sandbox", "seed", "--users", "2", "--pictures", "0", "--first-id", "9"];
    assert!(Cli::try_parse_from(seed).is_ok());
}

#[actix_rt::test]
async fn credits_are_given_and_taken_back() {
    let desk = Desk::new().await;
    assert!(desk.refused("balance add 7 50 --reason gift").await.contains("no user 7"));
    let created = desk.done("user create 7 --name Ann~Lee --language ru").await;
    assert_eq!(created, json!({"id": 7, "created": true, "available": 100}));
    let again = desk.done("user create 7").await;
    assert_eq!(again, json!({"id": 7, "created": false, "available": 100}));

    assert_eq!(desk.done("balance add 7 50 --reason a~gift").await["available"], 150);
    assert_eq!(desk.done("balance add 7 -30 --reason a~mistake").await["available"], 120);
    let poor = desk.refused("balance add 7 -121 --reason too~much").await;
    assert!(poor.contains("120"), "{poor}");

    let first = desk.done("balance add 7 5 --reason once --key order-1").await;
    let second = desk.done("balance add 7 5 --reason once --key order-1").await;
    assert_eq!((&first["repeated"], &first["available"]), (&json!(false), &json!(125)));
    assert_eq!((&second["repeated"], &second["available"]), (&json!(true), &json!(125)));

    let history = desk.done("balance history 7").await;
    let amounts: Vec<i64> =
        history.as_array().unwrap().iter().map(|line| line["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [5, -30, 50, 100]);
    assert_eq!(history[2]["reason"], "a gift");
    let older = format!("balance history 7 --before {}", history[1]["number"]);
    assert_eq!(desk.done(&older).await.as_array().unwrap().len(), 2);

    let stats = desk.done("balance stats").await;
    assert_eq!((&stats["issued"], &stats["promo"]), (&json!(25), &json!(100)));
    assert_eq!(stats["circulating"], 125);
    assert_eq!(desk.done("balance list").await[0]["available"], 125);
    assert_eq!(desk.done("ledger audit").await["violations"], json!([]));

    // Each of the three acts, and not the refused and the repeated one, is told to the person.
    let figures = open(&desk.settings).await.unwrap().figures().await.unwrap();
    assert_eq!(figures.outbox_open, 3);
}

#[actix_rt::test]
async fn people_are_listed_and_shown() {
    let desk = Desk::new().await;
    assert!(desk.refused("user show 7").await.contains("no user 7"));
    desk.done("user create 7 --name Ann").await;
    desk.done("user create 8 --name Bob").await;
    let list = desk.done("user list").await;
    assert_eq!(list["total"], 2);
    let found = desk.done("user list --search ann").await;
    assert_eq!((&found["total"], &found["people"][0]["id"]), (&json!(1), &json!(7)));
    assert_eq!(
        desk.done("user list --limit 1 --offset 1").await["people"].as_array().unwrap().len(),
        1
    );
    let shown = desk.done("user show 7").await;
    assert_eq!(shown["balance"]["available"], 100);
    assert_eq!(shown["conversation"]["stack"], json!([]));
    assert!(shown["conversation"]["filters"].is_object());
}

#[actix_rt::test]
async fn a_block_is_asked_for_in_the_inbox() {
    let desk = Desk::new().await;
    assert!(desk.refused("user block 7").await.contains("no user 7"));
    desk.done("user create 7").await;
    assert_eq!(desk.done("user unblock 7").await["asked"], false);
    assert_eq!(desk.done("user block 7").await["asked"], true);
    let items = open(&desk.settings).await.unwrap().open_items(Seq(0), 10).await.unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].source, Source::Operator);
    assert_eq!(items[0].user.0, 7);
    assert_eq!(items[0].payload, "{\"blocked\":true}");
    assert_eq!(desk.done("user block 7").await["asked"], true);
    assert_eq!(open(&desk.settings).await.unwrap().open_items(Seq(0), 10).await.unwrap().len(), 2);
}

#[actix_rt::test]
async fn a_deletion_is_asked_for_once_and_with_the_id_twice() {
    let desk = Desk::new().await;
    let words = "user delete 7 --confirm 7 --reason gone";
    assert!(desk.refused(words).await.contains("no user 7"));
    desk.done("user create 7").await;
    assert!(desk.refused("user delete 7 --confirm 8 --reason gone").await.contains("another id"));
    assert_eq!(desk.done(words).await["asked"], true);
    assert_eq!(desk.done(words).await["asked"], false);
    let items = open(&desk.settings).await.unwrap().open_items(Seq(0), 10).await.unwrap();
    let payloads: Vec<_> = items.iter().map(|item| item.payload.as_str()).collect();
    assert_eq!(payloads, ["{\"blocked\":true}"]);
}

#[actix_rt::test]
async fn generations_are_listed_and_missed() {
    let desk = Desk::new().await;
    assert_eq!(desk.done("generation list --open --state queued --user 7").await, json!([]));
    let absent = desk.refused("generation show 0123456789abcdef0123456789abcdef").await;
    assert!(absent.contains("no such generation"));
}

#[actix_rt::test]
async fn migrations_are_told_and_a_bare_folder_is_no_database() {
    let desk = Desk::empty();
    let status = desk.say("migrate status").await.unwrap();
    assert!(status.trouble && !status.json["pending"].as_array().unwrap().is_empty());
    assert!(desk.refused("user list").await.contains("migrate up"));
    assert!(!desk.file().exists(), "a question makes no database");
    desk.done("migrate up").await;
    assert_eq!(desk.done("migrate up").await["applied"], json!([]));
    desk.done("migrate status").await;
    desk.done("user list").await;
    assert!(desk.refused("migrate down --to 2000").await.contains("2000"));
    desk.done("migrate down --to 0").await;
    assert!(desk.refused("user list").await.contains("migrate up"));
}

#[actix_rt::test]
async fn the_doctor_finds_what_is_wrong_and_leaves_no_trace() {
    let desk = Desk::empty();
    let words = |report: &Report| report.json["findings"].to_string();
    let fresh = desk.say("doctor").await.unwrap();
    assert!(!fresh.trouble, "{}", fresh.text);
    assert!(!desk.settings.data_dir.exists(), "the doctor only looks");

    migrations::up(&desk.settings.database).await.unwrap();
    let Storage::Disk(objects) = &desk.settings.storage else { panic!("it is on disk") };
    std::fs::create_dir_all(objects).unwrap();
    let well = desk.say("doctor").await.unwrap();
    assert!(!well.trouble && words(&well).contains("the books are right"), "{}", well.text);
    assert_eq!(std::fs::read_dir(objects).unwrap().count(), 0);

    migrations::down(&desk.settings.database, "0").await.unwrap();
    let behind = desk.say("doctor").await.unwrap();
    assert!(behind.trouble && words(&behind).contains("migrate up"));
    std::fs::write(desk.file(), "this is no database, whatever its name says").unwrap();
    assert!(desk.say("doctor").await.unwrap().trouble);
    std::fs::write(desk.settings.data_dir.join("secret.key"), "").unwrap();
    assert!(words(&desk.say("doctor").await.unwrap()).contains("secret.key"));
    assert!(desk.dir.path().exists());
}

#[actix_rt::test]
async fn a_link_is_printed_for_one_object() {
    let desk = Desk::new().await;
    let said = desk.done("storage link imagen4 2026/08/20/a_1.jpg").await;
    let link = said["link"].as_str().unwrap();
    let start = "http://127.0.0.1:8080/files/imagen4/2026/08/20/a_1.jpg?expires=";
    assert!(link.starts_with(start) && said["seconds"] == 86_400, "{said}");
    assert_eq!(desk.done("storage link imagen4 a.jpg --hours 2").await["seconds"], 7_200);
    for hostile in ["imagen4 ../secret.key", "imagen4 a/../../b", "../data secret.key"] {
        let refused = desk.refused(&format!("storage link {hostile}")).await;
        assert!(refused.contains("no key of ours"), "{refused}");
    }
}

#[actix_rt::test]
async fn the_configuration_is_shown_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let environment = [
        ("TELEGRAM_TOKEN", "123456:CANARY"),
        ("FAL_KEY", "CANARY:CANARY"),
        ("FAL_ADMIN_KEY", "CANARY:CANARY"),
        ("TELEGRAM_PROXY", "http://CANARY:CANARY@proxy:1"),
        ("SECRET_KEY", "CANARY-CANARY-CANARY"),
        ("LOG_LEVEL", "debug"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let settings =
        settings::load(Sources { config: None, folder: dir.path().into(), environment }).unwrap();
    let cli = Cli::try_parse_from(["aisha", "config", "show"]).unwrap();
    let report = carry_out(cli.command.unwrap(), settings).await.unwrap();
    assert!(report.text.contains("TELEGRAM_TOKEN") && report.text.contains("level = \"debug\""));
    assert!(!format!("{}{}", report.text, report.json).contains("CANARY"));
    // What is shown is a file that can be read again.
    assert!(toml::from_str::<settings::Raw>(&report.text).is_ok());
}

#[test]
fn what_people_wrote_does_not_speak_to_the_terminal() {
    let table = report::table(["name"], vec![["\u{1b}[31mred\n\u{202e}turned".to_owned()]]);
    assert!(!table.contains('\u{1b}') && !table.contains('\u{202e}'));
    assert_eq!(table.lines().count(), 2);
    assert_eq!(report::table(["name"], Vec::<[String; 1]>::new()), "none");
    assert_eq!(report::short("привет", 3), "при…");
    assert_eq!(report::short("при", 3), "при");
}

#[test]
fn trouble_is_one_line() {
    let mut out = Vec::new();
    let error = anyhow::anyhow!("inner\nsecond line").context("outer");
    report::complain(&mut out, &error);
    assert_eq!(String::from_utf8(out).unwrap(), "aisha: outer: inner second line\n");
}

#[test]
fn reports_are_text_or_json() {
    let print = |report: &Report, json| {
        let mut out = Vec::new();
        report.print(&mut out, json).unwrap();
        String::from_utf8(out).unwrap()
    };
    let report = Report::new("words", json!({"n": 1}));
    assert_eq!(print(&report, false), "words\n");
    assert_eq!(print(&report, true), "{\"n\":1}\n");
    assert_eq!(print(&Report::nothing(), true), "");
    assert_eq!(print(&Report::nothing(), false), "");
}

/// A desk whose cache is this Redis.
async fn desk_with_redis(url: &str) -> Desk {
    let desk = Desk::empty();
    let data = desk.settings.data_dir.display().to_string();
    let environment = [("DATA_DIR", data.as_str()), ("REDIS_URL", url)];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let sources = Sources { config: None, folder: desk.dir.path().into(), environment };
    let settings = settings::load(sources).unwrap();
    migrations::up(&settings.database).await.unwrap();
    Desk { settings, ..desk }
}

#[actix_rt::test]
async fn a_cache_in_the_process_has_nothing_to_flush_from_outside() {
    let desk = Desk::new().await;
    assert_eq!(desk.done("cache ping").await, json!({"cache": "memory"}));
    let flushed = desk.say("cache flush").await.unwrap();
    assert!(!flushed.trouble && flushed.text.contains("nothing to flush"));
    assert_eq!(flushed.json["removed"], 0);
}

#[actix_rt::test]
async fn the_cache_is_flushed_by_name_and_scope() {
    let server = Server::start();
    let desk = desk_with_redis(&server.url()).await;
    let hash = "0123456789abcdef";
    let ours = [
        "imagen4:user_generations:5".to_owned(),
        "flux-dev:user_generations:6".to_owned(),
        format!("imagen4:generation:{hash}{hash}"),
        format!("gallery:filtered:5:{hash}"),
        format!("gallery:filtered:6:{hash}"),
        "aisha:pace:{0a}:all".to_owned(),
        "aisha:pace:{0a}:chat:5".to_owned(),
    ];
    let theirs = ["session:1", "imagen4:generation:theirs", "gallery:filtered:x:y"];
    let mut client = server.client();
    let mut fill = || {
        for name in ours.iter().map(String::as_str).chain(theirs) {
            redis::cmd("SET").arg(name).arg(1).query::<()>(&mut client).unwrap();
        }
    };
    fill();
    let ping = desk.done("cache ping").await;
    assert_eq!(ping["keys"], 10);
    assert!(ping["memory_bytes"].as_u64() > Some(0) && ping["version"].is_string());
    let dry = desk.done("cache flush --dry-run").await;
    assert_eq!((&dry["removed"], &dry["found"]), (&json!(0), &json!(7)));
    for (words, scopes) in [
        ("cache flush --user 5", json!({"windows": 1, "filtered": 1, "pacing": 1})),
        ("cache flush --scope windows", json!({"windows": 1})),
        ("cache flush --scope filtered --user 5", json!({"filtered": 0})),
        ("cache flush --scope generations", json!({"generations": 1})),
        ("cache flush", json!({"windows": 0, "generations": 0, "filtered": 1, "pacing": 1})),
    ] {
        assert_eq!(desk.done(words).await["scopes"], scopes, "{words}");
    }
    assert_eq!(desk.done("cache ping").await["keys"], 3, "what is not ours stays");
    fill();
    assert_eq!(desk.done("cache flush").await["removed"], 7);
    assert!(desk.refused("cache flush --scope generations --user 5").await.contains("--user"));
    let doctor = desk.done("doctor").await;
    assert!(doctor["findings"].to_string().contains("written and read"));
    assert_eq!(desk.done("cache ping").await["keys"], 3, "the doctor leaves no key");
}

#[actix_rt::test]
async fn a_redis_that_is_away_is_said_and_keeps_nobody_from_working() {
    let mut server = Server::with(&["--requirepass", "right"]);
    let desk = desk_with_redis(&server.url().replace("//", "//:CANARY@")).await;
    let wrong = desk.say("cache ping").await.unwrap_err();
    assert!(!format!("{wrong:?} {wrong:#}").contains("CANARY"));
    server.kill();
    assert!(desk.say("cache ping").await.is_err());
    assert!(desk.say("cache flush").await.is_err());
    let doctor = desk.say("doctor").await.unwrap();
    assert!(doctor.trouble && doctor.text.contains("works without it"));
    assert!(!format!("{}{}", doctor.text, doctor.json).contains("CANARY"));
    desk.done("user create 7").await;
    // It would wake the bot over Redis.
    desk.settings.secret_key().unwrap();
    assert_eq!(desk.done("balance add 7 50 --reason gift").await["available"], 150);
}

#[actix_rt::test]
async fn credits_wake_the_running_bot() {
    let server = Server::start();
    let desk = desk_with_redis(&server.url()).await;
    desk.done("user create 7").await;
    desk.settings.secret_key().unwrap();
    let mut client = server.client();
    let mut listener = client.as_pubsub();
    listener.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    listener.psubscribe("aisha:wake:*").unwrap();
    desk.done("balance add 7 50 --reason gift").await;
    let message = listener.get_message().unwrap();
    assert!(message.get_payload::<String>().unwrap().ends_with(" parcels"));
}
