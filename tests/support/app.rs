//! The program under test.

use std::{
    cell::Cell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use aisha::{
    app::{App, Steering},
    db::{Database, Target},
    settings::{self, Settings, Sources, Storage},
    world::SystemClock,
};
use aisha_actors::{
    domain::{id::UserId, ledger::Account},
    port::Records,
};
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    OwnDatabase, S3Server, StandIns, TestUser, aisha,
    cli::{refused, run_with_input},
    log,
};

/// Quicker than for people, and otherwise as it comes. The one node has a lease that outlasts what tests
/// and slow machines do to it: without it, the node gives up its long poll and soon begins another, and the
/// stand-in refuses the first, which nobody listens to any more.
const QUICK: &str = "
telegram.chat_interval_ms = 5
telegram.chat_burst = 100
telegram.calls_per_second_max = 1000
telegram.progress_interval_ms = 100
fal.poll_min_ms = 20
fal.poll_max_ms = 60
fal.submit_grace_seconds = 1
sandbox.queue_ms = 10
sandbox.run_ms = 20
nodes.lease_seconds = 60
";

/// A running program in a folder of its own.
pub(crate) struct TestApp {
    app: Option<App>,
    settings: Settings,
    environment: BTreeMap<String, String>,
    stand_ins: Option<StandIns>,
    /// Its database, where it is on a server.
    _own: Option<OwnDatabase>,
    /// Where the stand-ins answer.
    sandbox: String,
    http: reqwest::Client,
    refusals_allowed: Cell<bool>,
    quarantine_allowed: Cell<bool>,
    dir: TempDir,
}

/// What a program is started with.
pub(crate) struct Builder {
    config: toml::Table,
    environment: BTreeMap<String, String>,
    stand_ins: Option<StandIns>,
    on: On,
}

/// Which database a program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

impl Builder {
    /// Which database it runs on; SQLite unless told.
    pub(crate) fn on(mut self, on: On) -> Self {
        self.on = on;
        self
    }

    /// Further keys of `config.toml`.
    pub(crate) fn config(mut self, keys: &str) -> Self {
        merge(&mut self.config, keys.parse().unwrap());
        self
    }

    /// A variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Credits of every new person.
    pub(crate) fn welcome(self, credits: u32) -> Self {
        self.config(&format!(
            "bot.welcome_credits = {credits}\nsandbox.welcome_credits = {credits}"
        ))
    }

    /// How long the sandbox queues and makes a picture.
    pub(crate) fn pace(self, queue_ms: u64, run_ms: u64) -> Self {
        self.config(&format!("sandbox.queue_ms = {queue_ms}\nsandbox.run_ms = {run_ms}"))
    }

    /// Real mode: these are Telegram and FAL.
    pub(crate) fn with(mut self, stand_ins: StandIns) -> Self {
        let info = stand_ins.info();
        self = self
            .env("TELEGRAM_TOKEN", &info.telegram_token)
            .env("TELEGRAM_API_URL", &info.telegram_api_url)
            .env("FAL_KEY", &info.fal_key)
            .env("FAL_QUEUE_URL", &info.fal_queue_url);
        self.stand_ins = Some(stand_ins);
        self
    }

    /// Pictures go to this server, into buckets of this test's own.
    pub(crate) fn on_s3(self, server: &S3Server) -> Self {
        let variables = server.environment();
        variables.into_iter().fold(self, |builder, (name, value)| builder.env(name, &value))
    }

    /// Starts it.
    pub(crate) async fn start(self) -> TestApp {
        log::listen();
        let Self { config, mut environment, stand_ins, on } = self;
        let dir = tempfile::tempdir().unwrap();
        let folder = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(dir.path().join("config.toml"), config.to_string()).unwrap();
        let own = match on {
            On::Sqlite => None,
            On::Postgres => Some(OwnDatabase::make().await),
        };
        if let Some(own) = &own {
            environment.entry("DATABASE_URL".to_owned()).or_insert_with(|| own.url());
        }
        environment.insert("DATA_DIR".to_owned(), folder("data"));
        environment.insert("LOG_FILE".to_owned(), folder("app.log"));
        environment.insert("HTTP_BIND".to_owned(), "127.0.0.1:0".to_owned());
        let sources = Sources {
            config: Some(dir.path().join("config.toml")),
            folder: dir.path().to_owned(),
            environment: environment.clone(),
        };
        let mut settings = settings::load(sources).unwrap();
        let app = App::start(&settings).await.unwrap();
        // The next start finds the same place: the sandbox's addresses stand in rows.
        settings.http.bind = app.address();
        let here = format!("http://{}", app.address());
        let sandbox = stand_ins.as_ref().map_or(here, |apart| apart.base().to_owned());
        let http = super::client();
        TestApp {
            app: Some(app),
            settings,
            environment,
            stand_ins,
            _own: own,
            sandbox,
            http,
            refusals_allowed: Cell::new(false),
            quarantine_allowed: Cell::new(false),
            dir,
        }
    }
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// An edit that changes nothing is refused too: two looks at a generation that shows the same.
fn is_refusal(call: &Value) -> bool {
    let is_edit = call["call"].as_str().is_some_and(|name| name.starts_with("edit"));
    call["status"].as_u64() >= Some(400) && !(is_edit && call["status"] == 400)
}

impl TestApp {
    pub(crate) fn builder() -> Builder {
        let builder = Builder {
            config: toml::Table::new(),
            environment: BTreeMap::new(),
            stand_ins: None,
            on: On::Sqlite,
        };
        builder.config(QUICK)
    }

    /// The program as it comes, with 100 credits for everyone.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// A person whose Telegram speaks English.
    pub(crate) async fn user(&self, id: i64) -> TestUser {
        self.user_of(id, "en").await
    }

    pub(crate) async fn user_of(&self, id: i64, code: &'static str) -> TestUser {
        TestUser::meet(&self.sandbox, id, code).await
    }

    /// Where the program itself answers.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.app.as_ref().unwrap().address()
    }

    /// Its actors, to be looked at and steered.
    pub(crate) fn steering(&self) -> &Steering {
        self.app.as_ref().unwrap().steering()
    }

    /// Where the stand-ins answer.
    pub(crate) fn sandbox(&self) -> &str {
        &self.sandbox
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn database_file(&self) -> PathBuf {
        let Target::File(path) = &self.settings.database else { panic!("only for SQLite") };
        path.clone()
    }

    /// Which database it runs on.
    pub(crate) fn on(&self) -> On {
        match &self.settings.database {
            Target::File(_) => On::Sqlite,
            Target::Server(_) => On::Postgres,
        }
    }

    pub(crate) fn objects(&self) -> PathBuf {
        match &self.settings.storage {
            Storage::Disk(root) => root.clone(),
            Storage::S3(_) => panic!("pictures are not on disk"),
        }
    }

    // The stand-ins.

    async fn post(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.sandbox);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {body}: {}", answer.text().await.unwrap());
    }

    /// Orders a fault. Telegram may refuse calls in this test.
    pub(crate) async fn fault(&self, order: Value) {
        self.refusals_allowed.set(true);
        self.post("/sandbox/faults", order).await;
    }

    /// Lifts all faults.
    pub(crate) async fn mend(&self) {
        let url = format!("{}/sandbox/faults", self.sandbox);
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }

    /// Telegram may refuse calls in this test, for another reason than a fault.
    pub(crate) fn allow_refusals(&self) {
        self.refusals_allowed.set(true);
    }

    /// Something is set aside in this test.
    pub(crate) fn allow_quarantine(&self) {
        self.quarantine_allowed.set(true);
    }

    /// Another pace of the provider from now on; `concurrency` 0 holds its queue.
    pub(crate) async fn pace(&self, queue_ms: u64, run_ms: u64, concurrency: usize) {
        let pace = json!({ "queue_ms": queue_ms, "run_ms": run_ms, "concurrency": concurrency });
        self.post("/sandbox/fal/pace", pace).await;
    }

    /// Every call that the stand-ins received of this name.
    pub(crate) async fn calls(&self, peer: &str, call: &str) -> Vec<Value> {
        let url = format!("{}/sandbox/journal", self.sandbox);
        let all: Vec<Value> = self.http.get(url).send().await.unwrap().json().await.unwrap();
        all.into_iter()
            .filter(|c| c["peer"] == peer && (call == "*" || c["call"] == call))
            .collect()
    }

    /// Deletes a message as the bot, behind the program's back.
    pub(crate) async fn deletes(&self, chat: i64, message: i64) {
        let info: Value = self.get("/sandbox/info").await;
        let url = format!("/bot{}/deleteMessage", info["telegram_token"].as_str().unwrap());
        self.post(&url, json!({ "chat_id": chat, "message_id": message })).await;
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Waits until something is so that nobody sees in the chat: looks again and again, at a measured
    /// pace.
    pub(crate) async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let mut pace = tokio::time::interval(std::time::Duration::from_millis(20));
        // A look that takes its time leaves the program some, too.
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let waiting = async {
            while !is_so().await {
                pace.tick().await;
            }
        };
        tokio::time::timeout(super::PATIENCE, waiting).await.expect("it never came to be so");
    }

    // The rows.

    /// Waits until every update is served and everything owed is sent, and both are settled in the rows:
    /// from here on nothing is shown a second time.
    pub(crate) async fn until_settled(&self) {
        let database = self.database().await;
        self.until(async || {
            let figures = database.figures().await.unwrap();
            figures.inbox_open == 0 && figures.outbox_open == 0
        })
        .await;
    }

    /// The database, beside the program, as the command line opens it.
    pub(crate) async fn database(&self) -> Database {
        Database::open(&self.settings.database, Arc::new(SystemClock)).await.unwrap()
    }

    /// A person's account in the ledger.
    pub(crate) async fn account(&self, user: &TestUser) -> Account {
        self.database().await.account(UserId(user.id)).await.unwrap()
    }

    /// What a person can spend by the ledger.
    pub(crate) async fn balance(&self, user: &TestUser) -> i64 {
        self.account(user).await.available().0
    }

    /// Changes rows behind the program's back: time travel.
    pub(crate) fn sql(&self, statement: &str) {
        let path = self.database_file().display().to_string();
        let mut connection = SqliteConnection::establish(&path).unwrap();
        diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut connection).unwrap();
        diesel::sql_query(statement).execute(&mut connection).unwrap();
    }

    /// The same on either database.
    pub(crate) async fn sql_on_each(&self, statement: &str) {
        match &self.settings.database {
            Target::File(_) => self.sql(statement),
            Target::Server(server) => {
                let client = super::postgres::connect(&server.url).await;
                client.batch_execute(statement).await.unwrap();
            }
        }
    }

    /// Every row of every table as one text, each with the name of its table.
    pub(crate) async fn every_row(&self) -> Vec<(String, String)> {
        match &self.settings.database {
            Target::File(path) => super::rows::of_file(path),
            Target::Server(server) => {
                super::rows::of_server(&super::postgres::connect(&server.url).await).await
            }
        }
    }

    /// Runs `aisha …` beside the program and gives its JSON.
    pub(crate) async fn cli(&self, words: &[&str]) -> Value {
        aisha(self.folder(), &self.environment, words).await
    }

    /// Runs `aisha …` that has to fail, and gives what it complains of.
    pub(crate) async fn cli_refused(&self, words: &[&str]) -> String {
        refused(self.folder(), &self.environment, words).await
    }

    /// Runs `aisha …` with this on its standard input; gives its exit code and all that it says.
    pub(crate) async fn cli_with_input(
        &self,
        words: &[&str],
        input: &str,
    ) -> (Option<i32>, String) {
        run_with_input(self.folder(), &self.environment, words, input).await
    }

    /// The link to the dashboard that the sandbox prints to the terminal.
    pub(crate) async fn login_link(&self) -> Option<String> {
        self.app.as_ref().unwrap().login_link(&self.settings).await.unwrap()
    }

    // The end.

    /// Stops the program and starts it again on the same folder. People have to come back.
    pub(crate) async fn restart(&mut self) {
        self.restart_after(async |_| {}).await;
    }

    /// The same, with something done to the folder in between.
    pub(crate) async fn restart_after(&mut self, between: impl AsyncFnOnce(&Self)) {
        self.app.take().unwrap().stop().await;
        between(self).await;
        let app = App::start(&self.settings).await.unwrap();
        if self.stand_ins.is_none() {
            self.sandbox = format!("http://{}", app.address());
        }
        self.app = Some(app);
    }

    /// Stops the program and looks for what must not be left behind.
    pub(crate) async fn finish(mut self) {
        let refused = self.calls("telegram", "*").await;
        let refused: Vec<_> = refused.into_iter().filter(is_refusal).collect();
        self.app.take().unwrap().stop().await;
        let database = self.database().await;
        let figures = database.figures().await.unwrap();
        let stats = database.balance_stats().await.unwrap();
        assert_eq!(database.violations().await.unwrap(), Vec::<String>::new());
        assert_eq!(stats.held.0, 0, "credits are still held");
        assert_eq!(figures.inbox_open, 0, "updates are left open");
        assert_eq!(figures.outbox_open, 0, "something is still owed");
        assert_eq!(figures.generations_open, 0, "generations are left open");
        assert_eq!(figures.generations_undelivered, 0, "paid pictures were not shown");
        if !self.quarantine_allowed.get() {
            assert_eq!(figures.inbox_quarantined + figures.outbox_quarantined, 0, "set aside");
        }
        if !self.refusals_allowed.get() {
            assert!(refused.is_empty(), "Telegram refused calls: {refused:#?}");
        }
        assert_eq!(log::unexpected(), Vec::<String>::new(), "errors in the log");
        if let Some(stand_ins) = self.stand_ins.take() {
            stand_ins.stop().await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let unfinished = self.app.is_some() && !std::thread::panicking();
        assert!(!unfinished, "the test ends without app.finish()");
    }
}
