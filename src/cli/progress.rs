//! Progress of long work, on stderr and only where that is a terminal: what a script reads stays clean.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many things. It goes away when it is finished.
pub(super) fn bar(count: u64) -> ProgressBar {
    let bar = ProgressBar::new(count);
    let style =
        ProgressStyle::with_template("{msg:<12} {wide_bar} {human_pos}/{human_len} {eta:>4}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
