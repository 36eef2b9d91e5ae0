//! What 200 operators who sign in at once cost the people in the chat: how long the bot takes to acknowledge an
//! update meanwhile, and how much memory it takes. The bot is the built program, in a process of its own.
//!
//!     cargo bench --bench logins

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot run has failed; what it finds is printed"
)]

#[expect(dead_code, reason = "for tests too")]
#[path = "../tests/support/stand_ins.rs"]
mod stand_ins;

use std::{
    cell::Cell,
    collections::BTreeMap,
    net::TcpListener,
    path::Path,
    process::{Child, Command},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use aisha::{
    dashboard::password::Hasher,
    db::{Database, migrations, operators::Role},
    settings::{self, Sources},
    world::SystemClock,
};
use aisha_actors::port::Clock;
use reqwest::{Client, StatusCode, header, redirect};
use serde_json::json;

use stand_ins::StandIns;

const LOGINS: usize = 200;
const PASSWORD: &str = "brisk-lantern-orbit-plum";
const SECRET: &str = "a-secret-of-the-bench";

/// People who write in turns.
const PEOPLE: i64 = 50;
const FIRST: i64 = 5_000_000;

/// One update in so long.
const EVERY: Duration = Duration::from_millis(10);

/// Updates while nobody signs in.
const QUIET: usize = 500;

/// Of memory, in bytes. Linux on the usual machines.
const PAGE: u64 = 4096;

/// The program. Dropped: killed.
struct Bot(Child);

impl Bot {
    /// Its resident memory in bytes.
    fn resident(&self) -> u64 {
        let path = format!("/proc/{}/statm", self.0.id());
        let text = std::fs::read_to_string(path).expect("Linux's statm");
        let pages = text.split(' ').nth(1).and_then(|word| word.parse::<u64>().ok());
        pages.expect("a number of pages") * PAGE
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

async fn hire(folder: &Path, environment: &BTreeMap<String, String>) {
    let environment = environment.clone();
    let sources = Sources { config: None, folder: folder.to_owned(), environment };
    let settings = settings::load(sources).unwrap();
    migrations::up(&settings.database).await.unwrap();
    let database = Database::open(&settings.database, Arc::new(SystemClock)).await.unwrap();
    let phc = Hasher::default().hash(PASSWORD.to_owned()).await.unwrap();
    for number in 0..LOGINS {
        let (name, phc, now) = (format!("user{number}"), Some(phc.clone()), SystemClock.now());
        assert!(database.create_operator(&name, phc, Role::Viewer, now).await.unwrap().is_some());
    }
}

/// Posts an update as Telegram does, and tells how long the acknowledgement took.
async fn acknowledged(client: &Client, base: &str, number: i64) -> Duration {
    let id = FIRST + number % PEOPLE;
    let person = json!({ "id": id, "is_bot": false, "first_name": "Ann", "language_code": "en" });
    let update = json!({
        "update_id": 700_000_000 + number,
        "message": {
            "message_id": 100_000 + number, "date": 1_700_000_000, "text": "/help",
            "chat": { "id": id, "type": "private", "first_name": "Ann" }, "from": person,
        },
    });
    let request = client.post(format!("{base}/telegram/webhook"));
    let request = request.header("x-telegram-bot-api-secret-token", SECRET).json(&update);
    let begun = Instant::now();
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    begun.elapsed()
}

/// Posts them at a steady pace, whatever the answers take, while it goes on.
async fn write(
    client: &Client,
    base: &str,
    from: i64,
    mut goes_on: impl FnMut(usize) -> bool,
) -> Vec<Duration> {
    let mut pace = tokio::time::interval(EVERY);
    let mut asked = Vec::new();
    while goes_on(asked.len()) {
        pace.tick().await;
        let (client, base) = (client.clone(), base.to_owned());
        let number = from + i64::try_from(asked.len()).unwrap();
        asked.push(tokio::task::spawn_local(
            async move { acknowledged(&client, &base, number).await },
        ));
    }
    let mut times = Vec::new();
    for one in asked {
        times.push(one.await.unwrap());
    }
    times.sort();
    times
}

async fn sign_in(client: &Client, base: &str, number: usize) -> Duration {
    let form = format!("name=user{number}&password={PASSWORD}");
    let request = client.post(format!("{base}/admin/login"));
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header("x-forwarded-for", format!("10.0.0.{number}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    let begun = Instant::now();
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "user{number}");
    begun.elapsed()
}

fn say(what: &str, times: &[Duration]) {
    let at = |share: usize| times.get((times.len() - 1) * share / 100).copied().unwrap_or_default();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "logins: {what}: {} times, median {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        times.len(),
        ms(at(50)),
        ms(at(99)),
        ms(at(100)),
    );
}

fn main() {
    actix_rt::System::new().block_on(measure());
}

async fn measure() {
    let stand_ins = StandIns::start();
    let info = stand_ins.info();
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{free}");
    let config =
        "[web]\ntrusted_proxies = ['127.0.0.1']\n[telegram]\ncalls_per_second_max = 1000\n";
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let variables = [
        ("DATA_DIR", "data"),
        ("LOG_FILE", "app.log"),
        ("LOG_LEVEL", "warn"),
        ("HTTP_BIND", &free.to_string()),
        ("TELEGRAM_TOKEN", &info.telegram_token),
        ("TELEGRAM_API_URL", &info.telegram_api_url),
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_WEBHOOK_URL", &base),
        ("TELEGRAM_WEBHOOK_SECRET", SECRET),
        ("FAL_KEY", &info.fal_key),
        ("FAL_QUEUE_URL", &info.fal_queue_url),
    ];
    let environment: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut there = environment.clone();
    there.insert("DATA_DIR".to_owned(), folder.path().join("data").display().to_string());
    hire(folder.path(), &there).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_aisha"));
    let bot = command.current_dir(folder.path()).env_clear().envs(&environment).spawn().unwrap();
    let bot = Bot(bot);
    let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
    let ready = async || {
        let answer = client.get(format!("{base}/health/ready")).send().await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    };
    while !ready().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for id in FIRST..FIRST + PEOPLE {
        let url = format!("{}/sandbox/chats/{id}/messages", stand_ins.base());
        let said = client.post(url).json(&json!({ "text": "/start" })).send().await.unwrap();
        assert!(said.status().is_success());
    }
    // Once for what is made when it is first needed.
    write(&client, &base, 0, |asked| asked < 100).await;
    let quiet = write(&client, &base, 1_000, |asked| asked < QUIET).await;
    say("an update is acknowledged, nobody signs in", &quiet);

    let (before, most) = (bot.resident(), Cell::new(0));
    let is_over = Rc::new(Cell::new(false));
    let logins = async {
        let begun = Instant::now();
        let all = (0..LOGINS).map(|number| sign_in(&client, &base, number));
        let mut times = futures::future::join_all(all).await;
        is_over.set(true);
        times.sort();
        say("somebody signs in, 200 at once", &times);
        begun.elapsed()
    };
    let updates = write(&client, &base, 100_000, |_| {
        most.set(most.get().max(bot.resident()));
        !is_over.get()
    });
    let (took, busy) = tokio::join!(logins, updates);
    say("an update is acknowledged meanwhile (goal: p99 250 ms)", &busy);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "logins: all in {took:.2?}; resident {:.1} MiB before, {:.1} MiB at most, +{:.1} MiB (goal: 128)",
        mib(before),
        mib(most.get()),
        mib(most.get().saturating_sub(before)),
    );
    drop(bot);
    stand_ins.stop().await;
}
