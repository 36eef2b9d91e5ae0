//! `aisha node`.

use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Report,
    report::{rfc, table, time},
    user::operator,
};
use crate::{
    app::{self, Answer},
    db::{
        Database,
        census::{Act, Came, NodeReport, THE_ONLY_NODE},
        nodes::Listed,
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The processes that serve this database: who lives, and how many of the 256 lanes of users each has.
    List,
    /// Have a running process take nothing in and give its users to the others, until it is undrained or
    /// started anew.
    Drain {
        /// The node, as `node list` shows it. Not needed where there is only one.
        node: Option<Uuid>,
    },
    /// Have a process that drains take in again.
    Undrain {
        /// The node, as `node list` shows it. Not needed where there is only one.
        node: Option<Uuid>,
    },
}

pub(super) async fn run(command: Command, database: &Database) -> anyhow::Result<Report> {
    match command {
        Command::List => list(database).await,
        Command::Drain { node } => steer(database, node, Act::Drain).await,
        Command::Undrain { node } => steer(database, node, Act::Undrain).await,
    }
}

async fn list(database: &Database) -> anyhow::Result<Report> {
    let nodes = database.nodes().await?;
    let reports = database.reports().await?;
    let report = |node: &Listed| reports.iter().find(|report| report.node == node.id);
    let json: Value = nodes.iter().map(|node| as_json(node, report(node))).collect();
    let rows = nodes.iter().map(|node| {
        let polls = if node.polls { "polls" } else { "" };
        let told = report(node).map(|report| &report.told);
        let count = |count: Option<usize>| count.map_or(String::new(), |count| count.to_string());
        [
            node.id.to_string(),
            state(node).to_owned(),
            node.lanes.to_string(),
            polls.to_owned(),
            count(told.and_then(|told| Some(told.census.users.as_ref()?.live))),
            count(told.and_then(|told| Some(told.traffic?.waiting))),
            time(node.seen_at),
            node.version.clone(),
            node.address.clone(),
        ]
    });
    let head = ["node", "", "lanes", "", "users", "waiting", "last seen", "version", "address"];
    Ok(Report::new(table(head, rows.collect()), json))
}

fn state(node: &Listed) -> &'static str {
    match (node.alive, node.draining) {
        (true, true) => "draining",
        (true, false) => "alive",
        (false, _) => "gone",
    }
}

fn as_json(node: &Listed, report: Option<&NodeReport>) -> Value {
    json!({
        "id": node.id.to_string(), "alive": node.alive, "draining": node.draining,
        "epoch": node.epoch, "lanes": node.lanes, "polls": node.polls,
        "joined_at": rfc(node.joined_at), "seen_at": rfc(node.seen_at), "version": node.version,
        "address": node.address,
        "report": report.map(|report| json!({
            "at": rfc(report.at), "traffic": report.told.traffic, "load": report.told.load,
            "users": report.told.census.users.as_ref().map(|users| users.live),
            "singletons": report.told.census.singletons,
        })),
    })
}

/// The one that is meant: the only one that lives, where none is named.
async fn named(database: &Database, node: Option<Uuid>) -> anyhow::Result<Uuid> {
    if !database.has_nodes() {
        return match node {
            None | Some(THE_ONLY_NODE) => Ok(THE_ONLY_NODE),
            Some(_) => bail!("there is one process on this database: say it without a name"),
        };
    }
    let living: Vec<Uuid> =
        database.nodes().await?.iter().filter(|node| node.alive).map(|node| node.id).collect();
    match (node, living.as_slice()) {
        (Some(node), living) if living.contains(&node) => Ok(node),
        (Some(_), _) => bail!("no node of this name lives; see `aisha node list`"),
        (None, [only]) => Ok(*only),
        (None, []) => bail!("no node lives"),
        (None, _) => bail!("there are several nodes: name one; see `aisha node list`"),
    }
}

async fn steer(database: &Database, node: Option<Uuid>, act: Act) -> anyhow::Result<Report> {
    let node = named(database, node).await?;
    let answer = app::order(database, node, &act, &operator()).await;
    match answer.context("the order could not be given")? {
        Answer::Came(came @ (Came::Drains | Came::TakesIn)) => {
            let words = match came {
                Came::Drains => "it drains: it takes nothing in any more",
                _ => "it takes in again",
            };
            let json = json!({"node": node.to_string(), "outcome": came.name()});
            Ok(Report::new(words, json))
        }
        Answer::Came(came) => bail!("it did not: {}", came.name()),
        Answer::Pending(_) => bail!("it has not answered: is it running?"),
    }
}
