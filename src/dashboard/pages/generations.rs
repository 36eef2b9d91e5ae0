//! Generations: found, looked at, set going again, ended.

mod acts;
mod one;
mod pictures;
mod words;

use aisha_actors::domain::{
    generation::{Failure, Generation, State},
    id::{GenerationId, ModelId, UserId},
    time::{Offset, Timestamp},
};
use chrono::{Days, NaiveDate};
use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx,
        layout::{self, Icon},
        routes::{Reply, Route},
        ui,
    },
    Page, parts,
};
use crate::db::{
    operators::Role,
    reports::{GenerationFilter, Sequence, Spot},
};

pub(super) use pictures::thumbs;

const PATH: &str = "/admin/generations";

/// Rows of a page.
const ROWS: usize = 50;

/// Letters of an error that is searched for.
const WORDS_MAX: usize = 64;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-generations",
    icon: Icon::PICTURE,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| list(ctx).boxed_local()),
        Route::get("/admin/generations/{id}", Role::Viewer, |ctx| one::one(ctx).boxed_local()),
        Route::post("/admin/generations/{id}/drive", Role::Support, |ctx| {
            acts::drive(ctx).boxed_local()
        }),
        Route::post("/admin/generations/{id}/deliver", Role::Support, |ctx| {
            acts::deliver(ctx).boxed_local()
        }),
        Route::post("/admin/generations/{id}/cancel", Role::Support, |ctx| {
            acts::cancel(ctx).boxed_local()
        }),
        Route::post("/admin/generations/{id}/release", Role::Finance, |ctx| {
            acts::release(ctx).boxed_local()
        })
        .fresh(),
        Route::post("/admin/generations/{id}/refund", Role::Finance, |ctx| {
            acts::refund(ctx).boxed_local()
        })
        .fresh(),
        Route::get("/admin/pictures/{id}/{n}", Role::Viewer, |ctx| {
            pictures::bytes(ctx).boxed_local()
        }),
    ],
};

/// What was filled in; what cannot be read is left out.
struct Asked {
    filter: GenerationFilter,
    sequence: Sequence,
    /// The same, for links and the form.
    said: Vec<(&'static str, String)>,
}

impl Asked {
    fn read(ctx: &Ctx) -> Self {
        let said = |name| ctx.query.get(name).trim().chars().take(WORDS_MAX).collect::<String>();
        let day = |name| said(name).parse::<NaiveDate>().ok();
        let until = day("until").and_then(|day| day.checked_add_days(Days::new(1)));
        let midnight = |day: NaiveDate| -> Timestamp { Offset::default().midnight(day) };
        let error = said("error");
        let filter = GenerationFilter {
            state: State::parse(&said("state")),
            user: said("user").parse().ok().map(UserId),
            before: until.map(midnight),
            since: day("since").map(midnight),
            model: ModelId::parse(&said("model")).ok(),
            failure: Failure::parse(&said("failure")),
            reason: (!error.is_empty()).then_some(error),
            live: said("live") == "1",
        };
        let oldest = said("order") == "oldest";
        let sequence = if oldest { Sequence::OldestFirst } else { Sequence::NewestFirst };
        let kept = [
            ("state", filter.state.map(|state| state.name().to_owned())),
            ("failure", filter.failure.map(|failure| failure.name().to_owned())),
            ("model", filter.model.as_ref().map(ToString::to_string)),
            ("user", filter.user.map(|user| user.to_string())),
            ("since", day("since").map(|day| day.to_string())),
            ("until", day("until").map(|day| day.to_string())),
            ("error", filter.reason.clone()),
            ("live", filter.live.then(|| "1".to_owned())),
            ("order", oldest.then(|| "oldest".to_owned())),
        ];
        let said = kept.map(|(name, value)| (name, value.unwrap_or_default())).into();
        Self { filter, sequence, said }
    }

    fn get(&self, name: &str) -> &str {
        let found = self.said.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn link(&self, after: &str) -> String {
        let mut pairs: Vec<(&str, &str)> =
            self.said.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pairs.push(("after", after));
        parts::link(PATH, &pairs)
    }
}

async fn list(ctx: Ctx) -> Reply {
    let asked = Asked::read(&ctx);
    let after = ctx.query.get("after").parse().ok();
    let database = &ctx.desk.database;
    let (rows, found) = futures::try_join!(
        database.find_generations(asked.filter.clone(), asked.sequence, after, ROWS + 1),
        database.count_found_generations(asked.filter.clone())
    )?;
    let next = rows.get(ROWS - 1).filter(|_| rows.len() > ROWS);
    let next = next.map(|last| asked.link(&Spot { at: last.created_at, key: last.id }.to_string()));
    let shown = rows.get(..ROWS).unwrap_or(&rows);
    let content = html! {
        (form(&ctx, &asked))
        p.quiet role="status" { (ctx.t("gens-found")) " " (found) }
        section.card {
            @if shown.is_empty() { p.quiet { (ctx.t("gens-none")) } }
            @else { (table(&ctx, "generations", shown, true)) }
        }
        (parts::more(&ctx, "generations", "tr", next.as_deref()))
    };
    Ok(layout::page(&ctx, &ctx.t("nav-generations"), &content))
}

fn form(ctx: &Ctx, asked: &Asked) -> Markup {
    let any = || ("", ctx.t("gens-any"));
    let states = State::ALL.into_iter().map(|state| (state.name(), words::state(ctx, state)));
    let states: Vec<_> = std::iter::once(any()).chain(states).collect();
    let failures = Failure::ALL.into_iter();
    let failures = failures.map(|failure| (failure.name(), words::failure(ctx, failure)));
    let failures: Vec<_> = std::iter::once(any()).chain(failures).collect();
    let orders = [("", ctx.t("gens-newest")), ("oldest", ctx.t("gens-oldest"))];
    let live = [("", ctx.t("gens-any")), ("1", ctx.t("gens-live"))];
    let input = |name: &str, label: &str, kind: &str| {
        html! {
            div.field {
                label for=(name) { (ctx.t(label)) }
                input id=(name) name=(name) type=(kind) value=(asked.get(name))
                    maxlength=(WORDS_MAX) autocapitalize="none" spellcheck="false";
            }
        }
    };
    html! {
        form.filters method="get" action=(PATH) role="search" {
            (ui::choice("state", "state", &ctx.t("gen-state"), &states, asked.get("state")))
            (ui::choice("failure", "failure", &ctx.t("gen-failure"), &failures, asked.get("failure")))
            (input("model", "gen-model", "search"))
            (input("user", "gens-user", "search"))
            (input("since", "gens-since", "date"))
            (input("until", "gens-until", "date"))
            (input("error", "gens-error", "search"))
            (ui::choice("live", "live", &ctx.t("gens-which"), &live, asked.get("live")))
            (ui::choice("order", "order", &ctx.t("gens-order"), &orders, asked.get("order")))
            button type="submit" { (ctx.t("find")) }
        }
    }
}

/// Some generations. `id`: of the table's body. `people`: with the person of each.
pub(super) fn table(ctx: &Ctx, id: &str, rows: &[Generation], people: bool) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-generations")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("gen-id")) }
                    @if people { th scope="col" { (ctx.t("gens-user")) } }
                    th scope="col" { (ctx.t("gen-state")) }
                    th scope="col" { (ctx.t("gen-model")) }
                    th.number scope="col" { (ctx.t("gen-pictures")) }
                    th.number scope="col" { (ctx.t("gen-price")) }
                    th scope="col" { (ctx.t("gen-created")) }
                    th scope="col" { (ctx.t("gen-prompt")) }
                } }
                tbody id=(id) { @for row in rows { (line(ctx, row, people)) } }
            }
        }
    }
}

fn line(ctx: &Ctx, row: &Generation, people: bool) -> Markup {
    let order = &row.order;
    html! {
        tr {
            th scope="row" { (link(row.id)) }
            @if people {
                td.number { a href=(format!("/admin/people/{}", row.user)) { (row.user) } }
            }
            td { (words::badge(ctx, row)) }
            td { (order.model) }
            td.number { (row.captured) "/" (order.count) }
            td.number { (order.total()) }
            td { (ui::moment(row.created_at)) }
            td.words { bdi { (parts::short(&order.prompt, parts::PROMPT_MAX)) } }
        }
    }
}

/// A generation, by the beginning of its id.
pub(super) fn link(id: GenerationId) -> Markup {
    html! { a href=(format!("{PATH}/{id}")) { code { (id.short()) } } }
}
