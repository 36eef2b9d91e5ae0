//! Files of a backup: written durably, summed up, read again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::{Component, Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::Error;

/// The list of sums.
pub(super) const SUMS: &str = "SHA256SUMS";

/// How much is read at once.
const CHUNK: usize = 1 << 16;

/// Makes a folder that only we may look into.
pub(super) fn make_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Error::file(path))
}

/// Writes a new file and makes it durable; its folder is made.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = || {
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    written().map_err(Error::file(path))
}

/// Makes the entries of a folder, and of all folders in it, durable.
pub(super) fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

/// The SHA-256 of a file in hex.
pub(super) fn sum(path: &Path) -> Result<String, Error> {
    let read = || {
        let (mut file, mut hash) = (File::open(path)?, Sha256::new());
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = file.read(&mut chunk)?;
            match chunk.get(..length) {
                Some([]) | None => return Ok(hex::encode(hash.finalize())),
                Some(bytes) => hash.update(bytes),
            }
        }
    };
    read().map_err(Error::file(path))
}

/// The list of sums while it is being written.
pub(super) struct Sums {
    path: PathBuf,
    out: BufWriter<File>,
    pub(super) count: u64,
}

impl Sums {
    pub(super) fn begin(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(SUMS);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let out = BufWriter::new(file.map_err(Error::file(&path))?);
        Ok(Self { path, out, count: 0 })
    }

    /// Adds a file by its name below the folder.
    pub(super) fn add(&mut self, name: &str, sum: &str) -> Result<(), Error> {
        self.count += 1;
        writeln!(self.out, "{sum}  {name}").map_err(Error::file(&self.path))
    }

    /// Makes the list durable and gives its own sum.
    pub(super) fn end(mut self) -> Result<String, Error> {
        let written = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        written.map_err(Error::file(&self.path))?;
        sum(&self.path)
    }
}

/// Reads the list: names below the folder with their sums.
///
/// # Errors
/// [`Error::Damaged`] for whatever no list of ours has, such as a name that leads out of the folder.
pub(super) fn listed(
    folder: &Path,
) -> Result<impl Iterator<Item = Result<(String, String), Error>>, Error> {
    let path = folder.join(SUMS);
    let file = File::open(&path).map_err(Error::file(&path))?;
    Ok(BufReader::new(file).lines().map(move |line| {
        let line = line.map_err(Error::file(&path))?;
        let strange = || Error::Damaged(format!("{SUMS} has a line that is not ours"));
        let (sum, name) = line.split_once("  ").ok_or_else(strange)?;
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if sum.len() != 64 || name.is_empty() || !inside {
            return Err(strange());
        }
        Ok((name.to_owned(), sum.to_owned()))
    }))
}

/// Reads everything again and compares: the list with the manifest's word, each file with the list.
///
/// # Errors
/// [`Error::Damaged`] names the first that is not as it was written.
pub(super) fn verify(
    folder: &Path,
    manifest: &super::Manifest,
    mut seen: impl FnMut(),
) -> Result<(), Error> {
    if sum(&folder.join(SUMS))? != manifest.sums_sha256 {
        return Err(Error::Damaged(format!("{SUMS} is not the one that was written")));
    }
    let mut count = 0;
    for line in listed(folder)? {
        let (name, written) = line?;
        let path = folder.join(&name);
        if !path.is_file() {
            return Err(Error::Damaged(format!("{name} is missing")));
        }
        if sum(&path)? != written {
            return Err(Error::Damaged(format!("{name} is not as it was written")));
        }
        count += 1;
        seen();
    }
    if count == manifest.sums { Ok(()) } else { Err(Error::Damaged("files are missing".into())) }
}
