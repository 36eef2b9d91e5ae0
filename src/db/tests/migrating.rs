//! The schema's versions.

use aisha_actors::domain::id::UserId;
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};

use super::{Fresh, On, Place, StoppedClock, contract};
use crate::db::{Database, Error, Target, backup, migrations};

on_each!(
    down_takes_everything_back_and_up_makes_the_same_again,
    migrations_at_once_wait_for_each_other,
    an_older_binary_refuses_a_newer_schema,
    a_database_without_schema_is_not_opened,
    a_copy_of_the_first_schema_is_put_back_and_brought_up_to_date,
);

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Made {
    #[diesel(sql_type = Text)]
    line: String,
}

/// All that is there, as the database tells it.
const SQLITE: &str = "SELECT name || coalesce(sql, '') AS line FROM sqlite_master \
    WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> '__diesel_schema_migrations' ORDER BY name";
const POSTGRES: &str = "SELECT line FROM ( \
      SELECT 'column ' || table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable \
        || ' ' || coalesce(column_default, generation_expression, '') AS line \
        FROM information_schema.columns WHERE table_schema = 'public' \
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
      UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
      UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
      UNION ALL SELECT viewname || definition FROM pg_views WHERE schemaname = 'public' \
      UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
    ) AS made WHERE line NOT LIKE '%\\_\\_diesel\\_schema\\_migrations%' ORDER BY line";

async fn told(place: &Place, sqlite: &str, postgres: &str) -> Vec<String> {
    let Some(own) = &place.own else {
        let mut connection = SqliteConnection::establish(&place.file()).unwrap();
        let rows: Vec<Made> = sql_query(sqlite).load(&mut connection).unwrap();
        return rows.into_iter().map(|row| row.line).collect();
    };
    own.read(postgres).await
}

async fn down_takes_everything_back_and_up_makes_the_same_again(on: On) {
    let place = Place::make(on).await;
    let target = &place.target;
    let fresh = migrations::status(target).await.unwrap();
    assert!(fresh.applied.is_empty() && !fresh.pending.is_empty());
    if let Target::File(path) = target {
        assert!(!path.exists());
    }
    let applied = migrations::up(target).await.unwrap();
    assert_eq!(applied, fresh.pending);
    let first = told(&place, SQLITE, POSTGRES).await;
    assert!(first.len() > 20);
    assert_eq!(migrations::up(target).await.unwrap(), Vec::<String>::new());
    let mut taken = migrations::down(target, "0").await.unwrap();
    taken.reverse();
    assert_eq!(taken, applied);
    assert_eq!(told(&place, SQLITE, POSTGRES).await, Vec::<String>::new());
    migrations::up(target).await.unwrap();
    assert_eq!(told(&place, SQLITE, POSTGRES).await, first);
    let newest = applied.last().unwrap();
    assert_eq!(migrations::down(target, newest).await.unwrap(), Vec::<String>::new());
    let unknown = migrations::down(target, "20990101000000").await.unwrap_err();
    assert!(matches!(unknown, Error::UnknownVersion(_)), "{unknown}");
}

async fn migrations_at_once_wait_for_each_other(on: On) {
    let place = Place::make(on).await;
    let runs = (0..6).map(|_| {
        let target = place.target.clone();
        tokio::spawn(async move { migrations::up(&target).await.unwrap().len() })
    });
    let mut applied = 0;
    for run in runs.collect::<Vec<_>>() {
        applied += run.await.unwrap();
    }
    let status = migrations::status(&place.target).await.unwrap();
    assert_eq!(applied, status.applied.len());
    assert!(status.check().is_ok());
}

async fn an_older_binary_refuses_a_newer_schema(on: On) {
    let fresh = Fresh::new(on).await;
    assert!(fresh.db.schema_status().await.unwrap().check().is_ok());
    fresh
        .tamper("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')")
        .await
        .unwrap();
    let target = &fresh.place.target;
    let opened = Database::open(target, fresh.clock.clone()).await;
    assert!(matches!(opened, Err(Error::Newer(version)) if version == "20990101000000"));
    assert!(matches!(migrations::up(target).await, Err(Error::Newer(_))));
    assert!(matches!(migrations::down(target, "0").await, Err(Error::Newer(_))));
}

async fn a_database_without_schema_is_not_opened(on: On) {
    let place = Place::make(on).await;
    let clock = std::sync::Arc::new(StoppedClock(0.into()));
    let opened = Database::open(&place.target, clock).await;
    assert!(matches!(opened, Err(Error::Behind(_))));
    match &place.target {
        Target::File(path) => assert!(!path.exists(), "a misspelt path makes no file"),
        Target::Server(_) => {
            assert_eq!(told(&place, SQLITE, POSTGRES).await, Vec::<String>::new());
        }
    }
}

async fn a_copy_of_the_first_schema_is_put_back_and_brought_up_to_date(on: On) {
    const FIRST: &str = "20261120000000";
    let fresh = Fresh::new(on).await;
    contract::register(&fresh.db, UserId(1), 5).await;
    migrations::down(&fresh.place.target, FIRST).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copied = fresh.db.copy_into(folder.path()).await.unwrap();
    assert_eq!(copied.schema, [FIRST]);
    assert_eq!(backup::check_copy(folder.path(), &copied).await.unwrap(), copied.rows);
    let other = Place::make(on).await;
    let place = backup::Place::take(&other.target).await.unwrap();
    place.put(folder.path(), &copied).await.unwrap();
    let db = Database::open(&other.target, fresh.clock.clone()).await.unwrap();
    let people = db.find_people(Some("PERSON"), None, 9).await.unwrap();
    assert_eq!(people.iter().map(|line| line.id).collect::<Vec<_>>(), [UserId(1)]);
    assert_eq!(db.last_ledger_check().await.unwrap(), None);
}

/// Columns of every table and view: name, whether it may be null, and the kind of its type.
const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || c.name || \
    CASE WHEN c.\"notnull\" OR c.pk > 0 OR m.type = 'view' THEN '' ELSE ' null' END || ' ' || \
    CASE WHEN m.type = 'view' THEN '' ELSE lower(c.type) END AS line \
    FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS c \
    WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' \
      AND m.name <> '__diesel_schema_migrations' ORDER BY line";
const POSTGRES_COLUMNS: &str = "SELECT c.table_name || '.' || c.column_name || \
    CASE WHEN c.is_nullable = 'NO' OR t.table_type = 'VIEW' THEN '' ELSE ' null' END || ' ' || \
    CASE WHEN t.table_type = 'VIEW' THEN '' ELSE c.data_type END AS line \
    FROM information_schema.columns AS c JOIN information_schema.tables AS t \
      ON t.table_name = c.table_name AND t.table_schema = c.table_schema \
    WHERE c.table_schema = 'public' AND c.table_name <> '__diesel_schema_migrations' \
    ORDER BY line";

/// What each of PostgreSQL's types is on SQLite.
fn on_sqlite(line: &str) -> String {
    let mut line = line.to_owned();
    for (theirs, ours) in [
        ("timestamp with time zone", "integer"),
        ("boolean", "integer"),
        ("bigint", "integer"),
        ("uuid", "blob"),
        ("bytea", "blob"),
    ] {
        if let Some(column) = line.strip_suffix(theirs) {
            line = format!("{column}{ours}");
        }
    }
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn both_schemas_have_the_same_versions_tables_columns_and_indexes() {
    let (file, server) = (Place::make(On::Sqlite).await, Place::make(On::Postgres).await);
    let versions = migrations::up(&file.target).await.unwrap();
    assert_eq!(migrations::up(&server.target).await.unwrap(), versions);
    let mut ours = told(&file, SQLITE_COLUMNS, "").await;
    let theirs = told(&server, "", POSTGRES_COLUMNS).await;
    let mut theirs: Vec<String> = theirs.iter().map(|line| on_sqlite(line)).collect();
    assert!(ours.len() > 90, "{ours:#?}");
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);

    let indexes = "SELECT name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let mut ours = told(&file, indexes, "").await;
    let indexes = "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' \
        AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key'";
    let mut theirs = told(&server, "", indexes).await;
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);

    let triggers = "SELECT name AS line FROM sqlite_master WHERE type = 'trigger'";
    let ours = told(&file, triggers, "").await;
    let triggers = "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal";
    let theirs = told(&server, "", triggers).await;
    for trigger in ours {
        assert!(theirs.contains(&trigger), "{trigger}: {theirs:?}");
    }
}
