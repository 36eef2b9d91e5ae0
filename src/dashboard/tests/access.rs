//! Who may do what: the cases come from the table of routes, so that none is forgotten.

use super::*;
use crate::dashboard::routes::{Method, Route, all};

/// A place of the route, with something that is there in each `{…}`.
fn place(route: &Route) -> String {
    let name = if route.path.contains("assets") { "live.js" } else { "zoe" };
    let parts = [("{name}", name), ("{model}", "imagen4"), ("{state}", "lost"), ("{id}", "1")];
    parts.into_iter().fold(route.path.to_owned(), |path, (part, real)| path.replace(part, real))
}

#[test]
fn the_table_is_sane() {
    let mut seen = std::collections::BTreeSet::new();
    for route in all() {
        assert!(seen.insert((format!("{:?}", route.method), route.path)), "{} twice", route.path);
        assert_eq!(route.mutates(), route.method == Method::Post, "{}", route.path);
        assert!(route.path == "/admin" || route.path.starts_with("/admin/"));
    }
    let open: Vec<_> = all().filter(|route| route.role.is_none()).map(|route| route.path).collect();
    let known = ["/admin/assets/{name}", "/admin/login", "/admin/link", "/admin/preferences"];
    assert!(open.iter().all(|path| known.contains(path)), "{open:?}");
    for page in crate::dashboard::pages::PAGES {
        let first = page.routes.first().unwrap();
        assert_eq!((first.path, first.role), (page.path, Some(page.role)));
    }
}

/// No token, another session's token, another site: each is 403, for every route that changes anything.
#[actix_web::test]
async fn sec_04_nothing_is_changed_from_elsewhere() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    let other = office.sign_in("zoe").await;
    let send = async |path: &str, headers: &[(&str, &str)], csrf: &str| {
        let request = office.client.post(office.url(path)).header(header::COOKIE, &ann.cookie);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let body = encode(&[("csrf", csrf), ("reason", "x"), ("role", "viewer"), ("token", "")]);
        request.header(header::CONTENT_TYPE, FORM).body(body).send().await.unwrap().status()
    };
    let ours = [("sec-fetch-site", "same-origin")];
    let host = format!("http://{}", office.address);
    let rows = office.audit().await.len();
    let mut routes = 0;
    for route in all().filter(|route| route.mutates()) {
        let path = place(route);
        routes += 1;
        for headers in [
            vec![("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "cross-site"), ("origin", host.as_str())],
            vec![("origin", "http://evil.example")],
            vec![("origin", "null")],
            vec![],
        ] {
            let status = send(&path, &headers, &ann.csrf).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
        if route.role.is_some() {
            for csrf in ["", "wrong", &other.csrf] {
                assert_eq!(send(&path, &ours, csrf).await, StatusCode::FORBIDDEN, "{path} {csrf}");
            }
            let stranger = office.post(None, &path, &[("csrf", &ann.csrf)]).await;
            assert_eq!(stranger.status(), StatusCode::FORBIDDEN, "{path}");
        }
        // Not by another method either.
        let got = office.get(Some(&ann), &path).await.status();
        let has_get = all().any(|one| one.path == route.path && !one.mutates());
        assert!(has_get || got == StatusCode::NOT_FOUND, "{path}: {got}");
    }
    assert!(routes >= 14);
    assert_eq!(office.audit().await.len(), rows, "nothing was done");
    assert!(office.is_signed_in(&ann).await && office.is_signed_in(&other).await);
    office.close().await;
}

/// An old browser says where it comes from in one header only, and htmx sends the token in another.
#[actix_web::test]
async fn what_our_own_pages_send_is_taken() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let response = office
        .client
        .post(office.url("/admin/account/sessions"))
        .header(header::ORIGIN, format!("http://{}", office.address))
        .header(header::COOKIE, &ann.cookie)
        .header("x-csrf-token", &ann.csrf)
        .send();
    assert_eq!(response.await.unwrap().status(), StatusCode::SEE_OTHER);
    office.close().await;
}

#[actix_web::test]
async fn sec_10_every_role_may_do_what_the_table_says_and_nothing_else() {
    let office = Office::open().await;
    office.hire("zoe", Role::Viewer).await;
    for role in Role::ALL {
        office.hire(role.name(), role).await;
    }
    for role in Role::ALL {
        for route in all().filter(|route| !route.path.contains("events")) {
            // What the last one did may have ended the session.
            let browser = office.sign_in(role.name()).await;
            let path = place(route);
            let status = match route.method {
                Method::Get => office.get(Some(&browser), &path).await.status(),
                Method::Post => office.post(Some(&browser), &path, &[]).await.status(),
            };
            let may = route.role.is_none_or(|least| role >= least);
            if may {
                // Without its fields a form may be refused, but not for who sends it.
                let open_form = route.role.is_none() && route.mutates();
                let let_in = status != StatusCode::FORBIDDEN || open_form;
                assert!(let_in && !status.is_server_error(), "{role:?} {path}: {status}");
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{role:?} {path}");
            }
        }
    }
    // Strangers get the form to sign in, for whatever they ask.
    for route in all().filter(|route| route.role.is_some() && !route.mutates()) {
        let response = office.get(None, &place(route)).await;
        if route.path.starts_with("/admin/api/") {
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{}", route.path);
            continue;
        }
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", route.path);
        assert!(location(&response).starts_with("/admin/login"));
    }
    office.close().await;
}

#[actix_web::test]
async fn sec_10_who_may_do_what_is_asked_for_the_password_again() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    let disable = async || {
        office.post(Some(&ann), "/admin/operators/zoe/disable", &[("reason", "left")]).await
    };
    office.clock.advance(Duration::from_secs(10 * 60));
    let asked = disable().await;
    assert_eq!(location(&asked), "/admin/proof?next=%2Fadmin%2Foperators%2Fzoe");
    assert!(!office.desk.database.operator("zoe").await.unwrap().unwrap().disabled);
    let fields = |password| [("password", password), ("next", "/admin/operators/zoe")];
    let wrong = office.post(Some(&ann), "/admin/proof", &fields("wrong")).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let right = office.post(Some(&ann), "/admin/proof", &fields(PASSWORD)).await;
    assert_eq!(location(&right), "/admin/operators/zoe?done=done-proved");
    assert!(location(&disable().await).ends_with("done-disabled"));
    assert!(office.desk.database.operator("zoe").await.unwrap().unwrap().disabled);
    office.close().await;
}

#[actix_web::test]
async fn sec_12_strangers_learn_nothing() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    for path in ["/admin/nothing", "/admin/.git/config", "/admin/operators/../x", "/admin/debug"] {
        let stranger = office.get(None, path).await;
        assert_eq!(stranger.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(location(&stranger).starts_with("/admin/login"));
        let known = office.get(Some(&ann), path).await;
        assert_eq!(known.status(), StatusCode::NOT_FOUND, "{path}");
        let page = known.text().await.unwrap();
        assert!(!page.contains(env!("CARGO_PKG_VERSION")) && !page.contains("panicked"));
    }
    for method in ["TRACE", "PUT", "DELETE", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = office.client.request(method.clone(), office.url("/admin/audit"));
        let status = request.send().await.unwrap().status();
        assert!(status.is_client_error() || status.is_redirection(), "{method}: {status}");
    }
    office.close().await;
}
