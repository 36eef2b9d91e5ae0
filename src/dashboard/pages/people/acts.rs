//! What is done for people, and to them.

use actix_web::http::StatusCode;
use aisha_actors::{
    domain::{
        change::Refusal,
        id::UserId,
        ledger::{Credits, Refused},
        screens::result::WRITTEN_MAX,
    },
    port::Wake,
};
use maud::{Markup, html};

use super::{
    super::super::{
        Ctx, Error,
        act::{Act, act},
        layout::redirect,
        routes::Reply,
        sent, ui,
    },
    super::{ledger::second, parts},
    PATH, deletion, person,
};
use crate::{
    db::{operators::Role, reports::PersonReport},
    operate::{self, Done, Gift},
};

/// The most that is given at once.
const CREDITS_MAX: i64 = 1_000_000_000;

pub(super) fn subject(id: UserId) -> String {
    format!("person/{id}")
}

/// All that this operator may do.
pub(super) fn forms(ctx: &Ctx, report: &PersonReport, is_going: bool) -> Markup {
    let person = &report.standing.person;
    if person.profile.id.is_pseudonym() {
        return html! {};
    }
    if is_going {
        return deletion::form(ctx, person.profile.id);
    }
    let path = |what: &str| format!("{PATH}/{}/{what}", person.profile.id);
    let (what, button, class) = if person.blocked {
        ("unblock", "person-unblock", "primary")
    } else {
        ("block", "person-block", "danger")
    };
    html! {
        @if ctx.may(Role::Finance) {
            (parts::fold(&ctx.t("person-give"), &ui::form(ctx, &path("credits"), &html! {
                (sent::field())
                (ui::choice("way", "way", &ctx.t("person-way"), &[
                    ("give", ctx.t("person-way-give")),
                    ("take", ctx.t("person-way-take")),
                ], "give"))
                div.field {
                    label for="amount" { (ctx.t("person-amount")) }
                    input id="amount" name="amount" type="number" inputmode="numeric" required
                        min="1" max=(CREDITS_MAX) step="1";
                }
                p.hint { (ctx.t("person-reads-reason")) " " (second::rule(ctx)) }
                (ui::reason(ctx, "credits"))
                button.primary type="submit" { (ctx.t("person-book")) }
            })))
        }
        @if ctx.may(Role::Support) {
            (parts::fold(&ctx.t("person-write"), &ui::form(ctx, &path("message"), &html! {
                (sent::field())
                div.field {
                    label for="words" { (ctx.t("person-words")) }
                    textarea id="words" name="words" required rows="4" maxlength=(WRITTEN_MAX) {}
                }
                (ui::reason(ctx, "message"))
                button.primary type="submit" { (ctx.t("person-send")) }
            })))
            (parts::fold(&ctx.t(button), &ui::form(ctx, &path(what), &html! {
                p.hint { (ctx.t("person-block-words")) }
                (ui::reason(ctx, "block"))
                button class=(class) type="submit" { (ctx.t(button)) }
            })))
        }
        @if ctx.may(Role::Owner) {
            (parts::fold(&ctx.t("person-export"), &ui::form(ctx, &path("export"), &html! {
                p.hint { (ctx.t("person-export-words")) }
                (ui::reason(ctx, "export"))
                button type="submit" { (ctx.t("person-download")) }
            })))
        }
        (deletion::form(ctx, person.profile.id))
    }
}

/// What cannot be taken is said on the person's page.
pub(super) async fn ended(
    ctx: &Ctx,
    report: &PersonReport,
    outcome: Result<&'static str, Error>,
) -> Reply {
    match outcome {
        Ok(done) => {
            Ok(redirect(&format!("{PATH}/{}?done={done}", report.standing.person.profile.id)))
        }
        Err(Error::Refused(key)) => {
            person::page(ctx, report, StatusCode::UNPROCESSABLE_ENTITY, Some(key)).await
        }
        Err(error) => Err(error),
    }
}

/// A double click is one entry: its id is derived from the form's key.
pub(super) async fn credits(ctx: Ctx) -> Reply {
    let report = person::wanted(&ctx).await?;
    let outcome = book(&ctx, &report).await;
    ended(&ctx, &report, outcome).await
}

async fn book(ctx: &Ctx, report: &PersonReport) -> Result<&'static str, Error> {
    let key = sent::key(ctx)?;
    let amount = ctx.form.get("amount").trim().parse::<i64>().ok();
    let amount = amount.filter(|amount| (1..=CREDITS_MAX).contains(amount));
    let amount = amount.ok_or(Error::Refused("person-amount-rules"))?;
    let amount = match ctx.form.get("way") {
        "give" => amount,
        "take" => -amount,
        _ => return Err(Error::BadRequest),
    };
    let user = report.standing.person.profile.id;
    let (amount, cause) = (Credits(amount), format!("admin/{user}/{key}"));
    if second::is_needed(ctx, amount) {
        return second::propose(ctx, user, None, amount, cause).await;
    }
    let by = format!("admin:{}", ctx.name());
    let gift = Gift { user, amount, reason: ctx.reason()?, by, cause };
    let short = key.get(..8).unwrap_or_default();
    let deed = Act::new("person.credits", subject(user))
        .from(report.account.available().to_string())
        .to(format!("{:+} ({short})", amount.0));
    let now = ctx.now();
    let done =
        act(ctx, deed, async || match operate::give(&ctx.desk.database, gift, now).await? {
            Ok(Done::Now) => Ok("done-credits"),
            Ok(Done::Before) => Ok("done-credits-before"),
            Err(Refusal::Ledger(Refused::Insufficient { .. })) => {
                Err(Error::Refused("person-too-little"))
            }
            Err(refusal) => Err(Error::Internal(refusal.to_string())),
        })
        .await?;
    ctx.desk.wake(Wake::ParcelsAdded);
    Ok(done)
}

pub(super) async fn set_blocked(ctx: Ctx, blocked: bool) -> Reply {
    let report = person::wanted(&ctx).await?;
    let person = &report.standing.person;
    let is_going = ctx.desk.database.forgetting_of(person.profile.id).await?.is_some();
    let outcome = if person.blocked == blocked {
        Ok("done-nothing")
    } else if is_going {
        Err(Error::Refused("person-is-going"))
    } else {
        let user = person.profile.id;
        let action = if blocked { "person.block" } else { "person.unblock" };
        let asked = act(&ctx, Act::new(action, subject(user)), async || {
            operate::set_blocked(&ctx.desk.database, user, blocked).await?;
            Ok("done-asked")
        })
        .await;
        ctx.desk.wake(Wake::UpdatesAdded);
        asked
    };
    ended(&ctx, &report, outcome).await
}

/// Through the outbox: it is kept until it was sent.
pub(super) async fn message(ctx: Ctx) -> Reply {
    let report = person::wanted(&ctx).await?;
    let outcome = write(&ctx, &report).await;
    ended(&ctx, &report, outcome).await
}

async fn write(ctx: &Ctx, report: &PersonReport) -> Result<&'static str, Error> {
    let key = sent::key(ctx)?;
    // Browsers end lines in two characters.
    let words = ctx.form.get("words").replace("\r\n", "\n");
    let words = words.trim();
    let fits = !words.is_empty()
        && words.encode_utf16().count() <= WRITTEN_MAX
        && !words.contains(|letter: char| letter.is_control() && letter != '\n');
    if !fits {
        return Err(Error::Refused("person-words-rules"));
    }
    ctx.reason()?;
    if report.standing.person.stopped {
        return Err(Error::Refused("person-is-stopped"));
    }
    if !ctx.desk.sent.is_first(&key) {
        return Ok("done-written");
    }
    let user = report.standing.person.profile.id;
    let deed = Act::new("person.message", subject(user)).to(words);
    let now = ctx.now();
    act(ctx, deed, async || {
        match operate::write(&ctx.desk.database, user, words.to_owned(), now).await? {
            Ok(()) => Ok(()),
            Err(refusal) => Err(Error::Internal(refusal.to_string())),
        }
    })
    .await?;
    ctx.desk.wake(Wake::ParcelsAdded);
    Ok("done-written")
}
