//! Copies of a whole database, made while others write, and put in the place of one.
//!
//! A copy is one or more files in a folder, named by [`Copied::files`]; what they are is the backend's
//! own business, and [`Copied::backend`] says which one reads them:
//!
//! - `sqlite`: `aisha.db`, the file itself as one read transaction saw it.
//! - `rows`, of PostgreSQL: `{table}.rows`, a line with the names of the columns, then a row a line as
//!   `COPY` writes them; all tables as one `REPEATABLE READ READ ONLY` transaction saw them. Put back by
//!   one transaction too, in the order of `TABLES`, which is that of the foreign keys.

mod rows;
mod sqlite;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Database, Error, Target, migrations};

/// The versions that brought tables.
const FIRST: &str = "20261120000000";
const OPERATORS: &str = "20261127000000";
const DASHBOARD: &str = "20261127000002";
const UPKEEP: &str = "20261127000013";
const FORGET: &str = "20261128000001";
const INCIDENTS: &str = "20261127000004";
const PROPOSALS: &str = "20261128000003";

/// All tables in an order in which they can be filled, each with the version that brought it.
const TABLES: [(&str, &str); 25] = [
    ("person", FIRST),
    ("conversation", FIRST),
    ("inbox", FIRST),
    ("generation", FIRST),
    ("failure", FIRST),
    ("picture", FIRST),
    ("broadcast", DASHBOARD),
    ("outbox", FIRST),
    ("account", FIRST),
    ("entry", FIRST),
    ("sample", DASHBOARD),
    ("bucket_count", DASHBOARD),
    ("ledger_check", DASHBOARD),
    ("model_override", DASHBOARD),
    ("switch", DASHBOARD),
    ("upkeep", UPKEEP),
    ("incident", INCIDENTS),
    ("proposal", PROPOSALS),
    ("operator", OPERATORS),
    ("admin_session", OPERATORS),
    ("login_failure", OPERATORS),
    ("login_link", OPERATORS),
    ("audit", OPERATORS),
    ("audit_head", OPERATORS),
    ("forgetting", FORGET),
];

/// The tables of a schema with these versions.
fn tables_of(schema: &[String]) -> Vec<&'static str> {
    let has = |since: &str| schema.iter().any(|version| version == since);
    TABLES.into_iter().filter(|(_, since)| has(since)).map(|(table, _)| table).collect()
}

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
        match &*self.target {
            Target::File(path) => {
                let (path, folder) = (path.clone(), folder.to_owned());
                blocking(move || sqlite::copy(&path, &folder)).await
            }
            Target::Server(server) => rows::copy(server, folder).await,
        }
    }
}

/// Reads a copy through: whether it is whole, of a schema that this binary knows, and, where that can be
/// seen without a database, right in its books. Returns the rows that it really has.
///
/// # Errors
/// It is not; [`Error::Newer`] where only a newer binary can tell.
pub async fn check_copy(folder: &Path, copied: &Copied) -> Result<BTreeMap<String, u64>, Error> {
    if let Some(version) = migrations::unknown_of(&copied.schema)? {
        return Err(Error::Newer(version));
    }
    let (folder, tables) = (folder.to_owned(), tables_of(&copied.schema));
    match copied.backend.as_str() {
        sqlite::BACKEND => blocking(move || sqlite::check(&folder)).await,
        rows::BACKEND => blocking(move || rows::check(&folder, &tables)).await,
        other => Err(Error::Backend(other.to_owned())),
    }
}

/// Whether such a copy can be put into such a database. Touches nothing.
///
/// # Errors
/// [`Error::Backend`]
pub fn check_kind(target: &Target, copied: &Copied) -> Result<(), Error> {
    let (own, called) = match target {
        Target::File(_) => (sqlite::BACKEND, "SQLite"),
        Target::Server(_) => (rows::BACKEND, "PostgreSQL"),
    };
    if copied.backend == own {
        return Ok(());
    }
    let it = match copied.backend.as_str() {
        sqlite::BACKEND => "SQLite",
        rows::BACKEND => "PostgreSQL",
        other => other,
    };
    Err(Error::Backend(format!("it is of {it}, and DATABASE_URL names {called}")))
}

/// What was in the place of a copy before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing that anybody would miss.
    Nothing,
    /// A file, which is kept under this name.
    Kept(PathBuf),
    /// Rows, which are gone.
    Gone,
}

/// The place that a copy is put in. While this is held no `serve` begins there.
#[derive(Debug)]
pub struct Place(At);

#[derive(Debug)]
enum At {
    File(sqlite::Place),
    Server(Box<rows::Place>),
}

impl Place {
    /// Takes hold of a database: of a file whether it is there or not, on a server it has to be.
    ///
    /// # Errors
    /// [`Error::Served`] while `serve` runs on it.
    pub async fn take(target: &Target) -> Result<Self, Error> {
        Ok(Self(match target {
            Target::File(path) => At::File(sqlite::Place::take(path)?),
            Target::Server(server) => At::Server(Box::new(rows::Place::take(server).await?)),
        }))
    }

    /// Whether there is anything that putting a copy here would replace. What cannot be read counts.
    pub async fn is_empty(&self) -> bool {
        match &self.0 {
            At::File(place) => place.is_empty().await,
            At::Server(place) => place.is_empty().await,
        }
    }

    /// Puts a checked copy of the right kind here and brings its schema up to date.
    ///
    /// # Errors
    /// It cannot be written, or is not right after all; what was here before then stays, or stands
    /// beside.
    pub async fn put(&self, folder: &Path, copied: &Copied) -> Result<Before, Error> {
        match &self.0 {
            At::File(place) => place.put(folder).await,
            At::Server(place) => place.put(folder, copied).await,
        }
    }
}

/// Runs what blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Open(error.to_string()))?
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
