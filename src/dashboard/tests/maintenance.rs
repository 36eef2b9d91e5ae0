//! The switch of maintenance.

use super::*;
use crate::db::reports::MAINTENANCE;

#[actix_web::test]
async fn an_owner_begins_and_ends_maintenance_for_a_reason_that_is_shown() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Viewer).await;
    let (ann, zoe) = (office.sign_in("ann").await, office.sign_in("zoe").await);
    let page = "/admin/maintenance";
    assert!(office.page(&ann, page).await.contains("The bot takes orders"));
    let post = async |what: &str, reason: &str| {
        office.post(Some(&ann), &format!("{page}/{what}"), &[("reason", reason)]).await
    };
    assert_eq!(post("on", "").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.desk.database.switch(MAINTENANCE).await.unwrap(), None);
    let begun = post("on", "a <new> disk").await;
    assert_eq!(location(&begun), "/admin/maintenance?done=done-maintenance-on");
    let seen = office.page(&zoe, location(&begun)).await;
    assert!(seen.contains("Maintenance has begun.") && seen.contains("Maintenance is on"));
    assert!(seen.contains("ann · a &lt;new&gt; disk") && !seen.contains("action=\"/admin/maint"));
    let russian = office.client.get(office.url(page));
    let cookie = format!("{}; aisha_admin_language=ru", ann.cookie);
    let russian = russian.header(header::COOKIE, cookie).send().await.unwrap();
    assert!(russian.text().await.unwrap().contains("Идут технические работы"));
    assert!(office.desk.database.switch(MAINTENANCE).await.unwrap().unwrap().is_on);
    post("off", "done").await;
    assert!(!office.desk.database.switch(MAINTENANCE).await.unwrap().unwrap().is_on);
    let log = office.audit().await;
    let row = log.iter().find(|row| row.deed.action == "maintenance.end").unwrap();
    assert_eq!((row.deed.before.as_deref(), row.deed.after.as_deref()), (Some("on"), Some("off")));
    office.close().await;
}
