//! `aisha backup` and `aisha restore`.

use std::{path::PathBuf, sync::Arc};

use aisha_actors::port::{Clock, Objects};
use clap::Args as ClapArgs;
use serde_json::json;

use super::{Report, cache, doctor, ledger, open, progress, report::facts};
use crate::{
    app,
    backup::{self, Order, Replacing},
    db::backup::Before,
    settings::Settings,
    world::SystemClock,
};

#[derive(Debug, ClapArgs)]
pub(super) struct Backup {
    /// The folder that holds the backups; each gets a folder of its own in it.
    dir: PathBuf,
    /// Keep this many, the new one included, and delete the oldest beyond. Without it all stay.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    keep: Option<u32>,
    /// Copy the pictures in object storage too.
    #[arg(long)]
    objects: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Restore {
    /// A backup's folder, or the folder that holds the backups: then the newest is taken.
    dir: PathBuf,
    /// Replace a database that is not empty. An old SQLite file is kept beside the new one; rows on a
    /// server are backed up into `before-restore` beside the backup, and verified, before they go.
    #[arg(long)]
    force: bool,
    /// With --force: replace rows on a server without a backup of them. For a database that is too
    /// damaged to be copied.
    #[arg(long, requires = "force")]
    no_safety_copy: bool,
}

pub(super) async fn write(args: Backup, settings: &Settings) -> anyhow::Result<Report> {
    let database = open(settings).await?;
    let objects: Option<Arc<dyn Objects>> = match args.objects {
        true => Some(app::storage::open(settings).await?),
        false => None,
    };
    let bar = progress::bar(0);
    let order = Order {
        dir: &args.dir,
        data_dir: Some(&settings.data_dir),
        objects: objects.as_deref(),
        keep: args.keep.map(|keep| keep as usize),
        now: SystemClock.now(),
        bar: &bar,
    };
    let written = backup::write(&database, &order).await;
    bar.finish_and_clear();
    let written = written?;
    let manifest = &written.manifest;
    let copied = manifest.objects.as_ref();
    let text = facts([
        ("backup", written.folder.display().to_string()),
        ("rows", manifest.rows.values().sum::<u64>().to_string()),
        (
            "objects",
            copied.map_or("not asked for (--objects)".to_owned(), |objects| {
                let missing = objects.missing.len();
                format!("{} in {} bytes, {missing} missing", objects.count, objects.bytes)
            }),
        ),
        ("verified", format!("{} files, the database and its books", manifest.sums)),
        ("deleted", format!("{} older", written.removed.len())),
    ]);
    let json = json!({
        "folder": written.folder,
        "manifest": manifest,
        "removed": written.removed,
    });
    // The backup is good; that pictures are gone from storage is trouble all the same.
    let trouble = copied.is_some_and(|objects| !objects.missing.is_empty());
    Ok(Report { trouble, ..Report::new(text, json) })
}

pub(super) async fn restore(args: Restore, settings: &Settings) -> anyhow::Result<Report> {
    let objects = app::storage::open(settings).await?;
    let bar = progress::bar(0);
    let replacing = match (args.force, args.no_safety_copy) {
        (false, _) => Replacing::Nothing,
        (true, false) => Replacing::Kept,
        (true, true) => Replacing::Anything,
    };
    let restored = backup::restore(&args.dir, &settings.database, &*objects, replacing, &bar).await;
    bar.finish_and_clear();
    let restored = restored?;
    let rows: u64 = restored.manifest.rows.values().sum();
    let mut text = facts([
        ("restored", restored.folder.display().to_string()),
        ("made", restored.manifest.made_at.clone()),
        ("rows", rows.to_string()),
        ("objects", restored.objects.to_string()),
        (
            "replaced",
            match &restored.before {
                Before::Nothing => "nothing was there".to_owned(),
                Before::Kept(path) => format!("the old database is kept as {}", path.display()),
                Before::Gone => match &restored.safety_copy {
                    Some(path) => format!("the old rows are kept in {}", path.display()),
                    None => "the rows that were there are gone".to_owned(),
                },
            },
        ),
    ]);
    if !restored.conflicts.is_empty() {
        let names = restored.conflicts.join(", ");
        text.push_str(&format!("\nleft as they are, with other bytes: {names}"));
    }
    // Galleries' versions went back, so that copies of a later time may look like new ones.
    let cache = cache::forget(settings).await;
    text.push_str(&match &cache {
        Ok(None) => String::new(),
        Ok(Some(removed)) => format!("\ncache     {removed} copies taken out of Redis"),
        Err(error) => format!(
            "\ncache     not emptied: {error:#}; run `aisha cache flush` before the bot starts"
        ),
    });
    let audit = ledger::audit(&open(settings).await?).await?;
    let doctor = doctor::run(settings).await?;
    text.push_str(&format!("\n\nDoctor\n{}\n\nLedger\n{}", doctor.text, audit.text));
    let json = json!({
        "folder": restored.folder,
        "manifest": restored.manifest,
        "objects": restored.objects,
        "conflicts": restored.conflicts,
        "replaced": match &restored.before {
            Before::Kept(path) => Some(path),
            Before::Gone => restored.safety_copy.as_ref(),
            Before::Nothing => None,
        },
        "was_empty": restored.before == Before::Nothing,
        "cache_removed": cache.as_ref().ok().copied().flatten(),
        "doctor": doctor.json,
        "audit": audit.json,
    });
    let trouble =
        doctor.trouble || audit.trouble || !restored.conflicts.is_empty() || cache.is_err();
    Ok(Report { trouble, ..Report::new(text, json) })
}
