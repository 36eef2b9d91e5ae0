//! The session's way in: updates become rows, and only then somebody hears that they were taken.

use actix::Context;

use super::{Actor, Done, Intake};
use crate::{
    domain::id::Seq,
    port::{Arrival, InboxItem},
};

/// Updates in one intake commit, at most.
const INTAKE_MAX: usize = 512;

impl Actor {
    pub(super) fn take_in(&mut self) {
        if self.taking || self.intake.is_empty() || !self.ready {
            return;
        }
        self.taking = true;
        let mut batch: Vec<Intake> = Vec::new();
        let mut size = 0;
        while let Some((arrivals, _)) = self.intake.first() {
            if size > 0 && size + arrivals.len() > INTAKE_MAX {
                break;
            }
            size += arrivals.len();
            batch.push(self.intake.remove(0));
        }
        let store = self.deps.ports.store.clone();
        let commit = async move {
            let (arrivals, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let arrivals: Vec<Arrival> = arrivals.into_iter().flatten().collect();
            let (items, repeats) = match store.receive(arrivals.clone()).await {
                Ok(seqs) => {
                    let repeats = seqs.iter().any(Option::is_none);
                    replies.into_iter().for_each(|reply| reply.send(Ok(())));
                    let new = arrivals.into_iter().zip(seqs);
                    let new = new.filter_map(|(arrival, seq)| Some(item(arrival, seq?)));
                    (new.collect(), repeats)
                }
                Err(error) => {
                    tracing::warn!(%error, "updates could not be stored: not acknowledged");
                    for reply in replies {
                        reply.send(Err(error.clone().into()));
                    }
                    (Vec::new(), false)
                }
            };
            Done::Intake { items, repeats }
        };
        let _not_aborted = self.run(commit, |panic| {
            tracing::error!(panic, "an intake commit panicked: nothing was acknowledged");
            Done::Intake { items: Vec::new(), repeats: false }
        });
    }

    /// What was just committed. Beside other nodes an older update of the same person may stand in the
    /// rows unseen: then the rows say what comes next.
    pub(super) fn taken(&mut self, items: Vec<InboxItem>, ctx: &mut Context<Self>) {
        self.direct &= !self.deps.ports.lanes.has_others();
        if self.direct {
            items.into_iter().for_each(|item| self.enqueue(item));
        } else if !items.is_empty() {
            self.look(ctx);
        }
    }

    /// Puts an update into its lane, if the lane is ours and does not have it yet.
    pub(super) fn enqueue(&mut self, item: InboxItem) {
        let (seq, user) = (item.seq, item.user);
        if !self.deps.ports.lanes.has(user) || self.held.contains_key(&seq) {
            return;
        }
        self.held.insert(seq, user);
        self.lane(user).push(item);
        self.work(user);
    }
}

fn item(arrival: Arrival, seq: Seq) -> InboxItem {
    let Arrival { source, update, payload } = arrival;
    InboxItem { seq, source, update: update.id, user: update.from.id, payload, attempts: 0 }
}
