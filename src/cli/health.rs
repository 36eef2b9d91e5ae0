//! `aisha health`: whether the bot on this machine answers. Light enough for every few seconds.

use std::{net::IpAddr, time::Duration};

use anyhow::Context;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::Report;
use crate::settings::Settings;

/// An answer takes milliseconds; who needs longer is not well.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Ask whether it can take updates now, not only whether the process is up.
    #[arg(long)]
    ready: bool,
}

pub(super) async fn run(args: Args, settings: &Settings) -> anyhow::Result<Report> {
    let mut address = settings.http.bind;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        });
    }
    let path = if args.ready { "ready" } else { "live" };
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let asked = http.get(format!("http://{address}/health/{path}")).send().await;
    let answer = asked.with_context(|| format!("nobody answers on {address}"))?;
    let well = answer.status().is_success();
    let said: Value = answer.json().await.unwrap_or(Value::Null);
    let word = said.get("status").and_then(Value::as_str).unwrap_or("no answer of ours").to_owned();
    let json = json!({"ok": well, "address": address.to_string(), "answer": said});
    Ok(Report { trouble: !well, ..Report::new(format!("{address}: {word}"), json) })
}
