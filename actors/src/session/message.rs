//! What the session can be asked.

use serde::{Deserialize, Serialize};

use crate::{
    ask::Request,
    census::{Filter, Retired, Users},
    domain::{durations::Durations, id::UserId, lane::LaneSet},
    port::{self, Arrival},
};

/// Updates as they came in. The answer comes after their commit: only then may they be acknowledged.
/// Repeats are dropped by their `update_id`.
#[derive(Debug)]
pub struct TakeUpdates {
    pub arrivals: Vec<Arrival>,
}

impl Request for TakeUpdates {
    type Reply = Result<(), Error>;
}

/// Stop taking in, finish what is in hand, answer when all is quiet. What waits stays in the rows.
#[derive(Debug, Clone, Copy)]
pub struct Drain;

impl Request for Drain {
    type Reply = ();
}

/// Nothing more may begin in these lanes (they are no longer among [`crate::lanes::OwnLanes`]): finish
/// what is in hand there, answer when nothing is. What waits stays in the rows.
#[derive(Debug, Clone, Copy)]
pub struct LeaveLanes(pub LaneSet);

impl Request for LeaveLanes {
    type Reply = ();
}

/// These lanes are lost: drop their galleries and whatever is in hand, at once.
#[derive(Debug, Clone, Copy)]
pub struct DropLanes(pub LaneSet);

impl Request for DropLanes {
    type Reply = ();
}

/// There are more lanes among [`crate::lanes::OwnLanes`]: read the rows.
#[derive(Debug, Clone, Copy)]
pub struct LanesGained;

/// Another node, or the command line, put in rows. May be lost: the rows are looked at anyway.
#[derive(Debug, Clone, Copy)]
pub struct RowsAdded;

/// Who lives. Counts all and lists the first ones.
#[derive(Debug, Clone, Copy)]
pub struct GetUsers {
    pub filter: Filter,
    pub limit: usize,
}

impl Request for GetUsers {
    type Reply = Users;
}

/// Put a user's gallery away once nothing of theirs is in hand: the next update makes another one.
/// Repeats are harmless.
#[derive(Debug, Clone, Copy)]
pub struct Retire(pub UserId);

impl Request for Retire {
    type Reply = Retired;
}

/// How busy the session is.
#[derive(Debug, Clone, Copy)]
pub struct GetTraffic;

/// The session's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// Users with a live gallery.
    pub galleries: usize,
    /// Users who are being served at this moment.
    pub busy: usize,
    /// Updates and outbox entries that wait in memory.
    pub waiting: usize,
    /// Updates worked off since the start.
    pub updates: u64,
    /// Messages sent or edited since the start.
    pub sent: u64,
    /// Galleries that crashed since the start.
    pub crashes: u64,
    /// Updates and outbox entries set aside since the start.
    pub quarantined: u64,
    /// Of updates, from their turn's begin until the reply was said.
    #[serde(default)]
    pub turns: Durations,
    /// Of generations, from the prompt's order until the last picture was shown.
    #[serde(default)]
    pub pictures: Durations,
}

impl Request for GetTraffic {
    type Reply = Traffic;
}

/// Why updates were not taken. They must not be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("too much waits already")]
    Busy,
    #[error("shutting down")]
    Draining,
    #[error(transparent)]
    Unavailable(#[from] port::Error),
}
