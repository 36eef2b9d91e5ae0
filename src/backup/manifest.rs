//! What a backup says of itself.

use std::{collections::BTreeMap, path::Path};

use aisha_actors::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::db::backup::Copied;

/// The name of the file.
pub(super) const FILE: &str = "manifest.json";

/// The form that this binary writes, and the only one that it reads.
const FORM: u32 = 1;

/// A manifest is small; what is larger is none.
const SIZE_MAX: u64 = 1 << 20;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this file.
    pub form: u32,
    /// The version of AISHA that wrote it.
    pub version: String,
    /// When the copy of the database was begun, RFC 3339.
    pub made_at: String,
    /// The same in microseconds since the Unix epoch.
    pub made_at_us: i64,
    /// What wrote the database's files: `sqlite` or `rows`.
    pub backend: String,
    /// The schema's versions, oldest first.
    pub schema: Vec<String>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// The database's files, in `database/`.
    pub files: Vec<String>,
    /// None: objects were not asked for.
    pub objects: Option<Objects>,
    /// Files that `SHA256SUMS` lists, and its own SHA-256 in hex.
    pub sums: u64,
    pub sums_sha256: String,
}

/// The objects of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Objects {
    pub count: u64,
    pub bytes: u64,
    /// Pictures whose row says that they are stored, and whose object was not there.
    pub missing: Vec<String>,
}

impl Manifest {
    pub(super) fn new(at: Timestamp, copied: Copied) -> Self {
        Self {
            form: FORM,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: at.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            made_at_us: at.0,
            backend: copied.backend,
            schema: copied.schema,
            rows: copied.rows,
            files: copied.files,
            objects: None,
            sums: 0,
            sums_sha256: String::new(),
        }
    }

    /// Reads the manifest of a backup's folder.
    ///
    /// # Errors
    /// [`Error::NoBackup`]: there is none, or none that this binary understands.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let no_backup = |what: String| Error::NoBackup { path: folder.to_owned(), what };
        let path = folder.join(FILE);
        let size = std::fs::metadata(&path).map_err(|error| no_backup(error.to_string()))?.len();
        if size > SIZE_MAX {
            return Err(no_backup(format!("{FILE} is too large")));
        }
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        let manifest: Self =
            serde_json::from_str(&text).map_err(|error| no_backup(format!("{FILE}: {error}")))?;
        if manifest.form != FORM {
            return Err(no_backup(format!("form {} is of another version", manifest.form)));
        }
        Ok(manifest)
    }

    /// What the database has to know to read its files.
    pub(super) fn copied(&self) -> Copied {
        Copied {
            backend: self.backend.clone(),
            schema: self.schema.clone(),
            rows: self.rows.clone(),
            files: self.files.clone(),
        }
    }
}
