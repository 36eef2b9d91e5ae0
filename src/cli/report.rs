//! What a command has to say: to people as text and tables, to scripts as JSON.

use std::io::{self, ErrorKind, Write};

use aisha_actors::domain::time::Timestamp;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// The answer of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// For people. Empty: nothing is printed.
    pub text: String,
    /// For scripts. Null: nothing is printed.
    pub json: Value,
    /// Whether the exit code is 1.
    pub trouble: bool,
}

impl Report {
    /// Nothing to say.
    pub fn nothing() -> Self {
        Self::new(String::new(), Value::Null)
    }

    /// All is well.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, trouble: false }
    }

    /// Prints it. A reader that has gone away (`aisha … | head`) is no trouble.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn print(&self, out: &mut impl Write, json: bool) -> io::Result<()> {
        let text = match (&self.json, json) {
            (Value::Null, true) => return Ok(()),
            (value, true) => value.to_string(),
            (_, false) if self.text.is_empty() => return Ok(()),
            (_, false) => self.text.clone(),
        };
        match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }
}

/// One line on stderr, whatever happened.
pub(super) fn complain(out: &mut impl Write, error: &anyhow::Error) {
    let line = plain(&format!("{error:#}"));
    // Where not even that can be written, the exit code tells.
    drop(writeln!(out, "aisha: {line}"));
}

/// A table with a head, fitted to the terminal.
pub(super) fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head);
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Names and values, one below the other.
pub(super) fn facts<const N: usize>(facts: [(&str, String); N]) -> String {
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:width$}  {}", plain(value));
    facts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What people wrote, without anything that speaks to the terminal.
pub(super) fn plain(text: &str) -> String {
    let harmless = |c: char| {
        // Also the marks that turn the direction of what follows.
        !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmless(c) { c } else { ' ' }).collect()
}

/// At most `max` characters.
pub(super) fn short(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// UTC, to the second.
pub(super) fn time(at: Timestamp) -> String {
    at.utc().format("%Y-%m-%d %H:%M:%S").to_string()
}

/// UTC in RFC 3339, for scripts.
pub(super) fn rfc(at: Timestamp) -> String {
    at.utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
