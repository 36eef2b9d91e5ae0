//! Generations: found, shown, set going, ended.

use aisha_actors::{
    domain::{
        change::Change,
        generation::State,
        id::{OutboxId, PictureId, UserId},
        ledger::Credits,
        outbox::Parcel,
        picture::ImageType,
    },
    port::{Inbox, Outbox, Records, Source},
};
use bytes::Bytes;

use super::*;
use crate::db::tests::contract::{
    after, clean, commit, generation, object, produce, register, reserve,
};

const ANN: UserId = UserId(42);

async fn with_ann() -> (Office, Browser) {
    let office = Office::open().await;
    office.hire("root", Role::Owner).await;
    let root = office.sign_in("root").await;
    register(&office.desk.database, ANN, 100).await;
    (office, root)
}

async fn act(office: &Office, root: &Browser, id: impl std::fmt::Display, what: &str) -> String {
    let path = format!("/admin/generations/{id}/{what}");
    let done = office.post(Some(root), &path, &[("reason", "because")]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER, "{what}");
    location(&done).split_once("done=").unwrap().1.to_owned()
}

#[actix_web::test]
async fn generations_are_filtered_and_paged_in_both_languages() {
    let (office, root) = with_ann().await;
    let database = &office.desk.database;
    register(database, UserId(7), 100).await;
    for intent in 1..=30 {
        commit(database, UserId(7), reserve(&generation(UserId(7), intent, 1))).await;
    }
    for intent in 1..=30 {
        commit(database, ANN, reserve(&generation(ANN, 100 + intent, 1))).await;
    }
    produce(database, &generation(ANN, 1, 2), after(60)).await;
    let rows = async |query: &str| {
        let page = office.page(&root, &format!("/admin/generations?{query}")).await;
        (page.matches("<th scope=\"row\">").count(), page)
    };
    let (shown, first) = rows("").await;
    assert_eq!(shown, 50);
    let (before, _) = first.split_once("rel=\"next\"").unwrap();
    let link = before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap();
    let second = office.page(&root, &link.replace("&amp;", "&")).await;
    assert_eq!(second.matches("<th scope=\"row\">").count(), 11);
    for (query, found) in [
        ("user=42&state=reserved", 30),
        ("state=captured", 1),
        ("model=imagen4&user=42", 31),
        ("model=none", 0),
        ("live=1&user=7", 30),
        ("failure=safety", 0),
        ("error=nothing", 0),
        ("since=2100-01-01", 0),
        ("until=2100-01-01&order=oldest", 50),
        ("state=rubbish&failure=rubbish&user=rubbish&since=rubbish&after=rubbish", 50),
    ] {
        assert_eq!(rows(query).await.0, found, "{query}");
    }
    let cookie = format!("{}; aisha_admin_language=ru", root.cookie);
    let page = office.page(&Browser { cookie, ..root.clone() }, "/admin/generations").await;
    assert!(page.contains("ждёт места") && !page.contains('['));
    office.close().await;
}

#[actix_web::test]
async fn a_generation_tells_its_story_and_shows_its_pictures() {
    let (office, root) = with_ann().await;
    let database = &office.desk.database;
    let made = generation(ANN, 1, 2);
    let ids = produce(database, &made, after(60)).await;
    database.fail_generation(made.id, "it panicked: token=hunter2hunter2").await.unwrap();
    for (language, words) in [
        ("en", ["What happened", "Made, credits on hold", "Paid", "In the gallery", "stored"]),
        ("ru", ["Что происходило", "Создана", "Оплачена", "В галерее", "сохранена"]),
    ] {
        let cookie = format!("{}; aisha_admin_language={language}", root.cookie);
        let browser = Browser { cookie, ..root.clone() };
        let page = office.page(&browser, &format!("/admin/generations/{}", made.id)).await;
        for words in words {
            assert!(page.contains(words), "{words}");
        }
        assert!(page.contains("it panicked") && !page.contains("hunter2"), "redacted");
        assert!(page.contains("imagen4/2026/09/21/") && page.contains("a fox in the snow, 1"));
        assert!(!page.contains("http://fal"), "addresses of the provider are secrets");
        assert!(!page.contains('['));
    }
    let objects = office.desk.objects.clone().unwrap();
    let bytes = Bytes::from_static(b"<script>alert(1)</script>");
    objects.put(&object(ids[0]), bytes.clone(), ImageType::Jpeg).await.unwrap();
    let picture = |n: &str| format!("/admin/pictures/{}/{n}", made.id);
    let shown = office.get(Some(&root), &picture("1")).await;
    assert_eq!(shown.status(), StatusCode::OK);
    assert_eq!(shown.headers()[header::CONTENT_TYPE], "image/jpeg");
    assert_eq!(shown.headers()["x-content-type-options"], "nosniff");
    assert_eq!(shown.bytes().await.unwrap(), bytes);
    // What its owner deleted is nobody's to see, and what is not there is not found.
    commit(database, ANN, vec![Change::TrashPicture { id: ids[0] }]).await;
    for n in ["1", "2", "3", "0", "x", "300"] {
        let gone = office.get(Some(&root), &picture(n)).await;
        assert_eq!(gone.status(), StatusCode::NOT_FOUND, "{n}");
    }
    for odd in ["x", &made.id.0.to_string(), &"0".repeat(32)] {
        for place in ["/admin/generations", "/admin/pictures"] {
            let end = if place.ends_with("pictures") { "/1" } else { "" };
            let answer = office.get(Some(&root), &format!("{place}/{odd}{end}")).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{place}/{odd}");
        }
    }
    office.close().await;
}

#[actix_web::test]
async fn what_is_under_way_is_looked_at_cancelled_or_ended_by_its_owner() {
    let (office, root) = with_ann().await;
    let database = &office.desk.database;
    let made = generation(ANN, 1, 1);
    commit(database, ANN, reserve(&made)).await;
    let page = office.page(&root, &format!("/admin/generations/{}", made.id)).await;
    let offers = |page: &str, what: &str| page.contains(&format!("{}/{what}\"", made.id));
    for (what, is_offered) in [
        ("drive", true),
        ("cancel", true),
        ("release", true),
        ("deliver", false),
        ("refund", false),
    ] {
        assert_eq!(offers(&page, what), is_offered, "{what}");
    }
    assert_eq!(act(&office, &root, made.id, "drive").await, "done-driven");
    assert_eq!(act(&office, &root, made.id, "cancel").await, "done-asked");
    assert_eq!(act(&office, &root, made.id, "release").await, "done-asked");
    let items = database.open_items_from(Source::Operator, 10).await.unwrap();
    let asked: Vec<_> = items.iter().map(|item| (item.user, item.payload.clone())).collect();
    let payload = |what: &str| format!("{{\"{what}\":\"{}\"}}", made.id);
    assert_eq!(asked, [(ANN, payload("cancel")), (ANN, payload("release"))]);
    let row = database.generation(made.id).await.unwrap().unwrap();
    assert_eq!(row.state, State::Reserved, "nobody but its owner moves it");
    for what in ["refund", "deliver"] {
        let path = format!("/admin/generations/{}/{what}", made.id);
        let late = office.post(Some(&root), &path, &[("reason", "because")]).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text().await.unwrap().contains("It has moved on meanwhile"));
        let unsaid = office.post(Some(&root), &path, &[]).await;
        assert_eq!(unsaid.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let deeds: Vec<_> = office.audit().await.into_iter().map(|row| row.deed).collect();
    assert_eq!(deeds[0].subject, format!("generation/{}", made.id));
    assert_eq!(deeds[0].before.as_deref(), Some("reserved"));
    let actions: Vec<_> = deeds[..3].iter().map(|deed| deed.action.as_str()).collect();
    assert_eq!(actions, ["generation.release", "generation.cancel", "generation.drive"]);
    office.close().await;
}

#[actix_web::test]
async fn what_is_over_is_delivered_again_and_refunded_once() {
    let (office, root) = with_ann().await;
    let database = &office.desk.database;
    let made = generation(ANN, 1, 2);
    let ids: Vec<PictureId> = produce(database, &made, after(60)).await;
    for entry in database.open_entries(OutboxId(0), 10).await.unwrap() {
        let settled = Change::SettleParcel { id: entry.id, delivered: true, at: after(70) };
        commit(database, ANN, vec![settled]).await;
    }
    assert_eq!(act(&office, &root, made.id, "deliver").await, "done-delivered");
    assert_eq!(act(&office, &root, made.id, "deliver").await, "done-nothing");
    let owed = async || {
        let entries = database.open_entries(OutboxId(0), 10).await.unwrap();
        entries.into_iter().map(|entry| entry.parcel).collect::<Vec<_>>()
    };
    assert_eq!(owed().await, [Parcel::Picture(ids[0]), Parcel::Picture(ids[1])]);

    assert_eq!(database.account(ANN).await.unwrap().available(), Credits(94));
    assert_eq!(act(&office, &root, made.id, "refund").await, "done-refunded");
    let path = format!("/admin/generations/{}/refund", made.id);
    let again = office.post(Some(&root), &path, &[("reason", "because")]).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(database.account(ANN).await.unwrap().available(), Credits(100));
    let told = Parcel::Granted { amount: Credits(6), reason: "because".to_owned() };
    assert_eq!(owed().await.last(), Some(&told));
    clean(database).await;
    // Two at once, both of which saw it unpaid: the entry's id decides.
    let row = database.generation(made.id).await.unwrap().unwrap();
    let (reason, by, at) = ("x".to_owned(), "admin:root".to_owned(), after(90));
    let done = crate::operate::refund(database, &row, reason, by, at).await.unwrap();
    assert_eq!(done, Ok(crate::operate::Done::Before));
    assert_eq!(database.account(ANN).await.unwrap().available(), Credits(100));
    let page = office.page(&root, &format!("/admin/generations/{}", made.id)).await;
    assert!(page.contains("6 · admin:root · because") && !page.contains(&format!("{path}\"")));
    office.close().await;
}
