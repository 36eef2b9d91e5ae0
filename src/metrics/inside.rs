//! Figures about the program itself: its actors, and whom it depends on.

use aisha_actors::{domain::durations::Durations, session::Traffic};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};

use super::{Actor, gauge, set, taken::Taken};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Dependency {
    dependency: &'static str,
}

/// A supervised actor, as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActorFigures {
    /// Messages that wait, and how many may.
    pub mailbox: usize,
    pub mailbox_max: usize,
    pub handled: u64,
    /// 0: it runs, 1: it rests after a crash, 2: it is gone.
    pub condition: u64,
    pub restarts_left: usize,
}

/// See `docs/metrics.md`.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    dependencies: Family<Dependency, Gauge>,
    draining: Gauge,
    mailbox: Family<Actor, Gauge>,
    mailbox_max: Family<Actor, Gauge>,
    handled: Family<Actor, Counter>,
    condition: Family<Actor, Gauge>,
    restarts_left: Family<Actor, Gauge>,
    busy_users: Gauge,
    waiting: Gauge,
    said: Counter,
    turn_seconds: Taken,
    picture_seconds: Taken,
}

impl Inside {
    pub(super) fn register(&self, registry: &mut Registry) {
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", version);
        let help = "0: well, 1: slower or worse, 2: away";
        registry.register("dependency", help, self.dependencies.clone());
        let help = "1: it takes nothing new in";
        registry.register("draining", help, self.draining.clone());
        let help = "Messages that wait for an actor";
        registry.register("actor_mailbox", help, self.mailbox.clone());
        let help = "How many may wait";
        registry.register("actor_mailbox_max", help, self.mailbox_max.clone());
        let help = "Messages that an actor began to work on";
        registry.register("actor_handled", help, self.handled.clone());
        let help = "0: it runs, 1: it rests after a crash, 2: it is gone";
        registry.register("actor_condition", help, self.condition.clone());
        let help = "Crashes until the program gives up";
        registry.register("actor_restarts_left", help, self.restarts_left.clone());
        let help = "Users who are served at this moment";
        registry.register("busy_users", help, self.busy_users.clone());
        let help = "Updates and messages to people that wait in memory";
        registry.register("lanes_waiting", help, self.waiting.clone());
        registry.register("said", "Messages sent or edited", self.said.clone());
        let help = "Of updates: from the begin of their turn until the reply was said";
        registry.register("turn_seconds", help, self.turn_seconds.clone());
        let help = "Of generations: from the prompt's order until the last picture was shown";
        registry.register("picture_seconds", help, self.picture_seconds.clone());
    }

    /// `dependency`: `database`, `telegram`, `fal`, `objects`, `redis`; `condition`: 0 well, 1 worse, 2 away.
    pub fn set_dependency(&self, dependency: &'static str, condition: u64) {
        gauge(&self.dependencies.get_or_create(&Dependency { dependency }), condition);
    }

    pub fn set_draining(&self, is_on: bool) {
        gauge(&self.draining, is_on.into());
    }

    /// `actor`: `session`, `tracker`, `writer`, `ledger`.
    pub fn set_actor(&self, actor: &'static str, now: ActorFigures) {
        let label = Actor { actor };
        gauge(&self.mailbox.get_or_create(&label), now.mailbox as u64);
        gauge(&self.mailbox_max.get_or_create(&label), now.mailbox_max as u64);
        set(&self.handled.get_or_create(&label), now.handled);
        gauge(&self.condition.get_or_create(&label), now.condition);
        gauge(&self.restarts_left.get_or_create(&label), now.restarts_left as u64);
    }

    /// What the session tells of itself.
    pub fn set_traffic(&self, traffic: &Traffic) {
        gauge(&self.busy_users, traffic.busy as u64);
        gauge(&self.waiting, traffic.waiting as u64);
        set(&self.said, traffic.sent);
        self.set_durations(traffic.turns, traffic.pictures);
    }

    fn set_durations(&self, turns: Durations, pictures: Durations) {
        self.turn_seconds.set(turns);
        self.picture_seconds.set(pictures);
    }
}
