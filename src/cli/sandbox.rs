//! `aisha sandbox`.

use std::net::SocketAddr;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::Report;
use crate::{app, settings::Settings};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Address to answer on, loopback only; without it that of the settings.
    #[arg(long, value_name = "ADDR", value_parser = loopback)]
    bind: Option<SocketAddr>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put people with finished pictures into the bot's database, for load and scale.
    Seed(Seed),
}

/// How many of what.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(super) struct Seed {
    /// People to make.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) users: u32,
    /// Pictures for each of them.
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(super) pictures: u32,
    /// Telegram id of the first; the others follow.
    #[arg(long, value_name = "I", value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) first_id: i64,
}

impl Args {
    pub(super) fn is_seed(&self) -> bool {
        matches!(self.command, Some(Command::Seed(_)))
    }
}

pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<Report> {
    match args.command {
        None => app::run_sandbox(settings, args.bind).await.map(|()| Report::nothing()),
        Some(Command::Seed(seed)) => sow(seed, &settings).await,
    }
}

async fn sow(seed: Seed, settings: &Settings) -> anyhow::Result<Report> {
    let Seed { users, pictures, first_id } = seed;
    let seeded = app::seed(settings, users, pictures, first_id).await?;
    let json = json!({"users": seeded.users, "pictures": seeded.pictures});
    let words = format!("{} people with {} pictures in all", seeded.users, seeded.pictures);
    Ok(Report::new(words, json))
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address =
        text.parse::<SocketAddr>().map_err(|_| "it looks like 127.0.0.1:8081".to_owned())?;
    address.ip().is_loopback().then_some(address).ok_or_else(|| "on loopback only".to_owned())
}
