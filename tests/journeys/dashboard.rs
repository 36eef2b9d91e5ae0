//! An operator at the dashboard of the running program.

use reqwest::{Client, Response, StatusCode, header, redirect};

use crate::support::{Builder, On, TestApp};

on_each!(
    an_operator_is_made_signs_in_and_is_written_down,
    actors_are_seen_and_steered_from_their_page,
);

pub(super) const PASSWORD: &str = "brisk-lantern-orbit-plum";

fn browser() -> Client {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap()
}

pub(super) async fn post(
    app: &TestApp,
    path: &str,
    cookie: &str,
    fields: &[(&str, &str)],
) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = browser().post(app.url(path)).header("sec-fetch-site", "same-origin");
    let request = request.header(header::COOKIE, cookie).body(body);
    let kind = "application/x-www-form-urlencoded";
    request.header(header::CONTENT_TYPE, kind).send().await.unwrap()
}

pub(super) async fn get(app: &TestApp, path: &str, cookie: &str) -> Response {
    browser().get(app.url(path)).header(header::COOKIE, cookie).send().await.unwrap()
}

pub(super) fn cookie(response: &Response) -> String {
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// The cookie of the sandbox's operator.
pub(super) async fn visitor(app: &TestApp) -> String {
    let link = app.login_link().await.unwrap();
    let token = link.split_once("token=").unwrap().1;
    cookie(&post(app, "/admin/link", "", &[("token", token)]).await)
}

async fn an_operator_is_made_signs_in_and_is_written_down(builder: Builder) {
    let app = builder.start().await;
    let make = ["admin", "create", "ann", "--role", "owner", "--password-stdin"];
    for weak in ["", "short", "aaaaaaaaaaaaaaaaaaaa", "passwordpassword"] {
        let (code, said) = app.cli_with_input(&make, &format!("{weak}\n")).await;
        assert_eq!(code, Some(1), "{weak}: {said}");
    }
    let (code, said) = app.cli_with_input(&make, &format!("{PASSWORD}\n")).await;
    assert!(code == Some(0) && !said.contains(PASSWORD), "{said}");
    let (code, _) = app.cli_with_input(&make, &format!("{PASSWORD}\n")).await;
    assert_eq!(code, Some(1), "the name is taken");

    assert!(
        app.http().get(app.url("/")).send().await.unwrap().text().await.unwrap().contains("/admin")
    );
    let fields = [("name", "ann"), ("password", PASSWORD)];
    let entered = post(&app, "/admin/login", "", &fields).await;
    let ann = cookie(&entered);
    let home = get(&app, entered.headers()[header::LOCATION].to_str().unwrap(), &ann).await;
    assert_eq!(home.status(), StatusCode::OK, "the overview");
    assert!(home.text().await.unwrap().contains("Nobody has used the bot yet"));
    assert_eq!(get(&app, "/admin/operators", &ann).await.status(), StatusCode::OK);
    let audit = get(&app, "/admin/audit", &ann).await;
    let id = audit.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    let page = audit.text().await.unwrap();
    assert!(page.contains("operator.create") && page.contains("session.begin"));

    app.cli(&["admin", "sessions", "end", "ann"]).await;
    assert_eq!(get(&app, "/admin/audit", &ann).await.status(), StatusCode::SEE_OTHER);
    assert!(app.cli_refused(&["admin", "disable", "ann"]).await.contains("nobody else"));
    assert_eq!(app.cli(&["admin", "list"]).await[0]["name"], "ann");
    let checked = app.cli(&["admin", "audit", "verify"]).await;
    assert!(checked["rows"].as_i64().unwrap() >= 4, "{checked}");
    let open = match app.on() {
        On::Sqlite => "DROP TRIGGER audit_not_updated",
        On::Postgres => "ALTER TABLE audit DISABLE TRIGGER USER",
    };
    app.sql_on_each(open).await;
    app.sql_on_each("UPDATE audit SET reason = 'none' WHERE seq = 2").await;
    assert!(app.cli_refused(&["admin", "audit", "verify"]).await.contains("row 2"));
    app.finish().await;
}

async fn actors_are_seen_and_steered_from_their_page(builder: Builder) {
    let app = builder.welcome(10).start().await;
    // A poll that draining cut off may still be open at Telegram when the next one begins.
    app.allow_refusals();
    let ann = app.user(7).await;
    ann.says("/start").await;
    ann.sees_reply().await;
    let token = app.login_link().await.unwrap();
    let token = token.split_once("token=").unwrap().1;
    let cookie = cookie(&post(&app, "/admin/link", "", &[("token", token)]).await);
    let page = async |path: &str| {
        let response = get(&app, path, &cookie).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    };
    assert!(page("/admin").await.contains("What the bot depends on"));
    let here = format!("/admin/actors/{}", app.steering().id().simple());
    let all = page("/admin/actors").await;
    assert!(all.contains(&format!("{here}/ledger")) && all.contains("GrantWelcome"), "{all}");
    assert!(all.contains(&format!("{here}/users/{}", ann.id)));

    // The form of the page itself.
    let ledger = page(&format!("{here}/ledger")).await;
    let csrf = ledger.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let press = async |path: &str| {
        let fields = [("csrf", csrf), ("reason", "to see it")];
        let response = post(&app, path, &cookie, &fields).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        page(response.headers()[header::LOCATION].to_str().unwrap()).await
    };
    let restarted = press(&format!("{here}/ledger/restart")).await;
    assert!(restarted.contains("was restarted") && restarted.contains("an operator asked for it"));
    assert!(press(&format!("{here}/drain")).await.contains("draining"));
    assert!(app.steering().is_draining());
    assert!(press(&format!("{here}/undrain")).await.contains("serving"));
    assert!(!app.steering().is_draining());
    ann.says("/help").await;
    ann.sees_reply().await;
    assert!(press(&format!("{here}/users/{}/retire", ann.id)).await.contains("was put away"));
    assert!(page("/admin/audit").await.contains("node.undrain"));
    app.finish().await;
}

/// SEC-05 and SEC-12: every answer carries the headers, no page has code or style in it, none tells a version.
#[actix_rt::test]
async fn sec_05_every_page_is_bound_to_its_own_scripts_and_styles() {
    let app = TestApp::start().await;
    let sandbox = visitor(&app).await;
    let mut waiting = vec!["/admin/account".to_owned(), "/admin/nothing".to_owned()];
    let mut seen = Vec::new();
    while let Some(path) = waiting.pop() {
        if seen.contains(&path) {
            continue;
        }
        for cookie in [sandbox.as_str(), ""] {
            let response = get(&app, &path, cookie).await;
            let headers = response.headers().clone();
            let policy = headers["content-security-policy"].to_str().unwrap();
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"));
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["referrer-policy"], "same-origin");
            assert_eq!(headers["strict-transport-security"], "max-age=31536000");
            let is_asset = path.starts_with("/admin/assets/");
            assert!(is_asset || headers["cache-control"] == "no-store", "{path}");
            let is_page = headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
            if is_asset || !is_page || response.status().is_redirection() {
                continue;
            }
            let page = response.text().await.unwrap();
            for inline in ["<style", " style=", "<script>", " onclick=", " onload=", "javascript:"]
            {
                assert!(!page.contains(inline), "{path}: {inline}");
            }
            assert!(page.contains("<main id=\"main\"") && page.contains("<html lang="));
            assert!(!page.contains(env!("CARGO_PKG_VERSION")), "{path}");
            for part in ["href=\"", "src=\""] {
                let links = page.split(part).skip(1).filter_map(|rest| rest.split('"').next());
                let ours = links.filter(|link| link.starts_with("/admin"));
                waiting.extend(ours.map(|link| link.replace("&amp;", "&")));
            }
        }
        seen.push(path);
    }
    assert!(seen.len() >= 10, "{seen:?}");
    app.finish().await;
}
