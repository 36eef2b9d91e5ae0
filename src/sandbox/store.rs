//! Where the stand-ins keep their things: JSON documents by space and key in one SQLite file.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection, prelude::*};
use serde::{Serialize, de::DeserializeOwned};

/// Why the stand-ins cannot keep their things.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the sandbox's own database: {0}")]
    Database(#[from] diesel::result::Error),
    #[error("the sandbox's own database cannot be opened: {0}")]
    Open(#[from] diesel::ConnectionError),
    #[error("the sandbox's folder: {0}")]
    Folder(#[from] std::io::Error),
    #[error("a stored document cannot be read: {0}")]
    Document(#[from] serde_json::Error),
}

/// Documents and blobs that survive `kill -9`. Calls block: a small read or commit takes well under a
/// millisecond, a file of megabytes belongs on a blocking thread.
pub struct Store {
    connection: Mutex<SqliteConnection>,
}

/// One write; several go into one transaction.
#[derive(Debug)]
pub enum Write {
    Put { space: &'static str, key: String, value: Vec<u8> },
    Delete { space: &'static str, key: String },
}

impl Write {
    /// Stores `document` as JSON, replacing what is there.
    pub fn put(
        space: &'static str,
        key: impl ToString,
        document: &impl Serialize,
    ) -> Result<Self, Error> {
        Ok(Self::Put { space, key: key.to_string(), value: serde_json::to_vec(document)? })
    }

    /// Stores bytes as they are.
    pub fn put_bytes(space: &'static str, key: impl ToString, value: Vec<u8>) -> Self {
        Self::Put { space, key: key.to_string(), value }
    }

    /// Deletes a document; absent is fine.
    pub fn delete(space: &'static str, key: impl ToString) -> Self {
        Self::Delete { space, key: key.to_string() }
    }
}

diesel::table! {
    documents (space, key) {
        space -> Text,
        key -> Text,
        value -> Binary,
    }
}

impl Store {
    /// Opens or makes `sandbox.db` in `dir`, which is made if it is absent.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join("sandbox.db");
        let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
        // NORMAL: a process that is killed loses nothing; only a power cut may cost the last writes.
        connection.batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA wal_autocheckpoint = 4000;
             CREATE TABLE IF NOT EXISTS documents (
               space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
               PRIMARY KEY (space, key)
             ) WITHOUT ROWID;",
        )?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Commits all writes in one transaction, or none of them. Nothing to write is fine.
    pub fn commit(&self, writes: Vec<Write>) -> Result<(), Error> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.transaction(|connection| {
            for write in &writes {
                match write {
                    Write::Put { space, key, value } => {
                        diesel::replace_into(documents::table)
                            .values((
                                documents::space.eq(*space),
                                documents::key.eq(key),
                                documents::value.eq(value),
                            ))
                            .execute(connection)?;
                    }
                    Write::Delete { space, key } => {
                        diesel::delete(documents::table.find((*space, key))).execute(connection)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// All documents of a space, by key in byte order.
    pub fn load<T: DeserializeOwned>(
        &self,
        space: &'static str,
    ) -> Result<Vec<(String, T)>, Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let rows: Vec<(String, Vec<u8>)> = documents::table
            .filter(documents::space.eq(space))
            .order(documents::key)
            .select((documents::key, documents::value))
            .load(&mut *connection)?;
        drop(connection);
        rows.into_iter().map(|(key, value)| Ok((key, serde_json::from_slice(&value)?))).collect()
    }

    /// The bytes under a key, if any.
    pub fn bytes(&self, space: &'static str, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(documents::table
            .find((space, key))
            .select(documents::value)
            .first(&mut *connection)
            .optional()?)
    }

    /// The document under a key, if any.
    pub fn document<T: DeserializeOwned>(
        &self,
        space: &'static str,
        key: &str,
    ) -> Result<Option<T>, Error> {
        self.bytes(space, key)?.map(|value| Ok(serde_json::from_slice(&value)?)).transpose()
    }
}
