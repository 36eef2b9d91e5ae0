//! The command line: what can be said, and who does it. `aisha` alone is `aisha serve`.
//!
//! Every command but `serve` and `sandbox` works beside a running `serve`. Exit codes: 0 it is done,
//! 1 trouble (also what `doctor` and `audit` find), 2 it was said wrongly.

mod admin;
mod backup;
mod balance;
mod bundle;
mod cache;
mod config;
mod doctor;
mod examples;
mod generation;
mod health;
mod ledger;
mod migrate;
mod node;
mod parse;
mod progress;
mod report;
mod sandbox;
mod storage;
#[cfg(test)]
mod tests;
mod user;

use std::{io, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    app,
    db::Database,
    settings::{self, Settings, Sources},
    telemetry,
    world::SystemClock,
};

pub use report::Report;

/// A self-hosted Telegram studio for AI images.
///
/// Without a command it serves. Without a Telegram token and a FAL key it serves a sandbox on loopback,
/// where you play the Telegram user yourself. `aisha config show` shows every setting.
#[derive(Debug, Parser)]
#[command(name = "aisha", version, arg_required_else_help = false)]
pub struct Cli {
    /// Settings to read instead of ./config.toml or /etc/aisha/config.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON, for scripts.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot, or the sandbox when neither token nor key is set. The default.
    Serve,
    /// Run the pretended Telegram and FAL alone, for bots that are started beside it.
    Sandbox(sandbox::Args),
    /// Check everything the bot depends on, a line each; exit code 1 on trouble.
    Doctor,
    /// Ask whether the bot on this machine answers; exit code 1 when not. For health checks.
    Health(health::Args),
    /// People: who they are, what they have, where they stand.
    #[command(subcommand)]
    User(user::Command),
    /// Credits: give, take back, list.
    #[command(subcommand)]
    Balance(balance::Command),
    /// Generations: list, look into, settle the stuck ones.
    #[command(subcommand)]
    Generation(generation::Command),
    /// Where pictures are kept.
    #[command(subcommand)]
    Storage(storage::Command),
    /// The cache that the nodes share: is it well, and how to empty it.
    #[command(subcommand)]
    Cache(cache::Command),
    /// The books.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// The processes that share a PostgreSQL.
    #[command(subcommand)]
    Node(node::Command),
    /// The database's schema.
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Write a consistent copy of the database, and on request of the pictures, while the bot runs.
    Backup(backup::Backup),
    /// Put together a folder for a bug report: settings, checks, counts and the log, without secrets.
    Report(bundle::Args),
    /// Put a backup in the place of the database. Refused while the bot runs.
    Restore(backup::Restore),
    /// Operators of the dashboard: make, list, disable; what they did.
    #[command(subcommand)]
    Admin(admin::Command),
    /// The settings in force.
    #[command(subcommand)]
    Config(config::Command),
}

/// Reads the command line and does what it says. What goes wrong is one line on stderr.
pub fn main() -> ExitCode {
    let said = examples::add(Cli::command()).try_get_matches();
    let cli = match said.and_then(|said| Cli::from_arg_matches(&said)) {
        Ok(cli) => cli,
        // Also what `--help` and `--version` print, then with exit code 0.
        Err(error) => error.exit(),
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            report::complain(&mut io::stderr(), &error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = settings::load(Sources::of_process(cli.config))?;
    let command = cli.command.unwrap_or(Command::Serve);
    let long_lived = match &command {
        Command::Serve => true,
        Command::Sandbox(args) => !args.is_seed(),
        _ => false,
    };
    let telemetry =
        if long_lived { telemetry::serve(&settings.log)? } else { telemetry::command()? };
    telemetry.mask.learn(&settings.secrets());
    if long_lived {
        // Made at the first start; what it signs must not be forged from a log.
        telemetry.mask.learn(&[settings.secret_key()?]);
    }
    let report = actix_rt::System::new().block_on(carry_out(command, settings))?;
    let code = if report.trouble { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    report.print(&mut io::stdout().lock(), cli.json)?;
    Ok(code)
}

async fn carry_out(command: Command, settings: Settings) -> anyhow::Result<Report> {
    match command {
        Command::Serve => app::run(settings).await.map(|()| Report::nothing()),
        Command::Sandbox(args) => sandbox::run(args, settings).await,
        Command::Doctor => doctor::run(&settings).await,
        Command::Health(args) => health::run(args, &settings).await,
        Command::User(command) => user::run(command, &settings, &open(&settings).await?).await,
        Command::Balance(command) => {
            balance::run(command, &settings, &open(&settings).await?).await
        }
        Command::Cache(command) => cache::run(command, &settings).await,
        Command::Generation(command) => generation::run(command, settings).await,
        Command::Storage(command) => storage::run(command, &settings).await,
        Command::Ledger(command) => ledger::run(command, &open(&settings).await?).await,
        Command::Node(command) => node::run(command, &open(&settings).await?).await,
        Command::Migrate(command) => migrate::run(&command, &settings).await,
        Command::Backup(args) => backup::write(args, &settings).await,
        Command::Report(args) => bundle::run(args, &settings).await,
        Command::Restore(args) => backup::restore(args, &settings).await,
        Command::Admin(command) => admin::run(command, &open(&settings).await?).await,
        Command::Config(command) => config::run(&command, &settings),
    }
}

async fn open(settings: &Settings) -> anyhow::Result<Database> {
    Ok(Database::open(&settings.database, Arc::new(SystemClock)).await?)
}
