//! The session's outbox: rows read, entries sent, failures counted.

use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use super::{
    Actor, PAGE, WAITING_MAX,
    deliver::{Delivered, Progressed},
};
use crate::{
    domain::{id::OutboxId, outbox::OutboxEntry},
    port::{self, ItemFault},
    tracker::ProgressChanged,
};

/// Whether older entries are looked at too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnlyNew {
    Yes,
    No,
}

/// Reading one row takes no longer.
const READ_MAX: Duration = Duration::from_secs(60);

impl Actor {
    /// Reads what is owed: what was put in lately, or all. One number may be committed after a higher one
    /// of another process, so that only a look at all of them misses none.
    pub(super) fn look_for_entries(&mut self, only_new: OnlyNew, ctx: &mut Context<Self>) {
        if self.reading_entries {
            self.entries_wanted = true;
            return;
        }
        self.reading_entries = true;
        self.entries_wanted = false;
        self.let_go_entries.clear();
        let after = match only_new {
            OnlyNew::Yes => self.newest_entry,
            OnlyNew::No => OutboxId(0),
        };
        let (store, losses) = (self.deps.ports.store.clone(), self.losses);
        let read = async move { open_entries(store.as_ref(), after).await };
        ctx.spawn(read.into_actor(self).map(move |entries, actor, ctx| {
            actor.reading_entries = false;
            match entries {
                Ok(entries) if losses == actor.losses => {
                    entries.into_iter().for_each(|entry| actor.owe(entry));
                }
                Ok(_from_before) => actor.entries_wanted = true,
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot be read");
                    actor.entries_wanted = false;
                }
            }
            if actor.entries_wanted {
                actor.look_for_entries(OnlyNew::No, ctx);
            }
        }));
    }

    fn owe(&mut self, entry: OutboxEntry) {
        let user = entry.user;
        if !self.deps.ports.lanes.has(user) || self.let_go_entries.contains(&entry.id) {
            return;
        }
        self.newest_entry = self.newest_entry.max(entry.id);
        self.lane(user).owe(entry);
        self.work(user);
    }

    /// An entry is settled or set aside.
    fn let_go_of_entry(&mut self, entry: &OutboxEntry) {
        self.lane(entry.user).entries.remove(&entry.id);
        self.let_go_entries.insert(entry.id);
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
                if let Some(took) = told.took {
                    self.traffic.pictures.add(took);
                }
                self.let_go_of_entry(&entry);
                let lane = self.lane(user);
                lane.heard(told);
                lane.busy = false;
                lane.parcels_after = None;
                self.work(user);
            }
            Delivered::Later(pause) => self.owe_later(entry, pause, ctx),
            Delivered::Failed(reason) => {
                let ports = self.deps.ports.clone();
                let (failed, lane) = (entry.clone(), self.lane(user).id);
                let count = async move { ports.store.fail_entry(failed.id, &reason).await };
                ctx.spawn(count.into_actor(self).map(move |fault, actor, ctx| match fault {
                    _ if !actor.is_lane(user, lane) => {}
                    Ok(ItemFault::Quarantined) => {
                        tracing::error!(entry = entry.id.0, "an outbox entry was set aside");
                        actor.traffic.quarantined += 1;
                        actor.let_go_of_entry(&entry);
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
        let lane_id = lane.id;
        lane.busy = false;
        // Nothing overtakes it while its row is read; a read that is lost must not stop the lane.
        let until = Instant::now() + pause;
        lane.parcels_after = Some(until + READ_MAX);
        // It may have been placed meanwhile: read again rather than kept.
        let read = async move { ports.store.open_entries(OutboxId(id.0 - 1), 1).await };
        ctx.spawn(read.into_actor(self).map(move |rows, actor, ctx| {
            if !actor.is_lane(user, lane_id) {
                return;
            }
            let row = match rows {
                Ok(rows) => rows.into_iter().find(|row| row.id == id),
                Err(_unread) => Some(entry.clone()),
            };
            match row {
                Some(row) => actor.lane(user).parcels.push_front(row),
                // It was settled after all, only the answer was lost.
                None => actor.let_go_of_entry(&entry),
            }
            actor.lane(user).parcels_after = Some(until);
            actor.wake_later(user, until.saturating_duration_since(Instant::now()), ctx);
        }));
        self.work(user);
    }
}

/// All open entries after this one, page by page.
async fn open_entries(store: &dyn port::Store, after: OutboxId) -> port::Result<Vec<OutboxEntry>> {
    let (mut all, mut after) = (Vec::new(), after);
    loop {
        let page = store.open_entries(after, PAGE).await?;
        let is_last = page.len() < PAGE || all.len() >= WAITING_MAX;
        after = page.last().map_or(after, |entry| entry.id);
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
