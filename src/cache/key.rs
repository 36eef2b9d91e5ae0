//! The names of everything that is cached, in one place: every cache uses exactly these.

use std::time::Duration;

use aisha_actors::domain::{
    id::{GenerationId, ModelId, UserId},
    picture::Selection,
};
use sha2::{Digest, Sha256};

/// The model whose name stands for all of them in the key of a whole gallery.
const ALL_MODELS: &str = "imagen4";

/// What can be cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The cards of a finished generation.
    Generation(&'a ModelId, GenerationId),
    /// The first window of a gallery.
    Window(UserId, &'a Selection),
}

/// The name of a subject and how long it is kept.
///
/// - `{model}:generation:{id}`, 1 h
/// - `imagen4:user_generations:{user}`, 24 h: the whole gallery
/// - `{model}:user_generations:{user}`, 24 h: the gallery of one model other than `imagen4`
/// - `gallery:filtered:{user}:{hash}`, 5 min: every other selection
pub fn key(subject: Subject<'_>) -> (String, Duration) {
    const HOUR: Duration = Duration::from_secs(3600);
    let (user, selection) = match subject {
        Subject::Generation(model, id) => return (format!("{model}:generation:{id}"), HOUR),
        Subject::Window(user, selection) => (user, selection),
    };
    let model = match selection {
        Selection { model: None, range: None, favourites: false } => Some(ALL_MODELS),
        Selection { model: Some(model), range: None, favourites: false } => {
            // The name that is taken by the whole gallery.
            Some(model.as_str()).filter(|model| *model != ALL_MODELS)
        }
        _ => None,
    };
    match model {
        Some(model) => (format!("{model}:user_generations:{user}"), HOUR * 24),
        None => {
            let hash = filter_hash(selection);
            (format!("gallery:filtered:{user}:{hash}"), Duration::from_secs(300))
        }
    }
}

/// The beginning of everything about a user's gallery windows that hangs on filters.
pub fn filtered_prefix(user: UserId) -> String {
    format!("gallery:filtered:{user}:")
}

/// The three kinds of keys, for those who look at a shared cache from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Windows,
    Generations,
    Filtered,
}

impl Kind {
    /// The names of this kind, of everybody or of one person, as a pattern for `SCAN`. What fits may
    /// still be somebody else's key: see [`Kind::is_of`].
    pub fn pattern(self, user: Option<UserId>) -> String {
        let user = user.map_or_else(|| "*".to_owned(), |user| user.to_string());
        match self {
            Self::Windows => format!("*:user_generations:{user}"),
            Self::Generations => "*:generation:*".to_owned(),
            Self::Filtered => format!("gallery:filtered:{user}:*"),
        }
    }

    /// Whether a name is exactly one of this kind.
    pub fn is_of(self, name: &str) -> bool {
        let parts: Vec<&str> = name.split(':').collect();
        let is_hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
        };
        match (self, parts.as_slice()) {
            (Self::Windows, [model, "user_generations", user]) => {
                ModelId::parse(model).is_ok() && user.parse::<i64>().is_ok()
            }
            (Self::Generations, [model, "generation", id]) => {
                ModelId::parse(model).is_ok() && is_hex(id, 32)
            }
            (Self::Filtered, ["gallery", "filtered", user, hash]) => {
                user.parse::<i64>().is_ok() && is_hex(hash, 16)
            }
            _ => false,
        }
    }
}

/// Whether a name is that of a window of this user's gallery.
pub(super) fn is_window_of(name: &str, user: UserId) -> bool {
    let is_window = Kind::Windows.is_of(name) && name.ends_with(&format!(":{user}"));
    is_window || (Kind::Filtered.is_of(name) && name.starts_with(&filtered_prefix(user)))
}

/// Names a selection: the same in every process and version of the program.
fn filter_hash(selection: &Selection) -> String {
    let model = selection.model.as_ref().map_or("*", ModelId::as_str);
    let range = selection.range.map(|range| (range.from.0, range.until.0));
    let (from, until) = range.unwrap_or_default();
    let favourites = selection.favourites;
    let text = format!("{model}/{}/{from}/{until}/{favourites}", range.is_some());
    hex::encode(Sha256::digest(text)).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use aisha_actors::domain::time::{Range, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn model(name: &str) -> ModelId {
        ModelId::parse(name).unwrap()
    }

    fn window(
        model: Option<&str>,
        range: Option<(i64, i64)>,
        favourites: bool,
    ) -> (String, Duration) {
        let range =
            range.map(|(from, until)| Range { from: Timestamp(from), until: Timestamp(until) });
        let model = model.map(|name| ModelId::parse(name).unwrap());
        key(Subject::Window(UserId(42), &Selection { model, range, favourites }))
    }

    #[test]
    fn names_and_times_are_those_of_the_contract() {
        let id = GenerationId(Uuid::from_u128(0xabc));
        let (name, life) = key(Subject::Generation(&model("imagen4"), id));
        assert_eq!(name, "imagen4:generation:00000000000000000000000000000abc");
        assert_eq!(life, Duration::from_secs(3600));
        let (name, _) = key(Subject::Generation(&model("flux-dev"), id));
        assert_eq!(name, "flux-dev:generation:00000000000000000000000000000abc");
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(window(None, None, false), ("imagen4:user_generations:42".to_owned(), day));
        let of_one = window(Some("flux-dev"), None, false);
        assert_eq!(of_one, ("flux-dev:user_generations:42".to_owned(), day));
        let (name, life) = window(None, None, true);
        assert_eq!(name, "gallery:filtered:42:4ff552b5f42492cb");
        assert_eq!(life, Duration::from_secs(300));
    }

    #[test]
    fn each_name_is_of_one_kind_and_others_names_are_of_none() {
        use super::Kind::{Filtered, Generations, Windows};
        let id = GenerationId(Uuid::from_u128(0xabc));
        let (generation, _) = key(Subject::Generation(&model("flux-dev"), id));
        for (name, kind) in [
            (generation, Generations),
            (window(None, None, false).0, Windows),
            (window(Some("flux-dev"), None, false).0, Windows),
            (window(None, None, true).0, Filtered),
        ] {
            for other in [Windows, Generations, Filtered] {
                assert_eq!(other.is_of(&name), other == kind, "{name}");
            }
        }
        for name in ["", "a:generation:1", "a:b:generation:x", "x:user_generations:me", "session:1"]
        {
            assert!(
                ![Windows, Generations, Filtered].iter().any(|kind| kind.is_of(name)),
                "{name}"
            );
        }
    }

    #[test]
    fn no_two_selections_share_a_name() {
        let ranges = [None, Some((0, 0)), Some((0, 1)), Some((1, 1)), Some((-1, 1)), Some((11, 1))];
        let mut names = HashSet::new();
        for model in [None, Some("imagen4"), Some("flux-dev"), Some("nano-banana-2")] {
            for range in ranges {
                for favourites in [false, true] {
                    let (name, _) = window(model, range, favourites);
                    assert!(names.insert(name.clone()), "{name}");
                    let filtered = name.starts_with(&filtered_prefix(UserId(42)));
                    assert!(filtered || name.ends_with(":user_generations:42"), "{name}");
                }
            }
        }
    }
}
