//! The tracker's look at the rows.

use std::collections::HashSet;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use super::{Actor, Job};
use crate::{
    domain::{generation::Generation, id::UserId},
    port::Error,
};

impl Actor {
    /// Reads all rows now and then.
    pub(super) fn rescan(&mut self, ctx: &mut Context<Self>) {
        self.read_rows(ctx);
        ctx.run_later(self.deps.rescan, |actor, ctx| actor.rescan(ctx));
    }

    /// Reads all open rows and takes on those that are not known yet.
    pub(super) fn read_rows(&mut self, ctx: &mut Context<Self>) {
        self.ended_before = std::mem::take(&mut self.ended);
        let waiting: HashSet<UserId> = self.jobs.values().map(|job| job.row.user).collect();
        self.served.retain(|user, _| waiting.contains(user));
        let (store, losses) = (self.deps.ports.store.clone(), self.losses);
        let others = self.deps.ports.lanes.has_others();
        let read = async move {
            let rows = store.live_generations().await?;
            // Only beside other nodes: alone, the rows are the whole line.
            let line = if others { store.line().await? } else { Vec::new() };
            Ok::<_, Error>((rows, line))
        };
        ctx.spawn(read.into_actor(self).map(move |rows, actor, ctx| {
            match rows {
                Ok(_) if losses != actor.losses => actor.read_rows(ctx),
                Ok((rows, line)) => {
                    actor.ready = true;
                    let lanes = &actor.deps.ports.lanes;
                    let elsewhere = line.into_iter().filter(|one| !lanes.has(one.generation.user));
                    actor.elsewhere = elsewhere.collect();
                    for row in rows {
                        actor.take_on(row);
                    }
                }
                Err(error) => tracing::warn!(%error, "the open generations cannot be read"),
            }
            actor.reconcile(ctx);
        }));
    }

    pub(super) fn take_on(&mut self, row: Generation) {
        let ended = self.ended.contains(&row.id) || self.ended_before.contains(&row.id);
        if row.state.is_open() && !ended && self.deps.ports.lanes.has(row.user) {
            let made = &mut self.jobs_made;
            self.jobs.entry(row.id).or_insert_with(|| {
                *made += 1;
                Job::new(*made, row, Instant::now())
            });
        }
    }
}
