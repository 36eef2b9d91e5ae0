//! The last line of defence: whatever is logged, the secrets that we know are not in it, and one event
//! is one line.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
};

use tracing_subscriber::fmt::MakeWriter;

use crate::settings::Secret;

/// Shorter words are not masked: they would tear holes into ordinary text.
const SECRET_LEN_MIN: usize = 6;

/// The words that must not be seen. Clones share them, so that one learned later is masked too.
#[derive(Clone, Default)]
pub struct Mask {
    words: Arc<RwLock<Vec<String>>>,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask")
    }
}

impl Mask {
    /// Masks these from now on: as they are, as JSON and URLs spell them, and the secret half of a
    /// token (`123456:ABC…`) without its public one.
    pub fn learn(&self, secrets: &[Secret]) {
        let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            let secret = secret.expose();
            let half = secret.split_once(':').map(|(_, half)| half);
            for word in [Some(secret), half].into_iter().flatten() {
                // Rust's own quoting, as `{:?}` writes it.
                let quoted = word.escape_debug().to_string();
                let url: String = url::form_urlencoded::byte_serialize(word.as_bytes()).collect();
                words.extend([json(word), json(&quoted), word.to_owned(), quoted, url]);
            }
        }
        words.retain(|word| word.len() >= SECRET_LEN_MIN);
        // The longest first: a half must not spoil the whole.
        words.sort_by(|one, two| two.len().cmp(&one.len()).then(one.cmp(two)));
        words.dedup();
    }

    /// The line without secrets, as it would stand in the log.
    pub fn cover(&self, line: &str) -> String {
        let covered = self.apply(line.as_bytes());
        covered
            .map_or_else(|| line.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The line without secrets, and as one line: what came in cannot forge a second one, nor speak
    /// to the terminal. None: it is fine as it is.
    fn apply(&self, line: &[u8]) -> Option<Vec<u8>> {
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(line);
        let body = text.trim_end_matches('\n');
        let secret = words.iter().any(|word| body.contains(word.as_str()));
        if !secret && !body.contains(char::is_control) {
            return None;
        }
        let mut masked = body.to_owned();
        for word in words.iter() {
            masked = masked.replace(word.as_str(), "***");
        }
        let mut clean = String::with_capacity(masked.len() + 8);
        for c in masked.chars() {
            if c.is_control() { clean.extend(c.escape_debug()) } else { clean.push(c) }
        }
        clean.push_str(text.get(body.len()..).unwrap_or_default());
        Some(clean.into_bytes())
    }
}

fn json(word: &str) -> String {
    let quoted = serde_json::Value::from(word).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// Makes writers that write through a [`Mask`].
#[derive(Debug, Clone)]
pub(super) struct Masked<M> {
    pub(super) inner: M,
    pub(super) mask: Mask,
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Masked<M> {
    type Writer = MaskedWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        MaskedWriter { inner: self.inner.make_writer(), mask: self.mask.clone() }
    }
}

/// The subscriber writes an event in one piece, so a secret is never cut in two.
pub(super) struct MaskedWriter<W> {
    inner: W,
    mask: Mask,
}

impl<W: io::Write> io::Write for MaskedWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.mask.apply(line) {
            Some(masked) => self.inner.write_all(&masked)?,
            None => self.inner.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
