//! How things are: the first page.

mod charts;
mod health;
mod tiles;

use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx, assets,
        layout::{self, Icon},
        live::{Facts, Part},
        routes::{Reply, Route},
        ui,
    },
    Page,
};
use crate::db::{operators::Role, reports::Span};

const PATH: &str = "/admin";

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-overview",
    icon: Icon::PULSE,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| show(ctx).boxed_local()),
        Route::get("/admin/overview/series", Role::Viewer, |ctx| charts::series(ctx).boxed_local()),
    ],
};

pub(super) const TILES: Part = Part { name: "tiles", role: Role::Viewer, render: tiles::draw };
pub(super) const HEALTH: Part = Part { name: "health", role: Role::Viewer, render: health::draw };

async fn show(ctx: Ctx) -> Reply {
    let span = charts::span(ctx.query.get("span")).unwrap_or(Span::Hour);
    let (facts, points) = tokio::join!(
        Facts::gather(&ctx.desk, |name| [TILES.name, HEALTH.name].contains(&name)),
        ctx.desk.database.series(span, ctx.now()),
    );
    let points = points?;
    let is_new = facts.glance.is_some_and(|glance| !glance.has_people);
    let content = html! {
        @if is_new { (first_run(&ctx)) }
        div data-live=(TILES.name) { (tiles::draw(&ctx, &facts)) }
        (ui::card(&ctx.t("health-title"), &html! {
            div data-live=(HEALTH.name) { (health::draw(&ctx, &facts)) }
        }))
        (charts::draw(&ctx, span, &points))
        link rel="stylesheet" href=(assets::url("uPlot.min.css"));
        script src=(assets::url("charts.js")) type="module" {}
    };
    Ok(layout::page(&ctx, &ctx.t("nav-overview"), &content))
}

/// What to do first, as long as nobody has used the bot.
fn first_run(ctx: &Ctx) -> Markup {
    html! {
        section.card {
            h2 { (ctx.t("first-title")) }
            p { (ctx.t("first-words")) }
            ol.steps {
                @if ctx.desk.sandbox {
                    li { (ctx.t("first-sandbox")) " " a href="/sandbox" { (ctx.t("first-sandbox-link")) } }
                } @else {
                    li { (ctx.t("first-bot")) }
                }
                li { (ctx.t("first-picture")) }
                li { (ctx.t("first-doctor")) " " code { "aisha doctor" } }
                li { (ctx.t("first-account")) " " a href="/admin/account" { (ctx.t("nav-account")) }
                    @if ctx.may(Role::Owner) {
                        " · " a href="/admin/operators" { (ctx.t("nav-operators")) }
                    }
                }
            }
        }
    }
}
