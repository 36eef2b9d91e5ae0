//! The tree of actors, as pages see and steer it. The program around the dashboard gives it.

use aisha_actors::{census::Filter, port::Result};
use async_trait::async_trait;
use uuid::Uuid;

use crate::db::{
    census::{Act, Came, NodeReport, Told},
    nodes::Listed,
    reports::{Aside, AsideId, AsideKind, Page},
};

/// A node as it is seen from this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub node: Uuid,
    /// It is this process, and what it told is of this moment.
    pub is_this: bool,
    /// Its row, where there are nodes.
    pub listed: Option<Listed>,
    /// None: it has not said anything that could be read.
    pub report: Option<NodeReport>,
}

impl Seen {
    /// Whether its lease holds; where there are no nodes, it does.
    pub fn is_alive(&self) -> bool {
        self.is_this || self.listed.as_ref().is_some_and(|listed| listed.alive)
    }

    /// What it said last.
    pub fn told(&self) -> Option<&Told> {
        self.report.as_ref().map(|report| &report.told)
    }

    /// Whether it takes nothing in because the operator said so. Of this process its row says so a moment
    /// later than it does itself.
    pub fn is_draining(&self) -> bool {
        let told = self.told().map(|told| told.draining);
        match told {
            Some(draining) if self.is_this => draining,
            _ => told == Some(true) || self.listed.as_ref().is_some_and(|listed| listed.draining),
        }
    }
}

/// What became of a wish, as far as is known by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Came(Came),
    /// The node has not said anything yet: look at the order of this number again.
    Pending(i64),
}

/// The actors of this process and of the other nodes, and what was set aside.
#[async_trait]
pub trait Tree: Send + Sync {
    /// This process at this moment. Within two seconds or so, whatever hangs.
    async fn told(&self, filter: Filter, limit: usize) -> Told;

    /// The name of this process among the nodes.
    fn id(&self) -> Uuid;

    /// All nodes that are known: this one first, then those that live. The census of the others is of the
    /// last few seconds and has their busiest users; `filter` and `limit` are for this one's.
    ///
    /// # Errors
    /// The database cannot be read; [`Tree::told`] works all the same.
    async fn nodes(&self, filter: Filter, limit: usize) -> Result<Vec<Seen>>;

    /// Does it here, or has another node do it and waits for a while for what comes of it. `author`: who
    /// wants it.
    ///
    /// # Errors
    /// The order could not be stored.
    async fn act(&self, node: Uuid, act: &Act, author: &str) -> Result<Answer>;

    /// What was set aside, oldest first, without secrets and cut to a length: to be shown.
    ///
    /// # Errors
    /// The database cannot be read.
    async fn aside(&self, kind: AsideKind, page: Page) -> Result<Vec<Aside>>;

    /// Opens what was set aside again, and has it worked off soon.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    async fn replay(&self, id: AsideId) -> Result<()>;

    /// Gives up what was set aside.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    async fn discard(&self, id: AsideId) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use aisha_actors::{census::Census, domain::time::Timestamp};

    use super::*;

    /// What a process says of itself, and what its row says.
    fn seen(is_this: bool, says: bool, row: bool) -> Seen {
        let (node, at) = (Uuid::from_u128(1), Timestamp(0));
        let census = Census { at, singletons: Vec::new(), users: None };
        let told = Told { draining: says, lanes: 0, traffic: None, load: None, census };
        let listed = Listed {
            id: node,
            epoch: 1,
            alive: true,
            lanes: 0,
            polls: false,
            draining: row,
            joined_at: at,
            seen_at: at,
            version: String::new(),
            address: String::new(),
        };
        Seen { node, is_this, listed: Some(listed), report: Some(NodeReport { node, at, told }) }
    }

    #[test]
    fn this_process_knows_before_its_row_whether_it_drains_and_of_others_either_is_enough() {
        for (says, row) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!(seen(true, says, row).is_draining(), says, "{row}");
            assert_eq!(seen(false, says, row).is_draining(), says || row);
        }
        let silent = Seen { report: None, ..seen(true, false, true) };
        assert!(silent.is_draining(), "all that is known is its row");
    }
}
