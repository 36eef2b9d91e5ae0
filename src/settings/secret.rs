//! Secrets, and the one that we make ourselves.

use std::{
    fmt, fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A word that must never be shown. It has no `Display`, and its `Debug` says only that it is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// The word itself: for the wire and for signatures, never for a log, an error or a page.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A secret of its own for one purpose: 64 hexadecimal digits, always the same for the same
    /// secret and purpose.
    pub fn derive(&self, purpose: &str) -> Self {
        // An HMAC takes keys of any length, so this never falls back to the empty secret.
        let digest = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())
            .map(|mac| mac.chain_update(purpose.as_bytes()).finalize().into_bytes())
            .unwrap_or_default();
        Self(hex::encode(digest))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Reads the secret in `path`, or makes one of 256 bits there, readable by the owner only. Two
/// processes that start at once end up with the same one.
///
/// # Errors
/// Whatever the file system says; `InvalidData` when the file holds no secret, `PermissionDenied`
/// when others may read it.
pub(super) fn keep(path: &Path) -> io::Result<Secret> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path)?,
        found => return found,
    }
    read(path)
}

fn read(path: &Path) -> io::Result<Secret> {
    let text = fs::read_to_string(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others may read it; make it yours alone with `chmod 600`",
        ));
    }
    let word = text.trim();
    if word.len() < SECRET_LEN_MIN {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it holds no secret; restore it, or delete it to have a new one made",
        ));
    }
    Ok(Secret::new(word))
}

/// Writes aside and links into place, so that nobody ever reads half a secret and the first one wins.
fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let aside = path.with_extension(format!("key.{:016x}", rand::random::<u64>()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    writeln!(file, "{}", hex::encode(rand::random::<[u8; 32]>()))?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// In bytes. Shorter ones can be guessed.
pub(super) const SECRET_LEN_MIN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::new("CANARY-1");
        assert!(!format!("{secret:?} {:#?}", Some(&secret)).contains("CANARY"));
        assert_eq!(secret.expose(), "CANARY-1");
    }

    #[test]
    fn derived_secrets_differ_by_purpose_and_stay() {
        let secret = Secret::new("CANARY-1");
        assert_eq!(secret.derive("a"), secret.derive("a"));
        assert_ne!(secret.derive("a"), secret.derive("b"));
        assert_eq!(secret.derive("a").expose().len(), 64);
    }

    #[test]
    fn the_secret_key_is_made_once_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/secret.key");
        let first = keep(&path).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(keep(&path).unwrap(), first);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(keep(&path).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn two_starts_at_once_agree_on_the_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let made: Vec<Secret> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| keep(&path).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(made.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_file_without_a_secret_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        fs::write(&path, "\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(keep(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
