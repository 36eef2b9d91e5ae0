//! `aisha generation`.

use aisha_actors::domain::{
    generation::{Generation, State},
    id::{GenerationId, UserId},
    picture::Picture,
};
use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Report, open,
    parse::{self, Page},
    report::{facts, rfc, short, table, time},
};
use crate::{
    app,
    db::{
        Database,
        reports::{GenerationFilter, GenerationReport},
    },
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List generations, oldest first.
    List {
        /// Only those in this state.
        #[arg(long, value_parser = parse::state)]
        state: Option<State>,
        /// Only this person's.
        #[arg(long, value_parser = parse::person)]
        user: Option<UserId>,
        /// Only those that are not at their end.
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        page: Page,
    },
    /// Show one generation with its pictures, its money and its failures.
    Show {
        /// Its id, as `generation list` shows it.
        #[arg(value_parser = parse::generation)]
        id: GenerationId,
    },
    /// Settle stuck generations: ask FAL first, then complete or release.
    Sweep {
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<Report> {
    match command {
        Command::List { state, user, open: live, page } => {
            let filter = GenerationFilter { state, user, live, ..GenerationFilter::default() };
            list(&open(&settings).await?, filter, page).await
        }
        Command::Show { id } => show(&open(&settings).await?, id).await,
        Command::Sweep { dry_run } => sweep(settings, dry_run).await,
    }
}

async fn list(database: &Database, filter: GenerationFilter, page: Page) -> anyhow::Result<Report> {
    let list = database.list_generations(filter, page.into()).await?;
    let json = list.iter().map(as_json).collect();
    let rows = list.into_iter().map(|generation| {
        [
            generation.id.to_string(),
            generation.user.to_string(),
            generation.order.model.to_string(),
            generation.state.name().to_owned(),
            format!("{} of {}", generation.captured, generation.order.count),
            time(generation.created_at),
            short(&generation.order.prompt, 40),
        ]
    });
    let head = ["id", "user", "model", "state", "pictures", "made (UTC)", "prompt"];
    Ok(Report::new(table(head, rows.collect()), json))
}

async fn show(database: &Database, id: GenerationId) -> anyhow::Result<Report> {
    let report = database.generation_report(id).await?.context("there is no such generation")?;
    let json = report_json(&report);
    let GenerationReport { generation, pictures, entries, failures } = report;
    let order = &generation.order;
    let head = facts([
        ("id", generation.id.to_string()),
        ("user", generation.user.to_string()),
        ("state", generation.state.name().to_owned()),
        ("failure", generation.failure.map_or("none", |failure| failure.name()).to_owned()),
        ("model", order.model.to_string()),
        ("ratio", order.ratio.clone()),
        ("resolution", order.resolution.clone().unwrap_or_else(|| "none".to_owned())),
        ("pictures", format!("{} of {}", generation.captured, order.count)),
        ("price", format!("{} each, {} in all", order.price, order.total())),
        ("prompt", order.prompt.clone()),
        ("request", generation.ticket.map_or("none".to_owned(), |ticket| ticket.request_id)),
        ("submits", generation.submits.to_string()),
        ("our failures", generation.attempts.to_string()),
        ("made", time(generation.created_at)),
        ("deadline", time(generation.deadline_at)),
        ("finished", generation.finished_at.map_or("not yet".to_owned(), time)),
    ]);
    let pictures = pictures.into_iter().map(|picture| {
        [
            picture.id.n.to_string(),
            picture.state.name().to_owned(),
            picture.object.map(|key| format!("{}/{}", key.bucket, key.key)).unwrap_or_default(),
            picture.content.map(|content| content.size.to_string()).unwrap_or_default(),
        ]
    });
    let pictures = table(["picture", "state", "object", "bytes"], pictures.collect());
    let entries = entries.into_iter().map(|(kind, amount)| [kind, amount.to_string()]);
    let entries = table(["entry", "credits"], entries.collect());
    let failures = failures.into_iter().map(|line| {
        let picture = line.n.map(|n| n.to_string()).unwrap_or_default();
        [time(line.at), picture, line.reason]
    });
    let failures = table(["failed at (UTC)", "picture", "why"], failures.collect());
    let text =
        format!("{head}\n\nPictures\n{pictures}\n\nMoney\n{entries}\n\nFailures\n{failures}");
    Ok(Report::new(text, json))
}

fn as_json(generation: &Generation) -> Value {
    let order = &generation.order;
    json!({
        "id": generation.id.to_string(),
        "user": generation.user,
        "state": generation.state.name(),
        "failure": generation.failure.map(|failure| failure.name()),
        "model": order.model.as_str(),
        "prompt": order.prompt,
        "ratio": order.ratio,
        "resolution": order.resolution,
        "count": order.count,
        "captured": generation.captured,
        "price": order.price,
        "request_id": generation.ticket.as_ref().map(|ticket| &ticket.request_id),
        "submits": generation.submits,
        "attempts": generation.attempts,
        "created_at": rfc(generation.created_at),
        "deadline_at": rfc(generation.deadline_at),
        "finished_at": generation.finished_at.map(rfc),
    })
}

fn picture_json(picture: &Picture) -> Value {
    json!({
        "n": picture.id.n,
        "state": picture.state.name(),
        "bucket": picture.object.as_ref().map(|object| &object.bucket),
        "key": picture.object.as_ref().map(|object| &object.key),
        "bytes": picture.content.as_ref().map(|content| content.size),
        "favourite": picture.favourite,
        "file_id": picture.file_id,
        "attempts": picture.attempts,
    })
}

fn report_json(report: &GenerationReport) -> Value {
    let entries = report.entries.iter();
    let entries = entries.map(|(kind, amount)| json!({"kind": kind, "amount": amount}));
    let failures = report.failures.iter();
    let failures =
        failures.map(|line| json!({"n": line.n, "reason": line.reason, "at": rfc(line.at)}));
    json!({
        "generation": as_json(&report.generation),
        "pictures": report.pictures.iter().map(picture_json).collect::<Value>(),
        "entries": entries.collect::<Value>(),
        "failures": failures.collect::<Value>(),
    })
}

async fn sweep(settings: Settings, dry_run: bool) -> anyhow::Result<Report> {
    let swept = app::sweep(settings, dry_run).await?;
    let json = swept.iter().map(|one| {
        json!({
            "generation": one.generation.to_string(),
            "user": one.user,
            "was": one.was.name(),
            "became": one.became,
        })
    });
    let json = json!({"dry_run": dry_run, "swept": json.collect::<Value>()});
    let rows = swept.into_iter().map(|one| {
        [one.generation.to_string(), one.user.to_string(), one.was.name().to_owned(), one.became]
    });
    let head = ["generation", "user", "was", if dry_run { "would become" } else { "became" }];
    Ok(Report::new(table(head, rows.collect()), json))
}
