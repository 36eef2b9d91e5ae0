//! Maintenance: nothing new is begun, and people are told so.

use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx, Visit,
        act::{Act, act},
        layout::{self, Icon, redirect},
        live::{Facts, Part},
        routes::{Reply, Route},
        ui::{self, Tone},
    },
    Page,
};
use crate::db::{
    operators::Role,
    reports::{MAINTENANCE, Switch},
};

const PATH: &str = "/admin/maintenance";

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-maintenance",
    icon: Icon(
        "M14.7 6.3a4 4 0 0 0-5.4 5.1L3.5 17.2a2 2 0 0 0 2.8 2.8l5.8-5.8a4 4 0 0 0 5.1-5.4l-2.6 2.6-2.5-2.5z",
    ),
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| page(ctx).boxed_local()),
        Route::post("/admin/maintenance/on", Role::Owner, |ctx| set(ctx, true).boxed_local()),
        Route::post("/admin/maintenance/off", Role::Owner, |ctx| set(ctx, false).boxed_local()),
    ],
};

/// Above every page while it lasts.
pub(in super::super) const BANNER: Part =
    Part { name: "maintenance", role: Role::Viewer, render: |visit, _: &Facts| banner(visit) };

/// Nothing, unless this process takes no new generations.
pub(in super::super) fn banner(visit: &Visit) -> Markup {
    let is_closed = visit.desk.system.as_ref().is_some_and(|system| system.shop().is_closed());
    html! {
        @if is_closed {
            p.notice.bad { (visit.t("maintenance-banner")) " " a href=(PATH) { (visit.t("maintenance-see")) } }
        }
    }
}

async fn page(ctx: Ctx) -> Reply {
    let switch = ctx.desk.database.switch(MAINTENANCE).await?;
    let is_on = switch.as_ref().is_some_and(|switch| switch.is_on);
    let content = html! {
        section.card {
            p.facts {
                @if is_on { (ui::badge(Tone::Bad, &ctx.t("maintenance-on"))) }
                @else { (ui::badge(Tone::Good, &ctx.t("maintenance-off"))) }
            }
            p { (ctx.t("maintenance-words")) }
            @if let Some(switch) = &switch { (last(&ctx, switch)) }
        }
        @if ctx.may(Role::Owner) { (ui::card(&ctx.t("maintenance-change"), &change(&ctx, is_on))) }
    };
    Ok(layout::page(&ctx, &ctx.t("nav-maintenance"), &content))
}

fn last(ctx: &Ctx, switch: &Switch) -> Markup {
    html! {
        p.quiet {
            (ctx.t("maintenance-last")) " " (ui::moment(switch.at)) " · " (switch.author) " · " (switch.note)
        }
    }
}

fn change(ctx: &Ctx, is_on: bool) -> Markup {
    let (path, button, class) = if is_on {
        ("/admin/maintenance/off", "maintenance-end", "primary")
    } else {
        ("/admin/maintenance/on", "maintenance-begin", "danger")
    };
    ui::form(
        ctx,
        path,
        &html! {
            (ui::reason(ctx, "maintenance"))
            button class=(class) type="submit" { (ctx.t(button)) }
        },
    )
}

async fn set(ctx: Ctx, is_on: bool) -> Reply {
    let (action, done) = if is_on {
        ("maintenance.begin", "done-maintenance-on")
    } else {
        ("maintenance.end", "done-maintenance-off")
    };
    let word = |is_on| if is_on { "on" } else { "off" };
    let before = ctx.desk.database.switch(MAINTENANCE).await?.is_some_and(|switch| switch.is_on);
    let deed = Act::new(action, format!("switch/{MAINTENANCE}")).from(word(before)).to(word(is_on));
    let why = ctx.reason()?;
    act(&ctx, deed, async || {
        Ok(ctx.desk.database.set_switch(MAINTENANCE, is_on, &why, ctx.name()).await?)
    })
    .await?;
    // The other nodes look every second; this one knows.
    if let Some(system) = &ctx.desk.system {
        system.shop().set_closed(is_on);
    }
    Ok(redirect(&format!("{PATH}?done={done}")))
}
