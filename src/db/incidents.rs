//! What the operator has to know of: noticed by any node, told once by the one that watches.

use aisha_actors::{domain::time::Timestamp, port::Result};
use uuid::Uuid;

use super::{Database, request::Shape};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IncidentKind {
    /// A dependency does not answer.
    Away,
    /// The provider wants money.
    Money,
    /// Something was set aside; the level says how much.
    Aside,
    /// The provider does not know a model any more.
    ModelGone,
    /// An operator took a model off sale.
    ModelOff,
    /// The books are not right; the level says in how many places.
    Books,
    /// The last good backup is old, or there was never one; it says for how many hours.
    Backup,
    /// A node ended without saying goodbye.
    Node,
    /// Credits wait for a second person; the level says how many times.
    Proposal,
}

impl IncidentKind {
    pub const ALL: [Self; 9] = [
        Self::Away,
        Self::Money,
        Self::Aside,
        Self::ModelGone,
        Self::ModelOff,
        Self::Books,
        Self::Backup,
        Self::Node,
        Self::Proposal,
    ];

    /// The word that stands in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Money => "money",
            Self::Aside => "aside",
            Self::ModelGone => "model gone",
            Self::ModelOff => "model off",
            Self::Books => "books",
            Self::Backup => "backup",
            Self::Node => "node",
            Self::Proposal => "proposal",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What is so, as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    pub kind: IncidentKind,
    /// Which dependency, model or node; may be empty.
    pub subject: String,
    pub level: i64,
    /// Words for people: a reason, an author.
    pub said: String,
}

/// The row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    pub what: Noticed,
    /// Who saw it.
    pub node: Uuid,
    pub since: Timestamp,
    /// When it was told last, and of which level.
    pub told: Option<(Timestamp, i64)>,
    /// It is over, and that is not told yet.
    pub ended_at: Option<Timestamp>,
}

impl Database {
    /// Notes that it is so. One that is noted already keeps its beginning, and what was told of it.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn raise_incident(&self, node: Uuid, what: Noticed) -> Result<()> {
        let at = self.clock.now();
        on_writer!(self, Shape::Several, conn =>
            queries::incidents::raise(conn, node, what, at).await)
    }

    /// Notes that it is over; says nothing where it is not open.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn end_incident(&self, kind: IncidentKind, subject: &str) -> Result<()> {
        let (subject, at) = (subject.to_owned(), self.clock.now());
        on_writer!(self, Shape::One, conn =>
            queries::incidents::end(conn, kind, &subject, at).await)
    }

    /// Notes that it was told of this level.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn told_incident(&self, kind: IncidentKind, subject: &str, level: i64) -> Result<()> {
        let (subject, at) = (subject.to_owned(), self.clock.now());
        on_writer!(self, Shape::One, conn =>
            queries::incidents::told(conn, kind, &subject, level, at).await)
    }

    /// It is over, and that was told, or need not be.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn forget_incident(&self, kind: IncidentKind, subject: &str) -> Result<()> {
        let subject = subject.to_owned();
        on_writer!(self, Shape::One, conn =>
            queries::incidents::forget(conn, kind, &subject).await)
    }

    /// All that are open, or whose end is not told yet.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn incidents(&self) -> Result<Vec<Incident>> {
        on_reader!(self, conn => queries::incidents::list(conn).await)
    }
}
