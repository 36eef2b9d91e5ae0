//! The one writer of this process: a task that owns its connection and commits in groups.
//!
//! All requests that wait are taken into one transaction, each in a part of its own where a failed
//! statement would abort the others, and answered after the COMMIT. While one group is being synced to
//! disk the next one gathers, so that nobody waits for a timer. The task owns the transaction: a caller
//! that gives up leaves nothing open, and its request is carried out or not.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aisha_actors::{
    domain::id::UserId,
    port::{self, Kind},
};
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use super::{
    Conn,
    connection::{Connector, Role},
    intake, locks, part,
};
use crate::db::{
    Fault, Outcome,
    request::{Kept, Request, Shape, request},
};

/// Requests that may wait. Whoever comes then waits for a place.
const QUEUE: usize = 1024;

/// Requests of one transaction at most, so that the first of them does not wait for ever.
const GROUP_MAX: usize = 256;

/// Between two tries to reach a server that is away: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// One request on this connection.
enum Asked {
    Body(Box<dyn Request<Conn>>),
    Save(Save),
}

impl Asked {
    fn refuse(self, why: port::Error) {
        match self {
            Self::Body(request) => request.answer(Err(why)),
            // Whoever asked may have given up.
            Self::Save(save) => drop(save.reply.send(Err(why))),
        }
    }
}

/// A person's conversation, the one thing that most turns write: those of a group are one statement.
struct Save {
    user: UserId,
    body: String,
    reply: oneshot::Sender<port::Result<Option<i64>>>,
}

/// Hands requests to the task. When the last handle goes away the task ends.
#[derive(Clone)]
pub(in crate::db) struct Writer {
    requests: mpsc::Sender<Asked>,
}

impl Writer {
    /// A writer, and the work that has to be polled for it.
    pub(super) fn new(
        connector: Connector,
        conn: Conn,
        patience: Duration,
        usurped: Arc<AtomicBool>,
    ) -> (Self, Work) {
        let (requests, queue) = mpsc::channel(QUEUE);
        let away = Away { pause: PAUSE_MIN, until: None };
        let work = Work { connector, conn: Some(conn), away, patience, usurped, queue };
        (Self { requests }, work)
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
        self.ask(Asked::Body(request), answer).await
    }

    /// Saves a conversation in the next transaction, and gives the version of the gallery after its
    /// COMMIT. None: there is no such person. Of two for one person in one transaction the later stays.
    ///
    /// # Errors
    /// Those of [`Writer::write`].
    pub(in crate::db) async fn save(
        &self,
        user: UserId,
        body: String,
    ) -> port::Result<Option<i64>> {
        let (reply, answer) = oneshot::channel();
        self.ask(Asked::Save(Save { user, body, reply }), answer).await
    }

    async fn ask<R>(
        &self,
        asked: Asked,
        answer: oneshot::Receiver<port::Result<R>>,
    ) -> port::Result<R> {
        let gone = |_| port::Error::transient("the database's writer has ended");
        self.requests.send(asked).await.map_err(gone)?;
        let lost = |_| port::Error::new(Kind::Ambiguous, "the database's writer broke off");
        answer.await.map_err(lost)?
    }

    /// Waits until all that was asked for before is done.
    pub(in crate::db) async fn drain(&self) {
        let nothing = self.write(Shape::Parts, |_| async { Ok(()) }.boxed()).await;
        if let Err(error) = nothing {
            tracing::warn!(%error, "the last writes");
        }
    }
}

/// What the task knows.
pub(super) struct Work {
    connector: Connector,
    conn: Option<Conn>,
    away: Away,
    /// With one request, and with a COMMIT.
    patience: Duration,
    /// Another `serve` has taken the database over.
    usurped: Arc<AtomicBool>,
    queue: mpsc::Receiver<Asked>,
}

/// When a server that is away is tried again.
struct Away {
    pause: Duration,
    until: Option<Instant>,
}

/// Whether a connection can be used on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clean {
    Yes,
    No,
}

impl Work {
    /// Works until the last handle has gone.
    pub(super) async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP_MAX);
        while self.queue.recv_many(&mut group, GROUP_MAX).await > 0 {
            let group = std::mem::take(&mut group);
            if self.usurped.load(Ordering::Relaxed) {
                refuse(group, "another `aisha serve` has taken the database over");
                continue;
            }
            let Some(mut conn) = self.begin().await else {
                refuse(group, "the database cannot be reached");
                continue;
            };
            // A panic is a fault of ours in one body. Its connection goes away with the transaction in it,
            // and the callers of the group see that their requests broke off.
            let work = AssertUnwindSafe(commit(&mut conn, group, self.patience));
            if let Ok(Clean::Yes) = work.catch_unwind().await {
                self.conn = Some(conn);
            } else {
                tracing::warn!("the database's writing connection is opened anew");
            }
        }
    }

    /// A connection with an open transaction. One that broke while nothing was asked of it is replaced at
    /// once; a server that is away is tried again with growing pauses.
    async fn begin(&mut self) -> Option<Conn> {
        if let Some(mut conn) = self.conn.take()
            && begin(&mut conn, self.patience).await
        {
            return Some(conn);
        }
        if self.away.until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        match self.connector.connect(Role::Writer).await {
            Ok(mut conn) => {
                self.away = Away { pause: PAUSE_MIN, until: None };
                begin(&mut conn, self.patience).await.then_some(conn)
            }
            Err(error) => {
                tracing::warn!(%error, "the database is away");
                self.away.until = Some(Instant::now() + self.away.pause);
                self.away.pause = (self.away.pause * 2).min(PAUSE_MAX);
                None
            }
        }
    }
}

fn refuse(group: Vec<Asked>, why: &'static str) {
    for asked in group {
        asked.refuse(port::Error::transient(why));
    }
}

async fn begin(conn: &mut Conn, patience: Duration) -> bool {
    match bounded(patience, part::execute(conn, locks::BEGIN)).await {
        Ok(()) => true,
        Err(fault) => {
            tracing::warn!(error = %fault, "no transaction could be begun");
            false
        }
    }
}

/// Carries out a group and answers it.
async fn commit(conn: &mut Conn, group: Vec<Asked>, patience: Duration) -> Clean {
    let (mut bodies, mut saves) = (Vec::new(), Vec::new());
    for asked in group {
        match asked {
            Asked::Body(request) => bodies.push(request),
            Asked::Save(save) => saves.push(save),
        }
    }
    let mut versions = HashMap::new();
    let work = async {
        for request in &mut bodies {
            bounded(patience, one(conn, request)).await?;
        }
        if !saves.is_empty() {
            let given = saves.iter_mut().map(|save| (save.user, std::mem::take(&mut save.body)));
            versions = bounded(patience, intake::save_all(conn, given.collect())).await?;
        }
        Ok(())
    };
    let (committed, clean) = match work.await {
        // COMMIT alone would say "done" of a transaction that was aborted; the statement before it fails.
        Ok(()) => match bounded(patience, part::execute(conn, "SELECT 1; COMMIT")).await {
            Ok(()) => (Ok(()), Clean::Yes),
            Err(fault) => undo(conn, fault, Kind::Ambiguous, patience).await,
        },
        Err(fault) => undo(conn, fault, Kind::Transient, patience).await,
    };
    for request in bodies {
        request.answer(committed.clone());
    }
    for Save { user, reply, .. } in saves {
        // Whoever asked may have given up.
        drop(reply.send(committed.clone().map(|()| versions.get(&user).copied())));
    }
    clean
}

async fn one(conn: &mut Conn, request: &mut Box<dyn Request<Conn>>) -> Outcome<()> {
    match request.shape() {
        Shape::Parts => {
            request.run(conn).await?;
        }
        Shape::Sure | Shape::Set => {
            // It has no part of its own: the transaction goes with it.
            if request.run(conn).await? == Kept::No {
                return Err(Fault::Query(Diesel::RollbackTransaction));
            }
        }
        Shape::One | Shape::Several => {
            part::begin(conn).await?;
            match request.run(conn).await? {
                Kept::Yes => part::keep(conn).await?,
                Kept::No => part::take_back(conn).await?,
            }
        }
    }
    Ok(())
}

/// Rolls a failed transaction back. `doubt`: what it means if even that does not work.
async fn undo(
    conn: &mut Conn,
    fault: Fault,
    doubt: Kind,
    patience: Duration,
) -> (port::Result<()>, Clean) {
    tracing::warn!(error = %fault, "a transaction failed");
    if !fault.is_disconnected() && bounded(patience, part::execute(conn, "ROLLBACK")).await.is_ok()
    {
        return (Err(port::Error::transient(&fault)), Clean::Yes);
    }
    (Err(port::Error::new(doubt, &fault)), Clean::No)
}

/// The server ends what takes too long, if it still can: this is for when it cannot.
async fn bounded<T>(patience: Duration, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let silent = || Box::new("the database does not answer".to_owned());
    timeout(patience, work).await.unwrap_or_else(|_| {
        let kind = DatabaseErrorKind::UnableToSendCommand;
        Err(Fault::Query(Diesel::DatabaseError(kind, silent())))
    })
}
