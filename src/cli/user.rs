//! `aisha user`.

mod standing;

use aisha_actors::{
    domain::{
        change::{Change, Changes},
        id::UserId,
        ledger::{Credits, Entry},
        person::Profile,
    },
    port::{Clock, Records},
};
use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Report,
    parse::{self, Page},
    report::{facts, rfc, short, table, time},
};
use crate::{
    db::{Database, forget::Begun, reports::PersonReport},
    operate,
    settings::Settings,
    world::SystemClock,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List people, newest first.
    List {
        /// An id, or a part of a name or username.
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Show a person: balance, pictures, open generations, where they stand in the conversation.
    Show {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        id: UserId,
    },
    /// Register a person before their first message, with the usual welcome.
    Create {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        id: UserId,
        /// First name, until Telegram tells.
        #[arg(long, default_value = "", value_parser = name)]
        name: String,
        /// Language of the Telegram client, such as en or ru, until Telegram tells.
        #[arg(long, value_name = "CODE", value_parser = code)]
        language: Option<String>,
    },
    /// Stop serving a person. Takes effect in order with what they do.
    Block {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        id: UserId,
    },
    /// Serve a person again.
    Unblock {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        id: UserId,
    },
    /// Delete a person for good: pictures, words, profile. Their entries stay under a random number.
    Delete {
        /// Telegram id.
        #[arg(value_parser = parse::person)]
        id: UserId,
        /// The same id once more: it cannot be taken back.
        #[arg(long, value_name = "ID", value_parser = parse::person)]
        confirm: UserId,
        /// Why.
        #[arg(long, value_parser = parse::reason)]
        reason: String,
    },
}

pub(super) async fn run(
    command: Command,
    settings: &Settings,
    database: &Database,
) -> anyhow::Result<Report> {
    match command {
        Command::List { search, page } => list(database, search, page).await,
        Command::Show { id } => show(database, id).await,
        Command::Create { id, name, language } => {
            let profile = Profile { id, first_name: name, username: None, language_code: language };
            create(database, profile, Credits(i64::from(settings.welcome_credits))).await
        }
        Command::Block { id } => set_blocked(database, id, true).await,
        Command::Unblock { id } => set_blocked(database, id, false).await,
        Command::Delete { id, confirm, reason } => {
            anyhow::ensure!(id == confirm, "--confirm is another id than {id}");
            delete(settings, database, id, &reason).await
        }
    }
}

/// Who books and blocks, as the ledger remembers it.
pub(super) fn operator() -> String {
    let name = ["SUDO_USER", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
    match name.filter(|name| !name.is_empty()) {
        Some(name) => format!("cli:{}", short(&name, 32)),
        None => "cli".to_owned(),
    }
}

async fn list(database: &Database, search: Option<String>, page: Page) -> anyhow::Result<Report> {
    let people = database.list_people(search.as_deref(), page.into()).await?;
    let all = database.count_people(search.as_deref()).await?;
    let json = people.iter().map(|person| {
        json!({
            "id": person.id,
            "first_name": person.first_name,
            "username": person.username,
            "available": person.available,
            "pictures": person.pictures,
            "open_generations": person.open_generations,
            "blocked": person.blocked,
            "stopped": person.stopped,
            "created_at": rfc(person.created_at),
        })
    });
    let json = json!({"total": all, "people": json.collect::<Value>()});
    let shown = people.len();
    let rows = people.into_iter().map(|person| {
        [
            person.id.to_string(),
            short(&person.first_name, 24),
            person.username.map(|name| format!("@{name}")).unwrap_or_default(),
            person.available.to_string(),
            person.pictures.to_string(),
            person.open_generations.to_string(),
            serving(person.blocked, person.stopped).to_owned(),
            time(person.created_at),
        ]
    });
    let head = ["id", "name", "username", "credits", "pictures", "open", "served", "since (UTC)"];
    let table = table(head, rows.collect());
    Ok(Report::new(format!("{table}\n\n{shown} of {all}"), json))
}

const fn serving(blocked: bool, stopped: bool) -> &'static str {
    match (blocked, stopped) {
        (true, _) => "no: blocked by you",
        (false, true) => "no: they blocked the bot",
        (false, false) => "yes",
    }
}

async fn show(database: &Database, id: UserId) -> anyhow::Result<Report> {
    let report = database.person_report(id, SystemClock.now()).await?;
    let report = report.with_context(|| format!("there is no user {id}"))?;
    let json = report_json(&report)?;
    let PersonReport { standing, account, counts, open_generations } = report;
    let (person, conversation) = (standing.person, standing.conversation);
    let models = counts.by_model.iter().map(|(model, count)| format!("{count} {model}"));
    let text = facts([
        ("id", person.profile.id.to_string()),
        ("name", person.profile.first_name),
        ("username", person.profile.username.unwrap_or_else(|| "none".to_owned())),
        ("served", serving(person.blocked, person.stopped).to_owned()),
        ("since", time(person.created_at)),
        ("credits", format!("{} free, {} on hold", account.available(), account.held)),
        ("given, spent", format!("{}, {}", account.credited, account.debited)),
        ("pictures", some(models.collect::<Vec<_>>().join(", "))),
        ("favourites", counts.favourites.to_string()),
        ("language", conversation.language.map_or("Telegram's", |l| l.code()).to_owned()),
        ("time zone", format!("UTC{:+} min", conversation.offset.minutes())),
        ("screen", standing::screen(conversation.screen())),
        ("way back", standing::way_back(&conversation)),
        ("filters", standing::filters(&conversation.filters)),
        ("draft", standing::draft(&conversation.draft)),
    ]);
    let open = open_generations.into_iter().map(|generation| {
        [
            generation.id.to_string(),
            generation.state.name().to_owned(),
            generation.order.model.to_string(),
            time(generation.created_at),
        ]
    });
    let open = table(["open generation", "state", "model", "made (UTC)"], open.collect());
    Ok(Report::new(format!("{text}\n\nOpen generations\n{open}"), json))
}

fn some(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}

fn report_json(report: &PersonReport) -> anyhow::Result<Value> {
    let (person, account) = (&report.standing.person, report.account);
    let open = report.open_generations.iter();
    let open = open.map(|one| json!({"id": one.id.to_string(), "state": one.state.name()}));
    let models = report.counts.by_model.iter();
    let models = models.map(|(model, count)| (model.to_string(), json!(count)));
    Ok(json!({
        "id": person.profile.id,
        "first_name": person.profile.first_name,
        "username": person.profile.username,
        "language_code": person.profile.language_code,
        "blocked": person.blocked,
        "stopped": person.stopped,
        "created_at": rfc(person.created_at),
        "balance": {
            "available": account.available(),
            "held": account.held,
            "credited": account.credited,
            "debited": account.debited,
        },
        "pictures": models.collect::<serde_json::Map<_, _>>(),
        "favourites": report.counts.favourites,
        "open_generations": open.collect::<Value>(),
        "conversation": serde_json::to_value(&report.standing.conversation)?,
    }))
}

async fn create(database: &Database, profile: Profile, welcome: Credits) -> anyhow::Result<Report> {
    let id = profile.id;
    let at = SystemClock.now();
    let known = database.standing(id).await?.is_some();
    if !known {
        let mut list = vec![Change::Register { profile, at }];
        if welcome.0 > 0 {
            list.push(Change::Book(Entry::welcome(id, welcome, at)));
        }
        let mut answers = database.commit(vec![Changes::new(id, list)]).await?;
        // Their own first message may have been faster; then all stands as it should.
        if let Err(refusal) = answers.pop().context("the store did not answer")?
            && database.standing(id).await?.is_none()
        {
            bail!("{refusal}");
        }
    }
    let available = database.account(id).await?.available();
    let what = if known { "was there already" } else { "is registered" };
    let json = json!({"id": id, "created": !known, "available": available});
    Ok(Report::new(format!("user {id} {what}; balance {available}"), json))
}

/// Asks the person's own actor to do it: nobody else changes a person, and what they did before is
/// worked off first.
async fn set_blocked(database: &Database, id: UserId, blocked: bool) -> anyhow::Result<Report> {
    let standing =
        database.standing(id).await?.with_context(|| format!("there is no user {id}"))?;
    if standing.person.blocked == blocked {
        let text = format!("user {id} is {} already", word(blocked));
        return Ok(Report::new(text, json!({"id": id, "blocked": blocked, "asked": false})));
    }
    operate::set_blocked(database, id, blocked).await?;
    let text = format!("user {id} will be {} as soon as the bot works it off", word(blocked));
    Ok(Report::new(text, json!({"id": id, "blocked": blocked, "asked": true})))
}

/// The running bot does it, step by step.
async fn delete(
    settings: &Settings,
    database: &Database,
    id: UserId,
    reason: &str,
) -> anyhow::Result<Report> {
    let asked = match operate::delete(database, id, &operator(), reason).await? {
        Begun::Now => true,
        Begun::Before => false,
        Begun::Nobody => bail!("there is no user {id}"),
    };
    let copies = match settings.deletes_payloads() {
        true => "FAL's copies are deleted too",
        false => "FAL's copies stay there: FAL_ADMIN_KEY is not set",
    };
    let text = format!("user {id} is being deleted; it goes on while the bot runs; {copies}");
    let json = json!({"id": id, "asked": asked, "payloads": settings.deletes_payloads()});
    Ok(Report::new(text, json))
}

const fn word(blocked: bool) -> &'static str {
    if blocked { "blocked" } else { "unblocked" }
}

fn name(text: &str) -> Result<String, String> {
    let fits = text.chars().count() <= 64 && !text.contains(char::is_control);
    fits.then(|| text.to_owned()).ok_or_else(|| "a line of at most 64 characters".to_owned())
}

fn code(text: &str) -> Result<String, String> {
    let fits = (2..=16).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| text.to_owned()).ok_or_else(|| "it looks like en or pt-BR".to_owned())
}
