//! When the last good backup was made: noted in the data folder, for `doctor` and the metrics.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use aisha_actors::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Manifest};

/// The note's name in the data folder.
const FILE: &str = "last-backup.json";

/// The last backup that was verified after it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// When it was begun, in microseconds since the Unix epoch.
    pub made_at_us: i64,
    /// Where it was put.
    pub folder: PathBuf,
    /// Whether objects are in it.
    pub objects: bool,
}

impl Last {
    /// None: there was never one, or the note cannot be read.
    pub fn read(data_dir: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(data_dir.join(FILE)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Notes a backup that is good.
    pub(super) fn note(data_dir: &Path, folder: &Path, manifest: &Manifest) -> Result<(), Error> {
        let last = Self {
            made_at_us: manifest.made_at_us,
            folder: std::path::absolute(folder).map_err(Error::file(folder))?,
            objects: manifest.objects.is_some(),
        };
        let (path, arriving) = (data_dir.join(FILE), data_dir.join(format!("{FILE}.new")));
        match std::fs::remove_file(&arriving) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::File { path: arriving, error });
            }
            _ => {}
        }
        let text = serde_json::to_vec(&last).unwrap_or_default();
        super::files::write(&arriving, &text)?;
        std::fs::rename(&arriving, &path).map_err(Error::file(path))
    }

    /// How old it is.
    pub fn age(&self, now: Timestamp) -> Duration {
        now.since(Timestamp(self.made_at_us))
    }
}
