//! `aisha node`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Report,
    report::{rfc, table, time},
};
use crate::db::Database;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The processes that serve this database: who lives, and how many of the 256 lanes of users each has.
    List,
}

pub(super) async fn run(command: Command, database: &Database) -> anyhow::Result<Report> {
    match command {
        Command::List => list(database).await,
    }
}

async fn list(database: &Database) -> anyhow::Result<Report> {
    let nodes = database.nodes().await?;
    let json: Value = nodes
        .iter()
        .map(|node| {
            json!({
                "id": node.id.to_string(), "alive": node.alive, "epoch": node.epoch,
                "lanes": node.lanes, "polls": node.polls, "joined_at": rfc(node.joined_at),
                "seen_at": rfc(node.seen_at), "version": node.version, "address": node.address,
            })
        })
        .collect();
    let rows = nodes.into_iter().map(|node| {
        let state = if node.alive { "alive" } else { "gone" };
        let polls = if node.polls { "polls" } else { "" };
        [
            node.id.to_string(),
            state.to_owned(),
            node.lanes.to_string(),
            polls.to_owned(),
            time(node.seen_at),
            node.version,
            node.address,
        ]
    });
    let head = ["node", "", "lanes", "", "last seen", "version", "address"];
    Ok(Report::new(table(head, rows.collect()), json))
}
