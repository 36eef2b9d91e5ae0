//! Puts a backup in the place of a database.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{Clock, Kind, Objects},
};
use bytes::Bytes;
use indicatif::ProgressBar;

use super::{Error, Manifest, files, write};
use crate::{
    db::{
        self, Database, Error as Refused,
        backup::{Before, Place},
        migrations,
    },
    world::SystemClock,
};

/// What was put back.
#[derive(Debug, Clone)]
pub struct Restored {
    pub folder: PathBuf,
    pub manifest: Manifest,
    /// Objects that were written, or were there with the same bytes.
    pub objects: u64,
    /// Objects that were there with other bytes and were left as they are.
    pub conflicts: Vec<String>,
    pub before: Before,
    /// The backup of the rows that were there.
    pub safety_copy: Option<PathBuf>,
}

/// What may be done to a database that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacing {
    Nothing,
    /// It is replaced, and kept: a SQLite file beside the new one, rows on a server as a backup in
    /// `before-restore` beside the one that is restored.
    Kept,
    /// It is replaced, and rows on a server are gone.
    Anything,
}

/// Where safety copies are put: not among the backups, the newest of which is taken to be restored.
const ASIDE: &str = "before-restore";

/// Verifies a backup and puts it in the place of the database `target` names, and its objects into storage.
/// `from`: a backup's folder, or one that holds backups: then the newest is taken. Repeated, it does
/// the same again.
///
/// # Errors
/// Before anything is changed: it is no backup, or damaged, or of a newer schema
/// ([`Refused::Newer`]); `serve` runs ([`Refused::Served`]); something is there and may not be replaced
/// ([`Error::NotEmpty`]), or not be kept ([`Error::NoSafetyCopy`]). Later: storage is away; all of it can
/// be repeated.
pub async fn restore(
    from: &Path,
    target: &db::Target,
    objects: &dyn Objects,
    replacing: Replacing,
    bar: &ProgressBar,
) -> Result<Restored, Error> {
    let folder = newest(from)?;
    let manifest = Manifest::read(&folder)?;
    if let Some(version) = migrations::unknown_of(&manifest.schema)? {
        return Err(Refused::Newer(version).into());
    }
    db::backup::check_kind(target, &manifest.copied())?;
    let place = Place::take(target).await?;
    let is_empty = place.is_empty().await;
    if !is_empty && replacing == Replacing::Nothing {
        return Err(Error::NotEmpty);
    }
    bar.set_message("verifying");
    write::prove(&folder, &manifest, bar).await?;
    let safety_copy = match target {
        db::Target::Server(_) if !is_empty && replacing == Replacing::Kept => {
            let kept = keep(target, &folder, bar).await;
            Some(kept.map_err(|error| Error::NoSafetyCopy(Box::new(error)))?)
        }
        _ => None,
    };
    // Objects first: a row must not come back before its picture.
    let (count, conflicts) = put_objects(&folder, objects, bar).await?;
    bar.set_message("database");
    let before = place.put(&folder.join("database"), &manifest.copied()).await?;
    Ok(Restored { folder, manifest, objects: count, conflicts, before, safety_copy })
}

/// Backs the rows up that are about to be replaced. Their objects stay where they are.
async fn keep(target: &db::Target, backup: &Path, bar: &ProgressBar) -> Result<PathBuf, Error> {
    let clock = Arc::new(SystemClock);
    let database = Database::open(target, clock.clone()).await?;
    let order = write::Order {
        dir: &backup.parent().unwrap_or(Path::new(".")).join(ASIDE),
        data_dir: None,
        objects: None,
        keep: None,
        now: clock.now(),
        bar,
    };
    Ok(write::write(&database, &order).await?.folder)
}

/// The folder itself, or the newest backup in it.
fn newest(from: &Path) -> Result<PathBuf, Error> {
    if from.join(super::manifest::FILE).exists() {
        return Ok(from.to_owned());
    }
    let what = || "it has no manifest.json, and no folder in it has one".to_owned();
    let newest = write::list(from)?.pop();
    newest
        .map(|(folder, _)| folder)
        .ok_or_else(|| Error::NoBackup { path: from.to_owned(), what: what() })
}

async fn put_objects(
    folder: &Path,
    objects: &dyn Objects,
    bar: &ProgressBar,
) -> Result<(u64, Vec<String>), Error> {
    bar.set_message("objects");
    bar.set_position(0);
    let (mut count, mut conflicts) = (0, Vec::new());
    for line in files::listed(folder)? {
        let (name, _) = line?;
        bar.inc(1);
        let Some((bucket, key)) =
            name.strip_prefix("objects/").and_then(|name| name.split_once('/'))
        else {
            continue;
        };
        let path = folder.join(&name);
        let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
        let key = ObjectKey { bucket: bucket.to_owned(), key: key.to_owned() };
        match objects.put(&key, Bytes::from(bytes), type_of(&key.key)).await {
            Ok(()) => count += 1,
            Err(error) if error.kind == Kind::Conflict => conflicts.push(name),
            Err(error) => return Err(error.into()),
        }
    }
    Ok((count, conflicts))
}

/// By the ending, which we gave it for its content.
fn type_of(key: &str) -> ImageType {
    let ending = key.rsplit_once('.').map(|(_, ending)| ending);
    [ImageType::Png, ImageType::Webp]
        .into_iter()
        .find(|kind| Some(kind.ending()) == ending)
        .unwrap_or(ImageType::Jpeg)
}
