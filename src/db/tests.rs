//! Tests of the adapter. [`contract`] is what every store must do; the rest is about this one.

mod adapter;
mod contract;
mod deaths;
mod migrating;
mod model;
mod plans;
mod reporting;
mod rows;
mod schema;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use aisha_actors::{
    domain::time::Timestamp,
    port::{Clock, Store},
};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tempfile::TempDir;

use super::{Database, migrations};

/// A clock that stands still until it is set.
struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// A database in a folder that goes away with it.
struct Fresh {
    db: Database,
    clock: Arc<StoppedClock>,
    dir: TempDir,
}

impl Fresh {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(StoppedClock(AtomicI64::new(contract::NOW.0)));
        migrations::up(&dir.path().join("aisha.db")).unwrap();
        let db = open(&dir, &clock);
        Self { db, clock, dir }
    }

    /// Opens the same file once more, as another process would.
    fn again(&self) -> Database {
        open(&self.dir, &self.clock)
    }

    /// Changes the file behind the adapter's back.
    fn tamper(&self, sql: &str) -> Result<(), String> {
        let path = self.dir.path().join("aisha.db");
        let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON").unwrap();
        connection.batch_execute(sql).map_err(|error| error.to_string())
    }
}

fn open(dir: &TempDir, clock: &Arc<StoppedClock>) -> Database {
    let path = dir.path().join("aisha.db");
    Database::open(&path.to_string_lossy(), clock.clone()).unwrap()
}

/// Makes stores for the contract; their folders live as long as this.
#[derive(Default)]
struct Stores(Mutex<Vec<Fresh>>);

impl Stores {
    async fn make(&self) -> Arc<dyn Store> {
        let fresh = Fresh::new();
        let store = Arc::new(fresh.db.clone());
        self.0.lock().unwrap().push(fresh);
        store
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract_of_a_store() {
    let stores = Stores::default();
    contract::store_contract(async || stores.make().await).await;
}
