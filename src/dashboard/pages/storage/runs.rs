//! Work on storage as a whole: begun here, done by one of the nodes, watched from all.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Ctx, Error, Visit,
            act::{Act, act},
            layout::redirect,
            live::{Facts, Part},
            routes::Reply,
            ui::{self, Tone},
        },
        parts,
    },
    PATH, bytes, show,
};
use crate::db::{
    operators::Role,
    reports::{UpkeepEnd, UpkeepKind, UpkeepRun, UpkeepWhat},
};

/// How far the work is, while it is done.
pub(in super::super::super) const PART: Part =
    Part { name: "upkeep", role: Role::Viewer, render: live };

fn live(visit: &Visit, facts: &Facts) -> Markup {
    progress(visit, facts.upkeep.as_ref())
}

pub(super) fn cards(ctx: &Ctx, runs: &[UpkeepRun]) -> Markup {
    let is_backfill = |run: &&UpkeepRun| run.kind == UpkeepKind::Backfill;
    let told =
        |run: &&UpkeepRun| matches!(run.ended, Some((_, UpkeepEnd::Finished | UpkeepEnd::Failed)));
    let check = runs.iter().filter(told).find(|run| !is_backfill(run));
    let backfill = runs.iter().filter(told).find(is_backfill);
    html! {
        section.card {
            h2 { (ctx.t("upkeep")) }
            div data-live="upkeep" { (progress(ctx, runs.first())) }
            @if ctx.may(Role::Support) { (forms(ctx)) }
        }
        @for run in check.into_iter().chain(backfill) {
            (ui::card(&ctx.t(found_key(run.kind)), &what_was_found(ctx, run)))
        }
        @if !runs.is_empty() { (ui::card(&ctx.t("upkeep-runs"), &history(ctx, runs))) }
    }
}

fn progress(visit: &Visit, run: Option<&UpkeepRun>) -> Markup {
    let Some(run) = run else { return html! { p.quiet { (visit.t("upkeep-never")) } } };
    if !run.is_running(visit.now()) {
        return html! {
            p.facts {
                (visit.t(kind_key(run.kind))) " " (end(visit, run))
                a href=(PATH) { (visit.t("upkeep-show")) }
            }
        };
    }
    let label = visit.t(kind_key(run.kind));
    html! {
        p.facts {
            (label) " "
            (ui::badge(Tone::Quiet,
                &visit.t(if run.is_stopping { "upkeep-stopping" } else { "upkeep-running" })))
            span { (run.done) " / " (run.total) }
        }
        progress.wide aria-label=(label) max=(run.total.max(1)) value=(run.done.min(run.total.max(1))) {}
    }
}

fn forms(ctx: &Ctx) -> Markup {
    let form = |what: &str, key: &str, words: &str, class: Option<&str>| {
        let path = format!("{PATH}/{what}");
        let form = ui::form(
            ctx,
            &path,
            &html! {
                p.hint { (ctx.t(words)) }
                (ui::reason(ctx, what))
                button class=[class] type="submit" { (ctx.t(key)) }
            },
        );
        parts::fold(&ctx.t(key), &form)
    };
    html! {
        (form("check", "upkeep-check", "upkeep-check-words", None))
        (form("backfill", "upkeep-backfill", "upkeep-backfill-words", None))
        @if ctx.may(Role::Owner) {
            (form("move", "upkeep-move", "upkeep-move-words", None))
        }
        (form("stop", "upkeep-stop", "upkeep-stop-words", Some("danger")))
    }
}

fn what_was_found(ctx: &Ctx, run: &UpkeepRun) -> Markup {
    let found = &run.found;
    let lines: &[(&str, u64)] = match run.kind {
        UpkeepKind::Backfill => {
            &[("upkeep-stored", found.stored), ("upkeep-waiting", found.waiting)]
        }
        UpkeepKind::Check | UpkeepKind::Move => &[
            ("upkeep-rows", found.rows),
            ("upkeep-objects", found.objects),
            ("upkeep-missing", found.missing),
            ("upkeep-strays", found.strays),
            ("upkeep-misplaced", found.misplaced),
            ("upkeep-moved", found.moved),
        ],
    };
    html! {
        p.facts { (end(ctx, run)) span.quiet { (ui::moment(run.started_at)) " UTC" } }
        @if let Some(trouble) = &found.trouble { p.notice.bad { (trouble) } }
        @else {
            table.narrow { tbody {
                @for (key, count) in lines {
                    tr { th scope="row" { (ctx.t(key)) } td.number { (count) } }
                }
                @if found.stray_bytes > 0 {
                    tr {
                        th scope="row" { (ctx.t("upkeep-stray-bytes")) }
                        td.number { (bytes(ctx, found.stray_bytes)) }
                    }
                }
            } }
        }
        @if !found.first.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("upkeep-first")) {
                table {
                    caption.unseen { (ctx.t("upkeep-first")) }
                    thead { tr {
                        th scope="col" { (ctx.t("upkeep-what")) }
                        th scope="col" { (ctx.t("upkeep-subject")) }
                        th scope="col" { (ctx.t("upkeep-note")) }
                    } }
                    tbody { @for line in &found.first {
                        tr {
                            td { (ctx.t(what_key(line.what))) }
                            td.words { code { (line.subject) } }
                            td.words { (line.note) }
                        }
                    } }
                }
            }
        }
    }
}

fn history(ctx: &Ctx, runs: &[UpkeepRun]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("upkeep-runs")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("upkeep-began")) }
                    th scope="col" { (ctx.t("upkeep-kind")) }
                    th scope="col" { (ctx.t("upkeep-by")) }
                    th scope="col" { (ctx.t("upkeep-end")) }
                    th.number scope="col" { (ctx.t("upkeep-done")) }
                } }
                tbody { @for run in runs {
                    tr {
                        td { (ui::moment(run.started_at)) }
                        td { (ctx.t(kind_key(run.kind))) }
                        td { (run.author) }
                        td { (end(ctx, run)) }
                        td.number { (run.done) " / " (run.total) }
                    }
                } }
            }
        }
    }
}

/// How it ended; one whose process is silent is as good as lost.
fn end(visit: &Visit, run: &UpkeepRun) -> Markup {
    let (tone, key) = match run.ended {
        None if run.is_running(visit.now()) => (Tone::Quiet, "upkeep-running"),
        None | Some((_, UpkeepEnd::Lost)) => (Tone::Bad, "upkeep-lost"),
        Some((_, UpkeepEnd::Finished)) => (Tone::Good, "upkeep-finished"),
        Some((_, UpkeepEnd::Failed)) => (Tone::Bad, "upkeep-failed"),
        Some((_, UpkeepEnd::Stopped)) => (Tone::Quiet, "upkeep-stopped"),
    };
    ui::badge(tone, &visit.t(key))
}

const fn kind_key(kind: UpkeepKind) -> &'static str {
    match kind {
        UpkeepKind::Check => "upkeep-check",
        UpkeepKind::Move => "upkeep-move",
        UpkeepKind::Backfill => "upkeep-backfill",
    }
}

const fn found_key(kind: UpkeepKind) -> &'static str {
    match kind {
        UpkeepKind::Check | UpkeepKind::Move => "upkeep-found-check",
        UpkeepKind::Backfill => "upkeep-found-backfill",
    }
}

const fn what_key(what: UpkeepWhat) -> &'static str {
    match what {
        UpkeepWhat::Missing => "upkeep-is-missing",
        UpkeepWhat::Stray => "upkeep-is-stray",
        UpkeepWhat::Misplaced => "upkeep-is-misplaced",
        UpkeepWhat::Waiting => "upkeep-is-waiting",
    }
}

pub(super) async fn start(ctx: Ctx, kind: UpkeepKind) -> Reply {
    let action = match kind {
        UpkeepKind::Check => "storage.check",
        UpkeepKind::Move => "storage.move",
        UpkeepKind::Backfill => "storage.backfill",
    };
    let begun = act(&ctx, Act::new(action, "storage"), async || {
        let away = || Error::Away("there is no storage here".to_owned());
        let upkeep = ctx.desk.upkeep.as_ref().ok_or_else(away)?;
        match upkeep.start(kind, ctx.name()).await? {
            true => Ok(()),
            false => Err(Error::Refused("upkeep-busy")),
        }
    });
    answer(&ctx, begun.await, "/admin/storage?done=done-begun").await
}

pub(super) async fn stop(ctx: Ctx) -> Reply {
    let stopped = act(&ctx, Act::new("storage.stop", "storage"), async || {
        match ctx.desk.database.stop_upkeep().await? {
            true => Ok(()),
            false => Err(Error::Refused("upkeep-idle")),
        }
    });
    answer(&ctx, stopped.await, "/admin/storage?done=done-stopping").await
}

/// What cannot be done is said on the page that it was asked on.
async fn answer(ctx: &Ctx, outcome: Result<(), Error>, place: &str) -> Reply {
    match outcome {
        Ok(()) => Ok(redirect(place)),
        Err(Error::Refused(key)) => show(ctx, StatusCode::UNPROCESSABLE_ENTITY, Some(key)).await,
        Err(error) => Err(error),
    }
}
