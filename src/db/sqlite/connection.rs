//! Connections to the SQLite file.

use std::{error::Error as StdError, future::ready, path::Path};

use diesel::SqliteConnection;
use diesel_async::{
    AsyncConnection, SimpleAsyncConnection,
    sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper},
};
use futures::{FutureExt, future::BoxFuture};

use super::Conn;
use crate::db::Error;

/// What every connection begins with. FULL: an answered commit survives a power cut. The busy timeout
/// lets the command line write beside `serve`.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;";

/// Runs a statement at once, on the thread that polls it. A query body is polled only by threads that
/// may block (the writer's own, or a blocking thread for a read), so a whole batch of statements takes
/// no hop between threads at all.
#[derive(Debug, Clone, Copy)]
pub(in crate::db) struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn StdError + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// Opens a connection. Blocks.
pub(in crate::db) fn connect(path: &str, read_only: bool) -> Result<Conn, Error> {
    futures::executor::block_on(async {
        let mut conn = SyncConnectionWrapper::<SqliteConnection, Inline>::establish(path)
            .await
            .map_err(|error| Error::Open(error.to_string()))?;
        conn.batch_execute(PRAGMAS).await?;
        if read_only {
            conn.batch_execute("PRAGMA query_only = ON").await?;
        }
        Ok(conn)
    })
}

/// Opens a file that nobody changes any more, such as a copy: nothing is written, not even beside it.
pub(in crate::db) fn connect_untouched(path: &Path) -> Result<Conn, Error> {
    futures::executor::block_on(async {
        SyncConnectionWrapper::<SqliteConnection, Inline>::establish(&untouched(path))
            .await
            .map_err(|error| Error::Open(error.to_string()))
    })
}

/// The address by which SQLite opens a file without touching it.
pub(in crate::db) fn untouched(path: &Path) -> String {
    let mut url = String::from("file:");
    for letter in path.to_string_lossy().chars() {
        match letter {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3f"),
            '#' => url.push_str("%23"),
            letter => url.push(letter),
        }
    }
    url + "?mode=ro&immutable=1"
}
