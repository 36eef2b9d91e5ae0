//! Faults on order: a test or a visitor asks a stand-in to misbehave.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::journal::Peer;

/// A fault as ordered by `POST /sandbox/faults`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub peer: Peer,
    /// The call it hits, as the journal spells it (any letter case), or `*` for every call.
    pub call: String,
    /// Answer with this HTTP status instead of doing the work.
    pub status: Option<u16>,
    /// Seconds, said with status 429.
    pub retry_after: Option<u32>,
    /// Wait this long first, in milliseconds, then go on.
    pub delay_ms: Option<u64>,
    /// Do the work, then cut the connection without an answer.
    #[serde(default)]
    pub reset: bool,
    /// Answer 200 with a body that is not what the caller expects.
    #[serde(default)]
    pub garbage: bool,
    /// How many calls it hits; absent: until cleared.
    pub times: Option<u32>,
    /// Which share of the calls it hits, 0.0 to 1.0; absent: all.
    pub share: Option<f64>,
}

/// The faults that are in force. In memory only.
#[derive(Debug, Default)]
pub struct Faults {
    orders: Mutex<Vec<Fault>>,
}

impl Faults {
    /// Adds an order; several may stand at once, the oldest that fits is taken.
    pub fn add(&self, fault: Fault) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Lifts all orders.
    pub fn clear(&self) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The fault that this call has to suffer, if any; counts it down.
    pub fn take(&self, peer: Peer, call: &str) -> Option<Fault> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let index = orders.iter().position(|order| {
            order.peer == peer
                && (order.call == "*" || order.call.eq_ignore_ascii_case(call))
                && order.share.is_none_or(|share| rand::random::<f64>() < share)
        })?;
        let order = orders.get_mut(index)?;
        let fault = order.clone();
        if let Some(left) = order.times.as_mut() {
            *left = left.saturating_sub(1);
            if *left == 0 {
                orders.remove(index);
            }
        }
        Some(fault)
    }
}
