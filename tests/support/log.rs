//! Errors in the log: none is expected but those that tests provoke. And the spans that work ran in.

use std::{
    fmt::{self, Write},
    sync::{Mutex, Once},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

/// What tests provoke, by a part of the line. The program runs on threads of its own, so that a line
/// cannot be told to belong to one test: the list is for all.
const PROVOKED: &[&str] = &[
    // `/crash`
    "a gallery crashed",
    // an endpoint that answers 404, an account that is empty
    "the endpoint is gone: the model is retired",
    "the provider does not serve the operator's account",
];

static ERRORS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to listen. Again changes nothing.
pub(super) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Ours only: the HTTP server complains of connections that the sandbox cuts on purpose.
        let ours = |metadata: &tracing::Metadata<'_>| metadata.target().starts_with("aisha");
        let errors = filter_fn(move |metadata| ours(metadata) && *metadata.level() == Level::ERROR);
        let spans = filter_fn(move |metadata| ours(metadata) && metadata.is_span());
        let layers = Errors.with_filter(errors).and_then(Spans.with_filter(spans));
        tracing_subscriber::registry().with(layers).init();
    });
}

/// A span that ended: its name, its fields and those of the spans around it.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) name: &'static str,
    fields: String,
}

impl Ended {
    pub(crate) fn has(&self, field: &str, value: &str) -> bool {
        self.fields.split(' ').any(|pair| pair == format!("{field}={value}"))
    }

    /// What a field says.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.split(' ').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

static ENDED: Mutex<Vec<Ended>> = Mutex::new(Vec::new());

/// Spans of all tests that ended so far and have this.
pub(crate) fn ended_with(field: &str, value: &str) -> Vec<Ended> {
    let ended = ENDED.lock().unwrap();
    ended.iter().filter(|span| span.has(field, value)).cloned().collect()
}

/// The errors that nobody provoked and nobody has reported yet.
pub(super) fn unexpected() -> Vec<String> {
    std::mem::take(&mut *ERRORS.lock().unwrap())
}

struct Errors;

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        if !PROVOKED.iter().any(|part| line.0.contains(part)) {
            ERRORS.lock().unwrap().push(line.0);
        }
    }
}

struct Spans;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = Line(String::new());
        attributes.record(&mut line);
        context.span(id).unwrap().extensions_mut().insert(line);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Line>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let around = span
            .scope()
            .filter_map(|span| span.extensions().get::<Line>().map(|line| line.0.clone()));
        let ended = Ended { name: span.name(), fields: around.collect() };
        ENDED.lock().unwrap().push(ended);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}
