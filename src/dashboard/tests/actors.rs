//! The page of actors and the quarantine.

use aisha_actors::{domain::id::UserId, port::Inbox};
use uuid::Uuid;

use super::{
    grove::{DEAD, HERE, THERE},
    *,
};
use crate::{
    dashboard::tree::Answer,
    db::{
        census::{Act, Came},
        reports::AsideKind,
    },
};

fn path(node: Uuid) -> String {
    format!("/admin/actors/{}", node.simple())
}

async fn russian(office: &Office, browser: &Browser, path: &str) -> String {
    let cookie = format!("{}; aisha_admin_language=ru", browser.cookie);
    let request = office.client.get(office.url(path)).header(header::COOKIE, cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.unwrap()
}

#[actix_web::test]
async fn actors_of_all_nodes_are_shown_in_both_languages() {
    let (office, grove) = Office::with_grove().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Viewer).await;
    let (ann, zoe) = (office.sign_in("ann").await, office.sign_in("zoe").await);
    let page = office.page(&ann, "/admin/actors").await;
    for words in ["This process", "resting after a crash", "12,345", "2 / 1024", "3 live", "gone"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The reason of the last restart is an operator's wish, said in the reader's language.
    assert!(page.contains("an operator asked for it"));
    assert!(russian(&office, &ann, "/admin/actors").await.contains("попросил оператор"));
    let here = path(HERE);
    let pages = [
        (here.clone(), "Drain", "Освободить"),
        (format!("{here}/tracker"), "Restart", "Перезапустить"),
        (format!("{here}/users/11"), "Put away", "Убрать"),
        (format!("{}/users/33", path(THERE)), "Put away", "Убрать"),
        (path(DEAD), "gone", "исчез"),
    ];
    for (path, english, in_russian) in pages {
        let page = office.page(&ann, &path).await;
        assert!(page.contains(english), "{path}");
        let translated = russian(&office, &ann, &path).await;
        assert!(translated.contains(in_russian), "{path}");
        for page in [page, translated] {
            assert!(!page.contains("<script>alert") && !page.contains(">["), "{path}");
        }
        // Whoever may not do it is not asked why.
        assert!(!office.page(&zoe, &path).await.contains("name=\"reason\""), "{path}");
    }
    let tracker = office.page(&ann, &format!("{here}/tracker")).await;
    assert!(tracker.contains("&lt;script&gt;alert(1)"), "{tracker}");
    // The database is away: what can be seen from here is shown, and that it is not all.
    *grove.is_cut_off.lock().unwrap() = true;
    let page = office.page(&ann, "/admin/actors").await;
    assert!(page.contains("only this process is shown") && page.contains("12,345"));
    office.close().await;
}

#[actix_web::test]
async fn users_are_found_by_number_and_what_is_no_number_is_said_so() {
    let (office, _grove) = Office::with_grove().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    let row = |user: i64| format!("/users/{user}\"");
    let all = office.page(&ann, "/admin/actors").await;
    let places: Vec<_> = [22, 33, 11].map(|user| all.find(&row(user)).unwrap()).to_vec();
    assert!(places[0] < places[1], "the busiest first: {places:?}");
    let by_id = office.page(&ann, "/admin/actors?order=id").await;
    let places = [11, 22, 33].map(|user| by_id.find(&row(user)).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    let found = office.page(&ann, "/admin/actors?user=33").await;
    assert!(found.contains(&row(33)) && !found.contains(&row(11)));
    let nobody = office.page(&ann, "/admin/actors?user=404").await;
    assert!(nobody.contains("No live actor of this person"));
    let odd = office.get(Some(&ann), "/admin/actors?user=%3Cb%3Eann").await;
    assert_eq!(odd.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = odd.text().await.unwrap();
    assert!(said.contains("Telegram number") && !said.contains("<b>ann"));
    for nothing in [
        "/admin/actors/nothing",
        "/admin/actors/00000000000000000000000000000001",
        &format!("{}/gallery", path(HERE)),
        &format!("{}/users/ann", path(HERE)),
    ] {
        let status = office.get(Some(&ann), nothing).await.status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{nothing}");
    }
    office.close().await;
}

#[actix_web::test]
async fn an_owner_steers_actors_and_nodes_and_it_is_written_down() {
    let (office, grove) = Office::with_grove().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let (here, there) = (path(HERE), path(THERE));
    let restart = Act::Restart("tracker".to_owned());
    let cases = [
        (format!("{here}/tracker/restart"), HERE, restart, Came::Restarted, "was restarted"),
        (
            format!("{there}/users/33/retire"),
            THERE,
            Act::Retire(UserId(33)),
            Came::Retired,
            "was put away",
        ),
        (format!("{there}/drain"), THERE, Act::Drain, Came::Drains, "drains"),
        (format!("{there}/undrain"), THERE, Act::Undrain, Came::TakesIn, "takes in again"),
    ];
    for (path, node, act, came, words) in cases {
        let silent = office.post(Some(&ann), &path, &[]).await;
        assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(silent.text().await.unwrap().contains("Say why"), "{path}");
        assert_eq!(grove.done(), []);

        grove.answers(Answer::Came(came));
        let done = office.post(Some(&ann), &path, &[("reason", "it hangs")]).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(grove.done(), [(node, act, "ann".to_owned())]);
        let page = office.page(&ann, location(&done)).await;
        assert!(page.contains("role=\"status\"") && page.contains(words), "{path}");
    }
    let log = office.audit().await;
    let deeds: Vec<_> = log
        .iter()
        .rev()
        .map(|row| (row.deed.action.as_str(), row.deed.subject.as_str(), row.deed.reason.as_str()))
        .filter(|(action, ..)| !action.starts_with("session"))
        .collect();
    let (here, there) =
        (format!("node/{}/tracker", HERE.simple()), format!("node/{}", THERE.simple()));
    assert_eq!(
        deeds,
        [
            ("actor.restart", here.as_str(), "it hangs"),
            ("actor.retire", "person/33", "it hangs"),
            ("node.drain", there.as_str(), "it hangs"),
            ("node.undrain", there.as_str(), "it hangs"),
        ]
    );
    office.close().await;
}

#[actix_web::test]
async fn what_could_not_be_done_is_said_and_written_down() {
    let (office, grove) = Office::with_grove().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let reason = [("reason", "it hangs")];
    let restart = format!("{}/writer/restart", path(THERE));
    for came in [Came::Unknown, Came::Ended, Came::Late, Came::NotTaken, Came::NodeEnded] {
        grove.answers(Answer::Came(came));
        let refused = office.post(Some(&ann), &restart, &reason).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{came:?}");
        assert!(refused.text().await.unwrap().contains("role=\"alert\""), "{came:?}");
        assert_eq!(office.audit().await[0].deed.action, "failed", "{came:?}");
    }
    grove.answers(Answer::Pending(5));
    let told = office.post(Some(&ann), &restart, &reason).await;
    assert!(office.page(&ann, location(&told)).await.contains("has not answered yet"));
    grove.done();
    // One that is gone is not told anything; one that never was is not there.
    let gone = office.post(Some(&ann), &format!("{}/drain", path(DEAD)), &reason).await;
    assert_eq!(gone.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for nothing in [
        format!("{}/drain", path(Uuid::from_u128(1))),
        format!("{}/gallery/restart", path(HERE)),
        format!("{}/users/ann/retire", path(HERE)),
    ] {
        let status = office.post(Some(&ann), &nothing, &reason).await.status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{nothing}");
    }
    assert_eq!(grove.done(), []);
    office.close().await;
}

#[actix_web::test]
async fn what_was_set_aside_is_replayed_or_given_up() {
    let (office, grove) = Office::with_grove().await;
    office.hire("sue", Role::Support).await;
    let sue = office.sign_in("sue").await;
    for kind in ["update", "parcel", "storage", "odd"] {
        let page = office.page(&sue, &format!("/admin/actors/aside?kind={kind}&page=x")).await;
        assert!(page.contains("Nothing is set aside."), "{kind}");
    }
    let one = office.set_aside(1, "say <script>alert(1)</script>").await;
    let two = office.set_aside(2, "say hello").await;
    let page = office.page(&sue, "/admin/actors/aside").await;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
    assert!(page.contains("it &lt;b&gt;broke") && page.contains("3 tries"));
    assert!(russian(&office, &sue, "/admin/actors/aside").await.contains("3 попытки"));

    let place = |id: i64, what: &str| format!("/admin/actors/aside/update/{id}/{what}");
    let silent = office.post(Some(&sue), &place(one, "replay"), &[]).await;
    assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "it is mended")];
    let done = office.post(Some(&sue), &place(one, "replay"), &reason).await;
    assert!(office.page(&sue, location(&done)).await.contains("being worked off again"));
    let done = office.post(Some(&sue), &place(two, "discard"), &reason).await;
    assert!(office.page(&sue, location(&done)).await.contains("was given up"));
    let database = &office.desk.database;
    let open = database.open_items(aisha_actors::domain::id::Seq(0), 9).await.unwrap();
    assert_eq!(open.len(), 1, "the one that was replayed");
    let aside = crate::dashboard::tree::Tree::aside(&*grove, AsideKind::Update, Default::default());
    assert_eq!(aside.await.unwrap(), []);

    // A second press finds nothing, and says so.
    let again = office.post(Some(&sue), &place(two, "discard"), &reason).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().await.unwrap().contains("not set aside any more"));
    for odd in ["update/x", "odd/1", "storage/1", "parcel/1.5"] {
        let path = format!("/admin/actors/aside/{odd}/replay");
        let status = office.post(Some(&sue), &path, &reason).await.status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{odd}");
    }
    let log = office.audit().await;
    let deeds = log.iter().rev().map(|row| (row.deed.action.clone(), row.deed.subject.clone()));
    let deeds: Vec<_> = deeds.filter(|(action, _)| !action.starts_with("session")).collect();
    let row = |action: &str, id: i64| (action.to_owned(), format!("update/{id}"));
    let expected = [
        row("aside.replay", one),
        row("aside.discard", two),
        row("aside.discard", two),
        row("failed", two),
    ];
    assert_eq!(deeds, expected);
    office.close().await;
}
