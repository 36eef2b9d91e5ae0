//! Notes of what this process takes in hand, so that the next one knows what its death interrupted.
//!
//! A note is a line in a file beside the database, written without a sync: it costs microseconds, and
//! outlives the process (a power cut may lose it: that was no fault of the item). What is done by then
//! is no longer open in the database; what is put down and stays open is struck out by a second line.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use aisha_actors::{
    domain::id::{GenerationId, OutboxId, PictureId, Seq},
    port::InHand,
};

/// The file is moved aside at this size, in bytes. Two files hold well over 30 000 notes.
const SIZE_MAX: u64 = 1 << 20;

/// Begins the line that strikes an earlier one out.
const PUT_DOWN: &str = "not ";

pub(super) struct Hand {
    path: PathBuf,
    notes: Mutex<Notes>,
}

struct Notes {
    file: File,
    size: u64,
}

impl Hand {
    /// Opens the notes and keeps what the last process left in them.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let notes = Mutex::new(Notes::open(&path)?);
        Ok(Self { path, notes })
    }

    /// Notes that work on an item begins. Trouble with the file is logged and changes nothing else.
    pub(super) fn take(&self, item: InHand) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = notes.add(&self.path, &encode(item)) {
            tracing::warn!(%error, "what is in hand cannot be noted");
        }
    }

    /// Notes that an item is out of hand again, though it is not done.
    pub(super) fn put_down(&self, item: InHand) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = notes.add(&self.path, &format!("{PUT_DOWN}{}", encode(item))) {
            tracing::warn!(%error, "what is out of hand cannot be noted");
        }
    }

    /// What was taken in hand, and not put down, since [`Hand::forget`].
    pub(super) fn taken(&self) -> BTreeSet<InHand> {
        let _notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = BTreeSet::new();
        for path in [older(&self.path), self.path.clone()] {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            for line in text.lines() {
                match line.strip_prefix(PUT_DOWN) {
                    Some(line) => decode(line).map(|item| taken.remove(&item)),
                    None => decode(line).map(|item| taken.insert(item)),
                };
            }
        }
        taken
    }

    /// Begins anew.
    pub(super) fn forget(&self) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        match std::fs::remove_file(older(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "old notes of what was in hand stay");
            }
            _ => {}
        }
        match notes.file.set_len(0) {
            Ok(()) => notes.size = 0,
            Err(error) => tracing::warn!(%error, "notes of what was in hand stay"),
        }
    }
}

impl Notes {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }

    fn add(&mut self, path: &Path, line: &str) -> io::Result<()> {
        if self.size >= SIZE_MAX {
            std::fs::rename(path, older(path))?;
            *self = Self::open(path)?;
        }
        self.file.write_all(line.as_bytes())?;
        self.size += line.len() as u64;
        Ok(())
    }
}

fn older(path: &Path) -> PathBuf {
    super::target::beside(path, "old")
}

fn encode(item: InHand) -> String {
    match item {
        InHand::Update(seq) => format!("update {}\n", seq.0),
        InHand::Parcel(id) => format!("parcel {}\n", id.0),
        InHand::Generation(id) => format!("generation {id}\n"),
        InHand::Storage(id) => format!("storage {} {}\n", id.generation, id.n),
    }
}

/// None for a line that was cut short.
fn decode(line: &str) -> Option<InHand> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["update", seq] => Some(InHand::Update(Seq(seq.parse().ok()?))),
        ["parcel", id] => Some(InHand::Parcel(OutboxId(id.parse().ok()?))),
        ["generation", id] => Some(InHand::Generation(GenerationId::parse(id)?)),
        ["storage", generation, n] => Some(InHand::Storage(PictureId {
            generation: GenerationId::parse(generation)?,
            n: n.parse().ok()?,
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_was_taken_is_known_to_the_next_process_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.hand");
        let generation = GenerationId(Uuid::from_u128(7));
        let items = [
            InHand::Update(Seq(1)),
            InHand::Parcel(OutboxId(2)),
            InHand::Generation(generation),
            InHand::Storage(PictureId { generation, n: 3 }),
        ];
        let hand = Hand::open(path.clone()).unwrap();
        items.into_iter().for_each(|item| hand.take(item));
        hand.take(InHand::Update(Seq(1)));
        drop(hand);

        let next = Hand::open(path).unwrap();
        assert_eq!(next.taken(), items.into_iter().collect());
        next.forget();
        assert!(next.taken().is_empty());
        next.take(InHand::Update(Seq(9)));
        next.take(InHand::Generation(generation));
        next.put_down(InHand::Generation(generation));
        assert_eq!(next.taken(), [InHand::Update(Seq(9))].into_iter().collect());
    }

    #[test]
    fn a_full_file_is_moved_aside_and_still_read() {
        let dir = tempfile::tempdir().unwrap();
        let hand = Hand::open(dir.path().join("a.hand")).unwrap();
        hand.take(InHand::Update(Seq(1)));
        hand.notes.lock().unwrap().size = SIZE_MAX;
        hand.take(InHand::Update(Seq(2)));
        assert_eq!(hand.taken().len(), 2);
    }

    #[test]
    fn a_line_that_was_cut_short_is_no_note() {
        assert_eq!(decode("generation 12"), None);
        assert_eq!(decode("updat"), None);
        assert_eq!(decode(""), None);
    }
}
