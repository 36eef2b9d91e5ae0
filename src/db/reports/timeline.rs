//! What happened to one generation, in the order in which it happened.

use aisha_actors::{
    domain::{
        generation::{Failure, Generation, State},
        id::GenerationId,
        ledger::{Credits, EntryKind},
        picture::{Picture, PictureState},
        time::Timestamp,
    },
    port::Result,
};

use super::FailureLine;
use crate::db::Database;

/// Something that a row knows the time of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at: Timestamp,
    pub what: What,
}

/// What happened. Of a move that was made more than once, the last time is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Created,
    /// A submit began.
    Submitted,
    /// The provider has it, and we its ticket.
    Queued,
    CancelAsked,
    /// The provider's result is known.
    Resulted,
    /// Paid; the pictures are safe and owed.
    Captured,
    /// The end.
    Ended {
        state: State,
        failure: Option<Failure>,
    },
    /// The ledger booked something for it.
    Booked {
        kind: EntryKind,
        amount: Credits,
        reason: String,
        by: String,
    },
    /// Work on it failed by a fault of ours; `n`: the work on that picture.
    Failed {
        n: Option<i32>,
        reason: String,
    },
    /// A picture came into its state; what it was before is not kept.
    PictureSettled {
        n: u8,
        state: PictureState,
    },
    /// A picture came into the gallery.
    PictureListed {
        n: u8,
    },
    /// The outbox took something to be sent.
    Owed {
        seq: i64,
        kind: String,
        n: Option<i32>,
    },
    /// An entry of the outbox came to an end: `done`, `dead` or `quarantined`.
    Settled {
        seq: i64,
        kind: String,
        n: Option<i32>,
        state: String,
        error: Option<String>,
    },
}

/// One generation and its story.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub generation: Generation,
    pub pictures: Vec<Picture>,
    /// Oldest first.
    pub events: Vec<Event>,
}

/// An entry of the outbox, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::db) struct Sending {
    pub seq: i64,
    pub kind: String,
    pub n: Option<i32>,
    pub state: String,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
}

/// What the rows say.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::db) struct Facts {
    pub generation: Generation,
    pub queued_at: Option<Timestamp>,
    pub resulted_at: Option<Timestamp>,
    pub captured_at: Option<Timestamp>,
    pub cancel_asked_at: Option<Timestamp>,
    /// With the time at which each came into its state.
    pub pictures: Vec<(Picture, Option<Timestamp>)>,
    /// With their times.
    pub entries: Vec<(What, Timestamp)>,
    pub failures: Vec<FailureLine>,
    pub sendings: Vec<Sending>,
}

impl Facts {
    /// Puts them in order. What bears the same time stands as things usually follow.
    pub(in crate::db) fn told(self) -> Timeline {
        let generation = self.generation;
        let mut events = vec![Event { at: generation.created_at, what: What::Created }];
        let mut add = |at: Option<Timestamp>, what: What| {
            events.extend(at.map(|at| Event { at, what }));
        };
        add(generation.submitted_at, What::Submitted);
        add(self.queued_at, What::Queued);
        add(self.cancel_asked_at, What::CancelAsked);
        add(self.resulted_at, What::Resulted);
        for failure in self.failures {
            add(Some(failure.at), What::Failed { n: failure.n, reason: failure.reason });
        }
        for (picture, settled_at) in &self.pictures {
            let (n, state) = (picture.id.n, picture.state);
            add(*settled_at, What::PictureSettled { n, state });
        }
        for (what, at) in self.entries {
            add(Some(at), what);
        }
        add(self.captured_at, What::Captured);
        for (picture, _) in &self.pictures {
            add(picture.listed_at, What::PictureListed { n: picture.id.n });
        }
        for sending in self.sendings {
            let Sending { seq, kind, n, state, error, created_at, settled_at } = sending;
            add(Some(created_at), What::Owed { seq, kind: kind.clone(), n });
            add(settled_at, What::Settled { seq, kind, n, state, error });
        }
        let (state, failure) = (generation.state, generation.failure);
        if !state.is_open() && state != State::Captured {
            add(generation.finished_at, What::Ended { state, failure });
        }
        events.sort_by_key(|event| event.at);
        let pictures = self.pictures.into_iter().map(|(picture, _)| picture).collect();
        Timeline { generation, pictures, events }
    }
}

impl Database {
    /// One generation with everything that its rows know the time of. What they do not keep: each single
    /// look at the provider, and what a state was before the last move into it.
    pub async fn timeline(&self, id: GenerationId) -> Result<Option<Timeline>> {
        let facts = on_reader!(self, conn => queries::reports::timeline::facts(conn, id).await)?;
        Ok(facts.map(Facts::told))
    }
}
