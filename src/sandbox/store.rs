//! Where the stand-ins keep their things: JSON documents by space and key in one SQLite file.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Binary, Text},
};
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

/// Documents and blobs that survive `kill -9`. Reads are expected once, at the start.
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

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Binary)]
    value: Vec<u8>,
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
             CREATE TABLE IF NOT EXISTS documents (
               space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
               PRIMARY KEY (space, key)
             ) WITHOUT ROWID;",
        )?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Commits all writes in one transaction, or none of them.
    pub fn commit(&self, writes: Vec<Write>) -> Result<(), Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.transaction(|connection| {
            for write in &writes {
                match write {
                    Write::Put { space, key, value } => {
                        sql_query(
                            "INSERT OR REPLACE INTO documents (space, key, value) VALUES (?, ?, ?)",
                        )
                        .bind::<Text, _>(space)
                        .bind::<Text, _>(key)
                        .bind::<Binary, _>(value)
                        .execute(connection)?;
                    }
                    Write::Delete { space, key } => {
                        sql_query("DELETE FROM documents WHERE space = ? AND key = ?")
                            .bind::<Text, _>(space)
                            .bind::<Text, _>(key)
                            .execute(connection)?;
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
        self.rows("SELECT key, value FROM documents WHERE space = ? ORDER BY key", space, "")?
            .into_iter()
            .map(|row| Ok((row.key, serde_json::from_slice(&row.value)?)))
            .collect()
    }

    /// The bytes under a key, if any.
    pub fn bytes(&self, space: &'static str, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let rows =
            self.rows("SELECT key, value FROM documents WHERE space = ? AND key = ?", space, key)?;
        Ok(rows.into_iter().next().map(|row| row.value))
    }

    fn rows(&self, query: &str, space: &str, key: &str) -> Result<Vec<Row>, Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let query = sql_query(query).into_boxed().bind::<Text, _>(space);
        let query = if key.is_empty() { query } else { query.bind::<Text, _>(key) };
        Ok(query.load(&mut *connection)?)
    }
}
