//! The last lines of this process's log, for the dashboard: so many, each so long, through the mask.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, PoisonError},
};

use aisha_actors::{domain::time::Timestamp, port::Clock};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{Mask, redact};
use crate::world::SystemClock;

/// So many lines are kept.
pub const LINES_MAX: usize = 1_000;

/// Characters of one message or value, and values of one line.
const CHARS_MAX: usize = 500;
const FIELDS_MAX: usize = 16;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counts up from 1 since the process began.
    pub number: u64,
    pub at: Timestamp,
    pub level: Level,
    /// The part of the program.
    pub target: String,
    pub message: String,
    /// Its values, and those of the spans around it.
    pub fields: Vec<(&'static str, String)>,
}

impl Line {
    /// Whether one of these fields has that value.
    fn has(&self, names: &[&str], is_it: impl Fn(&str) -> bool) -> bool {
        self.fields.iter().any(|(name, value)| names.contains(name) && is_it(value))
    }
}

/// What somebody looks for. Empty: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The least grave level. None: all.
    pub level: Option<Level>,
    /// The id of a person.
    pub user: String,
    /// The id of a generation, or how it begins.
    pub generation: String,
    /// A part of the message, of a value or of the part of the program, whatever its case.
    pub text: String,
}

impl Wanted {
    fn is(&self, line: &Line) -> bool {
        let text = self.text.to_lowercase();
        let holds = |part: &str| part.to_lowercase().contains(&text);
        let of_user = |value: &str| value == self.user;
        let of_generation = |value: &str| value.starts_with(&self.generation);
        self.level.is_none_or(|level| line.level <= level)
            && (self.user.is_empty() || line.has(&["user", "chat", "user_id"], of_user))
            && (self.generation.is_empty()
                || line.has(&["generation", "picture", "id"], of_generation))
            && (text.is_empty()
                || holds(&line.message)
                || holds(&line.target)
                || line.fields.iter().any(|(_, value)| holds(value)))
    }
}

/// The lines.
#[derive(Debug)]
pub struct Recent {
    lines: Mutex<(u64, VecDeque<Line>)>,
}

/// Those of this process.
static RECENT: Recent = Recent::new();

/// Those of this process.
pub fn recent() -> &'static Recent {
    &RECENT
}

impl Recent {
    const fn new() -> Self {
        Self { lines: Mutex::new((0, VecDeque::new())) }
    }

    /// Keeps a line; gives it its number.
    pub fn push(&self, mut line: Line) {
        let mut held = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, lines) = &mut *held;
        *last += 1;
        line.number = *last;
        if lines.len() >= LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The newest that are wanted, newest first.
    pub fn find(&self, wanted: &Wanted, limit: usize) -> Vec<Line> {
        let held = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        held.1.iter().rev().filter(|line| wanted.is(line)).take(limit).cloned().collect()
    }
}

/// Puts what is logged there.
pub(super) struct Keep {
    pub(super) mask: Mask,
    pub(super) into: &'static Recent,
}

/// Values as they are shown.
#[derive(Default)]
struct Values {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Values {
    fn note(&mut self, field: &Field, value: String) {
        let value: String = value.chars().take(CHARS_MAX).collect();
        match field.name() {
            "message" => self.message = value,
            name if self.fields.len() < FIELDS_MAX => self.fields.push((name, value)),
            _ => {}
        }
    }
}

impl Visit for Values {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field, format!("{value:?}"));
    }
}

impl Keep {
    /// Without what is known as a secret, and without what looks like one.
    fn cover(&self, text: &str) -> String {
        redact(&self.mask.cover(text))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut values = Values::default();
        attributes.record(&mut values);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(values);
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(values) = span.extensions_mut().get_mut::<Values>()
        {
            record.record(values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut values = Values::default();
        event.record(&mut values);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(around) = span.extensions().get::<Values>() {
                values.fields.extend(around.fields.iter().cloned());
            }
        }
        values.fields.truncate(FIELDS_MAX);
        let metadata = event.metadata();
        let fields = values.fields.into_iter().map(|(name, value)| {
            // A field that is named like a secret is one.
            let pair = self.cover(&format!("{name}={value}"));
            let shown = pair.split_once('=').map_or(value, |(_, shown)| shown.to_owned());
            (name, shown)
        });
        self.into.push(Line {
            number: 0,
            at: SystemClock.now(),
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            message: self.cover(&values.message),
            fields: fields.collect(),
        });
    }
}

#[cfg(test)]
mod tests {
    use tracing::Dispatch;
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    use super::*;
    use crate::settings::Secret;

    fn logged(work: impl FnOnce()) -> &'static Recent {
        let into: &'static Recent = Box::leak(Box::new(Recent::new()));
        let mask = Mask::default();
        mask.learn(&[Secret::new("CANARY-known")]);
        let dispatch = Dispatch::new(Registry::default().with(Keep { mask, into }));
        tracing::dispatcher::with_default(&dispatch, work);
        into
    }

    #[test]
    fn a_line_has_its_values_and_those_around_it_and_no_secret() {
        let recent = logged(|| {
            let span = tracing::info_span!("turn", user = 7, generation = "0123abcd");
            span.in_scope(|| {
                tracing::warn!(token = "CANARY-looks", at = "x\ny", "says CANARY-known");
            });
            tracing::info!(user = 8, "to redis://:CANARY@cache:6379/0");
        });
        let all = recent.find(&Wanted::default(), 10);
        let [second, first] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((first.number, second.number, first.level), (1, 2, Level::WARN));
        assert!(!format!("{all:?}").contains("CANARY"), "{all:?}");
        assert!(first.fields.contains(&("user", "7".to_owned())));
        assert!(first.fields.contains(&("generation", "0123abcd".to_owned())));
        assert!(!format!("{:?}", first.fields).contains('\n'), "a line is one line");
    }

    #[test]
    fn lines_are_found_by_level_user_generation_and_text() {
        let recent = logged(|| {
            tracing::error!(user = 7, "Alpha");
            tracing::info!(generation = "0123abcd", "beta");
            tracing::debug!(chat = 7, "gamma");
        });
        let found = |wanted: Wanted| {
            let lines = recent.find(&wanted, 10);
            lines.into_iter().map(|line| line.message).collect::<Vec<_>>()
        };
        let by = Wanted::default;
        assert_eq!(found(Wanted { level: Some(Level::INFO), ..by() }), ["beta", "Alpha"]);
        assert_eq!(found(Wanted { user: "7".into(), ..by() }), ["gamma", "Alpha"]);
        assert_eq!(found(Wanted { generation: "0123".into(), ..by() }), ["beta"]);
        assert_eq!(found(Wanted { text: "aLPH".into(), ..by() }), ["Alpha"]);
        assert_eq!(found(Wanted { text: "nothing".into(), ..by() }), Vec::<String>::new());
    }

    #[test]
    fn only_so_many_lines_are_kept_and_each_is_short() {
        let recent = logged(|| {
            for _ in 0..LINES_MAX + 5 {
                tracing::info!("{}", "x".repeat(5000));
            }
        });
        let all = recent.find(&Wanted::default(), usize::MAX);
        assert_eq!((all.len(), all.last().map(|line| line.number)), (LINES_MAX, Some(6)));
        assert!(all.iter().all(|line| line.message.len() <= CHARS_MAX));
    }
}
