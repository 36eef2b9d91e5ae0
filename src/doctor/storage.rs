//! Where pictures are kept: something small is written, read and removed.

use std::{fs, path::Path};

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{self, Objects},
};
use bytes::Bytes;

use super::{Finding, Verdict};
use crate::{
    app::storage,
    objects::S3,
    settings::{self, Settings, Storage},
};

/// A line for the folder, or for every bucket.
pub(super) async fn check(settings: &Settings) -> Vec<Finding> {
    match &settings.storage {
        Storage::Disk(root) => vec![folder("objects", root)],
        Storage::S3(told) => match storage::server(settings, told) {
            Err(error) => vec![Finding::new("objects", Verdict::Trouble, error.to_string())],
            Ok(s3) => {
                let buckets = s3.buckets().iter().map(|bucket| look(&s3, told, bucket));
                futures::future::join_all(buckets).await
            }
        },
    }
}

async fn look(s3: &S3, told: &settings::S3, bucket: &str) -> Finding {
    let what = format!("bucket {bucket}");
    match try_out(s3, bucket).await {
        Ok(Some(true)) => Finding::new(what, Verdict::Ok, format!("S3, {}", told.endpoint)),
        Ok(Some(false)) => {
            Finding::new(what, Verdict::Trouble, "what was written is not what is read")
        }
        Ok(None) => {
            let words = "it is not there yet; `aisha serve` makes it";
            Finding::new(what, Verdict::Note, words)
        }
        Err(error) => Finding::new(what, Verdict::Trouble, format!("{}: {error}", told.endpoint)),
    }
}

/// None: there is no such bucket.
async fn try_out(s3: &S3, bucket: &str) -> port::Result<Option<bool>> {
    if !s3.has_bucket(bucket).await? {
        return Ok(None);
    }
    let key = format!("doctor/{:016x}", rand::random::<u64>());
    let key = ObjectKey { bucket: bucket.to_owned(), key };
    let written = Bytes::copy_from_slice(key.key.as_bytes());
    s3.put(&key, written.clone(), ImageType::Jpeg).await?;
    let read = s3.get(&key).await;
    s3.delete(&key).await?;
    read.map(|read| Some(read == written))
}

/// Writes, reads and removes a small file.
fn folder(what: &'static str, path: &Path) -> Finding {
    if !path.exists() {
        let words = format!("{} is not there yet; `aisha serve` makes it", path.display());
        return Finding::new(what, Verdict::Note, words);
    }
    let probe = path.join(format!(".doctor-{:016x}", rand::random::<u64>()));
    let tried = fs::write(&probe, what)
        .and_then(|()| fs::read_to_string(&probe))
        .and_then(|read| fs::remove_file(&probe).map(|()| read == what));
    match tried {
        Ok(true) => Finding::new(what, Verdict::Ok, format!("disk, {}", path.display())),
        Ok(false) => Finding::new(what, Verdict::Trouble, "what was written is not what is read"),
        Err(error) => Finding::new(what, Verdict::Trouble, format!("{}: {error}", path.display())),
    }
}
