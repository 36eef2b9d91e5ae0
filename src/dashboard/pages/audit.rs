//! What operators did.

use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx,
        layout::{self, Icon},
        routes::{Reply, Route},
        ui,
    },
    Page,
};
use crate::db::{
    audit::{AuditFilter, AuditRow, Verdict},
    operators::Role,
};

const PATH: &str = "/admin/audit";

/// Rows of a page.
const ROWS: usize = 50;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-audit",
    icon: Icon::LIST,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| list(ctx).boxed_local()),
        Route::get("/admin/audit/check", Role::Viewer, |ctx| check(ctx).boxed_local()),
    ],
};

async fn list(ctx: Ctx) -> Reply {
    show(&ctx, None).await
}

/// A look at every row: on demand, and it changes nothing.
async fn check(ctx: Ctx) -> Reply {
    let verdict = ctx.desk.database.verify_audit().await?;
    show(&ctx, Some(verdict)).await
}

async fn show(ctx: &Ctx, verdict: Option<Verdict>) -> Reply {
    let filter = AuditFilter {
        actor: ctx.query.get("actor").trim().to_owned(),
        subject: ctx.query.get("subject").trim().to_owned(),
        before: ctx.query.get("before").parse().ok(),
    };
    let mut rows = ctx.desk.database.audit_rows(filter.clone(), ROWS + 1).await?;
    let is_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let older = rows.last().filter(|_| is_more).map(|last| older(&filter, last.seq));
    let content = html! {
        (said(ctx, verdict))
        div.bar {
            (filters(ctx, &filter))
            a.button href="/admin/audit/check" { (ctx.t("audit-check")) }
        }
        section.card {
            @if rows.is_empty() { p.quiet { (ctx.t("audit-empty")) } }
            @else { (table(ctx, &rows)) }
        }
        // htmx adds the rows to the table; without it the link leads to a page of its own.
        div id="older" {
            @if let Some(older) = older {
                a.button href=(older) rel="next" hx-get=(older) hx-target="#rows"
                    hx-select="#rows > tr" hx-swap="beforeend" hx-select-oob="#older" {
                    (ctx.t("older"))
                }
            }
        }
    };
    Ok(layout::page(ctx, &ctx.t("nav-audit"), &content))
}

fn said(ctx: &Ctx, verdict: Option<Verdict>) -> Markup {
    html! {
        @match verdict {
            None => {}
            Some(Verdict::Whole { rows }) => {
                p.notice.good role="status" { (ctx.tr("audit-whole", &[("rows", rows.into())])) }
            }
            Some(Verdict::Broken { at }) => {
                p.notice.bad role="alert" { (ctx.tr("audit-broken", &[("row", at.to_string().into())])) }
            }
        }
    }
}

fn older(filter: &AuditFilter, before: i64) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("actor", &filter.actor)
        .append_pair("subject", &filter.subject)
        .append_pair("before", &before.to_string())
        .finish();
    format!("{PATH}?{query}")
}

fn filters(ctx: &Ctx, filter: &AuditFilter) -> Markup {
    html! {
        form.filters method="get" action=(PATH) role="search" {
            div.field {
                label for="actor" { (ctx.t("audit-actor")) }
                input id="actor" name="actor" type="search" value=(filter.actor);
            }
            div.field {
                label for="subject" { (ctx.t("audit-subject")) }
                input id="subject" name="subject" type="search" value=(filter.subject)
                    placeholder="operator/ann";
            }
            button type="submit" { (ctx.t("find")) }
        }
    }
}

fn table(ctx: &Ctx, rows: &[AuditRow]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-audit")) {
            table {
                thead { tr {
                    th scope="col" { "№" }
                    th scope="col" { (ctx.t("audit-at")) }
                    th scope="col" { (ctx.t("audit-actor")) }
                    th scope="col" { (ctx.t("audit-action")) }
                    th scope="col" { (ctx.t("audit-subject")) }
                    th scope="col" { (ctx.t("reason")) }
                    th scope="col" { (ctx.t("audit-change")) }
                    th scope="col" { (ctx.t("audit-from")) }
                } }
                tbody id="rows" { @for row in rows { (line(row)) } }
            }
        }
    }
}

fn line(row: &AuditRow) -> Markup {
    let deed = &row.deed;
    html! {
        tr {
            td.number { (row.seq) }
            td { (ui::moment(row.at)) }
            td { @if deed.actor.is_empty() { "—" } @else { (deed.actor) } }
            td { code { (deed.action) } }
            td.cut { (deed.subject) }
            td.words { (deed.reason) }
            td.words {
                @if let Some(before) = &deed.before { s { (before) } " → " }
                @if let Some(after) = &deed.after { (after) }
            }
            td { span title=(deed.request_id) { (deed.address) } }
        }
    }
}
