//! Takes over into the metrics what actors and rows say.

use aisha_actors::{
    census::{Condition as Life, Filter, Member},
    domain::{catalogue::Status, picture::PictureState, time::Timestamp},
    port::{Clock, Result},
    shop::Shop,
    system::System,
};

use crate::{
    db::{
        Database,
        reports::{BroadcastState, MAINTENANCE, Sums},
    },
    metrics::{ActorFigures, Hour, Metrics},
    web::{Condition, Readiness},
    world::SystemClock,
};

/// Broadcasts that are looked at.
const BROADCASTS: usize = 50;

/// The supervised ones.
const ACTORS: [&str; 4] = ["session", "tracker", "writer", "ledger"];

/// What the actors say of themselves.
pub(super) async fn actors(metrics: &Metrics, system: &System) {
    if let Ok(traffic) = system.traffic().await {
        metrics.set_live_users(traffic.galleries);
        metrics.set_turns(traffic.updates, traffic.crashes);
        metrics.inside.set_traffic(&traffic);
    }
    for (actor, count, _) in system.health().restarts {
        metrics.set_restarts(actor, u64::from(count));
    }
    let census = system.census(Filter::default(), 0).await;
    for actor in ACTORS {
        if let Some(member) = census.singletons.iter().find(|member| member.kind == actor) {
            metrics.inside.set_actor(actor, of(member));
        }
    }
}

fn of(member: &Member) -> ActorFigures {
    ActorFigures {
        mailbox: member.mailbox.len,
        mailbox_max: member.mailbox.bound,
        handled: member.handled,
        condition: match member.condition {
            Life::Running => 0,
            Life::Resting => 1,
            Life::Gone => 2,
        },
        restarts_left: member.restarts_left.unwrap_or(0),
    }
}

/// Whom the program depends on.
pub(super) fn dependencies(metrics: &Metrics, readiness: &Readiness) {
    let number = |condition: Condition| match condition {
        Condition::Ok => 0,
        Condition::Degraded => 1,
        Condition::Away => 2,
    };
    metrics.inside.set_dependency("database", number(readiness.database));
    for (name, condition) in &readiness.others {
        metrics.inside.set_dependency(name, number(*condition));
    }
    metrics.inside.set_draining(readiness.draining);
}

/// What is for sale, as this process has it.
pub(super) fn catalogue(metrics: &Metrics, shop: &Shop) {
    let catalogue = shop.catalogue();
    let counts =
        [("active", Status::Active), ("degraded", Status::Degraded), ("retired", Status::Retired)]
            .map(|(state, status)| {
                (
                    state,
                    catalogue.all().iter().filter(|model| model.status == status).count() as u64,
                )
            });
    metrics.studio.set_models(counts);
}

/// What the rows say.
///
/// # Errors
/// The database is away.
pub(super) async fn rows(metrics: &Metrics, database: &Database) -> Result<()> {
    let figures = database.figures().await?;
    metrics.set_people(figures.people);
    metrics.set_inbox_open(figures.inbox_open);
    metrics.set_outbox_open(figures.outbox_open);
    metrics.set_storage_jobs(figures.storage_jobs);
    metrics.set_quarantined("update", figures.inbox_quarantined);
    metrics.set_quarantined("outbox", figures.outbox_quarantined);
    metrics.set_quarantined("storage", figures.storage_quarantined);
    metrics.set_generations(figures.generations_open, figures.generations_undelivered);
    let overview = database.overview(SystemClock.now()).await?;
    metrics.set_line(overview.running, overview.waiting);
    metrics.studio.set_hour(overview.hour.as_ref().map(hour));
    metrics.studio.set_spent_today(overview.spent_today.0);
    let backlog = database.backlog().await?;
    let (backfills, deletions) = (backlog.backfills.0, backlog.deletions.0);
    let since = backlog.oldest.map(seconds);
    metrics.studio.set_backlog(backfills, deletions, backlog.aside.0, since);
    if let Some(check) = database.last_ledger_check().await? {
        metrics.studio.set_ledger(check.breaches, seconds(check.at));
    }
    let counted = database.bucket_counts().await?;
    metrics.studio.set_pictures(PictureState::ALL.map(|state| {
        let of = || counted.iter().filter(|count| count.state == state);
        let pictures = of().map(|count| count.pictures).sum();
        (state.name(), pictures, of().map(|count| count.bytes).sum())
    }));
    metrics.studio.set_overrides(database.model_overrides().await?.len() as u64);
    let switch = database.switch(MAINTENANCE).await?;
    metrics.studio.set_maintenance(switch.is_some_and(|switch| switch.is_on));
    let broadcasts = database.list_broadcasts(None, BROADCASTS).await?;
    metrics.studio.set_broadcasts(BroadcastState::ALL.map(|state| {
        let of = broadcasts.iter().filter(|broadcast| broadcast.state == state);
        (state.name(), of.count() as u64)
    }));
    Ok(())
}

fn hour(sums: &Sums) -> Hour {
    Hour {
        updates: sums.updates,
        begun: sums.begun,
        delivered: sums.delivered,
        failed: sums.failed,
        expired: sums.expired,
        cancelled: sums.cancelled,
        captured: sums.captured.0,
        refunded: sums.refunded.0,
    }
}

/// Since 1970.
fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000_000).unwrap_or(0)
}
