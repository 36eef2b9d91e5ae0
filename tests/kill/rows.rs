//! The bot's rows, read beside it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Binary, Nullable, Text},
};

pub(super) enum Rows {
    Sqlite(SqliteConnection),
    Postgres(tokio_postgres::Client),
}

/// How long what is open may take once nobody kills any more.
const SETTLING: Duration = Duration::from_secs(90);

/// A row that PostgreSQL told in words.
type Words<'a> = &'a tokio_postgres::SimpleQueryRow;

/// What can be read from either.
trait Told: QueryableByName<diesel::sqlite::Sqlite> + 'static {
    fn told(row: Words) -> Self;
}

fn number(row: Words, column: &str) -> i64 {
    row.get(column).expect(column).parse().expect(column)
}

fn word(row: Words, column: &str) -> String {
    row.get(column).expect(column).to_owned()
}

impl Told for Count {
    fn told(row: Words) -> Self {
        Self { n: number(row, "n") }
    }
}

impl Told for Line {
    fn told(row: Words) -> Self {
        Self { line: word(row, "line") }
    }
}

impl Told for Account {
    fn told(row: Words) -> Self {
        let [id, balance, held] = ["id", "balance", "held"].map(|column| number(row, column));
        Self { id, balance, held }
    }
}

impl Told for Generation {
    fn told(row: Words) -> Self {
        Self {
            id: word(row, "id"),
            user_id: number(row, "user_id"),
            prompt: word(row, "prompt"),
            seed: number(row, "seed"),
            price: number(row, "price"),
            state: word(row, "state"),
            request_id: row.get("request_id").map(str::to_owned),
            submits: number(row, "submits"),
            captured: number(row, "captured"),
        }
    }
}

impl Told for Picture {
    fn told(row: Words) -> Self {
        let hash = word(row, "hash");
        let hash = hex::decode(hash.trim_start_matches("\\x")).expect("bytes");
        Self {
            generation: word(row, "generation"),
            n: number(row, "n"),
            owner: number(row, "owner"),
            hash,
        }
    }
}

#[derive(Debug, QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(Debug, QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(Debug, QueryableByName)]
pub(super) struct Account {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = BigInt)]
    pub balance: i64,
    #[diesel(sql_type = BigInt)]
    pub held: i64,
}

#[derive(Debug, QueryableByName)]
pub(super) struct Generation {
    /// As callback data spells it.
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
    #[diesel(sql_type = Text)]
    pub prompt: String,
    #[diesel(sql_type = BigInt)]
    pub seed: i64,
    #[diesel(sql_type = BigInt)]
    pub price: i64,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub submits: i64,
    #[diesel(sql_type = BigInt)]
    pub captured: i64,
}

#[derive(Debug, QueryableByName)]
pub(super) struct Picture {
    #[diesel(sql_type = Text)]
    pub generation: String,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    #[diesel(sql_type = BigInt)]
    pub owner: i64,
    #[diesel(sql_type = Binary)]
    pub hash: Vec<u8>,
}

impl Rows {
    pub(super) fn open(path: &Path) -> Self {
        let mut connection =
            SqliteConnection::establish(&path.to_string_lossy()).expect("the bot's database");
        connection.batch_execute("PRAGMA busy_timeout = 10000").expect("a pragma");
        Self::Sqlite(connection)
    }

    pub(super) fn connect(url: &str) -> Self {
        Self::Postgres(wait(super::own::connect(url)))
    }

    fn load<T: Told>(&mut self, query: &str) -> Vec<T> {
        match self {
            Self::Sqlite(connection) => sql_query(query).load(connection).expect(query),
            Self::Postgres(client) => {
                let messages = wait(client.simple_query(query)).expect(query);
                let rows = messages.iter().filter_map(|message| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => Some(T::told(row)),
                    _ => None,
                });
                rows.collect()
            }
        }
    }

    /// An id as callback data spells it.
    fn spelt(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("lower(hex({column}))"),
            Self::Postgres(_) => format!("replace(CAST({column} AS TEXT), '-', '')"),
        }
    }

    /// `SELECT count(*) FROM …`.
    pub(super) fn count(&mut self, from: &str) -> i64 {
        self.load::<Count>(&format!("SELECT count(*) AS n FROM {from}"))[0].n
    }

    /// Changes rows behind the bot's back.
    pub(super) fn change(&mut self, statement: &str) {
        match self {
            Self::Sqlite(connection) => connection.batch_execute(statement).expect(statement),
            Self::Postgres(client) => wait(client.batch_execute(statement)).expect(statement),
        }
    }

    /// What a query with one column of text says.
    pub(super) fn lines(&mut self, query: &str) -> Vec<String> {
        self.load::<Line>(query).into_iter().map(|row| row.line).collect()
    }

    /// Waits until nothing is open in the rows.
    pub(super) async fn settle(&mut self) -> Duration {
        let began = Instant::now();
        while !self.is_settled() {
            let (open, aside) = (self.open_work(), self.quarantined());
            assert!(began.elapsed() < SETTLING, "still open: {open:#?}, set aside: {aside:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    }

    /// Nothing is to be worked off any more.
    pub(super) fn is_settled(&mut self) -> bool {
        self.count("inbox WHERE is_open") == 0
            && self.count("outbox WHERE is_open") == 0
            && self.count("generation WHERE is_live") == 0
    }

    pub(super) fn open_work(&mut self) -> Vec<String> {
        let id = self.spelt("id");
        self.lines(&format!(
            "SELECT 'update ' || seq || ' attempts ' || attempts AS line FROM inbox WHERE is_open
             UNION ALL SELECT 'outbox ' || seq || ' ' || kind FROM outbox WHERE is_open
             UNION ALL SELECT 'generation ' || {id} || ' ' || state FROM generation
               WHERE is_live",
        ))
    }

    /// The most deaths that are counted against one item.
    pub(super) fn deaths_max(&mut self) -> i64 {
        let most =
            "(SELECT max(deaths) AS deaths FROM inbox UNION ALL SELECT max(deaths) FROM outbox
             UNION ALL SELECT max(deaths) FROM picture
             UNION ALL SELECT count(*) FROM failure
               WHERE reason = 'the process died while working on it' GROUP BY generation) AS most";
        self.load::<Count>(&format!("SELECT max(deaths) AS n FROM {most}"))[0].n
    }

    /// Everything that was set aside.
    pub(super) fn quarantined(&mut self) -> Vec<String> {
        let (own, id) = (self.spelt("id"), self.spelt("generation"));
        self.lines(&format!(
            "SELECT 'update ' || seq || ' deaths ' || deaths AS line FROM inbox
               WHERE state = 'quarantined'
             UNION ALL SELECT 'outbox ' || seq || ' ' || kind || ' deaths ' || deaths FROM outbox
               WHERE state = 'quarantined'
             UNION ALL SELECT 'generation ' || {own} FROM generation
               WHERE failure = 'quarantined'
             UNION ALL SELECT 'storage of ' || {id} || '_' || n FROM picture
               WHERE state IN ('fallback', 'trashed') AND NOT has_job",
        ))
    }

    pub(super) fn accounts(&mut self) -> Vec<Account> {
        self.load("SELECT id, credited - debited AS balance, held FROM account WHERE kind = 'user'")
    }

    pub(super) fn generations(&mut self) -> Vec<Generation> {
        let id = self.spelt("id");
        self.load(&format!(
            "SELECT {id} AS id, user_id, prompt, seed, price, state, request_id, submits,
               captured FROM generation"
        ))
    }

    /// The pictures that were paid for.
    pub(super) fn pictures(&mut self) -> Vec<Picture> {
        let id = self.spelt("generation");
        self.load(&format!(
            "SELECT {id} AS generation, n, owner, hash FROM picture WHERE listed_at IS NOT NULL"
        ))
    }

    pub(super) fn integrity(&mut self) -> Vec<String> {
        if let Self::Postgres(_) = self {
            return vec!["ok".to_owned()];
        }
        self.lines("SELECT integrity_check AS line FROM pragma_integrity_check")
    }

    pub(super) fn violations(&mut self) -> Vec<String> {
        self.lines("SELECT rule || ': ' || subject AS line FROM violations")
    }
}

/// From a test that is not to be async in every line.
fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}
