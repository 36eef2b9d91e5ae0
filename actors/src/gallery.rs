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
use serde::{Deserialize, Serialize};
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
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    person: Person,
    conversation: Conversation,
    window: Option<Window>,
}

/// [`Known`] between two turns, in one piece of memory. Almost all galleries rest at any moment, and what
/// they know lives long: as some dozens of small strings it would pin the holes between what comes and goes.
struct Packed(Box<[u8]>);

impl Packed {
    /// None, which does not happen with our own types, means that the next turn reads the store.
    fn new(known: &Known) -> Option<Self> {
        postcard::to_stdvec(known).ok().map(|bytes| Self(bytes.into_boxed_slice()))
    }

    fn open(self) -> Option<Known> {
        postcard::from_bytes(&self.0).ok()
    }
}

/// The actor.
pub struct Actor {
    user: UserId,
    deps: Rc<Deps>,
    known: Option<Packed>,
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

#[cfg(test)]
mod tests {
    use super::{Known, Packed, window};
    use crate::domain::{
        conversation::{Conversation, Draft, Offer, Screen},
        id::{GenerationId, IntentId, ModelId, PictureId, UserId},
        ledger::Credits,
        person::{Person, Profile},
        picture::{Dates, Filters},
        text::Language,
        time::{Offset, Timestamp},
    };

    /// A type whose own serialization cannot be read back without names would be read from the store at
    /// every turn, and nobody would notice.
    #[test]
    fn what_rests_is_known_again() {
        let model = ModelId::parse("imagen-4").unwrap();
        let picture = PictureId { generation: GenerationId(uuid::Uuid::from_u128(7)), n: 2 };
        let offer = Offer { intent: IntentId(u64::MAX), model: model.clone(), total: Credits(20) };
        let known = Known {
            person: Person {
                profile: Profile {
                    id: UserId(-7),
                    first_name: "Анна".to_owned(),
                    username: Some("ann".to_owned()),
                    language_code: None,
                },
                blocked: false,
                stopped: true,
                created_at: Timestamp(i64::MAX),
                gallery_version: 9,
            },
            conversation: Conversation {
                language: Some(Language::Ru),
                offset: Offset::default(),
                stack: vec![
                    Screen::History { before: i64::MIN },
                    Screen::Progress(picture.generation),
                    Screen::Gallery(Some(picture)),
                ],
                draft: Draft {
                    model: Some(model.clone()),
                    prompt: Some("кот \u{0} 🐈".to_owned()),
                    ratio: Some("16:9".to_owned()),
                    resolution: None,
                    count: Some(4),
                    offer: Some(offer),
                },
                filters: Filters { model: Some(model), dates: Some(Dates::Week), favourites: true },
            },
            window: Some(window::tests::any()),
        };
        let again = Packed::new(&known).unwrap().open().unwrap();
        assert_eq!(format!("{again:?}"), format!("{known:?}"));
    }
}
