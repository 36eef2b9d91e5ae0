//! Errors in the log: none is expected but those that tests provoke.

use std::{
    fmt::{self, Write},
    sync::{Mutex, Once},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
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
    ONCE.call_once(|| tracing_subscriber::registry().with(Errors).init());
}

/// The errors that nobody provoked and nobody has reported yet.
pub(super) fn unexpected() -> Vec<String> {
    std::mem::take(&mut *ERRORS.lock().unwrap())
}

struct Errors;

impl<S: Subscriber> Layer<S> for Errors {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        // Ours only: the HTTP server complains of connections that the sandbox cuts on purpose.
        *metadata.level() == Level::ERROR && metadata.target().starts_with("aisha")
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        if !PROVOKED.iter().any(|part| line.0.contains(part)) {
            ERRORS.lock().unwrap().push(line.0);
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}
