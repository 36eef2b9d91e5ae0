//! Generations and what happens to them, in words.

use aisha_actors::domain::{
    generation::{Failure, Generation, State},
    picture::PictureState,
};
use maud::{Markup, html};

use super::super::super::{
    Ctx,
    ui::{self, Tone},
};

pub(super) fn state(ctx: &Ctx, state: State) -> String {
    ctx.t(match state {
        State::Reserved => "gen-reserved",
        State::Submitting => "gen-submitting",
        State::Queued => "gen-queued",
        State::Resulted => "gen-resulted",
        State::Captured => "gen-captured",
        State::Delivered => "gen-delivered",
        State::Cancelling => "gen-cancelling",
        State::Cancelled => "gen-cancelled",
        State::Failed => "gen-failed",
        State::Expired => "gen-expired",
    })
}

pub(super) fn failure(ctx: &Ctx, failure: Failure) -> String {
    ctx.t(match failure {
        Failure::Safety => "gen-failed-safety",
        Failure::BadRequest => "gen-failed-bad-request",
        Failure::ModelGone => "gen-failed-model-gone",
        Failure::OutOfMoney => "gen-failed-out-of-money",
        Failure::Provider => "gen-failed-provider",
        Failure::Unreachable => "gen-failed-unreachable",
        Failure::PicturesLost => "gen-failed-pictures-lost",
        Failure::Quarantined => "gen-failed-quarantined",
    })
}

pub(super) fn picture(ctx: &Ctx, state: PictureState) -> String {
    ctx.t(match state {
        PictureState::Pending => "pic-pending",
        PictureState::Stored => "pic-stored",
        PictureState::Fallback => "pic-fallback",
        PictureState::Lost => "pic-lost",
        PictureState::Trashed => "pic-trashed",
        PictureState::Purged => "pic-purged",
    })
}

/// Where it stands, and why it came to that.
pub(super) fn badge(ctx: &Ctx, row: &Generation) -> Markup {
    let tone = match row.state {
        State::Captured | State::Delivered => Tone::Good,
        State::Failed | State::Expired => Tone::Bad,
        _ => Tone::Quiet,
    };
    html! {
        (ui::badge(tone, &state(ctx, row.state)))
        @if let Some(why) = row.failure { " " span.quiet { (failure(ctx, why)) } }
    }
}
