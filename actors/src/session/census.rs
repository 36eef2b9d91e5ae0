//! What the session tells of users' actors, and their retirement on demand.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
};

use actix::Handler;
use tokio::time::Instant;

use super::{Actor, GetTraffic, GetUsers, Retire, Traffic, lane::Lane};
use crate::{
    ask::{Ask, Reply},
    census::{
        Condition, Filter, LISTED_MAX, LastMessage, Mailbox, Member, Moment, Order, Retired, Users,
    },
    domain::id::UserId,
    gallery,
    vitals::{ASKED, Restarts},
};

/// Users whose actors' earlier lives are remembered. Only those who crashed, or were retired by the
/// operator, have any.
const PASTS_MAX: usize = 1000;

/// The earlier lives of a user's actor.
#[derive(Default)]
pub(super) struct Past {
    ended: u32,
    restarts: Restarts,
}

/// The earlier lives of users' actors, the ones remembered longest forgotten first.
#[derive(Default)]
pub(super) struct Pasts {
    by_user: HashMap<UserId, Past>,
    order: VecDeque<UserId>,
}

impl Pasts {
    pub(super) fn note(&mut self, user: UserId, reason: &str) {
        if !self.by_user.contains_key(&user) {
            if self.order.len() >= PASTS_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.by_user.remove(&oldest);
            }
            self.order.push_back(user);
        }
        let past = self.by_user.entry(user).or_default();
        past.ended = past.ended.saturating_add(1);
        past.restarts.note(reason, Instant::now());
    }
}

/// Those who wait until a user's actor was put away.
pub(super) type Retiring = HashMap<UserId, Vec<Reply<Retired>>>;

impl Actor {
    /// Seconds since this value of the session began: four bytes in each lane rather than sixteen.
    pub(super) fn seconds(&self) -> u32 {
        u32::try_from(self.since.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    fn at_second(&self, second: u32) -> Instant {
        self.since + std::time::Duration::from_secs(second.into())
    }

    /// Puts the actor of a user away, if somebody wants that and it is free.
    pub(super) fn retire_free(&mut self, user: UserId) {
        if self.retiring.is_empty() || self.lanes.get(&user).is_some_and(|lane| lane.busy) {
            return;
        }
        let Some(replies) = self.retiring.remove(&user) else { return };
        let gallery = self.lanes.get_mut(&user).and_then(|lane| lane.gallery.take());
        let retired = match gallery {
            Some(_) => Retired::Done,
            // It crashed or was lost meanwhile.
            None => Retired::NotThere,
        };
        if retired == Retired::Done {
            self.pasts.note(user, ASKED);
        }
        replies.into_iter().for_each(|reply| reply.send(retired));
    }

    /// A lane went away with all that was in it.
    pub(super) fn retire_lost(&mut self) {
        let gone: Vec<UserId> =
            self.retiring.keys().copied().filter(|user| !self.lanes.contains_key(user)).collect();
        gone.into_iter().for_each(|user| self.retire_free(user));
    }

    fn member(&self, user: UserId, lane: &Lane, moment: Moment) -> Member {
        let past = self.pasts.by_user.get(&user);
        let is_live = lane.gallery.is_some();
        let last = (lane.handled > 0).then(|| LastMessage {
            name: crate::census::short(std::any::type_name::<gallery::TakeUpdate>()),
            at: moment.of(self.at_second(lane.heard)),
        });
        Member {
            kind: "gallery".to_owned(),
            user: Some(user),
            incarnation: past.map_or(0, |past| past.ended).saturating_add(1),
            condition: if is_live { Condition::Running } else { Condition::Resting },
            mailbox: Mailbox {
                len: usize::from(lane.busy && lane.serves),
                bound: self.deps.gallery.mailbox,
            },
            queued: lane.waiting(),
            handled: lane.handled.into(),
            last,
            born_at: moment.of(self.at_second(lane.born)),
            restarts: past.map(|past| moment.restarts(&past.restarts)).unwrap_or_default(),
            restarts_left: None,
        }
    }

    fn users(&self, filter: Filter, limit: usize) -> Users {
        let clock = self.deps.ports.clock.as_ref();
        let moment = Moment { now: Instant::now(), at: clock.now() };
        let limit = limit.min(LISTED_MAX);
        let mut live = 0;
        // The first ones of all, without sorting all.
        let mut first = BinaryHeap::with_capacity(limit + 1);
        for (user, lane) in &self.lanes {
            live += usize::from(lane.gallery.is_some());
            let is_there = lane.gallery.is_some() || !lane.updates.is_empty();
            if is_there && filter.user.is_none_or(|wanted| wanted == *user) {
                first.push(Reverse((rank(*user, lane, filter.order), *user)));
                if first.len() > limit {
                    first.pop();
                }
            }
        }
        let listed = first.into_sorted_vec().into_iter().filter_map(|Reverse((_, user))| {
            self.lanes.get(&user).map(|lane| self.member(user, lane, moment))
        });
        Users { live, listed: listed.collect() }
    }
}

/// Who has more comes first.
fn rank(user: UserId, lane: &Lane, order: Order) -> (usize, u32, Reverse<UserId>) {
    match order {
        Order::Busiest => (lane.waiting() + usize::from(lane.busy), lane.handled, Reverse(user)),
        Order::Recent => (0, lane.heard, Reverse(user)),
        Order::ById => (0, 0, Reverse(user)),
    }
}

impl Handler<Ask<GetUsers>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<GetUsers>, _ctx: &mut Self::Context) {
        let (GetUsers { filter, limit }, reply) = ask.split();
        reply.send(self.users(filter, limit));
    }
}

impl Handler<Ask<Retire>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<Retire>, _ctx: &mut Self::Context) {
        let (Retire(user), reply) = ask.split();
        self.retiring.entry(user).or_default().push(reply);
        self.retire_free(user);
    }
}

impl Handler<Ask<GetTraffic>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<GetTraffic>, _ctx: &mut Self::Context) {
        let (GetTraffic, reply) = ask.split();
        reply.send(Traffic {
            galleries: self.lanes.values().filter(|lane| lane.gallery.is_some()).count(),
            busy: self.lanes.values().filter(|lane| lane.busy).count(),
            waiting: self.waiting(),
            ..self.traffic
        });
    }
}
