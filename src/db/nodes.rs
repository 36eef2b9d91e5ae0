//! The nodes of one PostgreSQL: equal processes that share the users out by lanes.
//!
//! A node lives by a lease on its row, which it renews every second or so. One whose lease has run out is
//! buried by any other: its row is locked FOR UPDATE (so that what it has begun is over), its epoch is
//! raised, its lanes become free. Whatever a node writes begins with `fence` (see the migration) and is
//! refused after that. A node that cannot renew stops by its own clock, before the others may take over.

use std::time::{Duration, Instant};

use aisha_actors::domain::{lane::LaneSet, time::Timestamp};
use uuid::Uuid;

use super::{
    Backend, Database, Error,
    fence::{Fence, Permit, Term},
    postgres::nodes::{self as rows, Keeper},
};

/// Patience with one transaction of the keeper's.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a process introduces itself to the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: Uuid,
    /// Whoever does not renew for so long is taken over.
    pub lease: Duration,
    /// For the operator.
    pub version: String,
    pub address: String,
}

/// What a node would like beside its share of the users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The long poll, if nobody has it.
    pub polls: bool,
    /// To give its lanes and the long poll to others, as long as there are others who do not drain.
    pub drains: bool,
}

/// What a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub lanes: LaneSet,
    pub polls: bool,
    /// Lanes above the fair share; all of them for a node that drains beside others.
    pub surplus: usize,
    /// This one among them.
    pub living: usize,
}

/// A node as `aisha node list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: Uuid,
    pub epoch: i64,
    /// Its lease holds.
    pub alive: bool,
    pub lanes: usize,
    pub polls: bool,
    /// It gives its lanes to the others.
    pub draining: bool,
    pub joined_at: Timestamp,
    pub seen_at: Timestamp,
    pub version: String,
    pub address: String,
}

/// What became of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    Renewed,
    /// Another node has taken this one over.
    Buried,
}

/// This process as a node. Cheap to clone.
#[derive(Clone)]
pub struct Node {
    keeper: Keeper,
    fence: Fence,
    known: Known,
}

impl Database {
    /// Becomes a node, under a new epoch. `is_ours`: no other process can have this id, because the folder
    /// it stands in is locked; else one that lives under it is left alone. None: on SQLite, or such a one
    /// lives. From here on nothing is written but under a term.
    ///
    /// # Errors
    /// The database cannot be reached, or what the last process of this id began does not end.
    pub async fn join(&self, known: Known, is_ours: bool) -> Result<Option<Node>, Error> {
        let Backend::Postgres(backend) = &self.backend else { return Ok(None) };
        let node = Node { keeper: backend.keeper.clone(), fence: self.fence.clone(), known };
        Ok(node.begin_term(is_ours).await?.then_some(node))
    }

    /// All nodes that are known, living ones first. Empty on SQLite.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn nodes(&self) -> Result<Vec<Listed>, Error> {
        let Backend::Postgres(backend) = &self.backend else { return Ok(Vec::new()) };
        backend.keeper.run(PATIENCE, |conn| Box::pin(rows::list(conn))).await
    }

    /// Whether several processes may serve this database.
    pub fn has_nodes(&self) -> bool {
        matches!(&self.backend, Backend::Postgres(_))
    }

    /// This node's id and epoch, while its term lasts.
    pub fn term(&self) -> Option<(Uuid, i64)> {
        let is_on = matches!(self.fence.permit(), Permit::Epoch(_));
        self.fence.term().filter(|_| is_on).map(|term| (term.node, term.epoch))
    }
}

impl Node {
    /// Begins another term after one was lost. Wait until nothing of the last one is in hand.
    ///
    /// # Errors
    /// See [`Database::join`].
    pub async fn rejoin(&mut self) -> Result<(), Error> {
        if !self.begin_term(false).await? {
            tracing::warn!(node = %self.known.id, "another process lives under this id: taking a new one");
            self.known.id = Uuid::new_v4();
            self.begin_term(false).await?;
        }
        Ok(())
    }

    async fn begin_term(&self, is_ours: bool) -> Result<bool, Error> {
        let asked = Instant::now();
        let known = self.known.clone();
        // What the last process of this id left open is ended by the server after a while.
        let joined =
            self.keeper.run(PATIENCE * 3, move |conn| Box::pin(rows::join(conn, known, is_ours)));
        let Some((epoch, lanes)) = joined.await? else { return Ok(false) };
        let until = self.works_until(asked);
        self.fence.begin(Term { node: self.known.id, epoch, until, lanes });
        Ok(true)
    }

    pub fn id(&self) -> Uuid {
        self.fence.node().map_or(self.known.id, |id| id.0)
    }

    /// The lanes that may be written for.
    pub fn lanes(&self) -> LaneSet {
        self.fence.term().map_or(LaneSet::NONE, |term| term.lanes)
    }

    /// A renewal that was asked for at that moment lets this node work so long: others wait for longer,
    /// and what is on its way then should have arrived.
    fn works_until(&self, asked: Instant) -> Instant {
        asked + self.known.lease * 4 / 5
    }

    /// Until when this node may work without a renewal; None: its term is over.
    pub fn until(&self) -> Option<Instant> {
        self.fence.term().map(|term| term.until)
    }

    /// Renews the lease. `met` hears whether others live, before they can know that it was heard.
    ///
    /// # Errors
    /// The database cannot be reached: the lease may or may not be renewed.
    pub async fn renew(&self, met: impl FnOnce(bool) + Send + 'static) -> Result<Renewal, Error> {
        let Some(term) = self.fence.term() else { return Ok(Renewal::Buried) };
        let (asked, lease) = (Instant::now(), self.known.lease);
        let renewed = self.keeper.run(PATIENCE, move |conn| {
            Box::pin(rows::renew(conn, term.node, term.epoch, lease, met))
        });
        match renewed.await? {
            Some(()) => {
                self.fence.renew(term.epoch, self.works_until(asked));
                Ok(Renewal::Renewed)
            }
            None => {
                self.fence.end(term.epoch);
                Ok(Renewal::Buried)
            }
        }
    }

    /// Takes the lanes of dead nodes away from them; how many became free.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn bury(&self) -> Result<usize, Error> {
        self.keeper.run(PATIENCE, |conn| Box::pin(rows::bury(conn))).await
    }

    /// Claims what is free up to this node's share, and says what it has. What it has from now on may be
    /// written for, but for `leaving`.
    ///
    /// # Errors
    /// The database cannot be reached, or the term is over.
    pub async fn claim(&self, wish: Wish, leaving: LaneSet) -> Result<Kept, Error> {
        let Some(term) = self.fence.term() else { return Err(Error::Fenced) };
        let kept = self
            .keeper
            .run(PATIENCE, move |conn| Box::pin(rows::claim(conn, term.node, term.epoch, wish)))
            .await?;
        // What is being left may be written for until nothing of it is in hand.
        self.fence.own(term.epoch, kept.lanes.with(term.lanes.both(leaving)));
        Ok(kept)
    }

    /// Gives lanes back in which nothing is in hand.
    ///
    /// # Errors
    /// The database cannot be reached: they are not written for any more, and still ours.
    pub async fn release(&self, lanes: LaneSet) -> Result<(), Error> {
        let Some(term) = self.fence.term() else { return Ok(()) };
        self.fence.own(term.epoch, term.lanes.without(lanes));
        let id = term.node;
        self.keeper.run(PATIENCE, move |conn| Box::pin(rows::release(conn, id, lanes))).await
    }

    /// Ends the term here: nothing more is written under it.
    pub fn stop_writing(&self) {
        if let Some(term) = self.fence.term() {
            self.fence.end(term.epoch);
        }
    }

    /// Frees all and ends the term. Call it when nothing is in hand any more.
    ///
    /// # Errors
    /// The database cannot be reached: the others take over when the lease has run out.
    pub async fn leave(&self) -> Result<(), Error> {
        let Some(term) = self.fence.term() else { return Ok(()) };
        let (id, epoch) = (term.node, term.epoch);
        self.keeper.run(PATIENCE, move |conn| Box::pin(rows::leave(conn, id, epoch))).await?;
        self.fence.end(epoch);
        Ok(())
    }

    /// A moment of the server's clock, after all that was committed so far.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn now(&self) -> Result<Timestamp, Error> {
        self.keeper.run(PATIENCE, |conn| Box::pin(rows::now_us(conn))).await.map(Timestamp)
    }

    /// Whether every other living node has looked at the others since that moment, and so knows of this
    /// one: from then on they look at the rows for what this one takes in, so that nobody's updates
    /// overtake each other.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn is_known_since(&self, Timestamp(since): Timestamp) -> Result<bool, Error> {
        let id = self.known.id;
        let unaware =
            self.keeper.run(PATIENCE, move |conn| Box::pin(rows::unaware(conn, id, since)));
        Ok(unaware.await? == 0)
    }
}
