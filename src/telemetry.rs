//! The log: to the terminal and, while serving, to a file that is new every day. One place sets it up,
//! one mask lies over all of it, and a panic is one line in it. Spans go to a tracer too, where one is named.

mod mask;
pub mod recent;
mod redact;
mod spans;

use std::{
    fs, io,
    panic::{self, PanicHookInfo},
    path::{Path, PathBuf},
};

use tracing::{Dispatch, Level};
use tracing_appender::{
    non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard},
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
};

use crate::settings::{Log, LogFormat};

pub use mask::Mask;
use mask::Masked;
use recent::Keep;
pub use redact::{excerpt, redact};
use spans::Sender;

/// Lines that may wait for the disk. When it is full or slow, lines are lost, never the bot.
const LINES_WAITING_MAX: usize = 4_096;

/// Names a request in the log, in the answer's `x-request-id`, in error bodies and in the audit log.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the log file {path}: {what}")]
    File { path: PathBuf, what: String },
    #[error("the log was set up twice")]
    Twice,
    #[error("spans cannot be sent to OTEL_EXPORTER_OTLP_ENDPOINT: {0}")]
    Spans(String),
}

/// Keeps the log open; what waits is written, and spans are sent, when this is dropped.
#[must_use = "lines that wait are lost without it"]
pub struct Telemetry {
    /// Teach it what must never be logged.
    pub mask: Mask,
    spans: Option<Sender>,
    _guards: Vec<WorkerGuard>,
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telemetry")
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // Before the log ends: it may have to say that it did not work.
        if let Some(spans) = &self.spans {
            spans.stop();
        }
    }
}

/// The log of a serving process: stdout and `LOG_FILE`; and its spans, where somebody wants them.
///
/// # Errors
/// The file cannot be made, there is a log already, or spans cannot be sent.
pub fn serve(log: &Log) -> Result<Telemetry, Error> {
    let mask = Mask::default();
    let (out, out_guard) = waiting(io::stdout());
    let (file, file_guard) = waiting(open(&log.file, log.keep_days)?);
    let spans = log.spans.as_ref().map(|to| Sender::start(to, mask.clone())).transpose()?;
    let keep = Keep { mask: mask.clone(), into: recent::recent() };
    let out = Masked { inner: out, mask: mask.clone() };
    let file = Masked { inner: file, mask: mask.clone() };
    let dispatch = match &spans {
        // One filter for all: what is not logged costs nothing.
        None => Dispatch::new(
            Registry::default()
                .with(filter(log.level))
                .with(keep)
                .with(lines(log.format, out))
                .with(lines(log.format, file)),
        ),
        // Spans are sent whatever the log's level is.
        Some(spans) => {
            let log_layers =
                keep.and_then(lines(log.format, out)).and_then(lines(log.format, file));
            let log_layers = log_layers.with_filter(filter(log.level));
            Dispatch::new(Registry::default().with(log_layers).with(spans.layer()))
        }
    };
    install(dispatch)?;
    Ok(Telemetry { mask, spans, _guards: vec![out_guard, file_guard] })
}

/// The log of a short command: warnings on stderr, so that stdout stays what was asked for.
///
/// # Errors
/// There is a log already.
pub fn command() -> Result<Telemetry, Error> {
    let mask = Mask::default();
    let writer = Masked { inner: io::stderr as fn() -> io::Stderr, mask: mask.clone() };
    let dispatch = Dispatch::new(
        Registry::default().with(filter(Level::WARN)).with(lines(LogFormat::Plain, writer)),
    );
    install(dispatch)?;
    Ok(Telemetry { mask, spans: None, _guards: Vec::new() })
}

fn install(dispatch: Dispatch) -> Result<(), Error> {
    tracing::dispatcher::set_global_default(dispatch).map_err(|_| Error::Twice)?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// One line instead of the usual three, through the mask. Who catches the panic logs no second one.
fn log_panic(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let what = payload.downcast_ref::<&str>().copied();
    let what = what.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let at = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    tracing::error!(
        at,
        thread = thread.name().unwrap_or("?"),
        "panic: {}",
        what.unwrap_or("without words")
    );
}

/// Our own lines at the level that was asked for; what libraries say is at least a warning, unless
/// everything is wanted.
fn filter(level: Level) -> EnvFilter {
    let others = if level >= Level::DEBUG { Level::INFO } else { Level::WARN };
    let others = if level == Level::ERROR { Level::ERROR } else { others };
    EnvFilter::new(format!("{others},aisha={level},aisha_actors={level}"))
}

fn lines<S, W>(format: LogFormat, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // Colours would end up in the file; control characters in messages are escaped.
    let layer = fmt::layer().with_ansi(false).with_writer(writer);
    match format {
        LogFormat::Plain => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}

fn waiting<W: io::Write + Send + 'static>(writer: W) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES_WAITING_MAX).finish(writer)
}

/// `app.log` becomes a link to the day's `app.log.YYYY-MM-DD`.
fn open(path: &Path, keep_days: usize) -> Result<RollingFileAppender, Error> {
    let broken = |what: &dyn ToString| Error::File { path: path.into(), what: what.to_string() };
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| broken(&"it has no name"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(|error| broken(&error))?;
    // The appender writes the folder into the link: a relative one would lead from there to nowhere.
    let folder = &fs::canonicalize(folder).map_err(|error| broken(&error))?;
    // A file that somebody else made there would be in the link's way.
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        let aside = folder.join(format!("{name}.before"));
        fs::rename(path, aside).map_err(|error| broken(&error))?;
    }
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .latest_symlink(name)
        .max_log_files(keep_days)
        .build(folder)
        .map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            broken(&cause.unwrap_or_else(|| error.to_string()))
        })
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use crate::settings::Secret;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, secrets: &[&str], work: impl FnOnce()) -> String {
        let page = Page::default();
        let mask = Mask::default();
        mask.learn(&secrets.iter().map(|word| Secret::new(*word)).collect::<Vec<_>>());
        let writer = page.clone();
        let writer = Masked { inner: move || writer.clone(), mask };
        let subscriber = Registry::default().with(filter(Level::INFO)).with(lines(format, writer));
        tracing::dispatcher::with_default(&Dispatch::new(subscriber), work);
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_spelling_of_a_known_secret_is_logged() {
        let secrets = ["123456:CANARY-token", "CANARY\"quoted\\key", "canäry/with?marks"];
        for format in [LogFormat::Plain, LogFormat::Json] {
            let text = logged(format, &secrets, || {
                for secret in secrets {
                    let half = secret.split_once(':').map_or(secret, |(_, half)| half);
                    let url: String =
                        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
                    tracing::info!(target: "aisha::test", secret, debug = ?Some(secret), %url, "call {secret}");
                    tracing::error!(target: "aisha::test", "https://peer/bot{half}/getMe failed");
                    let span = tracing::info_span!(target: "aisha::test", "call", token = secret);
                    span.in_scope(|| tracing::warn!(target: "aisha::test", "in a span"));
                }
            });
            assert_eq!(text.lines().count(), 9, "{text}");
            assert!(text.contains("***") && text.contains("in a span"));
            for trace in ["CANARY", "quoted", "can", "with?marks", "%3A"] {
                assert!(!text.contains(trace), "{trace} in {text}");
            }
        }
    }

    #[test]
    fn a_secret_that_is_learned_late_is_masked_too() {
        let mask = Mask::default();
        let page = Page::default();
        let writer = page.clone();
        let masked = Masked { inner: move || writer.clone(), mask: mask.clone() };
        masked.make_writer().write_all(b"harmless\n").unwrap();
        mask.learn(&[Secret::new("CANARY-late"), Secret::new("abc")]);
        masked.make_writer().write_all(b"CANARY-late abc\n").unwrap();
        assert_eq!(page.0.lock().unwrap().as_slice(), b"harmless\n*** abc\n");
    }

    #[test]
    fn a_line_cannot_forge_another() {
        let text = logged(LogFormat::Plain, &[], || {
            tracing::info!(target: "aisha::test", name = "a\nb\u{1b}[31m", "hello");
            tracing::info!(target: "aisha::test", name = %"a\nb\u{1b}[31m", "hello");
        });
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn libraries_are_quiet() {
        let text = logged(LogFormat::Plain, &[], || {
            tracing::info!(target: "hyper::proto", "chatter");
            tracing::warn!(target: "hyper::proto", "trouble");
            tracing::info!(target: "aisha_actors::tracker", "ours");
        });
        assert!(!text.contains("chatter") && text.contains("trouble") && text.contains("ours"));
    }

    #[test]
    fn a_panic_is_one_line_through_the_mask() {
        let before = panic::take_hook();
        let text = logged(LogFormat::Plain, &["CANARY-secret"], || {
            panic::set_hook(Box::new(log_panic));
            let caught = panic::catch_unwind(|| panic!("boom with CANARY-secret"));
            assert!(caught.is_err());
        });
        panic::set_hook(before);
        assert_eq!(text.lines().filter(|line| line.contains("boom")).count(), 1, "{text}");
        assert!(text.contains("panic: boom with ***") && text.contains("telemetry.rs"), "{text}");
    }

    #[test]
    fn the_named_file_leads_to_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        // As a relative path, as the default is one.
        let up = "../".repeat(std::env::current_dir().unwrap().components().count() - 1);
        let base = dir.path().canonicalize().unwrap();
        let path = PathBuf::from(up).join(base.strip_prefix("/").unwrap()).join("logs/app.log");
        assert!(path.is_relative());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "somebody else's\n").unwrap();
        let mut appender = open(&path, 3).unwrap();
        appender.write_all(b"ours\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours\n");
        drop(appender);
        open(&path, 3).unwrap().write_all(b"again\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours\nagain\n");
        assert_eq!(
            fs::read_to_string(path.with_extension("log.before")).unwrap(),
            "somebody else's\n"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = open(&file.join("app.log"), 3).unwrap_err().to_string();
        assert!(error.contains("app.log") && !error.contains('\n'));
    }
}
