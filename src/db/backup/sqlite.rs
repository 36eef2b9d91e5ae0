//! Copies of the SQLite file.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use diesel::{QueryableByName, prelude::*, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures::executor::block_on;

use super::{Before, Copied, TABLES, blocking, remove};
use crate::db::{
    Error, ServeLock, Target, lock_serve,
    schema::violations,
    sqlite::{Conn, connection, migrations},
    target::beside,
};

pub(super) const BACKEND: &str = "sqlite";

/// The copy's one file.
const FILE: &str = "aisha.db";

#[derive(Debug, QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// `VACUUM INTO` reads in one transaction and holds up no writer.
pub(super) fn copy(path: &Path, folder: &Path) -> Result<Copied, Error> {
    let copy = folder.join(FILE);
    let mut conn = connection::connect(&path.to_string_lossy(), false)?;
    let name = copy.to_string_lossy().replace('\'', "''");
    block_on(conn.batch_execute(&format!("VACUUM INTO '{name}'")))?;
    drop(conn);
    File::open(&copy)?.sync_all()?;
    let rows = check(folder)?;
    let schema = migrations::status_untouched(&copy)?.applied;
    Ok(Copied { backend: BACKEND.to_owned(), schema, rows, files: vec![FILE.to_owned()] })
}

pub(super) fn check(folder: &Path) -> Result<BTreeMap<String, u64>, Error> {
    let copy = folder.join(FILE);
    if !copy.is_file() {
        return Err(io::Error::from(ErrorKind::NotFound).into());
    }
    let status = migrations::status_untouched(&copy)?;
    if let Some(version) = status.unknown.last() {
        return Err(Error::Newer(version.clone()));
    }
    let mut conn = connection::connect_untouched(&copy)?;
    block_on(look_through(&mut conn))
}

async fn look_through(conn: &mut Conn) -> Result<BTreeMap<String, u64>, Error> {
    let check = "SELECT integrity_check AS line FROM pragma_integrity_check";
    let lines: Vec<Line> = sql_query(check).load(conn).await?;
    if let Some(wrong) = lines.iter().find(|line| line.line != "ok") {
        return Err(Error::Copy(wrong.line.clone()));
    }
    let breaches: i64 = violations::table.count().get_result(conn).await?;
    if breaches > 0 {
        return Err(Error::Copy(format!("its ledger has {breaches} violations")));
    }
    count_rows(conn).await
}

/// Counts the rows of every table that this version of the schema has.
async fn count_rows(conn: &mut Conn) -> Result<BTreeMap<String, u64>, Error> {
    let named = "SELECT name AS line FROM sqlite_master WHERE type = 'table'";
    let there: Vec<Line> = sql_query(named).load(conn).await?;
    let mut counts = BTreeMap::new();
    for table in TABLES {
        if there.iter().any(|known| known.line == table) {
            let count = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
            let count: Line = sql_query(count).get_result(conn).await?;
            counts.insert(table.to_owned(), count.line.parse().unwrap_or_default());
        }
    }
    Ok(counts)
}

/// A file, or where one will be.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    _lock: ServeLock,
}

impl Place {
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock_serve(&Target::File(path.to_owned()))? })
    }

    pub(super) async fn is_empty(&self) -> bool {
        let path = self.path.clone();
        let empty = blocking(move || {
            if !path.exists() {
                return Ok(true);
            }
            if migrations::status(&path)?.applied.is_empty() {
                return Ok(fs::metadata(&path)?.len() == 0);
            }
            let mut conn = connection::connect(&path.to_string_lossy(), true)?;
            let rows = block_on(count_rows(&mut conn))?;
            // The houses' accounts are always there.
            Ok(rows.iter().all(|(table, rows)| *rows == 0 || table == "account"))
        });
        empty.await.unwrap_or(false)
    }

    pub(super) async fn put(&self, folder: &Path) -> Result<Before, Error> {
        let (path, copy) = (self.path.clone(), folder.join(FILE));
        blocking(move || {
            let arriving = beside(&path, "arriving");
            fs::copy(&copy, &arriving)?;
            File::open(&arriving)?.sync_all()?;
            let aside = keep_old(&path)?;
            // Notes of what was in hand speak of other rows.
            for notes in ["hand", "hand.old"] {
                remove(&beside(&path, notes))?;
            }
            // At every moment there is a whole database under this name: the old one, or the new one.
            fs::rename(&arriving, &path)?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
            migrations::up(&path)?;
            Ok(aside.map_or(Before::Nothing, Before::Kept))
        })
        .await
    }
}

/// Gives the file a second name, and moves away what SQLite keeps beside it. None: there is none.
fn keep_old(path: &Path) -> Result<Option<PathBuf>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    // What is still in the log goes into the file, where it can be read at all.
    let emptied = connection::connect(&path.to_string_lossy(), false)
        .and_then(|mut conn| Ok(block_on(conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)"))?));
    if let Err(error) = emptied {
        tracing::warn!(%error, "the database that is replaced cannot be read");
    }
    let mut names = (1..=u32::MAX).map(|n| beside(path, &format!("replaced-{n}")));
    let aside = names.find(|aside| !aside.exists());
    let aside = aside.ok_or_else(|| io::Error::from(ErrorKind::AlreadyExists))?;
    fs::hard_link(path, &aside)?;
    for ending in ["-wal", "-shm"] {
        let beside = with_ending(path, ending);
        if beside.exists() {
            fs::rename(beside, with_ending(&aside, ending))?;
        }
    }
    Ok(Some(aside))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
