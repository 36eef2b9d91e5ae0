//! Pictures, the filters of a gallery, and the order in which a gallery shows them.

use chrono::{Days, Months, NaiveDate};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{
    id::{GenerationId, ModelId, PictureId, UserId},
    time::{Offset, Range, Timestamp},
};

/// Where a picture's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureState {
    /// Only the provider's URL is known.
    Pending,
    /// In our object storage.
    Stored,
    /// Seen whole, but storage was away: the provider's URL stands in until the backfill.
    Fallback,
    /// Could not be fetched; never charged.
    Lost,
    /// The person deleted it; the object is still to be deleted.
    Trashed,
    /// Gone for good.
    Purged,
}

impl PictureState {
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Stored, Self::Fallback, Self::Lost, Self::Trashed, Self::Purged];

    /// The word that stands in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Stored => "stored",
            Self::Fallback => "fallback",
            Self::Lost => "lost",
            Self::Trashed => "trashed",
            Self::Purged => "purged",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether its bytes are known to exist.
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Stored | Self::Fallback)
    }
}

/// Where an object is: what rows keep, and presigned URLs are made from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    pub bucket: String,
    pub key: String,
}

impl ObjectKey {
    /// `YYYY/MM/DD/{generation}_{n}.{ending}` in the model's bucket; the UTC date of `created_at`.
    pub fn of_picture(
        bucket: &str,
        picture: PictureId,
        created_at: Timestamp,
        ending: &str,
    ) -> Self {
        let date = created_at.utc().format("%Y/%m/%d");
        Self { bucket: bucket.to_owned(), key: format!("{date}/{picture}.{ending}") }
    }
}

/// The types of picture that are kept; decided by content, never by a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageType {
    Jpeg,
    Png,
    Webp,
}

impl ImageType {
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    pub fn from_mime(mime: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Webp].into_iter().find(|kind| kind.mime() == mime)
    }
}

/// What is known of a picture's bytes once they were seen whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub image_type: ImageType,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
    /// In pixels.
    pub width: u32,
    pub height: u32,
}

/// The row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub id: PictureId,
    pub owner: UserId,
    pub model: ModelId,
    pub state: PictureState,
    /// The provider's URL, and until when it is promised to work.
    pub url: String,
    pub url_expires_at: Option<Timestamp>,
    pub object: Option<ObjectKey>,
    pub content: Option<Content>,
    /// Telegram's id of it for this bot, after the first send.
    pub file_id: Option<String>,
    pub favourite: bool,
    /// When it came into the gallery: its place in the order. None before the capture.
    pub listed_at: Option<Timestamp>,
    /// When the generation was made: the date of the object's key.
    pub created_at: Timestamp,
    /// Failed storage jobs.
    pub attempts: u8,
}

/// A picture's place in the gallery's order: newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub listed_at: Timestamp,
    pub generation: GenerationId,
    pub n: u8,
}

impl Place {
    /// The place of the `n`-th of `count` pictures that were captured at once: the first is newest.
    pub const fn of(captured_at: Timestamp, picture: PictureId, count: u8) -> Self {
        let step = count.saturating_sub(picture.n) as i64;
        Self {
            listed_at: Timestamp(captured_at.0 + step),
            generation: picture.generation,
            n: picture.n,
        }
    }

    pub const fn picture(self) -> PictureId {
        PictureId { generation: self.generation, n: self.n }
    }
}

/// What a gallery card shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub place: Place,
    pub model: ModelId,
    /// At most 8 bytes, like the resolution: within the card.
    pub ratio: CompactString,
    pub resolution: Option<CompactString>,
    pub prompt: String,
    pub favourite: bool,
    pub file_id: Option<String>,
    pub created_at: Timestamp,
    /// Pictures that the generation brought in all.
    pub siblings: u8,
}

/// Which days of a gallery are shown, in the person's own time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    Today,
    Yesterday,
    /// The last seven days, today included.
    Week,
    /// The last month, today included.
    Month,
    /// Both days included.
    Custom {
        from: NaiveDate,
        to: NaiveDate,
    },
}

impl Dates {
    /// The moments that are meant when it is `now`.
    pub fn range(self, now: Timestamp, offset: Offset) -> Range {
        let today = offset.local(now).date();
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let (from, until) = match self {
            Self::Today => (today, tomorrow),
            Self::Yesterday => (today.checked_sub_days(Days::new(1)).unwrap_or(today), today),
            Self::Week => (today.checked_sub_days(Days::new(6)).unwrap_or(today), tomorrow),
            Self::Month => (today.checked_sub_months(Months::new(1)).unwrap_or(today), tomorrow),
            Self::Custom { from, to } => (from, to.checked_add_days(Days::new(1)).unwrap_or(to)),
        };
        Range { from: offset.midnight(from), until: offset.midnight(until) }
    }
}

/// A person's choice of pictures. All parts combine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Filters {
    #[serde(default)]
    pub model: Option<ModelId>,
    #[serde(default)]
    pub dates: Option<Dates>,
    #[serde(default)]
    pub favourites: bool,
}

impl Filters {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What to ask the store for when it is `now`.
    pub fn resolve(&self, now: Timestamp, offset: Offset) -> Selection {
        Selection {
            model: self.model.clone(),
            range: self.dates.map(|dates| dates.range(now, offset)),
            favourites: self.favourites,
        }
    }
}

/// [`Filters`] with their dates turned into moments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Selection {
    pub model: Option<ModelId>,
    pub range: Option<Range>,
    pub favourites: bool,
}
