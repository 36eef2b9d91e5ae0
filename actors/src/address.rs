//! Where actors are reached: the address of a supervised one counts what is sent to it.

use std::{fmt, sync::Arc};

use actix::{Actor, Addr, Handler, Recipient, dev::ToEnvelope};

use crate::{ask::Told, census::Mailbox, vitals::Vitals};

/// Something that a message can be sent to.
pub trait Reach {
    type Actor: Actor;

    fn addr(&self) -> &Addr<Self::Actor>;

    #[doc(hidden)]
    fn counter(&self) -> Counter<'_>;
}

/// Where messages are counted, if anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Counter<'a>(pub(crate) Option<&'a Arc<Vitals>>);

impl<A: Actor> Reach for Addr<A> {
    type Actor = A;

    fn addr(&self) -> &Self {
        self
    }

    fn counter(&self) -> Counter<'_> {
        Counter(None)
    }
}

/// A supervised actor's address.
pub struct Address<A: Actor> {
    addr: Addr<A>,
    vitals: Arc<Vitals>,
}

impl<A: Actor> Address<A> {
    pub(crate) fn new(addr: Addr<A>, vitals: Arc<Vitals>) -> Self {
        Self { addr, vitals }
    }

    /// How full its mailbox is.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox { len: self.vitals.seen().waiting, bound: self.vitals.bound }
    }

    pub(crate) fn vitals(&self) -> &Arc<Vitals> {
        &self.vitals
    }

    /// The same for those who know only one of its events.
    pub fn listener<M>(&self) -> Listener<M>
    where
        A: Handler<Told<M>>,
        A::Context: ToEnvelope<A, Told<M>>,
        M: Send + 'static,
    {
        Listener { recipient: self.addr.clone().recipient(), vitals: self.vitals.clone() }
    }
}

impl<A: Actor> Reach for Address<A> {
    type Actor = A;

    fn addr(&self) -> &Addr<A> {
        &self.addr
    }

    fn counter(&self) -> Counter<'_> {
        Counter(Some(&self.vitals))
    }
}

impl<A: Actor> Clone for Address<A> {
    fn clone(&self) -> Self {
        Self { addr: self.addr.clone(), vitals: self.vitals.clone() }
    }
}

impl<A: Actor> fmt::Debug for Address<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.vitals.child)
    }
}

/// Whoever hears of one kind of event.
pub struct Listener<M: Send + 'static> {
    pub(crate) recipient: Recipient<Told<M>>,
    pub(crate) vitals: Arc<Vitals>,
}

impl<M: Send + 'static> fmt::Debug for Listener<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({})", self.vitals.child)
    }
}
