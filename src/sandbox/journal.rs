//! What the stand-ins were asked, call by call: the truth that tests compare the bot with.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::Value;

/// How many calls are kept; the oldest go first.
const CALLS_MAX: usize = 100_000;

/// Which stand-in was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Peer {
    Telegram,
    Fal,
}

/// One call as received. `body` has files replaced by their length, never a token or key.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Microseconds since the Unix epoch.
    pub at_us: i64,
    pub peer: Peer,
    /// Telegram: the method in its documented spelling (`sendMessage`).
    /// FAL: `submit`, `status`, `stream`, `result`, `cancel`, `file` or `payloads`.
    pub call: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    pub body: Value,
    /// The HTTP status that was answered; 0 when the connection was cut on purpose.
    pub status: u16,
}

/// The calls of both stand-ins in the order in which they were answered. In memory only.
#[derive(Debug, Default)]
pub struct Journal {
    calls: Mutex<VecDeque<Call>>,
}

impl Journal {
    /// Adds a call. Forgets the oldest one beyond [`CALLS_MAX`].
    pub fn record(&self, call: Call) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() == CALLS_MAX {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    /// All calls that are still kept, oldest first.
    pub fn list(&self) -> Vec<Call> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().cloned().collect()
    }

    /// The calls that were answered after `at_us` (microseconds since the Unix epoch), oldest first.
    pub fn since(&self, at_us: i64) -> Vec<Call> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().filter(|call| call.at_us > at_us).cloned().collect()
    }
}

/// Microseconds since the Unix epoch, by this machine's clock.
pub fn now_us() -> i64 {
    chrono::Utc::now().timestamp_micros()
}
