//! How the bot does.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{Ctx, routes::Reply},
    Refusal, answer, query, read, rfc, schema,
};
use crate::db::reports::{self, Span};

/// The names of charts' spans.
pub(super) const SPANS: [(&str, Span); 3] =
    [("hour", Span::Hour), ("day", Span::Day), ("month", Span::Month)];

/// What happened in a span of time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sums {
    /// How many minutes are in it.
    minutes: u64,
    updates: u64,
    begun: u64,
    delivered: u64,
    failed: u64,
    expired: u64,
    cancelled: u64,
    /// Credits.
    captured: i64,
    refunded: i64,
    /// 0 to 1, of those that came to an end which nobody asked for.
    success_rate: Option<f64>,
    /// From the prompt's order to the last picture shown.
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
}

impl From<reports::Sums> for Sums {
    fn from(sums: reports::Sums) -> Self {
        let within = |share| {
            let took = sums.latencies.quantile(share)?;
            u64::try_from(took.as_millis()).ok()
        };
        Self {
            minutes: sums.minutes,
            updates: sums.updates,
            begun: sums.begun,
            delivered: sums.delivered,
            failed: sums.failed,
            expired: sums.expired,
            cancelled: sums.cancelled,
            captured: sums.captured.0,
            refunded: sums.refunded.0,
            success_rate: sums.success_rate(),
            p50_ms: within(0.5),
            p95_ms: within(0.95),
        }
    }
}

/// How things are now. Counts of what is set aside end at 1001.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Overview {
    /// The last five minutes. Null: nothing was summed so lately.
    recent: Option<Sums>,
    /// The last hour.
    hour: Option<Sums>,
    running: u64,
    /// For a place at the provider.
    waiting: u64,
    /// Paid, and not every picture shown yet.
    undelivered: u64,
    /// Credits since midnight UTC.
    spent_today: i64,
    updates_aside: u64,
    parcels_aside: u64,
    storage_aside: u64,
}

/// How things are now.
#[utoipa::path(get, path = "/admin/api/overview", tag = "overview", responses(
    (status = 200, body = Overview),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn now(ctx: Ctx) -> Reply {
    let now = ctx.desk.database.overview(ctx.now()).await?;
    Ok(answer(&Overview {
        recent: now.recent.map(Sums::from),
        hour: now.hour.map(Sums::from),
        running: now.running,
        waiting: now.waiting,
        undelivered: now.undelivered,
        spent_today: now.spent_today.0,
        updates_aside: now.updates_aside.0,
        parcels_aside: now.parcels_aside.0,
        storage_aside: now.storage_aside.0,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SeriesQuery {
    /// By the minute, the quarter of an hour, or six hours.
    #[param(schema_with = schema::span, required = false)]
    span: Option<String>,
}

/// A point of a chart.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Point {
    #[schema(schema_with = schema::moment)]
    at: String,
    /// Null: nobody knows. That is a gap, not a zero.
    sums: Option<Sums>,
}

/// A chart that ends now, oldest point first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Series {
    step_minutes: i64,
    points: Vec<Point>,
}

/// How things went.
#[utoipa::path(get, path = "/admin/api/series", tag = "overview", params(SeriesQuery), responses(
    (status = 200, body = Series),
    (status = 400, description = "It is not understood", body = Refusal),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn series(ctx: Ctx) -> Reply {
    let query: SeriesQuery = query(&ctx)?;
    let named = |said: &str| SPANS.into_iter().find(|(name, _)| *name == said);
    let span = read(query.span.as_deref(), named)?.map_or(Span::Hour, |(_, span)| span);
    let points = ctx.desk.database.series(span, ctx.now()).await?;
    let points = points.into_iter();
    let points =
        points.map(|point| Point { at: rfc(point.at), sums: point.sums.map(Sums::from) }).collect();
    Ok(answer(&Series { step_minutes: span.step_minutes(), points }))
}
