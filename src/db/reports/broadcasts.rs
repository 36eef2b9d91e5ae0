//! One text to many people. Who gets it is found a part at a time, in the order of ids, so that a pause is
//! heard soon and a restart goes on where it was; each part becomes entries of the outbox.

use std::{fmt, time::Duration};

use aisha_actors::{
    domain::time::Timestamp,
    port::{self, Kind, Result},
};

use super::Bounded;
use crate::db::{Database, request::Shape};

/// To whom. Nobody who is blocked or blocked the bot, and nobody who came after the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Everyone,
    /// Whose Telegram speaks this language: two or three letters.
    Language(String),
    /// Who began a generation within so many days.
    Active(u16),
    /// Who did not.
    Idle(u16),
}

impl Segment {
    /// Reads what its `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, what) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "everyone" if text == kind => Some(Self::Everyone),
            "language" => {
                let is_code = (2..=3).contains(&what.len())
                    && what.bytes().all(|letter| letter.is_ascii_lowercase());
                is_code.then(|| Self::Language(what.to_owned()))
            }
            "active" => what.parse().ok().map(Self::Active),
            "idle" => what.parse().ok().map(Self::Idle),
            _ => None,
        }
    }

    /// Since when who began a generation counts as active, as far as that matters.
    pub(in crate::db) fn since(&self, now: Timestamp) -> Option<Timestamp> {
        let (Self::Active(days) | Self::Idle(days)) = self else { return None };
        let span = Duration::from_secs(u64::from(*days) * 24 * 60 * 60);
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Some(Timestamp(now.0.saturating_sub(span)))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Language(code) => write!(f, "language:{code}"),
            Self::Active(days) => write!(f, "active:{days}"),
            Self::Idle(days) => write!(f, "idle:{days}"),
        }
    }
}

/// Where a broadcast stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroadcastState {
    Draft,
    Running,
    Paused,
    Done,
    Cancelled,
}

impl BroadcastState {
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Running, Self::Paused, Self::Done, Self::Cancelled];

    /// The word that stands in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// The row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    pub id: i64,
    pub text_en: String,
    pub text_ru: String,
    pub segment: Segment,
    pub state: BroadcastState,
    pub author: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// Whether everybody was found.
    pub is_walked: bool,
    /// Entries of the outbox made. What became of them is as of the last [`Database::tally_broadcast`].
    pub queued: u64,
    pub sent: u64,
    /// To people who had blocked the bot.
    pub blocked: u64,
    /// Those that failed again and again, whether they are still set aside or were given up.
    pub failed: u64,
}

/// A broadcast that somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBroadcast {
    pub text_en: String,
    pub text_ru: String,
    pub segment: Segment,
    pub author: String,
}

impl Database {
    /// Keeps a draft and returns its number.
    pub async fn create_broadcast(&self, new: NewBroadcast) -> Result<i64> {
        let at = self.clock.now();
        on_writer!(self, Shape::One, conn =>
            queries::reports::broadcasts::create(conn, new, at).await)
    }

    /// Broadcasts, newest first. `before`: those with a smaller number.
    pub async fn list_broadcasts(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Broadcast>> {
        on_reader!(self, conn => queries::reports::broadcasts::list(conn, before, limit).await)
    }

    /// One of them.
    pub async fn broadcast(&self, id: i64) -> Result<Option<Broadcast>> {
        on_reader!(self, conn => queries::reports::broadcasts::one(conn, id).await)
    }

    /// The numbers of those that run or are paused, oldest first.
    pub async fn broadcasts_under_way(&self) -> Result<Vec<i64>> {
        on_reader!(self, conn => queries::reports::broadcasts::under_way(conn).await)
    }

    /// Whether something of a person's own waits in the outbox that was put in between these moments.
    pub async fn is_outbox_late(&self, from: Timestamp, until: Timestamp) -> Result<bool> {
        on_reader!(self, conn => queries::reports::broadcasts::is_late(conn, from, until).await)
    }

    /// How many people a segment has at this moment, as far as is counted.
    pub async fn count_segment(&self, segment: Segment) -> Result<Bounded> {
        let at = self.clock.now();
        on_reader!(self, conn => queries::reports::broadcasts::count(conn, segment, at).await)
    }

    /// `draft → running`.
    ///
    /// # Errors
    /// `Conflict`: it is no draft.
    pub async fn start_broadcast(&self, id: i64) -> Result<()> {
        self.move_broadcast(id, &[BroadcastState::Draft], BroadcastState::Running).await
    }

    /// `running → paused`. What is in the outbox already is sent.
    ///
    /// # Errors
    /// `Conflict`: it does not run.
    pub async fn pause_broadcast(&self, id: i64) -> Result<()> {
        self.move_broadcast(id, &[BroadcastState::Running], BroadcastState::Paused).await
    }

    /// `paused → running`.
    ///
    /// # Errors
    /// `Conflict`: it is not paused.
    pub async fn resume_broadcast(&self, id: i64) -> Result<()> {
        self.move_broadcast(id, &[BroadcastState::Paused], BroadcastState::Running).await
    }

    /// Ends it, and gives up what waits in the outbox.
    ///
    /// # Errors
    /// `Conflict`: it has ended.
    pub async fn cancel_broadcast(&self, id: i64) -> Result<()> {
        use BroadcastState::{Cancelled, Draft, Paused, Running};
        self.move_broadcast(id, &[Draft, Running, Paused], Cancelled).await
    }

    async fn move_broadcast(
        &self,
        id: i64,
        from: &'static [BroadcastState],
        to: BroadcastState,
    ) -> Result<()> {
        let at = self.clock.now();
        let moved = on_writer!(self, Shape::Several, conn =>
            queries::reports::broadcasts::advance(conn, id, from, to, at).await)?;
        match moved {
            0 => Err(port::Error::new(Kind::Conflict, "the broadcast is not in such a state")),
            _ => Ok(()),
        }
    }

    /// Puts the next people of a running broadcast into the outbox, so that about `limit` wait there at a
    /// time. Returns how many were put in; none also while it does not run.
    pub async fn next_batch(&self, id: i64, limit: usize) -> Result<u64> {
        let at = self.clock.now();
        on_writer!(self, Shape::Several, conn =>
            queries::reports::broadcasts::next_batch(conn, id, limit, at).await)
    }

    /// Marks in the row how many were sent, and that it is done when nobody is left.
    pub async fn tally_broadcast(&self, id: i64) -> Result<()> {
        let at = self.clock.now();
        on_writer!(self, Shape::Several, conn =>
            queries::reports::broadcasts::tally(conn, id, at).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_read_as_it_was_written_and_nothing_else_is_one() {
        let all = [
            Segment::Everyone,
            Segment::Language("ru".to_owned()),
            Segment::Active(30),
            Segment::Idle(0),
        ];
        for segment in all {
            assert_eq!(Segment::parse(&segment.to_string()), Some(segment));
        }
        for text in ["", "all", "everyone:", "language:", "language:r'", "active:-1", "idle:70000"]
        {
            assert_eq!(Segment::parse(text), None, "{text}");
        }
    }
}
