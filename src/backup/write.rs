//! Writes a backup, proves it, and puts older ones away.

use std::{
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
    time::{Duration, SystemTime},
};

use aisha_actors::{
    domain::{
        picture::{ObjectKey, PictureState},
        time::Timestamp,
    },
    port::{Kind, Objects},
};
use indicatif::ProgressBar;

use super::{
    Error, Last, Manifest, files,
    files::Sums,
    manifest::{self, Objects as Copied},
};
use crate::db::{self, Database};

/// How the name of every backup begins.
const NAME: &str = "aisha-";
/// What follows the name while it is being written; the name then begins with a dot.
const UNFINISHED: &str = ".unfinished";
/// What was left unfinished so long ago is nobody's any more.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Rows that are read at once.
const PAGE: usize = 500;

/// What to back up, and where to.
pub struct Order<'a> {
    /// The folder that holds the backups, each in a folder of its own. Made where it is not there.
    pub dir: &'a Path,
    /// Where the note of the last good backup is kept; None: this one is not noted.
    pub data_dir: Option<&'a Path>,
    /// The objects go along.
    pub objects: Option<&'a dyn Objects>,
    /// How many backups stay, this one included; None: all.
    pub keep: Option<usize>,
    pub now: Timestamp,
    pub bar: &'a ProgressBar,
}

/// A backup that was written and verified.
#[derive(Debug, Clone)]
pub struct Written {
    pub folder: PathBuf,
    pub manifest: Manifest,
    /// Older ones that were deleted.
    pub removed: Vec<PathBuf>,
}

/// Writes a backup while others go on writing to the database, reads it again, gives it its name, and
/// then deletes the oldest beyond `keep`.
///
/// # Errors
/// There is no new backup then, and nothing was deleted.
pub async fn write(database: &Database, order: &Order<'_>) -> Result<Written, Error> {
    files::make_folder(order.dir)?;
    clear_abandoned(order.dir);
    let stamp = order.now.utc().format("%Y%m%dT%H%M%SZ");
    let name = format!("{NAME}{stamp}-{:08x}", rand::random::<u32>());
    let folder = order.dir.join(&name);
    let unfinished = order.dir.join(format!(".{name}{UNFINISHED}"));
    let manifest = match fill(database, order, &unfinished).await {
        Ok(manifest) => manifest,
        Err(error) => {
            // All of it is ours; what cannot be removed is cleared away by a later run.
            drop(fs::remove_dir_all(&unfinished));
            return Err(error);
        }
    };
    fs::rename(&unfinished, &folder).map_err(Error::file(&folder))?;
    files::sync_folders(&folder).map_err(Error::file(&folder))?;
    fs::File::open(order.dir).and_then(|dir| dir.sync_all()).map_err(Error::file(order.dir))?;
    if let Some(data_dir) = order.data_dir {
        Last::note(data_dir, &folder, &manifest)?;
    }
    let removed = order.keep.map_or(Ok(Vec::new()), |keep| prune(order.dir, keep.max(1)))?;
    Ok(Written { folder, manifest, removed })
}

async fn fill(database: &Database, order: &Order<'_>, folder: &Path) -> Result<Manifest, Error> {
    let rows = folder.join("database");
    files::make_folder(&rows)?;
    let mut sums = Sums::begin(folder)?;
    order.bar.set_message("database");
    let copied = database.copy_into(&rows).await?;
    for name in &copied.files {
        sums.add(&format!("database/{name}"), &files::sum(&rows.join(name))?)?;
    }
    let mut manifest = Manifest::new(order.now, copied);
    if let Some(objects) = order.objects {
        order.bar.set_message("objects");
        manifest.objects = Some(copy_objects(database, objects, order, folder, &mut sums).await?);
    }
    manifest.sums = sums.count;
    manifest.sums_sha256 = sums.end()?;
    let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    files::write(&folder.join(manifest::FILE), &text)?;
    files::sync_folders(folder).map_err(Error::file(folder))?;
    order.bar.set_message("verifying");
    prove(folder, &Manifest::read(folder)?, order.bar).await?;
    Ok(manifest)
}

/// Reads a backup again: every file, and the database in it.
pub(super) async fn prove(
    folder: &Path,
    manifest: &Manifest,
    bar: &ProgressBar,
) -> Result<(), Error> {
    bar.set_length(manifest.sums);
    bar.set_position(0);
    files::verify(folder, manifest, || bar.inc(1))?;
    let rows = db::backup::check_copy(&folder.join("database"), &manifest.copied()).await?;
    if rows == manifest.rows {
        Ok(())
    } else {
        Err(Error::Damaged("the database has other rows than the manifest says".to_owned()))
    }
}

/// Copies every object that a row names, as of now: what came after the copy of the rows comes along.
async fn copy_objects(
    database: &Database,
    objects: &dyn Objects,
    order: &Order<'_>,
    folder: &Path,
    sums: &mut Sums,
) -> Result<Copied, Error> {
    let mut copied = Copied::default();
    let mut after = None;
    loop {
        let page = database.pictures_after(&[PictureState::Stored], after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(copied) };
        after = Some(last.id);
        for picture in &page {
            let Some(key) = &picture.object else { continue };
            let name = name_of(key)?;
            let path = folder.join(&name);
            // Pictures may share an object.
            if path.exists() {
                continue;
            }
            match objects.get(key).await {
                Ok(bytes) => {
                    files::write(&path, &bytes)?;
                    sums.add(&name, &files::sum(&path)?)?;
                    copied.count += 1;
                    copied.bytes += bytes.len() as u64;
                    order.bar.inc(1);
                }
                Err(error) if error.kind == Kind::NotFound => {
                    copied.missing.push(picture.id.to_string());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Where an object stands in a backup.
fn name_of(key: &ObjectKey) -> Result<String, Error> {
    let name = format!("objects/{}/{}", key.bucket, key.key);
    let inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
    if inside && !name.contains('\n') {
        Ok(name)
    } else {
        Err(Error::Damaged(format!("a row names the object {name:?}")))
    }
}

/// The backups in a folder, oldest first.
pub(super) fn list(dir: &Path) -> Result<Vec<(PathBuf, Manifest)>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::file(dir))? {
        let path = entry.map_err(Error::file(dir))?.path();
        let ours = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(NAME));
        if ours && let Ok(manifest) = Manifest::read(&path) {
            found.push((path, manifest));
        }
    }
    found.sort_by(|(one, first), (two, second)| {
        first.made_at_us.cmp(&second.made_at_us).then_with(|| one.cmp(two))
    });
    Ok(found)
}

fn prune(dir: &Path, keep: usize) -> Result<Vec<PathBuf>, Error> {
    let found = list(dir)?;
    let surplus = found.len().saturating_sub(keep);
    let mut removed = Vec::new();
    for (folder, _) in found.into_iter().take(surplus) {
        remove(&folder)?;
        removed.push(folder);
    }
    Ok(removed)
}

/// Deletes what a backup lists, then its own two files, then folders that are empty by then: whatever
/// somebody else put there stays. Broken off, the next run goes on.
fn remove(folder: &Path) -> Result<(), Error> {
    let gone = |path: PathBuf| match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::File { path, error }),
        _ => Ok(()),
    };
    if folder.join(files::SUMS).exists() {
        for line in files::listed(folder)? {
            gone(folder.join(line?.0))?;
        }
    }
    gone(folder.join(files::SUMS))?;
    gone(folder.join(manifest::FILE))?;
    remove_empty(folder);
    Ok(())
}

fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    // Refused where something is in it.
    drop(fs::remove_dir(folder));
}

/// What runs that were killed left behind.
fn clear_abandoned(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with(&format!(".{NAME}")) && name.ends_with(UNFINISHED);
        let written = entry.metadata().and_then(|data| data.modified());
        let age = written.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if ours && age.is_some_and(|age| age > ABANDONED_AFTER) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}
