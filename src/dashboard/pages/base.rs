//! What is there without any page: signing in and out, the way home, choices of this browser.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{LOCATION, RETRY_AFTER, SET_COOKIE},
    },
};
use futures::FutureExt;
use maud::html;

use super::{
    super::{
        Ctx, Error, Visit,
        act::{Act, note},
        cookie,
        guard::{LANGUAGE, THEME},
        layout::{self, redirect},
        live::{Facts, Part},
        origin,
        routes::{Method, Reply, Route},
        session::{self, fresh_token},
        totp::Factor,
        ui::{self, Kind},
        visit::Theme,
    },
    account,
};
use crate::db::{
    operators::{Operator, OperatorId, Role, Session, Try},
    reports::Glance,
};

/// The longest name that a failure is counted under.
const NAME_MAX: usize = 64;

pub(in super::super) const BASE: &[Route] = &[
    Route::open(Method::Get, "/admin/login", |visit| login(visit).boxed_local()),
    Route::open(Method::Post, "/admin/login", |visit| sign_in(visit).boxed_local()),
    Route::open(Method::Get, "/admin/link", |visit| link(visit).boxed_local()),
    Route::open(Method::Post, "/admin/link", |visit| use_link(visit).boxed_local()),
    Route::open(Method::Post, "/admin/preferences", |visit| prefer(visit).boxed_local()),
    Route::post("/admin/logout", Role::Viewer, |ctx| sign_out(ctx).boxed_local()),
    Route::get("/admin/proof", Role::Viewer, |ctx| proof(ctx).boxed_local()),
    Route::post("/admin/proof", Role::Viewer, |ctx| prove(ctx).boxed_local()),
    Route::get("/admin/account", Role::Viewer, |ctx| account::page(ctx).boxed_local()),
    Route::post("/admin/account/password", Role::Viewer, |ctx| {
        account::change_password(ctx).boxed_local()
    }),
    Route::post("/admin/account/sessions", Role::Viewer, |ctx| {
        account::end_sessions(ctx).boxed_local()
    }),
    Route::get("/admin/account/totp", Role::Viewer, |ctx| account::enrol(ctx).boxed_local())
        .fresh(),
    Route::post("/admin/account/totp", Role::Viewer, |ctx| account::confirm(ctx).boxed_local())
        .fresh(),
    Route::post("/admin/account/totp/off", Role::Viewer, |ctx| {
        account::switch_off(ctx).boxed_local()
    })
    .fresh(),
];

/// In a word how things are, at the top of every page.
pub(in super::super) const STATUS: Part =
    Part { name: "status", role: Role::Viewer, render: status };

fn status(visit: &Visit, facts: &Facts) -> maud::Markup {
    let Some(Glance { aside, .. }) = facts.glance else {
        return html! { span.dot.bad {} (visit.t("status-away")) };
    };
    if visit.desk.system.is_some() && facts.traffic.is_none() {
        return html! { span.dot.bad {} (visit.t("status-actors")) };
    }
    html! {
        @if aside.0 > 0 {
            span.dot.bad {} (visit.tr("status-aside", &[("count", aside.0.into())]))
        } @else {
            span.dot.good {} (visit.t("status-well"))
        }
    }
}

fn next_of(visit: &Visit, said: &str) -> String {
    let local = origin::local(said).filter(|path| *path != visit.path);
    local.unwrap_or("/admin").to_owned()
}

async fn login(visit: Visit) -> Reply {
    if visit.desk.signed_in(visit.token.as_deref()).await?.is_some() {
        return Ok(redirect("/admin"));
    }
    let next = next_of(&visit, visit.query.get("next"));
    Ok(login_page(&visit, StatusCode::OK, &next, None))
}

/// One form, so that nobody learns whether a password alone was right.
fn login_page(
    visit: &Visit,
    status: StatusCode,
    next: &str,
    problem: Option<&str>,
) -> HttpResponse {
    let content = html! {
        @if let Some(words) = problem { p.notice.bad role="alert" { (words) } }
        form method="post" action="/admin/login" {
            input type="hidden" name="next" value=(next);
            div.field {
                label for="field-name" { (visit.t("login-name")) }
                input id="field-name" name="name" type="text" autocomplete="username" required
                    autofocus spellcheck="false" autocapitalize="none" maxlength="64";
            }
            (ui::field("password", &visit.t("login-password"), "", Kind::Password { new: false }, true))
            (ui::field("code", &visit.t("login-code"), &visit.t("login-code-hint"), Kind::Code, false))
            button.primary.wide type="submit" { (visit.t("login")) }
        }
        p.quiet { (visit.t("login-help")) " " code { "aisha admin create" } }
    };
    layout::bare(visit, status, &visit.t("login-title"), &content)
}

async fn sign_in(visit: Visit) -> Reply {
    let next = next_of(&visit, visit.form.get("next"));
    let name: String =
        visit.form.get("name").trim().to_lowercase().chars().take(NAME_MAX).collect();
    let tried = visit.desk.database.begin_try(&name, &visit.address, visit.now()).await?;
    if let Try::Wait(wait) = tried {
        let seconds = wait.as_secs() + 1;
        let words = visit.tr("login-wait", &[("seconds", seconds.into())]);
        let mut response = login_page(&visit, StatusCode::TOO_MANY_REQUESTS, &next, Some(&words));
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
        return Ok(response);
    }
    let password = visit.form.get("password").to_owned();
    let phc = visit.desk.database.password_of(&name).await?;
    let is_right = visit.desk.hasher.verify(password, phc).await?;
    let operator = visit.desk.database.operator(&name).await?;
    // Whoever types a password in the place of their name shall not find it in the log.
    let known = operator.as_ref().map_or("?", |operator| &operator.name).to_owned();
    let operator = operator.filter(|operator| is_right && !operator.disabled);
    let operator = match operator {
        Some(operator) if has_code(&visit, &operator, visit.form.get("code")).await? => operator,
        _ => {
            let act = Act::new("session.refused", format!("operator/{known}"));
            note(&visit, "", &act, String::new()).await?;
            let words = visit.t("login-wrong");
            return Ok(login_page(&visit, StatusCode::FORBIDDEN, &next, Some(&words)));
        }
    };
    visit.desk.database.forgive_tries(&name, &visit.address).await?;
    begin_session(&visit, &operator, "password", &next).await
}

/// Whether the second factor, where there is one, is right; its code is used up then.
pub(super) async fn has_code(
    visit: &Visit,
    operator: &Operator,
    code: &str,
) -> Result<bool, Error> {
    let Some(salt) = &operator.totp_salt else { return Ok(true) };
    let factor = Factor::new(&visit.desk.secret_key, &operator.name, salt);
    let seconds = visit.now().0.unsigned_abs() / 1_000_000;
    let span = factor.and_then(|factor| factor.check(code, seconds));
    match span {
        Some(span) => Ok(visit.desk.database.use_totp(operator.id, span).await?),
        None => Ok(false),
    }
}

/// A session that is new, whatever the browser brought along.
async fn begin_session(visit: &Visit, operator: &Operator, by: &str, next: &str) -> Reply {
    if let Some(old) = &visit.token {
        visit.desk.database.end_session(session::hash(old)).await?;
    }
    let act = Act::new("session.begin", format!("operator/{}", operator.name)).to(by);
    note(visit, &operator.name, &act, String::new()).await?;
    let (token, hash) = fresh_token();
    let now = visit.now();
    let session = Session {
        token: hash,
        created_at: now,
        seen_at: now,
        proved_at: now,
        address: visit.address.clone(),
        agent: visit.agent.clone(),
    };
    visit.desk.database.begin_session(operator.id, session).await?;
    visit.desk.sweep_logins().await;
    Ok(HttpResponse::SeeOther()
        .insert_header((SET_COOKIE, cookie::session(&token, visit.desk.is_https())))
        .insert_header((LOCATION, next))
        .finish())
}

/// A GET changes nothing, so the link opens a page with one button.
async fn link(visit: Visit) -> Reply {
    let content = html! {
        p { (visit.t("link-words")) }
        form method="post" action="/admin/link" {
            input type="hidden" name="token" value=(visit.query.get("token"));
            button.primary.wide type="submit" autofocus { (visit.t("login")) }
        }
    };
    Ok(layout::bare(&visit, StatusCode::OK, &visit.t("login-title"), &content))
}

async fn use_link(visit: Visit) -> Reply {
    let hash = session::hash(visit.form.get("token"));
    let found: Option<OperatorId> = visit.desk.database.use_login_link(hash, visit.now()).await?;
    let operators = visit.desk.database.operators().await?;
    let found = operators.iter().find(|one| Some(one.id) == found && !one.disabled);
    match found {
        Some(operator) => begin_session(&visit, operator, "link", "/admin").await,
        None => {
            let content = html! {
                p.notice.bad role="alert" { (visit.t("link-used")) }
                p { a.button href="/admin/login" { (visit.t("login-title")) } }
            };
            let title = visit.t("login-title");
            Ok(layout::bare(&visit, StatusCode::FORBIDDEN, &title, &content))
        }
    }
}

async fn sign_out(ctx: Ctx) -> Reply {
    ctx.desk.database.end_session(ctx.who().session.token).await?;
    let act = Act::new("session.end", format!("operator/{}", ctx.name()));
    note(&ctx, ctx.name(), &act, String::new()).await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((SET_COOKIE, cookie::no_session(ctx.desk.is_https())))
        .insert_header((LOCATION, "/admin/login"))
        .finish())
}

async fn prefer(visit: Visit) -> Reply {
    let https = visit.desk.is_https();
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, next_of(&visit, visit.form.get("next"))));
    if let language @ ("en" | "ru") = visit.form.get("language") {
        response.append_header((SET_COOKIE, cookie::choice(LANGUAGE, language, https)));
    }
    let theme = visit.form.get("theme");
    if !theme.is_empty() {
        let theme = Theme::parse(theme).name();
        response.append_header((SET_COOKIE, cookie::choice(THEME, theme, https)));
    }
    Ok(response.finish())
}

async fn proof(ctx: Ctx) -> Reply {
    let next = next_of(&ctx, ctx.query.get("next"));
    Ok(proof_page(&ctx, StatusCode::OK, &next, None))
}

fn proof_page(ctx: &Ctx, status: StatusCode, next: &str, problem: Option<&str>) -> HttpResponse {
    let has_totp = ctx.who().operator.totp_salt.is_some();
    let fields = html! {
        input type="hidden" name="next" value=(next);
        (ui::field("password", &ctx.t("login-password"), "", Kind::Password { new: false }, true))
        @if has_totp { (ui::field("code", &ctx.t("login-code"), "", Kind::Code, true)) }
        button.primary type="submit" { (ctx.t("proof-button")) }
    };
    let content = html! {
        section.card {
            p { (ctx.t("proof-words")) }
            @if let Some(words) = problem { p.notice.bad role="alert" { (words) } }
            (ui::form(ctx, "/admin/proof", &fields))
        }
    };
    layout::page_with(ctx, status, &ctx.t("proof-title"), &content)
}

/// The limits of signing in hold here too: a stolen session is no way to guess a password.
async fn prove(ctx: Ctx) -> Reply {
    let next = next_of(&ctx, ctx.form.get("next"));
    if let Some(problem) = account::doubt(&ctx).await? {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(proof_page(&ctx, status, &next, Some(&problem)));
    }
    ctx.desk.database.prove_session(ctx.who().session.token, ctx.now()).await?;
    let mark = if next.contains('?') { '&' } else { '?' };
    Ok(redirect(&format!("{next}{mark}done=done-proved")))
}
