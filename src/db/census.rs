//! What nodes say of themselves, and what they are told to do by others.
//!
//! A report is written over every few seconds, and is old news when its node is gone. An order names its
//! node, is taken once, and says in the end what came of it.

use std::time::Duration;

use aisha_actors::{
    census::Census,
    domain::{id::UserId, time::Timestamp},
    port::{self, Kind, Result},
    session::Traffic,
    tracker::Load,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Database, Fault, request::Shape};

/// The name of the one process of a file.
pub const THE_ONLY_NODE: Uuid = Uuid::nil();

/// An order that is not taken within this time is lost: its node is away, and the reasons may be too.
pub const ORDER_LIFE: Duration = Duration::from_secs(60);

/// How long the name of an author may be, in characters.
const AUTHOR_MAX: usize = 100;

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// It gives its lanes away and takes nothing in.
    pub draining: bool,
    pub lanes: usize,
    /// None: the session or the tracker did not answer in time.
    pub traffic: Option<Traffic>,
    pub load: Option<Load>,
    pub census: Census,
}

/// The last word of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeReport {
    pub node: Uuid,
    pub at: Timestamp,
    pub told: Told,
}

/// What a node is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Put a new value in place of a singleton.
    Restart(String),
    /// Put a user's actor away.
    Retire(UserId),
    /// Give the lanes to others and take nothing in.
    Drain,
    /// The way back.
    Undrain,
}

impl Act {
    pub(super) fn columns(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Restart(child) => ("restart", Some(child.clone())),
            Self::Retire(user) => ("retire", Some(user.to_string())),
            Self::Drain => ("drain", None),
            Self::Undrain => ("undrain", None),
        }
    }

    pub(super) fn from_columns(kind: &str, subject: Option<&str>) -> Option<Self> {
        Some(match (kind, subject) {
            ("restart", Some(child)) => Self::Restart(child.to_owned()),
            ("retire", Some(user)) => Self::Retire(UserId(user.parse().ok()?)),
            ("drain", None) => Self::Drain,
            ("undrain", None) => Self::Undrain,
            _ => return None,
        })
    }
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// Its node has not seen it yet.
    Open,
    /// Its node is at it.
    Taken,
    Done,
    /// Its node could not do it.
    Refused,
    /// Nobody took it in time, or its node ended over it.
    Lost,
}

impl OrderState {
    pub const ALL: [Self; 5] = [Self::Open, Self::Taken, Self::Done, Self::Refused, Self::Lost];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }

    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Open | Self::Taken)
    }
}

/// What came of an order. Words for people are the reader's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    Restarted,
    Retired,
    /// There was no such actor to put away.
    NotThere,
    /// It takes nothing in any more, and its lanes are on their way.
    Drains,
    TakesIn,
    /// It knows no such singleton.
    Unknown,
    /// The singleton has ended.
    Ended,
    /// It is at it still; it will be done when what is in hand ends.
    Late,
    /// The node did not take it in time.
    NotTaken,
    /// The node's process ended over it.
    NodeEnded,
}

impl Came {
    pub const ALL: [Self; 10] = [
        Self::Restarted,
        Self::Retired,
        Self::NotThere,
        Self::Drains,
        Self::TakesIn,
        Self::Unknown,
        Self::Ended,
        Self::Late,
        Self::NotTaken,
        Self::NodeEnded,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Restarted => "restarted",
            Self::Retired => "retired",
            Self::NotThere => "not there",
            Self::Drains => "drains",
            Self::TakesIn => "takes in",
            Self::Unknown => "unknown actor",
            Self::Ended => "ended",
            Self::Late => "late",
            Self::NotTaken => "not taken",
            Self::NodeEnded => "node ended",
        }
    }

    /// How the order stands with that.
    pub const fn state(self) -> OrderState {
        match self {
            Self::Restarted | Self::Retired | Self::NotThere | Self::Drains | Self::TakesIn => {
                OrderState::Done
            }
            Self::Unknown | Self::Ended | Self::Late => OrderState::Refused,
            Self::NotTaken | Self::NodeEnded => OrderState::Lost,
        }
    }
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub seq: i64,
    pub node: Uuid,
    pub act: Act,
    /// Who gave it.
    pub author: String,
    pub state: OrderState,
    /// Once it is settled.
    pub came: Option<Came>,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
}

impl Database {
    /// Writes a node's report over its last one.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn leave_report(&self, node: Uuid, told: &Told) -> Result<()> {
        let at = self.clock.now();
        let body = serde_json::to_string(told).map_err(Fault::from)?;
        on_writer!(self, Shape::One, conn => queries::census::leave_report(conn, node, &body, at).await)
    }

    /// The last words of all nodes. One that a newer binary wrote in another way is left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn reports(&self) -> Result<Vec<NodeReport>> {
        let rows = on_reader!(self, conn => queries::census::reports(conn).await)?;
        let readable = rows.into_iter().filter_map(|(node, at, body)| {
            let told = serde_json::from_str(&body);
            let told = told.inspect_err(|error| tracing::debug!(%error, %node, "not our report"));
            Some(NodeReport { node, at, told: told.ok()? })
        });
        Ok(readable.collect())
    }

    /// Tells a node to do something; by which number its fate can be read.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn give_order(&self, node: Uuid, act: &Act, author: &str) -> Result<i64> {
        let author = author.chars().take(AUTHOR_MAX).collect();
        let (at, columns) = (self.clock.now(), act.columns());
        on_writer!(self, Shape::One, conn => queries::census::give(conn, node, columns, author, at).await)
    }

    /// The oldest order that this node has not taken yet, now taken: nobody gets it a second time. Orders
    /// that waited too long are lost. A read where there is nothing to do.
    ///
    /// # Errors
    /// Nothing was taken; or (`Ambiguous`) it may have been, and is lost.
    pub async fn take_order(&self, node: Uuid) -> Result<Option<Order>> {
        let waits = on_reader!(self, conn => queries::census::has_open(conn, node).await)?;
        if !waits {
            return Ok(None);
        }
        let (at, life) = (self.clock.now(), i64::try_from(ORDER_LIFE.as_micros()));
        let before = Timestamp(at.0.saturating_sub(life.unwrap_or(i64::MAX)));
        on_writer!(self, Shape::Several, conn => queries::census::take(conn, node, before, at).await)
    }

    /// Says what came of an order that was taken. Changes nothing if that was said before.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn settle_order(&self, seq: i64, came: Came) -> Result<()> {
        let at = self.clock.now();
        on_writer!(self, Shape::One, conn => queries::census::settle(conn, seq, came, at).await)
    }

    /// At a node's start: what an earlier process took under this name and did not settle is lost.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn lose_taken_orders(&self, node: Uuid) -> Result<()> {
        let at = self.clock.now();
        on_writer!(self, Shape::One, conn => queries::census::lose_taken(conn, node, at).await)
    }

    /// One order.
    ///
    /// # Errors
    /// `NotFound`: there is none of this number.
    pub async fn order(&self, seq: i64) -> Result<Order> {
        let order = on_reader!(self, conn => queries::census::one(conn, seq).await)?;
        order.ok_or_else(|| port::Error::new(Kind::NotFound, "there is no such order"))
    }

    /// The latest orders of all nodes, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn orders(&self, limit: usize) -> Result<Vec<Order>> {
        on_reader!(self, conn => queries::census::latest(conn, limit).await)
    }
}
