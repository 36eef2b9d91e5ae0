//! The schema of a SQLite file. All of this blocks.

use std::{
    fs::{File, OpenOptions},
    path::Path,
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::connection::untouched;
use crate::db::{
    Error,
    migrations::{Status, down_on, known, status_of, up_on},
    target::beside,
};

const EMBEDDED: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The versions of this binary, oldest first.
pub(in crate::db) fn known_here() -> Result<Vec<String>, Error> {
    known::<Sqlite>(&EMBEDDED)
}

pub(in crate::db) fn status(path: &Path) -> Result<Status, Error> {
    if !path.exists() {
        return Ok(Status { pending: known_here()?, ..Status::default() });
    }
    status_of(&mut connect(path)?, &EMBEDDED)
}

/// Reads the status of a file that nobody changes any more, and touches nothing.
pub(in crate::db) fn status_untouched(path: &Path) -> Result<Status, Error> {
    let mut connection = SqliteConnection::establish(&untouched(path))
        .map_err(|error| Error::Open(error.to_string()))?;
    status_of(&mut connection, &EMBEDDED)
}

pub(in crate::db) fn up(path: &Path) -> Result<Vec<String>, Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let _lock = lock(path)?;
    up_on(&mut connect(path)?, EMBEDDED)
}

pub(in crate::db) fn down(path: &Path, to: &str) -> Result<Vec<String>, Error> {
    let _lock = lock(path)?;
    down_on(&mut connect(path)?, || EMBEDDED, to)
}

fn connect(path: &Path) -> Result<SqliteConnection, Error> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| Error::Open(error.to_string()))?;
    connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;")?;
    Ok(connection)
}

/// Waits for whoever changes the schema of the same file now; given back when dropped.
fn lock(path: &Path) -> Result<File, Error> {
    let file = beside(path, "migrate");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(file)?;
    file.lock()?;
    Ok(file)
}
