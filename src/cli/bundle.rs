//! `aisha report`: all that a bug report needs, in a folder, without secrets.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use aisha_actors::port::{Clock, Records};
use anyhow::Context;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::{Report, config, doctor, open, report::facts};
use crate::{
    db::migrations,
    settings::Settings,
    telemetry::{Mask, redact},
    world::SystemClock,
};

/// The end of the log that is looked at, in bytes.
const LOG_MAX: u64 = 8 << 20;

const README: &str = "\
This folder was made by `aisha report` for a bug report. It has no token, no key and no password in it:
what the program knows as a secret is masked, and what looks like one is cut out too. It has no prompts
and no names of people, but log.txt may name people and pictures by their numbers. Look it through before
you send it.

  versions.json  the program, the schema, the system
  config.toml    the settings in force
  doctor.txt     what works and what does not
  counts.json    how many of everything, and the books
  log.txt        the end of the log
";

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Where to put the folder; here, if nothing is said.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Lines from the end of the log.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    lines: u32,
}

pub(super) async fn run(args: Args, settings: &Settings) -> anyhow::Result<Report> {
    let bundle = Bundle::begin(&args.dir, settings)?;
    bundle.add("README.txt", README)?;
    bundle.add("versions.json", &pretty(&versions(settings).await))?;
    bundle.add("config.toml", &config::shown(settings)?.text)?;
    bundle.add("doctor.txt", &doctor::run(settings).await?.text)?;
    bundle.add("counts.json", &pretty(&counts(settings).await))?;
    let log = tail(&settings.log.file, args.lines as usize);
    bundle.add("log.txt", &log.unwrap_or_else(|error| format!("no log: {error}")))?;
    let folder = bundle.folder.display().to_string();
    let text = facts([
        ("report", folder.clone()),
        ("next", "look it through, then attach it to your bug report".to_owned()),
    ]);
    Ok(Report::new(text, json!({"folder": folder})))
}

/// A folder that is being filled.
struct Bundle {
    folder: PathBuf,
    mask: Mask,
}

impl Bundle {
    fn begin(dir: &Path, settings: &Settings) -> anyhow::Result<Self> {
        let mask = Mask::default();
        mask.learn(&settings.secrets());
        if settings.secret_key_there()? {
            let key = settings.secret_key()?;
            mask.learn(&settings.webhook_secret(&key).into_iter().collect::<Vec<_>>());
            mask.learn(&[key]);
        }
        let stamp = SystemClock.now().utc().format("%Y%m%dT%H%M%SZ");
        let name = format!("aisha-report-{stamp}-{:04x}", rand::random::<u16>());
        let folder = dir.join(name);
        fs::create_dir_all(dir)?;
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder, mask })
    }

    /// Adds a file; every line of it goes through both nets.
    fn add(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).with_context(|| path.display().to_string())?;
        for line in text.lines() {
            writeln!(file, "{}", redact(&self.mask.cover(line)))?;
        }
        Ok(())
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

async fn versions(settings: &Settings) -> Value {
    let schema = match migrations::status(&settings.database).await {
        Ok(status) => json!({
            "applied": status.applied,
            "pending": status.pending,
            "unknown": status.unknown,
        }),
        Err(error) => json!({"error": error.to_string()}),
    };
    json!({
        "aisha": env!("CARGO_PKG_VERSION"),
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
        "debug_build": cfg!(debug_assertions),
        "made_at": SystemClock.now().utc().to_rfc3339(),
        "schema": schema,
    })
}

async fn counts(settings: &Settings) -> Value {
    let counted = async {
        let database = open(settings).await?;
        let (figures, stats) = (database.figures().await?, database.balance_stats().await?);
        let violations = database.violations().await?;
        anyhow::Ok(json!({
            "people": figures.people,
            "inbox_open": figures.inbox_open,
            "inbox_set_aside": figures.inbox_quarantined,
            "outbox_open": figures.outbox_open,
            "outbox_set_aside": figures.outbox_quarantined,
            "generations_open": figures.generations_open,
            "generations_undelivered": figures.generations_undelivered,
            "storage_jobs": figures.storage_jobs,
            "entries": stats.entries,
            "credits_circulating": stats.circulating,
            "credits_held": stats.held,
            "violations": violations,
        }))
    };
    counted.await.unwrap_or_else(|error| json!({"error": error.to_string()}))
}

/// The last lines of a file.
fn tail(path: &Path, lines: usize) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_MAX)))?;
    let mut bytes = Vec::new();
    file.take(LOG_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    Ok(all.get(from..).unwrap_or_default().join("\n"))
}
