//! The bot's rows, read beside it.

use std::path::Path;

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Binary, Nullable, Text},
};

pub(super) struct Rows(SqliteConnection);

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
        Self(connection)
    }

    /// `SELECT count(*) FROM …`.
    pub(super) fn count(&mut self, from: &str) -> i64 {
        let rows: Vec<Count> =
            sql_query(format!("SELECT count(*) AS n FROM {from}")).load(&mut self.0).expect(from);
        rows[0].n
    }

    /// What a query with one column of text says.
    pub(super) fn lines(&mut self, query: &str) -> Vec<String> {
        let rows: Vec<Line> = sql_query(query).load(&mut self.0).expect(query);
        rows.into_iter().map(|row| row.line).collect()
    }

    /// Nothing is to be worked off any more.
    pub(super) fn is_settled(&mut self) -> bool {
        self.count("inbox WHERE is_open") == 0
            && self.count("outbox WHERE is_open") == 0
            && self.count("generation WHERE is_live") == 0
    }

    pub(super) fn open_work(&mut self) -> Vec<String> {
        self.lines(
            "SELECT 'update ' || seq || ' attempts ' || attempts AS line FROM inbox WHERE is_open
             UNION ALL SELECT 'outbox ' || seq || ' ' || kind FROM outbox WHERE is_open
             UNION ALL SELECT 'generation ' || lower(hex(id)) || ' ' || state FROM generation
               WHERE is_live",
        )
    }

    /// The most deaths that are counted against one item.
    pub(super) fn deaths_max(&mut self) -> i64 {
        let most =
            "(SELECT max(deaths) AS deaths FROM inbox UNION ALL SELECT max(deaths) FROM outbox
             UNION ALL SELECT max(deaths) FROM picture
             UNION ALL SELECT count(*) FROM failure
               WHERE reason = 'the process died while working on it' GROUP BY generation)";
        let rows: Vec<Count> = sql_query(format!("SELECT max(deaths) AS n FROM {most}"))
            .load(&mut self.0)
            .expect("deaths");
        rows[0].n
    }

    /// Everything that was set aside.
    pub(super) fn quarantined(&mut self) -> Vec<String> {
        self.lines(
            "SELECT 'update ' || seq || ' deaths ' || deaths AS line FROM inbox
               WHERE state = 'quarantined'
             UNION ALL SELECT 'outbox ' || seq || ' ' || kind || ' deaths ' || deaths FROM outbox
               WHERE state = 'quarantined'
             UNION ALL SELECT 'generation ' || lower(hex(id)) FROM generation
               WHERE failure = 'quarantined'
             UNION ALL SELECT 'storage of ' || lower(hex(generation)) || '_' || n FROM picture
               WHERE state IN ('fallback', 'trashed') AND NOT has_job",
        )
    }

    pub(super) fn accounts(&mut self) -> Vec<Account> {
        sql_query("SELECT id, credited - debited AS balance, held FROM account WHERE kind = 'user'")
            .load(&mut self.0)
            .expect("accounts")
    }

    pub(super) fn generations(&mut self) -> Vec<Generation> {
        let id = spelt("id");
        sql_query(format!(
            "SELECT {id} AS id, user_id, prompt, seed, price, state, request_id, submits,
               captured FROM generation"
        ))
        .load(&mut self.0)
        .expect("generations")
    }

    /// The pictures that were paid for.
    pub(super) fn pictures(&mut self) -> Vec<Picture> {
        let id = spelt("generation");
        sql_query(format!(
            "SELECT {id} AS generation, n, owner, hash FROM picture WHERE listed_at IS NOT NULL"
        ))
        .load(&mut self.0)
        .expect("pictures")
    }

    pub(super) fn integrity(&mut self) -> Vec<String> {
        self.lines("SELECT integrity_check AS line FROM pragma_integrity_check")
    }

    pub(super) fn violations(&mut self) -> Vec<String> {
        self.lines("SELECT rule || ': ' || subject AS line FROM violations")
    }
}

/// An id of 16 bytes as callback data spells it.
fn spelt(column: &str) -> String {
    format!("lower(hex({column}))")
}
