//! SQLite: one file, one process that serves it.

pub(in crate::db) mod connection;
pub(in crate::db) mod intake;
pub(in crate::db) mod migrations;
pub(in crate::db) mod part;
#[path = "queries/bodies.rs"]
pub(in crate::db) mod queries;
mod reader;
mod writer;

use std::path::Path;

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;

use self::{connection::Inline, reader::Readers, writer::Writer};
use super::Error;

/// What every query body runs on. It never leaves the thread that polls it ([`Inline`]).
pub(in crate::db) type Conn = SyncConnectionWrapper<SqliteConnection, Inline>;

/// The dialect of [`Conn`].
pub(in crate::db) type Db = diesel::sqlite::Sqlite;

/// Asks for the version of the library.
const VERSION: &str = "SELECT sqlite_version() AS version";

/// A moment as microseconds since the Unix epoch, in SQL.
fn micros(column: &str) -> String {
    format!("({column})")
}

/// The connections to one file.
#[derive(Clone)]
pub(in crate::db) struct Sqlite {
    pub(in crate::db) writer: Writer,
    pub(in crate::db) readers: Readers,
}

impl Sqlite {
    /// Opens the file. Blocks for a few milliseconds.
    pub(in crate::db) fn open(path: &Path) -> Result<Self, Error> {
        let name = path.to_string_lossy().into_owned();
        Ok(Self { writer: Writer::start(name.clone())?, readers: Readers::open(&name)? })
    }
}
