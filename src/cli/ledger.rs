//! `aisha ledger`.

use aisha_actors::port::Records;
use clap::Subcommand;
use serde_json::json;

use super::{Report, report::plain};
use crate::db::Database;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the books against themselves; exit code 1 when anything does not add up.
    Audit,
}

pub(super) async fn run(command: Command, database: &Database) -> anyhow::Result<Report> {
    match command {
        Command::Audit => audit(database).await,
    }
}

pub(super) async fn audit(database: &Database) -> anyhow::Result<Report> {
    let violations = database.violations().await?;
    let stats = database.balance_stats().await?;
    let text = if violations.is_empty() {
        format!("the books are right: {} entries", stats.entries)
    } else {
        violations.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n")
    };
    let json = json!({"violations": violations, "entries": stats.entries});
    Ok(Report { trouble: !violations.is_empty(), ..Report::new(text, json) })
}
