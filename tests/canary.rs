//! Secrets stay secret: a journey of the real process in real mode, with everything logged, after which
//! no log line, page, error, report or file of the program says any of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};

use crate::support::{Forwarder, S3Server, StandIns, TestUser, aisha, client};

const WEBHOOK_SECRET: &str = "canary-webhook-secret-5a5a5a";
const SECRET_KEY: &str = "canary-secret-key-0123456789abcdef";

/// The program as a process of its own.
pub(crate) struct Process {
    child: Child,
    said: tokio::task::JoinHandle<String>,
    complained: tokio::task::JoinHandle<String>,
    pub(crate) address: std::net::SocketAddr,
}

impl Process {
    pub(crate) async fn start(folder: &Path, environment: &BTreeMap<String, String>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aisha"))
            .current_dir(folder)
            .env_clear()
            .envs(environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("it ended before it was up");
            said.push_str(&line);
            said.push('\n');
            let mut words = line.split_whitespace();
            if words.next() == Some("web") {
                break words.next().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
            }
        };
        let said = tokio::task::spawn_local(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                said.push_str(&line);
                said.push('\n');
            }
            said
        });
        let mut stderr = child.stderr.take().unwrap();
        let complained = tokio::task::spawn_local(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.unwrap();
            text
        });
        Self { child, said, complained, address }
    }

    /// Asks it to stop, as an init system does, and gives all that it said.
    pub(crate) async fn stop(mut self) -> String {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        assert!(self.child.wait().await.unwrap().success(), "SIGTERM ends it well");
        self.said.await.unwrap() + &self.complained.await.unwrap()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[actix_rt::test]
async fn no_secret_is_said_anywhere() {
    let stand_ins = StandIns::start();
    let info = stand_ins.info();
    let door = Forwarder::open().await;
    let storage = S3Server::of("AISHA_TEST_S3");
    let target = storage.endpoint.trim_start_matches("http://").parse().unwrap();
    let storage_door = Forwarder::closed().await;
    let storage = storage.by(&storage_door.url());
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name).display().to_string();
    let variables = [
        ("DATA_DIR", folder("data")),
        ("LOG_FILE", folder("app.log")),
        ("LOG_LEVEL", "trace".to_owned()),
        ("HTTP_BIND", "127.0.0.1:0".to_owned()),
        ("TELEGRAM_TOKEN", info.telegram_token.clone()),
        ("TELEGRAM_API_URL", info.telegram_api_url.clone()),
        ("TELEGRAM_MODE", "webhook".to_owned()),
        ("TELEGRAM_WEBHOOK_URL", door.url()),
        ("TELEGRAM_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("FAL_KEY", info.fal_key.clone()),
        ("FAL_QUEUE_URL", info.fal_queue_url.clone()),
        ("FAL_ADMIN_KEY", info.fal_admin_key.clone()),
        ("FAL_API_URL", info.fal_api_url.clone()),
        ("SECRET_KEY", SECRET_KEY.to_owned()),
        ("AISHA_CRASH_COMMAND", "1".to_owned()),
    ];
    let environment: BTreeMap<String, String> = variables
        .into_iter()
        .chain(storage.environment())
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    fs::write(dir.path().join("config.toml"), "bot.welcome_credits = 100\n").unwrap();
    let process = Process::start(dir.path(), &environment).await;
    door.lead_to(process.address);
    let http = client();
    let mut texts: Vec<(String, String)> = Vec::new();

    let order = async |fault: &'static str| {
        let post = http.post(format!("{}/sandbox/faults", stand_ins.base()));
        let post = post.header("content-type", "application/json").body(fault);
        post.send().await.unwrap().error_for_status().unwrap();
    };
    // A journey with successes, refusals, a crash and calls that fail.
    let ann = TestUser::meet(stand_ins.base(), 7, "en").await;
    for fault in [
        r#"{"peer": "telegram", "call": "sendMessage", "status": 502, "times": 1}"#,
        r#"{"peer": "telegram", "call": "editMessageMedia", "reset": true, "times": 1}"#,
        r#"{"peer": "fal", "call": "submit", "status": 503, "times": 1}"#,
        r#"{"peer": "fal", "call": "status", "garbage": true, "times": 1}"#,
    ] {
        order(fault).await;
    }
    for prompt in ["a canary", "a canary #fail"] {
        ann.says(&format!("/imagine {prompt}")).await;
        ann.sees(|message| message.offers("go")).await;
        ann.presses("go").await;
        ann.sees(|message| message.offers("ag")).await;
    }
    storage_door.lead_to(target);
    ann.says("/crash").await;
    ann.says("/balance").await;
    ann.sees_text("95").await;

    let base = format!("http://{}", process.address);
    for path in ["/", "/health/live", "/health/ready", "/metrics", "/nowhere", "/files/imagen4/x"] {
        let answer = http.get(format!("{base}{path}")).send().await.unwrap();
        let head = format!("{:?}", answer.headers());
        texts.push((path.to_owned(), head + &answer.text().await.unwrap()));
    }
    let knock = http.post(format!("{base}/telegram/webhook"));
    let knock = knock.header("X-Telegram-Bot-Api-Secret-Token", "guess").body("{}");
    texts.push(("a wrong secret".to_owned(), knock.send().await.unwrap().text().await.unwrap()));
    let mut beside = environment.clone();
    beside.insert("HTTP_BIND".to_owned(), process.address.to_string());
    let backups = folder("backups");
    for words in [
        &["config", "show"][..],
        &["user", "show", "7"],
        &["generation", "list"],
        &["doctor"],
        &["storage", "link", &storage.bucket("imagen4"), "a.jpg"],
        &["health", "--ready"],
        &["balance", "history", "7"],
        &["generation", "sweep", "--dry-run"],
        &["storage", "check"],
        &["storage", "backfill"],
        &["storage", "cleanup-test-urls", "--dry-run"],
        &["ledger", "audit"],
        &["migrate", "status"],
        // What these write is searched below, with all other files.
        &["backup", &backups, "--objects"],
        &["report", &folder("bundles")],
    ] {
        let said = aisha(dir.path(), &beside, words).await;
        texts.push((words.join(" "), said.to_string()));
    }
    // What FAL kept of somebody is deleted with another key; the first call is cut off.
    order(r#"{"peer": "fal", "call": "payloads", "reset": true, "times": 1}"#).await;
    let delete = ["user", "delete", "7", "--confirm", "7", "--reason", "they asked"];
    let said = aisha(dir.path(), &beside, &delete).await;
    texts.push(("user delete".to_owned(), said.to_string()));
    let journal = format!("{}/sandbox/journal", stand_ins.base());
    let is_deleted = |call: &serde_json::Value| call["call"] == "payloads" && call["status"] == 200;
    let until_deleted = async {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            let calls = http.get(&journal).send().await.unwrap();
            if calls.json::<Vec<serde_json::Value>>().await.unwrap().iter().any(is_deleted) {
                break;
            }
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), until_deleted).await.expect("it is deleted");
    texts.push(("the terminal".to_owned(), process.stop().await));
    // The database, the log, the pictures, everything.
    for path in files(dir.path()) {
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        texts.push((path.file_name().unwrap().to_string_lossy().into_owned(), text));
    }
    let logged =
        |words: &str| texts.iter().any(|(at, t)| at.contains("app.log") && t.contains(words));
    assert!(
        logged("submit failed")
            && logged("a gallery crashed")
            && logged("object storage cannot be used"),
        "the log has the troubles"
    );
    let (_, word) = info.telegram_token.split_once(':').unwrap();
    let fal = [info.fal_key.as_str(), &info.fal_admin_key];
    let secrets = [&fal[..], &[word, WEBHOOK_SECRET, SECRET_KEY, &storage.secret]].concat();
    for (place, text) in &texts {
        for secret in &secrets {
            if let Some(at) = text.find(secret) {
                let from =
                    (0..=at.saturating_sub(80)).rev().find(|i| text.is_char_boundary(*i)).unwrap();
                panic!("{place} says a secret after {:?}", &text[from..at]);
            }
        }
    }
    stand_ins.stop().await;
}
