//! One text to many people: written, looked at, sent, paused, cancelled.

use actix_web::http::StatusCode;
use aisha_actors::{
    domain::{screens::result::BROADCAST_UNITS_MAX, time::Timestamp},
    port::{self, Kind},
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
    Page, parts,
};
use crate::db::{
    operators::Role,
    reports::{Broadcast, BroadcastState, NewBroadcast, Segment},
};

const PATH: &str = "/admin/broadcasts";

/// Broadcasts of a page.
const ROWS: usize = 20;

/// The segments that are offered.
const SEGMENTS: [&str; 7] =
    ["everyone", "language:en", "language:ru", "active:7", "active:30", "idle:30", "idle:90"];

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-broadcasts",
    icon: Icon("M4 10v4h3l7 4V6l-7 4zM17 9a4 4 0 0 1 0 6M19.5 6.5a8 8 0 0 1 0 11"),
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| list(ctx).boxed_local()),
        Route::post(PATH, Role::Owner, |ctx| create(ctx).boxed_local()),
        Route::get("/admin/broadcasts/{id}", Role::Viewer, |ctx| one(ctx).boxed_local()),
        Route::get("/admin/broadcasts/{id}/progress", Role::Viewer, |ctx| {
            progress_alone(ctx).boxed_local()
        }),
        Route::post("/admin/broadcasts/{id}/start", Role::Owner, |ctx| {
            step(ctx, Step::Start).boxed_local()
        })
        .fresh(),
        Route::post("/admin/broadcasts/{id}/pause", Role::Support, |ctx| {
            step(ctx, Step::Pause).boxed_local()
        }),
        Route::post("/admin/broadcasts/{id}/resume", Role::Owner, |ctx| {
            step(ctx, Step::Resume).boxed_local()
        }),
        Route::post("/admin/broadcasts/{id}/cancel", Role::Owner, |ctx| {
            step(ctx, Step::Cancel).boxed_local()
        }),
    ],
};

/// What is done to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    Pause,
    Resume,
    Cancel,
}

impl Step {
    /// In the address, and on the button.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Start => ("start", "broadcast-start", "primary"),
            Self::Pause => ("pause", "broadcast-pause", "primary"),
            Self::Resume => ("resume", "broadcast-resume", "primary"),
            Self::Cancel => ("cancel", "broadcast-cancel", "danger"),
        }
    }

    const fn deed(self) -> (&'static str, &'static str, BroadcastState) {
        match self {
            Self::Start => ("broadcast.start", "done-broadcast-started", BroadcastState::Running),
            Self::Pause => ("broadcast.pause", "done-broadcast-paused", BroadcastState::Paused),
            Self::Resume => ("broadcast.resume", "done-broadcast-resumed", BroadcastState::Running),
            Self::Cancel => {
                ("broadcast.cancel", "done-broadcast-cancelled", BroadcastState::Cancelled)
            }
        }
    }

    const fn of(state: BroadcastState) -> &'static [Self] {
        match state {
            BroadcastState::Draft => &[Self::Start, Self::Cancel],
            BroadcastState::Running => &[Self::Pause, Self::Cancel],
            BroadcastState::Paused => &[Self::Resume, Self::Cancel],
            BroadcastState::Done | BroadcastState::Cancelled => &[],
        }
    }
}

async fn list(ctx: Ctx) -> Reply {
    show(&ctx, StatusCode::OK, None).await
}

async fn show(ctx: &Ctx, status: StatusCode, problem: Option<&str>) -> Reply {
    let before = ctx.query.get("before").parse().ok();
    let mut all = ctx.desk.database.list_broadcasts(before, ROWS + 1).await?;
    let is_more = all.len() > ROWS;
    all.truncate(ROWS);
    let content = html! {
        (ui::problem(ctx, problem))
        section.card {
            @if all.is_empty() { p.quiet { (ctx.t("broadcast-none")) } }
            @else { (table(ctx, &all)) }
            @if let Some(last) = all.last().filter(|_| is_more) {
                p { a.button rel="next" href=(format!("{PATH}?before={}", last.id)) { (ctx.t("older")) } }
            }
        }
        @if ctx.may(Role::Owner) { (ui::card(&ctx.t("broadcast-new"), &draft(ctx))) }
    };
    Ok(layout::page_with(ctx, status, &ctx.t("nav-broadcasts"), &content))
}

fn table(ctx: &Ctx, all: &[Broadcast]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-broadcasts")) {
            table {
                thead { tr {
                    th scope="col" { "№" }
                    th scope="col" { (ctx.t("broadcast-text")) }
                    th scope="col" { (ctx.t("broadcast-segment")) }
                    th scope="col" { (ctx.t("broadcast-state")) }
                    th scope="col" { (ctx.t("broadcast-sent")) }
                    th scope="col" { (ctx.t("broadcast-by")) }
                } }
                tbody { @for one in all { tr {
                    th scope="row" { a href=(format!("{PATH}/{}", one.id)) { (one.id) } }
                    td.cut { (one.text_en.chars().take(60).collect::<String>()) }
                    td { (segment(ctx, &one.segment)) }
                    td { (state(ctx, one.state)) }
                    td.number { (one.sent) }
                    td { (one.author) " · " (ui::moment(one.created_at)) }
                } } }
            }
        }
    }
}

fn segment(ctx: &Ctx, segment: &Segment) -> String {
    match segment {
        Segment::Everyone => ctx.t("segment-everyone"),
        Segment::Language(code) => ctx.tr("segment-language", &[("code", code.as_str().into())]),
        Segment::Active(days) => ctx.tr("segment-active", &[("days", (*days).into())]),
        Segment::Idle(days) => ctx.tr("segment-idle", &[("days", (*days).into())]),
    }
}

fn state(ctx: &Ctx, state: BroadcastState) -> Markup {
    let tone = match state {
        BroadcastState::Running | BroadcastState::Done => Tone::Good,
        BroadcastState::Cancelled => Tone::Bad,
        BroadcastState::Draft | BroadcastState::Paused => Tone::Quiet,
    };
    ui::badge(tone, &ctx.t(&format!("broadcast-state-{}", state.name())))
}

fn draft(ctx: &Ctx) -> Markup {
    let options = SEGMENTS.into_iter().filter_map(|name| {
        let parsed = Segment::parse(name)?;
        Some((name, segment(ctx, &parsed)))
    });
    let options: Vec<_> = options.collect();
    let chosen = ctx.form.get("segment");
    ui::form(
        ctx,
        PATH,
        &html! {
            (ui::choice("segment", "segment", &ctx.t("broadcast-segment"), &options, chosen))
            (area(ctx, "text_en", "broadcast-en"))
            (area(ctx, "text_ru", "broadcast-ru"))
            p.quiet { (ctx.t("broadcast-rules")) }
            (ui::reason(ctx, "broadcast"))
            button.primary type="submit" { (ctx.t("broadcast-draft")) }
        },
    )
}

/// What was filled in stays, when it could not be taken.
fn area(ctx: &Ctx, name: &str, label: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (ctx.t(label)) }
            textarea id=(name) name=(name) rows="6" required maxlength=(BROADCAST_UNITS_MAX) {
                (ctx.form.get(name))
            }
        }
    }
}

/// As it is sent, or nothing if it cannot be.
fn text_of(ctx: &Ctx, name: &str) -> Option<String> {
    let text = ctx.form.get(name).trim().replace("\r\n", "\n");
    let fits = (1..=BROADCAST_UNITS_MAX).contains(&text.encode_utf16().count());
    let is_plain = !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
    (fits && is_plain).then_some(text)
}

async fn create(ctx: Ctx) -> Reply {
    let segment = Segment::parse(ctx.form.get("segment")).ok_or(Error::BadRequest)?;
    let (Some(text_en), Some(text_ru)) = (text_of(&ctx, "text_en"), text_of(&ctx, "text_ru"))
    else {
        return show(&ctx, StatusCode::UNPROCESSABLE_ENTITY, Some("broadcast-rules")).await;
    };
    if let Err(error) = ctx.reason() {
        return show(&ctx, error.status(), Some(error.key())).await;
    }
    let deed = Act::new("broadcast.create", "broadcast").to(segment.to_string());
    let author = ctx.name().to_owned();
    let new = NewBroadcast { text_en, text_ru, segment, author };
    let id = act(&ctx, deed, async || Ok(ctx.desk.database.create_broadcast(new).await?)).await?;
    Ok(redirect(&format!("{PATH}/{id}?done=done-broadcast-draft")))
}

async fn wanted(ctx: &Ctx) -> Result<Broadcast, Error> {
    let id: i64 = ctx.params.get("id").parse().map_err(|_| Error::NotFound)?;
    ctx.desk.database.broadcast(id).await?.ok_or(Error::NotFound)
}

async fn one(ctx: Ctx) -> Reply {
    let broadcast = wanted(&ctx).await?;
    one_page(&ctx, &broadcast, StatusCode::OK, None).await
}

async fn one_page(
    ctx: &Ctx,
    broadcast: &Broadcast,
    status: StatusCode,
    problem: Option<&str>,
) -> Reply {
    let reach = match broadcast.state {
        BroadcastState::Draft => {
            Some(ctx.desk.database.count_segment(broadcast.segment.clone()).await?)
        }
        _ => None,
    };
    let steps = Step::of(broadcast.state).iter().filter(|step| {
        let least = if **step == Step::Pause { Role::Support } else { Role::Owner };
        ctx.may(least)
    });
    let content = html! {
        (ui::problem(ctx, problem))
        section.card {
            p.facts {
                (segment(ctx, &broadcast.segment)) " · " (broadcast.author) " · "
                (ui::moment(broadcast.created_at))
            }
            @if let Some(reach) = reach {
                p {
                    (ctx.tr("broadcast-reach", &[("count", reach.0.into())]))
                }
            }
            (progress(ctx, broadcast))
        }
        (ui::card(&ctx.t("broadcast-en"), &html! { p.said lang="en" { (broadcast.text_en) } }))
        (ui::card(&ctx.t("broadcast-ru"), &html! { p.said lang="ru" { (broadcast.text_ru) } }))
        @for step in steps { (button(ctx, broadcast, *step)) }
    };
    let title = ctx.tr("broadcast-title", &[("number", broadcast.id.to_string().into())]);
    Ok(layout::page_with(ctx, status, &title, &content))
}

fn button(ctx: &Ctx, broadcast: &Broadcast, step: Step) -> Markup {
    let (what, key, class) = step.words();
    let form = ui::form(
        ctx,
        &format!("{PATH}/{}/{what}", broadcast.id),
        &html! {
            (ui::reason(ctx, what))
            button class=(class) type="submit" { (ctx.t(key)) }
        },
    );
    ui::card(&ctx.t(key), &form)
}

/// How far it is; asks for itself again while it goes on. Without a script it shows how it was.
fn progress(ctx: &Ctx, broadcast: &Broadcast) -> Markup {
    let goes_on = matches!(broadcast.state, BroadcastState::Running | BroadcastState::Paused);
    let path = format!("{PATH}/{}/progress?state={}", broadcast.id, broadcast.state.name());
    let path = goes_on.then_some(path);
    let settled = broadcast.sent + broadcast.blocked + broadcast.failed;
    let rest = broadcast.queued.saturating_sub(settled);
    let is_cancelled = broadcast.state == BroadcastState::Cancelled;
    let count = |key: &str, count: u64| (ctx.t(key), html! { (count) });
    let moment = |key: &str, at: Option<Timestamp>| Some((ctx.t(key), ui::moment(at?)));
    let mut facts = vec![
        count("broadcast-sent", broadcast.sent),
        count("broadcast-blocked", broadcast.blocked),
        count("broadcast-failed", broadcast.failed),
        count(if is_cancelled { "broadcast-given-up" } else { "broadcast-waiting" }, rest),
    ];
    facts.extend(moment("broadcast-started", broadcast.started_at));
    facts.extend(moment("broadcast-finished", broadcast.finished_at));
    html! {
        div.progress id="progress" aria-live="polite" hx-get=[path] hx-trigger="every 2s" hx-swap="outerHTML" {
            p { (state(ctx, broadcast.state)) }
            @if broadcast.started_at.is_some() { (parts::facts(&facts)) }
        }
    }
}

/// Where the state is another one than the page says, the page has other buttons: it is loaded anew.
async fn progress_alone(ctx: Ctx) -> Reply {
    let broadcast = wanted(&ctx).await?;
    let part = progress(&ctx, &broadcast).into_string();
    let mut answer = actix_web::HttpResponse::Ok();
    if ctx.query.get("state") != broadcast.state.name() {
        answer.insert_header(("hx-refresh", "true"));
    }
    Ok(answer.content_type("text/html; charset=utf-8").body(part))
}

async fn step(ctx: Ctx, step: Step) -> Reply {
    let broadcast = wanted(&ctx).await?;
    let id = broadcast.id;
    let (action, done, after) = step.deed();
    let deed = Act::new(action, format!("broadcast/{id}"));
    let deed = deed.from(broadcast.state.name()).to(after.name());
    let database = &ctx.desk.database;
    let moved = act(&ctx, deed, async || {
        let moved = match step {
            Step::Start => database.start_broadcast(id).await,
            Step::Pause => database.pause_broadcast(id).await,
            Step::Resume => database.resume_broadcast(id).await,
            Step::Cancel => database.cancel_broadcast(id).await,
        };
        moved.map_err(|error| match error {
            port::Error { kind: Kind::Conflict, .. } => Error::Refused("broadcast-moved"),
            error => error.into(),
        })
    })
    .await;
    match moved {
        Ok(()) => {
            // Its last count: whoever drives looks at it no more.
            if step == Step::Cancel {
                database.tally_broadcast(id).await?;
            }
            Ok(redirect(&format!("{PATH}/{id}?done={done}")))
        }
        Err(Error::Refused(key)) => {
            one_page(&ctx, &broadcast, StatusCode::UNPROCESSABLE_ENTITY, Some(key)).await
        }
        Err(error) => Err(error),
    }
}
