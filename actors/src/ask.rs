//! How actors talk: bounded, with a deadline, and with the loss said aloud.
//!
//! actix's own `send` and `do_send` ignore a mailbox's bound, and a lost reply looks like any other
//! error. Here a request travels in an [`Ask`] with its own reply channel through `try_send`, so that
//! a full mailbox is an answer.

use std::time::Duration;

use actix::{Actor, Handler, Message, dev::ToEnvelope, prelude::SendError};
use tokio::sync::oneshot;
use tracing::Span;

use crate::{
    address::{Listener, Reach},
    vitals::Letter,
};

/// A command or a query: something with an answer.
pub trait Request: Send + 'static {
    type Reply: Send + 'static;
}

/// A request on its way, with the place for its answer and the span it belongs to.
#[derive(Debug)]
pub struct Ask<R: Request> {
    pub request: R,
    pub span: Span,
    reply: Reply<R::Reply>,
    /// To an actor whose mailbox is counted.
    letter: Option<Letter>,
}

impl<R: Request> Message for Ask<R> {
    type Result = ();
}

impl<R: Request> Ask<R> {
    /// The request and the place for its answer: work on it begins.
    pub fn split(self) -> (R, Reply<R::Reply>) {
        if let Some(letter) = self.letter {
            letter.open::<R>();
        }
        (self.request, self.reply)
    }
}

/// An event on its way.
#[derive(Debug)]
pub struct Told<M> {
    event: M,
    letter: Option<Letter>,
}

impl<M: 'static> Message for Told<M> {
    type Result = ();
}

impl<M> Told<M> {
    /// The event: work on it begins.
    pub fn open(self) -> M {
        if let Some(letter) = self.letter {
            letter.open::<M>();
        }
        self.event
    }
}

/// Where an answer goes. Dropping it tells the asker that the other side is gone.
#[derive(Debug)]
pub struct Reply<T>(oneshot::Sender<T>);

impl<T> Reply<T> {
    /// Answers. An asker who no longer waits is fine: what was stored is stored.
    pub fn send(self, answer: T) {
        let _gone = self.0.send(answer);
    }

    /// Waits until nobody waits for the answer any more.
    pub async fn closed(&mut self) {
        self.0.closed().await;
    }
}

/// Why there is no answer. Never mixed with a refusal, which is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The mailbox is full: busy, surely not done.
    #[error("the mailbox is full")]
    Full,
    /// The actor is gone or crashed: it may or may not have been done.
    #[error("the actor is gone")]
    Closed,
    /// No answer by the deadline: it may or may not be done yet.
    #[error("no answer by the deadline")]
    Late,
}

/// Sends a request and waits for its answer.
pub async fn ask<T, R>(to: &T, request: R, deadline: Duration) -> Result<R::Reply, AskError>
where
    T: Reach,
    T::Actor: Handler<Ask<R>>,
    <T::Actor as Actor>::Context: ToEnvelope<T::Actor, Ask<R>>,
    R: Request,
{
    let (reply, answer) = oneshot::channel();
    let letter = to.counter().0.map(Letter::to);
    let message = Ask { request, span: Span::current(), reply: Reply(reply), letter };
    to.addr().try_send(message).map_err(|refused| match refused {
        SendError::Full(_) => AskError::Full,
        SendError::Closed(_) => AskError::Closed,
    })?;
    match tokio::time::timeout(deadline, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_dropped)) => Err(AskError::Closed),
        Err(_elapsed) => Err(AskError::Late),
    }
}

/// Tells an event that may be lost: a wake-up. The row is the truth. By reference on purpose: every
/// clone of an address may put one message more into a full mailbox.
pub fn tell<T, M>(to: &T, event: M)
where
    T: Reach,
    T::Actor: Handler<Told<M>>,
    <T::Actor as Actor>::Context: ToEnvelope<T::Actor, Told<M>>,
    M: Send + 'static,
{
    let letter = to.counter().0.map(Letter::to);
    note_loss(to.addr().try_send(Told { event, letter }).is_err());
}

/// The same upwards, to whoever listens.
pub fn tell_listener<M: Send + 'static>(to: &Listener<M>, event: M) {
    let letter = Some(Letter::to(&to.vitals));
    note_loss(to.recipient.try_send(Told { event, letter }).is_err());
}

fn note_loss(lost: bool) {
    if lost {
        tracing::debug!("a wake-up was lost: mailbox full or actor gone");
    }
}
