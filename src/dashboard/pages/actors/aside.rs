//! The quarantine: what failed so often that it was set aside.

use actix_web::http::StatusCode;
use aisha_actors::domain::id::{GenerationId, OutboxId, PictureId, Seq};
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Ctx, Error, Visit,
            act::{Act, act},
            layout::{self, redirect},
            routes::Reply,
            tree::Tree,
            ui,
        },
        ledger,
    },
    tabs,
};
use crate::db::{
    operators::Role,
    reports::{Aside, AsideId, AsideKind, Page},
};

const PATH: &str = "/admin/actors/aside";

/// Rows of a page, and pages that are turned to.
const ROWS: usize = 25;
const PAGES: usize = 400;

/// Each kind as it stands in addresses, and the key of its name.
const KINDS: [(AsideKind, &str, &str); 3] = [
    (AsideKind::Update, "update", "aside-updates"),
    (AsideKind::Parcel, "parcel", "aside-parcels"),
    (AsideKind::Storage, "storage", "aside-storage"),
];

fn kind_of(said: &str) -> Option<AsideKind> {
    KINDS.iter().find(|(_, name, _)| *name == said).map(|(kind, ..)| *kind)
}

fn name_of(wanted: AsideKind) -> &'static str {
    KINDS.iter().find(|(kind, ..)| *kind == wanted).map_or("", |(_, name, _)| name)
}

/// As it stands in addresses.
fn shown(id: AsideId) -> String {
    match id {
        AsideId::Update(Seq(seq)) | AsideId::Parcel(OutboxId(seq)) => seq.to_string(),
        AsideId::Storage(id) => id.to_string(),
    }
}

fn read(kind: AsideKind, said: &str) -> Option<AsideId> {
    match kind {
        AsideKind::Update => said.parse().ok().map(|seq| AsideId::Update(Seq(seq))),
        AsideKind::Parcel => said.parse().ok().map(|seq| AsideId::Parcel(OutboxId(seq))),
        AsideKind::Storage => {
            let (generation, n) = said.split_once('_')?;
            let generation = GenerationId::parse(generation)?;
            Some(AsideId::Storage(PictureId { generation, n: n.parse().ok()? }))
        }
    }
}

fn tree(ctx: &Ctx) -> Result<&dyn Tree, Error> {
    let tree = ctx.desk.tree.as_deref();
    tree.ok_or_else(|| Error::Away("there are no actors here".to_owned()))
}

pub(super) async fn list(ctx: Ctx) -> Reply {
    let kind = kind_of(ctx.query.get("kind")).unwrap_or(AsideKind::Update);
    show(&ctx, kind, StatusCode::OK, None).await
}

async fn show(ctx: &Ctx, kind: AsideKind, status: StatusCode, problem: Option<&str>) -> Reply {
    let page: usize = ctx.query.get("page").parse().unwrap_or(0).min(PAGES);
    let wanted = Page { limit: ROWS + 1, offset: page.saturating_mul(ROWS) };
    let mut rows = match &ctx.desk.tree {
        Some(tree) => tree.aside(kind, wanted).await?,
        None => Vec::new(),
    };
    let is_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let content = html! {
        (tabs(ctx, true))
        (ui::problem(ctx, problem))
        p.quiet { (ctx.t("aside-words")) }
        nav.tabs aria-label=(ctx.t("aside-kinds")) {
            @for (one, name, title) in KINDS {
                a href=(format!("{PATH}?kind={name}")) aria-current=[(one == kind).then_some("true")] {
                    (ctx.t(title))
                }
            }
        }
        @if rows.is_empty() { section.card { p.quiet { (ctx.t("aside-none")) } } }
        @for row in &rows { (card(ctx, row)) }
        @if is_more {
            a.button href=(format!("{PATH}?kind={}&page={}", name_of(kind), page + 1)) rel="next" {
                (ctx.t("aside-more"))
            }
        }
    };
    Ok(layout::page_with(ctx, status, &ctx.t("aside-title"), &content))
}

fn card(ctx: &Ctx, row: &Aside) -> Markup {
    let id = shown(row.id);
    let kind = name_of(row.id.kind());
    let path = |what: &str| format!("{PATH}/{kind}/{id}/{what}");
    html! {
        section.card {
            h2 { (title(ctx, row)) }
            p.facts {
                span { (ctx.t("actor-person")) " " (ledger::person(row.user)) }
                span.quiet { (ctx.tr("aside-tries", &[("count", row.attempts.into())])) }
                span.quiet { (ui::moment(row.at)) }
            }
            @if let Some(error) = &row.error { p.words { (ctx.t("aside-error")) " " (error) } }
            details.more {
                summary { (ctx.t("aside-what")) }
                pre.text tabindex="0" { (row.what) }
            }
            @if ctx.may(Role::Support) {
                details.more {
                    summary { (ctx.t("aside-decide")) }
                    (ui::form(ctx, &path("replay"), &html! {
                        p.quiet { (discard_words(ctx, row.id.kind())) }
                        (ui::reason(ctx, &id))
                        div.facts {
                            button.primary type="submit" { (ctx.t("aside-replay")) }
                            button.danger type="submit" formaction=(path("discard")) {
                                (ctx.t("aside-discard"))
                            }
                        }
                    }))
                }
            }
        }
    }
}

fn title(visit: &Visit, row: &Aside) -> String {
    let id = [("id", shown(row.id).into())];
    match row.id {
        AsideId::Update(_) => visit.tr("aside-update", &id),
        AsideId::Parcel(_) => visit.tr("aside-parcel", &id),
        AsideId::Storage(_) => visit.tr("aside-picture", &id),
    }
}

fn discard_words(visit: &Visit, kind: AsideKind) -> String {
    match kind {
        AsideKind::Update => visit.t("aside-update-words"),
        AsideKind::Parcel => visit.t("aside-parcel-words"),
        AsideKind::Storage => visit.t("aside-storage-words"),
    }
}

pub(super) async fn replay(ctx: Ctx) -> Reply {
    decide(ctx, "aside.replay", "done-replayed", async |tree, id| Ok(tree.replay(id).await?)).await
}

pub(super) async fn discard(ctx: Ctx) -> Reply {
    decide(ctx, "aside.discard", "done-discarded", async |tree, id| Ok(tree.discard(id).await?))
        .await
}

async fn decide(
    ctx: Ctx,
    action: &'static str,
    done: &str,
    effect: impl AsyncFnOnce(&dyn Tree, AsideId) -> Result<(), Error>,
) -> Reply {
    let kind = kind_of(ctx.params.get("kind")).ok_or(Error::NotFound)?;
    let id = read(kind, ctx.params.get("id")).ok_or(Error::NotFound)?;
    let deed = Act::new(action, format!("{}/{}", name_of(kind), shown(id)));
    let outcome = act(&ctx, deed, async || match effect(tree(&ctx)?, id).await {
        // Somebody else was quicker.
        Err(Error::NotFound) => Err(Error::Refused("aside-gone")),
        outcome => outcome,
    })
    .await;
    match outcome {
        Ok(()) => Ok(redirect(&format!("{PATH}?kind={}&done={done}", name_of(kind)))),
        Err(Error::Refused(key)) => {
            show(&ctx, kind, StatusCode::UNPROCESSABLE_ENTITY, Some(key)).await
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_addresses_is_read_again_and_nothing_else_is() {
        let picture = PictureId { generation: GenerationId(uuid::Uuid::from_u128(7)), n: 3 };
        let ids =
            [AsideId::Update(Seq(12)), AsideId::Parcel(OutboxId(13)), AsideId::Storage(picture)];
        for id in ids {
            assert_eq!(read(id.kind(), &shown(id)), Some(id));
            assert_eq!(kind_of(name_of(id.kind())), Some(id.kind()));
        }
        for odd in ["", "x", "1.5", "99999999999999999999", "7_", "_3", "7_300", "../1"] {
            for (kind, ..) in KINDS {
                assert_eq!(read(kind, odd), None, "{odd}");
            }
        }
        assert_eq!(kind_of("updates"), None);
    }
}
