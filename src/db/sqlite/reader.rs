//! The connections that only read.

use std::sync::{Arc, Mutex, PoisonError};

use aisha_actors::port;
use futures::{executor::block_on, future::BoxFuture};
use tokio::sync::Semaphore;

use super::{Conn, connection};
use crate::db::{Error, Outcome};

/// Reads at the same time.
const CONNECTIONS: usize = 4;

/// A few read-only connections. A read sees all that was committed before it began.
#[derive(Clone)]
pub(in crate::db) struct Readers {
    idle: Arc<Mutex<Vec<Conn>>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(in crate::db) fn open(path: &str) -> Result<Self, Error> {
        let idle = (0..CONNECTIONS)
            .map(|_| connection::connect(path, true))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { places: Arc::new(Semaphore::new(idle.len())), idle: Arc::new(Mutex::new(idle)) })
    }

    /// Runs a body on a blocking thread: one hop for all of its statements. A caller that gives up
    /// leaves the body to finish; the connection comes back in any case.
    pub(in crate::db) async fn read<F, R>(&self, body: F) -> port::Result<R>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        let closed = |_| port::Error::transient("the database is closed");
        let place = self.places.clone().acquire_owned().await.map_err(closed)?;
        let idle = self.idle.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut lent = Lent::take(idle);
            let result = match lent.conn.as_mut() {
                Some(conn) => block_on(body(conn)).map_err(port::Error::from),
                None => Err(port::Error::transient("no connection is left to read with")),
            };
            drop(lent);
            drop(place);
            result
        });
        read.await.map_err(|error| port::Error::new(port::Kind::Permanent, error))?
    }

    /// The same: nobody is hurried here.
    pub(in crate::db) async fn read_patiently<F, R>(&self, body: F) -> port::Result<R>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        self.read(body).await
    }
}

/// A connection that comes back even when a body panics.
struct Lent {
    conn: Option<Conn>,
    idle: Arc<Mutex<Vec<Conn>>>,
}

impl Lent {
    fn take(idle: Arc<Mutex<Vec<Conn>>>) -> Self {
        let conn = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { conn, idle }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}
