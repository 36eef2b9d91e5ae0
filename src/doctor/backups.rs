//! How old the last good backup is.

use std::time::Duration;

use aisha_actors::port::Clock;

use super::{Finding, Verdict};
use crate::{backup::Last, settings::Settings, world::SystemClock};

/// One that is older than this is worth a word.
const AGE_MAX: Duration = Duration::from_secs(48 * 3600);

pub(super) fn last(settings: &Settings) -> Finding {
    let note = |words: String| Finding::new("backup", Verdict::Note, words);
    let Some(last) = Last::read(&settings.data_dir) else {
        return note("there was never one; `aisha backup DIR` makes it".to_owned());
    };
    let age = last.age(SystemClock.now());
    let hours = age.as_secs() / 3600;
    let ago = match hours {
        0 => format!("{} minutes ago", age.as_secs() / 60),
        1..48 => format!("{hours} hours ago"),
        _ => format!("{} days ago", hours / 24),
    };
    let what = if last.objects { "database and objects" } else { "database" };
    let words = format!("the last good one, {ago}: {what}, {}", last.folder.display());
    if !last.folder.exists() {
        return note(format!("{words}; it is not there any more"));
    }
    let verdict = if age > AGE_MAX { Verdict::Note } else { Verdict::Ok };
    Finding::new("backup", verdict, words)
}
