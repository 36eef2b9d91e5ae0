//! `aisha storage cleanup-test-urls`.

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::{
    app::tools::{self, Cleaned, Ending},
    cli::{Report, open, progress, report::table},
    settings::Settings,
};

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Args {
    /// Ask the provider, and only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args, settings: &Settings) -> anyhow::Result<Report> {
    let database = open(settings).await?;
    let bar = progress::bar(0);
    bar.set_message("generations");
    let cleaned = tools::cleanup(settings, &database, args.dry_run, &bar).await;
    bar.finish_and_clear();
    Ok(report(cleaned?, args.dry_run))
}

fn report(cleaned: Vec<Cleaned>, dry_run: bool) -> Report {
    let count = |is: fn(&Ending) -> bool| cleaned.iter().filter(|one| is(&one.ending)).count();
    let fetched = count(|ending| matches!(ending, Ending::Fetched));
    let lost = count(|ending| matches!(ending, Ending::Lost { .. }));
    let waiting = count(|ending| matches!(ending, Ending::Waits { .. }));
    let json = cleaned.iter().map(|one| {
        let (refunded, why) = match &one.ending {
            Ending::Fetched => (None, None),
            Ending::Lost { refunded } => (Some(*refunded), None),
            Ending::Waits { why } => (None, Some(why)),
        };
        json!({
            "picture": one.picture.to_string(),
            "user": one.owner,
            "ending": word(&one.ending),
            "refunded": refunded,
            "why": why,
        })
    });
    let json = json!({
        "dry_run": dry_run,
        "fetched": fetched,
        "lost": lost,
        "waiting": waiting,
        "pictures": json.collect::<Value>(),
    });
    let rows = cleaned.iter().map(|one| {
        let more = match &one.ending {
            Ending::Fetched => String::new(),
            Ending::Lost { refunded } => format!("{refunded} credits come back"),
            Ending::Waits { why } => why.clone(),
        };
        [one.picture.to_string(), one.owner.to_string(), word(&one.ending).to_owned(), more]
    });
    let head = ["picture", "user", if dry_run { "would be" } else { "is" }, ""];
    let rows: Vec<_> = rows.collect();
    let mut text = format!("{fetched} fetched again, {lost} lost and refunded, {waiting} waiting");
    if !rows.is_empty() {
        text = format!("{}\n\n{text}", table(head, rows));
    }
    Report { trouble: waiting > 0, ..Report::new(text, json) }
}

const fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Fetched => "fetched again",
        Ending::Lost { .. } => "lost",
        Ending::Waits { .. } => "waiting",
    }
}
