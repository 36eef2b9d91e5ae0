//! Tests of the adapter. [`contract`] is what every store must do; the rest is about this one.

/// Runs each test once per database, under a name that says which.
macro_rules! on_each {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::db::tests::On::Sqlite).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::db::tests::On::Postgres).await;
            })+
        }
    };
}

mod adapter;
mod by_hand;
mod census;
pub(crate) mod contract;
mod dashboard;
mod deaths;
mod forgetting;
mod incidents;
mod migrating;
mod model;
mod nodes;
mod operating;
mod operators;
#[path = "../../tests/support/postgres.rs"]
pub(crate) mod own;
mod plans;
mod proposals;
mod reporting;
mod rows;
mod schema;
mod server;
mod tls;
mod upkeep;

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

use super::{Database, Limits, Server, Target, migrations};
use own::OwnDatabase;

/// A clock that stands still until it is set.
struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Sqlite,
    Postgres,
}

impl OwnDatabase {
    /// Runs statements behind the program's back.
    pub(crate) async fn tamper(&self, sql: &str) -> Result<(), String> {
        let client = own::connect(&self.url()).await;
        client.batch_execute(sql).await.map_err(|error| match error.as_db_error() {
            Some(error) => format!("{}: {}", error.code().code(), error.message()),
            None => error.to_string(),
        })
    }

    /// The first column of every row, as text.
    pub(crate) async fn read(&self, sql: &str) -> Vec<String> {
        self.read_after("", sql).await
    }

    /// The same after other statements of the same session.
    pub(crate) async fn read_after(&self, before: &str, sql: &str) -> Vec<String> {
        let client = own::connect(&self.url()).await;
        client.batch_execute(before).await.expect("what comes before");
        let rows = client.query(sql, &[]).await.expect("a query");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// An empty database of a test's own, gone with this, and a folder.
struct Place {
    target: Target,
    own: Option<OwnDatabase>,
    _dir: TempDir,
}

impl Place {
    async fn make(on: On) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let own = match on {
            On::Sqlite => None,
            On::Postgres => Some(OwnDatabase::make().await),
        };
        let target = match &own {
            None => Target::File(dir.path().join("deep/er/aisha.db")),
            Some(own) => Target::Server(Server {
                url: own.url(),
                folder: dir.path().to_owned(),
                limits: Limits::default(),
            }),
        };
        Self { target, own, _dir: dir }
    }

    /// Changes the database behind the adapter's back.
    async fn tamper(&self, sql: &str) -> Result<(), String> {
        let Target::File(path) = &self.target else {
            return self.own.as_ref().unwrap().tamper(sql).await;
        };
        let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON").unwrap();
        connection.batch_execute(sql).map_err(|error| error.to_string())
    }

    /// The path of the file, where it is one.
    fn file(&self) -> String {
        match &self.target {
            Target::File(path) => path.to_string_lossy().into_owned(),
            Target::Server(_) => panic!("no file"),
        }
    }
}

/// An open database of a test's own.
struct Fresh {
    db: Database,
    clock: Arc<StoppedClock>,
    place: Place,
}

impl Fresh {
    async fn new(on: On) -> Self {
        let place = Place::make(on).await;
        let clock = Arc::new(StoppedClock(AtomicI64::new(contract::NOW.0)));
        migrations::up(&place.target).await.unwrap();
        let db = Database::open(&place.target, clock.clone()).await.unwrap();
        Self { db, clock, place }
    }

    /// The same place with nothing in it: quicker than another one.
    async fn anew(self) -> Self {
        let Self { db, clock, place } = self;
        drop(db);
        migrations::down(&place.target, "0").await.unwrap();
        migrations::up(&place.target).await.unwrap();
        let db = Database::open(&place.target, clock.clone()).await.unwrap();
        Self { db, clock, place }
    }

    /// Opens the same database once more, as another process would.
    async fn again(&self) -> Database {
        Database::open(&self.place.target, self.clock.clone()).await.unwrap()
    }

    /// Sets the clock.
    fn set(&self, now: Timestamp) {
        self.clock.0.store(now.0, Ordering::Relaxed);
    }

    /// Changes the database behind the adapter's back.
    async fn tamper(&self, sql: &str) -> Result<(), String> {
        self.place.tamper(sql).await
    }
}

/// Makes stores for the contract; what they stand on lives as long as this.
struct Stores(On, Mutex<Vec<Fresh>>);

impl Stores {
    async fn make(&self) -> Arc<dyn Store> {
        let last = self.1.lock().unwrap().pop();
        let fresh = match last {
            Some(last) => last.anew().await,
            None => Fresh::new(self.0).await,
        };
        let store = Arc::new(fresh.db.clone());
        self.1.lock().unwrap().push(fresh);
        store
    }
}

on_each!(keeps_the_contract_of_a_store);

async fn keeps_the_contract_of_a_store(on: On) {
    let stores = Stores(on, Mutex::default());
    contract::store_contract(async || stores.make().await).await;
}
