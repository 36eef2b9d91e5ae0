//! Files: kept once by content, named by `file_id`s that live as long as the store.
//!
//! A `file_id` is derived from the content, its kind and its name, so the same upload gives the same
//! id again and nothing has to be counted.

use std::{io::Cursor, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use image::ImageReader;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    answer::Refusal,
    params::Upload,
    types::{Document, PhotoSize},
};
use crate::sandbox::store::{self, Store, Write};

const FILES: &str = "telegram_file";
const CONTENTS: &str = "telegram_content";
/// Photos by upload, in bytes.
const PHOTO_MAX: usize = 10 * 1024 * 1024;
/// Documents by upload, in bytes.
const DOCUMENT_MAX: usize = 50 * 1024 * 1024;
/// Downloads by the bot, in bytes.
const DOWNLOAD_MAX: u64 = 20 * 1024 * 1024;
/// Longer edge of the small size of a photo, in pixels.
const SMALL: u32 = 320;

/// What a file was sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Photo,
    Document,
}

/// What is known about a `file_id`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) file_id: String,
    pub(crate) file_unique_id: String,
    pub(crate) kind: Kind,
    content: String,
    /// In bytes; of the whole photo also for its small size.
    pub(crate) size: u64,
    width: u32,
    height: u32,
    pub(crate) name: Option<String>,
    pub(crate) mime: String,
    /// For the small size of a photo or the thumbnail of a document: the `file_id` of the whole.
    whole: Option<String>,
    /// The small size of this photo.
    small: Option<Box<Record>>,
}

impl Record {
    /// The sizes of a photo, small to large.
    pub(crate) fn sizes(&self) -> Vec<PhotoSize> {
        self.small.iter().map(|small| small.size()).chain([self.size()]).collect()
    }

    fn size(&self) -> PhotoSize {
        PhotoSize {
            file_id: self.file_id.clone(),
            file_unique_id: self.file_unique_id.clone(),
            width: self.width,
            height: self.height,
            // The small size is drawn when it is asked for.
            file_size: self.whole.is_none().then_some(self.size),
        }
    }

    /// The document object.
    pub(crate) fn document(&self) -> Document {
        Document {
            file_id: self.file_id.clone(),
            file_unique_id: self.file_unique_id.clone(),
            thumbnail: self.small.as_ref().map(|small| small.size()),
            file_name: self.name.clone(),
            mime_type: Some(self.mime.clone()),
            file_size: self.size,
        }
    }

    /// The `file_path` of getFile, from which [`by_path`] finds the file again.
    pub(crate) fn path(&self) -> String {
        match self.kind {
            Kind::Photo => {
                let ending = match self.mime.as_str() {
                    "image/png" => "png",
                    "image/webp" => "webp",
                    _ => "jpg",
                };
                format!("photos/{}.{ending}", self.file_id)
            }
            Kind::Document => {
                let ending = self
                    .name
                    .as_deref()
                    .and_then(|name| name.rsplit_once('.'))
                    .map(|(_, ending)| ending)
                    .filter(|ending| {
                        ending.len() <= 8 && ending.bytes().all(|b| b.is_ascii_alphanumeric())
                    })
                    .unwrap_or("bin");
                format!("documents/{}.{ending}", self.file_id)
            }
        }
    }

    /// True when the bot may download it.
    pub(crate) fn is_downloadable(&self) -> bool {
        self.size <= DOWNLOAD_MAX
    }
}

/// The record of a `file_id`.
pub(crate) fn find(store: &Store, file_id: &str) -> Result<Option<Record>, store::Error> {
    store.document(FILES, file_id)
}

/// The record behind a `file_path`.
pub(crate) fn by_path(store: &Store, path: &str) -> Result<Option<Record>, store::Error> {
    let name = path.strip_prefix("photos/").or_else(|| path.strip_prefix("documents/"));
    let Some((file_id, _)) = name.and_then(|name| name.split_once('.')) else {
        return Ok(None);
    };
    Ok(find(store, file_id)?.filter(|record| record.path() == path))
}

/// The file of a known `file_id` for sending it again.
pub(crate) fn reuse(store: &Store, kind: Kind, file_id: &str) -> Result<Record, Refusal> {
    let record = find(store, file_id)?
        .ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?;
    let record = match &record.whole {
        Some(whole) => find(store, whole)?
            .ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?,
        None => record,
    };
    if record.kind == kind {
        return Ok(record);
    }
    Err(Refusal::bad(format!("can't use file of type {:?} as {kind:?}", record.kind)))
}

/// Checks and keeps an upload. Blocks; the same content again costs one look.
pub(crate) fn keep(store: &Store, kind: Kind, upload: &Upload) -> Result<Record, Refusal> {
    let bytes = &upload.bytes;
    let limit = if kind == Kind::Photo { PHOTO_MAX } else { DOCUMENT_MAX };
    if bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if bytes.len() > limit {
        let what = if kind == Kind::Photo { "a photo" } else { "a document" };
        return Err(Refusal::bad(format!(
            "file of size {} bytes is too big for {what}",
            bytes.len()
        )));
    }
    let content = hex::encode(Sha256::digest(bytes));
    let picture = measure(bytes);
    if kind == Kind::Photo {
        let Some((width, height, _)) = picture else {
            return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
        };
        let (long, short) = (width.max(height), width.min(height));
        if short == 0 || width + height > 10_000 || long > short.saturating_mul(20) {
            return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
        }
    }
    let record = describe(kind, upload, content, picture);
    if find(store, &record.file_id)?.is_some() {
        return Ok(record);
    }
    let mut writes = vec![Write::put(FILES, &record.file_id, &record)?];
    if let Some(small) = &record.small {
        writes.push(Write::put(FILES, &small.file_id, small)?);
    }
    writes.push(Write::put_bytes(CONTENTS, &record.content, bytes.to_vec()));
    store.commit(writes)?;
    Ok(record)
}

/// [`keep`] off the event loop.
pub(crate) async fn keep_upload(
    store: Arc<Store>,
    kind: Kind,
    upload: Upload,
) -> Result<Record, Refusal> {
    tokio::task::spawn_blocking(move || keep(&store, kind, &upload))
        .await
        .map_err(|_| Refusal::new(500, "Internal Server Error"))?
}

fn describe(
    kind: Kind,
    upload: &Upload,
    content: String,
    picture: Option<(u32, u32, &'static str)>,
) -> Record {
    let name = upload.name.clone().map(clean_name).filter(|_| kind == Kind::Document);
    let sniffed = picture.map(|(_, _, mime)| mime.to_owned());
    let mime = sniffed
        .or_else(|| infer::get(&upload.bytes).map(|found| found.mime_type().to_owned()))
        .or_else(|| upload.mime.clone().filter(|mime| mime.len() <= 100))
        .unwrap_or_else(|| "application/octet-stream".to_owned());
    let prefix = if kind == Kind::Photo { "AgACAgIAAxk" } else { "BQACAgIAAxk" };
    let (width, height) = picture.map_or((0, 0), |(width, height, _)| (width, height));
    let small = picture.filter(|_| width.max(height) > SMALL).map(|_| {
        let (width, height) = fit(width, height);
        let mime = "image/jpeg".to_owned();
        let (file_id, file_unique_id) = ids("AAMCAgADGQ", &[&content, "small", prefix]);
        Box::new(Record {
            file_id,
            file_unique_id,
            kind: Kind::Photo,
            content: content.clone(),
            size: upload.bytes.len() as u64,
            width,
            height,
            name: None,
            mime,
            whole: None,
            small: None,
        })
    });
    let (file_id, file_unique_id) =
        ids(prefix, &[&content, name.as_deref().unwrap_or_default(), &mime]);
    let small = small.map(|small| Box::new(Record { whole: Some(file_id.clone()), ..*small }));
    Record {
        file_id,
        file_unique_id,
        kind,
        content,
        size: upload.bytes.len() as u64,
        width,
        height,
        name,
        mime,
        whole: None,
        small,
    }
}

/// A `file_id` and `file_unique_id` for these parts; the unique one depends on the first alone.
fn ids(prefix: &str, parts: &[&str]) -> (String, String) {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    let file_id = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(digest));
    let scope = if parts.contains(&"small") { "small" } else { "whole" };
    let content = parts.first().copied().unwrap_or_default();
    let unique = Sha256::digest(format!("{scope}{content}").as_bytes());
    let short = unique.get(..9).unwrap_or_default();
    (file_id, format!("AQAD{}", URL_SAFE_NO_PAD.encode(short)))
}

/// Width, height and type from the image's header; `None` when it is no image that we know.
fn measure(bytes: &[u8]) -> Option<(u32, u32, &'static str)> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mime = reader.format()?.to_mime_type();
    let (width, height) = reader.into_dimensions().ok()?;
    Some((width, height, mime))
}

fn fit(width: u32, height: u32) -> (u32, u32) {
    let long = width.max(height).max(1);
    let scale = |edge: u32| {
        let scaled = u64::from(edge) * u64::from(SMALL) / u64::from(long);
        u32::try_from(scaled).unwrap_or(SMALL).max(1)
    };
    (scale(width), scale(height))
}

/// The last part of a path, without control characters, at most 120 characters.
fn clean_name(name: String) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        last.chars().filter(|character| !character.is_control()).take(120).collect();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

/// The bytes behind a record; draws the small size. Blocks.
pub(crate) fn read(store: &Store, record: &Record) -> Result<Option<Bytes>, store::Error> {
    let Some(bytes) = store.bytes(CONTENTS, &record.content)? else {
        return Ok(None);
    };
    if record.whole.is_none() {
        return Ok(Some(Bytes::from(bytes)));
    }
    Ok(shrink(&bytes, record.width, record.height))
}

/// A JPEG of the given size; `None` when the picture cannot be decoded.
fn shrink(bytes: &[u8], width: u32, height: u32) -> Option<Bytes> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(256 * 1024 * 1024);
    reader.limits(limits);
    let small = reader.decode().ok()?.thumbnail_exact(width, height).to_rgb8();
    let mut jpeg = Cursor::new(Vec::new());
    small.write_to(&mut jpeg, image::ImageFormat::Jpeg).ok()?;
    Some(Bytes::from(jpeg.into_inner()))
}
