//! A folder, a port and a configuration, and the programs that run with them.

use std::{
    fs::{File, OpenOptions},
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use super::{
    chat::{Chat, client},
    every_row,
    journal::Journal,
    own::{self, OwnDatabase},
    program::Program,
    rows::Rows,
};

/// These tests measure and load the machine: one at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// Fast, with room for many people: what is under test is not the patience.
pub(super) const FAST: &str = "
[bot]
welcome_credits = 1000
[limits]
open_generations_per_person = 3
[telegram]
long_poll_seconds = 2
calls_per_second_max = 1000
chat_interval_ms = 0
chat_burst = 100
progress_interval_ms = 300
[fal]
concurrency = 8
submit_grace_seconds = 2
poll_min_ms = 100
poll_max_ms = 300
[sandbox]
welcome_credits = 1000
queue_ms = 100
run_ms = 400
[log]
level = \"warn\"
";

/// What `aisha sandbox` prints, and what `/sandbox/info` says.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Info {
    pub telegram_api_url: String,
    pub telegram_token: String,
    pub fal_queue_url: String,
    pub fal_key: String,
}

impl Info {
    pub(super) fn chat(&self, id: i64) -> Chat {
        Chat::new(&self.telegram_api_url, id)
    }

    pub(super) async fn journal(&self) -> Journal {
        Journal::read(&self.telegram_api_url).await
    }

    /// Orders a fault of the stand-ins.
    pub(super) async fn fault(&self, order: &Value) {
        let ordered = client().post(self.faults()).json(order).send().await;
        assert!(ordered.expect("the sandbox answers").status().is_success(), "{order}");
    }

    /// No fault any more.
    pub(super) async fn mend(&self) {
        let mended = client().delete(self.faults()).send().await;
        assert!(mended.expect("the sandbox answers").status().is_success());
    }

    fn faults(&self) -> String {
        format!("{}/sandbox/faults", self.telegram_api_url)
    }
}

pub(super) struct House {
    /// None: a SQLite file.
    database: Option<OwnDatabase>,
    dir: Option<TempDir>,
    port: u16,
    _turn: MutexGuard<'static, ()>,
}

impl House {
    pub(super) async fn new(config: &str) -> Self {
        let turn = TURN.lock().await;
        let dir = tempfile::tempdir().expect("a folder for the test");
        std::fs::write(dir.path().join("config.toml"), config).expect("a file in it");
        Self { database: None, dir: Some(dir), port: free_port(), _turn: turn }
    }

    /// The same on the test's PostgreSQL.
    pub(super) async fn on_postgres(config: &str) -> Self {
        let mut house = Self::new(config).await;
        house.database = Some(OwnDatabase::make().await);
        house
    }

    /// The same on a PostgreSQL of the test's own, which outlives the house.
    pub(super) async fn on_server(config: &str, server: &str) -> Self {
        let mut house = Self::new(config).await;
        house.database = Some(OwnDatabase::make_on(server.to_owned()).await);
        house
    }

    /// Where its database is, when that is on a server.
    pub(super) fn database(&self) -> url::Url {
        let database = self.database.as_ref().expect("a house on a server");
        url::Url::parse(&database.url()).expect("a URL")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.as_ref().expect("the folder stays until the end").path().join(name)
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The binary with nothing but this house around it. Its log goes to a file.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aisha"));
        command
            .env_clear()
            .env("DATA_DIR", self.path("data"))
            .env("LOG_FILE", self.path("bot.log"))
            .env("HTTP_BIND", format!("127.0.0.1:{}", self.port))
            .env("AISHA_CONFIG", self.path("config.toml"))
            .current_dir(self.dir.as_ref().expect("the folder stays until the end").path())
            .stdout(Stdio::null())
            .stderr(self.words())
            .args(args);
        if let Some(database) = &self.database {
            command.env("DATABASE_URL", database.url());
        }
        command
    }

    /// The stand-ins alone, in a process that the test does not kill.
    pub(super) fn sandbox(&self) -> (Program, Info) {
        let mut command = self.command(&["sandbox", "--bind", "127.0.0.1:0"]);
        command.env("DATA_DIR", self.path("stand-ins")).env("LOG_FILE", self.path("sandbox.log"));
        let (program, line) = Program::start_and_listen(&mut command);
        let info = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        (program, info)
    }

    /// The bot in real mode, by polling, against the stand-ins.
    pub(super) fn bot(&self, info: &Info) -> Command {
        let mut command = self.command(&["serve"]);
        command
            .env("TELEGRAM_TOKEN", &info.telegram_token)
            .env("TELEGRAM_API_URL", &info.telegram_api_url)
            .env("FAL_KEY", &info.fal_key)
            .env("FAL_QUEUE_URL", &info.fal_queue_url)
            .env("FAL_WEBHOOK_URL", self.url())
            .env("FAL_JWKS_URLS", format!("{}/.well-known/jwks.json", info.fal_queue_url));
        command
    }

    /// Waits until it serves; how long that took.
    pub(super) async fn ready(&self, program: &mut Program) -> Duration {
        self.ready_at(&self.url(), program).await
    }

    /// The same for one that answers elsewhere.
    pub(super) async fn ready_at(&self, url: &str, program: &mut Program) -> Duration {
        let (asked, url) = (Instant::now(), format!("{url}/health/ready"));
        let http = client();
        loop {
            if let Ok(answer) = http.get(&url).send().await
                && answer.status().is_success()
            {
                return asked.elapsed();
            }
            if let Some(status) = program.ended() {
                panic!("it ended instead of serving, {status}:\n{}", self.log());
            }
            assert!(asked.elapsed() < Duration::from_secs(30), "it does not serve");
            // A process that starts can only be asked.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until it says that it cannot serve.
    pub(super) async fn unready(&self, program: &mut Program) {
        let (asked, url) = (Instant::now(), format!("{}/health/ready", self.url()));
        let http = client();
        while http.get(&url).send().await.expect("it answers").status() != 503 {
            assert_eq!(program.ended(), None, "{}", self.log());
            assert!(asked.elapsed() < Duration::from_secs(30), "it still says that it serves");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) async fn started(&self, command: &mut Command) -> Program {
        let mut program = Program::start(command);
        self.ready(&mut program).await;
        program
    }

    /// What the all-in-one says about its own stand-ins.
    pub(super) async fn info(&self) -> Info {
        let http = client();
        let answer = http.get(format!("{}/sandbox/info", self.url())).send().await;
        answer.expect("it serves").json().await.expect("its info")
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("it runs")
    }

    /// Runs a command that has to succeed, and gives what it says.
    pub(super) fn told(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = std::iter::once("--json").chain(args.iter().copied()).collect();
        let ran = self.run(&args);
        assert!(ran.status.success(), "{args:?}: {ran:?}");
        serde_json::from_slice(&ran.stdout).expect("JSON")
    }

    /// Every row of every table as one text, each with the name of its table.
    pub(super) async fn every_row(&self) -> Vec<(String, String)> {
        match &self.database {
            None => every_row::of_file(&self.path("data").join("aisha.db")),
            Some(database) => every_row::of_server(&own::connect(&database.url()).await).await,
        }
    }

    pub(super) fn rows(&self) -> Rows {
        match &self.database {
            None => Rows::open(&self.path("data").join("aisha.db")),
            Some(database) => Rows::connect(&database.url()),
        }
    }

    /// Where programs say on the terminal why they end.
    fn words(&self) -> File {
        let mut options = OpenOptions::new();
        options.create(true).append(true).open(self.path("words")).expect("a file for words")
    }

    /// What was said on the terminal, and the end of the bot's log.
    pub(super) fn log(&self) -> String {
        let read = |name| std::fs::read_to_string(self.path(name)).unwrap_or_default();
        let log = read("bot.log") + &read("words");
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if std::env::var_os("AISHA_KILL_KEEP").is_some()
            && let Some(dir) = self.dir.take()
        {
            println!("kept {}", dir.keep().display());
        }
    }
}

/// What a test that kills by chance draws from: it is said, and `AISHA_KILL_SEED` gives it again.
pub(super) fn seed() -> u64 {
    let seed = std::env::var("AISHA_KILL_SEED").map_or_else(
        |_| rand::random(),
        |text| text.parse().expect("AISHA_KILL_SEED is a whole number"),
    );
    println!("AISHA_KILL_SEED={seed}");
    seed
}

/// A port that nobody has, and that no outgoing connection takes while the bot is dead: below the
/// ephemeral ones.
pub(super) fn free_port() -> u16 {
    let first = rand::random_range(12_000..30_000_u16);
    let free = (first..32_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a free port")
}
