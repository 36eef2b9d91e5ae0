//! Identifiers. Each is a type of its own, so that one cannot be passed for another.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The namespace of all ids that are derived rather than drawn.
const NAMESPACE: Uuid = Uuid::from_u128(0x6169_7368_6100_4000_8000_0000_0000_0001);

/// A Telegram user. In a private chat the chat has the same number. Negative: a group chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserId(pub i64);

impl UserId {
    /// Whether this stands for a group chat rather than for a person.
    pub const fn is_group(self) -> bool {
        self.0 < 0
    }

    /// Under what the books of somebody who was deleted stand. No chat has such an id, and no house account.
    pub const fn pseudonym(drawn: u64) -> Self {
        Self(Self::PSEUDONYM_MAX - (drawn % 8_000_000_000_000_000_000).cast_signed())
    }

    pub const fn is_pseudonym(self) -> bool {
        self.0 <= Self::PSEUDONYM_MAX && self.0 > -9_000_000_000_000_000_000
    }

    const PSEUDONYM_MAX: i64 = -1_000_000_000_000_000_000;
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A message of one chat, as Telegram numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub i64);

/// A Telegram `update_id`. Unique per bot, but not monotonic over long silences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpdateId(pub i64);

/// The inbox's own number of an update: the order in which a user's updates are worked off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seq(pub i64);

/// The number of an outbox entry: the order in which a user's entries are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutboxId(pub i64);

/// What one press of "Generate" stands for. Drawn when a quote is made and carried by its button,
/// so that two taps on one quote are one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IntentId(pub u64);

/// A generation: derived from who wants it and the intent, so that a repeat collides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GenerationId(pub Uuid);

impl GenerationId {
    /// The generation that `user`'s press with `intent` pays for.
    pub fn derive(user: UserId, intent: IntentId) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("generation/{user}/{}", intent.0).as_bytes()))
    }

    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes. Dashes are accepted too.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// The first eight digits: enough for people to tell two generations apart.
    pub fn short(self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// The `n`-th picture of a generation, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PictureId {
    pub generation: GenerationId,
    pub n: u8,
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.generation, self.n)
    }
}

/// A ledger entry: derived from what it is for, so that a repeat collides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub Uuid);

impl EntryId {
    /// The entry of this kind for this cause. `cause` must name one thing only, for ever.
    pub fn derive(kind: &str, cause: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("entry/{kind}/{cause}").as_bytes()))
    }
}

/// A model of the catalogue: 1 to 24 of `a-z`, `0-9` and `-`, begins with a letter. Takes no memory of its
/// own beside its 24 bytes: every card in every window has one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelId(CompactString);

/// The text is no model id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a model id is 1 to 24 of a-z, 0-9, '-' and begins with a letter")]
pub struct InvalidModelId;

impl ModelId {
    /// Checks the spelling, not whether the catalogue has it.
    pub fn parse(text: &str) -> Result<Self, InvalidModelId> {
        let fits = (1..=24).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_lowercase());
        fits.then(|| Self(text.into())).ok_or(InvalidModelId)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ModelId {
    type Error = InvalidModelId;
    fn try_from(text: String) -> Result<Self, InvalidModelId> {
        Self::parse(&text)
    }
}

impl From<ModelId> for String {
    fn from(id: ModelId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
