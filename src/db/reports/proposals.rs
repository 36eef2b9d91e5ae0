//! Credits above what one operator may book alone: one proposes, another books or refuses.

use std::time::Duration;

use aisha_actors::{
    domain::{
        change::{Changes, Refusal},
        id::{GenerationId, UserId},
        ledger::Credits,
        time::Timestamp,
    },
    port::Result,
};

use crate::db::{Database, request::Shape};

/// What nobody has decided on for so long is over.
pub const PROPOSAL_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What somebody wants to book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProposal {
    /// Names the one form that it comes from: sent twice, it is one row.
    pub cause: String,
    pub user: UserId,
    /// What is refunded. None: credits are given or taken back.
    pub generation: Option<GenerationId>,
    /// Negative: taken back.
    pub amount: Credits,
    pub reason: String,
    pub author: String,
}

/// One that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub seq: i64,
    pub created_at: Timestamp,
    pub what: NewProposal,
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    Now,
    /// Decided before, over, or never there.
    Gone,
    /// Whoever proposed it cannot approve it.
    Own,
    /// Nothing was booked, and it still waits.
    Refused(Refusal),
}

fn oldest(now: Timestamp) -> Timestamp {
    let life = i64::try_from(PROPOSAL_LIFE.as_micros()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(life))
}

impl Database {
    /// Keeps a wish until somebody else decides. False: it was kept before.
    pub async fn propose(&self, new: NewProposal) -> Result<bool> {
        let now = self.clock.now();
        on_writer!(self, Shape::One, conn =>
            queries::reports::proposals::propose(conn, new, now).await)
    }

    /// Those that wait, oldest first, at most so many.
    pub async fn open_proposals(&self, limit: usize) -> Result<Vec<Proposal>> {
        let since = oldest(self.clock.now());
        on_reader!(self, conn => queries::reports::proposals::open(conn, since, None, limit).await)
    }

    /// One that waits.
    pub async fn open_proposal(&self, seq: i64) -> Result<Option<Proposal>> {
        let since = oldest(self.clock.now());
        let found = on_reader!(self, conn =>
            queries::reports::proposals::open(conn, since, Some(seq), 1).await)?;
        Ok(found.into_iter().next())
    }

    /// Books what was proposed and settles the proposal, in one transaction.
    pub async fn approve(&self, seq: i64, by: &str, changes: Changes) -> Result<Decided> {
        let (by, now) = (by.to_owned(), self.clock.now());
        let since = oldest(now);
        on_writer!(self, Shape::Several, conn =>
            queries::reports::proposals::approve(conn, seq, by, changes, since, now).await)
    }

    /// Settles the proposal without booking anything. False: it does not wait any more.
    pub async fn refuse(&self, seq: i64, by: &str) -> Result<bool> {
        let (by, now) = (by.to_owned(), self.clock.now());
        let since = oldest(now);
        on_writer!(self, Shape::One, conn =>
            queries::reports::proposals::settle(conn, seq, "refused", by, since, now).await)
    }
}
