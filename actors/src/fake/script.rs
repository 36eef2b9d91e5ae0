//! What goes wrong, call by call.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::watch;

use super::lock;
use crate::port::{Error, Kind, Result};

/// Rings after every call of every fake of one world.
#[derive(Debug)]
pub struct Events(watch::Sender<u64>);

impl Default for Events {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Events {
    /// Hears of every call from now on.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    /// Something happened.
    pub fn ring(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// What one call does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done; this is the answer.
    Refuse(Kind),
    /// The work is done, and the answer is lost: `Ambiguous`.
    LoseAnswer,
    /// Panics before anything is done.
    Panic,
}

#[derive(Default)]
struct Lines {
    next: HashMap<&'static str, VecDeque<Fault>>,
    always: HashMap<&'static str, Fault>,
    delays: HashMap<&'static str, Duration>,
    held: HashSet<&'static str>,
    calls: HashMap<&'static str, u64>,
    waiting: HashMap<&'static str, usize>,
}

/// The script of one fake. Methods are named as in the port.
pub struct Script {
    lines: Mutex<Lines>,
    gates: watch::Sender<u64>,
    events: Arc<Events>,
}

impl Script {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self { lines: Mutex::default(), gates: watch::channel(0).0, events }
    }

    /// The next call of `method` that has no fault yet gets this one.
    pub fn next(&self, method: &'static str, fault: Fault) {
        lock(&self.lines).next.entry(method).or_default().push_back(fault);
    }

    /// The next call fails with this kind.
    pub fn fail_next(&self, method: &'static str, kind: Kind) {
        self.next(method, Fault::Refuse(kind));
    }

    /// Every call gets this fault, until [`Script::heal`].
    pub fn always(&self, method: &'static str, fault: Fault) {
        lock(&self.lines).always.insert(method, fault);
    }

    /// The method works again.
    pub fn heal(&self, method: &'static str) {
        let mut lines = lock(&self.lines);
        lines.always.remove(method);
        lines.next.remove(method);
    }

    /// Every call takes this long.
    pub fn delay(&self, method: &'static str, by: Duration) {
        lock(&self.lines).delays.insert(method, by);
    }

    /// Calls wait before their work until [`Script::release`].
    pub fn hold(&self, method: &'static str) {
        lock(&self.lines).held.insert(method);
    }

    /// Lets the waiting calls and all later ones go.
    pub fn release(&self, method: &'static str) {
        lock(&self.lines).held.remove(method);
        self.gates.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Calls of `method` so far, failed ones included.
    pub fn calls(&self, method: &'static str) -> u64 {
        lock(&self.lines).calls.get(method).copied().unwrap_or_default()
    }

    /// Calls of `method` that are held at this moment.
    pub fn waiting(&self, method: &'static str) -> usize {
        lock(&self.lines).waiting.get(method).copied().unwrap_or_default()
    }

    /// Counts the call and plays its fault. `Ok(true)`: do the work, then lose the answer.
    pub(super) async fn enter(&self, method: &'static str) -> Result<bool> {
        let (fault, delay, held) = {
            let mut lines = lock(&self.lines);
            *lines.calls.entry(method).or_default() += 1;
            let next = lines.next.get_mut(method).and_then(VecDeque::pop_front);
            let fault = next.or_else(|| lines.always.get(method).copied());
            (fault, lines.delays.get(method).copied(), lines.held.contains(method))
        };
        self.events.ring();
        // Another task may come first, as with any real port.
        tokio::task::yield_now().await;
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        if held {
            self.wait(method).await;
        }
        match fault {
            None => Ok(false),
            Some(Fault::LoseAnswer) => Ok(true),
            Some(Fault::Refuse(kind)) => Err(Error::new(kind, format!("scripted: {method}"))),
            Some(Fault::Panic) => scripted_panic(method),
        }
    }

    async fn wait(&self, method: &'static str) {
        let mut gates = self.gates.subscribe();
        let _here = Waiting::new(self, method);
        self.events.ring();
        while lock(&self.lines).held.contains(method) {
            if gates.changed().await.is_err() {
                return;
            }
        }
    }

    /// The end of a call whose work is done.
    pub(super) fn leave<T>(&self, lose: bool, answer: T) -> Result<T> {
        self.events.ring();
        if lose {
            Err(Error::new(Kind::Ambiguous, "scripted: the answer is lost"))
        } else {
            Ok(answer)
        }
    }
}

/// A call that is held; counted as long as it lives.
struct Waiting<'a> {
    script: &'a Script,
    method: &'static str,
}

impl<'a> Waiting<'a> {
    fn new(script: &'a Script, method: &'static str) -> Self {
        *lock(&script.lines).waiting.entry(method).or_default() += 1;
        Self { script, method }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(count) = lock(&self.script.lines).waiting.get_mut(self.method) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Panics on purpose.
#[expect(clippy::panic, reason = "the script asked for it")]
pub(super) fn scripted_panic(what: &str) -> ! {
    panic!("scripted panic: {what}");
}
