//! What is asked of a writer.

use aisha_actors::port::{self, Kind};
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use super::{Fault, Outcome};

/// Whether a request can leave half of itself behind when a statement of it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One statement.
    One,
    /// One statement that nothing in the schema can refuse.
    Sure,
    /// The same for many rows: one statement where the database takes them as a set.
    Set,
    /// It begins parts of its own, and takes back what it does not answer for.
    Parts,
    /// Several statements.
    Several,
}

/// What a writer does for one caller, on its connection.
pub(super) trait Request<C>: Send {
    fn shape(&self) -> Shape;

    /// Does the work and keeps the result.
    ///
    /// # Errors
    /// The statements before it do not count either: the transaction must be rolled back.
    fn run<'c>(&'c mut self, conn: &'c mut C) -> BoxFuture<'c, Outcome<Kept>>;

    /// Answers the caller: with what was kept, or with the error of the whole transaction.
    fn answer(self: Box<Self>, committed: port::Result<()>);
}

/// Whether what a request did stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

struct Asked<F, R> {
    shape: Shape,
    body: Option<F>,
    result: Option<port::Result<R>>,
    reply: oneshot::Sender<port::Result<R>>,
    ends_transaction: fn(&Fault) -> bool,
}

/// A request that runs `body` and answers with what it gives.
pub(super) fn request<C, F, R>(
    shape: Shape,
    ends_transaction: fn(&Fault) -> bool,
    body: F,
) -> (Box<dyn Request<C>>, oneshot::Receiver<port::Result<R>>)
where
    C: Send,
    F: for<'c> FnOnce(&'c mut C) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
    R: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Asked { shape, body: Some(body), result: None, reply, ends_transaction }), answer)
}

impl<C, F, R> Request<C> for Asked<F, R>
where
    C: Send,
    F: for<'c> FnOnce(&'c mut C) -> BoxFuture<'c, Outcome<R>> + Send,
    R: Send,
{
    fn shape(&self) -> Shape {
        self.shape
    }

    fn run<'c>(&'c mut self, conn: &'c mut C) -> BoxFuture<'c, Outcome<Kept>> {
        async move {
            let Some(body) = self.body.take() else { return Ok(Kept::No) };
            match body(conn).await {
                Ok(result) => {
                    self.result = Some(Ok(result));
                    Ok(Kept::Yes)
                }
                Err(fault) if (self.ends_transaction)(&fault) => Err(fault),
                Err(fault) => {
                    self.result = Some(Err(fault.into()));
                    Ok(Kept::No)
                }
            }
        }
        .boxed()
    }

    fn answer(self: Box<Self>, committed: port::Result<()>) {
        let nothing = || Err(port::Error::new(Kind::Transient, "the request was not carried out"));
        let result = match (committed, self.result) {
            // An error of the request itself stands, whatever became of the others.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), result) => result.unwrap_or_else(nothing),
            (Err(error), _) => Err(error),
        };
        // Whoever asked may have given up.
        drop(self.reply.send(result));
    }
}
