//! The one writer: a thread that owns the connection and commits in groups.
//!
//! All requests that wait are taken into one `BEGIN IMMEDIATE` transaction, each in a savepoint of its
//! own where it could leave half of itself behind, and answered after the COMMIT. While one group is
//! being synced to disk the next one gathers, so that nobody waits for a timer. The thread owns the
//! transaction: a caller that gives up leaves nothing open, and its request is carried out or not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aisha_actors::port::{self, Kind};
use diesel_async::SimpleAsyncConnection;
use futures::{FutureExt, executor::block_on, future::BoxFuture};
use tokio::sync::mpsc;

use super::{Conn, connection, part};
use crate::db::{
    Error, Fault, Outcome,
    request::{Kept, Request, Shape, request},
};

/// One request on this connection.
type Asked = Box<dyn Request<Conn>>;

/// Requests that may wait. Whoever comes then waits for a place.
const QUEUE: usize = 1024;

/// Requests of one transaction at most, so that the first of them does not wait for ever.
const GROUP_MAX: usize = 256;

/// Hands requests to the thread. When the last handle goes away the thread ends.
#[derive(Clone)]
pub(in crate::db) struct Writer {
    requests: mpsc::Sender<Asked>,
}

impl Writer {
    /// Opens the connection and starts the thread.
    pub(in crate::db) fn start(path: String) -> Result<Self, Error> {
        let conn = connection::connect(&path, false)?;
        let (requests, queue) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("aisha-db-writer".to_owned())
            .spawn(move || work(&path, conn, queue))?;
        Ok(Self { requests })
    }

    /// Runs a body in the next transaction and returns after its COMMIT.
    ///
    /// # Errors
    /// Nothing of the body was stored; or (`Ambiguous`) the COMMIT's outcome is unknown.
    pub(in crate::db) async fn write<F, R>(&self, shape: Shape, body: F) -> port::Result<R>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        let (request, answer) = request(shape, part::ends_transaction, body);
        let gone = |_| port::Error::transient("the database's writer has ended");
        self.requests.send(request).await.map_err(gone)?;
        let lost = |_| port::Error::new(Kind::Ambiguous, "the database's writer broke off");
        answer.await.map_err(lost)?
    }

    /// Waits until all that was asked for before is done.
    pub(in crate::db) async fn drain(&self) {
        let nothing = self.write(Shape::Sure, |_| async { Ok(()) }.boxed()).await;
        if let Err(error) = nothing {
            tracing::warn!(%error, "the last writes");
        }
    }
}

fn work(path: &str, conn: Conn, mut queue: mpsc::Receiver<Asked>) {
    let mut conn = Some(conn);
    let mut group = Vec::with_capacity(GROUP_MAX);
    while queue.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        if conn.is_none() {
            conn = reopen(path);
        }
        let Some(open) = conn.as_mut() else {
            for request in group.drain(..) {
                request.answer(Err(port::Error::transient("the database cannot be opened")));
            }
            continue;
        };
        // A panic is a fault of ours in one body. Its connection goes away with the transaction in it,
        // and the callers of the group see that their requests broke off.
        let batch = std::mem::take(&mut group);
        let clean = catch_unwind(AssertUnwindSafe(|| block_on(commit(open, batch))));
        if !matches!(clean, Ok(Clean::Yes)) {
            tracing::error!("the database's writing connection is opened anew");
            conn = None;
        }
    }
}

fn reopen(path: &str) -> Option<Conn> {
    connection::connect(path, false)
        .inspect_err(|error| tracing::error!(%error, "the database cannot be opened"))
        .ok()
}

/// Whether a connection can be used on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clean {
    Yes,
    No,
}

/// Carries out a group and answers it.
async fn commit(conn: &mut Conn, mut group: Vec<Asked>) -> Clean {
    let (committed, clean) = match carry_out(conn, &mut group).await {
        Ok(()) => match part::execute(conn, "COMMIT").await {
            Ok(()) => (Ok(()), Clean::Yes),
            Err(fault) => undo(conn, fault, Kind::Ambiguous).await,
        },
        Err(fault) => undo(conn, fault, Kind::Transient).await,
    };
    for request in group {
        request.answer(committed.clone());
    }
    clean
}

async fn carry_out(conn: &mut Conn, group: &mut [Asked]) -> Outcome<()> {
    part::execute(conn, "BEGIN IMMEDIATE").await?;
    for request in group {
        match request.shape() {
            Shape::One | Shape::Sure | Shape::Parts => {
                request.run(conn).await?;
            }
            Shape::Set | Shape::Several => {
                part::begin(conn).await?;
                match request.run(conn).await? {
                    Kept::Yes => part::keep(conn).await?,
                    Kept::No => part::take_back(conn).await?,
                }
            }
        }
    }
    Ok(())
}

/// Rolls a failed transaction back. `doubt`: what it means if even that does not work.
async fn undo(conn: &mut Conn, fault: Fault, doubt: Kind) -> (port::Result<()>, Clean) {
    tracing::warn!(error = %fault, "a transaction failed");
    match conn.batch_execute("ROLLBACK").await {
        Ok(()) => (Err(port::Error::transient(&fault)), Clean::Yes),
        // SQLite may have rolled back by itself; or the COMMIT went through after all.
        Err(_) => (Err(port::Error::new(doubt, &fault)), Clean::No),
    }
}
