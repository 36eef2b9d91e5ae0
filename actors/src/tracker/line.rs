//! Who waits for a place at the provider, and whose turn it is.

use std::collections::HashMap;

use tokio::time::Instant;

use super::{Actor, LINE_NEWS, takes_place};
use crate::domain::{
    fair::{self, Waiting},
    generation::{Generation, State},
    id::{GenerationId, UserId},
    screens::studio::Doing,
};
use crate::port::InLine;

impl Actor {
    /// Those who are held and wait for a place here, in the order in which they are served.
    pub(super) fn line(&self) -> Vec<Waiting> {
        self.line_with(&[])
    }

    /// The same among those of other nodes. Every node serves its own line, so this is what is to be
    /// expected, and no promise.
    fn line_with(&self, elsewhere: &[InLine]) -> Vec<Waiting> {
        let mut running: HashMap<UserId, usize> = HashMap::new();
        let mut waiting = Vec::new();
        for one in elsewhere.iter().filter(|one| !self.jobs.contains_key(&one.generation.id)) {
            if one.has_place {
                *running.entry(one.generation.user).or_default() += 1;
            } else {
                waiting.push(one.generation);
            }
        }
        for job in self.jobs.values() {
            if takes_place(job) {
                *running.entry(job.row.user).or_default() += 1;
            } else if job.row.state == State::Reserved {
                let Generation { id, user, created_at, .. } = job.row;
                waiting.push(Waiting { id, user, created_at });
            }
        }
        fair::order(waiting, &running, &self.served)
    }

    /// The first of the line, as many as there are places. Those that are to end need no place.
    pub(super) fn admitted(&mut self, line: &[Waiting], now: Instant) -> Vec<GenerationId> {
        let taken = self.jobs.values().filter(|job| takes_place(job)).count();
        let paused = self.paused_until.is_some_and(|until| until > now);
        let mut free = if paused || !self.ready {
            0
        } else {
            (self.deps.places as usize).saturating_sub(taken)
        };
        let clock = self.deps.ports.clock.now();
        let mut admitted = Vec::new();
        for waiting in line {
            let Some(job) = self.jobs.get(&waiting.id) else { continue };
            let is_over = job.hints.cancel
                || job.hints.release
                || clock >= job.row.deadline_at
                || job.row.attempts >= crate::ATTEMPTS_MAX;
            let is_ours = self.deps.ports.lanes.has(job.row.user);
            if job.busy || !is_ours || (job.due > now && !is_over) {
                continue;
            }
            if is_over {
                admitted.push(waiting.id);
            } else if free > 0 {
                free -= 1;
                self.turns += 1;
                self.served.insert(waiting.user, self.turns);
                admitted.push(waiting.id);
            }
        }
        admitted
    }

    /// Tells those who go on waiting how many are before them: in the line and at the provider.
    pub(super) fn tell_line(&mut self, line: &[Waiting], ready: &[GenerationId], now: Instant) {
        let taken_elsewhere = self.elsewhere.iter().filter(|one| one.has_place).count();
        let taken_here = self.jobs.values().filter(|job| takes_place(job)).count() + ready.len();
        let taken = taken_here + taken_elsewhere;
        let among_others = (!self.elsewhere.is_empty()).then(|| self.line_with(&self.elsewhere));
        let line = among_others.as_deref().unwrap_or(line);
        let tell_all = now.duration_since(self.line_told) >= LINE_NEWS;
        if tell_all {
            self.line_told = now;
        }
        let mut news = Vec::new();
        let waiting = line.iter().filter(|waiting| !ready.contains(&waiting.id));
        for (index, waiting) in waiting.enumerate() {
            let before = u32::try_from(index + taken).unwrap_or(u32::MAX);
            if let Some(job) = self.jobs.get_mut(&waiting.id)
                && !job.busy
            {
                let is_new = job.doing.before != Some(before);
                job.doing = Doing { before: Some(before), ..Doing::default() };
                if is_new || tell_all {
                    news.push(waiting.id);
                }
            }
        }
        for id in news {
            self.tell_progress(id);
        }
    }
}
