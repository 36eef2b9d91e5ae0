//! Copies of a database on a PostgreSQL server: a file of rows for each table.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
    pin::pin,
    time::Duration,
};

use bytes::Bytes;
use futures::{SinkExt, TryStreamExt};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep},
};
use tokio_postgres::Client;

use super::{Before, Copied, FIRST_TABLES, TABLES, remove};
use crate::db::{
    Error, ServeLock, Server, Target, lock_serve, migrations,
    postgres::{
        connection::{Connector, Role},
        locks,
    },
    target::beside,
};

pub(super) const BACKEND: &str = "rows";

/// The last number that each table gave out: `table<TAB>number`.
const NUMBERS: &str = "numbers.txt";

/// How values look, whatever the server's own settings; and nobody is hurried.
const LOOKS: &str = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; \
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; \
    SET LOCAL idle_in_transaction_session_timeout = 0;";

/// How long whoever uses the tables is waited for.
const OTHERS: &str = "SET LOCAL lock_timeout = '30s';";

/// How long a `serve` that just ended may take to let go.
const LET_GO: Duration = Duration::from_secs(2);

/// What is read from a file at once, in bytes.
const CHUNK: usize = 1 << 16;

/// The line of names is short.
const NAMES_MAX: u64 = 1 << 16;

fn file_of(table: &str) -> String {
    format!("{table}.rows")
}

fn damaged(what: impl Into<String>) -> Error {
    Error::Copy(what.into())
}

/// One read transaction sees one moment and holds up no writer.
pub(super) async fn copy(server: &Server, folder: &Path) -> Result<Copied, Error> {
    let client = Connector::new(server)?.client(Role::Patient).await?;
    client
        .batch_execute(&format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {LOOKS}"))
        .await?;
    let mut schema = Vec::new();
    let versions = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    for row in client.query(versions, &[]).await? {
        schema.push(row.try_get(0)?);
    }
    look_through(&client).await?;
    let (mut rows, mut files) = (BTreeMap::new(), Vec::new());
    for table in TABLES {
        let name = file_of(table);
        let written = copy_table(&client, table, &folder.join(&name)).await?;
        let counted = count(&client, table).await?;
        if written != counted {
            return Err(damaged(format!("{written} of {counted} rows of {table} were written")));
        }
        rows.insert(table.to_owned(), written);
        files.push(name);
    }
    copy_numbers(&client, &folder.join(NUMBERS)).await?;
    files.push(NUMBERS.to_owned());
    client.batch_execute("COMMIT").await?;
    Ok(Copied { backend: BACKEND.to_owned(), schema, rows, files })
}

/// The books as the transaction sees them.
async fn look_through(client: &Client) -> Result<(), Error> {
    match number(client, "SELECT count(*) FROM violations").await? {
        0 => Ok(()),
        breaches => Err(damaged(format!("its ledger has {breaches} violations"))),
    }
}

async fn number(client: &Client, query: &str) -> Result<i64, Error> {
    Ok(client.query_one(query, &[]).await?.try_get(0)?)
}

async fn count(client: &Client, table: &str) -> Result<u64, Error> {
    Ok(number(client, &format!("SELECT count(*) FROM {table}")).await?.unsigned_abs())
}

/// The columns of a table that are written, in their order.
async fn columns(client: &Client, table: &str) -> Result<Vec<String>, Error> {
    let query = "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass \
        AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum";
    let rows = client.query(query, &[&table]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

async fn copy_table(client: &Client, table: &str, path: &Path) -> Result<u64, Error> {
    let names = columns(client, table).await?;
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(path).await?;
    file.write_all(format!("{}\n", names.join("\t")).as_bytes()).await?;
    let copy = format!("COPY {table} ({}) TO STDOUT", names.join(", "));
    let mut stream = pin!(client.copy_out(&copy).await?);
    let (mut rows, mut waiting) = (0, Vec::with_capacity(CHUNK * 2));
    while let Some(part) = stream.try_next().await? {
        // A line break within a value is written as `\n`.
        rows += lines_in(&part);
        waiting.extend_from_slice(&part);
        if waiting.len() >= CHUNK {
            file.write_all(&waiting).await?;
            waiting.clear();
        }
    }
    file.write_all(&waiting).await?;
    file.sync_all().await?;
    Ok(rows)
}

fn lines_in(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

async fn numbered(client: &Client, tables: &[&str]) -> Result<Vec<(String, String)>, Error> {
    let query = "SELECT attrelid::regclass::text, attname::text FROM pg_attribute \
        WHERE attrelid = ANY ($1::text[]::regclass[]) AND attidentity <> '' ORDER BY 1";
    let rows = client.query(query, &[&tables]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// A number that was given out for a row that is gone by now is not given out again.
async fn copy_numbers(client: &Client, path: &Path) -> Result<(), Error> {
    let mut text = String::new();
    for (table, column) in numbered(client, &TABLES).await? {
        let query = format!(
            "SELECT coalesce(pg_sequence_last_value(\
               pg_get_serial_sequence('{table}', '{column}')::regclass), 0)"
        );
        text.push_str(&format!("{table}\t{}\n", number(client, &query).await?));
    }
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(path).await?;
    file.write_all(text.as_bytes()).await?;
    Ok(file.sync_all().await?)
}

/// What can be seen without a database. Blocks.
pub(super) fn check(folder: &Path) -> Result<BTreeMap<String, u64>, Error> {
    read_numbers(folder)?;
    let mut rows = BTreeMap::new();
    for (at, table) in TABLES.into_iter().enumerate() {
        let path = folder.join(file_of(table));
        // A copy of an older version has fewer tables; its manifest says which files there are.
        if at >= FIRST_TABLES && !path.exists() {
            continue;
        }
        let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
        let mut names = String::new();
        (&mut file).take(NAMES_MAX).read_line(&mut names)?;
        read_names(table, &names)?;
        let (mut count, mut last) = (0, b'\n');
        loop {
            let part = file.fill_buf()?;
            let Some(end) = part.last() else { break };
            (count, last) = (count + lines_in(part), *end);
            let length = part.len();
            file.consume(length);
        }
        if last != b'\n' {
            return Err(damaged(format!("the last row of {table} is not whole")));
        }
        rows.insert(table.to_owned(), count);
    }
    Ok(rows)
}

/// Only plain names: they go into a statement.
fn read_names<'a>(table: &str, line: &'a str) -> Result<Vec<&'a str>, Error> {
    let is_name =
        |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let names: Vec<&str> = line.strip_suffix('\n').unwrap_or_default().split('\t').collect();
    if names.iter().all(is_name) {
        Ok(names)
    } else {
        Err(damaged(format!("the first line of {table} does not name its columns")))
    }
}

fn read_numbers(folder: &Path) -> Result<BTreeMap<String, i64>, Error> {
    let text = fs::read_to_string(folder.join(NUMBERS))?;
    let numbers = text.lines().map(|line| {
        let (table, last) = line.split_once('\t')?;
        Some((table.to_owned(), last.parse().ok()?))
    });
    let numbers: Option<BTreeMap<String, i64>> = numbers.collect();
    numbers.ok_or_else(|| damaged(format!("{NUMBERS} cannot be read")))
}

/// Those of our tables that this version of the schema has.
async fn tables_there(client: &Client) -> Result<Vec<&'static str>, Error> {
    let mut there = Vec::new();
    for table in TABLES {
        let known = client.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&table]).await?;
        if known.try_get::<_, bool>(0)? {
            there.push(table);
        }
    }
    Ok(there)
}

/// Whether a node has a lease here. One that was killed has it for some seconds more.
async fn nodes_live(client: &Client) -> Result<bool, Error> {
    let known = "SELECT to_regclass('node') IS NOT NULL";
    if !client.query_one(known, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(false);
    }
    let live = "SELECT EXISTS (SELECT 1 FROM node WHERE until > now() AND NOT buried)";
    Ok(client.query_one(live, &[]).await?.try_get(0)?)
}

/// A database on a server, in which no node works and none joins while this is held.
pub(super) struct Place {
    server: Server,
    client: Client,
    _lock: ServeLock,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Place").field(&self.server).finish()
    }
}

impl Place {
    pub(super) async fn take(server: &Server) -> Result<Self, Error> {
        std::fs::create_dir_all(&server.folder)?;
        let lock = lock_serve(&Target::Server(server.clone()))?;
        let client = Connector::new(server)?.client(Role::Patient).await?;
        let until = Instant::now() + LET_GO;
        let take = format!("SELECT pg_try_advisory_lock({})", locks::RESTORE);
        while !client.query_one(&take, &[]).await?.try_get::<_, bool>(0)? {
            if Instant::now() >= until {
                return Err(Error::Served);
            }
            sleep(Duration::from_millis(50)).await;
        }
        if nodes_live(&client).await? {
            return Err(Error::Served);
        }
        Ok(Self { server: server.clone(), client, _lock: lock })
    }

    fn target(&self) -> Target {
        Target::Server(self.server.clone())
    }

    pub(super) async fn is_empty(&self) -> bool {
        let empty = async {
            if migrations::status(&self.target()).await?.applied.is_empty() {
                return Ok(true);
            }
            // The houses' accounts are always there.
            for table in tables_there(&self.client).await? {
                if table != "account" && count(&self.client, table).await? > 0 {
                    return Ok(false);
                }
            }
            Ok::<_, Error>(true)
        };
        empty.await.unwrap_or(false)
    }

    pub(super) async fn put(&self, folder: &Path, copied: &Copied) -> Result<Before, Error> {
        let target = self.target();
        let was_empty = self.is_empty().await;
        if migrations::status(&target).await?.applied != copied.schema {
            if !was_empty {
                return Err(Error::OtherSchema);
            }
            migrations::down(&target, "0").await?;
            migrations::up_to(&target, &copied.schema).await?;
        }
        if let Err(error) = self.load(folder, copied).await {
            // What failed here has left nothing; the session may go on to hold its lock.
            drop(self.client.batch_execute("ROLLBACK").await);
            return Err(error);
        }
        // Notes of what was in hand speak of other rows.
        let notes = target.notes();
        for notes in [beside(&notes, "old"), notes] {
            remove(&notes)?;
        }
        migrations::up(&target).await?;
        Ok(if was_empty { Before::Nothing } else { Before::Gone })
    }

    /// One transaction: either all of the copy is here and right in its books, or what was here before.
    async fn load(&self, folder: &Path, copied: &Copied) -> Result<(), Error> {
        let client = &self.client;
        client.batch_execute(&format!("BEGIN; {LOOKS} {OTHERS}")).await?;
        // The rows have been through the triggers once: counters come along, and nothing is counted
        // twice. Keys, constraints and foreign keys are asked as ever.
        let tables = tables_there(client).await?;
        self.for_each(&tables, "ALTER TABLE % DISABLE TRIGGER USER").await?;
        let all = tables.join(", ");
        client.batch_execute(&format!("TRUNCATE {all} RESTART IDENTITY")).await?;
        for table in tables.iter().copied().filter(|table| copied.rows.contains_key(*table)) {
            self.fill(table, &folder.join(file_of(table))).await?;
        }
        let last = read_numbers(folder)?;
        for (table, column) in numbered(client, &tables).await? {
            let last = last.get(&table).copied().unwrap_or_default();
            client
                .batch_execute(&format!(
                    "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), greatest(last, 1), \
                       last > 0) \
                     FROM (SELECT greatest({last}, max({column})) AS last FROM {table}) AS given"
                ))
                .await?;
        }
        self.for_each(&tables, "ALTER TABLE % ENABLE TRIGGER USER").await?;
        for table in tables.iter().copied() {
            let (here, there) = (count(client, table).await?, copied.rows.get(table).copied());
            if Some(here) != there {
                return Err(damaged(format!("{here} rows of {table} came in of {there:?}")));
            }
        }
        look_through(client).await?;
        // The planner knows nothing of the rows yet.
        self.for_each(&tables, "ANALYZE %").await?;
        Ok(client.batch_execute("COMMIT").await?)
    }

    async fn for_each(&self, tables: &[&str], statement: &str) -> Result<(), Error> {
        let all: Vec<String> = tables.iter().map(|table| statement.replace('%', table)).collect();
        Ok(self.client.batch_execute(&all.join("; ")).await?)
    }

    async fn fill(&self, table: &str, path: &Path) -> Result<(), Error> {
        let mut file = tokio::io::BufReader::new(tokio::fs::File::open(path).await?);
        let mut line = String::new();
        (&mut file).take(NAMES_MAX).read_line(&mut line).await?;
        let names = read_names(table, &line)?.join(", ");
        let copy = format!("COPY {table} ({names}) FROM STDIN");
        let mut sink = pin!(self.client.copy_in::<_, Bytes>(&copy).await?);
        loop {
            let mut part = Vec::with_capacity(CHUNK);
            (&mut file).take(CHUNK as u64).read_to_end(&mut part).await?;
            if part.is_empty() {
                break;
            }
            sink.send(part.into()).await?;
        }
        sink.finish().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for table in TABLES {
            fs::write(folder.path().join(file_of(table)), "seq\tstate\n1\topen\n2\t\\N\n").unwrap();
        }
        fs::write(folder.path().join(NUMBERS), "entry\t2\ninbox\t0\n").unwrap();
        folder
    }

    #[test]
    fn rows_are_counted_and_what_is_cut_or_tampered_with_is_refused() {
        let folder = whole();
        let rows = check(folder.path()).unwrap();
        assert!(rows.len() == TABLES.len() && rows.values().all(|rows| *rows == 2), "{rows:?}");
        let entry = file_of("entry");
        for (file, text) in [
            (entry.as_str(), "seq\tstate\n1\topen\n2\tope"),
            (&entry, ""),
            (&entry, "seq\tstate"),
            (&entry, "seq, (SELECT 1)\n"),
            (&entry, "seq\t\n"),
            (NUMBERS, "entry\n"),
            (NUMBERS, "entry\t2; DROP TABLE entry\n"),
        ] {
            let folder = whole();
            fs::write(folder.path().join(file), text).unwrap();
            assert!(matches!(check(folder.path()), Err(Error::Copy(_))), "{file}: {text:?}");
        }
        fs::remove_file(folder.path().join(entry)).unwrap();
        assert!(matches!(check(folder.path()), Err(Error::File(_))));
    }
}
