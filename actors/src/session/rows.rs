//! The session's look at the rows: all of them at the start, what others put in ever after; and the
//! retirement of who is idle.

use std::{cmp::Reverse, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use super::{Actor, PAGE, WAITING_MAX, outgoing::OnlyNew};
use crate::{
    domain::id::{Seq, UserId},
    port::{self, InboxItem, Source},
};

impl Actor {
    /// Looks at a lane now and again after a pause. One timer for all: an actor's context polls each of
    /// its futures with every message, and thousands of lanes may rest at once.
    pub(super) fn wake_later(&mut self, user: UserId, pause: Duration, ctx: &mut Context<Self>) {
        self.wakes.push(Reverse((Instant::now() + pause, user)));
        self.set_alarm(ctx);
        self.work(user);
    }

    fn set_alarm(&mut self, ctx: &mut Context<Self>) {
        let Some(Reverse((next, _))) = self.wakes.peek().copied() else { return };
        if let Some((set, handle)) = self.alarm.take() {
            if set <= next {
                self.alarm = Some((set, handle));
                return;
            }
            ctx.cancel_future(handle);
        }
        let wait = next.saturating_duration_since(Instant::now());
        let handle = ctx.run_later(wait, |actor, ctx| {
            actor.alarm = None;
            let now = Instant::now();
            while let Some(Reverse((at, user))) = actor.wakes.peek().copied()
                && at <= now
            {
                actor.wakes.pop();
                actor.work(user);
            }
            actor.set_alarm(ctx);
        });
        self.alarm = Some((next, handle));
    }

    /// Reads the rows and takes on what is ours and not held yet. The first look, one beside other nodes,
    /// and one after a repeat are at all open rows; else only the command line puts in something unseen.
    pub(super) fn look(&mut self, ctx: &mut Context<Self>) {
        if self.looking {
            self.look_wanted = true;
            return;
        }
        self.looking = true;
        self.look_wanted = false;
        self.let_go.clear();
        let has_others = self.deps.ports.lanes.has_others();
        let all = !self.direct || has_others || std::mem::take(&mut self.look_again);
        let (store, losses) = (self.deps.ports.store.clone(), self.losses);
        let read = async move {
            match all {
                true => open_items(store.as_ref()).await,
                false => store.open_items_from(Source::Operator, PAGE).await,
            }
        };
        ctx.spawn(read.into_actor(self).map(move |items, actor, ctx| {
            actor.looking = false;
            match items {
                Ok(items) if losses == actor.losses => {
                    let open = items.into_iter().filter(|item| !actor.let_go.contains(&item.seq));
                    let open: Vec<InboxItem> = open.collect();
                    open.into_iter().for_each(|item| actor.enqueue(item));
                    if all {
                        actor.direct = !has_others && !actor.deps.ports.lanes.has_others();
                        actor.ready = true;
                        actor.take_in();
                    }
                }
                Ok(_from_before) => actor.look_wanted = true,
                Err(error) => {
                    tracing::warn!(%error, "the inbox cannot be read");
                    actor.look_again |= all;
                    actor.look_wanted = false;
                }
            }
            if actor.look_wanted {
                actor.look(ctx);
            }
        }));
    }

    pub(super) fn tick(&mut self, ctx: &mut Context<Self>) {
        self.direct &= !self.deps.ports.lanes.has_others();
        self.look_for_entries(OnlyNew::No, ctx);
        self.retire_idle();
        self.look(ctx);
        let wait = if self.direct || self.deps.tick < self.deps.look {
            self.deps.tick
        } else {
            self.deps.look
        };
        ctx.run_later(wait, |actor, ctx| actor.tick(ctx));
    }

    /// Only idle lanes are put away: what waits is never dropped.
    pub(super) fn retire_idle(&mut self) {
        let now = Instant::now();
        let idle = self.deps.idle;
        self.lanes.retain(|_, lane| !lane.is_idle() || now.duration_since(lane.last_used) < idle);
        let surplus = self.lanes.len().saturating_sub(self.deps.live_max);
        if surplus > 0 {
            let idle = self.lanes.iter().filter(|(_, lane)| lane.is_idle());
            let mut oldest: Vec<_> = idle.map(|(user, lane)| (lane.last_used, *user)).collect();
            oldest.sort_unstable();
            for (_, user) in oldest.into_iter().take(surplus) {
                self.lanes.remove(&user);
            }
        }
    }
}

/// All open updates, page by page.
async fn open_items(store: &dyn port::Store) -> port::Result<Vec<InboxItem>> {
    let (mut all, mut after) = (Vec::new(), Seq(0));
    loop {
        let page = store.open_items(after, PAGE).await?;
        let is_last = page.len() < PAGE || all.len() >= WAITING_MAX;
        after = page.last().map_or(after, |item| item.seq);
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
