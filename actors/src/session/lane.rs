//! One user's lane: what waits for them, one thing in hand at a time.

use std::collections::{BTreeSet, VecDeque};

use actix::Addr;
use tokio::{task::AbortHandle, time::Instant};

use super::serve::Told;

use crate::{
    domain::{
        id::{GenerationId, OutboxId},
        outbox::{OutboxEntry, Parcel},
        text::Language,
    },
    gallery,
    port::{InboxItem, Source},
    tracker::ProgressChanged,
};

/// Updates of one user that may wait before more are answered with "slower, please".
const WAITING_MAX: usize = 24;

/// An update that waits.
pub(super) struct Queued {
    pub item: InboxItem,
    /// It came while too many waited: not handed to the gallery.
    pub shed: bool,
    /// The first of a burst that was shed: the person is told in a message.
    pub say_it: bool,
}

/// What a lane does next.
pub(super) enum Work {
    Update(Queued),
    Parcel(OutboxEntry),
    Progress(ProgressChanged),
}

/// Names a lane for as long as it is there: what was begun in one is not mistaken for its successor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaneId(pub u64);

/// The lane.
pub(super) struct Lane {
    pub id: LaneId,
    pub updates: VecDeque<Queued>,
    pub parcels: VecDeque<OutboxEntry>,
    /// Outbox rows in hand, waiting or being read again, so that a look at the rows takes none twice.
    pub entries: BTreeSet<OutboxId>,
    pub progress: Option<ProgressChanged>,
    pub gallery: Option<Addr<gallery::Actor>>,
    pub busy: bool,
    /// What is in hand is an update that the gallery was asked to take.
    pub serves: bool,
    /// Updates that the gallery was asked to take.
    pub handled: u32,
    /// When the gallery was born, and when it was last asked: in seconds of the session's own.
    pub born: u32,
    pub heard: u32,
    /// What is in hand, to be dropped when the lane is lost.
    pub task: Option<AbortHandle>,
    /// Updates rest until then: a crash, or something below is away.
    pub updates_after: Option<Instant>,
    pub parcels_after: Option<Instant>,
    pub progress_after: Option<Instant>,
    /// Failures in a row, for the pause.
    pub troubles: u32,
    pub last_used: Instant,
    /// What the person was last spoken to in, for progress.
    pub language: Option<Language>,
}

impl Lane {
    pub(super) fn new(id: LaneId) -> Self {
        Self {
            id,
            updates: VecDeque::new(),
            parcels: VecDeque::new(),
            entries: BTreeSet::new(),
            progress: None,
            gallery: None,
            busy: false,
            serves: false,
            handled: 0,
            born: 0,
            heard: 0,
            task: None,
            updates_after: None,
            parcels_after: None,
            progress_after: None,
            troubles: 0,
            last_used: Instant::now(),
            language: None,
        }
    }

    /// Puts an update behind those that came before it.
    pub(super) fn push(&mut self, item: InboxItem) {
        // What the operator put in is nobody's haste.
        let shed = self.updates.len() >= WAITING_MAX && item.source == Source::Telegram;
        let say_it = shed && !self.updates.back().is_some_and(|last| last.shed);
        // Another node's commit may show up after a later one of ours.
        let place = self.updates.partition_point(|queued| queued.item.seq < item.seq);
        self.updates.insert(place, Queued { item, shed, say_it });
    }

    /// Puts an outbox entry behind those that came before it, unless it is held already. What goes to many
    /// waits for what is the person's own.
    pub(super) fn owe(&mut self, entry: OutboxEntry) {
        if self.entries.insert(entry.id) {
            let rank = |waiting: &OutboxEntry| (is_to_many(&waiting.parcel), waiting.id);
            let place = self.parcels.partition_point(|waiting| rank(waiting) < rank(&entry));
            self.parcels.insert(place, entry);
        }
    }

    /// What is next, if anything may be done now: updates, then what is owed, then progress.
    pub(super) fn next(&mut self, now: Instant) -> Option<Work> {
        if self.busy {
            return None;
        }
        if is_due(self.updates_after, now)
            && let Some(queued) = self.updates.pop_front()
        {
            return Some(Work::Update(queued));
        }
        if is_due(self.parcels_after, now)
            && let Some(entry) = self.parcels.pop_front()
        {
            self.drop_progress(&entry.parcel);
            return Some(Work::Parcel(entry));
        }
        if !is_due(self.progress_after, now) {
            return None;
        }
        // While something is owed for it, its progress is old news.
        let news = self.progress.take()?;
        let over = self.parcels.iter().any(|entry| of(&entry.parcel) == Some(news.generation.id));
        (!over).then_some(Work::Progress(news))
    }

    fn drop_progress(&mut self, parcel: &Parcel) {
        let generation = of(parcel);
        if self.progress.as_ref().is_some_and(|news| Some(news.generation.id) == generation) {
            self.progress = None;
        }
    }

    /// A gallery whose person blocked the bot is born again: it would not know of their return.
    pub(super) fn heard(&mut self, told: Told) {
        if told.stopped {
            self.gallery = None;
            // Progress asks the row before it speaks.
            self.language = None;
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.busy && self.updates.is_empty() && self.entries.is_empty() && self.progress.is_none()
    }

    pub(super) fn waiting(&self) -> usize {
        self.updates.len() + self.parcels.len()
    }
}

fn of(parcel: &Parcel) -> Option<GenerationId> {
    match parcel {
        Parcel::Picture(picture) => Some(picture.generation),
        Parcel::Outcome(id) => Some(*id),
        Parcel::Granted { .. }
        | Parcel::Refunded { .. }
        | Parcel::Apology
        | Parcel::Broadcast(_)
        | Parcel::Note(_) => None,
    }
}

const fn is_to_many(parcel: &Parcel) -> bool {
    matches!(parcel, Parcel::Broadcast(_))
}

fn is_due(after: Option<Instant>, now: Instant) -> bool {
    after.is_none_or(|after| after <= now)
}

#[cfg(test)]
mod tests {
    use super::{Lane, LaneId, Work};
    use crate::domain::{
        id::{OutboxId, UserId},
        outbox::{OutboxEntry, Parcel},
    };

    #[test]
    fn what_goes_to_many_waits_for_what_is_the_persons_own() {
        let mut lane = Lane::new(LaneId(1));
        let parcels = [(1, Parcel::Broadcast(7)), (2, Parcel::Apology), (3, Parcel::Broadcast(8))];
        for (id, parcel) in parcels.into_iter().chain([(4, Parcel::Apology)]) {
            let user = UserId(1);
            lane.owe(OutboxEntry { id: OutboxId(id), user, parcel, placed: None, attempts: 0 });
        }
        let order = std::iter::from_fn(|| match lane.next(tokio::time::Instant::now()) {
            Some(Work::Parcel(entry)) => Some(entry.id.0),
            _ => None,
        });
        assert_eq!(order.collect::<Vec<_>>(), [2, 4, 1, 3]);
    }

    /// Each user who was here lately has one: what is told of them must cost next to nothing.
    #[test]
    fn a_lane_is_small() {
        assert!(size_of::<Lane>() <= 248, "{} bytes", size_of::<Lane>());
    }
}
