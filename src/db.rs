//! The database: implements `port::{Inbox, Outbox, Records}` on SQLite.
//!
//! - One thread owns the one connection that writes, and takes all requests that wait into one
//!   transaction ([`writer`]). A refused member of it never hurts the others.
//! - A few read-only connections serve the reads ([`reader`]).
//! - A query body is an `async fn` over [`Conn`] in portable SQL, so that another backend can share it.
//!   On SQLite it never leaves the thread that polls it ([`connection::Inline`]).
//! - One row by its key is read with `get_result`. diesel's `first` binds a LIMIT, and SQLite looks at a
//!   bound LIMIT when it plans: it would parse the statement anew each time.

pub mod backup;
mod commit;
mod connection;
mod error;
mod gallery;
mod generations;
mod hand;
mod inbox;
mod ledger;
pub mod migrations;
mod outbox;
mod people;
mod pictures;
mod reader;
mod records;
pub mod reports;
mod row;
mod schema;
mod sweep;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use aisha_actors::port::Clock;
use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;

pub use self::error::Error;
use self::{connection::Inline, error::Fault, hand::Hand, reader::Readers, writer::Writer};

/// What every query body runs on.
type Conn = SyncConnectionWrapper<SqliteConnection, Inline>;

/// What a query body gives.
type Outcome<T> = Result<T, Fault>;

/// How many failures set an item aside.
const FAILURES_MAX: i32 = 3;

/// How many deaths of the process set an item aside that was in hand.
const DEATHS_MAX: i32 = 2;

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    writer: Writer,
    readers: Readers,
    hand: Arc<Hand>,
    clock: Arc<dyn Clock>,
    path: Arc<PathBuf>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Held by the one `serve` of a database. Given back when dropped, and when the process dies.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl Database {
    /// Opens the file at `path`; `sqlite:PATH` is understood too. Blocks for a few milliseconds.
    ///
    /// # Errors
    /// [`Error::Behind`] when `migrations::up` is due (also where there is no file),
    /// [`Error::Newer`] when the schema is of a newer binary.
    pub fn open(path: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let path = file_of(path);
        migrations::status(&path)?.check()?;
        let name = path.to_string_lossy().into_owned();
        Ok(Self {
            writer: Writer::start(name.clone())?,
            readers: Readers::open(&name)?,
            hand: Arc::new(Hand::open(migrations::beside(&path, "hand"))?),
            clock,
            path: Arc::new(path),
        })
    }

    /// Makes sure that only one `serve` runs on this database.
    ///
    /// # Errors
    /// [`Error::Served`] when another process, or another part of this one, has it.
    pub fn lock_serve(&self) -> Result<ServeLock, Error> {
        lock_serve(&self.path)
    }

    /// Says that `serve` stops on purpose: what it still has in hand did not kill it. Waits for the
    /// writes that were asked for before, then lets the next `serve` in.
    pub async fn stop(&self, lock: ServeLock) {
        self.writer.drain().await;
        self.hand.forget();
        drop(lock);
    }
}

/// The lock of [`Database::lock_serve`], also where there is no database yet.
fn lock_serve(path: &Path) -> Result<ServeLock, Error> {
    let name = migrations::beside(path, "lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(name)?;
    match file.try_lock() {
        Ok(()) => Ok(ServeLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Error::Served),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The file that a database URL names.
pub fn file_of(url: &str) -> PathBuf {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    Path::new(path.strip_prefix("//").unwrap_or(path)).to_owned()
}
