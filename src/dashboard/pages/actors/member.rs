//! One node, one singleton, one user's actor.

use actix_web::http::StatusCode;
use aisha_actors::{
    census::{Filter, Member, Order},
    domain::id::UserId,
};
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Ctx, Error, Visit, layout,
            numbers::{UNKNOWN, whole},
            routes::Reply,
            tree::Seen,
            ui,
        },
        ledger,
    },
    PATH, node_name, node_path, table, wanted,
};
use crate::db::operators::Role;

/// Characters of a restart's reason that are shown.
const REASON: usize = 300;

pub(super) async fn node(ctx: Ctx) -> Reply {
    let seen = wanted(&ctx, Filter::default()).await?;
    Ok(node_page(&ctx, &seen, StatusCode::OK, None))
}

pub(super) fn node_page(
    ctx: &Ctx,
    seen: &Seen,
    status: StatusCode,
    problem: Option<&str>,
) -> actix_web::HttpResponse {
    let singletons = seen.told().map(|told| told.census.singletons.as_slice()).unwrap_or_default();
    let content = html! {
        (back(ctx, None))
        (ui::problem(ctx, problem))
        p.facts { (table::badges(ctx, seen)) }
        (ui::card(&ctx.t("node-facts"), &facts(ctx, seen)))
        @if !singletons.is_empty() && seen.is_alive() {
            (ui::card(&ctx.t("node-singletons"), &html! {
                ul.links { @for member in singletons { li {
                    a href=(format!("{}/{}", node_path(seen.node), member.kind)) { (member.kind) }
                    " " (table::condition(ctx, member.condition))
                } } }
            }))
        }
        @if ctx.may(Role::Owner) && seen.is_alive() { (drain_form(ctx, seen)) }
    };
    layout::page_with(ctx, status, &node_name(ctx, seen), &content)
}

fn facts(ctx: &Ctx, seen: &Seen) -> Markup {
    let told = seen.told();
    html! {
        dl.pairs {
            (pair(ctx, "node-id", &html! { code { (seen.node) } }))
            @if let Some(listed) = &seen.listed {
                (pair(ctx, "node-address", &html! { (listed.address) }))
                (pair(ctx, "node-joined", &ui::moment(listed.joined_at)))
                (pair(ctx, "node-seen", &ui::moment(listed.seen_at)))
            }
            @if let Some(report) = &seen.report {
                (pair(ctx, "node-reported", &ui::moment(report.at)))
            }
            @if let Some(users) = told.and_then(|told| told.census.users.as_ref()) {
                (pair(ctx, "node-users", &html! { (whole(ctx.language, users.live as u64)) }))
            }
            @if let Some(traffic) = told.and_then(|told| told.traffic) {
                (pair(ctx, "node-updates", &html! { (whole(ctx.language, traffic.updates)) }))
                (pair(ctx, "node-sent", &html! { (whole(ctx.language, traffic.sent)) }))
                (pair(ctx, "node-busy", &html! { (traffic.busy) }))
                (pair(ctx, "node-waiting", &html! { (traffic.waiting) }))
                (pair(ctx, "node-crashes", &html! { (whole(ctx.language, traffic.crashes)) }))
            }
        }
    }
}

fn drain_form(ctx: &Ctx, seen: &Seen) -> Markup {
    let (what, title, words, class) = if seen.is_draining() {
        ("undrain", "node-undrain", "node-undrain-words", "primary")
    } else {
        ("drain", "node-drain", "node-drain-words", "danger")
    };
    ui::card(
        &ctx.t(title),
        &html! {
            p.quiet { (ctx.t(words)) }
            (ui::form(ctx, &format!("{}/{what}", node_path(seen.node)), &html! {
                (ui::reason(ctx, "drain"))
                button class=(class) type="submit" { (ctx.t(title)) }
            }))
        },
    )
}

/// The singleton of the address.
pub(super) fn of_kind<'a>(ctx: &Ctx, seen: &'a Seen) -> Result<&'a Member, Error> {
    let kind = ctx.params.get("actor");
    let told = seen.told().ok_or(Error::NotFound)?;
    told.census.singletons.iter().find(|member| member.kind == kind).ok_or(Error::NotFound)
}

pub(super) async fn singleton(ctx: Ctx) -> Reply {
    let seen = wanted(&ctx, Filter::default()).await?;
    singleton_page(&ctx, &seen, StatusCode::OK, None)
}

pub(super) fn singleton_page(
    ctx: &Ctx,
    seen: &Seen,
    status: StatusCode,
    problem: Option<&str>,
) -> Reply {
    let member = of_kind(ctx, seen)?;
    let content = html! {
        (back(ctx, Some(seen)))
        (ui::problem(ctx, problem))
        (about(ctx, member))
        @if ctx.may(Role::Owner) && seen.is_alive() {
            (ui::card(&ctx.t("actor-restart"), &html! {
                p.quiet { (ctx.t("actor-restart-words")) }
                (ui::form(ctx, &format!("{}/{}/restart", node_path(seen.node), member.kind), &html! {
                    (ui::reason(ctx, "restart"))
                    button.danger type="submit" { (ctx.t("actor-restart")) }
                }))
            }))
        }
    };
    Ok(layout::page_with(ctx, status, &member.kind, &content))
}

/// The user of the address.
pub(super) fn user_of(visit: &Visit) -> Result<UserId, Error> {
    visit.params.get("user").parse().map(UserId).map_err(|_| Error::NotFound)
}

pub(super) async fn user(ctx: Ctx) -> Reply {
    let user = user_of(&ctx)?;
    let seen = wanted(&ctx, Filter { user: Some(user), order: Order::ById }).await?;
    Ok(user_page(&ctx, &seen, user, StatusCode::OK, None))
}

pub(super) fn user_page(
    ctx: &Ctx,
    seen: &Seen,
    user: UserId,
    status: StatusCode,
    problem: Option<&str>,
) -> actix_web::HttpResponse {
    let users = seen.told().and_then(|told| told.census.users.as_ref());
    let listed = users.map(|users| users.listed.as_slice()).unwrap_or_default();
    let member = listed.iter().find(|member| member.user == Some(user));
    // Others tell of their busiest only.
    let may_live = member.is_some() || !seen.is_this;
    let content = html! {
        (back(ctx, Some(seen)))
        (ui::problem(ctx, problem))
        p.facts { (ctx.t("actor-person")) " " (ledger::person(user)) }
        @match member {
            Some(member) => (about(ctx, member)),
            None => { section.card { p.quiet { (ctx.t("actors-user-none")) } } }
        }
        @if ctx.may(Role::Owner) && may_live && seen.is_alive() {
            (ui::card(&ctx.t("actor-retire"), &html! {
                p.quiet { (ctx.t("actor-retire-words")) }
                (ui::form(ctx, &format!("{}/users/{user}/retire", node_path(seen.node)), &html! {
                    (ui::reason(ctx, "retire"))
                    button.danger type="submit" { (ctx.t("actor-retire")) }
                }))
            }))
        }
    };
    let title = ctx.tr("actor-of", &[("user", user.to_string().into())]);
    layout::page_with(ctx, status, &title, &content)
}

/// The way up.
fn back(visit: &Visit, seen: Option<&Seen>) -> Markup {
    html! {
        nav.path aria-label=(visit.t("path")) {
            a href=(PATH) { (visit.t("nav-actors")) }
            @if let Some(seen) = seen {
                " / " a href=(node_path(seen.node)) { (node_name(visit, seen)) }
            }
        }
    }
}

fn pair(visit: &Visit, name: &str, value: &Markup) -> Markup {
    html! { div { dt { (visit.t(name)) } dd { (value) } } }
}

fn about(visit: &Visit, member: &Member) -> Markup {
    html! {
        (ui::card(&visit.t("actor-facts"), &html! {
            dl.pairs {
                (pair(visit, "actor-kind", &html! { (member.kind) }))
                (pair(visit, "actor-state", &table::condition(visit, member.condition)))
                (pair(visit, "actor-incarnation", &html! { (member.incarnation) }))
                (pair(visit, "actor-born", &ui::moment(member.born_at)))
                (pair(visit, "actor-mailbox", &table::mailbox(visit, member)))
                (pair(visit, "actor-handled", &html! { (whole(visit.language, member.handled)) }))
                (pair(visit, "actor-last", &html! { @match &member.last {
                    Some(last) => { code { (last.name) } " " (ui::moment(last.at)) }
                    None => (UNKNOWN),
                } }))
                (pair(visit, "actor-budget", &html! { (table::budget(member)) }))
            }
        }))
        (ui::card(&visit.t("actor-restarts"), &html! {
            @if member.restarts.is_empty() { p.quiet { (visit.t("actor-restarts-none")) } }
            @else {
                div.scroll tabindex="0" role="region" aria-label=(visit.t("actor-restarts")) {
                    table {
                        thead { tr {
                            th scope="col" { (visit.t("audit-at")) }
                            th scope="col" { (visit.t("reason")) }
                        } }
                        tbody { @for restart in member.restarts.iter().rev() { tr {
                            td { (ui::moment(restart.at)) }
                            td.words { (table::reason(visit, &restart.reason, REASON)) }
                        } } }
                    }
                }
            }
        }))
    }
}
