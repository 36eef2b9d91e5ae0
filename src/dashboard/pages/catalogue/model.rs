//! One model: taken off sale, put back, asked about.

use actix_web::http::StatusCode;
use aisha_actors::domain::{
    catalogue::{Model, Status},
    id::ModelId,
};
use maud::{Markup, html};

use super::{
    super::super::{
        Ctx, Error,
        act::{Act, act},
        layout::{self, redirect},
        routes::Reply,
        ui::{self, Tone},
    },
    PATH, named, prices, state, stock, word, word_key, words,
};
use crate::{
    app::Probe,
    db::{operators::Role, reports::ModelOverride},
};

/// What is known of a model. One that is in the file no more is known by what was said of it.
struct Known {
    id: ModelId,
    now: Option<Model>,
    file: Option<Status>,
    word: Option<ModelOverride>,
    history: Vec<ModelOverride>,
}

impl Known {
    async fn look(ctx: &Ctx) -> Result<Self, Error> {
        let (id, stock) = (named(ctx)?, stock(ctx)?);
        let word = ctx.desk.database.model_overrides().await?.into_iter().find(|w| w.model == id);
        let history = ctx.desk.database.model_override_history(1000).await?;
        let history: Vec<_> = history.into_iter().filter(|word| word.model == id).collect();
        let now = stock.shop().catalogue().get(&id).cloned();
        let file = stock.shop().file().get(&id).map(|model| model.status);
        if now.is_none() && history.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(Self { id, now, file, word, history })
    }

    /// For the audit log.
    fn before(&self) -> &'static str {
        match &self.word {
            None => "as in the file",
            Some(word) => told(word.on_sale),
        }
    }
}

const fn told(on_sale: bool) -> &'static str {
    if on_sale { "on sale" } else { "off sale" }
}

pub(super) async fn one(ctx: Ctx) -> Reply {
    let known = Known::look(&ctx).await?;
    Ok(show(&ctx, &known, StatusCode::OK, &html! {}))
}

/// Asks the provider: on demand, free, and it changes nothing.
pub(super) async fn probe(ctx: Ctx) -> Reply {
    let known = Known::look(&ctx).await?;
    let model = known.now.as_ref().ok_or(Error::NotFound)?;
    let notice = match stock(&ctx)?.probe(model).await {
        Probe::Answers => said(true, &ctx.t("probe-answers")),
        Probe::Refused => said(false, &ctx.t("probe-refused")),
        Probe::OutOfMoney => said(false, &ctx.t("probe-money")),
        Probe::Trouble(what) => said(false, &format!("{} {what}", ctx.t("probe-trouble"))),
    };
    Ok(show(&ctx, &known, StatusCode::OK, &notice))
}

fn said(is_good: bool, words: &str) -> Markup {
    html! {
        @if is_good { p.notice.good role="status" { (words) } }
        @else { p.notice.bad role="alert" { (words) } }
    }
}

fn show(ctx: &Ctx, known: &Known, status: StatusCode, notice: &Markup) -> actix_web::HttpResponse {
    let title = known.now.as_ref().map_or(known.id.as_str(), |model| model.title.as_str());
    let content = html! {
        (notice)
        p { a href=(PATH) { (ctx.t("catalogue-back")) } }
        section.card {
            @match &known.now {
                Some(model) => (facts(ctx, known, model)),
                None => p.quiet { (ctx.t("catalogue-unlisted")) },
            }
        }
        (forms(ctx, known))
        @if known.now.is_some() && ctx.may(Role::Support) {
            (ui::card(&ctx.t("probe"), &html! {
                p.quiet { (ctx.t("probe-words")) }
                a.button href=(format!("{PATH}/models/{}/probe", known.id)) { (ctx.t("probe")) }
            }))
        }
        @if !known.history.is_empty() {
            (ui::card(&ctx.t("catalogue-history"), &words(ctx, &known.history)))
        }
    };
    layout::page_with(ctx, status, title, &content)
}

fn facts(ctx: &Ctx, known: &Known, model: &Model) -> Markup {
    let names = |list: Vec<&str>| list.join(", ");
    let line = |key: &str, value: Markup| {
        html! {
            tr { th scope="row" { (ctx.t(key)) } td.words { (value) } }
        }
    };
    let ratios = names(model.ratios.iter().map(|ratio| ratio.name.as_str()).collect());
    html! {
        table { tbody {
            (line("catalogue-now", state(ctx, model.status)))
            @if let Some(file) = known.file { (line("catalogue-file", state(ctx, file))) }
            (line("catalogue-word", word(ctx, known.word.as_ref())))
            (line("catalogue-id", html! { code { (model.id) } }))
            (line("catalogue-endpoint", html! { code { (model.endpoint) } }))
            (line("catalogue-prices", prices(model)))
            (line("catalogue-ratios", html! { (ratios) }))
            (line("catalogue-counts", html! { "1–" (model.count_max) }))
            (line("catalogue-bucket", html! { (model.bucket) }))
            (line("catalogue-deadline", html! { (model.deadline.as_secs()) }))
            @if let Some(next) = &model.successor {
                (line("catalogue-successor",
                    html! { a href=(format!("{PATH}/models/{next}")) { (next) } }))
            }
        } }
    }
}

fn forms(ctx: &Ctx, known: &Known) -> Markup {
    let is_sold = known.now.as_ref().is_some_and(|model| model.status != Status::Retired);
    let form = |what: &str, title: &str, words: &str, class: &str| {
        let path = format!("{PATH}/models/{}/{what}", known.id);
        ui::card(
            &ctx.t(title),
            &html! {
                p.quiet { (ctx.t(words)) }
                (ui::form(ctx, &path, &html! {
                    (ui::reason(ctx, what))
                    button class=(class) type="submit" { (ctx.t(title)) }
                }))
            },
        )
    };
    html! {
        @if is_sold && ctx.may(Role::Support) {
            (form("off", "catalogue-take", "catalogue-take-words", "danger"))
        }
        @if known.now.is_some() && !is_sold && ctx.may(Role::Owner) {
            (form("on", "catalogue-put", "catalogue-put-words", "primary"))
        }
        @if known.word.is_some() && ctx.may(Role::Owner) {
            (form("lift", "catalogue-lift", "catalogue-lift-words", ""))
        }
        @if let Some(word) = &known.word {
            p.quiet { (ctx.t("catalogue-stands")) " " (ui::badge(Tone::Quiet, &ctx.t(word_key(word.on_sale)))) }
        }
    }
}

/// `on_sale`: what is said from now on; none: the file's word counts again. It counts here at once, and at
/// the other nodes within seconds.
pub(super) async fn set(ctx: Ctx, on_sale: Option<bool>) -> Reply {
    let known = Known::look(&ctx).await?;
    let stock = stock(&ctx)?;
    // What is no more in the file cannot be sold; a word about it can be taken back.
    if known.now.is_none() && on_sale.is_some() {
        return Err(Error::NotFound);
    }
    let (action, after) = match on_sale {
        Some(on_sale) => ("model.sale", told(on_sale)),
        None => ("model.lift", "as in the file"),
    };
    let deed = Act::new(action, format!("model/{}", known.id)).from(known.before()).to(after);
    let outcome = act(&ctx, deed, async || {
        let (database, id, name) = (&ctx.desk.database, &known.id, ctx.name());
        match on_sale {
            Some(on_sale) => {
                let reason = ctx.reason()?;
                database.set_model_override(id, on_sale, &reason, name).await?;
            }
            None if known.word.is_none() => return Err(Error::Refused("catalogue-silent")),
            None => database.lift_model_override(id, name).await?,
        }
        // The row stands: where this look fails, the next one hears it.
        if let Err(error) = stock.look().await {
            tracing::warn!(%error, "what is for sale could not be looked at");
        }
        Ok(())
    })
    .await;
    match outcome {
        Ok(()) => Ok(redirect(&format!("{PATH}/models/{}?done=done-sale", known.id))),
        Err(Error::Refused(key)) => {
            let notice = ui::problem(&ctx, Some(key));
            Ok(show(&ctx, &known, StatusCode::UNPROCESSABLE_ENTITY, &notice))
        }
        Err(error) => Err(error),
    }
}
