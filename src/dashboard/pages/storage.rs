//! Storage: what lies where, what waits for it, and work on it as a whole.

mod runs;
mod unsettled;

use actix_web::http::StatusCode;
use aisha_actors::domain::{picture::PictureState, text::Language};
use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx, Visit,
        layout::{self, Icon},
        routes::{Reply, Route},
        ui,
    },
    Page,
};
use crate::db::{
    operators::Role,
    reports::{Backlog, BucketCount, UpkeepKind},
};

pub(in super::super) use runs::PART;

const PATH: &str = "/admin/storage";

/// Rows of a page.
const ROWS: usize = 50;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-storage",
    icon: Icon::BOX,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| overview(ctx).boxed_local()),
        Route::get("/admin/storage/pictures/{state}", Role::Viewer, |ctx| {
            unsettled::list(ctx).boxed_local()
        }),
        Route::post("/admin/storage/check", Role::Support, |ctx| {
            runs::start(ctx, UpkeepKind::Check).boxed_local()
        }),
        Route::post("/admin/storage/move", Role::Owner, |ctx| {
            runs::start(ctx, UpkeepKind::Move).boxed_local()
        }),
        Route::post("/admin/storage/backfill", Role::Support, |ctx| {
            runs::start(ctx, UpkeepKind::Backfill).boxed_local()
        }),
        Route::post("/admin/storage/stop", Role::Support, |ctx| runs::stop(ctx).boxed_local()),
    ],
};

async fn overview(ctx: Ctx) -> Reply {
    show(&ctx, StatusCode::OK, None).await
}

async fn show(ctx: &Ctx, status: StatusCode, problem: Option<&'static str>) -> Reply {
    let database = &ctx.desk.database;
    let counts = database.bucket_counts().await?;
    let backlog = database.backlog().await?;
    let runs = database.upkeep_runs(20).await?;
    let content = html! {
        (ui::problem(ctx, problem))
        (ui::card(&ctx.t("storage-waiting"), &waiting(ctx, &backlog)))
        (ui::card(&ctx.t("storage-buckets"), &buckets(ctx, &counts)))
        (runs::cards(ctx, &runs))
    };
    Ok(layout::page_with(ctx, status, &ctx.t("nav-storage"), &content))
}

fn waiting(ctx: &Ctx, backlog: &Backlog) -> Markup {
    let lines = [
        ("storage-backfills", backlog.backfills.to_string()),
        ("storage-deletions", backlog.deletions.to_string()),
        ("storage-aside", backlog.aside.to_string()),
    ];
    html! {
        table.narrow {
            tbody {
                @for (key, count) in lines {
                    tr { th scope="row" { (ctx.t(key)) } td.number { (count) } }
                }
                @if let Some(oldest) = backlog.oldest {
                    tr {
                        th scope="row" { (ctx.t("storage-oldest")) }
                        td.number { (ui::moment(oldest)) " UTC" }
                    }
                }
            }
        }
        p.facts {
            @for (state, key) in unsettled::STATES {
                a.button href=(format!("{PATH}/pictures/{}", state.name())) { (ctx.t(key)) }
            }
        }
    }
}

fn buckets(ctx: &Ctx, counts: &[BucketCount]) -> Markup {
    let Some(first) = counts.first() else {
        return html! { p.quiet { (ctx.t("storage-uncounted")) } };
    };
    let pictures: u64 = counts.iter().map(|count| count.pictures).sum();
    let size: u64 = counts.iter().map(|count| count.bytes).sum();
    html! {
        p.quiet { (ctx.t("storage-counted")) " " (ui::moment(first.at)) " UTC" }
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("storage-buckets")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("storage-bucket")) }
                    th scope="col" { (ctx.t("storage-state")) }
                    th.number scope="col" { (ctx.t("storage-pictures")) }
                    th.number scope="col" { (ctx.t("storage-size")) }
                } }
                tbody {
                    @for count in counts {
                        tr {
                            th scope="row" { (count.bucket.as_deref().unwrap_or("—")) }
                            td { (ctx.t(state_key(count.state))) }
                            td.number { (count.pictures) }
                            td.number { (bytes(ctx, count.bytes)) }
                        }
                    }
                }
                tfoot { tr {
                    th scope="row" colspan="2" { (ctx.t("storage-all")) }
                    td.number { (pictures) }
                    td.number { (bytes(ctx, size)) }
                } }
            }
        }
    }
}

const fn state_key(state: PictureState) -> &'static str {
    match state {
        PictureState::Pending => "picture-pending",
        PictureState::Stored => "picture-stored",
        PictureState::Fallback => "picture-fallback",
        PictureState::Lost => "picture-lost",
        PictureState::Trashed => "picture-trashed",
        PictureState::Purged => "picture-purged",
    }
}

/// An amount of bytes, short.
fn bytes(visit: &Visit, count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    // Exact enough for one digit behind the point.
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut units = UNITS.iter().peekable();
    while let Some(unit) = units.next() {
        if tenths < 10 * 1024 || units.peek().is_none() {
            let point = if visit.language == Language::Ru { ',' } else { '.' };
            return format!("{}{point}{} {unit}", tenths / 10, tenths % 10);
        }
        tenths /= 1024;
    }
    format!("{count} B")
}
