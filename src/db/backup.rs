//! Copies of a whole database, made while others write, and put in the place of one.
//!
//! A copy is one or more files in a folder, named by [`Copied::files`]; what they are is the backend's
//! own business, and [`Copied::backend`] says which one reads them:
//!
//! - `sqlite`: `aisha.db`, the file itself as one read transaction saw it.
//! - `rows` (for PostgreSQL): `{table}.jsonl`, one row a line in the order of the key, all read in one
//!   `REPEATABLE READ READ ONLY` transaction. Put back in the order of [`TABLES`], which is that of the
//!   foreign keys; accounts are opened with counters at zero, for the entries' triggers count anew.
//!
//! Whoever adds a backend answers in [`Database::copy_into`], [`check_copy`] and [`Target`].

mod sqlite;

use std::{collections::BTreeMap, path::Path};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

pub use self::sqlite::Target;
use super::{
    Conn, Database, Error,
    schema::{
        account, conversation, entry, failure, generation, inbox, outbox, person, picture,
        violations,
    },
};

/// All tables, in an order in which they can be filled.
pub const TABLES: [&str; 9] = [
    "person",
    "conversation",
    "inbox",
    "generation",
    "failure",
    "picture",
    "outbox",
    "account",
    "entry",
];

/// What a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Who can read it.
    pub backend: String,
    /// The versions of its schema, oldest first.
    pub schema: Vec<String>,
    /// Rows of each table, as the copy has them.
    pub rows: BTreeMap<String, u64>,
    /// Names of its files in the folder.
    pub files: Vec<String>,
}

impl Database {
    /// Writes a consistent copy of everything into a folder that is there, while others go on writing,
    /// and makes it durable. What is committed later is not in it.
    ///
    /// # Errors
    /// The folder cannot be written, or has such files already; what is in it then is no copy.
    pub async fn copy_into(&self, folder: &Path) -> Result<Copied, Error> {
        let (path, folder) = (self.path.clone(), folder.to_owned());
        blocking(move || sqlite::copy(&path, &folder)).await
    }
}

/// Reads a copy through: whether it is whole, of a schema that this binary knows, and right in its
/// books. Returns the rows that it really has.
///
/// # Errors
/// It is not; [`Error::Newer`] where only a newer binary can tell.
pub async fn check_copy(folder: &Path, copied: &Copied) -> Result<BTreeMap<String, u64>, Error> {
    if copied.backend != sqlite::BACKEND {
        return Err(Error::Backend(copied.backend.clone()));
    }
    let folder = folder.to_owned();
    blocking(move || sqlite::check(&folder)).await
}

/// Runs what blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Open(error.to_string()))?
}

/// Counts the rows of every table.
async fn count_rows(conn: &mut Conn) -> Result<BTreeMap<String, u64>, Error> {
    let counts: [i64; 9] = [
        person::table.count().get_result(conn).await?,
        conversation::table.count().get_result(conn).await?,
        inbox::table.count().get_result(conn).await?,
        generation::table.count().get_result(conn).await?,
        failure::table.count().get_result(conn).await?,
        picture::table.count().get_result(conn).await?,
        outbox::table.count().get_result(conn).await?,
        account::table.count().get_result(conn).await?,
        entry::table.count().get_result(conn).await?,
    ];
    let named = TABLES.iter().zip(counts);
    Ok(named.map(|(table, count)| ((*table).to_owned(), count.unsigned_abs())).collect())
}

/// How many breaches the books have.
async fn count_breaches(conn: &mut Conn) -> Result<i64, Error> {
    Ok(violations::table.count().get_result(conn).await?)
}
