//! Backups: a consistent copy of the database, and on request of the objects, in a folder of its own.
//!
//! A run makes `aisha-YYYYMMDDThhmmssZ-xxxxxxxx/` with `manifest.json`, `SHA256SUMS` (as `sha256sum -c`
//! reads it), `database/` and, on request, `objects/{bucket}/{key}`. It is written under a name that
//! begins with a dot, made durable, read again and compared, and only then gets its own name: what is
//! found under that name is whole. No secret is in it: neither the environment nor `secret.key`.

mod files;
mod last;
mod manifest;
mod restore;
#[cfg(test)]
mod tests;
mod write;

use std::{io, path::PathBuf};

use crate::db;

pub use last::Last;
pub use manifest::Manifest;
pub use restore::{Replacing, Restored, restore};
pub use write::{Order, Written, write};

/// Why there is no backup, or why it is not restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Database(#[from] db::Error),
    #[error("object storage: {0}")]
    Objects(#[from] aisha_actors::port::Error),
    #[error("{}: this is no backup: {what}", path.display())]
    NoBackup { path: PathBuf, what: String },
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// There is something that would be replaced, and nobody said so.
    #[error(
        "the database is not empty; `--force` replaces it (a SQLite file is kept beside the new one; rows \
         on a server are backed up into `before-restore` beside the backup)"
    )]
    NotEmpty,
    /// What would be replaced cannot be kept.
    #[error(
        "what is there cannot be backed up before it is replaced ({0}); with `--no-safety-copy` it is \
         replaced all the same, and is gone"
    )]
    NoSafetyCopy(Box<Error>),
}

impl Error {
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}
