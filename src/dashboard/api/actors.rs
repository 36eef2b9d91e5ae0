//! The tree of actors: of this process as it is now, of the other nodes as they last said.

use aisha_actors::{
    census::{self, Census, Filter, Order},
    domain::id::UserId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{Ctx, routes::Reply},
    Refusal, answer, limit, query, read, rfc, schema,
};
use crate::telemetry::redact;

pub(super) const ORDERS: [(&str, Order); 3] =
    [("busiest", Order::Busiest), ("recent", Order::Recent), ("id", Order::ById)];

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ActorsQuery {
    /// Only this person's.
    user: Option<i64>,
    /// Of users' actors.
    #[param(schema_with = schema::order, required = false)]
    order: Option<String>,
    /// Users' actors that are listed.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Restart {
    /// Redacted.
    reason: String,
    #[schema(schema_with = schema::moment)]
    at: String,
}

/// One actor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Actor {
    /// `session`, `tracker`, `writer`, `ledger`, `gallery`.
    kind: String,
    /// Whose gallery it is.
    user: Option<i64>,
    /// 1, 2, …: goes up with each restart.
    incarnation: u32,
    /// `running`, `resting`, `gone`.
    condition: String,
    mailbox: u64,
    mailbox_max: u64,
    /// What waits for it in memory before it gets to the mailbox.
    queued: u64,
    handled: u64,
    last_message: Option<String>,
    last_at: Option<String>,
    #[schema(schema_with = schema::moment)]
    born_at: String,
    /// Oldest first.
    restarts: Vec<Restart>,
    /// Null: outside every budget.
    restarts_left: Option<u64>,
}

impl From<census::Member> for Actor {
    fn from(member: census::Member) -> Self {
        let condition = match member.condition {
            census::Condition::Running => "running",
            census::Condition::Resting => "resting",
            census::Condition::Gone => "gone",
        };
        let restarts = member.restarts.into_iter();
        Self {
            kind: member.kind,
            user: member.user.map(|user| user.0),
            incarnation: member.incarnation,
            condition: condition.to_owned(),
            mailbox: member.mailbox.len as u64,
            mailbox_max: member.mailbox.bound as u64,
            queued: member.queued as u64,
            handled: member.handled,
            last_at: member.last.as_ref().map(|last| rfc(last.at)),
            last_message: member.last.map(|last| last.name),
            born_at: rfc(member.born_at),
            restarts: restarts
                .map(|restart| Restart { reason: redact(&restart.reason), at: rfc(restart.at) })
                .collect(),
            restarts_left: member.restarts_left.map(|left| left as u64),
        }
    }
}

/// The actors of one process.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Node {
    /// Null: the process that answers.
    node: Option<String>,
    #[schema(schema_with = schema::moment)]
    at: String,
    singletons: Vec<Actor>,
    /// Users with an actor. Null: the session did not answer in time.
    live_users: Option<u64>,
    users: Vec<Actor>,
}

impl Node {
    fn of(node: Option<String>, census: Census) -> Self {
        let live = census.users.as_ref().map(|users| users.live as u64);
        let listed = census.users.map(|users| users.listed).unwrap_or_default();
        Self {
            node,
            at: rfc(census.at),
            singletons: census.singletons.into_iter().map(Actor::from).collect(),
            live_users: live,
            users: listed.into_iter().map(Actor::from).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Actors {
    /// This process as it is now, and what every node said last.
    nodes: Vec<Node>,
}

/// The tree of actors.
#[utoipa::path(get, path = "/admin/api/actors", tag = "actors", params(ActorsQuery), responses(
    (status = 200, body = Actors),
    (status = 400, description = "It is not understood", body = Refusal),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn list(ctx: Ctx) -> Reply {
    let query: ActorsQuery = query(&ctx)?;
    let limit = limit(query.limit)?;
    let named = |said: &str| ORDERS.into_iter().find(|(name, _)| *name == said);
    let order = read(query.order.as_deref(), named)?.map_or(Order::Busiest, |(_, order)| order);
    let mut nodes = Vec::new();
    if let Some(system) = &ctx.desk.system {
        let filter = Filter { user: query.user.map(UserId), order };
        nodes.push(Node::of(None, system.census(filter, limit).await));
    }
    for report in ctx.desk.database.reports().await? {
        nodes.push(Node::of(Some(report.node.to_string()), report.told.census));
    }
    Ok(answer(&Actors { nodes }))
}
