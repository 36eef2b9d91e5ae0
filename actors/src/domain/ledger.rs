//! Credits: double entry, hold → capture or release, keyed by generation.
//!
//! An [`Entry`] moves an amount from one account to another. The ids of entries are derived from what
//! they are for, so a repeat collides instead of counting twice. [`Account`] is the reference for what
//! the database's constraints and triggers enforce.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    id::{EntryId, GenerationId, UserId},
    time::Timestamp,
};

/// A whole number of credits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Credits(pub i64);

impl Credits {
    /// `count` times this amount; saturates.
    pub fn times(self, count: u8) -> Self {
        Self(self.0.saturating_mul(i64::from(count)))
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the other half of an entry stands. House accounts have no counter: they are summed on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum House {
    /// Credits that the operator gave out.
    Issued,
    /// Credits given as a welcome or a present.
    Promo,
    /// Credits that pictures were paid with.
    Revenue,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Given once to a new person. `promo → user`.
    Welcome,
    /// Given by the operator. `issued → user`.
    Grant,
    /// Taken back by the operator. `user → issued`.
    Withdrawal,
    /// Set aside for a generation; not spent yet. `user → revenue`, pending.
    Hold,
    /// The part of a hold that is spent; the rest of the hold is free again. `user → revenue`.
    Capture,
    /// The whole hold is free again.
    Release,
    /// Given back after a capture, once per generation. `revenue → user`.
    Refund,
}

impl EntryKind {
    pub const ALL: [Self; 7] = [
        Self::Welcome,
        Self::Grant,
        Self::Withdrawal,
        Self::Hold,
        Self::Capture,
        Self::Release,
        Self::Refund,
    ];

    /// The word that stands in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Grant => "grant",
            Self::Withdrawal => "withdrawal",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Release => "release",
            Self::Refund => "refund",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The house account on the other side.
    pub const fn house(self) -> House {
        match self {
            Self::Welcome => House::Promo,
            Self::Grant | Self::Withdrawal => House::Issued,
            Self::Hold | Self::Capture | Self::Release | Self::Refund => House::Revenue,
        }
    }

    /// Whether the user's account is debited (loses) rather than credited.
    pub const fn debits_user(self) -> bool {
        matches!(self, Self::Withdrawal | Self::Hold | Self::Capture | Self::Release)
    }
}

/// One immutable movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub kind: EntryKind,
    pub user: UserId,
    /// Positive; zero only for a release, which always frees the whole hold.
    pub amount: Credits,
    /// The generation that a hold, capture, release or refund is for.
    pub generation: Option<GenerationId>,
    /// Why, in the words of whoever did it. Empty for what the system does by itself.
    pub reason: String,
    /// Who did it: `system` or an operator's name.
    pub by: String,
    pub at: Timestamp,
}

impl Entry {
    fn of_generation(
        kind: EntryKind,
        user: UserId,
        generation: GenerationId,
        amount: Credits,
        at: Timestamp,
    ) -> Self {
        Self {
            id: EntryId::derive(kind.name(), &generation.to_string()),
            kind,
            user,
            amount,
            generation: Some(generation),
            reason: String::new(),
            by: "system".to_owned(),
            at,
        }
    }

    /// Sets credits aside for a generation. One per generation.
    pub fn hold(user: UserId, generation: GenerationId, amount: Credits, at: Timestamp) -> Self {
        Self::of_generation(EntryKind::Hold, user, generation, amount, at)
    }

    /// Spends `amount` of the hold and frees the rest. A hold is captured or released, once.
    pub fn capture(user: UserId, generation: GenerationId, amount: Credits, at: Timestamp) -> Self {
        Self::of_generation(EntryKind::Capture, user, generation, amount, at)
    }

    /// Frees the hold. A hold is captured or released, once.
    pub fn release(user: UserId, generation: GenerationId, at: Timestamp) -> Self {
        Self::of_generation(EntryKind::Release, user, generation, Credits(0), at)
    }

    /// Gives back what was captured, or a part of it. One per generation.
    pub fn refund(user: UserId, generation: GenerationId, amount: Credits, at: Timestamp) -> Self {
        Self::of_generation(EntryKind::Refund, user, generation, amount, at)
    }

    /// The welcome grant. One per user.
    pub fn welcome(user: UserId, amount: Credits, at: Timestamp) -> Self {
        Self {
            id: EntryId::derive(EntryKind::Welcome.name(), &user.to_string()),
            kind: EntryKind::Welcome,
            user,
            amount,
            generation: None,
            reason: String::new(),
            by: "system".to_owned(),
            at,
        }
    }

    /// An operator's grant (positive) or withdrawal (negative). `cause` is one per act.
    pub fn by_operator(
        user: UserId,
        amount: Credits,
        reason: String,
        by: String,
        cause: &str,
        at: Timestamp,
    ) -> Self {
        let kind = if amount.0 < 0 { EntryKind::Withdrawal } else { EntryKind::Grant };
        Self {
            id: EntryId::derive(kind.name(), cause),
            kind,
            user,
            amount: Credits(amount.0.saturating_abs()),
            generation: None,
            reason,
            by,
            at,
        }
    }
}

/// A user's account as its entries make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Account {
    /// All that was ever given.
    pub credited: Credits,
    /// All that was ever spent or withdrawn.
    pub debited: Credits,
    /// Set aside by open holds.
    pub held: Credits,
}

/// What a hold has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Open(Credits),
    Captured(Credits),
    Released,
}

/// Why an entry is refused. Nothing has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("{needed} credits are needed, {available} are available")]
    Insufficient { needed: Credits, available: Credits },
    #[error("an entry with this id stands already")]
    Repeated,
    #[error("there is no open hold for this")]
    NoOpenHold,
    #[error("more than the hold, or than what was captured")]
    TooMuch,
    #[error("an amount must be positive")]
    NotPositive,
}

impl Account {
    /// What can be spent now.
    pub fn available(self) -> Credits {
        Credits(self.credited.0 - self.debited.0 - self.held.0)
    }

    /// The account and hold after an entry. `hold` is what stands for the entry's generation.
    /// Repeats by id are the store's to notice.
    ///
    /// # Errors
    /// [`Refused`], and then nothing changes.
    pub fn apply(self, hold: Option<Hold>, entry: &Entry) -> Result<(Self, Option<Hold>), Refused> {
        let amount = entry.amount;
        if amount.0 < 0 || (amount.0 == 0 && entry.kind != EntryKind::Release) {
            return Err(Refused::NotPositive);
        }
        let mut next = self;
        let hold = match (entry.kind, hold) {
            (EntryKind::Welcome | EntryKind::Grant, hold) => {
                next.credited.0 += amount.0;
                hold
            }
            (EntryKind::Withdrawal, hold) => {
                next.debited.0 += amount.0;
                hold
            }
            (EntryKind::Hold, None) => {
                next.held.0 += amount.0;
                Some(Hold::Open(amount))
            }
            (EntryKind::Hold, Some(_)) => return Err(Refused::Repeated),
            (EntryKind::Capture, Some(Hold::Open(held))) => {
                if amount > held {
                    return Err(Refused::TooMuch);
                }
                next.held.0 -= held.0;
                next.debited.0 += amount.0;
                Some(Hold::Captured(amount))
            }
            (EntryKind::Release, Some(Hold::Open(held))) => {
                next.held.0 -= held.0;
                Some(Hold::Released)
            }
            (EntryKind::Capture | EntryKind::Release, _) => return Err(Refused::NoOpenHold),
            (EntryKind::Refund, Some(Hold::Captured(captured))) => {
                if amount > captured {
                    return Err(Refused::TooMuch);
                }
                next.credited.0 += amount.0;
                hold
            }
            (EntryKind::Refund, _) => return Err(Refused::TooMuch),
        };
        if next.available().0 < 0 {
            return Err(Refused::Insufficient { needed: amount, available: self.available() });
        }
        Ok((next, hold))
    }
}
