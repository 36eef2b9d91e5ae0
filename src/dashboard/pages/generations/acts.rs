//! What is done to a generation. Each goes through its owner: the tracker, the ledger's rules, the outbox.

use actix_web::http::StatusCode;
use aisha_actors::{
    domain::{
        generation::{Generation, State},
        ledger::EntryKind,
    },
    port::{Kind, Wake},
};
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Ctx, Error,
            act::{Act, act},
            layout::redirect,
            routes::Reply,
            ui,
        },
        ledger::second,
        parts,
    },
    PATH, one,
};
use crate::{
    db::{
        operators::Role,
        reports::{AsideId, Timeline, What},
    },
    operate::{self, Done},
};

/// One thing that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Drive,
    Deliver,
    Cancel,
    Release,
    Refund,
}

impl Deed {
    const ALL: [Self; 5] = [Self::Drive, Self::Deliver, Self::Cancel, Self::Release, Self::Refund];

    /// The end of its route.
    const fn name(self) -> &'static str {
        match self {
            Self::Drive => "drive",
            Self::Deliver => "deliver",
            Self::Cancel => "cancel",
            Self::Release => "release",
            Self::Refund => "refund",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Drive => "generation.drive",
            Self::Deliver => "generation.deliver",
            Self::Cancel => "generation.cancel",
            Self::Release => "generation.release",
            Self::Refund => "generation.refund",
        }
    }

    const fn role(self) -> Role {
        match self {
            Self::Drive | Self::Deliver | Self::Cancel => Role::Support,
            Self::Release | Self::Refund => Role::Finance,
        }
    }

    /// The keys of its button and of what it does.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Drive => ("gen-drive", "gen-drive-words"),
            Self::Deliver => ("gen-deliver", "gen-deliver-words"),
            Self::Cancel => ("gen-cancel", "gen-cancel-words"),
            Self::Release => ("gen-release", "gen-release-words"),
            Self::Refund => ("gen-refund", "gen-refund-words"),
        }
    }

    /// Whether it would come to anything as things stand.
    fn fits(self, told: &Timeline) -> bool {
        let row = &told.generation;
        match self {
            Self::Drive => row.state.is_open() || row.state == State::Captured,
            Self::Deliver => !row.state.is_open(),
            Self::Cancel => {
                matches!(row.state, State::Reserved | State::Submitting | State::Queued)
            }
            Self::Release => row.state.is_open(),
            Self::Refund => {
                let is_refund =
                    |what: &What| matches!(what, What::Booked { kind: EntryKind::Refund, .. });
                let refunded = told.events.iter().any(|event| is_refund(&event.what));
                row.captured > 0 && row.order.price.0 > 0 && !refunded
            }
        }
    }
}

fn subject(row: &Generation) -> String {
    format!("generation/{}", row.id)
}

/// All that this operator may do to it now.
pub(super) fn forms(ctx: &Ctx, told: &Timeline) -> Markup {
    let deeds = Deed::ALL.into_iter().filter(|deed| ctx.may(deed.role()) && deed.fits(told));
    html! {
        @for deed in deeds {
            @let (button, words) = deed.keys();
            @let path = format!("{PATH}/{}/{}", told.generation.id, deed.name());
            @let class = if matches!(deed, Deed::Cancel | Deed::Release) { "danger" } else { "primary" };
            (parts::fold(&ctx.t(button), &ui::form(ctx, &path, &html! {
                p.hint { (ctx.t(words)) }
                (ui::reason(ctx, deed.name()))
                button class=(class) type="submit" { (ctx.t(button)) }
            })))
        }
    }
}

/// Does it if it fits, says what came of it, and wakes whoever has to go on.
async fn carry_out(
    ctx: Ctx,
    deed: Deed,
    effect: impl AsyncFnOnce(&Ctx, &Timeline) -> Result<&'static str, Error>,
) -> Reply {
    let told = one::wanted(&ctx).await?;
    let row = &told.generation;
    let outcome = if deed.fits(&told) {
        let waits = deed == Deed::Refund && second::is_needed(&ctx, operate::paid(row));
        let action = if waits { "credits.propose" } else { deed.action() };
        let log = Act::new(action, subject(row)).from(row.state.name());
        act(&ctx, log, async || effect(&ctx, &told).await).await
    } else {
        Err(Error::Refused("gen-too-late"))
    };
    match outcome {
        Ok(done) => Ok(redirect(&format!("{PATH}/{}?done={done}", row.id))),
        Err(Error::Refused(key)) => {
            Ok(one::page(&ctx, &told, StatusCode::UNPROCESSABLE_ENTITY, Some(key)))
        }
        Err(error) => Err(error),
    }
}

/// The next step at once; what was given up of its pictures is tried again.
pub(super) async fn drive(ctx: Ctx) -> Reply {
    carry_out(ctx, Deed::Drive, async |ctx: &Ctx, told: &Timeline| {
        for picture in &told.pictures {
            match ctx.desk.database.replay(AsideId::Storage(picture.id)).await {
                Ok(()) => {}
                // Nothing of it was given up.
                Err(error) if error.kind == Kind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        ctx.desk.wake(Wake::RowsChanged);
        Ok("done-driven")
    })
    .await
}

pub(super) async fn deliver(ctx: Ctx) -> Reply {
    carry_out(ctx, Deed::Deliver, async |ctx: &Ctx, told: &Timeline| {
        let owed = ctx.desk.database.deliver_again(told.generation.id).await?;
        ctx.desk.wake(Wake::ParcelsAdded);
        Ok(if owed > 0 { "done-delivered" } else { "done-nothing" })
    })
    .await
}

pub(super) async fn cancel(ctx: Ctx) -> Reply {
    carry_out(ctx, Deed::Cancel, async |ctx: &Ctx, told: &Timeline| {
        let row = &told.generation;
        operate::cancel(&ctx.desk.database, row.user, row.id).await?;
        ctx.desk.wake(Wake::UpdatesAdded);
        Ok("done-asked")
    })
    .await
}

pub(super) async fn release(ctx: Ctx) -> Reply {
    carry_out(ctx, Deed::Release, async |ctx: &Ctx, told: &Timeline| {
        let row = &told.generation;
        operate::release(&ctx.desk.database, row.user, row.id).await?;
        ctx.desk.wake(Wake::UpdatesAdded);
        Ok("done-asked")
    })
    .await
}

/// Once: the entry's id is derived from the generation.
pub(super) async fn refund(ctx: Ctx) -> Reply {
    carry_out(ctx, Deed::Refund, async |ctx: &Ctx, told: &Timeline| {
        let (row, by) = (&told.generation, format!("admin:{}", ctx.name()));
        let reason = ctx.reason()?;
        let amount = operate::paid(row);
        if second::is_needed(ctx, amount) {
            let cause = format!("refund/{}/{}", row.id, ctx.now().0);
            if second::waits(ctx, row.id).await? {
                return Ok("done-proposed");
            }
            return second::keep(ctx, row.user, Some(row.id), amount, cause).await;
        }
        match operate::refund(&ctx.desk.database, row, reason, by, ctx.now()).await? {
            Ok(Done::Now) => {
                ctx.desk.wake(Wake::ParcelsAdded);
                Ok("done-refunded")
            }
            Ok(Done::Before) => Ok("done-credits-before"),
            Err(refusal) => Err(Error::Internal(refusal.to_string())),
        }
    })
    .await
}
