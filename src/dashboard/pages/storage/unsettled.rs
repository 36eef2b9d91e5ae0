//! Pictures that are not where they should be, the one first whose URL ends first.

use aisha_actors::domain::picture::PictureState;
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Ctx, Error, layout,
            routes::Reply,
            ui::{self, Tone},
        },
        ledger::{further, generation, person},
    },
    PATH, ROWS,
};
use crate::db::reports::Unsettled;

/// The lists that there are.
pub(super) const STATES: [(PictureState, &str); 3] = [
    (PictureState::Fallback, "storage-list-fallback"),
    (PictureState::Lost, "storage-list-lost"),
    (PictureState::Trashed, "storage-list-trashed"),
];

pub(super) async fn list(ctx: Ctx) -> Reply {
    let name = ctx.params.get("state");
    let listed = STATES.into_iter().find(|(state, _)| state.name() == name);
    let (state, title) = listed.ok_or(Error::NotFound)?;
    let after = ctx.query.get("after").parse().ok();
    let mut rows = ctx.desk.database.unsettled_pictures(state, after, ROWS + 1).await?;
    let is_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| is_more).map(|last| {
        let spot = last.spot.to_string();
        format!("{PATH}/pictures/{name}?after={spot}")
    });
    let content = html! {
        p { a href=(PATH) { (ctx.t("storage-back")) } }
        section.card {
            @if rows.is_empty() { p.quiet { (ctx.t("storage-none")) } }
            @else { (table(&ctx, title, &rows)) }
        }
        (further(&ctx, next.as_deref()))
    };
    Ok(layout::page(&ctx, &ctx.t(title), &content))
}

fn table(ctx: &Ctx, title: &str, rows: &[Unsettled]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t(title)) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("storage-picture")) }
                    th scope="col" { (ctx.t("ledger-person")) }
                    th scope="col" { (ctx.t("storage-model")) }
                    th scope="col" { (ctx.t("storage-made")) }
                    th scope="col" { (ctx.t("storage-ends")) }
                    th.number scope="col" { (ctx.t("storage-attempts")) }
                    th scope="col" { (ctx.t("storage-telegram")) }
                } }
                tbody id="rows" { @for row in rows { (line(ctx, row)) } }
            }
        }
    }
}

fn line(ctx: &Ctx, row: &Unsettled) -> Markup {
    let picture = &row.picture;
    html! {
        tr {
            td { (generation(picture.id.generation)) " " span.quiet { "№ " (picture.id.n) } }
            td { (person(picture.owner)) }
            td { (picture.model) }
            td { (ui::moment(picture.created_at)) }
            td {
                @match picture.url_expires_at {
                    None => { (ctx.t("storage-no-promise")) }
                    Some(ends) => {
                        (ui::moment(ends))
                        @if ends < ctx.now() { " " (ui::badge(Tone::Bad, &ctx.t("storage-ended"))) }
                    }
                }
            }
            td.number { (picture.attempts) }
            td { (ctx.t(if picture.file_id.is_some() { "yes" } else { "no" })) }
        }
    }
}
