//! `aisha balance`: credits, always with a reason.

use aisha_actors::{
    domain::{
        change::Refusal,
        id::UserId,
        ledger::{Credits, Refused},
    },
    port::{Clock, IdSource, Records, Wake},
};
use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::{
    Report,
    parse::{self, Page},
    report::{facts, rfc, short, table, time},
    user::operator,
};
use crate::{
    app,
    db::Database,
    operate::{self, Done, Gift},
    settings::Settings,
    world::{RandomIds, SystemClock},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give a person credits, or take some back (a negative number). They are told in the chat.
    #[command(allow_negative_numbers = true)]
    Add {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        user: UserId,
        /// Whole credits: 50 gives, -50 takes back.
        #[arg(value_parser = parse::amount)]
        amount: i64,
        /// Why; the person reads it too.
        #[arg(long, value_parser = parse::reason)]
        reason: String,
        /// A name for this act: repeated with the same key, it is done only once.
        #[arg(long, value_parser = parse::reason)]
        key: Option<String>,
    },
    /// List balances, the largest first.
    List {
        #[command(flatten)]
        page: Page,
    },
    /// Sum up the books.
    Stats,
    /// Show what a person was given and spent, newest first.
    History {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        user: UserId,
        /// Lines to show.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// Only lines older than this one (its number).
        #[arg(long, default_value_t = 0)]
        before: i64,
    },
}

pub(super) async fn run(
    command: Command,
    settings: &Settings,
    database: &Database,
) -> anyhow::Result<Report> {
    match command {
        Command::Add { user, amount, reason, key } => {
            let report = add(database, user, Credits(amount), reason, key).await?;
            // The person is told at once rather than at the bot's next look.
            app::wake(settings, Wake::ParcelsAdded).await;
            Ok(report)
        }
        Command::List { page } => list(database, page).await,
        Command::Stats => stats(database).await,
        Command::History { user, limit, before } => history(database, user, limit, before).await,
    }
}

/// The entry and the message that tells of it are one transaction.
async fn add(
    database: &Database,
    user: UserId,
    amount: Credits,
    reason: String,
    key: Option<String>,
) -> anyhow::Result<Report> {
    if database.standing(user).await?.is_none() {
        bail!("there is no user {user}");
    }
    let at = SystemClock.now();
    // One key is one act for one person, and never what another one was booked for.
    let cause = match key {
        Some(key) => format!("cli/{user}/{key}"),
        None => RandomIds.cause(),
    };
    let gift = Gift { user, amount, reason, by: operator(), cause };
    let repeated = match operate::give(database, gift, at).await? {
        Ok(done) => done == Done::Before,
        Err(Refusal::Ledger(Refused::Insufficient { available, .. })) => {
            bail!("user {user} has only {available} credits to take back")
        }
        Err(refusal) => bail!("{refusal}"),
    };
    let available = database.account(user).await?.available();
    let done = if repeated { "was done already" } else { "is done" };
    let text = format!("{:+} credits for user {user}: it {done}; balance {available}", amount.0);
    let json = json!({
        "user": user, "amount": amount, "repeated": repeated, "available": available,
    });
    Ok(Report::new(text, json))
}

async fn list(database: &Database, page: Page) -> anyhow::Result<Report> {
    let lines = database.list_balances(page.into()).await?;
    let json = lines.iter().map(|line| {
        json!({
            "user": line.user,
            "first_name": line.first_name,
            "username": line.username,
            "available": line.account.available(),
            "held": line.account.held,
            "credited": line.account.credited,
            "debited": line.account.debited,
        })
    });
    let json = json.collect();
    let rows = lines.into_iter().map(|line| {
        [
            line.user.to_string(),
            short(&line.first_name, 24),
            line.username.map(|name| format!("@{name}")).unwrap_or_default(),
            line.account.available().to_string(),
            line.account.held.to_string(),
            line.account.credited.to_string(),
            line.account.debited.to_string(),
        ]
    });
    let head = ["user", "name", "username", "available", "held", "given", "spent"];
    Ok(Report::new(table(head, rows.collect()), json))
}

async fn stats(database: &Database) -> anyhow::Result<Report> {
    let stats = database.balance_stats().await?;
    let text = facts([
        ("given by operators", stats.issued.to_string()),
        ("given as welcome", stats.promo.to_string()),
        ("paid for pictures", stats.revenue.to_string()),
        ("given back", stats.refunded.to_string()),
        ("with the users", stats.circulating.to_string()),
        ("of that on hold", stats.held.to_string()),
        ("entries", stats.entries.to_string()),
    ]);
    let json = json!({
        "issued": stats.issued,
        "promo": stats.promo,
        "revenue": stats.revenue,
        "refunded": stats.refunded,
        "circulating": stats.circulating,
        "held": stats.held,
        "entries": stats.entries,
    });
    Ok(Report::new(text, json))
}

async fn history(
    database: &Database,
    user: UserId,
    limit: u32,
    before: i64,
) -> anyhow::Result<Report> {
    if database.standing(user).await?.is_none() {
        bail!("there is no user {user}");
    }
    let lines = database.history(user, before, limit as usize).await?;
    let json = lines.iter().map(|line| {
        json!({
            "number": line.seq,
            "at": rfc(line.at),
            "kind": line.kind.name(),
            "amount": signed(line.kind.debits_user(), line.amount),
            "reason": line.reason,
            "prompt": line.prompt,
        })
    });
    let json = json.collect();
    let rows = lines.into_iter().map(|line| {
        let amount = signed(line.kind.debits_user(), line.amount);
        let what = line.prompt.unwrap_or(line.reason);
        [
            line.seq.to_string(),
            time(line.at),
            line.kind.name().to_owned(),
            format!("{amount:+}"),
            short(&what, 60),
        ]
    });
    Ok(Report::new(table(["number", "at (UTC)", "kind", "credits", "for"], rows.collect()), json))
}

const fn signed(debit: bool, amount: Credits) -> i64 {
    if debit { -amount.0 } else { amount.0 }
}
