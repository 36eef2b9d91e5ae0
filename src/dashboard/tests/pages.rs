//! What the pages do and show.

use super::*;

const CORPUS: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
    "{{7*7}}${7*7}",
    "\u{202e}gnp.exe",
];

#[actix_web::test]
async fn sec_13_what_people_write_is_shown_and_never_run() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Viewer).await;
    for evil in CORPUS {
        let fields = [("name", evil), ("password", "x")];
        let request = office.client.post(office.url("/admin/login"));
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header(header::CONTENT_TYPE, FORM).body(encode(&fields));
        request.send().await.unwrap();
    }
    let request = office.client.post(office.url("/admin/login"));
    let request =
        request.header("sec-fetch-site", "same-origin").header(header::CONTENT_TYPE, FORM);
    let request = request.header(header::USER_AGENT, "<script>alert(1)</script>");
    let fields = [("name", "ann"), ("password", PASSWORD)];
    let ann = browser(&request.body(encode(&fields)).send().await.unwrap());
    for evil in CORPUS {
        let form = [("reason", evil)];
        office.post(Some(&ann), "/admin/operators/zoe/sessions", &form).await;
    }
    let mut shown = 0;
    for path in [
        "/admin/audit",
        "/admin/audit?actor=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&subject='x'",
        "/admin/account",
        "/admin/operators/zoe",
        "/admin/operators?done=<script>",
        "/admin/proof?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        let page = office.page(&ann, path).await;
        for evil in ["<script>alert", "<img src=x", "<svg onload", "\"' onmouseover"] {
            assert!(!page.contains(evil), "{path}: {evil}");
        }
        shown += page.matches("&lt;script&gt;").count();
    }
    assert!(shown >= 3, "{shown}");
    let link = office.get(None, "/admin/link?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!link.text().await.unwrap().contains("<script>alert"));
    office.close().await;
}

#[actix_web::test]
async fn an_owner_makes_changes_and_ends_operators() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let fields = |password, reason| {
        [("name", "zoe"), ("role", "support"), ("password", password), ("reason", reason)]
    };
    for (password, reason) in [("short", "hired"), (PASSWORD, ""), (PASSWORD, "a\nb")] {
        let refused = office.post(Some(&ann), "/admin/operators", &fields(password, reason)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("role=\"alert\""));
    }
    let made = office.post(Some(&ann), "/admin/operators", &fields(PASSWORD, "hired")).await;
    assert!(office.page(&ann, location(&made)).await.contains("The operator was created."));
    let again = office.post(Some(&ann), "/admin/operators", &fields(PASSWORD, "hired")).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let zoe = office.sign_in("zoe").await;
    let act = async |what: &str, more: (&str, &str)| {
        let path = format!("/admin/operators/zoe/{what}");
        office.post(Some(&ann), &path, &[("reason", "because"), more]).await.status()
    };
    assert_eq!(act("role", ("role", "finance")).await, StatusCode::SEE_OTHER);
    assert!(office.page(&zoe, "/admin/account").await.contains("Finance"), "at once");
    assert_eq!(act("role", ("role", "emperor")).await, StatusCode::BAD_REQUEST);
    assert_eq!(act("disable", ("", "")).await, StatusCode::SEE_OTHER);
    assert!(!office.is_signed_in(&zoe).await);
    assert_eq!(office.login("zoe", PASSWORD, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(act("enable", ("", "")).await, StatusCode::SEE_OTHER);
    assert_eq!(
        act("password", ("password", "quiet-river-copper-seven")).await,
        StatusCode::SEE_OTHER
    );
    let zoe = office.login("zoe", "quiet-river-copper-seven", "").await;
    assert_eq!(zoe.status(), StatusCode::SEE_OTHER);
    // The last owner stays.
    let path = "/admin/operators/ann/disable";
    let refused = office.post(Some(&ann), path, &[("reason", "goodbye")]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(office.is_signed_in(&ann).await);

    let log = office.audit().await;
    let deeds: Vec<_> = log
        .iter()
        .rev()
        .map(|row| (row.deed.actor.as_str(), row.deed.action.as_str(), row.deed.reason.as_str()))
        .filter(|(_, action, _)| !action.starts_with("session"))
        .collect();
    assert_eq!(
        deeds,
        [
            ("ann", "operator.create", "hired"),
            ("ann", "operator.role", "because"),
            ("ann", "operator.disable", "because"),
            ("ann", "operator.enable", "because"),
            ("ann", "operator.reset-password", "because"),
            ("ann", "operator.disable", "goodbye"),
            ("ann", "failed", "goodbye"),
        ]
    );
    let role = log.iter().find(|row| row.deed.action == "operator.role").unwrap();
    assert_eq!(role.deed.before.as_deref(), Some("support"));
    assert_eq!(role.deed.after.as_deref(), Some("finance"));
    assert_eq!(role.deed.subject, "operator/zoe");
    assert_eq!(role.deed.address, "127.0.0.1");
    assert!(office.page(&ann, "/admin/audit/check").await.contains("The log is whole"));
    office.close().await;
}

#[actix_web::test]
async fn the_audit_log_is_turned_page_by_page() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    for number in 0..60 {
        let form = [("reason", format!("reason {number}."))];
        let form: Vec<_> = form.iter().map(|(key, value)| (*key, value.as_str())).collect();
        office.post(Some(&ann), "/admin/operators/nobody/sessions", &form).await;
        let deed = crate::db::audit::Deed { reason: form[0].1.to_owned(), ..Default::default() };
        office.desk.database.record(deed, office.clock.now()).await.unwrap();
    }
    let first = office.page(&ann, "/admin/audit").await;
    assert!(first.contains("reason 59.") && !first.contains("reason 5."));
    let older =
        first.split("href=\"").find(|part| part.starts_with("/admin/audit?actor=&amp;")).unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&");
    let second = office.page(&ann, &older).await;
    assert!(second.contains("reason 5.") && second.contains("reason 0."));
    assert!(!second.contains("rel=\"next\""));
    let mine = office.page(&ann, "/admin/audit?actor=ann").await;
    assert!(mine.contains("session.begin") && !mine.contains("reason 59."));
    office.close().await;
}

#[actix_web::test]
async fn a_page_speaks_the_language_of_the_browser_or_of_the_choice() {
    let office = Office::open().await;
    let ask = async |accept: &str, cookie: &str| {
        let request = office.client.get(office.url("/admin/login"));
        let request = request.header(header::ACCEPT_LANGUAGE, accept);
        let page = request.header(header::COOKIE, cookie).send().await.unwrap();
        page.text().await.unwrap()
    };
    assert!(ask("de", "").await.contains("<html lang=\"en\" data-theme=\"auto\">"));
    assert!(ask("ru-RU,ru;q=0.9", "").await.contains("Войти"));
    let chosen = ask("ru", "aisha_admin_language=en; aisha_admin_theme=dark").await;
    assert!(chosen.contains("<html lang=\"en\" data-theme=\"dark\">"));
    office.close().await;
}

#[actix_web::test]
async fn assets_are_kept_by_browsers_until_they_change() {
    let office = Office::open().await;
    let page = office.get(None, "/admin/login").await.text().await.unwrap();
    let linked: Vec<_> =
        page.split('"').filter(|part| part.starts_with("/admin/assets/")).collect();
    assert!(linked.len() >= 4);
    for path in linked {
        let response = office.get(None, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        let plain = path.split('?').next().unwrap();
        let response = office.get(None, plain).await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = response.headers()[header::ETAG].clone();
        let again = office.client.get(office.url(plain)).header(header::IF_NONE_MATCH, tag);
        assert_eq!(again.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    }
    assert_eq!(office.get(None, "/admin/assets/nothing.js").await.status(), StatusCode::NOT_FOUND);
    office.close().await;
}

#[actix_web::test]
async fn live_parts_come_while_somebody_watches_and_end_with_the_program() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    actix_web::rt::spawn(office.desk.clone().keep());
    let mut stream = office.get(Some(&ann), "/admin/events?parts=status,nothing").await;
    assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
    let first = stream.chunk().await.unwrap().unwrap();
    let first = String::from_utf8(first.to_vec()).unwrap();
    assert!(first.starts_with("event: parts\ndata: {\"status\":") && first.contains("All is well"));
    office.desk.close();
    while stream.chunk().await.unwrap().is_some() {}
    office.close().await;
}
