//! The operator's own account: password, second factor, sessions.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::{
    super::{
        Ctx, Error,
        act::{Act, act_on_self, note},
        layout::{self, redirect},
        password::{Weak, judge},
        routes::Reply,
        totp::Factor,
        ui::{self, Kind, Tone},
    },
    base::has_code,
};
use crate::{
    dashboard::session,
    db::operators::{OperatorChange, Session, Try},
};

pub(super) fn subject(name: &str) -> String {
    format!("operator/{name}")
}

/// Whether the form's `password` (and `code`, with a second factor) are the operator's own. None: they are.
/// Failures count as those of signing in do.
pub(super) async fn doubt(ctx: &Ctx) -> Result<Option<String>, Error> {
    let operator = &ctx.who().operator;
    let database = &ctx.desk.database;
    let tried = database.begin_try(&operator.name, &ctx.address, ctx.now()).await?;
    if let Try::Wait(wait) = tried {
        return Ok(Some(ctx.tr("login-wait", &[("seconds", (wait.as_secs() + 1).into())])));
    }
    let phc = database.password_of(&operator.name).await?;
    let password = ctx.form.get("password").to_owned();
    let is_right = ctx.desk.hasher.verify(password, phc).await?
        && has_code(ctx, operator, ctx.form.get("code")).await?;
    if !is_right {
        let act = Act::new("proof.refused", subject(&operator.name));
        note(ctx, ctx.name(), &act, String::new()).await?;
        return Ok(Some(ctx.t("proof-wrong")));
    }
    database.forgive_tries(&operator.name, &ctx.address).await?;
    Ok(None)
}

/// The key that says what is wrong with a new password.
pub(super) const fn weak_key(weak: Weak) -> &'static str {
    match weak {
        Weak::Short => "password-short",
        Weak::Long => "password-long",
        Weak::Guessable => "password-guessable",
    }
}

pub(in super::super) async fn page(ctx: Ctx) -> Reply {
    show(&ctx, StatusCode::OK, None).await
}

async fn show(ctx: &Ctx, status: StatusCode, problem: Option<&str>) -> Reply {
    let operator = &ctx.who().operator;
    let sessions = ctx.desk.database.sessions_of(operator.id).await?;
    let content = html! {
        @if let Some(words) = problem { p.notice.bad role="alert" { (words) } }
        @if operator.has_password {
            (ui::card(&ctx.t("account-password"), &password_form(ctx)))
            (ui::card(&ctx.t("account-totp"), &totp_part(ctx)))
        }
        (ui::card(&ctx.t("account-sessions"), &html! {
            (sessions_table(ctx, &sessions))
            (ui::form(ctx, "/admin/account/sessions", &html! {
                button.danger type="submit" { (ctx.t("account-end-others")) }
            }))
        }))
    };
    Ok(layout::page_with(ctx, status, &ctx.t("nav-account"), &content))
}

fn password_form(ctx: &Ctx) -> Markup {
    let has_totp = ctx.who().operator.totp_salt.is_some();
    ui::form(
        ctx,
        "/admin/account/password",
        &html! {
            (ui::field("password", &ctx.t("password-now"), "", Kind::Password { new: false }, true))
            @if has_totp { (ui::field("code", &ctx.t("login-code"), "", Kind::Code, true)) }
            (ui::field("new", &ctx.t("password-new"), &ctx.t("password-rules"),
                Kind::Password { new: true }, true))
            button.primary type="submit" { (ctx.t("password-change")) }
        },
    )
}

fn totp_part(ctx: &Ctx) -> Markup {
    html! {
        @if ctx.who().operator.totp_salt.is_some() {
            p { (ui::badge(Tone::Good, &ctx.t("totp-on"))) " " (ctx.t("totp-on-words")) }
            (ui::form(ctx, "/admin/account/totp/off", &html! {
                button.danger type="submit" { (ctx.t("totp-switch-off")) }
            }))
        } @else {
            p { (ctx.t("totp-off-words")) }
            p { a.button href="/admin/account/totp" { (ctx.t("totp-set-up")) } }
        }
    }
}

/// Where somebody is signed in.
pub(super) fn sessions_table(ctx: &Ctx, sessions: &[Session]) -> Markup {
    let alive: Vec<_> = sessions.iter().filter(|one| session::is_alive(one, ctx.now())).collect();
    if alive.is_empty() {
        return html! { p.quiet { (ctx.t("sessions-none")) } };
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("account-sessions")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("session-began")) }
                    th scope="col" { (ctx.t("session-seen")) }
                    th scope="col" { (ctx.t("session-address")) }
                    th scope="col" { (ctx.t("session-agent")) }
                } }
                tbody {
                    @for one in alive {
                        tr {
                            td { (ui::moment(one.created_at)) }
                            td { (ui::moment(one.seen_at)) }
                            td { (one.address)
                                @if one.token == ctx.who().session.token {
                                    " " (ui::badge(Tone::Quiet, &ctx.t("session-this")))
                                }
                            }
                            td.cut { (one.agent) }
                        }
                    }
                }
            }
        }
    }
}

pub(in super::super) async fn change_password(ctx: Ctx) -> Reply {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let new = ctx.form.get("new").to_owned();
    if let Err(weak) = judge(&new, ctx.name()) {
        return show(&ctx, status, Some(&ctx.t(weak_key(weak)))).await;
    }
    if let Some(problem) = doubt(&ctx).await? {
        return show(&ctx, status, Some(&problem)).await;
    }
    let hash = ctx.desk.hasher.hash(new).await?;
    let id = ctx.who().operator.id;
    act_on_self(&ctx, Act::new("operator.password", subject(ctx.name())), async || {
        let change = OperatorChange::Password { hash, lost: false };
        changed(ctx.desk.database.change_operator(id, change).await?)
    })
    .await?;
    // All sessions ended, this one too: whoever stole one has to know the new password.
    Ok(redirect("/admin/login"))
}

pub(super) fn changed(answer: Result<(), crate::db::operators::NotChanged>) -> Result<(), Error> {
    use crate::db::operators::NotChanged;
    answer.map_err(|why| match why {
        NotChanged::Unknown => Error::NotFound,
        NotChanged::LastOwner => Error::Refused("error-last-owner"),
    })
}

pub(in super::super) async fn end_sessions(ctx: Ctx) -> Reply {
    let signed_in = ctx.who();
    act_on_self(&ctx, Act::new("operator.sessions", subject(ctx.name())), async || {
        let but = Some(signed_in.session.token);
        Ok(ctx.desk.database.end_sessions(signed_in.operator.id, but).await?)
    })
    .await?;
    Ok(redirect("/admin/account?done=done-sessions"))
}

/// The salt goes along in the form: nothing is kept before a code proves that the app has it. It is worth
/// nothing without the program's secret key.
pub(in super::super) async fn enrol(ctx: Ctx) -> Reply {
    enrol_page(&ctx, StatusCode::OK, rand::random(), None)
}

fn enrol_page(ctx: &Ctx, status: StatusCode, salt: [u8; 16], problem: Option<&str>) -> Reply {
    let factor = Factor::new(&ctx.desk.secret_key, ctx.name(), &salt);
    let factor =
        factor.ok_or_else(|| Error::Internal("no second factor can be made".to_owned()))?;
    let content = html! {
        section.card {
            @if let Some(key) = problem { p.notice.bad role="alert" { (ctx.t(key)) } }
            ol.steps {
                li { p { (ctx.t("totp-scan")) } (factor.qr(&ctx.t("totp-scan")))
                    p { (ctx.t("totp-type")) " " code { (factor.letters()) } }
                    p.quiet.cut { code { (factor.url()) } } }
                li { p { (ctx.t("totp-confirm")) }
                    (ui::form(ctx, "/admin/account/totp", &html! {
                        input type="hidden" name="salt" value=(hex::encode(salt));
                        (ui::field("code", &ctx.t("login-code"), "", Kind::Code, true))
                        button.primary type="submit" { (ctx.t("totp-switch-on")) }
                    })) }
            }
        }
    };
    Ok(layout::page_with(ctx, status, &ctx.t("account-totp"), &content))
}

pub(in super::super) async fn confirm(ctx: Ctx) -> Reply {
    let salt = hex::decode(ctx.form.get("salt")).ok();
    let salt = salt.and_then(|salt| <[u8; 16]>::try_from(salt).ok()).ok_or(Error::BadRequest)?;
    let operator = &ctx.who().operator;
    let factor =
        Factor::new(&ctx.desk.secret_key, &operator.name, &salt).ok_or(Error::BadRequest)?;
    let seconds = ctx.now().0.unsigned_abs() / 1_000_000;
    let span = factor.check(ctx.form.get("code"), seconds);
    let is_right = match span {
        Some(span) => ctx.desk.database.use_totp(operator.id, span).await?,
        None => false,
    };
    if !is_right {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return enrol_page(&ctx, status, salt, Some("totp-wrong"));
    }
    set_totp(&ctx, "operator.totp-on", Some(salt)).await
}

pub(in super::super) async fn switch_off(ctx: Ctx) -> Reply {
    set_totp(&ctx, "operator.totp-off", None).await
}

async fn set_totp(ctx: &Ctx, action: &'static str, salt: Option<[u8; 16]>) -> Reply {
    let id = ctx.who().operator.id;
    act_on_self(ctx, Act::new(action, subject(ctx.name())), async || {
        let change = OperatorChange::Totp(salt);
        changed(ctx.desk.database.change_operator(id, change).await?)
    })
    .await?;
    Ok(redirect("/admin/login"))
}
