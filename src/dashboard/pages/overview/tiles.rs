//! The figures of this moment.

use maud::{Markup, html};

use super::super::super::{
    Visit,
    live::{Facts, Nodes},
    numbers::{UNKNOWN, decimal, percent, seconds, whole},
};
use crate::db::reports::Bounded;

/// One figure.
struct Tile {
    name: &'static str,
    value: String,
    /// Over which time, or what is counted.
    note: String,
    is_bad: bool,
    link: Option<&'static str>,
}

impl Tile {
    fn new(name: &'static str, value: Option<String>, note: String) -> Self {
        let value = value.unwrap_or_else(|| UNKNOWN.to_owned());
        Self { name, value, note, is_bad: false, link: None }
    }
}

pub(super) fn draw(visit: &Visit, facts: &Facts) -> Markup {
    let tiles = tiles(visit, facts);
    if tiles.is_empty() {
        return html! { p.notice.bad { (visit.t("status-away")) } };
    }
    html! {
        dl.tiles {
            @for tile in tiles {
                div.tile.alarm[tile.is_bad] {
                    dt { (visit.t(tile.name)) }
                    dd.value {
                        @match tile.link {
                            Some(link) => { a href=(link) { (tile.value) } }
                            None => { (tile.value) }
                        }
                    }
                    dd.note { (tile.note) }
                }
            }
        }
    }
}

fn tiles(visit: &Visit, facts: &Facts) -> Vec<Tile> {
    let Some(overview) = &facts.overview else { return Vec::new() };
    let language = visit.language;
    let (five, hour) = (visit.t("tile-five-minutes"), visit.t("tile-hour"));
    let recent = overview.recent.as_ref();
    let last_hour = overview.hour.as_ref();
    let rate = |count: Option<f64>| count.map(|count| decimal(language, count));
    let quantile = |share: f64| {
        let found = last_hour.and_then(|sums| sums.latencies.quantile(share));
        found.map(|time| seconds(language, time))
    };
    let success = last_hour.and_then(|sums| sums.success_rate());
    let asides = [overview.updates_aside, overview.parcels_aside, overview.storage_aside];
    let aside = Bounded(asides.iter().map(|count| count.0).sum());
    let undelivered = visit.tr("tile-undelivered", &[("count", overview.undelivered.into())]);
    let restarts = facts.nodes.as_ref().and_then(restarts);
    vec![
        Tile::new(
            "tile-updates",
            rate(recent.map(|sums| sums.per_minute(sums.updates))),
            five.clone(),
        ),
        Tile::new("tile-begun", rate(recent.map(|sums| sums.per_minute(sums.begun))), five),
        Tile::new("tile-running", Some(whole(language, overview.running)), undelivered),
        Tile::new(
            "tile-waiting",
            Some(whole(language, overview.waiting)),
            visit.t("tile-waiting-note"),
        ),
        Tile::new("tile-success", success.map(|share| percent(language, share)), hour.clone()),
        Tile::new("tile-median", quantile(0.5), hour.clone()),
        Tile::new("tile-slowest", quantile(0.95), hour),
        Tile::new(
            "tile-spent",
            Some(whole(language, overview.spent_today.0)),
            visit.t("tile-today"),
        ),
        Tile {
            link: Some("/admin/actors"),
            ..Tile::new(
                "tile-restarts",
                restarts.map(|count| whole(language, count)),
                visit.t("tile-since-start"),
            )
        },
        Tile {
            is_bad: aside.0 > 0,
            link: Some("/admin/actors/aside"),
            ..Tile::new("tile-aside", Some(aside.to_string()), visit.t("tile-aside-note"))
        },
    ]
}

/// Of singletons and of users' actors, on all nodes that live, since each began.
fn restarts(nodes: &Nodes) -> Option<u64> {
    let living = nodes.all.iter().filter(|seen| seen.is_alive());
    living.filter_map(|seen| seen.told()).fold(None, |sum: Option<u64>, told| {
        let lives = told.census.singletons.iter().map(|one| one.incarnation.saturating_sub(1));
        let crashes = told.traffic.map_or(0, |traffic| traffic.crashes);
        let here = lives.fold(crashes, |sum, lives| sum.saturating_add(u64::from(lives)));
        Some(sum.unwrap_or(0).saturating_add(here))
    })
}
