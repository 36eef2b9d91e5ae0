//! Objects against rows, both ways, and pictures that lie in another bucket than their model's.

use std::collections::{BTreeSet, HashMap};

use aisha_actors::{
    domain::{
        catalogue::Catalogue,
        change::{Change, Changes},
        id::{GenerationId, PictureId, UserId},
        picture::{ImageType, ObjectKey, Picture, PictureState},
    },
    port::{self, Kind, Objects, Records},
};
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use super::{PAGE, storage};
use crate::{db::Database, settings::Settings};

/// How many of each kind are named; the others are counted.
const NAMED_MAX: usize = 1000;

/// Rows that say that an object is there.
const STORED: &[PictureState] = &[PictureState::Stored];

/// Rows for which an object may be there: it is under way, or about to be deleted.
const CLAIMING: &[PictureState] =
    &[PictureState::Pending, PictureState::Stored, PictureState::Fallback, PictureState::Trashed];

/// Things of one kind: how many, and the first of them.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub count: u64,
    pub first: Vec<T>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Found<T> {
    fn add(&mut self, one: T) {
        self.count += 1;
        if self.first.len() < NAMED_MAX {
            self.first.push(one);
        }
    }
}

/// A row whose object is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub picture: PictureId,
    pub owner: UserId,
    pub object: ObjectKey,
    /// Telegram still has it, so that its person can see it.
    pub in_telegram: bool,
}

/// An object that no row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    pub object: ObjectKey,
    pub size: u64,
}

/// A picture in another bucket than its model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    pub picture: PictureId,
    pub owner: UserId,
    pub from: ObjectKey,
    pub to: ObjectKey,
    /// None: it was not asked for. Else whether it was moved, or why not.
    pub moved: Option<Result<(), String>>,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Rows that say that their picture is stored.
    pub rows: u64,
    pub objects: u64,
    pub missing: Found<Missing>,
    pub strays: Found<Stray>,
    pub misplaced: Found<Misplaced>,
    /// Of the strays, all of them.
    pub stray_bytes: u64,
    /// Of those in the wrong bucket, those that are in the right one now.
    pub moved: u64,
}

/// Compares all objects with all rows; `moving`: pictures in the wrong bucket go to the right one.
/// Something that changes meanwhile is looked at twice before it is called wrong. Takes about 40 bytes
/// of memory for each object.
///
/// # Errors
/// The database or the storage cannot be read.
pub async fn check(
    settings: &Settings,
    database: &Database,
    moving: bool,
    bar: &ProgressBar,
) -> anyhow::Result<Checked> {
    let objects = storage::open(settings).await?;
    let catalogue = &settings.catalogue;
    let place = Place { objects: &*objects, catalogue, buckets: settings.buckets.names() };
    Ok(check_in(place, database, moving, bar).await?)
}

/// Where objects are, and where they should be.
pub(in crate::app) struct Place<'a> {
    pub(in crate::app) objects: &'a dyn Objects,
    pub(in crate::app) catalogue: &'a Catalogue,
    /// Beside those of the catalogue.
    pub(in crate::app) buckets: Vec<String>,
}

/// The same with what is open already.
///
/// # Errors
/// The database or the storage cannot be read.
pub(in crate::app) async fn check_in(
    place: Place<'_>,
    database: &Database,
    moving: bool,
    bar: &ProgressBar,
) -> port::Result<Checked> {
    let Place { objects, catalogue, buckets } = place;
    let mut checked = Checked::default();
    let mut buckets: BTreeSet<String> = buckets.into_iter().collect();
    buckets.extend(catalogue.all().iter().map(|model| model.bucket.clone()));
    bar.set_length(database.count_pictures(STORED).await?);
    let mut seen = HashMap::new();
    let mut after = None;
    loop {
        let page = database.pictures_after(STORED, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for picture in &page {
            bar.inc(1);
            checked.rows += 1;
            let Some(object) = &picture.object else { continue };
            buckets.insert(object.bucket.clone());
            let mut there = object.clone();
            if let Some(to) = right_place(catalogue, picture, object) {
                let moved = match moving {
                    true => Some(shift(database, objects, picture, object, &to).await),
                    false => None,
                };
                if moved == Some(Ok(())) {
                    there = to.clone();
                    checked.moved += 1;
                }
                checked.misplaced.add(Misplaced {
                    picture: picture.id,
                    owner: picture.owner,
                    from: object.clone(),
                    to,
                    moved: moved.map(|moved| moved.map_err(|error| error.to_string())),
                });
            }
            seen.insert(mark(&there), false);
        }
    }
    find_strays(database, objects, &buckets, &mut seen, &mut checked).await?;
    find_missing(database, &seen, &mut checked).await?;
    Ok(checked)
}

/// Where a picture should be, if it is not there. A model that is not known any more has no place.
fn right_place(catalogue: &Catalogue, picture: &Picture, object: &ObjectKey) -> Option<ObjectKey> {
    let model = catalogue.get(&picture.model)?;
    (model.bucket != object.bucket)
        .then(|| ObjectKey { bucket: model.bucket.clone(), key: object.key.clone() })
}

/// Copies the object, points the row at the copy, then deletes the old one if no other row needs it.
/// Broken off anywhere, it can be repeated.
async fn shift(
    database: &Database,
    objects: &dyn Objects,
    picture: &Picture,
    from: &ObjectKey,
    to: &ObjectKey,
) -> port::Result<()> {
    let bytes = objects.get(from).await?;
    let image_type = picture.content.as_ref().map_or(ImageType::Jpeg, |seen| seen.image_type);
    objects.put(to, bytes, image_type).await?;
    let change = Change::SettlePicture {
        id: picture.id,
        from: vec![PictureState::Stored],
        to: PictureState::Stored,
        object: Some(to.clone()),
        content: None,
    };
    let answer = database.commit_one(Changes::new(picture.owner, vec![change])).await?;
    if let Err(refusal) = answer {
        // It was deleted meanwhile: nobody will ask for the copy.
        objects.delete(to).await?;
        return Err(port::Error::new(Kind::Conflict, refusal));
    }
    if database.is_object_named(from, CLAIMING).await? {
        return Ok(());
    }
    objects.delete(from).await
}

async fn find_strays(
    database: &Database,
    objects: &dyn Objects,
    buckets: &BTreeSet<String>,
    seen: &mut HashMap<Mark, bool>,
    checked: &mut Checked,
) -> port::Result<()> {
    for bucket in buckets {
        let mut after: Option<String> = None;
        loop {
            let page = objects.list(bucket, "", after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for listed in page {
                checked.objects += 1;
                let object = ObjectKey { bucket: bucket.clone(), key: listed.key };
                if let Some(there) = seen.get_mut(&mark(&object)) {
                    *there = true;
                } else if !is_claimed(database, &object).await? {
                    checked.stray_bytes += listed.size;
                    checked.strays.add(Stray { object, size: listed.size });
                }
            }
        }
    }
    Ok(())
}

/// Whether a row names the object by now, or will: it is written before its row says so.
async fn is_claimed(database: &Database, object: &ObjectKey) -> port::Result<bool> {
    if let Some(id) = picture_of(&object.key) {
        return Ok(database.picture(id).await?.is_some_and(|row| {
            let named = row.object.as_ref() == Some(object);
            row.state == PictureState::Pending || (named && CLAIMING.contains(&row.state))
        }));
    }
    database.is_object_named(object, CLAIMING).await
}

/// `…/{generation}_{n}.{ending}`.
fn picture_of(key: &str) -> Option<PictureId> {
    let name = key.rsplit('/').next()?;
    let (stem, _) = name.split_once('.')?;
    let (generation, n) = stem.rsplit_once('_')?;
    Some(PictureId { generation: GenerationId::parse(generation)?, n: n.parse().ok()? })
}

async fn find_missing(
    database: &Database,
    seen: &HashMap<Mark, bool>,
    checked: &mut Checked,
) -> port::Result<()> {
    let mut after = None;
    loop {
        let page = database.pictures_after(STORED, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for picture in page {
            let Some(object) = picture.object else { continue };
            // What was not seen in the first pass is new.
            if seen.get(&mark(&object)) == Some(&false) {
                checked.missing.add(Missing {
                    picture: picture.id,
                    owner: picture.owner,
                    object,
                    in_telegram: picture.file_id.is_some(),
                });
            }
        }
    }
}

/// Half of a SHA-256: enough to tell objects apart, whoever names them.
type Mark = [u8; 16];

fn mark(object: &ObjectKey) -> Mark {
    let mut hash = Sha256::new();
    hash.update(object.bucket.as_bytes());
    hash.update([0]);
    hash.update(object.key.as_bytes());
    let mut mark = Mark::default();
    for (to, from) in mark.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    mark
}
