//! People: found, shown, helped.

use aisha_actors::{
    domain::{
        generation::Generation,
        id::{OutboxId, UserId},
        outbox::Parcel,
    },
    port::{Inbox, Outbox, Records, Source},
};

use super::*;
use crate::{
    db::{
        forget::PayloadTrouble,
        tests::contract::{after, clean, generation, produce, profile, register, ticket},
    },
    settings::Mode,
};

const ANN: UserId = UserId(42);

impl Office {
    async fn owed(&self) -> Vec<Parcel> {
        let entries = self.desk.database.open_entries(OutboxId(0), 100).await.unwrap();
        entries.into_iter().map(|entry| entry.parcel).collect()
    }

    async fn available(&self) -> i64 {
        self.desk.database.account(ANN).await.unwrap().available().0
    }

    /// What was done lately, newest first.
    async fn deeds(&self) -> Vec<String> {
        self.audit().await.into_iter().map(|row| row.deed.action).collect()
    }
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A dashboard with somebody in it, and an owner who looks.
async fn with_ann() -> (Office, Browser) {
    let office = Office::open().await;
    office.hire("root", Role::Owner).await;
    let root = office.sign_in("root").await;
    register(&office.desk.database, ANN, 100).await;
    (office, root)
}

/// The address of the next rows.
fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("rel=\"next\"")?;
    let (_, link) = before.rsplit_once("href=\"")?;
    Some(link.split('"').next()?.replace("&amp;", "&"))
}

#[actix_web::test]
async fn people_are_found_by_how_they_begin_and_paged() {
    let (office, root) = with_ann().await;
    for id in 100..160 {
        register(&office.desk.database, UserId(id), 0).await;
    }
    let first = office.page(&root, "/admin/people").await;
    assert_eq!(first.matches("<th scope=\"row\">").count(), 50);
    assert!(first.contains("Person 159") && !first.contains("Person 42"));
    let second = office.page(&root, &next(&first).unwrap()).await;
    assert_eq!(second.matches("<th scope=\"row\">").count(), 11);
    assert!(second.contains("href=\"/admin/people/42\"") && next(&second).is_none());
    for words in ["42", "person+42", "%40USER_42"] {
        let found = office.page(&root, &format!("/admin/people?q={words}")).await;
        assert_eq!(found.matches("<th scope=\"row\">").count(), 1, "{words}");
    }
    let none = office.page(&root, "/admin/people?q=nobody&after=rubbish").await;
    assert!(none.contains("Nobody here yet"));
    office.close().await;
}

#[actix_web::test]
async fn a_person_is_shown_whole_in_both_languages() {
    let (office, root) = with_ann().await;
    let made = generation(ANN, 1, 2);
    let ids = produce(&office.desk.database, &made, after(60)).await;
    for (language, words) in [
        ("en", ["Where they stand", "Balance", "Ledger", "Generations", "Home"]),
        ("ru", ["Где он сейчас", "Баланс", "Счёт", "Генерации", "Главный"]),
    ] {
        let cookie = format!("{}; aisha_admin_language={language}", root.cookie);
        let browser = Browser { cookie, ..root.clone() };
        for path in ["/admin/people", "/admin/people/42"] {
            let page = office.page(&browser, path).await;
            assert!(page.contains("Person 42") && page.contains("@user_42"), "{path}");
            assert!(!page.contains('['), "a sentence is missing on {path}");
        }
        let page = office.page(&browser, "/admin/people/42").await;
        for words in words {
            assert!(page.contains(words), "{words}");
        }
        let thumb = format!("src=\"/admin/pictures/{}/1\" alt=", made.id);
        assert!(page.contains(&thumb) && page.contains(&made.id.short()), "{}", ids.len());
        assert!(page.contains("<strong>94</strong>"), "what is free");
    }
    for odd in ["43", "042", "x", "+42", "-0", "99999999999999999999", "42%20"] {
        let answer = office.get(Some(&root), &format!("/admin/people/{odd}")).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{odd}");
    }
    office.close().await;
}

#[actix_web::test]
async fn a_long_ledger_and_gallery_are_turned_page_by_page() {
    let (office, root) = with_ann().await;
    for intent in 1..=15 {
        produce(&office.desk.database, &generation(ANN, intent, 2), after(60 + intent)).await;
    }
    let first = office.page(&root, "/admin/people/42").await;
    assert_eq!(first.matches("loading=\"lazy\"").count(), 24);
    let link = |part: &str| {
        let found = first.split("href=\"").find(|link| link.starts_with(part)).unwrap();
        found.split('"').next().unwrap().to_owned()
    };
    let pictures = office.page(&root, &link("/admin/people/42?pictures=")).await;
    assert_eq!(pictures.matches("loading=\"lazy\"").count(), 6);
    let entries = office.page(&root, &link("/admin/people/42?entries=")).await;
    assert!(entries.contains("Welcome"), "the oldest entry");
    office.close().await;
}

#[actix_web::test]
async fn credits_are_given_and_taken_back_once_each_and_written_down() {
    let (office, root) = with_ann().await;
    office.hire("sue", Role::Support).await;
    let path = "/admin/people/42/credits";
    let form = |way, amount, key, reason| {
        [("way", way), ("amount", amount), ("key", key), ("reason", reason)]
    };
    let sue = office.sign_in("sue").await;
    let refused = office.post(Some(&sue), path, &form("give", "5", KEY, "kind")).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    for (way, amount, reason) in
        [("give", "0", "x"), ("give", "-5", "x"), ("give", "1e3", "x"), ("give", "5", "")]
    {
        let refused = office.post(Some(&root), path, &form(way, amount, KEY, reason)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{amount}");
        assert!(refused.text().await.unwrap().contains("role=\"alert\""));
    }
    for (way, key) in [("give", "short"), ("steal", KEY)] {
        let odd = office.post(Some(&root), path, &form(way, "5", key, "x")).await;
        assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(office.available().await, 100);

    let given = form("give", "50", KEY, "thank you");
    let (one, other) = tokio::join!(
        office.post(Some(&root), path, &given),
        office.post(Some(&root), path, &given)
    );
    let said = [location(&one), location(&other)].map(|place| place.split_once('=').unwrap().1);
    assert!(said.contains(&"done-credits") && said.contains(&"done-credits-before"), "{said:?}");
    assert!(office.page(&root, location(&one)).await.contains("role=\"status\""));
    assert_eq!(office.available().await, 150);

    let other = KEY.replace('0', "f");
    let taken = form("take", "30", &other, "a mistake");
    office.post(Some(&root), path, &taken).await;
    assert_eq!(office.available().await, 120);
    let too_much = form("take", "121", "ffffffffffffffffffffffffffffffff", "all of it");
    let refused = office.post(Some(&root), path, &too_much).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("nothing was taken"));

    let told = |amount, reason: &str| Parcel::Granted {
        amount: aisha_actors::domain::ledger::Credits(amount),
        reason: reason.to_owned(),
    };
    assert_eq!(office.owed().await, [told(50, "thank you"), told(-30, "a mistake")]);
    let deeds = office.deeds().await;
    assert_eq!(
        deeds[..5],
        ["failed", "person.credits", "person.credits", "person.credits", "person.credits"]
    );
    let log = office.audit().await;
    assert_eq!(
        (log[2].deed.subject.as_str(), log[2].deed.reason.as_str()),
        ("person/42", "a mistake")
    );
    assert_eq!(log[2].deed.after.as_deref(), Some("-30 (f1234567)"));
    let page = office.page(&root, "/admin/people/42").await;
    assert!(page.contains("admin:root") && page.contains("thank you"));
    clean(&office.desk.database).await;
    // Money asks for the password again after a while.
    office.clock.advance(Duration::from_secs(11 * 60));
    let asked = office.post(Some(&root), path, &form("give", "5", KEY, "x")).await;
    assert_eq!(location(&asked), "/admin/proof?next=%2Fadmin%2Fpeople%2F42");
    office.close().await;
}

#[actix_web::test]
async fn somebody_is_blocked_through_their_own_inbox() {
    let (office, root) = with_ann().await;
    let form = [("reason", "spam")];
    let nothing = office.post(Some(&root), "/admin/people/42/unblock", &form).await;
    assert!(location(&nothing).ends_with("done-nothing"));
    let done = office.post(Some(&root), "/admin/people/42/block", &form).await;
    assert!(location(&done).ends_with("done-asked"));
    let items = office.desk.database.open_items_from(Source::Operator, 10).await.unwrap();
    let asked: Vec<_> = items.iter().map(|item| (item.user, item.payload.as_str())).collect();
    assert_eq!(asked, [(ANN, "{\"blocked\":true}")]);
    let unsaid = office.post(Some(&root), "/admin/people/42/block", &[]).await;
    assert_eq!(unsaid.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.deeds().await[0], "person.block");
    let nobody = office.post(Some(&root), "/admin/people/43/block", &form).await;
    assert_eq!(nobody.status(), StatusCode::NOT_FOUND);
    office.close().await;
}

#[actix_web::test]
async fn a_message_goes_through_the_outbox_once() {
    let (office, root) = with_ann().await;
    let path = "/admin/people/42/message";
    let send = async |words: &str, key: &str| {
        let form = [("words", words), ("key", key), ("reason", "they asked")];
        office.post(Some(&root), path, &form).await
    };
    for words in ["", "  \r\n ", "bell\u{7}", &"x".repeat(2001)] {
        assert_eq!(send(words, KEY).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    for _ in 0..2 {
        let sent = send("Hello <you>\r\nBye", KEY).await;
        assert!(location(&sent).ends_with("done-written"));
    }
    assert_eq!(office.owed().await, [Parcel::Note("Hello <you>\nBye".to_owned())]);
    let log = office.audit().await;
    assert_eq!(log[0].deed.action, "person.message");
    assert_eq!(log[0].deed.after.as_deref(), Some("Hello <you>\nBye"));
    assert_ne!(log[1].deed.action, "person.message");
    office.close().await;
}

#[actix_web::test]
async fn everything_about_a_person_is_exported_as_one_json() {
    let (office, root) = with_ann().await;
    produce(&office.desk.database, &generation(ANN, 1, 2), after(60)).await;
    let bob = UserId(7);
    register(&office.desk.database, bob, 100).await;
    produce(&office.desk.database, &generation(bob, 1, 1), after(60)).await;
    let path = "/admin/people/42/export";
    let file = office.post(Some(&root), path, &[("reason", "they asked")]).await;
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(file.headers()[header::CONTENT_TYPE], "application/json");
    let disposition = file.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"person-42.json\"");
    let told: serde_json::Value = serde_json::from_str(&file.text().await.unwrap()).unwrap();
    assert_eq!(told["person"]["username"], "user_42");
    assert_eq!(told["person"]["balance"]["available"], 94);
    let count = |list: &str| told[list].as_array().unwrap().len();
    assert_eq!((count("ledger"), count("generations"), count("pictures")), (3, 1, 2));
    assert_eq!(told["generations"][0]["prompt"], "a fox in the snow, 1");
    assert_eq!(office.deeds().await[0], "person.export");
    let unsaid = office.post(Some(&root), path, &[]).await;
    assert_eq!(unsaid.status(), StatusCode::UNPROCESSABLE_ENTITY);
    office.close().await;
}

#[actix_web::test]
async fn sec_13_what_people_are_called_and_write_is_shown_and_never_run() {
    let (office, root) = with_ann().await;
    let evil = "<script>alert(1)</script>";
    let mut made = generation(ANN, 1, 1);
    made.order.prompt = evil.to_owned();
    produce(&office.desk.database, &made, after(60)).await;
    let change =
        aisha_actors::domain::change::Change::SaveProfile(aisha_actors::domain::person::Profile {
            first_name: evil.to_owned(),
            username: Some("\"><img src=x onerror=alert(1)>".to_owned()),
            ..profile(ANN)
        });
    crate::db::tests::contract::commit(&office.desk.database, ANN, vec![change]).await;
    let mut shown = 0;
    for path in [
        "/admin/people".to_owned(),
        format!("/admin/people?q={}", "%22%3E%3Cscript%3Ealert(1)"),
        "/admin/people/42".to_owned(),
        "/admin/generations?error=%22%3E%3Cscript%3Ealert(1)&user=%22%3E%3Cscript%3E".to_owned(),
        "/admin/generations".to_owned(),
        format!("/admin/generations/{}", made.id),
    ] {
        let page = office.page(&root, &path).await;
        for evil in ["<script>alert", "<img src=x"] {
            assert!(!page.contains(evil), "{path}");
        }
        shown += page.matches("&lt;script&gt;").count();
    }
    assert!(shown >= 6, "{shown}");
    office.close().await;
}

/// Whether the provider's copies go too, and what they wait for.
#[actix_web::test]
async fn a_deletion_says_what_becomes_of_the_providers_copies() {
    let (office, root) = with_ann().await;
    let db = &office.desk.database;
    let made = Generation { ticket: Some(ticket(1)), ..generation(ANN, 1, 1) };
    produce(db, &made, after(60)).await;
    let page = async || office.page(&root, "/admin/people/42").await;
    assert!(page().await.contains("asked for are deleted too"));
    db.begin_forgetting(ANN, "root", "they asked").await.unwrap();
    assert!(page().await.contains("Requests with copies at FAL</dt><dd>1</dd>"));
    for (trouble, words) in [
        (PayloadTrouble::Refused, "FAL does not take FAL_ADMIN_KEY"),
        (PayloadTrouble::Away, "FAL cannot be reached"),
    ] {
        let row = db.forgettings().await.unwrap().pop().unwrap();
        db.note_payload_trouble(&row, Some(trouble)).await.unwrap();
        assert!(page().await.contains(words), "{words}");
    }

    let real = |mut desk: Desk| {
        desk.settings.mode = Mode::Real { token: Secret::new("1:x"), fal_key: Secret::new("x") };
        desk
    };
    let office = Office::open_dressed("", real).await;
    office.hire("root", Role::Owner).await;
    let root = office.sign_in("root").await;
    register(&office.desk.database, ANN, 100).await;
    let page = async || office.page(&root, "/admin/people/42").await;
    assert!(page().await.contains("stay at FAL"));
    office.desk.database.begin_forgetting(ANN, "root", "they asked").await.unwrap();
    assert!(page().await.contains("stay there: FAL_ADMIN_KEY is not set"));
}
