//! `aisha storage link`.

use std::time::Duration;

use aisha_actors::domain::picture::ObjectKey;
use clap::Args as ClapArgs;
use serde_json::json;

use super::super::Report;
use crate::{app::storage, settings::Settings};

#[derive(Debug, ClapArgs)]
pub(in super::super) struct Args {
    /// As it stands in the picture's row (`aisha generation show`).
    bucket: String,
    /// Such as 2026/08/20/0123456789abcdef_1.jpg.
    key: String,
    /// How many hours the link is good, at most seven days.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=168),
          conflicts_with = "seconds")]
    hours: u64,
    /// The same in seconds.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    seconds: Option<u64>,
}

/// Asks nobody whether the object is there: the link tells.
pub(super) async fn run(args: &Args, settings: &Settings) -> anyhow::Result<Report> {
    let object = ObjectKey { bucket: args.bucket.clone(), key: args.key.clone() };
    let seconds = args.seconds.unwrap_or(args.hours * 3600);
    let link = storage::open(settings).await?.link(&object, Duration::from_secs(seconds))?;
    // On disk it is served by ourselves.
    let link =
        if link.starts_with('/') { format!("http://{}{link}", settings.http.bind) } else { link };
    let json = json!({ "link": link, "seconds": seconds });
    Ok(Report::new(link, json))
}
