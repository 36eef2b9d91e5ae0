//! What happened over an hour, a day, a month: charts, and the same as a table.

use actix_web::HttpResponse;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::super::super::{
    Ctx, Error, Visit,
    numbers::{UNKNOWN, decimal, percent},
    routes::Reply,
    ui,
};
use crate::db::reports::{Point, Span, Sums};

/// One line of a chart.
struct Line {
    name: &'static str,
    /// Which of the colours `--tone-1` to `--tone-5`.
    tone: u8,
    /// None: there is nothing to say, which is a gap.
    value: fn(&Sums) -> Option<f64>,
}

/// Lines that are measured alike.
struct Chart {
    id: &'static str,
    title: &'static str,
    lines: &'static [Line],
}

const CHARTS: [Chart; 4] = [
    Chart {
        id: "rates",
        title: "chart-rates",
        lines: &[
            Line { name: "chart-updates", tone: 1, value: |s| Some(s.per_minute(s.updates)) },
            Line { name: "chart-begun", tone: 2, value: |s| Some(s.per_minute(s.begun)) },
        ],
    },
    Chart {
        id: "latency",
        title: "chart-latency",
        lines: &[
            Line { name: "chart-median", tone: 1, value: |s| quantile(s, 0.5) },
            Line { name: "chart-slowest", tone: 3, value: |s| quantile(s, 0.95) },
        ],
    },
    Chart {
        id: "ends",
        title: "chart-ends",
        lines: &[
            Line { name: "chart-delivered", tone: 1, value: |s| Some(s.delivered as f64) },
            Line {
                name: "chart-failed",
                tone: 5,
                value: |s| Some(s.failed.saturating_add(s.expired) as f64),
            },
            Line { name: "chart-cancelled", tone: 3, value: |s| Some(s.cancelled as f64) },
        ],
    },
    Chart {
        id: "credits",
        title: "chart-credits",
        lines: &[
            Line { name: "chart-captured", tone: 2, value: |s| Some(s.captured.0 as f64) },
            Line { name: "chart-refunded", tone: 4, value: |s| Some(s.refunded.0 as f64) },
        ],
    },
];

fn quantile(sums: &Sums, share: f64) -> Option<f64> {
    sums.latencies.quantile(share).map(|time| time.as_secs_f64())
}

/// As it stands in an address.
const fn name(span: Span) -> &'static str {
    match span {
        Span::Hour => "hour",
        Span::Day => "day",
        Span::Month => "month",
    }
}

pub(super) fn span(said: &str) -> Option<Span> {
    Span::ALL.into_iter().find(|span| name(*span) == said)
}

fn title(visit: &Visit, span: Span) -> String {
    visit.t(match span {
        Span::Hour => "span-hour",
        Span::Day => "span-day",
        Span::Month => "span-month",
    })
}

/// The same as JSON, for the script that draws.
pub(super) async fn series(ctx: Ctx) -> Reply {
    let span = span(ctx.query.get("span")).ok_or(Error::BadRequest)?;
    let points = ctx.desk.database.series(span, ctx.now()).await?;
    let times: Vec<i64> = points.iter().map(|point| point.at.0.div_euclid(1_000_000)).collect();
    let charts = CHARTS.iter().map(|chart| {
        let series: Vec<Value> = chart
            .lines
            .iter()
            .map(|line| {
                let values = values(line, &points);
                json!({"name": ctx.t(line.name), "tone": line.tone, "values": values})
            })
            .collect();
        let drawn = json!({"times": times, "time": ctx.t("chart-time"), "series": series});
        (chart.id.to_owned(), drawn)
    });
    let charts: serde_json::Map<String, Value> = charts.collect();
    Ok(HttpResponse::Ok().json(json!({"span": name(span), "charts": charts})))
}

/// Rounded to what can be seen.
fn values(line: &Line, points: &[Point]) -> Vec<Option<f64>> {
    let values = points.iter().map(|point| point.sums.as_ref().and_then(|sums| (line.value)(sums)));
    values.map(|value| value.map(|value| (value * 1000.0).round() / 1000.0)).collect()
}

pub(super) fn draw(ctx: &Ctx, span: Span, points: &[Point]) -> Markup {
    let is_known = points.iter().any(|point| point.sums.is_some());
    html! {
        section.card {
            div.bar {
                h2 { (ctx.t("charts-title")) }
                nav.tabs aria-label=(ctx.t("charts-title")) {
                    @for one in Span::ALL {
                        a href=(format!("{}?span={}", super::PATH, name(one)))
                            aria-current=[(one == span).then_some("true")] { (title(ctx, one)) }
                    }
                }
            }
            @if is_known {
                div.charts {
                    @for chart in &CHARTS { (one(ctx, span, chart, points)) }
                }
                details.more {
                    summary { (ctx.t("charts-table")) }
                    (table(ctx, points))
                }
            } @else {
                p.quiet { (ctx.t("charts-empty")) }
            }
        }
    }
}

fn one(ctx: &Ctx, span: Span, chart: &Chart, points: &[Point]) -> Markup {
    let lines: Vec<String> = chart.lines.iter().map(|line| summary(ctx, line, points)).collect();
    let title = ctx.t(chart.title);
    html! {
        figure {
            figcaption { (title) }
            div.chart role="img" aria-label=(format!("{title}. {}", lines.join(" ")))
                data-from=(format!("/admin/overview/series?span={}", name(span)))
                data-name=(chart.id) {}
        }
    }
}

/// What a line says, for whoever cannot see it.
fn summary(ctx: &Ctx, line: &Line, points: &[Point]) -> String {
    let known: Vec<f64> = values(line, points).into_iter().flatten().collect();
    let most = known.iter().copied().reduce(f64::max);
    let (Some(last), Some(most)) = (known.last(), most) else {
        return ctx.tr("chart-nothing", &[("name", ctx.t(line.name).into())]);
    };
    let say = |value: f64| decimal(ctx.language, value);
    ctx.tr(
        "chart-summary",
        &[
            ("name", ctx.t(line.name).into()),
            ("last", say(*last).into()),
            ("most", say(most).into()),
        ],
    )
}

/// The newest first. Where nothing is known there is no row.
fn table(ctx: &Ctx, points: &[Point]) -> Markup {
    let say = |value: Option<f64>| {
        value.map_or_else(|| UNKNOWN.to_owned(), |value| decimal(ctx.language, value))
    };
    let lines = || CHARTS.iter().flat_map(|chart| chart.lines);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("charts-table")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("chart-time")) }
                    @for line in lines() { th.number scope="col" { (ctx.t(line.name)) } }
                    th.number scope="col" { (ctx.t("tile-success")) }
                } }
                tbody {
                    @for (point, sums) in points.iter().rev()
                        .filter_map(|point| point.sums.as_ref().map(|sums| (point, sums))) {
                        tr {
                            th scope="row" { (ui::moment(point.at)) }
                            @for line in lines() { td.number { (say((line.value)(sums))) } }
                            td.number {
                                (sums.success_rate().map_or_else(|| UNKNOWN.to_owned(),
                                    |share| percent(ctx.language, share)))
                            }
                        }
                    }
                }
            }
        }
    }
}
