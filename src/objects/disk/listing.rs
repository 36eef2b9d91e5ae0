//! A walk through a bucket in the order of the keys' bytes.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use aisha_actors::port::Listed;

/// What is looked for, and what was found so far.
pub(super) struct Listing {
    pub(super) wanted: String,
    pub(super) after: Option<String>,
    pub(super) limit: usize,
    pub(super) found: Vec<Listed>,
}

impl Listing {
    /// Adds what is in `folder`, whose keys begin with `above`, until there is enough.
    pub(super) fn walk(&mut self, folder: &Path, above: &str) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // It went away, or was never there.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // A folder sorts by its name with the slash behind it, as its keys do.
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A name that is no text is none of ours.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_folder = entry.file_type()?.is_dir();
            names
                .push((format!("{above}{name}{}", if is_folder { "/" } else { "" }), entry.path()));
        }
        names.sort();
        for (key, path) in names {
            if self.found.len() >= self.limit {
                break;
            }
            if key.ends_with('/') {
                if self.may_lie_below(&key) {
                    self.walk(&path, &key)?;
                }
            } else if key.starts_with(&self.wanted)
                && self.after.as_ref().is_none_or(|after| key > *after)
            {
                match fs::metadata(&path) {
                    Ok(data) => self.found.push(Listed { key, size: data.len() }),
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn may_lie_below(&self, folder: &str) -> bool {
        let wanted = folder.starts_with(&self.wanted) || self.wanted.starts_with(folder);
        let over = |after: &String| after.as_str() > folder && !after.starts_with(folder);
        wanted && !self.after.as_ref().is_some_and(over)
    }
}
