//! A line for everything the bot depends on: for `aisha doctor`, and for the dashboard.

mod backups;
mod peers;
mod storage;

use std::sync::Arc;

use crate::{
    db::{Database, Target, migrations},
    redis::{self, Link},
    settings::{Cache, Mode, Settings},
    world::SystemClock,
};
use aisha_actors::{
    domain::{catalogue::Status, lane::LANES},
    port::Records,
};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Ok,
    /// Nothing is broken, but the operator should know.
    Note,
    Trouble,
}

impl Verdict {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Trouble => "trouble",
        }
    }
}

/// One line.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) verdict: Verdict,
    pub(crate) words: String,
}

impl Finding {
    fn new(what: impl Into<String>, verdict: Verdict, words: impl Into<String>) -> Self {
        Self { what: what.into(), verdict, words: words.into() }
    }
}

/// Looks at everything, and leaves no trace. Takes as long as the slowest takes to answer, or not to.
pub(crate) async fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![mode(settings)];
    findings.extend(database(settings).await);
    findings.extend(peers::check(settings).await);
    findings.extend(storage::check(settings).await);
    findings.push(cache(settings).await);
    findings.push(backups::last(settings));
    findings.push(catalogue(settings));
    findings.push(secret_key(settings));
    findings
}

fn mode(settings: &Settings) -> Finding {
    let words = match settings.mode {
        Mode::Sandbox => "sandbox: Telegram and FAL are pretended on loopback",
        Mode::Trial { .. } => "real Telegram, FAL is pretended",
        Mode::Real { .. } => "real Telegram, real FAL",
    };
    match settings.warnings.first() {
        None => Finding::new("mode", Verdict::Ok, words),
        Some(warning) => Finding::new("mode", Verdict::Note, format!("{words}; {warning}")),
    }
}

async fn database(settings: &Settings) -> Vec<Finding> {
    let target = &settings.database;
    if let Target::File(path) = target
        && !path.exists()
    {
        let words = format!("{} is not there yet; `aisha serve` makes it", path.display());
        return vec![Finding::new("database", Verdict::Note, words)];
    }
    let schema = match migrations::status(target).await {
        Err(error) => return vec![Finding::new("database", Verdict::Trouble, error.to_string())],
        Ok(status) => match status.check() {
            Err(error) => Finding::new("schema", Verdict::Trouble, error.to_string()),
            Ok(()) => {
                let newest = status.applied.last().map_or("none", String::as_str);
                Finding::new("schema", Verdict::Ok, format!("version {newest}"))
            }
        },
    };
    if schema.verdict != Verdict::Ok {
        return vec![schema];
    }
    let database = match Database::open(target, Arc::new(SystemClock)).await {
        Err(error) => return vec![Finding::new("database", Verdict::Trouble, error.to_string())],
        Ok(database) => database,
    };
    let version = match database.version().await {
        Err(error) => return vec![Finding::new("database", Verdict::Trouble, error.to_string())],
        Ok(version) => version,
    };
    vec![
        Finding::new("database", Verdict::Ok, format!("{target} (version {version})")),
        schema,
        books(&database).await,
        backlog(&database).await,
        nodes(target, &database).await,
    ]
}

/// Who serves. A lane that nobody has for long is trouble: its users wait.
async fn nodes(target: &Target, database: &Database) -> Finding {
    if matches!(target, Target::File(_)) {
        return Finding::new("nodes", Verdict::Ok, "one process, which needs no lease");
    }
    match database.nodes().await {
        Err(error) => Finding::new("nodes", Verdict::Trouble, error.to_string()),
        Ok(nodes) => {
            let living = nodes.iter().filter(|node| node.alive).count();
            let lanes: usize = nodes.iter().filter(|node| node.alive).map(|node| node.lanes).sum();
            let verdict = if living > 0 && lanes < LANES { Verdict::Note } else { Verdict::Ok };
            let words =
                format!("{living} alive, {lanes} of {LANES} lanes owned; see `aisha node list`");
            Finding::new("nodes", verdict, words)
        }
    }
}

async fn books(database: &Database) -> Finding {
    match database.violations().await {
        Err(error) => Finding::new("ledger", Verdict::Trouble, error.to_string()),
        Ok(violations) if violations.is_empty() => {
            Finding::new("ledger", Verdict::Ok, "the books are right")
        }
        Ok(violations) => {
            let words = format!("{} violations; see `aisha ledger audit`", violations.len());
            Finding::new("ledger", Verdict::Trouble, words)
        }
    }
}

async fn backlog(database: &Database) -> Finding {
    match database.figures().await {
        Err(error) => Finding::new("backlog", Verdict::Trouble, error.to_string()),
        Ok(figures) => {
            let aside = figures.inbox_quarantined + figures.outbox_quarantined;
            let verdict = if aside == 0 { Verdict::Ok } else { Verdict::Note };
            let words = format!(
                "{} updates, {} generations, {} messages, {} pictures to store; {aside} set aside",
                figures.inbox_open,
                figures.generations_open,
                figures.outbox_open,
                figures.storage_jobs
            );
            Finding::new("backlog", verdict, words)
        }
    }
}

async fn cache(settings: &Settings) -> Finding {
    let Cache::Redis(redis) = &settings.cache else {
        return Finding::new("cache", Verdict::Ok, "in this process; nothing to reach");
    };
    let tried = async {
        let link = Link::open(redis::Settings::patient(redis.url.expose()))?;
        link.reach().await?;
        let pong = link.ping().await?;
        link.try_out().await?;
        link.close().await;
        Ok::<_, redis::Error>(pong)
    };
    match tried.await {
        Ok(pong) => {
            let words = format!("Redis {}, {}; written and read", pong.version, redis.shown);
            Finding::new("cache", Verdict::Ok, words)
        }
        Err(error) => {
            // The bot goes on without it, but the operator asked for one.
            let words = format!("{}: {error}; the bot works without it, slower", redis.shown);
            Finding::new("cache", Verdict::Trouble, words)
        }
    }
}

fn catalogue(settings: &Settings) -> Finding {
    let models = settings.catalogue.all();
    let retired = models.iter().filter(|model| model.status == Status::Retired).count();
    let words = format!("{} models for sale, {retired} retired", models.len() - retired);
    Finding::new("catalogue", Verdict::Ok, words)
}

fn secret_key(settings: &Settings) -> Finding {
    match settings.secret_key_there() {
        Ok(true) => Finding::new("secret key", Verdict::Ok, "there"),
        Ok(false) => Finding::new("secret key", Verdict::Note, "`aisha serve` makes it"),
        Err(error) => Finding::new("secret key", Verdict::Trouble, error.to_string()),
    }
}
