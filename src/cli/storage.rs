//! `aisha storage`.

mod check;
mod cleanup;
mod link;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Report, open, progress, report::table};
use crate::{app::tools, settings::Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compare objects with rows, both ways, and find pictures in the wrong bucket. Exit code 1 when
    /// anything is wrong.
    Check(check::Args),
    /// Copy pictures that wait for storage now, instead of when the bot comes to them.
    Backfill,
    /// Clean up pictures that came from example.com and other hosts of tests, for all people: fetched
    /// again from the provider by their request, else lost and refunded.
    CleanupTestUrls(cleanup::Args),
    /// Print a link that shows one object to whoever has it, for some hours.
    Link(link::Args),
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<Report> {
    match command {
        Command::Check(args) => check::run(args, settings).await,
        Command::Backfill => backfill(settings).await,
        Command::CleanupTestUrls(args) => cleanup::run(args, settings).await,
        Command::Link(args) => link::run(&args, settings).await,
    }
}

async fn backfill(settings: &Settings) -> anyhow::Result<Report> {
    let database = open(settings).await?;
    let bar = progress::bar(0);
    bar.set_message("pictures");
    let done = tools::backfill(settings, &database, &bar).await;
    bar.finish_and_clear();
    let done = done?;
    let waiting = done.iter().filter(|one| one.trouble.is_some()).count();
    let stored = done.len() - waiting;
    let json = done.iter().map(|one| {
        json!({
            "picture": one.picture.to_string(),
            "user": one.owner,
            "stored": one.trouble.is_none(),
            "trouble": one.trouble,
        })
    });
    let json = json!({"stored": stored, "waiting": waiting, "pictures": json.collect::<Value>()});
    let rows = done
        .into_iter()
        .filter_map(|one| Some([one.picture.to_string(), one.owner.to_string(), one.trouble?]));
    let mut text = format!("{stored} stored, {waiting} still waiting");
    if waiting > 0 {
        let table = table(["picture", "user", "why it waits"], rows.collect());
        text.push_str(&format!("\n\n{table}"));
    }
    Ok(Report { trouble: waiting > 0, ..Report::new(text, json) })
}
