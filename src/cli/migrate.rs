//! `aisha migrate`.

use clap::Subcommand;
use serde_json::json;

use super::Report;
use crate::{db::migrations, settings::Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring the schema up to date. `serve` does it by itself.
    Up,
    /// Take versions back. Data in tables that go away is lost.
    Down {
        /// The version that shall be the newest; 0 takes back all.
        #[arg(long, value_name = "VERSION")]
        to: String,
    },
    /// Show which versions stand, and which are due.
    Status,
}

pub(super) async fn run(command: &Command, settings: &Settings) -> anyhow::Result<Report> {
    let target = &settings.database;
    match command {
        Command::Up => {
            let applied = migrations::up(target).await?;
            Ok(Report::new(said("applied", &applied), json!({"applied": applied})))
        }
        Command::Down { to } => {
            let reverted = migrations::down(target, to).await?;
            Ok(Report::new(said("taken back", &reverted), json!({"reverted": reverted})))
        }
        Command::Status => {
            let status = migrations::status(target).await?;
            let text = [
                said("applied", &status.applied),
                said("due", &status.pending),
                said("of a newer binary", &status.unknown),
            ];
            let json = json!({
                "applied": status.applied,
                "pending": status.pending,
                "unknown": status.unknown,
            });
            let trouble = status.check().is_err();
            Ok(Report { trouble, ..Report::new(text.join("\n"), json) })
        }
    }
}

fn said(what: &str, versions: &[String]) -> String {
    let list = if versions.is_empty() { "none".to_owned() } else { versions.join(", ") };
    format!("{what}: {list}")
}
