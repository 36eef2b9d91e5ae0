//! What the storage writer does with rows of an earlier system, which have a URL and nothing else.

use aisha_actors::{
    domain::{
        change::{Change, Changes},
        id::{PictureId, UserId},
        person::Profile,
        picture::{ImageType, ObjectKey, PictureState},
    },
    fake::{Fault, World},
    port::{Clock, Kind, Objects},
};
use bytes::Bytes;

use crate::support::{Stage, run, seed_from};

const OWNER: UserId = UserId(7);

fn object(id: PictureId) -> ObjectKey {
    ObjectKey { bucket: "imagen4".to_owned(), key: format!("old/{id}.jpg") }
}

/// A picture with an object that only its URL names, and its owner has deleted it.
async fn trashed(world: &World, host: &str) -> PictureId {
    let url = |id: PictureId| format!("https://{host}/imagen4/old/{id}.jpg");
    let profile =
        Profile { id: OWNER, first_name: "Ann".to_owned(), username: None, language_code: None };
    let register = Change::Register { profile, at: Clock::now(world.clock.as_ref()) };
    assert!(world.store.put(vec![Changes::new(OWNER, vec![register])])[0].is_ok());
    let id = seed_from(world, OWNER, 1, "imagen4", 1, url)[0];
    world.objects.put(&object(id), Bytes::from_static(b"x"), ImageType::Jpeg).await.unwrap();
    let stored = world.store.put(vec![Changes::new(OWNER, vec![Change::TrashPicture { id }])]);
    assert!(stored[0].is_ok(), "{stored:?}");
    id
}

fn state(world: &World, id: PictureId) -> PictureState {
    world.store.picture_now(id).unwrap().state
}

async fn purged(world: &World, id: PictureId) {
    Stage::with(world.clone(), crate::support::shop(), crate::support::limits()).await;
    world.until("it is purged", |world| state(world, id) == PictureState::Purged).await;
}

#[test]
fn an_object_is_deleted_by_its_url() {
    run(async {
        let world = World::new();
        let id = trashed(&world, "objects.test").await;
        purged(&world, id).await;
        assert!(!world.objects.has(&object(id)));
    });
}

#[test]
fn while_storage_is_away_the_deletion_waits() {
    run(async {
        let world = World::new();
        let id = trashed(&world, "objects.test").await;
        world.objects.script.next("delete_by_url", Fault::Refuse(Kind::Transient));
        purged(&world, id).await;
        assert!(!world.objects.has(&object(id)));
        assert_eq!(world.objects.script.calls("delete_by_url"), 2);
    });
}

#[test]
fn what_cannot_be_deleted_stops_nothing() {
    run(async {
        let world = World::new();
        let id = trashed(&world, "objects.test").await;
        world.objects.script.next("delete_by_url", Fault::Refuse(Kind::Permanent));
        purged(&world, id).await;
        assert!(world.objects.has(&object(id)), "it stays behind, and the log says so");
    });
}

/// A provider may name its addresses as it likes: nothing of ours is deleted for it.
#[test]
fn an_address_of_the_provider_names_nothing_of_ours() {
    run(async {
        let world = World::new();
        let id = trashed(&world, "fal.test").await;
        purged(&world, id).await;
        assert!(world.objects.has(&object(id)));
        assert_eq!(world.objects.script.calls("delete_by_url"), 0);
    });
}

/// A person is deleted while a copy is under way: nobody else would know of its object.
#[test]
fn what_was_deleted_while_it_was_copied_leaves_no_object() {
    run(async {
        let stage = Stage::new().await;
        let world = &stage.world;
        world.objects.script.hold("put");
        stage.person(OWNER.0).order("a cat on the moon").await;
        world.until("it is copied", |world| world.objects.script.waiting("put") == 1).await;
        let row = world.store.generations()[0].clone();
        let id = PictureId { generation: row.id, n: 1 };
        let purged = Change::SettlePicture {
            id,
            from: vec![PictureState::Pending],
            to: PictureState::Purged,
            object: None,
            content: None,
        };
        assert!(world.store.put(vec![Changes::new(OWNER, vec![purged])])[0].is_ok());
        world.objects.script.release("put");
        let key = ObjectKey::of_picture("imagen4", id, row.created_at, "jpg");
        let is_gone =
            |world: &World| world.objects.script.calls("delete") == 1 && !world.objects.has(&key);
        world.until("its object is taken back", is_gone).await;
    });
}
