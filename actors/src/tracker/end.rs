//! The operator ends a generation.

use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use tokio::time::Instant;

use super::{Actor, EndGeneration, Error, lost};
use crate::{
    ask::{Ask, Reply},
    domain::generation::State,
};

impl Actor {
    fn end(
        &mut self,
        wish: EndGeneration,
        reply: Reply<Result<(), Error>>,
        ctx: &mut Context<Self>,
    ) {
        let Some(job) = self.jobs.get_mut(&wish.id) else {
            reply.send(Err(Error::NotFound));
            return;
        };
        if !self.deps.ports.lanes.has(job.row.user) {
            reply.send(Err(lost::fenced()));
            return;
        }
        // A step under way is finished first; then the wish is read.
        if wish.at_once {
            job.hints.release = true;
            job.due = Instant::now();
        } else if matches!(job.row.state, State::Reserved | State::Submitting | State::Queued) {
            job.hints.cancel = true;
            job.due = Instant::now();
        }
        reply.send(Ok(()));
        self.reconcile(ctx);
    }
}

impl Handler<Ask<EndGeneration>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<EndGeneration>, ctx: &mut Self::Context) {
        let (wish, reply) = ask.split();
        if self.jobs.get(&wish.id).is_some_and(|job| job.row.user == wish.user) {
            self.end(wish, reply, ctx);
            return;
        }
        let store = self.deps.ports.store.clone();
        let read = async move { store.generation(wish.id).await };
        ctx.spawn(read.into_actor(self).map(move |row, actor, ctx| match row {
            Ok(Some(row)) if !actor.deps.ports.lanes.has(row.user) => {
                reply.send(Err(lost::fenced()));
            }
            Ok(Some(row)) if row.user == wish.user && row.state.is_open() => {
                actor.take_on(row);
                actor.end(wish, reply, ctx);
            }
            Ok(_) => reply.send(Err(Error::NotFound)),
            Err(error) => reply.send(Err(error.into())),
        }));
    }
}
