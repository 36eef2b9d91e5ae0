//! The ledger: its entries, the accounts, and whether the books are right.

mod accounts;
mod export;
mod filter;
pub(super) mod second;

use actix_web::http::StatusCode;
use aisha_actors::domain::{
    id::{GenerationId, UserId},
    ledger::{Credits, EntryKind},
};
use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx, Error,
        act::{Act, act},
        layout::{self, Icon, redirect},
        routes::{Reply, Route},
        ui::{self, Tone},
    },
    PAGES, Page,
};
use crate::db::{
    operators::Role,
    reports::{BalanceStats, EntryLine, EntrySum, LedgerCheck},
};

use filter::Wanted;

const PATH: &str = "/admin/ledger";

/// Rows of a page.
const ROWS: usize = 50;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-ledger",
    icon: Icon::SCALES,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| list(ctx).boxed_local()),
        Route::get("/admin/ledger/accounts", Role::Viewer, |ctx| accounts::list(ctx).boxed_local()),
        Route::get("/admin/ledger/entries.csv", Role::Finance, |ctx| {
            export::csv(ctx).boxed_local()
        }),
        Route::post("/admin/ledger/check", Role::Support, |ctx| check(ctx).boxed_local()),
        Route::post("/admin/ledger/proposals/{id}/approve", Role::Finance, |ctx| {
            second::approve(ctx).boxed_local()
        })
        .fresh(),
        Route::post("/admin/ledger/proposals/{id}/refuse", Role::Finance, |ctx| {
            second::refuse(ctx).boxed_local()
        }),
    ],
};

async fn list(ctx: Ctx) -> Reply {
    let wanted = Wanted::read(&ctx);
    let filter = match wanted.filter() {
        Ok(filter) => filter,
        Err(problem) => return refuse(&ctx, &wanted, problem).await,
    };
    let database = &ctx.desk.database;
    let after = ctx.query.get("after").parse().ok();
    let mut rows = database.find_entries(filter.clone(), after, ROWS + 1).await?;
    let is_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let older = rows.last().filter(|_| is_more).map(|last| {
        let query = wanted.query(Some(&last.spot().to_string()));
        format!("{PATH}?{query}")
    });
    let sum = database.sum_entries(filter).await?;
    let content = html! {
        @if !sum.by_kind.is_empty() { (ui::card(&ctx.t("ledger-sum"), &sums(&ctx, &sum))) }
        section.card {
            @if rows.is_empty() { p.quiet { (ctx.t("ledger-empty")) } }
            @else { (entries(&ctx, &rows)) }
        }
        (further(&ctx, older.as_deref()))
    };
    show(&ctx, StatusCode::OK, &wanted, &content).await
}

/// Says what was wrong, with the forms.
async fn refuse(ctx: &Ctx, wanted: &Wanted, problem: &'static str) -> Reply {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    show(ctx, status, wanted, &ui::problem(ctx, Some(problem))).await
}

async fn show(ctx: &Ctx, status: StatusCode, wanted: &Wanted, content: &Markup) -> Reply {
    let last = ctx.desk.database.last_ledger_check().await?;
    let waiting = ctx.desk.database.open_proposals(second::ROWS).await?;
    let content = html! {
        @if !waiting.is_empty() { (ui::card(&ctx.t("second"), &second::list(ctx, &waiting))) }
        (ui::card(&ctx.t("ledger-books"), &books(ctx, last.as_ref())))
        div.bar {
            (wanted.form(ctx, PATH))
            div.facts {
                a.button href="/admin/ledger/accounts" { (ctx.t("ledger-accounts")) }
                @if ctx.may(Role::Finance) {
                    a.button download href=(format!("{PATH}/entries.csv?{}", wanted.query(None))) {
                        (ctx.t("ledger-csv"))
                    }
                }
            }
        }
        (content)
    };
    Ok(layout::page_with(ctx, status, &ctx.t("nav-ledger"), &content))
}

/// Leads to what comes after the last row: htmx adds it to the table, without it the link leads to a page.
pub(super) fn further(ctx: &Ctx, place: Option<&str>) -> Markup {
    html! {
        div id="older" {
            @if let Some(place) = place {
                a.button href=(place) rel="next" hx-get=(place) hx-target="#rows"
                    hx-select="#rows > tr" hx-swap="beforeend" hx-select-oob="#older" {
                    (ctx.t("older"))
                }
            }
        }
    }
}

fn books(ctx: &Ctx, last: Option<&LedgerCheck>) -> Markup {
    html! {
        @match last {
            None => p.quiet { (ctx.t("ledger-unchecked")) },
            Some(check) => {
                p.facts {
                    @if check.breaches == 0 { (ui::badge(Tone::Good, &ctx.t("ledger-right"))) }
                    @else {
                        (ui::badge(Tone::Bad,
                            &ctx.tr("ledger-breaches", &[("count", check.breaches.into())])))
                    }
                    span.quiet { (ctx.t("ledger-checked")) " " (ui::moment(check.at)) " UTC" }
                }
                @if !check.lines.is_empty() {
                    ul.steps { @for line in &check.lines { li { code { (line) } } } }
                }
                (whole(ctx, &check.stats))
            }
        }
        @if ctx.may(Role::Support) {
            (ui::form(ctx, "/admin/ledger/check", &html! {
                (ui::reason(ctx, "check"))
                button type="submit" { (ctx.t("ledger-check")) }
            }))
        }
    }
}

fn whole(ctx: &Ctx, stats: &BalanceStats) -> Markup {
    let lines = [
        ("ledger-issued", stats.issued),
        ("ledger-promo", stats.promo),
        ("ledger-revenue", stats.revenue),
        ("ledger-refunded", stats.refunded),
        ("ledger-circulating", stats.circulating),
        ("ledger-held", stats.held),
    ];
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("ledger-books")) {
            table.narrow {
                tbody {
                    @for (key, credits) in lines {
                        tr { th scope="row" { (ctx.t(key)) } td.number { (credits) } }
                    }
                    tr {
                        th scope="row" { (ctx.t("ledger-entries")) }
                        td.number { (stats.entries) }
                    }
                }
            }
        }
    }
}

fn sums(ctx: &Ctx, sum: &EntrySum) -> Markup {
    html! {
        @if sum.is_cut { p.quiet { (ctx.t("ledger-cut")) } }
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("ledger-sum")) {
            table.narrow {
                thead { tr {
                    th scope="col" { (ctx.t("ledger-kind")) }
                    th.number scope="col" { (ctx.t("ledger-entries")) }
                    th.number scope="col" { (ctx.t("ledger-amount")) }
                } }
                tbody { @for (kind, count, credits) in &sum.by_kind {
                    tr {
                        th scope="row" { (ctx.t(kind_key(*kind))) }
                        td.number { (count) }
                        td.number { (credits) }
                    }
                } }
            }
        }
    }
}

fn entries(ctx: &Ctx, rows: &[EntryLine]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-ledger")) {
            table {
                thead { tr {
                    th.number scope="col" { "№" }
                    th scope="col" { (ctx.t("ledger-at")) }
                    th scope="col" { (ctx.t("ledger-kind")) }
                    th scope="col" { (ctx.t("ledger-person")) }
                    th.number scope="col" { (ctx.t("ledger-amount")) }
                    th scope="col" { (ctx.t("ledger-generation")) }
                    th scope="col" { (ctx.t("ledger-actor")) }
                    th scope="col" { (ctx.t("reason")) }
                } }
                tbody id="rows" { @for row in rows { (line(ctx, row)) } }
            }
        }
    }
}

fn line(ctx: &Ctx, row: &EntryLine) -> Markup {
    html! {
        tr {
            td.number { (row.seq) }
            td { (ui::moment(row.at)) }
            td { (ctx.t(kind_key(row.kind))) }
            td { (person(row.user)) }
            td.number { (signed(row.kind, row.amount)) }
            td { @if let Some(id) = row.generation { (generation(id)) } @else { "—" } }
            td { (row.by) }
            td.words { (row.reason) }
        }
    }
}

/// With the sign that it has for the person; what is only set aside or free again has none.
fn signed(kind: EntryKind, amount: Credits) -> String {
    match kind {
        EntryKind::Hold | EntryKind::Release => amount.to_string(),
        _ if kind.debits_user() => format!("−{amount}"),
        _ => format!("+{amount}"),
    }
}

const fn kind_key(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Welcome => "entry-welcome",
        EntryKind::Grant => "entry-grant",
        EntryKind::Withdrawal => "entry-withdrawal",
        EntryKind::Hold => "entry-hold",
        EntryKind::Capture => "entry-capture",
        EntryKind::Release => "entry-release",
        EntryKind::Refund => "entry-refund",
    }
}

/// Only pages that there are are linked.
fn is_page(path: &str) -> bool {
    PAGES.iter().any(|page| page.path == path)
}

/// A person's number, with the way to their page.
pub(super) fn person(user: UserId) -> Markup {
    html! {
        @if is_page("/admin/people") { a href=(format!("/admin/people/{user}")) { (user) } }
        @else { (user) }
    }
}

/// A generation's short name, with the way to its page.
pub(super) fn generation(id: GenerationId) -> Markup {
    html! {
        @if is_page("/admin/generations") {
            a href=(format!("/admin/generations/{id}")) title=(id) { code { (id.short()) } }
        } @else { code title=(id) { (id.short()) } }
    }
}

/// Looks at everything; one at a time.
async fn check(ctx: Ctx) -> Reply {
    let desk = ctx.desk.clone();
    let Ok(turn) = desk.books.try_acquire() else {
        return refuse(&ctx, &Wanted::default(), "ledger-busy").await;
    };
    let at = ctx.now();
    let checked = act(&ctx, Act::new("ledger.check", "ledger"), async || {
        Ok(ctx.desk.database.check_ledger_now(at).await?)
    })
    .await;
    drop(turn);
    match checked {
        Ok(_) => Ok(redirect("/admin/ledger?done=done-books")),
        Err(Error::Refused(key)) => refuse(&ctx, &Wanted::default(), key).await,
        Err(error) => Err(error),
    }
}
