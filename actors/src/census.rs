//! The tree of actors as it is at one moment, for the operator.
//!
//! What is said of a singleton is read beside it, so that a hung or dead one is told of like any other.
//! Users' actors are told of by the session; when it does not answer in time, nothing is said of them.

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub use crate::vitals::{ASKED, Condition, NotRestarted, RESTARTS_KEPT};
use crate::{
    domain::{id::UserId, time::Timestamp},
    vitals::{Begun, Restarts, Seen, Vitals},
};

/// Users' actors that one census lists at most.
pub const LISTED_MAX: usize = 500;

/// Which users' actors are listed, and in what order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only this one's.
    pub user: Option<UserId>,
    pub order: Order,
}

/// Whose actors come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What waits and is in hand, then what was handled.
    #[default]
    Busiest,
    /// Who was heard last.
    Recent,
    ById,
}

/// All actors of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    pub at: Timestamp,
    pub singletons: Vec<Member>,
    /// None: the session did not answer in time.
    pub users: Option<Users>,
}

/// Users' actors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Users {
    /// That live.
    pub live: usize,
    /// Of them and of those that rest after a crash, as many as were asked for.
    pub listed: Vec<Member>,
}

/// One actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// `session`, `tracker`, `writer`, `ledger`, `gallery`.
    pub kind: String,
    pub user: Option<UserId>,
    /// 1, 2, …: goes up with each restart. A user's actor that was put away for idleness begins anew.
    pub incarnation: u32,
    pub condition: Condition,
    pub mailbox: Mailbox,
    /// What waits in memory for a user before it gets to the mailbox: updates and outbox entries.
    pub queued: usize,
    /// Messages handled since the process, or the user's lane in it, began.
    pub handled: u64,
    pub last: Option<LastMessage>,
    /// When this incarnation was.
    pub born_at: Timestamp,
    /// The latest [`RESTARTS_KEPT`], oldest first.
    pub restarts: Vec<Restart>,
    /// None: outside every budget.
    pub restarts_left: Option<usize>,
}

/// How full a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Sent and not begun. Of a user's actor, which is asked one thing at a time: not answered.
    pub len: usize,
    pub bound: usize,
}

/// The last message that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    pub name: String,
    pub at: Timestamp,
}

/// A new value took over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restart {
    /// A panic's words, or [`ASKED`]. Not redacted.
    pub reason: String,
    pub at: Timestamp,
}

/// What became of a wish to put a user's actor away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// It is gone; the user's next update makes another one.
    Done,
    /// There was none.
    NotThere,
}

/// Turns the process's own time into the clock's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    pub(crate) at: Timestamp,
}

impl Moment {
    pub(crate) fn of(self, then: Instant) -> Timestamp {
        let age = self.now.saturating_duration_since(then).as_micros();
        Timestamp(self.at.0.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX)))
    }

    pub(crate) fn restarts(self, restarts: &Restarts) -> Vec<Restart> {
        let told = restarts.iter();
        told.map(|(reason, at)| Restart { reason: reason.to_owned(), at: self.of(at) }).collect()
    }
}

/// A singleton as it is now.
pub(crate) fn singleton(vitals: &Vitals, moment: Moment) -> Member {
    let Seen { incarnation, condition, waiting, begun, born, restarts, restarts_left } =
        vitals.seen();
    let Begun { handled, last } = begun;
    Member {
        kind: vitals.child.to_owned(),
        user: None,
        incarnation,
        condition,
        mailbox: Mailbox { len: waiting, bound: vitals.bound },
        queued: 0,
        handled,
        last: last.map(|(name, at)| LastMessage { name: short(name), at: moment.of(at) }),
        born_at: moment.of(born),
        restarts: moment.restarts(&restarts),
        restarts_left: Some(restarts_left),
    }
}

/// A type's name without its path.
pub(crate) fn short(name: &str) -> String {
    name.rsplit("::").next().unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_messages_are_short() {
        let name = std::any::type_name::<crate::ledger::PlaceHold>();
        assert_eq!(short(name), "PlaceHold");
        assert_eq!(short("Plain"), "Plain");
    }
}
