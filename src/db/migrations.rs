//! The schema's versions. They are part of the binary; an older binary refuses a newer schema.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use diesel::{
    Connection, SqliteConnection,
    connection::SimpleConnection,
    migration::{Migration, MigrationSource},
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Error;

const EMBEDDED: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// How a database's schema stands against this binary.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Versions in the database, oldest first.
    pub applied: Vec<String>,
    /// Versions that this binary would add, oldest first.
    pub pending: Vec<String>,
    /// Versions in the database that this binary does not know.
    pub unknown: Vec<String>,
}

impl Status {
    /// # Errors
    /// [`Error::Newer`], [`Error::Behind`].
    pub fn check(&self) -> Result<(), Error> {
        if let Some(version) = self.unknown.last() {
            return Err(Error::Newer(version.clone()));
        }
        match self.pending.first() {
            Some(version) => Err(Error::Behind(version.clone())),
            None => Ok(()),
        }
    }
}

/// Reads the status. A file that is not there has nothing applied, and is not made. Blocks.
pub fn status(path: &Path) -> Result<Status, Error> {
    if !path.exists() {
        return Ok(Status { pending: known()?, ..Status::default() });
    }
    status_of(&mut connect(path)?)
}

/// Reads the status of a file that nobody changes any more, and touches nothing. Blocks.
pub(super) fn status_untouched(path: &Path) -> Result<Status, Error> {
    let mut connection = SqliteConnection::establish(&super::connection::untouched(path))
        .map_err(|error| Error::Open(error.to_string()))?;
    status_of(&mut connection)
}

/// Brings the schema up to date and makes the file and its folder if they are absent. Two at once wait
/// for each other. Blocks. Returns what was applied.
///
/// # Errors
/// [`Error::Newer`], and then nothing is done.
pub fn up(path: &Path) -> Result<Vec<String>, Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let _lock = lock(path)?;
    let mut connection = connect(path)?;
    let status = status_of(&mut connection)?;
    if let Some(version) = status.unknown.last() {
        return Err(Error::Newer(version.clone()));
    }
    connection.run_pending_migrations(EMBEDDED).map_err(Error::migration)?;
    Ok(status.pending)
}

/// Takes versions back until `to` is the newest that stands; `0` takes back all. Blocks. Returns what
/// was taken back, newest first. Data in tables that go away is lost.
///
/// # Errors
/// [`Error::Newer`], [`Error::UnknownVersion`], and then nothing is done.
pub fn down(path: &Path, to: &str) -> Result<Vec<String>, Error> {
    let _lock = lock(path)?;
    let mut connection = connect(path)?;
    let status = status_of(&mut connection)?;
    if let Some(version) = status.unknown.last() {
        return Err(Error::Newer(version.clone()));
    }
    if to != "0" && !status.applied.iter().any(|version| version == to) {
        return Err(Error::UnknownVersion(to.to_owned()));
    }
    let mut reverted: Vec<String> =
        status.applied.into_iter().filter(|version| to == "0" || version.as_str() > to).collect();
    reverted.reverse();
    for _ in &reverted {
        connection.revert_last_migration(EMBEDDED).map_err(Error::migration)?;
    }
    Ok(reverted)
}

fn connect(path: &Path) -> Result<SqliteConnection, Error> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| Error::Open(error.to_string()))?;
    connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;")?;
    Ok(connection)
}

/// The newest of these versions that this binary does not know.
///
/// # Errors
/// The binary's own versions cannot be read.
pub fn unknown_of(versions: &[String]) -> Result<Option<String>, Error> {
    let known = known()?;
    Ok(versions.iter().rfind(|version| !known.contains(version)).cloned())
}

fn known() -> Result<Vec<String>, Error> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> =
        EMBEDDED.migrations().map_err(Error::migration)?;
    let mut versions: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

fn status_of(connection: &mut SqliteConnection) -> Result<Status, Error> {
    let known = known()?;
    let mut applied: Vec<String> = connection
        .applied_migrations()
        .map_err(Error::migration)?
        .into_iter()
        .map(|version| version.to_string())
        .collect();
    applied.sort();
    let pending = known.iter().filter(|version| !applied.contains(version)).cloned().collect();
    let unknown = applied.iter().filter(|version| !known.contains(version)).cloned().collect();
    Ok(Status { applied, pending, unknown })
}

/// Waits for whoever changes the schema of the same file now; given back when dropped.
fn lock(path: &Path) -> Result<File, Error> {
    let file = beside(path, "migrate");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(file)?;
    file.lock()?;
    Ok(file)
}

/// The file `{path}.{what}`.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}
