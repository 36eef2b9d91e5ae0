//! Whether what the bot depends on is there.

use maud::{Markup, html};

use super::super::super::{
    Visit,
    live::{Facts, Nodes},
    ui::{self, Tone},
};
use crate::web::Condition;

pub(super) fn draw(visit: &Visit, facts: &Facts) -> Markup {
    let Some(readiness) = &facts.readiness else {
        return html! { p.quiet { (visit.t("health-unknown")) } };
    };
    let database = [("database", readiness.database)];
    html! {
        ul.health {
            @for (name, condition) in database.iter().chain(&readiness.others) {
                (line(&dependency(visit, name), &said(visit, *condition)))
            }
            @if readiness.draining {
                (line(&visit.t("health-this"), &ui::badge(Tone::Warn, &visit.t("node-draining"))))
            } @else if readiness.node.as_ref().is_some_and(|node| node.epoch.is_none()) {
                (line(&visit.t("health-this"), &ui::badge(Tone::Bad, &visit.t("health-no-lease"))))
            }
            @if let Some(nodes) = &facts.nodes { (others(visit, nodes)) }
        }
    }
}

fn line(name: &str, state: &Markup) -> Markup {
    html! { li { span { (name) } " " (state) } }
}

fn dependency(visit: &Visit, name: &str) -> String {
    match name {
        "database" => visit.t("health-database"),
        "telegram" => visit.t("health-telegram"),
        "fal" => visit.t("health-fal"),
        "objects" => visit.t("health-objects"),
        "redis" => visit.t("health-redis"),
        other => other.to_owned(),
    }
}

fn said(visit: &Visit, condition: Condition) -> Markup {
    match condition {
        Condition::Ok => ui::badge(Tone::Good, &visit.t("health-ok")),
        Condition::Degraded => ui::badge(Tone::Warn, &visit.t("health-degraded")),
        Condition::Away => ui::badge(Tone::Bad, &visit.t("health-away")),
    }
}

/// Where there are nodes: how many live.
fn others(visit: &Visit, nodes: &Nodes) -> Markup {
    if !nodes.others_known {
        return line(&visit.t("health-nodes"), &ui::badge(Tone::Warn, &visit.t("health-unknown")));
    }
    if nodes.all.iter().all(|seen| seen.listed.is_none()) {
        return html! {};
    }
    let alive = nodes.all.iter().filter(|seen| seen.is_alive()).count();
    let words = visit.tr("health-living", &[("count", alive.into())]);
    line(&visit.t("health-nodes"), &ui::badge(Tone::Good, &words))
}
