//! What FAL's refusals mean.
//!
//! Models say `{"detail": [{"type", "msg", ..}]}`, the queue `{"detail": "..", "error_type": ".."}`
//! with the type in `X-Fal-Error-Type` too. A body without `detail` is not FAL's own.

use std::time::Duration;

use aisha_actors::{
    domain::generation::Failure,
    port::{self, Kind, Outcome},
};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::Reply;
use crate::outgoing;

/// How much of FAL's words goes into the log, in characters.
const WORDS_MAX: usize = 160;

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    retry_after: Duration,
    /// FAL itself said it, not something on the way.
    is_fals: bool,
    /// Kinds of error, as FAL names them.
    types: Vec<String>,
    /// The sentence of a request error.
    words: String,
}

#[derive(Debug, Default, Deserialize)]
struct Body {
    detail: Option<Value>,
    error_type: Option<String>,
}

/// Whether an error of this type, or with these words, is a cancel's doing.
pub(super) fn is_cancel(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["client_cancelled", "request_cancelled", "was cancelled", "was canceled"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// Whether an error of this type, or with these words, is the safety filter's.
pub(super) fn is_unsafe(text: &str) -> bool {
    text.to_ascii_lowercase().contains("content_policy_violation")
}

impl Fault {
    pub(super) fn of(reply: &Reply) -> Self {
        let body: Body = serde_json::from_slice(&reply.body).unwrap_or_default();
        let header = reply.headers.get("x-fal-error-type").and_then(|value| value.to_str().ok());
        let entries = body.detail.as_ref().and_then(Value::as_array).into_iter().flatten();
        let of_entries = entries.filter_map(|entry| entry.get("type")?.as_str().map(str::to_owned));
        let is_fals = body.detail.is_some() || header.is_some();
        let types = of_entries
            .take(8)
            .chain(body.error_type)
            .chain(header.map(str::to_owned))
            .map(|text| cut(&text))
            .collect();
        let words = body.detail.as_ref().and_then(Value::as_str).map(cut).unwrap_or_default();
        let retry_after = outgoing::retry_after(&reply.headers);
        Self { status: reply.status, retry_after, is_fals, types, words }
    }

    /// Whether the operator's account is empty or locked.
    pub(super) fn is_about_money(&self) -> bool {
        let words = self.words.to_ascii_lowercase();
        let says = words.contains("exhausted balance") || words.contains("locked");
        self.status == StatusCode::PAYMENT_REQUIRED
            || (matches!(self.status.as_u16(), 401 | 403) && says)
    }

    fn is_unsafe(&self) -> bool {
        self.types.iter().any(|kind| is_unsafe(kind)) || is_unsafe(&self.words)
    }

    /// What a refused submit means.
    pub(super) fn on_submit(&self) -> port::Error {
        let kind = match self.status.as_u16() {
            // Refused before the queue.
            503 if self.is_fals => Kind::Transient,
            408 | 500.. => Kind::Ambiguous,
            404 | 410 => Kind::NotFound,
            422 if self.is_unsafe() => Kind::Unsafe,
            _ => self.common(),
        };
        self.error(kind, "submit")
    }

    /// What a failed call about a request means, when it says nothing about the request itself.
    pub(super) fn on_read(&self) -> port::Error {
        let kind = match self.status.as_u16() {
            404 | 410 => Kind::NotFound,
            // The result before there is one.
            400 if self.words.contains("still in progress") => Kind::Transient,
            _ if outgoing::is_passing(self.status) => Kind::Transient,
            _ => self.common(),
        };
        self.error(kind, "request")
    }

    /// The last word about a request, where the result call's answer alone is one.
    pub(super) fn last_word(&self) -> Option<Outcome> {
        let signs = self.types.iter().chain([&self.words]);
        if self.status.as_u16() == 499 || signs.into_iter().any(|sign| is_cancel(sign)) {
            return Some(Outcome::Cancelled);
        }
        match self.status.as_u16() {
            422 if self.is_unsafe() => Some(Outcome::Failed(Failure::Safety)),
            422 => Some(Outcome::Failed(Failure::BadRequest)),
            _ => None,
        }
    }

    /// Whether it may be the request's own failure that FAL repeats, rather than this call's.
    pub(super) fn may_be_the_jobs(&self) -> bool {
        self.is_fals && !matches!(self.status.as_u16(), 401..=404 | 410 | 429)
    }

    fn common(&self) -> Kind {
        match self.status.as_u16() {
            429 => Kind::RateLimited { retry_after: self.retry_after },
            _ if self.is_about_money() => Kind::OutOfMoney,
            401 | 403 => Kind::Forbidden,
            _ => Kind::Permanent,
        }
    }

    fn error(&self, kind: Kind, call: &str) -> port::Error {
        let status = self.status.as_u16();
        let meaning = match (kind, status) {
            (Kind::OutOfMoney, _) => ": the account is empty or locked, top it up at FAL",
            (_, 401) => ": FAL does not accept FAL_KEY",
            (_, 403) => ": FAL_KEY may not do this",
            _ => "",
        };
        let said = match (self.types.first(), self.words.as_str()) {
            (Some(kind), "") => format!(" [{kind}]"),
            (None, "") => String::new(),
            (Some(kind), words) => format!(" [{kind}: {words}]"),
            (None, words) => format!(" [{words}]"),
        };
        port::Error::new(kind, format!("FAL {call}: {status}{meaning}{said}"))
    }
}

/// Foreign words, fit for one line of a log.
fn cut(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_MAX).collect()
}
