//! SQLite: one file, one process that serves it.

pub(in crate::db) mod connection;
pub(in crate::db) mod intake;
pub(in crate::db) mod migrations;
pub(in crate::db) mod part;
#[path = "queries/bodies.rs"]
pub(in crate::db) mod queries;
mod reader;
mod writer;

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;

use self::{connection::Inline, reader::Readers, writer::Writer};
use super::{Error, target::beside};

/// What every query body runs on. It never leaves the thread that polls it ([`Inline`]).
pub(in crate::db) type Conn = SyncConnectionWrapper<SqliteConnection, Inline>;

/// The dialect of [`Conn`].
pub(in crate::db) type Db = diesel::sqlite::Sqlite;

/// Asks for the version of the library.
const VERSION: &str = "SELECT sqlite_version() AS version";

/// The connections to one file.
#[derive(Clone)]
pub(in crate::db) struct Sqlite {
    pub(in crate::db) writer: Writer,
    pub(in crate::db) readers: Readers,
    path: Arc<PathBuf>,
}

/// Locks the file `{path}.lock` until what it gives is dropped, or the process dies. The database need
/// not be there yet.
pub(in crate::db) fn lock_serve(path: &Path) -> Result<File, Error> {
    let name = beside(path, "lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Served),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

impl Sqlite {
    /// Opens the file. Blocks for a few milliseconds.
    pub(in crate::db) fn open(path: &Path) -> Result<Self, Error> {
        let name = path.to_string_lossy().into_owned();
        Ok(Self {
            writer: Writer::start(name.clone())?,
            readers: Readers::open(&name)?,
            path: Arc::new(path.to_owned()),
        })
    }

    pub(in crate::db) fn lock_serve(&self) -> Result<File, Error> {
        lock_serve(&self.path)
    }
}
