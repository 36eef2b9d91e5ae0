//! Somebody is deleted: asked for here, carried out step by step by `app::forgetting`.

use aisha_actors::{domain::id::UserId, port::Wake};
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Ctx, Error,
            act::{Act, act},
            routes::Reply,
            ui,
        },
        parts,
    },
    PATH, acts, person,
};
use crate::{
    db::{
        forget::{Begun, Forgetting, PayloadTrouble, Waits},
        operators::Role,
    },
    operate,
};

/// A group is no person, and whoever was deleted is nobody.
pub(super) fn form(ctx: &Ctx, id: UserId) -> Markup {
    html! {
        @if ctx.may(Role::Owner) && !id.is_group() {
            (parts::fold(&ctx.t("person-delete"), &ui::form(ctx, &format!("{PATH}/{id}/delete"), &html! {
                p.hint { (ctx.t("person-delete-words")) " " (ctx.t(copies(ctx))) }
                (ui::field("confirm", &ctx.t("person-delete-confirm"), "", ui::Kind::Text, true))
                (ui::reason(ctx, "delete"))
                button.danger type="submit" { (ctx.t("person-delete")) }
            })))
        }
    }
}

/// What becomes of the provider's.
fn copies(ctx: &Ctx) -> &'static str {
    if ctx.desk.settings.deletes_payloads() {
        "person-delete-copies"
    } else {
        "person-delete-copies-stay"
    }
}

/// What it waits for.
pub(super) fn progress(ctx: &Ctx, row: &Forgetting, waits: Waits) -> Markup {
    let plain = |key: &str, value: String| (ctx.t(key), html! { (value) });
    let (requests, trouble) = match ctx.desk.settings.deletes_payloads() {
        true => (waits.requests.to_string(), row.payload_trouble),
        false => (ctx.t("person-going-copies-stay"), None),
    };
    let trouble = trouble.map(|trouble| match trouble {
        PayloadTrouble::Refused => "person-going-refused",
        PayloadTrouble::Away => "person-going-away",
    });
    html! {
        p { (ctx.t("person-going-words")) }
        (parts::facts(&[
            (ctx.t("person-going-since"), ui::moment(row.asked_at)),
            plain("person-by", row.operator.clone()),
            (ctx.t("reason"), html! { bdi { (row.reason) } }),
            plain("person-going-updates", waits.updates.to_string()),
            plain("person-going-generations", waits.generations.to_string()),
            plain("person-going-parcels", waits.parcels.to_string()),
            plain("person-going-pictures", waits.pictures.to_string()),
            plain("person-going-requests", requests),
        ]))
        @if waits.aside > 0 { p.notice.bad { (ctx.t("person-going-aside")) " " (waits.aside) } }
        @if let Some(key) = trouble { p.notice.bad { (ctx.t(key)) } }
    }
}

/// Asked for twice, it is one deletion.
pub(super) async fn ask(ctx: Ctx) -> Reply {
    let report = person::wanted(&ctx).await?;
    let user = report.standing.person.profile.id;
    let outcome = delete(&ctx, user).await;
    acts::ended(&ctx, &report, outcome).await
}

async fn delete(ctx: &Ctx, user: UserId) -> Result<&'static str, Error> {
    if user.is_group() || ctx.form.get("confirm").trim() != user.to_string() {
        return Err(Error::Refused("person-delete-rules"));
    }
    let reason = ctx.reason()?;
    let by = format!("admin:{}", ctx.name());
    act(ctx, Act::new("person.delete", acts::subject(user)), async || {
        match operate::delete(&ctx.desk.database, user, &by, &reason).await? {
            Begun::Now | Begun::Before => Ok(()),
            Begun::Nobody => Err(Error::NotFound),
        }
    })
    .await?;
    ctx.desk.wake(Wake::UpdatesAdded);
    Ok("done-delete")
}
