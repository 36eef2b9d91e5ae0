//! The schema's versions. They are part of the binary; an older binary refuses a newer schema.
//!
//! Both databases have the same versions, each with its way back. Two processes that change the schema at
//! once wait for each other.

use diesel::{
    backend::Backend,
    migration::{Migration, MigrationSource},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use super::{Error, Target, postgres, sqlite};

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
        self.check_unknown()?;
        match self.pending.first() {
            Some(version) => Err(Error::Behind(version.clone())),
            None => Ok(()),
        }
    }

    fn check_unknown(&self) -> Result<(), Error> {
        match self.unknown.last() {
            Some(version) => Err(Error::Newer(version.clone())),
            None => Ok(()),
        }
    }
}

/// Reads the status. A file that is not there has nothing applied, and is not made.
pub async fn status(target: &Target) -> Result<Status, Error> {
    run(target, sqlite::migrations::status, postgres::migrations::status).await
}

/// Brings the schema up to date; makes the file and its folder if they are absent. Returns what was
/// applied.
///
/// # Errors
/// [`Error::Newer`], and then nothing is done.
pub async fn up(target: &Target) -> Result<Vec<String>, Error> {
    run(target, sqlite::migrations::up, postgres::migrations::up).await
}

/// Brings a server's bare schema to just these versions, which this binary knows.
pub(super) async fn up_to(target: &Target, versions: &[String]) -> Result<(), Error> {
    let versions = versions.to_vec();
    run(target, |_| Ok(()), move |server| postgres::migrations::up_to(server, &versions)).await
}

/// Takes versions back until `to` is the newest that stands; `0` takes back all. Returns what was taken
/// back, newest first. Data in tables that go away is lost.
///
/// # Errors
/// [`Error::Newer`], [`Error::UnknownVersion`], and then nothing is done.
pub async fn down(target: &Target, to: &str) -> Result<Vec<String>, Error> {
    let (here, there) = (to.to_owned(), to.to_owned());
    run(
        target,
        move |path| sqlite::migrations::down(path, &here),
        move |server| postgres::migrations::down(server, &there),
    )
    .await
}

/// Migrations block: they run on a thread that may.
async fn run<R: Send + 'static>(
    target: &Target,
    on_file: impl FnOnce(&std::path::Path) -> Result<R, Error> + Send + 'static,
    on_server: impl FnOnce(&super::Server) -> Result<R, Error> + Send + 'static,
) -> Result<R, Error> {
    let target = target.clone();
    tokio::task::spawn_blocking(move || match &target {
        Target::File(path) => on_file(path),
        Target::Server(server) => on_server(server),
    })
    .await
    .map_err(Error::migration)?
}

/// The newest of these versions that this binary does not know. Both databases have the same.
///
/// # Errors
/// The binary's own versions cannot be read.
pub fn unknown_of(versions: &[String]) -> Result<Option<String>, Error> {
    let known = sqlite::migrations::known_here()?;
    Ok(versions.iter().rfind(|version| !known.contains(version)).cloned())
}

/// The versions of this binary, oldest first.
pub(super) fn known<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, Error> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(Error::migration)?;
    let mut versions: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

pub(super) fn status_of<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: &EmbeddedMigrations,
) -> Result<Status, Error> {
    let known = known::<DB>(source)?;
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

/// [`up`], while nobody else changes the schema.
pub(super) fn up_on<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: EmbeddedMigrations,
) -> Result<Vec<String>, Error> {
    let status = status_of(connection, &source)?;
    status.check_unknown()?;
    connection.run_pending_migrations(source).map_err(Error::migration)?;
    Ok(status.pending)
}

/// [`down`], while nobody else changes the schema.
pub(super) fn down_on<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: fn() -> EmbeddedMigrations,
    to: &str,
) -> Result<Vec<String>, Error> {
    let status = status_of(connection, &source())?;
    status.check_unknown()?;
    if to != "0" && !status.applied.iter().any(|version| version == to) {
        return Err(Error::UnknownVersion(to.to_owned()));
    }
    let mut reverted: Vec<String> =
        status.applied.into_iter().filter(|version| to == "0" || version.as_str() > to).collect();
    reverted.reverse();
    for _ in &reverted {
        connection.revert_last_migration(source()).map_err(Error::migration)?;
    }
    Ok(reverted)
}
