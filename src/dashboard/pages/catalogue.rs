//! The catalogue: what is sold at what price, and what operators and the provider say to it.

mod model;

use actix_web::http::StatusCode;
use aisha_actors::domain::{
    catalogue::{Model, Status},
    id::ModelId,
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
    Page,
};
use crate::{
    app::{BOT, Stock},
    db::{operators::Role, reports::ModelOverride},
};

const PATH: &str = "/admin/catalogue";

/// What was said of models: so much of it is shown.
const WORDS: usize = 30;

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-catalogue",
    icon: Icon::TAG,
    role: Role::Viewer,
    routes: &[
        Route::get(PATH, Role::Viewer, |ctx| list(ctx).boxed_local()),
        Route::post("/admin/catalogue/reload", Role::Owner, |ctx| reload(ctx).boxed_local()),
        Route::get("/admin/catalogue/models/{model}", Role::Viewer, |ctx| {
            model::one(ctx).boxed_local()
        }),
        Route::get("/admin/catalogue/models/{model}/probe", Role::Support, |ctx| {
            model::probe(ctx).boxed_local()
        }),
        Route::post("/admin/catalogue/models/{model}/off", Role::Support, |ctx| {
            model::set(ctx, Some(false)).boxed_local()
        }),
        Route::post("/admin/catalogue/models/{model}/on", Role::Owner, |ctx| {
            model::set(ctx, Some(true)).boxed_local()
        }),
        Route::post("/admin/catalogue/models/{model}/lift", Role::Owner, |ctx| {
            model::set(ctx, None).boxed_local()
        }),
    ],
};

/// The catalogue of the running program.
fn stock(ctx: &Ctx) -> Result<&Stock, Error> {
    ctx.desk.stock.as_ref().ok_or_else(|| Error::Away("there is no catalogue here".to_owned()))
}

async fn list(ctx: Ctx) -> Reply {
    show(&ctx, StatusCode::OK, &html! {}).await
}

async fn show(ctx: &Ctx, status: StatusCode, notice: &Markup) -> Reply {
    let stock = stock(ctx)?;
    let (file, now) = (stock.shop().file(), stock.shop().catalogue());
    let said = ctx.desk.database.model_overrides().await?;
    let history = ctx.desk.database.model_override_history(WORDS).await?;
    let content = html! {
        (notice)
        section.card {
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-catalogue")) {
                table {
                    thead { tr {
                        th scope="col" { (ctx.t("catalogue-model")) }
                        th scope="col" { (ctx.t("catalogue-now")) }
                        th scope="col" { (ctx.t("catalogue-prices")) }
                        th scope="col" { (ctx.t("catalogue-file")) }
                        th scope="col" { (ctx.t("catalogue-word")) }
                    } }
                    tbody { @for model in now.all() {
                        tr {
                            th scope="row" {
                                a href=(format!("{PATH}/models/{}", model.id)) { (model.title) }
                                br; code { (model.id) }
                            }
                            td { (state(ctx, model.status)) }
                            td { (prices(model)) }
                            td { @if let Some(model) = file.get(&model.id) { (state(ctx, model.status)) } }
                            td.words { (word(ctx, said.iter().find(|word| word.model == model.id))) }
                        }
                    } }
                }
            }
        }
        @if ctx.may(Role::Owner) {
            (ui::card(&ctx.t("catalogue-reload"), &html! {
                p.quiet { (ctx.t("catalogue-reload-words")) }
                (ui::form(ctx, "/admin/catalogue/reload", &html! {
                    (ui::reason(ctx, "reload"))
                    button type="submit" { (ctx.t("catalogue-reload")) }
                }))
            }))
        }
        @if !history.is_empty() { (ui::card(&ctx.t("catalogue-history"), &words(ctx, &history))) }
    };
    Ok(layout::page_with(ctx, status, &ctx.t("nav-catalogue"), &content))
}

fn state(ctx: &Ctx, status: Status) -> Markup {
    match status {
        Status::Active => ui::badge(Tone::Good, &ctx.t("catalogue-active")),
        Status::Degraded => ui::badge(Tone::Quiet, &ctx.t("catalogue-degraded")),
        Status::Retired => ui::badge(Tone::Bad, &ctx.t("catalogue-retired")),
    }
}

fn prices(model: &Model) -> Markup {
    html! {
        @if model.resolutions.is_empty() { (model.price) }
        @for (index, resolution) in model.resolutions.iter().enumerate() {
            @if index > 0 { ", " }
            (resolution.name) ": " (resolution.price)
        }
    }
}

/// What stands over the file.
fn word(ctx: &Ctx, word: Option<&ModelOverride>) -> Markup {
    html! {
        @match word {
            None => "—",
            Some(word) => {
                (ctx.t(word_key(word.on_sale))) ": " (reason(ctx, word))
                br; span.quiet { (author(ctx, &word.author)) ", " (ui::moment(word.at)) }
            }
        }
    }
}

const fn word_key(on_sale: bool) -> &'static str {
    if on_sale { "catalogue-on" } else { "catalogue-off" }
}

/// The program's own reason is said in the reader's language.
fn reason(ctx: &Ctx, word: &ModelOverride) -> String {
    if word.author == BOT { ctx.t("catalogue-gone") } else { word.reason.clone() }
}

fn author(ctx: &Ctx, name: &str) -> String {
    if name == BOT { ctx.t("catalogue-bot") } else { name.to_owned() }
}

fn words(ctx: &Ctx, history: &[ModelOverride]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("catalogue-history")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("catalogue-at")) }
                    th scope="col" { (ctx.t("catalogue-model")) }
                    th scope="col" { (ctx.t("catalogue-word")) }
                    th scope="col" { (ctx.t("reason")) }
                    th scope="col" { (ctx.t("catalogue-author")) }
                    th scope="col" { (ctx.t("catalogue-lifted")) }
                } }
                tbody { @for word in history {
                    tr {
                        td { (ui::moment(word.at)) }
                        td { a href=(format!("{PATH}/models/{}", word.model)) { (word.model) } }
                        td { (ctx.t(word_key(word.on_sale))) }
                        td.words { (reason(ctx, word)) }
                        td { (author(ctx, &word.author)) }
                        td {
                            @match &word.lifted {
                                None => "—",
                                Some((at, by)) => { (ui::moment(*at)) " " (author(ctx, by)) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// A file that is wrong is refused with the reason, and the old one stays.
async fn reload(ctx: Ctx) -> Reply {
    let stock = stock(&ctx)?;
    let mut problem = None;
    let reloaded = act(&ctx, Act::new("catalogue.reload", "catalogue"), async || {
        stock.reload().await.map_err(|error| {
            problem = Some(error.to_string());
            Error::Refused("catalogue-broken")
        })
    })
    .await;
    let key = match reloaded {
        Ok(_) => return Ok(redirect("/admin/catalogue?done=done-reloaded")),
        Err(Error::Refused(key)) => key,
        Err(error) => return Err(error),
    };
    let notice = html! {
        p.notice.bad role="alert" {
            (ctx.t(key)) @if let Some(problem) = problem { br; code { (problem) } }
        }
    };
    show(&ctx, StatusCode::UNPROCESSABLE_ENTITY, &notice).await
}

/// The model of the address, if it is spelt like one.
fn named(ctx: &Ctx) -> Result<ModelId, Error> {
    ModelId::parse(ctx.params.get("model")).map_err(|_| Error::NotFound)
}
