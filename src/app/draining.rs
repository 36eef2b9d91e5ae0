//! Whether this process takes updates in: the operator's switch. It stands again as it was by default
//! after a restart.

use tokio::sync::watch;

/// The switch. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Draining(watch::Sender<bool>);

impl Draining {
    /// Takes in.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(super) fn is_on(&self) -> bool {
        *self.0.borrow()
    }

    pub(super) fn set(&self, draining: bool) {
        self.0.send_if_modified(|now| std::mem::replace(now, draining) != draining);
    }

    /// Hears of changes, for as long as any clone lives.
    pub(super) fn listen(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}
