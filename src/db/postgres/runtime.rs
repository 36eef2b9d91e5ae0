//! The thread that talks to the server.

use std::{future::Future, io, thread};

use tokio::{
    runtime::{Builder, Handle},
    task::JoinHandle,
};

/// A runtime on a thread of its own, so that no connection hangs on the life of whoever asked first. It
/// ends when `main` does, that is with the last handle on the database.
pub(super) struct Runtime(Handle);

impl Runtime {
    /// Starts the thread; `main` is what it lives for.
    pub(super) fn start<F>(main: impl FnOnce() -> F + Send + 'static) -> io::Result<Self>
    where
        F: Future<Output = ()>,
    {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new()
            .name("aisha-db".to_owned())
            .spawn(move || runtime.block_on(async { main().await }))?;
        Ok(Self(handle))
    }

    pub(super) fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(work)
    }
}
