//! Credits above what one operator may book alone: they wait here for a second one.

use actix_web::http::StatusCode;
use aisha_actors::{
    domain::{
        change::{Changes, Refusal},
        id::{GenerationId, UserId},
        ledger::{Credits, Refused},
    },
    port::{Records, Wake},
};
use maud::{Markup, html};

use super::{
    super::super::{
        Ctx, Error,
        act::{Act, act},
        layout::redirect,
        routes::Reply,
        ui,
    },
    PATH, Wanted, generation, person, show,
};
use crate::{
    db::{
        operators::Role,
        reports::{Decided, NewProposal, PROPOSAL_LIFE, Proposal},
    },
    operate::{self, Gift},
};

/// So many are shown.
pub(super) const ROWS: usize = 50;

/// Whether one operator may not book so much alone.
pub(in super::super) fn is_needed(ctx: &Ctx, amount: Credits) -> bool {
    amount.0.saturating_abs() > ctx.desk.alone_max.0
}

/// Says from how many credits on a second operator is needed.
pub(in super::super) fn rule(ctx: &Ctx) -> String {
    ctx.tr("second-rule", &[("credits", ctx.desk.alone_max.0.into())])
}

/// Whether a refund of this generation waits already.
///
/// # Errors
/// The database is away.
pub(in super::super) async fn waits(ctx: &Ctx, id: GenerationId) -> Result<bool, Error> {
    let waiting = ctx.desk.database.open_proposals(ROWS).await?;
    Ok(waiting.iter().any(|one| one.what.generation == Some(id)))
}

/// Keeps what this operator wants to book, for the reason in the form, and writes it down.
///
/// # Errors
/// No reason, no log, the database is away.
pub(in super::super) async fn propose(
    ctx: &Ctx,
    user: UserId,
    generation: Option<GenerationId>,
    amount: Credits,
    cause: String,
) -> Result<&'static str, Error> {
    let deed = Act::new("credits.propose", format!("person/{user}"));
    let deed = deed.to(format!("{:+}", amount.0));
    act(ctx, deed, async || keep(ctx, user, generation, amount, cause).await).await
}

/// The same within an act that is written down already.
///
/// # Errors
/// No reason, or the database is away.
pub(in super::super) async fn keep(
    ctx: &Ctx,
    user: UserId,
    generation: Option<GenerationId>,
    amount: Credits,
    cause: String,
) -> Result<&'static str, Error> {
    let (reason, author) = (ctx.reason()?, ctx.name().to_owned());
    let new = NewProposal { cause, user, generation, amount, reason, author };
    ctx.desk.database.propose(new).await?;
    Ok("done-proposed")
}

/// All that wait. Whoever proposed one can only withdraw it.
pub(super) fn list(ctx: &Ctx, waiting: &[Proposal]) -> Markup {
    html! {
        p.quiet { (rule(ctx)) " " (ctx.t("second-words")) }
        @for one in waiting { (item(ctx, one)) }
    }
}

fn item(ctx: &Ctx, one: &Proposal) -> Markup {
    let what = &one.what;
    let key = match (what.generation, what.amount.0 < 0) {
        (Some(_), _) => "entry-refund",
        (None, true) => "entry-withdrawal",
        (None, false) => "entry-grant",
    };
    let is_own = what.author == ctx.name();
    let path = |what: &str| format!("{PATH}/proposals/{}/{what}", one.seq);
    html! {
        div.waiting {
            p.facts {
                strong { (ctx.t(key)) ": " (what.amount.0.saturating_abs()) }
                span { (ctx.t("ledger-person")) " " (person(what.user)) }
                @if let Some(id) = what.generation { (generation(id)) }
            }
            p.words { bdi { (what.reason) } }
            p.quiet {
                (what.author) " · " (ui::moment(one.created_at)) " · " (ctx.t("second-until")) " "
                (ui::moment(one.created_at.plus(PROPOSAL_LIFE))) " UTC"
            }
            @if ctx.may(Role::Finance) {
                (ui::form(ctx, &path(if is_own { "refuse" } else { "approve" }), &html! {
                    (ui::reason(ctx, &format!("proposal-{}", one.seq)))
                    div.facts {
                        @if is_own {
                            button.danger type="submit" { (ctx.t("second-withdraw")) }
                        } @else {
                            button.primary type="submit" { (ctx.t("second-approve")) }
                            button.danger type="submit" formaction=(path("refuse")) {
                                (ctx.t("second-refuse"))
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// The one of the address.
async fn wanted(ctx: &Ctx) -> Result<Proposal, Error> {
    let seq = ctx.params.get("id").parse().map_err(|_| Error::NotFound)?;
    ctx.desk.database.open_proposal(seq).await?.ok_or(Error::Refused("second-gone"))
}

/// What is booked, and by whom: by both.
async fn booking(ctx: &Ctx, one: &Proposal) -> Result<Changes, Error> {
    let NewProposal { user, amount, reason, author, .. } = one.what.clone();
    let by = format!("admin:{author}+{}", ctx.name());
    let Some(id) = one.what.generation else {
        let cause = format!("proposal/{}", one.seq);
        return Ok(Gift { user, amount, reason, by, cause }.changes(ctx.now()));
    };
    let row = ctx.desk.database.generation(id).await?.ok_or(Error::NotFound)?;
    // What was paid cannot become more; if it is another amount now, it was not that which was proposed.
    if operate::paid(&row) != amount {
        return Err(Error::Refused("second-gone"));
    }
    Ok(operate::refunding(&row, reason, by, ctx.now()))
}

fn deed(action: &'static str, one: &Proposal) -> Act {
    let deed = Act::new(action, format!("person/{}", one.what.user));
    deed.from(format!("{}: {}", one.what.author, one.what.reason))
        .to(format!("{:+} (proposal {})", one.what.amount.0, one.seq))
}

pub(super) async fn approve(ctx: Ctx) -> Reply {
    let outcome = approved(&ctx).await;
    ctx.desk.wake(Wake::ParcelsAdded);
    answer(&ctx, outcome.map(|()| "done-approved")).await
}

async fn approved(ctx: &Ctx) -> Result<(), Error> {
    let one = wanted(ctx).await?;
    let changes = booking(ctx, &one).await?;
    act(ctx, deed("credits.approve", &one), async || {
        match ctx.desk.database.approve(one.seq, ctx.name(), changes).await? {
            Decided::Now => Ok(()),
            Decided::Gone => Err(Error::Refused("second-gone")),
            Decided::Own => Err(Error::Refused("second-own")),
            Decided::Refused(Refusal::Ledger(Refused::Insufficient { .. })) => {
                Err(Error::Refused("person-too-little"))
            }
            Decided::Refused(refusal) => Err(Error::Internal(refusal.to_string())),
        }
    })
    .await
}

pub(super) async fn refuse(ctx: Ctx) -> Reply {
    let outcome = refused(&ctx).await;
    answer(&ctx, outcome.map(|()| "done-refused")).await
}

async fn refused(ctx: &Ctx) -> Result<(), Error> {
    let one = wanted(ctx).await?;
    act(ctx, deed("credits.refuse", &one), async || {
        match ctx.desk.database.refuse(one.seq, ctx.name()).await? {
            true => Ok(()),
            false => Err(Error::Refused("second-gone")),
        }
    })
    .await
}

async fn answer(ctx: &Ctx, outcome: Result<&'static str, Error>) -> Reply {
    match outcome {
        Ok(done) => Ok(redirect(&format!("{PATH}?done={done}"))),
        Err(Error::Refused(key)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(ctx, status, &Wanted::default(), &ui::problem(ctx, Some(key))).await
        }
        Err(error) => Err(error),
    }
}
