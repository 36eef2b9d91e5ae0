//! Objects as files: `{root}/{bucket}/{key}`.
//!
//! An object appears whole or not at all, survives a power cut once [`put`](Disk::put) has returned,
//! and is never changed.

mod listing;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{self, Clock, Error as PortError, Kind, Listed, Objects},
};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::{
    fs::{self, File, OpenOptions},
    io::{AsyncReadExt, AsyncWriteExt},
};
use uuid::Uuid;

use super::{
    link::Signer,
    rules::{OBJECT_MAX, check_bucket, is_bucket},
};
use listing::Listing;

/// Files that are being written. No bucket's name begins with a dot.
const HALF_WRITTEN: &str = ".tmp";
/// What was half written so long ago is nobody's any more.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);
const KEY_MAX: usize = 256;

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the folder of objects cannot be used: {0}")]
pub struct Error(#[from] io::Error);

/// A folder of objects. Several processes may use it at once.
#[derive(Clone)]
pub struct Disk {
    root: PathBuf,
    links: Option<(Signer, Arc<dyn Clock>)>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Disk {
    /// Opens the folder, or makes it; clears away what a dead process left half written.
    pub async fn open(root: &Path) -> Result<Self, Error> {
        let disk = Self { root: root.to_owned(), links: None };
        let half_written = disk.root.join(HALF_WRITTEN);
        make_folder(&half_written).await?;
        let mut entries = fs::read_dir(&half_written).await?;
        while let Some(entry) = entries.next_entry().await? {
            let written = entry.metadata().await.and_then(|data| data.modified());
            let age = written.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            if age.is_some_and(|age| age > ABANDONED_AFTER) {
                match fs::remove_file(entry.path()).await {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(error.into());
                    }
                    _ => {}
                }
            }
        }
        Ok(disk)
    }

    /// Makes links too: paths that [`files`](super::files) serves.
    #[must_use]
    pub fn with_links(self, signer: Signer, clock: Arc<dyn Clock>) -> Self {
        Self { links: Some((signer, clock)), ..self }
    }

    fn path(&self, object: &ObjectKey) -> port::Result<PathBuf> {
        if is_valid(object) {
            Ok(self.root.join(&object.bucket).join(&object.key))
        } else {
            Err(PortError::new(Kind::Permanent, "object storage: this is no key of ours"))
        }
    }

    /// Writes a new file and links it to its place, which fails where there is one.
    async fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let half_written = self.root.join(HALF_WRITTEN).join(Uuid::new_v4().to_string());
        let written = async {
            write(&half_written, bytes).await?;
            if let Some(folder) = path.parent() {
                make_folder(folder).await?;
            }
            fs::hard_link(&half_written, path).await
        };
        let written = written.await;
        // Also after a failure; what stays behind is cleared at the next start.
        let removed = fs::remove_file(&half_written).await;
        written?;
        if let Err(error) = removed {
            tracing::warn!(%error, "object storage: a temporary file stays behind");
        }
        self.sync_folders(path).await
    }

    /// Makes the entries of a path durable, from its folder up to the root.
    async fn sync_folders(&self, path: &Path) -> io::Result<()> {
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root)) {
            File::open(folder).await?.sync_all().await?;
        }
        Ok(())
    }
}

async fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o640);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await?;
    file.sync_all().await
}

async fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o750);
    builder.create(path).await
}

async fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    if length > OBJECT_MAX {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(OBJECT_MAX).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Whether bucket and key are ones that we would write: no way out of the folder, no surprises in it.
pub(super) fn is_valid(object: &ObjectKey) -> bool {
    let key = object.key.as_str();
    let fits = |part: &str| {
        part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
    };
    is_bucket(&object.bucket) && key.len() <= KEY_MAX && key.split('/').all(fits)
}

fn fault(error: &io::Error) -> PortError {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => Kind::NotFound,
        io::ErrorKind::FileTooLarge | io::ErrorKind::IsADirectory => Kind::Permanent,
        _ => Kind::Transient,
    };
    PortError::new(kind, format!("object storage: {error}"))
}

#[async_trait]
impl Objects for Disk {
    async fn put(&self, key: &ObjectKey, bytes: Bytes, _type: ImageType) -> port::Result<()> {
        let path = self.path(key)?;
        if bytes.len() as u64 > OBJECT_MAX {
            return Err(PortError::new(Kind::Permanent, "object storage: too large"));
        }
        match self.create(&path, &bytes).await {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let there = read(&path).await.map_err(|error| fault(&error))?;
                if there != bytes {
                    return Err(PortError::new(
                        Kind::Conflict,
                        "object storage: other bytes are there already",
                    ));
                }
                // Whoever wrote it may have died before its entry was durable.
                self.sync_folders(&path).await.map_err(|error| fault(&error))
            }
            // Not the object's absence: a folder went away, or is no folder.
            Err(error) => Err(PortError::transient(format!("object storage: {error}"))),
        }
    }

    async fn get(&self, key: &ObjectKey) -> port::Result<Bytes> {
        let bytes = read(&self.path(key)?).await.map_err(|error| fault(&error))?;
        Ok(Bytes::from(bytes))
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> port::Result<Vec<Listed>> {
        check_bucket(bucket)?;
        let (folder, wanted) = (self.root.join(bucket), prefix.to_owned());
        let (after, limit) = (after.map(str::to_owned), limit.clamp(1, 1000));
        let walk = move || {
            let mut listing = Listing { wanted, after, limit, found: Vec::new() };
            listing.walk(&folder, "").map(|()| listing.found)
        };
        let walked = tokio::task::spawn_blocking(walk).await;
        let walked = walked.map_err(|_panic| PortError::transient("object storage: no listing"))?;
        walked.map_err(|error| fault(&error))
    }

    async fn delete(&self, key: &ObjectKey) -> port::Result<()> {
        match fs::remove_file(self.path(key)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault(&error)),
            _ => Ok(()),
        }
    }

    fn link(&self, key: &ObjectKey, life: Duration) -> port::Result<String> {
        self.path(key)?;
        match &self.links {
            Some((signer, clock)) => Ok(signer.path(key, clock.now(), life)),
            None => Err(PortError::new(Kind::Permanent, "object storage: no links are made here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bucket: &str, key: &str) -> ObjectKey {
        ObjectKey { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    fn sample() -> ObjectKey {
        object("imagen4", "2026/08/20/0123456789abcdef_1.jpg")
    }

    async fn put(disk: &Disk, key: &ObjectKey, bytes: &'static [u8]) -> Result<(), Kind> {
        let put = disk.put(key, Bytes::from_static(bytes), ImageType::Jpeg).await;
        put.map_err(|error| error.kind)
    }

    async fn opened() -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(&folder.path().join("objects")).await.unwrap();
        (folder, disk)
    }

    fn half_written(disk: &Disk) -> usize {
        std::fs::read_dir(disk.root.join(HALF_WRITTEN)).unwrap().count()
    }

    #[tokio::test]
    async fn an_object_is_put_once_and_got_as_it_was() {
        let (_folder, disk) = opened().await;
        let key = sample();
        assert_eq!(disk.get(&key).await.unwrap_err().kind, Kind::NotFound);
        assert_eq!(put(&disk, &key, b"one").await, Ok(()));
        assert_eq!(put(&disk, &key, b"one").await, Ok(()));
        assert_eq!(put(&disk, &key, b"two").await, Err(Kind::Conflict));
        assert_eq!(put(&disk, &key, b"one and more").await, Err(Kind::Conflict));
        assert_eq!(disk.get(&key).await.unwrap(), "one");
        assert_eq!(half_written(&disk), 0);
        let again = Disk::open(&disk.root).await.unwrap();
        assert_eq!(again.get(&key).await.unwrap(), "one");
    }

    #[tokio::test]
    async fn what_is_gone_is_gone_and_may_come_again() {
        let (_folder, disk) = opened().await;
        let key = sample();
        disk.delete(&key).await.unwrap();
        put(&disk, &key, b"one").await.unwrap();
        disk.delete(&key).await.unwrap();
        disk.delete(&key).await.unwrap();
        assert_eq!(disk.get(&key).await.unwrap_err().kind, Kind::NotFound);
        put(&disk, &key, b"two").await.unwrap();
        assert_eq!(disk.get(&key).await.unwrap(), "two");
    }

    #[tokio::test]
    async fn of_many_writers_at_once_one_wins_and_nothing_is_mixed() {
        let (_folder, disk) = opened().await;
        let key = sample();
        let writers = (0..16_u8).map(async |n| {
            let bytes = Bytes::from(vec![n % 2; 100_000]);
            disk.put(&key, bytes, ImageType::Jpeg).await.map_err(|error| error.kind)
        });
        let results = futures::future::join_all(writers).await;
        let got = disk.get(&key).await.unwrap();
        assert!(got.len() == 100_000 && got.iter().all(|byte| *byte == got[0]));
        for (n, result) in results.into_iter().enumerate() {
            let won = n % 2 == usize::from(got[0]);
            assert_eq!(result, if won { Ok(()) } else { Err(Kind::Conflict) });
        }
        assert_eq!(half_written(&disk), 0);
    }

    #[tokio::test]
    async fn keys_do_not_lead_out_of_the_folder() {
        let (folder, disk) = opened().await;
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        let long = "a".repeat(KEY_MAX + 1);
        for (bucket, key) in [
            ("imagen4", "../secret"),
            ("imagen4", "../../secret"),
            ("imagen4", "a/../../../secret"),
            ("imagen4", "/etc/passwd"),
            ("imagen4", "a//b"),
            ("imagen4", "a/"),
            ("imagen4", ""),
            ("imagen4", "."),
            ("imagen4", "a/.hidden"),
            ("imagen4", "a\\b"),
            ("imagen4", "a\0b"),
            ("imagen4", "a b"),
            ("imagen4", "ä.jpg"),
            ("imagen4", &long),
            ("..", "secret"),
            (".tmp", "a.jpg"),
            ("", "secret"),
            ("ab", "a.jpg"),
            ("Imagen4", "a.jpg"),
            ("a/b", "c.jpg"),
            ("-ab", "c.jpg"),
        ] {
            let key = object(bucket, key);
            assert_eq!(put(&disk, &key, b"x").await, Err(Kind::Permanent), "{key:?}");
            assert_eq!(disk.get(&key).await.unwrap_err().kind, Kind::Permanent, "{key:?}");
            assert_eq!(disk.delete(&key).await.unwrap_err().kind, Kind::Permanent, "{key:?}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn files_are_not_for_everybody() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, disk) = opened().await;
        put(&disk, &sample(), b"x").await.unwrap();
        let path = disk.path(&sample()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path) & 0o137, 0);
        assert_eq!(mode(path.parent().unwrap()) & 0o027, 0);
    }

    #[tokio::test]
    async fn what_a_dead_process_left_is_cleared() {
        let (_folder, disk) = opened().await;
        let folder = disk.root.join(HALF_WRITTEN);
        std::fs::write(folder.join("young"), "x").unwrap();
        let old = std::fs::File::create(folder.join("old")).unwrap();
        old.set_modified(SystemTime::now() - ABANDONED_AFTER * 2).unwrap();
        Disk::open(&disk.root).await.unwrap();
        assert!(folder.join("young").exists() && !folder.join("old").exists());
    }

    #[tokio::test]
    async fn a_disk_in_trouble_is_passing_trouble() {
        let (_folder, disk) = opened().await;
        std::fs::write(disk.root.join("imagen4"), "a file where a folder should be").unwrap();
        assert_eq!(put(&disk, &sample(), b"x").await, Err(Kind::Transient));
        assert_eq!(half_written(&disk), 0);
    }
}
