//! The people who chat with the bot.

use serde::{Deserialize, Serialize};

use super::{id::UserId, text::Language, time::Timestamp};

/// What Telegram tells about whoever sent an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub id: UserId,
    pub first_name: String,
    pub username: Option<String>,
    /// The IETF tag of the Telegram client's language, when it tells.
    pub language_code: Option<String>,
}

impl Profile {
    /// The language to speak until the person chooses one.
    pub fn language(&self) -> Language {
        Language::for_code(self.language_code.as_deref().unwrap_or("en"))
    }
}

/// A registered person (or a group, by its negative id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub profile: Profile,
    /// The operator does not serve this person.
    pub blocked: bool,
    /// The person blocked the bot: nothing is written to them until they come back.
    pub stopped: bool,
    pub created_at: Timestamp,
    /// Raised by every commit that changes what the gallery shows.
    pub gallery_version: i64,
}
