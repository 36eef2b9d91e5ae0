//! Who may use the dashboard.

use actix_web::http::StatusCode;
use futures::FutureExt;
use maud::{Markup, html};

use super::{
    super::{
        Ctx, Error,
        act::{Act, act},
        layout::{self, Icon, redirect},
        password::judge,
        routes::{Reply, Route},
        ui::{self, Kind, Tone},
    },
    Page,
    account::{changed, sessions_table, subject, weak_key},
};
use crate::db::operators::{Operator, OperatorChange, Role};

const PATH: &str = "/admin/operators";

pub(super) const PAGE: Page = Page {
    path: PATH,
    name: "nav-operators",
    icon: Icon::KEY,
    role: Role::Owner,
    routes: &[
        Route::get(PATH, Role::Owner, |ctx| list(ctx).boxed_local()),
        Route::post(PATH, Role::Owner, |ctx| create(ctx).boxed_local()).fresh(),
        Route::get("/admin/operators/{name}", Role::Owner, |ctx| one(ctx).boxed_local()),
        Route::post("/admin/operators/{name}/role", Role::Owner, |ctx| set_role(ctx).boxed_local())
            .fresh(),
        Route::post("/admin/operators/{name}/disable", Role::Owner, |ctx| {
            set_disabled(ctx, true).boxed_local()
        })
        .fresh(),
        Route::post("/admin/operators/{name}/enable", Role::Owner, |ctx| {
            set_disabled(ctx, false).boxed_local()
        })
        .fresh(),
        Route::post("/admin/operators/{name}/sessions", Role::Owner, |ctx| {
            end_sessions(ctx).boxed_local()
        }),
        Route::post("/admin/operators/{name}/password", Role::Owner, |ctx| {
            reset_password(ctx).boxed_local()
        })
        .fresh(),
    ],
};

/// Whether it can be an operator's name: it stands in addresses and in the log.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        && name.bytes().any(|b| b.is_ascii_alphanumeric())
}

async fn list(ctx: Ctx) -> Reply {
    show(&ctx, StatusCode::OK, None).await
}

async fn show(ctx: &Ctx, status: StatusCode, problem: Option<&str>) -> Reply {
    let operators = ctx.desk.database.operators().await?;
    let content = html! {
        (ui::problem(ctx, problem))
        section.card {
            div.scroll tabindex="0" role="region" aria-label=(ctx.t("nav-operators")) {
                table {
                    thead { tr {
                        th scope="col" { (ctx.t("operator-name")) }
                        th scope="col" { (ctx.t("operator-role")) }
                        th scope="col" { (ctx.t("operator-state")) }
                        th scope="col" { (ctx.t("operator-since")) }
                    } }
                    tbody { @for operator in &operators { (row(ctx, operator)) } }
                }
            }
        }
        (ui::card(&ctx.t("operator-new"), &create_form(ctx)))
    };
    Ok(layout::page_with(ctx, status, &ctx.t("nav-operators"), &content))
}

fn row(ctx: &Ctx, operator: &Operator) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(format!("{PATH}/{}", operator.name)) { (operator.name) } }
            td { (ctx.t(&format!("role-{}", operator.role.name()))) }
            td { (state(ctx, operator)) }
            td { (ui::moment(operator.created_at)) }
        }
    }
}

fn state(ctx: &Ctx, operator: &Operator) -> Markup {
    html! {
        @if operator.disabled { (ui::badge(Tone::Bad, &ctx.t("operator-disabled"))) }
        @else { (ui::badge(Tone::Good, &ctx.t("operator-active"))) }
        @if operator.totp_salt.is_some() { " " (ui::badge(Tone::Quiet, &ctx.t("operator-totp"))) }
    }
}

fn roles(ctx: &Ctx) -> Vec<(&'static str, String)> {
    let named = |role: Role| (role.name(), ctx.t(&format!("role-{}-words", role.name())));
    Role::ALL.into_iter().map(named).collect()
}

fn create_form(ctx: &Ctx) -> Markup {
    ui::form(
        ctx,
        PATH,
        &html! {
            (ui::field("name", &ctx.t("operator-name"), &ctx.t("operator-name-rules"), Kind::Text, true))
            (ui::choice("role", "new-role", &ctx.t("operator-role"), &roles(ctx), Role::Viewer.name()))
            (ui::field("password", &ctx.t("operator-password"), &ctx.t("password-rules"),
                Kind::Password { new: true }, true))
            (ui::reason(ctx, "create"))
            button.primary type="submit" { (ctx.t("operator-create")) }
        },
    )
}

async fn create(ctx: Ctx) -> Reply {
    let name = ctx.form.get("name").trim().to_lowercase();
    let role = Role::parse(ctx.form.get("role")).ok_or(Error::BadRequest)?;
    let password = ctx.form.get("password").to_owned();
    let problem = match judge(&password, &name) {
        _ if !is_name(&name) => Some("operator-name-rules"),
        Err(weak) => Some(weak_key(weak)),
        Ok(()) if ctx.desk.database.operator(&name).await?.is_some() => Some("operator-taken"),
        Ok(()) => ctx.reason().err().map(|error| error.key()),
    };
    if problem.is_some() {
        return show(&ctx, StatusCode::UNPROCESSABLE_ENTITY, problem).await;
    }
    let hash = ctx.desk.hasher.hash(password).await?;
    let deed = Act::new("operator.create", subject(&name)).to(role.name());
    let at = ctx.now();
    act(&ctx, deed, async || {
        let made = ctx.desk.database.create_operator(&name, Some(hash), role, at).await?;
        made.ok_or(Error::Refused("operator-taken"))
    })
    .await?;
    Ok(redirect("/admin/operators?done=done-created"))
}

async fn wanted(ctx: &Ctx) -> Result<Operator, Error> {
    let name = ctx.params.get("name");
    if !is_name(name) {
        return Err(Error::NotFound);
    }
    ctx.desk.database.operator(name).await?.ok_or(Error::NotFound)
}

async fn one(ctx: Ctx) -> Reply {
    let operator = wanted(&ctx).await?;
    one_page(&ctx, &operator, StatusCode::OK, None).await
}

async fn one_page(
    ctx: &Ctx,
    operator: &Operator,
    status: StatusCode,
    problem: Option<&str>,
) -> Reply {
    let sessions = ctx.desk.database.sessions_of(operator.id).await?;
    let path = |what: &str| format!("{PATH}/{}/{what}", operator.name);
    let content = html! {
        (ui::problem(ctx, problem))
        p.facts { (state(ctx, operator)) " " (ctx.t(&format!("role-{}", operator.role.name()))) }
        (ui::card(&ctx.t("operator-role"), &ui::form(ctx, &path("role"), &html! {
            (ui::choice("role", "role", &ctx.t("operator-role"), &roles(ctx), operator.role.name()))
            (ui::reason(ctx, "role"))
            button.primary type="submit" { (ctx.t("operator-set-role")) }
        })))
        (ui::card(&ctx.t("account-sessions"), &html! {
            (sessions_table(ctx, &sessions))
            (ui::form(ctx, &path("sessions"), &html! {
                (ui::reason(ctx, "sessions"))
                button type="submit" { (ctx.t("operator-end-sessions")) }
            }))
        }))
        (ui::card(&ctx.t("operator-reset"), &html! {
            p.quiet { (ctx.t("operator-reset-words")) }
            (ui::form(ctx, &path("password"), &html! {
                (ui::field("password", &ctx.t("password-new"), &ctx.t("password-rules"),
                    Kind::Password { new: true }, true))
                (ui::reason(ctx, "password"))
                button type="submit" { (ctx.t("operator-reset-button")) }
            }))
        }))
        (ui::card(&ctx.t("operator-access"), &access_form(ctx, operator)))
    };
    Ok(layout::page_with(ctx, status, &operator.name, &content))
}

fn access_form(ctx: &Ctx, operator: &Operator) -> Markup {
    let (what, button, class) = if operator.disabled {
        ("enable", "operator-enable", "primary")
    } else {
        ("disable", "operator-disable", "danger")
    };
    ui::form(
        ctx,
        &format!("{PATH}/{}/{what}", operator.name),
        &html! {
            (ui::reason(ctx, "access"))
            button class=(class) type="submit" { (ctx.t(button)) }
        },
    )
}

async fn set_role(ctx: Ctx) -> Reply {
    let operator = wanted(&ctx).await?;
    let role = Role::parse(ctx.form.get("role")).ok_or(Error::BadRequest)?;
    let deed = Act::new("operator.role", subject(&operator.name));
    let deed = deed.from(operator.role.name()).to(role.name());
    change(&ctx, &operator, deed, OperatorChange::Role(role), "done-role").await
}

async fn set_disabled(ctx: Ctx, disabled: bool) -> Reply {
    let operator = wanted(&ctx).await?;
    let (action, done) = if disabled {
        ("operator.disable", "done-disabled")
    } else {
        ("operator.enable", "done-enabled")
    };
    let deed = Act::new(action, subject(&operator.name));
    change(&ctx, &operator, deed, OperatorChange::Disabled(disabled), done).await
}

async fn reset_password(ctx: Ctx) -> Reply {
    let operator = wanted(&ctx).await?;
    let password = ctx.form.get("password").to_owned();
    if let Err(weak) = judge(&password, &operator.name) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return one_page(&ctx, &operator, status, Some(weak_key(weak))).await;
    }
    let hash = ctx.desk.hasher.hash(password).await?;
    let deed = Act::new("operator.reset-password", subject(&operator.name));
    let lost = OperatorChange::Password { hash, lost: true };
    change(&ctx, &operator, deed, lost, "done-password").await
}

async fn end_sessions(ctx: Ctx) -> Reply {
    let operator = wanted(&ctx).await?;
    act(&ctx, Act::new("operator.sessions", subject(&operator.name)), async || {
        Ok(ctx.desk.database.end_sessions(operator.id, None).await?)
    })
    .await?;
    Ok(redirect(&format!("{PATH}/{}?done=done-sessions", operator.name)))
}

/// What cannot be taken is said on the page that it was asked on.
async fn change(
    ctx: &Ctx,
    operator: &Operator,
    deed: Act,
    change: OperatorChange,
    done: &str,
) -> Reply {
    let outcome = act(ctx, deed, async || {
        changed(ctx.desk.database.change_operator(operator.id, change).await?)
    })
    .await;
    match outcome {
        Ok(()) => Ok(redirect(&format!("{PATH}/{}?done={done}", operator.name))),
        Err(Error::Refused(key)) => {
            one_page(ctx, operator, StatusCode::UNPROCESSABLE_ENTITY, Some(key)).await
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!(["ann", "a.b-c_1", &"x".repeat(32)].into_iter().all(is_name));
        for odd in ["", "Ann", "a b", "a/b", "..", "-", "анна", &"x".repeat(33)] {
            assert!(!is_name(odd), "{odd}");
        }
    }
}
