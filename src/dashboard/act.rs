//! Doing something: with a reason, and with a row in the audit log that is there before it is done.

use super::{Ctx, Error, Visit};
use crate::db::audit::Deed;

/// What is about to be done.
#[derive(Debug, Clone, Default)]
pub(super) struct Act {
    /// A name such as `operator.disable`.
    pub(super) action: &'static str,
    /// Such as `operator/ann`, `person/42`, `generation/0123…`.
    pub(super) subject: String,
    /// How it was; empty where that says nothing.
    pub(super) before: String,
    /// How it shall be.
    pub(super) after: String,
}

impl Act {
    pub(super) fn new(action: &'static str, subject: impl Into<String>) -> Self {
        Self { action, subject: subject.into(), ..Self::default() }
    }

    pub(super) fn from(self, before: impl Into<String>) -> Self {
        Self { before: before.into(), ..self }
    }

    pub(super) fn to(self, after: impl Into<String>) -> Self {
        Self { after: after.into(), ..self }
    }
}

/// Does something for the reason in the form. The log is written first: where it cannot be, nothing is
/// done. When the effect fails, a second row says so (`….failed`).
///
/// # Errors
/// No reason, no log, or what the effect says.
pub(super) async fn act<T>(
    ctx: &Ctx,
    act: Act,
    effect: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let reason = ctx.reason()?;
    carry_out(ctx, act, reason, effect).await
}

/// The same for what an operator does to their own account: nobody has to say why.
///
/// # Errors
/// No log, or what the effect says.
pub(super) async fn act_on_self<T>(
    ctx: &Ctx,
    act: Act,
    effect: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    carry_out(ctx, act, String::new(), effect).await
}

async fn carry_out<T>(
    ctx: &Ctx,
    act: Act,
    reason: String,
    effect: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    note(ctx, ctx.name(), &act, reason.clone()).await?;
    let done = effect().await;
    if let Err(error) = &done {
        let failed = Act { action: "failed", ..act.clone() };
        let why = format!("{}: {error}", act.action);
        note(ctx, ctx.name(), &failed.to(why), reason).await?;
    }
    done
}

/// Only writes the log: for who signs in and out.
///
/// # Errors
/// The log cannot be written.
pub(super) async fn note(
    visit: &Visit,
    actor: &str,
    act: &Act,
    reason: String,
) -> Result<(), Error> {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let deed = Deed {
        actor: actor.to_owned(),
        action: act.action.to_owned(),
        subject: act.subject.clone(),
        reason,
        before: said(&act.before),
        after: said(&act.after),
        request_id: visit.request_id.clone(),
        address: visit.address.clone(),
    };
    visit.desk.database.record(deed, visit.now()).await?;
    Ok(())
}
