//! People: found, looked at, helped.

mod acts;
mod deletion;
mod export;
mod person;
mod standing;

pub(super) use standing::entry as entry_words;

use aisha_actors::domain::id::UserId;
use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx,
        layout::{self, Icon},
        routes::{Reply, Route},
        ui::{self, Tone},
    },
    Page, parts,
};
use crate::db::{
    operators::Role,
    reports::{Bounded, PersonLine},
};

const PATH: &str = "/admin/people";

/// Rows of a page.
const ROWS: usize = 50;

/// Letters that are searched for.
const WORDS_MAX: usize = 64;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-people",
    icon: Icon::PEOPLE,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| list(ctx).boxed_local()),
        Route::get("/admin/people/{id}", Role::Viewer, |ctx| person::one(ctx).boxed_local()),
        Route::post("/admin/people/{id}/credits", Role::Finance, |ctx| {
            acts::credits(ctx).boxed_local()
        })
        .fresh(),
        Route::post("/admin/people/{id}/block", Role::Support, |ctx| {
            acts::set_blocked(ctx, true).boxed_local()
        }),
        Route::post("/admin/people/{id}/unblock", Role::Support, |ctx| {
            acts::set_blocked(ctx, false).boxed_local()
        }),
        Route::post("/admin/people/{id}/message", Role::Support, |ctx| {
            acts::message(ctx).boxed_local()
        }),
        Route::post("/admin/people/{id}/export", Role::Owner, |ctx| {
            export::download(ctx).boxed_local()
        })
        .fresh(),
        Route::post("/admin/people/{id}/delete", Role::Owner, |ctx| {
            deletion::ask(ctx).boxed_local()
        })
        .fresh(),
    ],
};

async fn list(ctx: Ctx) -> Reply {
    let words: String = ctx.query.get("q").trim().chars().take(WORDS_MAX).collect();
    let search = (!words.is_empty()).then_some(words.as_str());
    let after = ctx.query.get("after").parse().ok();
    let database = &ctx.desk.database;
    let (people, found) = futures::try_join!(
        database.find_people(search, after, ROWS + 1),
        database.count_found_people(search)
    )?;
    let next = people.get(ROWS - 1).filter(|_| people.len() > ROWS);
    let next =
        next.map(|last| parts::link(PATH, &[("q", &words), ("after", &last.spot().to_string())]));
    let shown = people.get(..ROWS).unwrap_or(&people);
    let content = html! {
        div.bar {
            form.filters method="get" action=(PATH) role="search" {
                div.field {
                    label for="q" { (ctx.t("people-search")) }
                    input id="q" name="q" type="search" value=(words) maxlength=(WORDS_MAX)
                        aria-describedby="q-hint" autocapitalize="none" spellcheck="false";
                    p.hint id="q-hint" { (ctx.t("people-search-hint")) }
                }
                button type="submit" { (ctx.t("find")) }
            }
            p.quiet role="status" { (ctx.t("people-found")) " " (found) }
        }
        section.card {
            @if shown.is_empty() { p.quiet { (ctx.t("people-none")) } }
            @else { (table(&ctx, shown)) }
        }
        (parts::more(&ctx, "people", "tr", next.as_deref()))
    };
    Ok(layout::page(&ctx, &ctx.t("nav-people"), &content))
}

fn table(ctx: &Ctx, people: &[PersonLine]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-people")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("person-name")) }
                    th scope="col" { (ctx.t("person-username")) }
                    th.number scope="col" { (ctx.t("person-id")) }
                    th.number scope="col" { (ctx.t("person-credits")) }
                    th.number scope="col" { (ctx.t("person-pictures")) }
                    th.number scope="col" { (ctx.t("person-open")) }
                    th scope="col" { (ctx.t("person-served")) }
                    th scope="col" { (ctx.t("person-since")) }
                } }
                tbody id="people" { @for person in people { (row(ctx, person)) } }
            }
        }
    }
}

fn row(ctx: &Ctx, person: &PersonLine) -> Markup {
    html! {
        tr {
            th scope="row" { (parts::person_link(person.id, &person.first_name)) }
            td { @if let Some(name) = &person.username { bdi { "@" (name) } } @else { "—" } }
            td.number { (person.id) }
            td.number { (person.available) }
            td.number { (Bounded(person.pictures)) }
            td.number { (person.open_generations) }
            td { (served(ctx, person.id, (person.blocked, person.stopped))) }
            td { (ui::moment(person.created_at)) }
        }
    }
}

/// Whether somebody is served.
fn served(ctx: &Ctx, id: UserId, is: (bool, bool)) -> Markup {
    match is {
        _ if id.is_pseudonym() => ui::badge(Tone::Quiet, &ctx.t("person-deleted")),
        (true, _) => ui::badge(Tone::Bad, &ctx.t("person-blocked")),
        (false, true) => ui::badge(Tone::Quiet, &ctx.t("person-stopped")),
        (false, false) => ui::badge(Tone::Good, &ctx.t("person-active")),
    }
}
