//! One user's gallery and conversation: where the person stands, and the part of the gallery in view.
//!
//! Born by the user's next update, retired when idle. A turn decides on copies, commits once, and
//! replies; it awaits only the store and the actors below. What was not committed did not happen.
//!
//! Lost on a crash: the window of cards and whatever the turn had not committed. The update is in the
//! inbox still and is handed to a new gallery.

pub mod message;
mod screen;
mod turn;
mod window;

use std::{rc::Rc, sync::Arc};

use actix::{
    Actor as ActixActor, ActorContext, ActorFutureExt, AtomicResponse, Context, Handler, WrapFuture,
};
use tokio::time::timeout;
use tracing::Instrument;

pub use message::{Error, TakeUpdate};

use crate::{
    address::Address,
    ask::Ask,
    domain::{conversation::Conversation, id::UserId, person::Person},
    ledger,
    port::Ports,
    shop::Shop,
    tracker, writer,
};
use window::Window;

/// What every gallery works with. Shared by all of them.
pub struct Deps {
    pub ports: Ports,
    pub shop: Arc<Shop>,
    pub ledger: Address<ledger::Actor>,
    pub tracker: Address<tracker::Actor>,
    pub writer: Address<writer::Actor>,
    /// Messages that may wait for one gallery.
    pub mailbox: usize,
}

/// What a gallery knows of its user; read from the store by the first turn.
#[derive(Clone)]
struct Known {
    person: Person,
    conversation: Conversation,
    window: Option<Window>,
}

/// The actor.
pub struct Actor {
    user: UserId,
    deps: Rc<Deps>,
    /// Boxed: an idle gallery that was told to forget takes almost no memory.
    known: Option<Box<Known>>,
}

impl Actor {
    pub fn new(user: UserId, deps: Rc<Deps>) -> Self {
        Self { user, deps, known: None }
    }
}

impl ActixActor for Actor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(self.deps.mailbox);
    }
}

impl Handler<Ask<TakeUpdate>> for Actor {
    type Result = AtomicResponse<Self, ()>;

    fn handle(&mut self, ask: Ask<TakeUpdate>, _ctx: &mut Self::Context) -> Self::Result {
        let span = ask.span.clone();
        let (TakeUpdate { update }, mut reply) = ask.split();
        let (user, deps, known) = (self.user, self.deps.clone(), self.known.take());
        let deadline = deps.shop.terms.turn_deadline;
        let turn = async move {
            let turn = timeout(deadline, turn::take(&deps, user, known, update));
            let outcome = tokio::select! {
                biased;
                outcome = turn => outcome.ok(),
                // The session was restarted and hands the update to another gallery.
                () = reply.closed() => None,
            };
            // None: the asker hears `Closed`. A turn past its deadline is a crash.
            outcome.map(|(known, answer)| {
                reply.send(answer);
                known
            })
        };
        let turn =
            turn.instrument(span).into_actor(self).map(
                |known, actor: &mut Self, ctx| match known {
                    Some(known) => actor.known = known,
                    None => ctx.stop(),
                },
            );
        AtomicResponse::new(Box::pin(turn))
    }
}
