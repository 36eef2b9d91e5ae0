//! `aisha storage`.

mod link;

use clap::Subcommand;

use super::Report;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a link that shows one object to whoever has it, for some hours.
    Link(link::Args),
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<Report> {
    match command {
        Command::Link(args) => link::run(&args, settings).await,
    }
}
