//! The session's look at the rows: all of them at the start, what others put in ever after; and the
//! retirement of who is idle.

use std::{cmp::Reverse, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use super::{Actor, PAGE, WAITING_MAX};
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

    /// Reads all open updates once, then the outbox, and only then takes anything in.
    pub(super) fn load(&mut self, after: Seq, ctx: &mut Context<Self>) {
        let store = self.deps.ports.store.clone();
        let read = async move {
            loop {
                match store.open_items(after, PAGE).await {
                    Ok(items) => return items,
                    Err(error) => {
                        tracing::warn!(%error, "the inbox cannot be read yet");
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            }
        };
        ctx.spawn(read.into_actor(self).map(|items, actor, ctx| {
            let last = items.last().map(|item| item.seq);
            let is_full = items.len() == PAGE;
            items.into_iter().for_each(|item| actor.enqueue(item));
            match last {
                Some(last) if is_full => actor.load(last, ctx),
                _ => {
                    actor.ready = true;
                    actor.take_in();
                    actor.look_for_entries(ctx);
                    actor.tick(ctx);
                }
            }
        }));
    }

    pub(super) fn tick(&mut self, ctx: &mut Context<Self>) {
        self.look_for_entries(ctx);
        self.retire_idle();
        let store = self.deps.ports.store.clone();
        let again = std::mem::take(&mut self.look_again);
        self.let_go.clear();
        let read = async move { unseen_items(store.as_ref(), again).await };
        ctx.spawn(read.into_actor(self).map(move |items, actor, ctx| {
            match items {
                Ok(items) => {
                    let open = items.into_iter().filter(|item| !actor.let_go.contains(&item.seq));
                    let open: Vec<InboxItem> = open.collect();
                    open.into_iter().for_each(|item| actor.enqueue(item));
                }
                Err(error) => {
                    tracing::warn!(%error, "the inbox cannot be read");
                    actor.look_again |= again;
                }
            }
            ctx.run_later(actor.deps.tick, |actor, ctx| actor.tick(ctx));
        }));
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

/// What the command line put into the inbox. Telegram's own updates come through the intake, except
/// where a restart fell between their commit and its answer: then Telegram sends them once more, and
/// `all` open rows are looked at.
async fn unseen_items(store: &dyn port::Store, all: bool) -> port::Result<Vec<InboxItem>> {
    if all {
        return store.open_items(Seq(0), WAITING_MAX).await;
    }
    store.open_items_from(Source::Operator, PAGE).await
}
