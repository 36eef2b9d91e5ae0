//! The one writer of this process: a task that owns its connection and commits in groups.
//!
//! All requests that wait are taken into one transaction, each in a part of its own where a failed
//! statement would abort the others, and answered after the COMMIT. While one group is being synced to
//! disk the next one gathers, so that nobody waits for a timer. The task owns the transaction: a caller
//! that gives up leaves nothing open, and its request is carried out or not.

use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

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
    intake, part,
};
use crate::db::{
    Fault, Outcome,
    fence::{Check, Fence, Permit, fenced},
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

/// A request, and under which term it was made.
type Permitted = (Permit, Asked);

/// Hands requests to the task. When the last handle goes away the task ends.
#[derive(Clone)]
pub(in crate::db) struct Writer {
    requests: mpsc::Sender<Permitted>,
    fence: Fence,
}

impl Writer {
    /// A writer, and the work that has to be polled for it.
    pub(super) fn new(
        connector: Connector,
        conn: Conn,
        patience: Duration,
        fence: Fence,
    ) -> (Self, Work) {
        let (requests, queue) = mpsc::channel(QUEUE);
        let away = Away { pause: PAUSE_MIN, until: None };
        let kept = fence.clone();
        let work = Work { connector, conn: Some(conn), away, patience, fence: kept, queue };
        (Self { requests, fence }, work)
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
        self.requests.send((self.fence.permit(), asked)).await.map_err(gone)?;
        let lost = |_| port::Error::new(Kind::Ambiguous, "the database's writer broke off");
        answer.await.map_err(lost)?
    }

    /// Waits until all that was asked for before is done.
    pub(in crate::db) async fn drain(&self) {
        let nothing = self.write(Shape::Parts, |_| async { Ok(()) }.boxed()).await;
        if let Err(error) = nothing
            && error.kind != Kind::Fenced
        {
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
    fence: Fence,
    queue: mpsc::Receiver<Permitted>,
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
            let check = self.fence.check();
            let group = permitted(std::mem::take(&mut group), check.permit);
            if group.is_empty() {
                continue;
            }
            let Some(mut conn) = self.begin(check).await else {
                // A server that is away fences nobody; a fence that refused us has ended our term.
                let is_fenced = self.fence.permit() != check.permit;
                let away = || port::Error::transient("the database cannot be reached");
                refuse(group, if is_fenced { fenced } else { away });
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
    async fn begin(&mut self, check: Check) -> Option<Conn> {
        if let Some(mut conn) = self.conn.take() {
            match begin(&mut conn, self.patience, check).await {
                Begun::Yes => return Some(conn),
                Begun::Fenced(clean) => {
                    self.conn = (clean == Clean::Yes).then_some(conn);
                    self.end(check);
                    return None;
                }
                Begun::No => {}
            }
        }
        if self.away.until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        match self.connector.connect(Role::Writer).await {
            Ok(mut conn) => {
                self.away = Away { pause: PAUSE_MIN, until: None };
                match begin(&mut conn, self.patience, check).await {
                    Begun::Yes => Some(conn),
                    Begun::Fenced(_) => {
                        self.end(check);
                        None
                    }
                    Begun::No => None,
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the database is away");
                self.away.until = Some(Instant::now() + self.away.pause);
                self.away.pause = (self.away.pause * 2).min(PAUSE_MAX);
                None
            }
        }
    }

    /// Another node has taken this one over.
    fn end(&self, check: Check) {
        if let Permit::Epoch(epoch) = check.permit {
            tracing::warn!("this node was taken over: nothing of its term is written any more");
            self.fence.end(epoch);
        }
    }
}

/// Those that were asked for under the term that there is now. The others are refused: what they were
/// decided on may belong to another node by now.
fn permitted(group: Vec<Permitted>, now: Permit) -> Vec<Asked> {
    let (asked, late): (Vec<_>, Vec<_>) =
        group.into_iter().partition(|(permit, _)| *permit == now && *permit != Permit::None);
    refuse(late.into_iter().map(|(_, request)| request), fenced);
    asked.into_iter().map(|(_, request)| request).collect()
}

fn refuse(group: impl IntoIterator<Item = Asked>, why: impl Fn() -> port::Error) {
    for asked in group {
        asked.refuse(why());
    }
}

/// How a transaction began.
enum Begun {
    Yes,
    /// The node was taken over.
    Fenced(Clean),
    No,
}

async fn begin(conn: &mut Conn, patience: Duration, check: Check) -> Begun {
    // One round trip, however it begins.
    let begun = match check.permit {
        Permit::Epoch(epoch) => {
            let begin = format!("BEGIN; SELECT fence('{}', {epoch})", check.node);
            bounded(patience, part::execute(conn, &begin)).await
        }
        Permit::Free | Permit::None => bounded(patience, part::execute(conn, "BEGIN")).await,
    };
    match begun {
        Ok(()) => Begun::Yes,
        Err(fault) if fault.is_fenced() => {
            let clean = bounded(patience, part::execute(conn, "ROLLBACK")).await.is_ok();
            Begun::Fenced(if clean { Clean::Yes } else { Clean::No })
        }
        Err(fault) => {
            tracing::warn!(error = %fault, "no transaction could be begun");
            Begun::No
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
