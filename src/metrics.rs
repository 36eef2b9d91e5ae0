//! Figures about the running program, for Prometheus. The table of names stands in the [`Metrics`]
//! type; whoever makes a thing happen counts it there.
//!
//! Every label is a `&'static str`: a word that stands in the code, never something that came in, so
//! that nobody outside can grow the set.

mod inside;
mod studio;
mod taken;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, OnceLock, atomic::Ordering},
    time::Duration,
};

use aisha_actors::domain::lane::LANES;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

pub use inside::{ActorFigures, Inside};
pub use studio::{Hour, Studio};

/// What `GET /metrics` says it is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Source {
    source: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stage {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Actor {
    actor: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Item {
    item: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
    status: &'static str,
}

/// All figures. Cheap to clone; every clone counts into the same ones.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    updates: Family<Source, Counter>,
    turns: Family<Outcome, Counter>,
    generations: Family<Stage, Gauge>,
    restarts: Family<Actor, Counter>,
    quarantined: Family<Item, Gauge>,
    storage_jobs: Gauge,
    backup_age: Gauge,
    /// Asked at each scrape: backups are made by other processes.
    backup_age_now: Arc<OnceLock<Box<dyn Fn() -> Duration + Send + Sync>>>,
    inbox_open: Gauge,
    people: Gauge,
    sends: Family<Outcome, Counter>,
    outbox_open: Gauge,
    live_users: Gauge,
    cache: Family<Outcome, Counter>,
    redis_errors: Family<Outcome, Counter>,
    redis_openings: Counter,
    redis_breaker: Gauge,
    node_lanes: Gauge,
    nodes_living: Gauge,
    http: Family<Route, Counter>,
    http_seconds: Histogram,
    pub inside: Inside,
    pub studio: Studio,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("aisha");
        // 1 ms to about 16 s.
        let seconds = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let mut metrics = Self {
            registry: Arc::default(),
            updates: Family::default(),
            turns: Family::default(),
            generations: Family::default(),
            restarts: Family::default(),
            quarantined: Family::default(),
            storage_jobs: Gauge::default(),
            backup_age: Gauge::default(),
            backup_age_now: Arc::default(),
            inbox_open: Gauge::default(),
            people: Gauge::default(),
            sends: Family::default(),
            outbox_open: Gauge::default(),
            live_users: Gauge::default(),
            cache: Family::default(),
            redis_errors: Family::default(),
            redis_openings: Counter::default(),
            redis_breaker: Gauge::default(),
            node_lanes: Gauge::default(),
            nodes_living: Gauge::default(),
            http: Family::default(),
            http_seconds: seconds(),
            inside: Inside::default(),
            studio: Studio::default(),
        };
        let m = &metrics;
        registry.register("updates", "New updates in the inbox, by source", m.updates.clone());
        registry.register("turns", "Turns of users' actors, by outcome", m.turns.clone());
        registry.register("generations", "Generations by stage", m.generations.clone());
        registry.register("storage_jobs", "Pictures to copy or delete", m.storage_jobs.clone());
        let age = "Since the last good backup; none: since 1970";
        registry.register("backup_age_seconds", age, m.backup_age.clone());
        registry.register("inbox_open", "Updates to be worked off", m.inbox_open.clone());
        registry.register("people", "Registered people", m.people.clone());
        registry.register("restarts", "Actors that were born again", m.restarts.clone());
        registry.register("quarantined", "Rows that were set aside", m.quarantined.clone());
        registry.register("sends", "Messages to Telegram, by outcome", m.sends.clone());
        registry.register("outbox_open", "Messages owed and not yet sent", m.outbox_open.clone());
        registry.register("live_users", "Users' actors in memory", m.live_users.clone());
        registry.register("cache_reads", "Reads of the cache, by outcome", m.cache.clone());
        let help = "Calls to Redis without a good answer, by outcome";
        registry.register("redis_failures", help, m.redis_errors.clone());
        let help = "How often Redis was given up until it is back";
        registry.register("redis_breaker_openings", help, m.redis_openings.clone());
        let help = "0: Redis is in use, 1: it is tried, 2: it is left alone";
        registry.register("redis_breaker", help, m.redis_breaker.clone());
        registry.register("node_lanes", "Lanes of users worked for here", m.node_lanes.clone());
        registry.register(
            "nodes_living",
            "Nodes with a lease, as seen here",
            m.nodes_living.clone(),
        );
        registry.register("http_requests", "Answered HTTP requests", m.http.clone());
        registry.register("http_seconds", "How long they took", m.http_seconds.clone());
        m.inside.register(&mut registry);
        m.studio.register(&mut registry);
        metrics.registry = Arc::new(registry);
        // The one process of a file has them all; a node says what it has.
        metrics.set_node_lanes(LANES);
        metrics.set_nodes_living(1);
        metrics
    }

    /// Updates that are new; `source`: `polling`, `webhook`, `operator`.
    pub fn count_updates(&self, source: &'static str, count: u64) {
        self.updates.get_or_create(&Source { source }).inc_by(count);
    }

    /// Turns of users' actors since the start, and those that crashed.
    pub fn set_turns(&self, done: u64, crashed: u64) {
        set(&self.turns.get_or_create(&Outcome { outcome: "done" }), done);
        set(&self.turns.get_or_create(&Outcome { outcome: "crashed" }), crashed);
    }

    /// Restarts of an actor since the start.
    pub fn set_restarts(&self, actor: &'static str, count: u64) {
        set(&self.restarts.get_or_create(&Actor { actor }), count);
    }

    /// Rows that are set aside; `item`: `update`, `outbox`.
    pub fn set_quarantined(&self, item: &'static str, rows: u64) {
        gauge(&self.quarantined.get_or_create(&Item { item }), rows);
    }

    /// Generations that are open, and captured ones that are not shown yet.
    pub fn set_generations(&self, open: u64, undelivered: u64) {
        gauge(&self.generations.get_or_create(&Stage { stage: "open" }), open);
        gauge(&self.generations.get_or_create(&Stage { stage: "undelivered" }), undelivered);
    }

    /// Generations that are on their way, and those that wait for a place at the provider.
    pub fn set_line(&self, running: u64, waiting: u64) {
        gauge(&self.generations.get_or_create(&Stage { stage: "running" }), running);
        gauge(&self.generations.get_or_create(&Stage { stage: "waiting" }), waiting);
    }

    /// Pictures to be copied to storage or deleted there.
    pub fn set_storage_jobs(&self, jobs: u64) {
        gauge(&self.storage_jobs, jobs);
    }

    /// What says at each scrape how long ago the last good backup was made; only the first one told is
    /// asked. Where there was none, it says the time since 1970: an alert on the age rings then too.
    pub fn ask_backup_age(&self, age: impl Fn() -> Duration + Send + Sync + 'static) {
        self.backup_age_now.get_or_init(|| Box::new(age));
    }

    /// Updates that wait to be worked off.
    pub fn set_inbox_open(&self, updates: u64) {
        gauge(&self.inbox_open, updates);
    }

    /// Registered people.
    pub fn set_people(&self, people: u64) {
        gauge(&self.people, people);
    }

    /// A call to Telegram that shows something; `outcome`: `sent`, `delayed`, `refused`, `failed`.
    pub fn count_send(&self, outcome: &'static str) {
        self.sends.get_or_create(&Outcome { outcome }).inc();
    }

    pub fn set_outbox_open(&self, entries: u64) {
        gauge(&self.outbox_open, entries);
    }

    pub fn set_live_users(&self, users: usize) {
        gauge(&self.live_users, users as u64);
    }

    /// A read of the cache; `outcome`: `hit`, `miss`.
    pub fn count_cache(&self, outcome: &'static str) {
        self.cache.get_or_create(&Outcome { outcome }).inc();
    }

    /// What the way to Redis went through since the start.
    pub fn set_redis(&self, late: u64, errors: u64, openings: u64, breaker: u64) {
        set(&self.redis_errors.get_or_create(&Outcome { outcome: "late" }), late);
        set(&self.redis_errors.get_or_create(&Outcome { outcome: "error" }), errors);
        set(&self.redis_openings, openings);
        gauge(&self.redis_breaker, breaker);
    }

    /// Lanes of users that this process works for, of 256.
    pub fn set_node_lanes(&self, lanes: usize) {
        gauge(&self.node_lanes, lanes as u64);
    }

    /// Nodes that live, this one among them.
    pub fn set_nodes_living(&self, nodes: usize) {
        gauge(&self.nodes_living, nodes as u64);
    }

    /// An answered request; `route`: one of the edge's own, `status`: `2xx` to `5xx`.
    pub fn count_http(&self, route: &'static str, status: &'static str, took: Duration) {
        self.http.get_or_create(&Route { route, status }).inc();
        self.http_seconds.observe(took.as_secs_f64());
    }

    /// All figures as text, see [`CONTENT_TYPE`]. Reads what [`Metrics::ask_backup_age`] was told to.
    pub fn render(&self) -> String {
        if let Some(age) = self.backup_age_now.get() {
            gauge(&self.backup_age, age().as_secs());
        }
        let mut page = String::new();
        match text::encode(&mut page, &self.registry) {
            Ok(()) => page,
            // Writing to a string does not fail.
            Err(std::fmt::Error) => String::new(),
        }
    }
}

/// Takes over a count that somebody else keeps.
fn set(counter: &Counter, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}

fn gauge(gauge: &Gauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
