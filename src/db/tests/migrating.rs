//! The schema's versions.

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};

use super::{Fresh, StoppedClock};
use crate::db::{Database, Error, migrations};

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Made {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

fn schema(path: &std::path::Path) -> Vec<Made> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    sql_query(
        "SELECT name, coalesce(sql, '') AS sql FROM sqlite_master \
         WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> '__diesel_schema_migrations' ORDER BY name",
    )
    .load(&mut connection)
    .unwrap()
}

#[test]
fn down_takes_everything_back_and_up_makes_the_same_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er/aisha.db");
    let fresh = migrations::status(&path).unwrap();
    assert!(fresh.applied.is_empty() && !fresh.pending.is_empty() && !path.exists());
    let applied = migrations::up(&path).unwrap();
    assert_eq!(applied, fresh.pending);
    let first = schema(&path);
    assert!(first.len() > 20);
    assert_eq!(migrations::up(&path).unwrap(), Vec::<String>::new());
    let mut taken = migrations::down(&path, "0").unwrap();
    taken.reverse();
    assert_eq!(taken, applied);
    assert_eq!(schema(&path), []);
    migrations::up(&path).unwrap();
    assert_eq!(schema(&path), first);
    let newest = applied.last().unwrap();
    assert_eq!(migrations::down(&path, newest).unwrap(), Vec::<String>::new());
    let unknown = migrations::down(&path, "20990101000000").unwrap_err();
    assert!(matches!(unknown, Error::UnknownVersion(_)), "{unknown}");
}

#[test]
fn two_migrations_at_once_wait_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aisha.db");
    let applied: usize = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| migrations::up(&path).unwrap())).collect();
        runs.into_iter().map(|run| run.join().unwrap().len()).sum()
    });
    assert_eq!(applied, migrations::status(&path).unwrap().applied.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_binary_refuses_a_newer_schema() {
    let fresh = Fresh::new();
    assert!(fresh.db.schema_status().await.unwrap().check().is_ok());
    fresh
        .tamper("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')")
        .unwrap();
    let path = fresh.dir.path().join("aisha.db");
    let opened = Database::open(&path.to_string_lossy(), fresh.clock.clone());
    assert!(matches!(opened, Err(Error::Newer(version)) if version == "20990101000000"));
    assert!(matches!(migrations::up(&path), Err(Error::Newer(_))));
    assert!(matches!(migrations::down(&path, "0"), Err(Error::Newer(_))));
}

#[test]
fn a_database_without_schema_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aisha.db");
    let clock = std::sync::Arc::new(StoppedClock(0.into()));
    let opened = Database::open(&format!("sqlite:{}", path.display()), clock);
    assert!(matches!(opened, Err(Error::Behind(_))));
    assert!(!path.exists(), "a misspelt path makes no file");
}
