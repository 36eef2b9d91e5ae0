//! One generation: what was ordered, what happened, row by row.

use actix_web::http::StatusCode;
use aisha_actors::domain::{generation::Generation, id::GenerationId, picture::Picture};
use maud::{Markup, html};

use super::{
    super::{
        super::{Ctx, Error, layout, routes::Reply, ui},
        parts,
        people::entry_words,
    },
    acts, pictures, words,
};
use crate::{
    db::reports::{Event, Timeline, What},
    telemetry::redact,
};

/// The generation in the address, as it is written in links.
pub(super) fn id(ctx: &Ctx) -> Result<GenerationId, Error> {
    let text = ctx.params.get("id");
    GenerationId::parse(text).filter(|id| id.to_string() == text).ok_or(Error::NotFound)
}

pub(super) async fn wanted(ctx: &Ctx) -> Result<Timeline, Error> {
    ctx.desk.database.timeline(id(ctx)?).await?.ok_or(Error::NotFound)
}

pub(super) async fn one(ctx: Ctx) -> Reply {
    let told = wanted(&ctx).await?;
    Ok(page(&ctx, &told, StatusCode::OK, None))
}

pub(super) fn page(
    ctx: &Ctx,
    told: &Timeline,
    status: StatusCode,
    problem: Option<&str>,
) -> actix_web::HttpResponse {
    let row = &told.generation;
    let title = ctx.tr("gen-title", &[("number", row.id.short().into())]);
    let acts = acts::forms(ctx, told);
    let content = html! {
        (ui::problem(ctx, problem))
        p.facts { (words::badge(ctx, row)) }
        (ui::card(&ctx.t("gen-order"), &order(ctx, row)))
        @if !acts.0.is_empty() { (ui::card(&ctx.t("person-acts"), &acts)) }
        @if !told.pictures.is_empty() {
            (ui::card(&ctx.t("gen-pictures"), &html! {
                (pictures::thumbs(ctx, "pictures", &told.pictures))
                (stored(ctx, &told.pictures))
            }))
        }
        (ui::card(&ctx.t("gen-story"), &story(ctx, &told.events)))
    };
    layout::page_with(ctx, status, &title, &content)
}

fn order(ctx: &Ctx, row: &Generation) -> Markup {
    let order = &row.order;
    let plain = |key: &str, value: String| (ctx.t(key), html! { bdi { (value) } });
    let none = || "—".to_owned();
    let price = format!("{} × {} = {}", order.count, order.price, order.total());
    let request = row.ticket.as_ref().map_or_else(none, |ticket| ticket.request_id.clone());
    let person = format!("/admin/people/{}", row.user);
    parts::facts(&[
        (ctx.t("gen-id"), html! { code { (row.id) } }),
        (ctx.t("gens-user"), html! { a href=(person) { (row.user) } }),
        plain("gen-model", order.model.to_string()),
        (ctx.t("gen-prompt"), html! { bdi.prompt { (order.prompt) } }),
        plain("gen-ratio", order.ratio.clone()),
        plain("gen-resolution", order.resolution.clone().unwrap_or_else(none)),
        plain("gen-price", price),
        plain("gen-captured-of", format!("{}/{}", row.captured, order.count)),
        (ctx.t("gen-request"), html! { code { (request) } }),
        plain("gen-submits", row.submits.to_string()),
        plain("gen-attempts", row.attempts.to_string()),
        plain("gen-seed", order.seed.to_string()),
        (ctx.t("gen-created"), ui::moment(row.created_at)),
        (ctx.t("gen-deadline"), ui::moment(row.deadline_at)),
        (
            ctx.t("gen-finished"),
            html! {
                @match row.finished_at { Some(at) => (ui::moment(at)), None => "—" }
            },
        ),
    ])
}

fn stored(ctx: &Ctx, pictures: &[Picture]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("gen-pictures")) {
            table {
                thead { tr {
                    th scope="col" { "№" }
                    th scope="col" { (ctx.t("gen-state")) }
                    th scope="col" { (ctx.t("pic-object")) }
                    th scope="col" { (ctx.t("pic-size")) }
                    th.number scope="col" { (ctx.t("pic-attempts")) }
                    th scope="col" { (ctx.t("pic-until")) }
                } }
                tbody { @for picture in pictures { (object(ctx, picture)) } }
            }
        }
    }
}

fn object(ctx: &Ctx, picture: &Picture) -> Markup {
    html! {
        tr {
            th scope="row" { (picture.id.n) }
            td { (words::picture(ctx, picture.state)) }
            td {
                @if let Some(key) = &picture.object { code { (key.bucket) "/" (key.key) } }
                @else { "—" }
            }
            td {
                @if let Some(content) = &picture.content {
                    (content.width) "×" (content.height) ", " (content.size) " B"
                } @else { "—" }
            }
            td.number { (picture.attempts) }
            td { @match picture.url_expires_at { Some(at) => (ui::moment(at)), None => "—" } }
        }
    }
}

fn story(ctx: &Ctx, events: &[Event]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("gen-story")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("person-at")) }
                    th scope="col" { (ctx.t("gen-what")) }
                    th scope="col" { (ctx.t("gen-more")) }
                } }
                tbody {
                    @for event in events {
                        @let (what, more) = told(ctx, &event.what);
                        tr {
                            td { (ui::moment(event.at)) }
                            td { (what) }
                            td.words { bdi { (more) } }
                        }
                    }
                }
            }
        }
    }
}

fn numbered(n: Option<i32>) -> String {
    n.map(|n| format!("№ {n}")).unwrap_or_default()
}

/// What happened, and the rest of what is known of it.
fn told(ctx: &Ctx, what: &What) -> (String, String) {
    let plain = |key: &str| (ctx.t(key), String::new());
    match what {
        What::Created => plain("event-created"),
        What::Submitted => plain("event-submitted"),
        What::Queued => plain("event-queued"),
        What::CancelAsked => plain("event-cancel-asked"),
        What::Resulted => plain("event-resulted"),
        What::Captured => plain("event-captured"),
        What::Ended { state, failure } => {
            let why = failure.map(|failure| words::failure(ctx, failure)).unwrap_or_default();
            (words::state(ctx, *state), why)
        }
        What::Booked { kind, amount, reason, by } => {
            let who = if by == "system" { String::new() } else { format!(" · {by}") };
            let why = if reason.is_empty() { String::new() } else { format!(" · {reason}") };
            (entry_words(ctx, *kind), format!("{amount}{who}{why}"))
        }
        What::Failed { n, reason } => {
            (ctx.t("event-failed"), format!("{} {}", numbered(*n), redact(reason)))
        }
        What::PictureSettled { n, state } => {
            (ctx.t("event-picture"), format!("№ {n}: {}", words::picture(ctx, *state)))
        }
        What::PictureListed { n } => (ctx.t("event-listed"), format!("№ {n}")),
        What::Owed { seq, kind, n } => {
            (ctx.t("event-owed"), format!("{} {} ({seq})", parcel(ctx, kind), numbered(*n)))
        }
        What::Settled { seq, kind, n, state, error } => {
            let key = match state.as_str() {
                "done" => "event-sent",
                "dead" => "event-not-sent",
                _ => "event-set-aside",
            };
            let why = error.as_deref().map(redact).unwrap_or_default();
            (ctx.t(key), format!("{} {} ({seq}) {why}", parcel(ctx, kind), numbered(*n)))
        }
    }
}

fn parcel(ctx: &Ctx, kind: &str) -> String {
    match kind {
        "picture" => ctx.t("parcel-picture"),
        "outcome" => ctx.t("parcel-outcome"),
        "refunded" => ctx.t("booked-refund"),
        other => other.to_owned(),
    }
}
