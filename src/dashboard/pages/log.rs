//! The last lines of this process's log, and the doctor.

use std::time::Duration;

use actix_web::HttpResponse;
use futures::FutureExt;
use maud::{Markup, html};
use tokio::sync::Semaphore;
use tracing::Level;

use super::{
    super::{
        Ctx, Error,
        layout::{self, Icon},
        routes::{Reply, Route},
        ui::{self, Tone},
    },
    Page,
};
use crate::{
    db::operators::Role,
    doctor::{self, Finding, Verdict},
    telemetry::recent::{LINES_MAX, Line, Wanted, recent},
};

const PATH: &str = "/admin/log";

/// Lines of a page.
const ROWS: usize = 200;

/// How long the doctor may take; what does not answer by then is not there.
const PATIENCE: Duration = Duration::from_secs(60);

/// The doctor sees one at a time: each look opens connections of its own.
static DOCTOR: Semaphore = Semaphore::const_new(1);

const LEVELS: [(&str, Level); 4] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
];

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-log",
    icon: Icon("M5 4h14v16H5zM8 8h8M8 12h8M8 16h5"),
    role: Role::Support,
    routes: &[
        Route::get(PATH, Role::Support, |ctx| page(ctx).boxed_local()),
        Route::get("/admin/log/lines", Role::Support, |ctx| lines_alone(ctx).boxed_local()),
        Route::post("/admin/log/doctor", Role::Support, |ctx| see_doctor(ctx).boxed_local()),
    ],
};

fn wanted(ctx: &Ctx) -> Wanted {
    let said = |name: &str| ctx.query.get(name).trim().to_owned();
    let level = ctx.query.get("level");
    Wanted {
        level: LEVELS.into_iter().find(|(name, _)| *name == level).map(|(_, level)| level),
        user: said("user"),
        generation: said("generation").to_lowercase(),
        text: said("text"),
    }
}

/// The same place with the same filters. `tail`: whether it goes on by itself.
fn place(ctx: &Ctx, path: &str, tail: bool) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["level", "user", "generation", "text"] {
        let value = ctx.query.get(name).trim();
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if !tail {
        query.append_pair("tail", "off");
    }
    format!("{path}?{}", query.finish())
}

fn goes_on(ctx: &Ctx) -> bool {
    ctx.query.get("tail") != "off"
}

async fn page(ctx: Ctx) -> Reply {
    let content = html! {
        p.quiet { (ctx.tr("log-words", &[("count", LINES_MAX.into())])) }
        section.card {
            div.bar {
                (filters(&ctx))
                @if goes_on(&ctx) {
                    a.button href=(place(&ctx, PATH, false)) { (ctx.t("log-hold")) }
                } @else {
                    a.button href=(place(&ctx, PATH, true)) { (ctx.t("log-follow")) }
                }
            }
            (lines(&ctx))
        }
        (ui::card(&ctx.t("doctor"), &doctor_form(&ctx)))
    };
    Ok(layout::page(&ctx, &ctx.t("nav-log"), &content))
}

fn filters(ctx: &Ctx) -> Markup {
    let any = [("", ctx.t("log-any"))].into_iter();
    let levels: Vec<_> =
        any.chain(LEVELS.map(|(name, _)| (name, ctx.t(&format!("level-{name}"))))).collect();
    let field = |name: &str, label: &str| {
        html! {
            div.field {
                label for=(name) { (ctx.t(label)) }
                input id=(name) name=(name) type="search" value=(ctx.query.get(name)) spellcheck="false"
                    autocapitalize="none";
            }
        }
    };
    html! {
        form.filters method="get" action=(PATH) role="search" {
            (ui::choice("level", "level", &ctx.t("log-level"), &levels, ctx.query.get("level")))
            (field("user", "log-user"))
            (field("generation", "log-generation"))
            (field("text", "log-text"))
            @if !goes_on(ctx) { input type="hidden" name="tail" value="off"; }
            button type="submit" { (ctx.t("find")) }
        }
    }
}

/// The newest first. Asks for itself again, unless it is held: what moves can be stopped.
fn lines(ctx: &Ctx) -> Markup {
    let found = recent().find(&wanted(ctx), ROWS);
    let again = goes_on(ctx).then(|| place(ctx, "/admin/log/lines", true));
    html! {
        div id="lines" hx-get=[again] hx-trigger="every 2s" hx-swap="outerHTML" {
            @if found.is_empty() { p.quiet { (ctx.t("log-nothing")) } }
            @else {
                div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-log")) {
                    table {
                        thead { tr {
                            th scope="col" { (ctx.t("log-at")) }
                            th scope="col" { (ctx.t("log-level")) }
                            th scope="col" { (ctx.t("log-what")) }
                            th scope="col" { (ctx.t("log-where")) }
                        } }
                        tbody { @for one in &found { (row(ctx, one)) } }
                    }
                }
            }
        }
    }
}

fn row(ctx: &Ctx, line: &Line) -> Markup {
    let name = LEVELS.into_iter().find(|(_, level)| *level == line.level);
    let name = name.map_or("trace", |(name, _)| name);
    let tone = if line.level <= Level::WARN { Tone::Bad } else { Tone::Quiet };
    html! {
        tr {
            td { (ui::moment(line.at)) }
            td { (ui::badge(tone, &ctx.t(&format!("level-{name}")))) }
            td.words {
                (line.message)
                @for (name, value) in &line.fields { " " code { (name) "=" (value) } }
            }
            td { code { (line.target) } }
        }
    }
}

async fn lines_alone(ctx: Ctx) -> Reply {
    let part = lines(&ctx).into_string();
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(part))
}

fn doctor_form(ctx: &Ctx) -> Markup {
    html! {
        p { (ctx.t("doctor-words")) }
        (ui::form(ctx, "/admin/log/doctor", &html! {
            button.primary type="submit" { (ctx.t("doctor-look")) }
        }))
    }
}

/// What it looks at it leaves as it was: there is no reason to ask for.
async fn see_doctor(ctx: Ctx) -> Reply {
    let busy = |_| Error::Refused("doctor-busy");
    let _turn = DOCTOR.try_acquire().map_err(busy)?;
    let looked = tokio::time::timeout(PATIENCE, doctor::look(&ctx.desk.settings)).await;
    let findings = looked.map_err(|_| Error::Away("the doctor took too long".to_owned()))?;
    let troubles = findings.iter().filter(|finding| finding.verdict == Verdict::Trouble).count();
    let content = html! {
        @if troubles == 0 { p.notice.good role="status" { (ctx.t("doctor-well")) } }
        @else {
            p.notice.bad role="alert" { (ctx.tr("doctor-trouble", &[("count", troubles.into())])) }
        }
        section.card {
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("doctor")) {
                table {
                    thead { tr {
                        th scope="col" { (ctx.t("doctor-verdict")) }
                        th scope="col" { (ctx.t("doctor-what")) }
                        th scope="col" { (ctx.t("doctor-found")) }
                    } }
                    tbody { @for finding in &findings { (found(&ctx, finding)) } }
                }
            }
            (doctor_form(&ctx))
        }
    };
    Ok(layout::page(&ctx, &ctx.t("doctor"), &content))
}

fn found(ctx: &Ctx, finding: &Finding) -> Markup {
    let tone = match finding.verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Note => Tone::Quiet,
        Verdict::Trouble => Tone::Bad,
    };
    let verdict = ctx.t(&format!("verdict-{}", finding.verdict.word()));
    html! {
        tr {
            td { (ui::badge(tone, &verdict)) }
            th scope="row" { (finding.what) }
            td.words { (crate::telemetry::redact(&finding.words)) }
        }
    }
}
