//! Generations whose lanes go to another node: left in peace, or lost.

use actix::Handler;

use super::{Actor, Error, LanesDropped, LanesLeft};
use crate::{
    ask::Ask,
    domain::{id::GenerationId, lane::LaneSet},
    port::{self, Kind},
};

/// Another node drives it.
pub(super) fn fenced() -> Error {
    Error::Unavailable(port::Error::new(Kind::Fenced, "the lane of this generation was lost"))
}

impl Actor {
    /// Forgets what is not ours and not in hand, and answers those who wait for that.
    pub(super) fn forget_left(&mut self) {
        if self.leaving.is_empty() {
            return;
        }
        let left: LaneSet =
            self.leaving.iter().fold(LaneSet::NONE, |all, (some, _)| all.with(*some));
        self.forget(|job| left.has_user(job.row.user) && !job.busy);
        let jobs = &self.jobs;
        let (left, leaving): (Vec<_>, Vec<_>) = std::mem::take(&mut self.leaving)
            .into_iter()
            .partition(|(lanes, _)| !jobs.values().any(|job| lanes.has_user(job.row.user)));
        self.leaving = leaving;
        left.into_iter().for_each(|(_, reply)| reply.send(()));
    }

    fn forget(&mut self, is_lost: impl Fn(&super::Job) -> bool) {
        let lost = self.jobs.iter().filter(|(_, job)| is_lost(job));
        let lost: Vec<GenerationId> = lost.map(|(id, _)| *id).collect();
        for id in lost {
            let cancels = self.jobs.remove(&id).map(|job| job.cancels).unwrap_or_default();
            cancels.into_iter().for_each(|reply| reply.send(Err(fenced())));
        }
    }
}

impl Handler<Ask<LanesLeft>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<LanesLeft>, _ctx: &mut Self::Context) {
        let (LanesLeft(lanes), reply) = ask.split();
        self.losses += 1;
        self.leaving.push((lanes, reply));
        // A wish to cancel waits for a step that does not begin any more.
        for job in self.jobs.values_mut().filter(|job| lanes.has_user(job.row.user)) {
            job.cancels.drain(..).for_each(|reply| reply.send(Err(fenced())));
        }
        self.forget_left();
    }
}

impl Handler<Ask<LanesDropped>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<LanesDropped>, _ctx: &mut Self::Context) {
        let (LanesDropped(lanes), reply) = ask.split();
        self.losses += 1;
        // Steps that are under way cannot commit any more, and their end is not heard.
        self.forget(|job| lanes.has_user(job.row.user));
        self.forget_left();
        reply.send(());
    }
}
