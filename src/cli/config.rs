//! `aisha config`.

use clap::Subcommand;
use serde_json::json;

use super::Report;
use crate::settings::{Mode, Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show every setting in force. Secrets are named, never shown.
    Show,
}

pub(super) fn run(command: &Command, settings: &Settings) -> anyhow::Result<Report> {
    match command {
        Command::Show => shown(settings),
    }
}

pub(super) fn shown(settings: &Settings) -> anyhow::Result<Report> {
    let shown = settings.shown();
    let mode = match settings.mode {
        Mode::Sandbox => "sandbox",
        Mode::Trial { .. } => "real Telegram, sandbox pictures",
        Mode::Real { .. } => "real",
    };
    let set = if shown.set.is_empty() { "none".to_owned() } else { shown.set.join(", ") };
    let mut text = format!("# Mode: {mode}\n# Set in the environment and not shown: {set}\n");
    for warning in &settings.warnings {
        text.push_str(&format!("# Note: {warning}\n"));
    }
    text.push_str(&toml::to_string_pretty(&shown.raw)?);
    let json = json!({
        "mode": mode,
        "production": settings.production,
        "set": shown.set,
        "notes": settings.warnings,
        "config": shown.raw,
    });
    Ok(Report::new(text, json))
}
