//! When a call may go out: the one place that paces, per chat and in all.
//!
//! [`Pace`] decides, without a clock of its own; [`Gate`] waits. A call that may not go now and that
//! nobody needs to wait for is answered `RateLimited` at once. Where several nodes speak for one bot,
//! [`Shared`] decides for all of them; without it, each for itself.

mod gate;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use aisha_actors::{domain::id::UserId, port::Urgency};

pub use gate::{Gate, Pass, Shared};

/// Between two sweeps for chats that can be forgotten, at least this many are remembered.
const SWEEP_MIN: usize = 1024;

/// This many chats frozen within [`FREEZE_WINDOW`] freeze all.
pub const FREEZE_CHATS: usize = 3;
pub const FREEZE_WINDOW: Duration = Duration::from_secs(1);

/// A century is as good as for ever, and no number of Telegram's may overflow the clock.
pub const FREEZE_MAX: Duration = Duration::from_secs(100 * 365 * 86_400);

/// So many calls may go at once after a silence, in all.
pub const BURST: u32 = 3;

/// The global rate grows by one a second after this long without a 429.
pub const QUIET: Duration = Duration::from_secs(60);

/// How calls are paced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Between two owed messages to a chat, once the burst is used up.
    pub owed_every: Duration,
    pub owed_burst: u32,
    /// Between two progress edits in a chat.
    pub progress_every: Duration,
    /// Owed and progress calls per second, in all: at the start, at the least, at the most. Positive.
    pub rate_start: f64,
    pub rate_min: f64,
    pub rate_max: f64,
    /// A call that is owed waits this long at most; where it would be longer it is refused.
    pub wait_max: Duration,
    /// Calls in flight, and uploads among them.
    pub calls_max: usize,
    pub uploads_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            owed_every: Duration::from_secs(1),
            owed_burst: 3,
            progress_every: Duration::from_secs(3),
            rate_start: 25.0,
            rate_min: 1.0,
            rate_max: 100.0,
            wait_max: Duration::from_secs(10),
            calls_max: 500,
            uploads_max: 50,
        }
    }
}

/// Whether a call may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// After this wait; zero for now. Its place is taken.
    Go(Duration),
    /// After this wait, as far as its chat goes, where its place is taken; then [`Pace::admit_to_all`].
    OwnTurn(Duration),
    /// Not now; after this time it may be asked again. No place is taken.
    Refused(Duration),
}

/// A chat that was written to lately, or is frozen.
#[derive(Debug, Clone, Copy)]
struct Chat {
    owed: Rhythm,
    /// The next progress edit may go from here on.
    progress_from: Instant,
    frozen_until: Instant,
}

/// One every so often with a burst, as a theoretical arrival time (GCRA): a single moment.
#[derive(Debug, Clone, Copy)]
struct Rhythm(Instant);

impl Rhythm {
    fn wait(self, now: Instant, every: Duration, burst: u32) -> Duration {
        let ahead = every.saturating_mul(burst.saturating_sub(1));
        self.0.saturating_duration_since(now).saturating_sub(ahead)
    }

    fn take(&mut self, now: Instant, every: Duration) {
        self.0 = self.0.max(now) + every;
    }
}

/// The decisions, without waiting and without a clock.
#[derive(Debug)]
pub struct Pace {
    settings: Settings,
    chats: HashMap<UserId, Chat>,
    sweep_at: usize,
    all: Rhythm,
    /// Calls per second.
    rate: f64,
    /// Since when no 429 came and the rate did not grow.
    rate_since: Instant,
    halved_at: Option<Instant>,
    all_frozen_until: Instant,
    /// Who was frozen lately, for [`FREEZE_CHATS`].
    frozen: Vec<(Instant, UserId)>,
}

impl Pace {
    pub fn new(settings: Settings, now: Instant) -> Self {
        Self {
            settings,
            chats: HashMap::new(),
            sweep_at: SWEEP_MIN,
            all: Rhythm(now),
            rate: settings.rate_start,
            rate_since: now,
            halved_at: None,
            all_frozen_until: now,
            frozen: Vec::new(),
        }
    }

    /// How long the chat (or, for None, everything) is still frozen.
    pub fn frozen(&self, chat: Option<UserId>, now: Instant) -> Option<Duration> {
        let own = chat.and_then(|id| self.chats.get(&id)).map(|chat| chat.frozen_until);
        let until = own.map_or(self.all_frozen_until, |own| own.max(self.all_frozen_until));
        let rest = until.saturating_duration_since(now);
        (!rest.is_zero()).then_some(rest)
    }

    /// Whether a call to the chat may go, and when.
    pub fn admit(&mut self, chat: Option<UserId>, urgency: Urgency, now: Instant) -> Verdict {
        if let Some(rest) = self.frozen(chat, now) {
            return Verdict::Refused(rest);
        }
        let (Some(id), Urgency::Owed | Urgency::Progress) = (chat, urgency) else {
            return Verdict::Go(Duration::ZERO);
        };
        self.recover(now);
        let settings = self.settings;
        let every = Duration::from_secs_f64(1.0 / self.rate);
        let known = self.chats.get(&id).copied();
        let mut chat =
            known.unwrap_or(Chat { owed: Rhythm(now), progress_from: now, frozen_until: now });
        let in_all = self.all.wait(now, every, BURST);
        let own = chat.owed.wait(now, settings.owed_every, settings.owed_burst);
        let mut wait = in_all.max(own);
        if urgency == Urgency::Progress {
            wait = wait.max(chat.progress_from.saturating_duration_since(now));
            if !wait.is_zero() {
                return Verdict::Refused(wait);
            }
            chat.progress_from = now + settings.progress_every;
        } else {
            if wait > settings.wait_max {
                return Verdict::Refused(wait);
            }
            chat.owed.take(now, settings.owed_every);
        }
        self.remember(id, chat, now);
        if !own.is_zero() {
            return Verdict::OwnTurn(own);
        }
        self.all.take(now, every);
        Verdict::Go(in_all)
    }

    /// The second half of [`Verdict::OwnTurn`]: a place among all, taken when the chat's turn has come.
    pub fn admit_to_all(&mut self, chat: Option<UserId>, now: Instant) -> Verdict {
        if let Some(rest) = self.frozen(chat, now) {
            return Verdict::Refused(rest);
        }
        let every = Duration::from_secs_f64(1.0 / self.rate);
        let wait = self.all.wait(now, every, BURST);
        if wait > self.settings.wait_max {
            return Verdict::Refused(wait);
        }
        self.all.take(now, every);
        Verdict::Go(wait)
    }

    /// Telegram said 429 to a call to the chat.
    pub fn limited(&mut self, chat: Option<UserId>, retry_after: Duration, now: Instant) {
        // Several 429s at once are one event.
        if self.halved_at.is_none_or(|at| now >= at + FREEZE_WINDOW) {
            self.rate = (self.rate / 2.0).max(self.settings.rate_min);
            self.halved_at = Some(now);
        }
        self.rate_since = now;
        let until = now + retry_after.min(FREEZE_MAX);
        let Some(id) = chat else {
            self.all_frozen_until = self.all_frozen_until.max(until);
            return;
        };
        self.freeze(Some(id), retry_after, now);
        self.frozen.retain(|(at, other)| now < *at + FREEZE_WINDOW && *other != id);
        self.frozen.push((now, id));
        if self.frozen.len() >= FREEZE_CHATS {
            self.frozen.clear();
            self.all_frozen_until = self.all_frozen_until.max(until);
            tracing::warn!(?retry_after, "Telegram limits chat after chat: everything is frozen");
        }
    }

    /// Lets nothing out to the chat (None: to anyone) for this long: Telegram said so, perhaps to
    /// another node. Says nothing of the rate.
    pub fn freeze(&mut self, chat: Option<UserId>, rest: Duration, now: Instant) {
        let until = now + rest.min(FREEZE_MAX);
        let Some(id) = chat else {
            self.all_frozen_until = self.all_frozen_until.max(until);
            return;
        };
        let known = self.chats.get(&id).copied();
        let chat =
            known.unwrap_or(Chat { owed: Rhythm(now), progress_from: now, frozen_until: now });
        self.remember(id, Chat { frozen_until: until, ..chat }, now);
    }

    fn recover(&mut self, now: Instant) {
        let minutes = now.saturating_duration_since(self.rate_since).as_secs() / QUIET.as_secs();
        if let (Ok(grown), true) = (u32::try_from(minutes), minutes > 0) {
            self.rate = (self.rate + f64::from(grown)).min(self.settings.rate_max);
            self.rate_since = now;
        }
    }

    fn remember(&mut self, id: UserId, chat: Chat, now: Instant) {
        self.chats.insert(id, chat);
        if self.chats.len() >= self.sweep_at {
            self.chats.retain(|_, chat| {
                chat.owed.0 > now || chat.progress_from > now || chat.frozen_until > now
            });
            self.sweep_at = SWEEP_MIN.max(self.chats.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests;
