//! Lanes that go to another node: left in peace, or lost.

use actix::{Context, Handler};

use super::{Actor, DropLanes, LanesGained, LeaveLanes, outgoing::OnlyNew};
use crate::{
    ask::{Ask, Told},
    domain::id::UserId,
};

impl Actor {
    /// Puts a user's lane away once nothing of it is in hand. What waits is in the rows.
    pub(super) fn abandon(&mut self, user: UserId) {
        if self.lanes.get(&user).is_some_and(|lane| !lane.busy)
            && let Some(lane) = self.lanes.remove(&user)
        {
            for queued in lane.updates {
                self.held.remove(&queued.item.seq);
            }
        }
        self.retire_lost();
        self.finish_leaving();
        if self.draining {
            self.finish_drain();
        }
    }

    /// Answers those whose lanes are left: nothing of them is in hand, or being marked as done.
    pub(super) fn finish_leaving(&mut self) {
        if self.leaving.is_empty() {
            return;
        }
        let (left, leaving): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.leaving).into_iter().partition(|(lanes, _)| {
                let in_hand = self.lanes.keys().any(|user| lanes.has_user(*user));
                !in_hand && !self.held.values().any(|user| lanes.has_user(*user))
            });
        self.leaving = leaving;
        left.into_iter().for_each(|(_, reply)| reply.send(()));
    }
}

impl Handler<Ask<LeaveLanes>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<LeaveLanes>, _ctx: &mut Self::Context) {
        let (LeaveLanes(lanes), reply) = ask.split();
        self.losses += 1;
        let users: Vec<UserId> =
            self.lanes.keys().copied().filter(|user| lanes.has_user(*user)).collect();
        users.into_iter().for_each(|user| self.abandon(user));
        self.leaving.push((lanes, reply));
        self.finish_leaving();
    }
}

impl Handler<Ask<DropLanes>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<DropLanes>, _ctx: &mut Self::Context) {
        let (DropLanes(lanes), reply) = ask.split();
        self.losses += 1;
        self.lanes.retain(|user, lane| {
            if !lanes.has_user(*user) {
                return true;
            }
            // The gallery sees that nobody waits for its answer any more, and drops the turn.
            if let Some(task) = &lane.task {
                task.abort();
            }
            false
        });
        self.retire_lost();
        self.held.retain(|_, user| !lanes.has_user(*user));
        self.finished.retain(|seq| self.held.contains_key(seq));
        self.finish_leaving();
        if self.draining {
            self.finish_drain();
        }
        reply.send(());
    }
}

impl Handler<Told<LanesGained>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<LanesGained>, ctx: &mut Context<Self>) {
        let LanesGained = told.open();
        self.direct = false;
        self.look(ctx);
        self.look_for_entries(OnlyNew::No, ctx);
    }
}
