//! Figures about the studio: generations, money, pictures. They are read from rows, so every node says the
//! same: take their `max`, not their sum.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{Outcome, gauge};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Job {
    job: &'static str,
}

/// The last hour, of all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    pub updates: u64,
    pub begun: u64,
    pub delivered: u64,
    pub failed: u64,
    pub expired: u64,
    pub cancelled: u64,
    /// Credits.
    pub captured: i64,
    pub refunded: i64,
}

/// See `docs/metrics.md`.
#[derive(Debug, Clone, Default)]
pub struct Studio {
    hour_updates: Gauge,
    hour_generations: Family<Outcome, Gauge>,
    hour_credits: Family<Kind, Gauge>,
    spent_today: Gauge,
    pictures: Family<State, Gauge>,
    picture_bytes: Family<State, Gauge>,
    backlog: Family<Job, Gauge>,
    backlog_since: Gauge,
    breaches: Gauge,
    checked_at: Gauge,
    models: Family<State, Gauge>,
    overrides: Gauge,
    maintenance: Gauge,
    broadcasts: Family<State, Gauge>,
}

impl Studio {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Updates of the last hour";
        registry.register("hour_updates", help, self.hour_updates.clone());
        let help = "Generations of the last hour, by what became of them";
        registry.register("hour_generations", help, self.hour_generations.clone());
        let help = "Credits moved in the last hour";
        registry.register("hour_credits", help, self.hour_credits.clone());
        let help = "Credits captured less refunded since midnight UTC";
        registry.register("spent_today_credits", help, self.spent_today.clone());
        let help = "Pictures by state, counted every ten minutes";
        registry.register("pictures", help, self.pictures.clone());
        registry.register("picture_bytes", "How large they are", self.picture_bytes.clone());
        let help = "What the writer still has to do, counted up to 1001";
        registry.register("storage_backlog", help, self.backlog.clone());
        let help = "When the oldest of it was made; 0: nothing waits";
        registry.register("storage_backlog_since_seconds", help, self.backlog_since.clone());
        let help = "Breaches that the last check of the ledger found";
        registry.register("ledger_breaches", help, self.breaches.clone());
        let help = "When that check was; 0: never";
        registry.register("ledger_checked_seconds", help, self.checked_at.clone());
        registry.register("models", "Models of the catalogue, by state", self.models.clone());
        let help = "Models about which an operator's word counts";
        registry.register("model_overrides", help, self.overrides.clone());
        let help = "1: the operator lets nothing new begin";
        registry.register("maintenance", help, self.maintenance.clone());
        let help = "The newest 50 broadcasts, by state";
        registry.register("broadcasts", help, self.broadcasts.clone());
    }

    /// None: nobody has summed it yet.
    pub fn set_hour(&self, hour: Option<Hour>) {
        let Some(hour) = hour else { return };
        gauge(&self.hour_updates, hour.updates);
        for (outcome, count) in [
            ("begun", hour.begun),
            ("delivered", hour.delivered),
            ("failed", hour.failed),
            ("expired", hour.expired),
            ("cancelled", hour.cancelled),
        ] {
            gauge(&self.hour_generations.get_or_create(&Outcome { outcome }), count);
        }
        for (kind, credits) in [("captured", hour.captured), ("refunded", hour.refunded)] {
            self.hour_credits.get_or_create(&Kind { kind }).set(credits);
        }
    }

    pub fn set_spent_today(&self, credits: i64) {
        self.spent_today.set(credits);
    }

    /// All states at once; `state`: a picture's, `pending` to `purged`.
    pub fn set_pictures(&self, counts: impl IntoIterator<Item = (&'static str, u64, u64)>) {
        for (state, pictures, bytes) in counts {
            gauge(&self.pictures.get_or_create(&State { state }), pictures);
            gauge(&self.picture_bytes.get_or_create(&State { state }), bytes);
        }
    }

    /// `since`: seconds since 1970, of the oldest.
    pub fn set_backlog(&self, backfills: u64, deletions: u64, aside: u64, since: Option<u64>) {
        for (job, count) in [("backfill", backfills), ("deletion", deletions), ("aside", aside)] {
            gauge(&self.backlog.get_or_create(&Job { job }), count);
        }
        gauge(&self.backlog_since, since.unwrap_or(0));
    }

    /// `at`: seconds since 1970.
    pub fn set_ledger(&self, breaches: u64, at: u64) {
        gauge(&self.breaches, breaches);
        gauge(&self.checked_at, at);
    }

    /// `state`: `active`, `degraded`, `retired`.
    pub fn set_models(&self, counts: impl IntoIterator<Item = (&'static str, u64)>) {
        for (state, count) in counts {
            gauge(&self.models.get_or_create(&State { state }), count);
        }
    }

    pub fn set_overrides(&self, count: u64) {
        gauge(&self.overrides, count);
    }

    pub fn set_maintenance(&self, is_on: bool) {
        gauge(&self.maintenance, is_on.into());
    }

    /// `state`: a broadcast's, `draft` to `cancelled`.
    pub fn set_broadcasts(&self, counts: impl IntoIterator<Item = (&'static str, u64)>) {
        for (state, count) in counts {
            gauge(&self.broadcasts.get_or_create(&State { state }), count);
        }
    }
}
