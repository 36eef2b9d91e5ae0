//! The session's outbox: rows read, entries sent, failures counted.

use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use super::{
    Actor, PAGE,
    deliver::{Delivered, Progressed},
};
use crate::{
    domain::{id::OutboxId, outbox::OutboxEntry},
    port::ItemFault,
    tracker::ProgressChanged,
};

/// Reading one row takes no longer.
const READ_MAX: Duration = Duration::from_secs(60);

impl Actor {
    pub(super) fn look_for_entries(&mut self, ctx: &mut Context<Self>) {
        if self.reading_entries {
            return;
        }
        self.reading_entries = true;
        let (store, after) = (self.deps.ports.store.clone(), self.newest_entry);
        let read = async move { store.open_entries(after, PAGE).await };
        ctx.spawn(read.into_actor(self).map(|entries, actor, ctx| {
            actor.reading_entries = false;
            match entries {
                Ok(entries) => {
                    let is_full = entries.len() == PAGE;
                    for entry in entries {
                        actor.newest_entry = actor.newest_entry.max(entry.id);
                        let user = entry.user;
                        actor.lane(user).owe(entry);
                        actor.work(user);
                    }
                    if is_full {
                        actor.look_for_entries(ctx);
                    }
                }
                Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
            }
        }));
    }

    pub(super) fn delivered(
        &mut self,
        entry: OutboxEntry,
        delivered: Delivered,
        ctx: &mut Context<Self>,
    ) {
        let user = entry.user;
        match delivered {
            Delivered::Done(told) => {
                self.traffic.sent += told.sent;
                let lane = self.lane(user);
                lane.heard(told);
                lane.busy = false;
                lane.parcels_after = None;
                self.work(user);
            }
            Delivered::Later(pause) => self.owe_later(entry, pause, ctx),
            Delivered::Failed(reason) => {
                let ports = self.deps.ports.clone();
                let failed = entry.clone();
                let count = async move { ports.store.fail_entry(failed.id, &reason).await };
                ctx.spawn(count.into_actor(self).map(move |fault, actor, ctx| match fault {
                    Ok(ItemFault::Quarantined) => {
                        tracing::error!(entry = entry.id.0, "an outbox entry was set aside");
                        actor.traffic.quarantined += 1;
                        actor.lane(user).busy = false;
                        actor.work(user);
                    }
                    Ok(ItemFault::Retry { .. }) | Err(_) => {
                        actor.owe_later(entry, Duration::from_secs(1), ctx);
                    }
                }));
            }
        }
    }

    pub(super) fn progressed(
        &mut self,
        news: ProgressChanged,
        progressed: Progressed,
        ctx: &mut Context<Self>,
    ) {
        let user = news.generation.user;
        let lane = self.lane(user);
        lane.busy = false;
        match progressed {
            Progressed::Shown => self.traffic.sent += 1,
            Progressed::Later(pause) => {
                // Newer news came meanwhile: that goes out instead.
                lane.progress.get_or_insert(news);
                lane.progress_after = Some(Instant::now() + pause);
                self.wake_later(user, pause, ctx);
            }
            Progressed::Dropped => {}
        }
        self.work(user);
    }

    pub(super) fn owe_later(
        &mut self,
        entry: OutboxEntry,
        pause: Duration,
        ctx: &mut Context<Self>,
    ) {
        let user = entry.user;
        let ports = self.deps.ports.clone();
        let id = entry.id;
        let lane = self.lane(user);
        lane.busy = false;
        // Nothing overtakes it while its row is read; a read that is lost must not stop the lane.
        let until = Instant::now() + pause;
        lane.parcels_after = Some(until + READ_MAX);
        // It may have been placed meanwhile: read again rather than kept.
        let read = async move { ports.store.open_entries(OutboxId(id.0 - 1), 1).await };
        ctx.spawn(read.into_actor(self).map(move |rows, actor, ctx| {
            let row = match rows {
                Ok(rows) => rows.into_iter().find(|row| row.id == id),
                Err(_unread) => Some(entry),
            };
            // None: it was settled after all, only the answer was lost.
            let lane = actor.lane(user);
            if let Some(row) = row {
                lane.parcels.push_front(row);
            }
            lane.parcels_after = Some(until);
            actor.wake_later(user, until.saturating_duration_since(Instant::now()), ctx);
        }));
        self.work(user);
    }
}
