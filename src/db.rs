//! The database: implements `port::{Inbox, Outbox, Records}` on SQLite and on PostgreSQL.
//!
//! - One connection writes, and takes all requests that wait into one transaction ([`request`] says what
//!   is asked of it, each backend has its `writer`). A refused member of it never hurts the others.
//! - A few read-only connections serve the reads (`reader`).
//! - A query body is an `async fn` over the `Conn` of its backend, in SQL that both understand. It stands
//!   once, in `queries/`, and is compiled once per backend: [`sqlite`] and [`postgres`] both mount it.
//! - One row by its key is read with `get_result`. diesel's `first` binds a LIMIT, and SQLite looks at a
//!   bound LIMIT when it plans: it would parse the statement anew each time.

/// Runs a body on a reader of whichever backend it is: `on_reader!(db, conn => queries::…(conn, …).await)`.
macro_rules! on_reader {
    ($db:expr, $conn:ident => $body:expr) => {
        match &$db.backend {
            $crate::db::Backend::Sqlite(backend) => {
                use $crate::db::sqlite::queries;
                backend.readers.read(move |$conn| Box::pin(async move { $body })).await
            }
            $crate::db::Backend::Postgres(backend) => {
                use $crate::db::postgres::queries;
                backend.readers.read(move |$conn| Box::pin(async move { $body })).await
            }
        }
    };
}

/// The same for what reads everything and takes the time it takes: no limit of the settings ends it.
macro_rules! on_patient_reader {
    ($db:expr, $conn:ident => $body:expr) => {
        match &$db.backend {
            $crate::db::Backend::Sqlite(backend) => {
                use $crate::db::sqlite::queries;
                backend.readers.read_patiently(move |$conn| Box::pin(async move { $body })).await
            }
            $crate::db::Backend::Postgres(backend) => {
                use $crate::db::postgres::queries;
                backend.readers.read_patiently(move |$conn| Box::pin(async move { $body })).await
            }
        }
    };
}

/// Runs a body in the next transaction of the writer, and returns after its COMMIT.
macro_rules! on_writer {
    ($db:expr, $shape:expr, $conn:ident => $body:expr) => {
        match &$db.backend {
            $crate::db::Backend::Sqlite(backend) => {
                use $crate::db::sqlite::queries;
                backend.writer.write($shape, move |$conn| Box::pin(async move { $body })).await
            }
            $crate::db::Backend::Postgres(backend) => {
                use $crate::db::postgres::queries;
                backend.writer.write($shape, move |$conn| Box::pin(async move { $body })).await
            }
        }
    };
}

pub mod audit;
pub mod backup;
mod by_hand;
mod cached;
pub mod census;
mod error;
mod fence;
pub mod forget;
mod hand;
pub mod incidents;
pub mod migrations;
pub mod nodes;
pub mod operators;
mod postgres;
mod records;
pub mod reports;
mod request;
mod row;
mod schema;
mod sqlite;
mod sweep;
mod target;
#[cfg(test)]
pub(crate) mod tests;
mod types;

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    sync::Arc,
};

use aisha_actors::port::Clock;

pub use self::{
    error::Error,
    target::{Limits, Server, Target},
};
use self::{error::Fault, fence::Fence, hand::Hand};

/// What a query body gives.
type Outcome<T> = Result<T, Fault>;

/// How many failures set an item aside.
const FAILURES_MAX: i32 = aisha_actors::ATTEMPTS_MAX as i32;

/// How many deaths of the process set an item aside that was in hand alone.
const DEATHS_MAX: i32 = aisha_actors::DEATHS_MAX as i32;

/// The attempts of a storage job that the operator gave up.
const GIVEN_UP: i32 = 255;

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    backend: Backend,
    fence: Fence,
    hand: Arc<Hand>,
    clock: Arc<dyn Clock>,
    target: Arc<Target>,
}

/// The connections, by what they lead to.
#[derive(Clone)]
enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(Arc<postgres::Postgres>),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("target", &self.target).finish_non_exhaustive()
    }
}

/// Held by the one `serve` of a SQLite file, and by each node of a server for the folder that it keeps its
/// notes in. Given back when dropped, and when the process dies.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl Database {
    /// Opens a database whose schema is up to date.
    ///
    /// # Errors
    /// [`Error::Behind`] when `migrations::up` is due (also where there is no file),
    /// [`Error::Newer`] when the schema is of a newer binary.
    pub async fn open(target: &Target, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        migrations::status(target).await?.check()?;
        let fence = Fence::default();
        let backend = match target {
            Target::File(path) => Backend::Sqlite(sqlite::Sqlite::open(path)?),
            Target::Server(server) => {
                std::fs::create_dir_all(&server.folder)?;
                let server = postgres::Postgres::open(server, fence.clone()).await?;
                Backend::Postgres(Arc::new(server))
            }
        };
        let hand = Arc::new(Hand::open(target.notes())?);
        Ok(Self { backend, fence, hand, clock, target: Arc::new(target.clone()) })
    }

    /// Makes sure that only one `serve` runs on this file; on a server, that only one runs in this folder.
    ///
    /// # Errors
    /// [`Error::Served`] when another process, or another part of this one, has it.
    pub fn lock_serve(&self) -> Result<ServeLock, Error> {
        lock_serve(&self.target)
    }

    /// Says that `serve` stops on purpose: what it still has in hand did not kill it. Waits for the
    /// writes that were asked for before, then lets the next `serve` in.
    pub async fn stop(&self, lock: ServeLock) {
        self.flush().await;
        self.hand.forget();
        drop(lock);
    }

    /// Waits until the writes that were asked for before are done, or refused.
    pub async fn flush(&self) {
        match &self.backend {
            Backend::Sqlite(backend) => backend.writer.drain().await,
            Backend::Postgres(backend) => backend.writer.drain().await,
        }
    }
}

/// The lock of [`Database::lock_serve`]; the database need not be there yet.
fn lock_serve(target: &Target) -> Result<ServeLock, Error> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(target.lock())?;
    match file.try_lock() {
        Ok(()) => Ok(ServeLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Error::Served),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
