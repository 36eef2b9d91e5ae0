//! A job and how it looks on the wire.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::magic::Word;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    Queued,
    Running,
    Done,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) id: String,
    /// Its turn among the open jobs.
    pub(super) order: u64,
    /// Submitted with low priority: waits until no other job does.
    pub(super) low: bool,
    /// The endpoint without its sub-path: what the URLs use.
    pub(super) app: String,
    pub(super) endpoint: String,
    pub(super) input: Value,
    pub(super) webhook: Option<String>,
    pub(super) gateway_id: String,
    pub(super) created_us: i64,
    /// Times out if it has not started by then.
    pub(super) start_by_us: Option<i64>,
    pub(super) started_us: Option<i64>,
    pub(super) phase: Phase,
    /// A cancel was accepted while it ran.
    pub(super) cancelled: bool,
    pub(super) logs: Vec<Log>,
    pub(super) outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Log {
    at_us: i64,
    message: String,
}

impl Log {
    pub(super) fn new(at_us: i64, message: &str) -> Self {
        Self { at_us, message: message.to_owned() }
    }
}

/// What the result call answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// Own files' URLs are stored as names and made absolute when they are shown.
    pub(super) body: Value,
    /// The kind of failure; absent for success.
    pub(super) error_type: Option<String>,
    /// Failed before or outside the model: the kind is said in a header too.
    pub(super) infrastructure: bool,
    pub(super) billable_units: f64,
    pub(super) run_us: i64,
}

impl Outcome {
    pub(super) fn success(body: Value, billable_units: f64) -> Self {
        Self {
            status: 200,
            body,
            error_type: None,
            infrastructure: false,
            billable_units,
            run_us: 0,
        }
    }

    /// The model refuses or breaks: `{"detail": [..]}`.
    pub(super) fn model_error(status: u16, detail: Vec<Value>) -> Self {
        let kind = detail.first().and_then(|first| first.get("type")).and_then(Value::as_str);
        Self {
            status,
            error_type: Some(kind.unwrap_or("unknown").to_owned()),
            body: json!({ "detail": detail }),
            infrastructure: false,
            billable_units: 0.0,
            run_us: 0,
        }
    }

    /// The queue gives up: `{"detail": "..", "error_type": ".."}`.
    fn request_error(status: u16, detail: &str, error_type: &str) -> Self {
        Self {
            status,
            error_type: Some(error_type.to_owned()),
            body: json!({ "detail": detail, "error_type": error_type }),
            infrastructure: true,
            billable_units: 0.0,
            run_us: 0,
        }
    }

    pub(super) fn cancelled() -> Self {
        Self::request_error(499, "Request was cancelled", "client_cancelled")
    }

    pub(super) fn timed_out() -> Self {
        Self::request_error(504, "Request timed out", "request_timeout")
    }

    pub(super) fn broken() -> Self {
        Self::request_error(500, "Internal Server Error", "internal_error")
    }

    /// The sentence that status and webhook carry; absent for success.
    pub(super) fn error(&self) -> Option<String> {
        match (&self.error_type, self.infrastructure) {
            (None, _) => None,
            (Some(_), false) => Some(format!("Invalid status code: {}", self.status)),
            (Some(_), true) => self.body.get("detail").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// The body with its files' URLs made absolute.
    pub(super) fn shown(&self, queue_url: &str) -> Value {
        let mut body = self.body.clone();
        let images = body.get_mut("images").and_then(Value::as_array_mut);
        for url in images.into_iter().flatten().filter_map(|image| image.get_mut("url")) {
            let name = url.as_str().filter(|url| is_name(url));
            if let Some(absolute) = name.map(|name| format!("{queue_url}/files/{name}")) {
                *url = Value::String(absolute);
            }
        }
        body
    }

    /// The names of its own files.
    pub(super) fn files(&self) -> Vec<String> {
        let images = self.body.get("images").and_then(Value::as_array);
        let urls = images.into_iter().flatten().filter_map(|image| image.get("url")?.as_str());
        urls.filter(|url| is_name(url)).map(str::to_owned).collect()
    }
}

/// Whether an image's URL is the name of an own file.
fn is_name(url: &str) -> bool {
    !url.contains(':')
}

impl Job {
    /// Whether it runs for ever, outside the places that others wait for.
    pub(super) fn is_stuck(&self) -> bool {
        Word::Stuck.is_in(&self.input)
    }

    /// By how much its times are stretched.
    pub(super) fn slowness(&self) -> u64 {
        if Word::Slow.is_in(&self.input) { 10 } else { 1 }
    }

    /// The status object; `position` counts the jobs that start before it.
    pub(super) fn status(&self, queue_url: &str, position: usize, with_logs: bool) -> Value {
        let response_url = format!("{queue_url}/{}/requests/{}", self.app, self.id);
        let mut status = json!({
            "request_id": self.id,
            "status_url": format!("{response_url}/status"),
            "cancel_url": format!("{response_url}/cancel"),
            "response_url": response_url,
        });
        let mut set = |name: &str, value: Value| {
            if let Some(fields) = status.as_object_mut() {
                fields.insert(name.to_owned(), value);
            }
        };
        let logs = if with_logs { self.shown_logs() } else { Value::Null };
        match (self.phase, &self.outcome) {
            (Phase::Queued, _) => {
                set("status", "IN_QUEUE".into());
                set("queue_position", position.into());
            }
            (Phase::Running, _) | (Phase::Done, None) => {
                set("status", "IN_PROGRESS".into());
                set("logs", logs);
            }
            (Phase::Done, Some(outcome)) => {
                set("status", "COMPLETED".into());
                set("logs", logs);
                let seconds = outcome.run_us as f64 / 1e6;
                set("metrics", json!({ "inference_time": seconds }));
                if let Some(error) = outcome.error() {
                    set("error", error.into());
                    set("error_type", outcome.error_type.clone().into());
                }
            }
        }
        status
    }

    fn shown_logs(&self) -> Value {
        self.logs
            .iter()
            .map(|log| {
                let at = DateTime::from_timestamp_micros(log.at_us).unwrap_or_default();
                json!({
                    "message": log.message, "level": "INFO", "source": "USER",
                    "timestamp": at.to_rfc3339_opts(SecondsFormat::Micros, true),
                })
            })
            .collect()
    }

    /// The body of its webhook.
    pub(super) fn webhook_body(&self, queue_url: &str) -> Value {
        let outcome = self.outcome.as_ref();
        let error = outcome.and_then(Outcome::error);
        json!({
            "request_id": self.id,
            "gateway_request_id": self.gateway_id,
            "status": if error.is_none() { "OK" } else { "ERROR" },
            "payload": outcome.map(|outcome| outcome.shown(queue_url)),
            "error": error,
        })
    }
}
