//! The supervision tree of all nodes, and what can be done to it.

mod aside;
mod member;
mod steer;
mod table;

use actix_web::http::StatusCode;
use aisha_actors::{
    census::{Filter, Order},
    domain::id::UserId,
};
use futures::FutureExt;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    super::{
        Ctx, Error, Visit,
        layout::{self, Icon},
        live::{Facts, Nodes, Part},
        routes::{Reply, Route},
        tree::Seen,
        ui,
    },
    Page,
};
use crate::db::operators::Role;

const PATH: &str = "/admin/actors";

/// Users' actors that are listed.
const ROWS: usize = 50;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-actors",
    icon: Icon::TREE,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| show(ctx).boxed_local()),
        Route::get("/admin/actors/aside", Role::Viewer, |ctx| aside::list(ctx).boxed_local()),
        Route::post("/admin/actors/aside/{kind}/{id}/replay", Role::Support, |ctx| {
            aside::replay(ctx).boxed_local()
        }),
        Route::post("/admin/actors/aside/{kind}/{id}/discard", Role::Support, |ctx| {
            aside::discard(ctx).boxed_local()
        }),
        Route::get("/admin/actors/{node}", Role::Viewer, |ctx| member::node(ctx).boxed_local()),
        Route::post("/admin/actors/{node}/drain", Role::Owner, |ctx| {
            steer::drain(ctx, true).boxed_local()
        }),
        Route::post("/admin/actors/{node}/undrain", Role::Owner, |ctx| {
            steer::drain(ctx, false).boxed_local()
        }),
        Route::get("/admin/actors/{node}/{actor}", Role::Viewer, |ctx| {
            member::singleton(ctx).boxed_local()
        }),
        Route::post("/admin/actors/{node}/{actor}/restart", Role::Owner, |ctx| {
            steer::restart(ctx).boxed_local()
        }),
        Route::get("/admin/actors/{node}/users/{user}", Role::Viewer, |ctx| {
            member::user(ctx).boxed_local()
        }),
        Route::post("/admin/actors/{node}/users/{user}/retire", Role::Owner, |ctx| {
            steer::retire(ctx).boxed_local()
        }),
    ],
};

pub(super) const TREE: Part = Part { name: "tree", role: Role::Viewer, render: table::tree };
pub(super) const USERS: Part = Part { name: "users", role: Role::Viewer, render: table::busiest };

async fn show(ctx: Ctx) -> Reply {
    let said = ctx.query.get("user").trim();
    let user = said.parse().ok().map(UserId);
    let order = order(ctx.query.get("order"));
    let nodes = Nodes::look(&ctx.desk, Filter { user, order }, ROWS).await;
    let facts = Facts { nodes, ..Facts::default() };
    let problem = (user.is_none() && !said.is_empty()).then_some("actors-user-number");
    // What was searched for stands still.
    let is_live = user.is_none() && order == Order::Busiest;
    let content = html! {
        (tabs(&ctx, false))
        (ui::problem(&ctx, problem))
        (unknown(&ctx, facts.nodes.as_ref()))
        (ui::card(&ctx.t("actors-tree"), &html! {
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("actors-tree")) {
                table data-live=(TREE.name) { (table::tree(&ctx, &facts)) }
            }
        }))
        (ui::card(&ctx.t("actors-users"), &html! {
            (table::live(&ctx, facts.nodes.as_ref()))
            (search(&ctx, said, order))
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("actors-users")) {
                table data-live=[is_live.then_some(USERS.name)] {
                    (table::users(&ctx, facts.nodes.as_ref(), user, order))
                }
            }
        }))
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(layout::page_with(&ctx, status, &ctx.t("nav-actors"), &content))
}

/// What is not seen, and why.
fn unknown(visit: &Visit, nodes: Option<&Nodes>) -> Markup {
    html! {
        @match nodes {
            None => { p.notice.bad { (visit.t("status-actors")) } }
            Some(nodes) if !nodes.others_known => {
                p.notice.bad { (visit.t("actors-others-unknown")) }
            }
            Some(_) => {}
        }
    }
}

fn tabs(visit: &Visit, aside: bool) -> Markup {
    let here = |is_here: bool| is_here.then_some("page");
    html! {
        nav.tabs aria-label=(visit.t("nav-actors")) {
            a href=(PATH) aria-current=[here(!aside)] { (visit.t("actors-tab")) }
            a href="/admin/actors/aside" aria-current=[here(aside)] { (visit.t("aside-tab")) }
        }
    }
}

const ORDERS: [(Order, &str, &str); 3] = [
    (Order::Busiest, "busiest", "actors-by-busiest"),
    (Order::Recent, "recent", "actors-by-recent"),
    (Order::ById, "id", "actors-by-id"),
];

fn order(said: &str) -> Order {
    let known = ORDERS.iter().find(|(_, name, _)| *name == said);
    known.map_or(Order::Busiest, |(order, ..)| *order)
}

fn search(visit: &Visit, said: &str, order: Order) -> Markup {
    let options: Vec<_> = ORDERS.iter().map(|(_, name, key)| (*name, visit.t(key))).collect();
    let chosen = ORDERS.iter().find(|(one, ..)| *one == order).map_or("", |(_, name, _)| name);
    html! {
        form.filters method="get" action=(PATH) role="search" {
            div.field {
                label for="user" { (visit.t("actors-user")) }
                input id="user" name="user" type="search" inputmode="numeric" value=(said)
                    placeholder="123456789" autocomplete="off";
            }
            (ui::choice("order", "order", &visit.t("actors-order"), &options, chosen))
            button type="submit" { (visit.t("find")) }
        }
    }
}

/// As it stands in addresses.
fn node_path(node: Uuid) -> String {
    format!("{PATH}/{}", node.simple())
}

fn node_name(visit: &Visit, seen: &Seen) -> String {
    if seen.is_this {
        return visit.t("node-this");
    }
    seen.node.simple().to_string().chars().take(8).collect()
}

/// The node of the address, as it is now.
async fn wanted(ctx: &Ctx, filter: Filter) -> Result<Seen, Error> {
    let node = Uuid::try_parse(ctx.params.get("node")).map_err(|_| Error::NotFound)?;
    let nodes = Nodes::look(&ctx.desk, filter, ROWS).await;
    let nodes = nodes.ok_or_else(|| Error::Away("there are no actors here".to_owned()))?;
    let found = nodes.all.into_iter().find(|seen| seen.node == node);
    found.ok_or(Error::NotFound)
}
