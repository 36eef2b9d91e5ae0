//! Broadcasts: written, looked at, started, paused, cancelled.

use super::*;
use crate::db::reports::BroadcastState;

const TEXTS: [(&str, &str); 2] =
    [("text_en", "Big <news>!\r\nSee you"), ("text_ru", "Большие новости!")];

#[actix_web::test]
async fn a_broadcast_is_looked_at_before_it_is_sent_and_every_step_is_written_down() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Viewer).await;
    let (ann, zoe) = (office.sign_in("ann").await, office.sign_in("zoe").await);
    let draft = async |segment: &str, text: &str, reason: &str| {
        let fields = [("segment", segment), ("text_en", text), TEXTS[1], ("reason", reason)];
        office.post(Some(&ann), "/admin/broadcasts", &fields).await
    };
    let long = "x".repeat(3501);
    for (text, reason) in [("", "why"), (long.as_str(), "why"), (TEXTS[0].1, "")] {
        let refused = draft("everyone", text, reason).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        assert!(page.contains("role=\"alert\"") && page.contains("Большие новости!"), "it stays");
    }
    assert_eq!(draft("nobody", TEXTS[0].1, "why").await.status(), StatusCode::BAD_REQUEST);
    let made = draft("active:30", TEXTS[0].1, "spring").await;
    let place = location(&made).to_owned();
    assert_eq!(place, "/admin/broadcasts/1?done=done-broadcast-draft");
    let page = office.page(&ann, &place).await;
    assert!(page.contains("Big &lt;news&gt;!\nSee you") && page.contains("Большие новости!"));
    assert!(page.contains("Active within 30 days") && page.contains("Start sending"));
    let seen = office.page(&zoe, "/admin/broadcasts/1").await;
    assert!(!seen.contains("Start sending") && seen.contains("Draft"));
    let step = async |what: &str| {
        let path = format!("/admin/broadcasts/1/{what}");
        office.post(Some(&ann), &path, &[("reason", "because")]).await
    };
    assert_eq!(step("pause").await.status(), StatusCode::UNPROCESSABLE_ENTITY, "it does not run");
    for (what, state) in [
        ("start", BroadcastState::Running),
        ("pause", BroadcastState::Paused),
        ("resume", BroadcastState::Running),
        ("cancel", BroadcastState::Cancelled),
    ] {
        assert_eq!(step(what).await.status(), StatusCode::SEE_OTHER, "{what}");
        let row = office.desk.database.broadcast(1).await.unwrap().unwrap();
        assert_eq!(row.state, state);
        let progress = office.page(&zoe, "/admin/broadcasts/1/progress").await;
        assert!(progress.starts_with("<div class=\"progress\" id=\"progress\""));
        let goes_on = what != "cancel";
        let rest = if goes_on { "In the outbox" } else { "Given up by the cancel" };
        for label in ["Sent", "Not delivered (the bot was blocked)", "Failed (set aside)", rest] {
            assert!(progress.contains(&format!("<dt>{label}</dt>")), "{label} in {progress}");
        }
        assert_eq!(progress.contains("hx-get"), goes_on, "it asks again only while it goes on");
    }
    assert!(office.page(&zoe, "/admin/broadcasts").await.contains("Cancelled"));
    for nothing in ["2", "x", "9999999999999999999"] {
        let path = format!("/admin/broadcasts/{nothing}");
        assert_eq!(office.get(Some(&ann), &path).await.status(), StatusCode::NOT_FOUND);
    }
    let russian = office.client.get(office.url("/admin/broadcasts/1"));
    let cookie = format!("{}; aisha_admin_language=ru", ann.cookie);
    let russian = russian.header(header::COOKIE, cookie).send().await.unwrap();
    assert!(russian.text().await.unwrap().contains("Рассылка 1"));
    let log = office.audit().await;
    let deeds: Vec<_> = log.iter().rev().map(|row| row.deed.action.as_str()).collect();
    let deeds: Vec<_> = deeds.into_iter().filter(|deed| !deed.starts_with("session")).collect();
    let steps = ["broadcast.start", "broadcast.pause", "broadcast.resume", "broadcast.cancel"];
    let first = ["broadcast.create", "broadcast.pause", "failed"];
    assert_eq!(deeds, [first.as_slice(), steps.as_slice()].concat());
    office.close().await;
}
