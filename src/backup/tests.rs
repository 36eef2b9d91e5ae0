//! What stays and what goes.

use std::{fs, path::Path, sync::Arc, time::Duration};

use aisha_actors::{
    domain::{change::Change, id::UserId, person::Profile, time::Timestamp},
    fake::World,
    port::{Objects, Records},
};
use indicatif::ProgressBar;
use tempfile::TempDir;

use super::{Error, Last, Manifest, Order, Replacing, Written, restore, write};
use crate::{
    db::{
        self, Database, Limits, Server, Target, backup::Before, migrations, nodes::Known,
        tests::own::OwnDatabase,
    },
    world::SystemClock,
};

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Sqlite,
    Postgres,
}

/// A database's place, which goes away with this.
struct Home {
    target: Target,
    own: Option<OwnDatabase>,
}

/// A place without a schema.
async fn bare(on: On, dir: &TempDir, name: &str) -> Home {
    match on {
        On::Sqlite => Home { target: Target::File(dir.path().join(name)), own: None },
        On::Postgres => {
            let own = OwnDatabase::make().await;
            let folder = dir.path().join(name);
            let server = Server { url: own.url(), folder, limits: Limits::default() };
            Home { target: Target::Server(server), own: Some(own) }
        }
    }
}

async fn database(on: On, dir: &TempDir, name: &str) -> (Home, Database) {
    let home = bare(on, dir, name).await;
    migrations::up(&home.target).await.unwrap();
    let database = open(&home).await;
    (home, database)
}

async fn open(home: &Home) -> Database {
    Database::open(&home.target, Arc::new(SystemClock)).await.unwrap()
}

async fn register(database: &Database, id: i64) {
    let profile = Profile {
        id: UserId(id),
        first_name: "Ann".to_owned(),
        username: None,
        language_code: None,
    };
    let change = Change::Register { profile, at: NOW };
    let changes = aisha_actors::domain::change::Changes::new(UserId(id), vec![change]);
    database.commit_one(changes).await.unwrap().unwrap();
}

async fn made(database: &Database, dir: &Path, keep: usize, hours: u64) -> Written {
    let bar = ProgressBar::hidden();
    let now = NOW.plus(Duration::from_secs(3600 * hours));
    let keep = Some(keep);
    let order = Order { dir, data_dir: Some(dir), objects: None, keep, now, bar: &bar };
    write(database, &order).await.unwrap()
}

/// Runs each test once per database, under a name that says which.
macro_rules! on_each {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::On::Sqlite).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::On::Postgres).await;
            })+
        }
    };
}

on_each!(
    only_what_a_backup_wrote_is_deleted,
    a_backup_goes_into_an_empty_place_only_and_never_under_a_running_bot,
    a_newer_schema_is_refused_before_anything_is_touched,
);

#[tokio::test]
async fn a_copy_of_another_kind_of_database_is_refused_before_anything_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new();
    let (objects, bar): (&dyn Objects, _) = (&*world.objects, ProgressBar::hidden());
    for (from, to) in [(On::Sqlite, On::Postgres), (On::Postgres, On::Sqlite)] {
        let (_home, source) = database(from, &dir, &format!("{from:?}/a.db")).await;
        let backups = dir.path().join(format!("{from:?}-backups"));
        made(&source, &backups, 1, 0).await;
        let other = bare(to, &dir, &format!("{to:?}-place/b.db")).await;
        let refused = restore(&backups, &other.target, objects, Replacing::Kept, &bar).await;
        assert!(matches!(refused, Err(Error::Database(db::Error::Backend(_)))), "{refused:?}");
        assert!(!dir.path().join(format!("{to:?}-place")).exists());
    }
}

async fn only_what_a_backup_wrote_is_deleted(on: On) {
    let dir = tempfile::tempdir().unwrap();
    let (_home, database) = database(on, &dir, "a.db").await;
    let backups = dir.path().join("backups");
    // Neither a backup, nor ours.
    for foreign in ["aisha-notes", "other"] {
        fs::create_dir_all(backups.join(foreign)).unwrap();
        fs::write(backups.join(foreign).join("manifest.json"), "{}").unwrap();
    }
    let first = made(&database, &backups, 2, 0).await;
    fs::write(first.folder.join("why.txt"), "before the move").unwrap();
    let second = made(&database, &backups, 2, 1).await;
    assert!(first.removed.is_empty() && second.removed.is_empty());
    let third = made(&database, &backups, 2, 2).await;
    assert_eq!(third.removed, std::slice::from_ref(&first.folder));
    let left: Vec<_> =
        fs::read_dir(&first.folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["why.txt"], "somebody's note stays, nothing else");
    let fourth = made(&database, &backups, 1, 3).await;
    assert_eq!(fourth.removed, [second.folder.clone(), third.folder.clone()]);
    assert!(!second.folder.exists() && !third.folder.exists() && fourth.folder.exists());
    for foreign in ["aisha-notes", "other"] {
        assert!(backups.join(foreign).join("manifest.json").exists());
    }
    let last = Last::read(&backups).unwrap();
    assert_eq!(last.made_at_us, NOW.plus(Duration::from_secs(3 * 3600)).0);
    assert_eq!(last.folder, fourth.folder);
}

async fn a_backup_goes_into_an_empty_place_only_and_never_under_a_running_bot(on: On) {
    let dir = tempfile::tempdir().unwrap();
    let (_home, source) = database(on, &dir, "a.db").await;
    register(&source, 7).await;
    let backups = dir.path().join("backups");
    made(&source, &backups, 3, 0).await;
    let world = World::new();
    let (objects, bar): (&dyn Objects, _) = (&*world.objects, ProgressBar::hidden());
    let nowhere = bare(on, &dir, "new/b.db").await;
    let done = restore(&backups, &nowhere.target, objects, Replacing::Nothing, &bar).await.unwrap();
    assert_eq!((done.before, done.manifest.rows["person"]), (Before::Nothing, 1));
    // A schema without people is empty too.
    let (fresh, _) = database(on, &dir, "c.db").await;
    let done = restore(&backups, &fresh.target, objects, Replacing::Nothing, &bar).await.unwrap();
    assert_eq!(matches!(done.before, Before::Kept(_)), on == On::Sqlite);
    // By now it has somebody.
    let full = restore(&backups, &fresh.target, objects, Replacing::Nothing, &bar).await;
    assert!(matches!(full, Err(Error::NotEmpty)), "{full:?}");
    let running = open(&fresh).await;
    let lock = running.lock_serve().unwrap();
    let served = restore(&backups, &fresh.target, objects, Replacing::Kept, &bar).await;
    assert!(matches!(served, Err(Error::Database(db::Error::Served))), "{served:?}");
    drop(lock);
    if on == On::Postgres {
        // A node somewhere else, with a folder of its own.
        let id = uuid::Uuid::from_u128(7);
        let lease = std::time::Duration::from_secs(60);
        let known = Known { id, lease, version: String::new(), address: String::new() };
        let node = running.join(known, false).await.unwrap().unwrap();
        let served = restore(&backups, &fresh.target, objects, Replacing::Kept, &bar).await;
        assert!(matches!(served, Err(Error::Database(db::Error::Served))), "{served:?}");
        node.leave().await.unwrap();
    }
    let first = done.folder;
    let done = restore(&backups, &fresh.target, objects, Replacing::Kept, &bar).await.unwrap();
    let kept = done.safety_copy;
    assert_eq!(kept.is_some(), on == On::Postgres);
    let done = restore(&backups, &fresh.target, objects, Replacing::Anything, &bar).await.unwrap();
    assert_eq!((done.folder, done.safety_copy), (first, None), "a safety copy is not the newest");
    if let Some(kept) = kept {
        let done = restore(&kept, &fresh.target, objects, Replacing::Anything, &bar).await;
        assert_eq!(done.unwrap().manifest.rows["person"], 1, "it is a backup like any other");
    }
    if on == On::Postgres {
        // What cannot be copied is not replaced by the way.
        let own = fresh.own.as_ref().unwrap();
        own.tamper("UPDATE account SET credited = credited + 1 WHERE id = 7").await.unwrap();
        let damaged = restore(&backups, &fresh.target, objects, Replacing::Kept, &bar).await;
        assert!(matches!(damaged, Err(Error::NoSafetyCopy(_))), "{damaged:?}");
        let done = restore(&backups, &fresh.target, objects, Replacing::Anything, &bar).await;
        assert_eq!(done.unwrap().safety_copy, None);
    }
}

async fn a_newer_schema_is_refused_before_anything_is_touched(on: On) {
    let dir = tempfile::tempdir().unwrap();
    let (home, source) = database(on, &dir, "a.db").await;
    let backups = dir.path().join("backups");
    let folder = made(&source, &backups, 3, 0).await.folder;
    let path = folder.join("manifest.json");
    let mut manifest = Manifest::read(&folder).unwrap();
    manifest.schema.push("99990101000000".to_owned());
    fs::write(&path, serde_json::to_string(&manifest).unwrap()).unwrap();
    let world = World::new();
    let (objects, bar): (&dyn Objects, _) = (&*world.objects, ProgressBar::hidden());
    let newer = restore(&folder, &home.target, objects, Replacing::Kept, &bar).await;
    assert!(matches!(newer, Err(Error::Database(db::Error::Newer(_)))), "{newer:?}");
    manifest.form = 2;
    fs::write(&path, serde_json::to_string(&manifest).unwrap()).unwrap();
    let other = restore(&folder, &home.target, objects, Replacing::Kept, &bar).await;
    assert!(matches!(other, Err(Error::NoBackup { .. })), "{other:?}");
}
