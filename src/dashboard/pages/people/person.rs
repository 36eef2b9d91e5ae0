//! One person: who they are, where they stand, what they have.

use actix_web::http::StatusCode;
use aisha_actors::domain::{id::UserId, picture::Picture};
use maud::{Markup, html};

use super::{
    super::{
        super::{Ctx, Error, layout, routes::Reply, ui},
        generations, parts,
    },
    PATH, acts, deletion, served, standing,
};
use crate::db::reports::{EntryFilter, EntryLine, GenerationFilter, PersonReport, Sequence, Spot};

/// Rows of each list.
const ENTRIES: usize = 20;
const GENERATIONS: usize = 10;
const PICTURES: usize = 24;

/// The person in the address.
pub(super) async fn wanted(ctx: &Ctx) -> Result<PersonReport, Error> {
    let text = ctx.params.get("id");
    let id = text.parse::<i64>().ok().filter(|id| id.to_string() == text);
    let id = id.map(UserId).ok_or(Error::NotFound)?;
    ctx.desk.database.person_report(id, ctx.now()).await?.ok_or(Error::NotFound)
}

pub(super) async fn one(ctx: Ctx) -> Reply {
    let report = wanted(&ctx).await?;
    page(&ctx, &report, StatusCode::OK, None).await
}

pub(super) async fn page(
    ctx: &Ctx,
    report: &PersonReport,
    status: StatusCode,
    problem: Option<&str>,
) -> Reply {
    let person = &report.standing.person;
    let profile = &person.profile;
    let going = ctx.desk.database.forgetting_of(profile.id).await?;
    let entries = entries(ctx, profile.id).await?;
    let generations = generations(ctx, profile.id).await?;
    let pictures = pictures(ctx, profile.id).await?;
    let name = profile.first_name.trim();
    let title = if name.is_empty() { profile.id.to_string() } else { name.to_owned() };
    let content = html! {
        (ui::problem(ctx, problem))
        p.facts {
            (parts::initials(&profile.first_name, profile.id))
            (served(ctx, profile.id, (person.blocked, person.stopped)))
            @if let Some(username) = &profile.username { bdi { "@" (username) } }
        }
        div.columns {
            (ui::card(&ctx.t("person-standing"), &stands(ctx, report)))
            (ui::card(&ctx.t("person-balance"), &balance(ctx, report)))
        }
        @if let Some((row, waits)) = &going {
            (ui::card(&ctx.t("person-going"), &deletion::progress(ctx, row, *waits)))
        }
        @let acts = acts::forms(ctx, report, going.is_some());
        @if !acts.0.is_empty() { (ui::card(&ctx.t("person-acts"), &acts)) }
        (entries)
        (generations)
        (pictures)
    };
    Ok(layout::page_with(ctx, status, &title, &content))
}

fn stands(ctx: &Ctx, report: &PersonReport) -> Markup {
    let (person, conversation) = (&report.standing.person, &report.standing.conversation);
    let language = match conversation.language {
        Some(language) => language.code().to_owned(),
        None => {
            let tag = person.profile.language_code.as_deref().unwrap_or("—");
            ctx.tr("person-telegrams", &[("code", tag.to_owned().into())])
        }
    };
    let minutes = conversation.offset.minutes();
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let sign = if minutes < 0 { '−' } else { '+' };
    let draft =
        conversation.draft.prompt.as_deref().map(|prompt| parts::short(prompt, parts::PROMPT_MAX));
    parts::facts(&[
        (ctx.t("person-id"), html! { code { (person.profile.id) } }),
        (ctx.t("person-since"), ui::moment(person.created_at)),
        (ctx.t("person-language"), html! { (language) }),
        (ctx.t("person-time-zone"), html! { (format!("UTC{sign}{hours:02}:{rest:02}")) }),
        (ctx.t("person-screen"), html! { (standing::screen(ctx, conversation.screen())) }),
        (ctx.t("person-way-back"), html! { (standing::way_back(ctx, conversation)) }),
        (ctx.t("person-filters"), html! { (standing::filters(ctx, &conversation.filters)) }),
        (ctx.t("person-draft"), html! { bdi { (draft.unwrap_or_else(|| "—".to_owned())) } }),
    ])
}

fn balance(ctx: &Ctx, report: &PersonReport) -> Markup {
    let (account, counts) = (&report.account, &report.counts);
    let models: Vec<String> =
        counts.by_model.iter().map(|(model, count)| format!("{model}: {count}")).collect();
    let models = if models.is_empty() { "—".to_owned() } else { models.join(", ") };
    let plain = |key: &str, value: String| (ctx.t(key), html! { (value) });
    parts::facts(&[
        (ctx.t("person-available"), html! { strong { (account.available()) } }),
        plain("person-held", account.held.to_string()),
        plain("person-credited", account.credited.to_string()),
        plain("person-debited", account.debited.to_string()),
        plain("person-spent", counts.spent.to_string()),
        plain("person-captured", counts.generations.to_string()),
        plain("person-pictures", models),
        plain("person-favourite", counts.favourites.to_string()),
        plain("person-last-month", counts.last_month.to_string()),
    ])
}

async fn entries(ctx: &Ctx, user: UserId) -> Result<Markup, Error> {
    let filter = EntryFilter { user: Some(user), ..EntryFilter::default() };
    let after = ctx.query.get("entries").parse().ok();
    let rows = ctx.desk.database.find_entries(filter, after, ENTRIES + 1).await?;
    let next = rows.get(ENTRIES - 1).filter(|_| rows.len() > ENTRIES);
    let next = next.map(|last| here(user, "entries", &last.spot().to_string()));
    let shown = rows.get(..ENTRIES).unwrap_or(&rows);
    let table = html! {
        @if shown.is_empty() { p.quiet { (ctx.t("person-no-entries")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("person-ledger")) {
                table {
                    thead { tr {
                        th scope="col" { (ctx.t("person-at")) }
                        th scope="col" { (ctx.t("person-entry")) }
                        th.number scope="col" { (ctx.t("person-credits")) }
                        th scope="col" { (ctx.t("reason")) }
                        th scope="col" { (ctx.t("person-by")) }
                        th scope="col" { (ctx.t("person-generation")) }
                    } }
                    tbody id="entries" { @for row in shown { (entry(ctx, row)) } }
                }
            }
        }
        (parts::more(ctx, "entries", "tr", next.as_deref()))
    };
    Ok(ui::card(&ctx.t("person-ledger"), &table))
}

fn entry(ctx: &Ctx, row: &EntryLine) -> Markup {
    let sign = if row.kind.debits_user() { "−" } else { "+" };
    html! {
        tr {
            td { (ui::moment(row.at)) }
            td { (standing::entry(ctx, row.kind)) }
            td.number { (sign) (row.amount) }
            td.words { bdi { (row.reason) } }
            td { (row.by) }
            td { @if let Some(id) = row.generation { (generations::link(id)) } @else { "—" } }
        }
    }
}

async fn generations(ctx: &Ctx, user: UserId) -> Result<Markup, Error> {
    let filter = GenerationFilter { user: Some(user), ..GenerationFilter::default() };
    let found =
        ctx.desk.database.find_generations(filter, Sequence::NewestFirst, None, GENERATIONS);
    let rows = found.await?;
    let all = parts::link("/admin/generations", &[("user", &user.to_string())]);
    let content = html! {
        @if rows.is_empty() { p.quiet { (ctx.t("person-no-generations")) } }
        @else {
            (generations::table(ctx, "latest", &rows, false))
            p { a href=(all) { (ctx.t("person-all-generations")) } }
        }
    };
    Ok(ui::card(&ctx.t("nav-generations"), &content))
}

async fn pictures(ctx: &Ctx, user: UserId) -> Result<Markup, Error> {
    let after = ctx.query.get("pictures").parse().ok();
    let rows = ctx.desk.database.pictures_of_person(user, after, PICTURES + 1).await?;
    let next = rows.get(PICTURES - 1).filter(|_| rows.len() > PICTURES).map(|last| {
        let spot = Spot { at: last.created_at, key: last.id };
        here(user, "pictures", &spot.to_string())
    });
    let shown: &[Picture] = rows.get(..PICTURES).unwrap_or(&rows);
    let content = html! {
        @if shown.is_empty() { p.quiet { (ctx.t("person-no-pictures")) } }
        @else { (generations::thumbs(ctx, "pictures", shown)) }
        (parts::more(ctx, "pictures", "li", next.as_deref()))
    };
    Ok(ui::card(&ctx.t("person-gallery"), &content))
}

fn here(user: UserId, list: &str, spot: &str) -> String {
    parts::link(&format!("{PATH}/{user}"), &[(list, spot)])
}
