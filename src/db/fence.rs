//! What a node may write: while its lease holds, for the users of its own lanes.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use aisha_actors::{
    domain::{id::UserId, lane::LaneSet},
    port::{self, Kind},
};
use uuid::Uuid;

use super::types::Id;

/// Shared by whoever writes and whoever keeps the lease.
#[derive(Clone, Default)]
pub(super) struct Fence(Arc<RwLock<Standing>>);

#[derive(Debug, Clone, Copy, Default)]
enum Standing {
    /// No node: the command line, or the one process of a file. Writes what it is told to.
    #[default]
    Outside,
    /// A node between two terms: may write nothing.
    Out {
        node: Uuid,
    },
    Term(Term),
}

/// A node's life between joining and being buried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub node: Uuid,
    pub epoch: i64,
    /// By the process's own monotonic clock, so that a stopped process knows without asking.
    pub until: Instant,
    pub lanes: LaneSet,
}

/// Under which term something was asked for. It is carried out under the same one, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    Free,
    Epoch(i64),
    None,
}

/// What a transaction has to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Check {
    pub permit: Permit,
    pub node: Uuid,
}

impl Fence {
    fn now(&self) -> Standing {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, standing: Standing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    /// Whose lanes work is handed out of; None: all.
    pub(super) fn node(&self) -> Option<Id> {
        match self.now() {
            Standing::Outside => None,
            Standing::Out { node } | Standing::Term(Term { node, .. }) => Some(Id(node)),
        }
    }

    pub(super) fn term(&self) -> Option<Term> {
        match self.now() {
            Standing::Term(term) => Some(term),
            Standing::Outside | Standing::Out { .. } => None,
        }
    }

    /// What may be written at this moment.
    pub(super) fn permit(&self) -> Permit {
        self.check().permit
    }

    pub(super) fn check(&self) -> Check {
        match self.now() {
            Standing::Outside => Check { permit: Permit::Free, node: Uuid::nil() },
            Standing::Term(Term { node, epoch, until, .. }) if Instant::now() < until => {
                Check { permit: Permit::Epoch(epoch), node }
            }
            Standing::Term(Term { node, .. }) | Standing::Out { node } => {
                Check { permit: Permit::None, node }
            }
        }
    }

    /// # Errors
    /// `Fenced`: one of them is in a lane that is not ours.
    pub(super) fn may_commit(&self, users: impl IntoIterator<Item = UserId>) -> port::Result<()> {
        let lanes = match self.now() {
            Standing::Outside => return Ok(()),
            Standing::Term(term) => term.lanes,
            Standing::Out { .. } => LaneSet::NONE,
        };
        match users.into_iter().find(|user| !lanes.has_user(*user)) {
            None => Ok(()),
            Some(user) => {
                Err(port::Error::new(Kind::Fenced, format!("the lane of {user} is not ours")))
            }
        }
    }

    pub(super) fn begin(&self, term: Term) {
        self.set(Standing::Term(term));
    }

    /// The lease was renewed; changes nothing once the term has ended.
    pub(super) fn renew(&self, epoch: i64, until: Instant) {
        self.change(epoch, |term| term.until = until);
    }

    pub(super) fn own(&self, epoch: i64, lanes: LaneSet) {
        self.change(epoch, |term| term.lanes = lanes);
    }

    fn change(&self, epoch: i64, change: impl FnOnce(&mut Term)) {
        let mut standing = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Standing::Term(term) = &mut *standing
            && term.epoch == epoch
        {
            change(term);
        }
    }

    /// Ends the term: nothing is written until the next one.
    pub(super) fn end(&self, epoch: i64) {
        let mut standing = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Standing::Term(term) = *standing
            && term.epoch == epoch
        {
            *standing = Standing::Out { node: term.node };
        }
    }
}

/// Nothing was stored.
pub(super) fn fenced() -> port::Error {
    port::Error::new(Kind::Fenced, "this node's term is over: nothing was stored")
}
