//! Storage's page, and the work on storage that is begun there.

use aisha_actors::{
    domain::{
        generation::{Generation, Order, State},
        id::{GenerationId, IntentId, ModelId, PictureId},
        picture::{ImageType, ObjectKey, Picture, PictureState},
        time::Timestamp,
    },
    port::{Downloads, Objects},
};

use super::*;
use crate::db::reports::{UpkeepEnd, UpkeepRun};

const ZOE: UserId = UserId(77);

fn object(key: &str) -> ObjectKey {
    ObjectKey { bucket: "imagen4".to_owned(), key: key.to_owned() }
}

impl Office {
    /// One picture in each of these states, the provider's URL of the first one ending first.
    async fn pictures(&self, states: &[PictureState]) -> GenerationId {
        self.meet(ZOE.0, "Zoe", 100).await;
        let (id, now) = (GenerationId::derive(ZOE, IntentId(1)), self.clock.now());
        let count = u8::try_from(states.len()).unwrap();
        let order = Order {
            model: ModelId::parse("imagen4").unwrap(),
            prompt: "a fox".to_owned(),
            ratio: "1:1".to_owned(),
            resolution: None,
            count,
            seed: 1,
            price: Credits(5),
        };
        let total = order.total();
        let made = Generation {
            id,
            user: ZOE,
            order,
            state: State::Resulted,
            message: None,
            ticket: None,
            submits: 0,
            attempts: 0,
            failure: None,
            captured: 0,
            created_at: now,
            submitted_at: None,
            finished_at: None,
            deadline_at: now,
        };
        let hold = Change::Book(Entry::hold(ZOE, id, total, now));
        self.commit(ZOE, vec![hold, Change::AddGeneration(Box::new(made))]).await;
        let mut rows = Vec::new();
        for (n, state) in (1..).zip(states) {
            let url = format!("https://fal.test/{n}.jpg");
            let (_, content) = self.world.downloads.picture(&url).await.unwrap();
            rows.push(Picture {
                id: PictureId { generation: id, n },
                owner: ZOE,
                model: ModelId::parse("imagen4").unwrap(),
                state: *state,
                url,
                url_expires_at: Some(Timestamp(now.0 + i64::from(n))),
                object: Some(object(&format!("2026/11/27/{id}_{n}.jpg"))),
                content: Some(content),
                file_id: None,
                favourite: false,
                listed_at: None,
                created_at: now,
                attempts: 0,
            });
        }
        self.commit(ZOE, vec![Change::AddPictures(rows)]).await;
        id
    }

    async fn run(&self) -> Option<UpkeepRun> {
        self.desk.database.upkeep_runs(1).await.unwrap().into_iter().next()
    }

    /// The last work, once it has ended so.
    async fn ended(&self, end: UpkeepEnd) -> UpkeepRun {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        let waiting = async {
            loop {
                match self.run().await {
                    Some(run) if run.ended.is_some() => return run,
                    _ => pace.tick().await,
                };
            }
        };
        let run = tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
        assert_eq!(run.ended.unwrap().1, end);
        run
    }
}

#[actix_web::test]
async fn what_lies_where_and_what_waits_is_shown() {
    let office = Office::open().await;
    office.hire("vic", Role::Viewer).await;
    let vic = office.sign_in("vic").await;
    assert!(office.page(&vic, "/admin/storage").await.contains("Nothing was counted yet"));
    let states = [PictureState::Stored, PictureState::Fallback, PictureState::Lost];
    let id = office.pictures(&states).await;
    office.desk.database.count_storage(office.clock.now()).await.unwrap();
    let page = office.page(&vic, "/admin/storage").await;
    assert!(page.contains("imagen4") && page.contains("not brought in yet"));
    assert!(!page.contains("/admin/storage/check"), "a viewer changes nothing");
    let list = office.page(&vic, "/admin/storage/pictures/fallback").await;
    assert!(list.contains(&id.short()) && list.contains("№ 2") && !list.contains("№ 3"));
    office.clock.advance(Duration::from_secs(1));
    let list = office.page(&russian(&vic), "/admin/storage/pictures/fallback").await;
    assert!(list.contains("срок вышел"));
    assert!(office.page(&vic, "/admin/storage/pictures/lost").await.contains("№ 3"));
    let none = office.page(&russian(&vic), "/admin/storage/pictures/trashed").await;
    assert!(none.contains("Таких нет"));
    for unknown in ["stored", "x", "%3Cscript%3E"] {
        let path = format!("/admin/storage/pictures/{unknown}");
        assert_eq!(office.get(Some(&vic), &path).await.status(), StatusCode::NOT_FOUND);
    }
    office.close().await;
}

#[actix_web::test]
async fn a_check_is_begun_and_watched_and_what_it_found_stays() {
    let office = Office::open().await;
    office.hire("ann", Role::Support).await;
    let ann = office.sign_in("ann").await;
    office.pictures(&[PictureState::Stored]).await;
    let bytes = bytes::Bytes::from_static(b"nobody's");
    office.world.objects.put(&object("stray.jpg"), bytes, ImageType::Jpeg).await.unwrap();
    actix_web::rt::spawn(office.desk.clone().keep());
    let mut live = office.get(Some(&ann), "/admin/events?parts=upkeep").await;

    let unreasoned = office.post(Some(&ann), "/admin/storage/check", &[]).await;
    assert_eq!(unreasoned.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.run().await, None);
    let begun = office.post(Some(&ann), "/admin/storage/check", &[("reason", "monthly")]).await;
    assert_eq!(location(&begun), "/admin/storage?done=done-begun");
    let run = office.ended(UpkeepEnd::Finished).await;
    assert_eq!((run.author.as_str(), run.done, run.total), ("ann", 1, 1));
    assert_eq!((run.found.missing, run.found.strays, run.found.stray_bytes), (1, 1, 8));
    let row = &office.audit().await[0];
    assert_eq!((row.deed.action.as_str(), row.deed.reason.as_str()), ("storage.check", "monthly"));
    let page = office.page(&ann, "/admin/storage").await;
    assert!(page.contains("imagen4/stray.jpg") && page.contains("Objects without a row"));
    assert!(office.page(&russian(&ann), "/admin/storage").await.contains("Объекты без записи"));
    let mut seen = String::new();
    while !seen.contains("finished") {
        seen.push_str(std::str::from_utf8(&live.chunk().await.unwrap().unwrap()).unwrap());
    }
    office.close().await;
}

#[actix_web::test]
async fn one_work_goes_on_at_a_time_and_can_be_stopped() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Support).await;
    let (ann, zoe) = (office.sign_in("ann").await, office.sign_in("zoe").await);
    let reason = [("reason", "because")];
    office.world.objects.script.hold("list");
    let idle = office.post(Some(&ann), "/admin/storage/stop", &reason).await;
    assert_eq!(idle.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let moving = office.post(Some(&zoe), "/admin/storage/move", &reason).await;
    assert_eq!(moving.status(), StatusCode::FORBIDDEN, "owners move");
    let moving = office.post(Some(&ann), "/admin/storage/move", &reason).await;
    assert_eq!(moving.status(), StatusCode::SEE_OTHER);
    let busy = office.post(Some(&zoe), "/admin/storage/backfill", &reason).await;
    assert_eq!(busy.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(busy.text().await.unwrap().contains("under way already"));
    assert_eq!(office.audit().await[0].deed.action, "failed");
    let stopped = office.post(Some(&zoe), "/admin/storage/stop", &reason).await;
    assert_eq!(location(&stopped), "/admin/storage?done=done-stopping");
    office.ended(UpkeepEnd::Stopped).await;
    office.world.objects.script.release("list");

    let again = office.post(Some(&ann), "/admin/storage/move", &reason).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    office.ended(UpkeepEnd::Finished).await;
    let page = office.page(&ann, "/admin/storage").await;
    assert!(page.contains("What the last comparison found"), "also when that is nothing");
    office.close().await;
}

#[actix_web::test]
async fn what_waits_is_brought_in() {
    let office = Office::open().await;
    office.hire("ann", Role::Support).await;
    let ann = office.sign_in("ann").await;
    let id = office.pictures(&[PictureState::Fallback, PictureState::Fallback]).await;
    office.world.downloads.forget("https://fal.test/2.jpg");
    let reason = [("reason", "the server is back")];
    office.post(Some(&ann), "/admin/storage/backfill", &reason).await;
    let run = office.ended(UpkeepEnd::Finished).await;
    assert_eq!((run.found.stored, run.found.waiting), (1, 1));
    assert!(office.world.objects.has(&object(&format!("2026/11/27/{id}_1.jpg"))));
    let page = office.page(&ann, "/admin/storage").await;
    assert!(page.contains(&format!("{id}_2")) && page.contains("Still waiting"));
    office.close().await;
}
