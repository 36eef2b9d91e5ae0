//! Where a person stands: the stack of screens, the draft, the filters, the settings.

use serde::{Deserialize, Serialize};

use super::{
    id::{GenerationId, IntentId, ModelId, PictureId},
    picture::Filters,
    text::Language,
    time::Offset,
};

/// The version of the stored form. A row of an unknown version keeps filters and draft and goes home.
pub const VERSION: u32 = 1;

/// How many screens Back can retrace.
const DEPTH_MAX: usize = 12;

/// A user's conversation. Only the user's own actor changes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Conversation {
    /// Chosen by the person; None: what Telegram tells.
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub offset: Offset,
    /// Where Back leads, the current screen last. Empty: home.
    #[serde(default)]
    pub stack: Vec<Screen>,
    #[serde(default)]
    pub draft: Draft,
    #[serde(default)]
    pub filters: Filters,
}

/// What the next generation will be. Kept between generations as the person's last settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Draft {
    #[serde(default)]
    pub model: Option<ModelId>,
    #[serde(default)]
    pub prompt: Option<String>,
    #[serde(default)]
    pub ratio: Option<String>,
    #[serde(default)]
    pub resolution: Option<String>,
    #[serde(default)]
    pub count: Option<u8>,
    /// Of the quote that was shown last; its button pays for one generation.
    #[serde(default)]
    pub intent: Option<IntentId>,
}

/// A screen that a person can be on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    Home,
    Help,
    Balance,
    History {
        before: i64,
    },
    Settings,
    Languages,
    TimeZones,
    Models,
    /// Waits for a prompt.
    Prompt,
    Ratios,
    Counts,
    Resolutions,
    Quote,
    Progress(GenerationId),
    /// None: the newest picture.
    Gallery(Option<PictureId>),
    Filters,
    FilterModels,
    FilterDates,
    /// Waits for two dates.
    CustomDates,
    Statistics,
}

impl Screen {
    /// Whether both are the same place, whatever they show there.
    fn same_place(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Conversation {
    /// Where the person is.
    pub fn screen(&self) -> &Screen {
        self.stack.last().unwrap_or(&Screen::Home)
    }

    /// Goes to a screen. One that is already on the way back is returned to, so that the stack never
    /// goes in circles; home forgets the way.
    pub fn go(&mut self, screen: Screen) {
        if screen == Screen::Home {
            self.stack.clear();
            return;
        }
        if let Some(at) = self.stack.iter().position(|known| known.same_place(&screen)) {
            self.stack.truncate(at);
        }
        if self.stack.len() == DEPTH_MAX {
            self.stack.remove(0);
        }
        self.stack.push(screen);
    }

    /// Goes back to where the person came from; home at the end.
    pub fn back(&mut self) {
        self.stack.pop();
    }

    /// The gallery's card becomes this one, wherever the gallery is on the stack.
    pub fn turn_to(&mut self, picture: Option<PictureId>) {
        self.go(Screen::Gallery(picture));
    }
}
