//! Puts a backup in the place of a database.

use std::path::{Path, PathBuf};

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{Kind, Objects},
};
use bytes::Bytes;
use indicatif::ProgressBar;

use super::{Error, Manifest, files, write};
use crate::db::{
    self, Error as Refused,
    backup::{Before, Place},
    migrations,
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
}

/// Verifies a backup and puts it in the place of the database `target` names, and its objects into storage.
/// `from`: a backup's folder, or one that holds backups: then the newest is taken. Repeated, it does
/// the same again.
///
/// # Errors
/// Before anything is changed: it is no backup, or damaged, or of a newer schema
/// ([`Refused::Newer`]); `serve` runs ([`Refused::Served`]); something is there and not `force`
/// ([`Error::NotEmpty`]). Later: storage is away; all of it can be repeated with `force`.
pub async fn restore(
    from: &Path,
    target: &db::Target,
    objects: &dyn Objects,
    force: bool,
    bar: &ProgressBar,
) -> Result<Restored, Error> {
    let folder = newest(from)?;
    let manifest = Manifest::read(&folder)?;
    if let Some(version) = migrations::unknown_of(&manifest.schema)? {
        return Err(Refused::Newer(version).into());
    }
    db::backup::check_kind(target, &manifest.copied())?;
    let place = Place::take(target).await?;
    if !force && !place.is_empty().await {
        return Err(Error::NotEmpty);
    }
    bar.set_message("verifying");
    write::prove(&folder, &manifest, bar).await?;
    // Objects first: a row must not come back before its picture.
    let (count, conflicts) = put_objects(&folder, objects, bar).await?;
    bar.set_message("database");
    let before = place.put(&folder.join("database"), &manifest.copied()).await?;
    Ok(Restored { folder, manifest, objects: count, conflicts, before })
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
