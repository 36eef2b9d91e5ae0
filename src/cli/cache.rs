//! `aisha cache`.

use aisha_actors::domain::id::UserId;
use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{
    Report, parse,
    report::{facts, table},
};
use crate::{
    cache::key::Kind,
    nodes::{is_pacing_key, pacing_pattern},
    redis::{self, Link},
    settings::{self, Cache, Settings},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Ask Redis how it is: round trip, version, memory. Exit code 1 when it does not answer.
    Ping,
    /// Empty the cache. Nothing is lost: what is needed is read from the database again.
    ///
    /// Takes away this program's keys by their names and leaves all others in that Redis alone. Where
    /// several bots share one database of Redis, theirs go too. Safe while the bot runs.
    Flush {
        /// What to take away.
        #[arg(long, value_enum, default_value_t = Scope::All)]
        scope: Scope,
        /// Only this person's: windows, filtered and pacing. Finished generations have no name in
        /// their keys, so they are left out (`--scope generations` is refused with it).
        #[arg(long, value_name = "ID", value_parser = parse::person)]
        user: Option<UserId>,
        /// Only count what would be taken away.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    /// The newest pictures of galleries.
    Windows,
    /// The cards of finished generations.
    Generations,
    /// Galleries under filters.
    Filtered,
    /// How fast the nodes may call Telegram, and whom Telegram told them to leave alone.
    Pacing,
    /// All of these.
    All,
}

impl Scope {
    const EACH: [Self; 4] = [Self::Windows, Self::Generations, Self::Filtered, Self::Pacing];

    const fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Generations => "generations",
            Self::Filtered => "filtered",
            Self::Pacing => "pacing",
            Self::All => "all",
        }
    }
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<Report> {
    match (command, &settings.cache) {
        (Command::Ping, Cache::Memory) => {
            let text = "the cache is in the bot's own process: there is no Redis to ask";
            Ok(Report::new(text.to_owned(), json!({"cache": "memory"})))
        }
        (Command::Flush { .. }, Cache::Memory) => {
            let text = "the cache is in the bot's own process: there is nothing to flush from \
                        outside; a restart of the bot empties it";
            Ok(Report::new(text.to_owned(), json!({"cache": "memory", "removed": 0})))
        }
        (Command::Ping, Cache::Redis(redis)) => ping(redis).await,
        (Command::Flush { scope, user, dry_run }, Cache::Redis(redis)) => {
            flush(redis, scope, user, dry_run).await
        }
    }
}

async fn reach(redis: &settings::Redis) -> anyhow::Result<Link> {
    let link = Link::open(redis::Settings::patient(redis.url.expose()))?;
    link.reach().await.with_context(|| redis.shown.clone())?;
    Ok(link)
}

async fn ping(redis: &settings::Redis) -> anyhow::Result<Report> {
    let link = reach(redis).await?;
    let pong = link.ping().await.with_context(|| redis.shown.clone())?;
    link.close().await;
    let text = facts([
        ("redis", redis.shown.clone()),
        ("round trip", format!("{:.2} ms", pong.round_trip.as_secs_f64() * 1000.0)),
        ("version", pong.version.clone()),
        ("memory", format!("{:.1} MiB", pong.memory as f64 / f64::from(1 << 20))),
        ("keys", pong.keys.to_string()),
    ]);
    let json = json!({
        "cache": "redis",
        "address": redis.shown,
        "round_trip_us": u64::try_from(pong.round_trip.as_micros()).unwrap_or(u64::MAX),
        "version": pong.version,
        "memory_bytes": pong.memory,
        "keys": pong.keys,
    });
    Ok(Report::new(text, json))
}

async fn flush(
    redis: &settings::Redis,
    scope: Scope,
    user: Option<UserId>,
    dry_run: bool,
) -> anyhow::Result<Report> {
    if scope == Scope::Generations && user.is_some() {
        bail!("the keys of finished generations do not say whose they are; leave --user out");
    }
    let link = reach(redis).await?;
    let mut counts = Vec::new();
    for one in Scope::EACH {
        let is_asked = scope == Scope::All || scope == one;
        if is_asked && !(one == Scope::Generations && user.is_some()) {
            counts.push((one, sweep(&link, one, user, dry_run).await?));
        }
    }
    link.close().await;
    let removed: u64 = counts.iter().map(|(_, count)| count).sum();
    let scopes = counts.iter().map(|(scope, count)| (scope.name().to_owned(), json!(count)));
    let scopes: serde_json::Map<String, Value> = scopes.collect();
    let json = json!({
        "cache": "redis", "dry_run": dry_run, "removed": if dry_run { 0 } else { removed },
        "found": removed, "scopes": scopes,
    });
    let rows =
        counts.into_iter().map(|(scope, count)| [scope.name().to_owned(), count.to_string()]);
    let total = ["in all".to_owned(), removed.to_string()];
    let head = ["scope", if dry_run { "would be removed" } else { "removed" }];
    Ok(Report::new(table(head, rows.chain([total]).collect()), json))
}

/// Takes away all copies of what is in the database. How fast Telegram may be called stays known.
/// None: the cache is in the process of the bot.
///
/// # Errors
/// Redis does not answer.
pub(super) async fn forget(settings: &Settings) -> anyhow::Result<Option<u64>> {
    let Cache::Redis(redis) = &settings.cache else { return Ok(None) };
    let link = reach(redis).await?;
    let mut removed = 0;
    for scope in [Scope::Windows, Scope::Generations, Scope::Filtered] {
        removed += sweep(&link, scope, None, false).await?;
    }
    link.close().await;
    Ok(Some(removed))
}

async fn sweep(
    link: &Link,
    scope: Scope,
    user: Option<UserId>,
    dry_run: bool,
) -> Result<u64, redis::Error> {
    let kind = match scope {
        Scope::Windows => Kind::Windows,
        Scope::Generations => Kind::Generations,
        Scope::Filtered => Kind::Filtered,
        Scope::Pacing | Scope::All => {
            return link.sweep(&pacing_pattern(user), dry_run, is_pacing_key).await;
        }
    };
    link.sweep(&kind.pattern(user), dry_run, |name| kind.is_of(name)).await
}
