//! The log and the doctor.

use tracing::Level;

use super::*;
use crate::telemetry::recent::{Line, recent};

fn say(level: Level, message: &str, fields: &[(&'static str, &str)]) {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let (target, message) = ("aisha::test".to_owned(), message.to_owned());
    recent().push(Line {
        number: 0,
        at: fake::Clock::default().now(),
        level,
        target,
        message,
        fields,
    });
}

#[actix_web::test]
async fn the_log_is_filtered_escaped_and_can_be_held() {
    let office = Office::open().await;
    office.hire("sam", Role::Support).await;
    office.hire("zoe", Role::Viewer).await;
    let (sam, zoe) = (office.sign_in("sam").await, office.sign_in("zoe").await);
    say(Level::WARN, "warned <b>of ann</b>", &[("user", "7001"), ("generation", "00aa11")]);
    say(Level::INFO, "told of eva", &[("user", "7002")]);
    let all = office.page(&sam, "/admin/log?text=aisha::test").await;
    assert!(all.contains("warned &lt;b&gt;of ann&lt;/b&gt;") && all.contains("told of eva"));
    assert!(all.contains("hx-get=\"/admin/log/lines?text=aisha%3A%3Atest\""), "it goes on");
    for (query, is_there) in [
        ("level=warn&user=7001", true),
        ("generation=00AA", true),
        ("text=OF+ANN", true),
        ("user=7002", false),
        ("level=error&text=of+ann", false),
        ("generation=0aa1", false),
    ] {
        let page = office.page(&sam, &format!("/admin/log/lines?{query}")).await;
        assert_eq!(page.contains("of ann"), is_there, "{query}");
        assert!(page.starts_with("<div id=\"lines\""));
    }
    let held = office.page(&sam, "/admin/log?user=7001&tail=off").await;
    assert!(!held.contains("hx-get") && held.contains("href=\"/admin/log?user=7001\""));
    assert_eq!(office.get(Some(&zoe), "/admin/log").await.status(), StatusCode::FORBIDDEN);
    let russian = office.client.get(office.url("/admin/log?user=7001"));
    let cookie = format!("{}; aisha_admin_language=ru", sam.cookie);
    let russian = russian.header(header::COOKIE, cookie).send().await.unwrap();
    assert!(russian.text().await.unwrap().contains("Предупреждение"));
    office.close().await;
}

#[actix_web::test]
async fn the_doctor_of_the_command_line_is_on_the_page_too() {
    let office = Office::open().await;
    office.hire("sam", Role::Support).await;
    let sam = office.sign_in("sam").await;
    let seen = office.post(Some(&sam), "/admin/log/doctor", &[]).await;
    assert_eq!(seen.status(), StatusCode::OK);
    let page = seen.text().await.unwrap();
    assert!(page.contains("the books are right") && page.contains("pretended by the sandbox"));
    assert!(page.contains("Nothing is broken."), "{page}");
    office.close().await;
}
