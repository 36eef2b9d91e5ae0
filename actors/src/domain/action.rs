//! What buttons do, and how that travels in Telegram's callback data: at most 64 bytes, versioned.
//!
//! The data is `1` or `1~`, then a dot-separated code and its arguments. `~` marks a button whose
//! answer is a new message instead of an edit of its own (a delivered picture is never edited away).
//! Data need not come from a button that was shown: ownership is checked wherever an id is used.

use super::{
    id::{GenerationId, IntentId, ModelId, PictureId},
    picture::Dates,
    text::Language,
    time::Offset,
};

/// Telegram's limit.
pub const DATA_BYTES_MAX: usize = 64;

/// The version that is written. Older ones stay readable as long as their buttons may exist.
const VERSION: char = '1';

/// An action and where its answer goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Press {
    pub action: Action,
    /// The answer is a new message.
    pub fresh: bool,
}

impl From<Action> for Press {
    fn from(action: Action) -> Self {
        Self { action, fresh: false }
    }
}

/// Where a card with buttons stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Under a delivered picture.
    Result,
    /// In the gallery.
    Gallery,
}

/// Everything that a button can ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Home,
    Back,
    Help,
    Balance,
    /// The page of the history that begins before this entry; 0 for the newest.
    History(i64),
    Settings,
    Languages,
    SetLanguage(Language),
    TimeZones,
    SetTimeZone(Offset),
    /// Start: ask for a prompt.
    Imagine,
    /// Ask for another prompt, keep the rest.
    EditPrompt,
    Models,
    PickModel(ModelId),
    Ratios,
    PickRatio(String),
    Counts,
    PickCount(u8),
    Resolutions,
    PickResolution(String),
    /// Go to the quote with what is chosen.
    Quote,
    /// Generate what the quote says.
    Confirm(IntentId),
    /// Show how a generation is doing.
    Watch(GenerationId),
    Cancel(GenerationId),
    /// A quote with this picture's prompt and settings.
    Again(PictureId),
    /// The same, but ask for the ratio first.
    NewRatio(PictureId),
    Favourite(PictureId, bool, Spot),
    /// The page of the full prompt, from 0.
    FullPrompt(PictureId, u8),
    Original(PictureId),
    AskDelete(PictureId, Spot),
    Delete(PictureId, Spot),
    /// Do not delete: show the card again.
    Keep(PictureId, Spot),
    Gallery,
    /// The card of this picture.
    Card(PictureId),
    /// The neighbour that is older.
    Older(PictureId),
    /// The neighbour that is newer.
    Newer(PictureId),
    Filters,
    FilterModels,
    /// None: all models.
    FilterModel(Option<ModelId>),
    FilterDates,
    /// None: all days. Custom ranges are typed, not pressed.
    FilterDay(Option<Dates>),
    CustomDates,
    FilterFavourites(bool),
    ResetFilters,
    Statistics,
    /// Puts the message with the button away.
    Close,
    /// The counter between the arrows.
    Nothing,
}

impl Press {
    /// The callback data. Never longer than [`DATA_BYTES_MAX`].
    pub fn encode(&self) -> String {
        let fresh = if self.fresh { "~" } else { "" };
        format!("{VERSION}{fresh}{}", self.action.encode())
    }

    /// Reads callback data. None for whatever [`Press::encode`] does not write.
    pub fn decode(data: &str) -> Option<Self> {
        if data.len() > DATA_BYTES_MAX {
            return None;
        }
        let rest = data.strip_prefix(VERSION)?;
        let (fresh, rest) = match rest.strip_prefix('~') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let press = Self { action: Action::decode(rest)?, fresh };
        // One spelling each: `+1`, `01` and the like are nobody's buttons.
        (press.encode() == data).then_some(press)
    }
}

impl Spot {
    const fn code(self) -> &'static str {
        match self {
            Self::Result => "r",
            Self::Gallery => "g",
        }
    }

    fn decode(code: &str) -> Option<Self> {
        [Self::Result, Self::Gallery].into_iter().find(|spot| spot.code() == code)
    }
}

fn encode_picture(id: PictureId) -> String {
    format!("{}.{}", id.generation, id.n)
}

fn flag(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}

fn encode_day(day: Option<Dates>) -> &'static str {
    match day {
        Some(Dates::Today) => "t",
        Some(Dates::Yesterday) => "y",
        Some(Dates::Week) => "w",
        Some(Dates::Month) => "m",
        Some(Dates::Custom { .. }) | None => "a",
    }
}

impl Action {
    fn encode(&self) -> String {
        match self {
            Self::Home => "hm".into(),
            Self::Back => "bk".into(),
            Self::Help => "hp".into(),
            Self::Balance => "bl".into(),
            Self::History(before) => format!("hi.{before}"),
            Self::Settings => "st".into(),
            Self::Languages => "ls".into(),
            Self::SetLanguage(language) => format!("lg.{}", language.code()),
            Self::TimeZones => "zs".into(),
            Self::SetTimeZone(offset) => format!("tz.{}", offset.minutes()),
            Self::Imagine => "im".into(),
            Self::EditPrompt => "ep".into(),
            Self::Models => "ms".into(),
            Self::PickModel(id) => format!("md.{id}"),
            Self::Ratios => "rs".into(),
            Self::PickRatio(name) => format!("rt.{name}"),
            Self::Counts => "cs".into(),
            Self::PickCount(count) => format!("ct.{count}"),
            Self::Resolutions => "os".into(),
            Self::PickResolution(name) => format!("on.{name}"),
            Self::Quote => "qt".into(),
            Self::Confirm(intent) => format!("go.{:x}", intent.0),
            Self::Watch(id) => format!("wt.{id}"),
            Self::Cancel(id) => format!("cn.{id}"),
            Self::Again(id) => format!("ag.{}", encode_picture(*id)),
            Self::NewRatio(id) => format!("nr.{}", encode_picture(*id)),
            Self::Favourite(id, on, spot) => {
                format!("fv.{}.{}.{}", encode_picture(*id), flag(*on), spot.code())
            }
            Self::FullPrompt(id, page) => format!("fp.{}.{page}", encode_picture(*id)),
            Self::Original(id) => format!("or.{}", encode_picture(*id)),
            Self::AskDelete(id, spot) => format!("da.{}.{}", encode_picture(*id), spot.code()),
            Self::Delete(id, spot) => format!("dl.{}.{}", encode_picture(*id), spot.code()),
            Self::Keep(id, spot) => format!("kp.{}.{}", encode_picture(*id), spot.code()),
            Self::Gallery => "gl".into(),
            Self::Card(id) => format!("cd.{}", encode_picture(*id)),
            Self::Older(id) => format!("ol.{}", encode_picture(*id)),
            Self::Newer(id) => format!("nw.{}", encode_picture(*id)),
            Self::Filters => "fl".into(),
            Self::FilterModels => "fms".into(),
            Self::FilterModel(None) => "fm".into(),
            Self::FilterModel(Some(id)) => format!("fm.{id}"),
            Self::FilterDates => "fds".into(),
            Self::FilterDay(day) => format!("fd.{}", encode_day(*day)),
            Self::CustomDates => "fc".into(),
            Self::FilterFavourites(on) => format!("ff.{}", flag(*on)),
            Self::ResetFilters => "fr".into(),
            Self::Statistics => "ss".into(),
            Self::Close => "cl".into(),
            Self::Nothing => "no".into(),
        }
    }

    fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let code = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        let picture = |generation: &str, n: &str| {
            let n = n.parse().ok().filter(|n| (1..=4).contains(n))?;
            Some(PictureId { generation: GenerationId::parse(generation)?, n })
        };
        Some(match (code, rest.as_slice()) {
            ("hm", []) => Self::Home,
            ("bk", []) => Self::Back,
            ("hp", []) => Self::Help,
            ("bl", []) => Self::Balance,
            ("hi", [before]) => Self::History(before.parse().ok().filter(|n| *n >= 0)?),
            ("st", []) => Self::Settings,
            ("ls", []) => Self::Languages,
            ("lg", [code]) => {
                Self::SetLanguage(Language::ALL.into_iter().find(|l| l.code() == *code)?)
            }
            ("zs", []) => Self::TimeZones,
            ("tz", [minutes]) => {
                Self::SetTimeZone(Offset::from_minutes(minutes.parse().ok()?).ok()?)
            }
            ("im", []) => Self::Imagine,
            ("ep", []) => Self::EditPrompt,
            ("ms", []) => Self::Models,
            ("md", [id]) => Self::PickModel(ModelId::parse(id).ok()?),
            ("rs", []) => Self::Ratios,
            ("rt", name) => Self::PickRatio(short(&name.join("."))?),
            ("cs", []) => Self::Counts,
            ("ct", [count]) => Self::PickCount(count.parse().ok().filter(|n| (1..=4).contains(n))?),
            ("os", []) => Self::Resolutions,
            ("on", name) => Self::PickResolution(short(&name.join("."))?),
            ("qt", []) => Self::Quote,
            ("go", [intent]) => Self::Confirm(IntentId(u64::from_str_radix(intent, 16).ok()?)),
            ("wt", [id]) => Self::Watch(GenerationId::parse(id)?),
            ("cn", [id]) => Self::Cancel(GenerationId::parse(id)?),
            ("ag", [g, n]) => Self::Again(picture(g, n)?),
            ("nr", [g, n]) => Self::NewRatio(picture(g, n)?),
            ("fv", [g, n, on, spot]) => {
                Self::Favourite(picture(g, n)?, decode_flag(on)?, Spot::decode(spot)?)
            }
            ("fp", [g, n, page]) => Self::FullPrompt(picture(g, n)?, page.parse().ok()?),
            ("or", [g, n]) => Self::Original(picture(g, n)?),
            ("da", [g, n, spot]) => Self::AskDelete(picture(g, n)?, Spot::decode(spot)?),
            ("dl", [g, n, spot]) => Self::Delete(picture(g, n)?, Spot::decode(spot)?),
            ("kp", [g, n, spot]) => Self::Keep(picture(g, n)?, Spot::decode(spot)?),
            ("gl", []) => Self::Gallery,
            ("cd", [g, n]) => Self::Card(picture(g, n)?),
            ("ol", [g, n]) => Self::Older(picture(g, n)?),
            ("nw", [g, n]) => Self::Newer(picture(g, n)?),
            ("fl", []) => Self::Filters,
            ("fms", []) => Self::FilterModels,
            ("fm", []) => Self::FilterModel(None),
            ("fm", [id]) => Self::FilterModel(Some(ModelId::parse(id).ok()?)),
            ("fds", []) => Self::FilterDates,
            ("fd", [day]) => Self::FilterDay(decode_day(day)?),
            ("fc", []) => Self::CustomDates,
            ("ff", [on]) => Self::FilterFavourites(decode_flag(on)?),
            ("fr", []) => Self::ResetFilters,
            ("ss", []) => Self::Statistics,
            ("cl", []) => Self::Close,
            ("no", []) => Self::Nothing,
            _ => return None,
        })
    }
}

fn short(name: &str) -> Option<String> {
    (1..=8).contains(&name.len()).then(|| name.to_owned())
}

fn decode_flag(code: &str) -> Option<bool> {
    match code {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn decode_day(code: &str) -> Option<Option<Dates>> {
    Some(match code {
        "t" => Some(Dates::Today),
        "y" => Some(Dates::Yesterday),
        "w" => Some(Dates::Week),
        "m" => Some(Dates::Month),
        "a" => None,
        _ => return None,
    })
}
