//! The first page.

use aisha_actors::{
    domain::{id::UserId, time::Timestamp},
    fake::arrival,
    port::Inbox,
};

use super::*;
use crate::db::reports::Span;

/// Two minutes with three updates in the first one.
async fn with_figures(office: &Office) {
    let minute = Timestamp(office.clock.now().0.div_euclid(60_000_000) * 60_000_000);
    office.clock.set(minute);
    let arrivals = (1..=3).map(|n| arrival(n, UserId(42), "cmd start")).collect();
    office.desk.database.receive(arrivals).await.unwrap();
    office.clock.set(minute.plus(Duration::from_secs(130)));
    assert!(office.desk.database.take_samples(office.clock.now()).await.unwrap() >= 1);
}

async fn in_language(office: &Office, browser: &Browser, language: &str, path: &str) -> String {
    let cookie = format!("{}; aisha_admin_language={language}", browser.cookie);
    let request = office.client.get(office.url(path)).header(header::COOKIE, cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let page = response.text().await.unwrap();
    assert!(page.contains(&format!("<html lang=\"{language}\"")), "{path}");
    // A key that is missing is shown in brackets.
    assert!(!page.contains(">["), "{path}: {page}");
    page
}

#[actix_web::test]
async fn the_first_page_says_how_to_begin_as_long_as_nobody_is_there() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    for (language, words) in
        [("en", "Nobody has used the bot yet"), ("ru", "Ботом ещё никто не пользовался")]
    {
        let page = in_language(&office, &ann, language, "/admin").await;
        assert!(page.contains(words));
        assert!(page.contains("href=\"/sandbox\""), "there is one");
        assert!(!page.contains("href=\"/admin/operators\""), "not for viewers");
        assert!(!page.contains("class=\"chart\""), "no empty charts");
    }
    office.close().await;
}

#[actix_web::test]
async fn figures_dependencies_and_charts_are_shown_in_both_languages() {
    let (office, _grove) = Office::with_grove().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    with_figures(&office).await;
    office.set_aside(9, "say x").await;
    for (language, expected) in [
        ("en", ["Updates per minute", "degraded", "away", "2 alive", "The same as a table"]),
        (
            "ru",
            ["Обновлений в минуту", "с перебоями", "недоступно", "2 работают", "То же таблицей"],
        ),
    ] {
        let page = in_language(&office, &ann, language, "/admin").await;
        for words in expected {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.contains("class=\"tile alarm\""), "one update is set aside");
        // 2 restarts of each node's tracker and 4 crashes of galleries, on two nodes that live.
        assert!(page.contains("<a href=\"/admin/actors\">12</a>"), "{page}");
        assert_eq!(page.matches("class=\"chart\" role=\"img\" aria-label=\"").count(), 4);
    }
    for span in ["hour", "day", "month", "year", "<script>"] {
        office.page(&ann, &format!("/admin?span={span}")).await;
    }
    office.close().await;
}

#[actix_web::test]
async fn charts_come_as_json_with_gaps_where_nobody_knows() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    with_figures(&office).await;
    for (span, name) in Span::ALL.into_iter().zip(["hour", "day", "month"]) {
        let text = office.page(&ann, &format!("/admin/overview/series?span={name}")).await;
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rates = &told["charts"]["rates"];
        let times = rates["times"].as_array().unwrap();
        let updates = rates["series"][0]["values"].as_array().unwrap();
        assert_eq!((times.len() as i64, updates.len()), (span.points(), times.len()));
        assert!(updates[0].is_null(), "long before anybody was there");
        assert!(updates.iter().any(serde_json::Value::is_number));
        if span == Span::Hour {
            assert!(updates.iter().any(|value| value.as_f64() == Some(3.0)), "{updates:?}");
        }
        assert!(told["charts"]["latency"]["series"][0]["values"][59].is_null());
    }
    let odd = office.get(Some(&ann), "/admin/overview/series?span=year").await;
    assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
    office.close().await;
}

/// SEC-02: a page that is left open asks for its charts, and the session ends all the same.
#[actix_web::test]
async fn sec_02_what_a_page_asks_for_by_itself_keeps_no_session_alive() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    let asks = async || {
        let request = office.client.get(office.url("/admin/overview/series?span=hour"));
        let request = request.header(header::COOKIE, &ann.cookie).header("x-by-itself", "1");
        request.send().await.unwrap().status()
    };
    for _ in 0..7 {
        office.clock.advance(Duration::from_secs(2 * 60));
        assert_eq!(asks().await, StatusCode::OK);
    }
    office.clock.advance(Duration::from_secs(2 * 60));
    assert_eq!(asks().await, StatusCode::SEE_OTHER, "to the login");
    office.close().await;
}

#[actix_web::test]
async fn the_first_page_is_kept_up_to_date() {
    let (office, _grove) = Office::with_grove().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    actix_web::rt::spawn(office.desk.clone().keep());
    let mut stream = office.get(Some(&ann), "/admin/events?parts=tiles,health,tree,users").await;
    let mut first = String::new();
    while !first.ends_with("\n\n") {
        first.push_str(str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
    }
    let data = first.strip_prefix("event: parts\ndata: ").unwrap();
    let told: serde_json::Value = serde_json::from_str(data).unwrap();
    let says = |part: &str, words: &str| told[part].as_str().unwrap().contains(words);
    assert!(says("tiles", "Updates per minute") && says("health", "degraded"));
    assert!(says("tree", "PlaceHold") && says("users", ">33</a>"), "{told}");
    // What nobody shows is not looked at.
    assert!(office.desk.live.shows("tiles") && !office.desk.live.shows("status"));
    office.desk.close();
    while stream.chunk().await.unwrap().is_some() {}
    drop(stream);
    office.close().await;
}
