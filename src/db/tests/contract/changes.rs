use std::sync::Arc;

use aisha_actors::{
    domain::{
        change::{Change, Changes, Progress, Refusal},
        conversation::{Conversation, Draft, Offer, Screen},
        generation::{Failure, State},
        id::{GenerationId, IntentId, MessageId, PictureId, UserId},
        ledger::{Credits, Entry, Refused},
        person::Profile,
        picture::{Dates, Filters, PictureState},
        text::Language,
        time::Offset,
    },
    port::{ItemFault, Kind, Store},
};

use super::{
    NOW, advance, after, clean, commit, content, generation, model, object, picture, profile,
    register, reserve, settle, ticket, try_commit,
};

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);

/// A person is registered once and then only changed.
pub(super) async fn people(store: &dyn Store) {
    assert_eq!(store.standing(ANN).await.unwrap(), None);
    assert_eq!(store.account(ANN).await.unwrap().available(), Credits(0));
    register(store, ANN, 5).await;
    let other = Profile { first_name: "Other".to_owned(), ..profile(ANN) };
    commit(store, ANN, vec![Change::Register { profile: other.clone(), at: after(9) }]).await;
    let found = store.standing(ANN).await.unwrap().unwrap();
    assert_eq!(found.person.profile, profile(ANN));
    assert_eq!(found.person.created_at, NOW);
    assert!(!found.person.blocked && !found.person.stopped);
    assert_eq!(found.conversation, Conversation::default());
    assert_eq!(store.account(ANN).await.unwrap().available(), Credits(5));

    let renamed = Profile { username: None, ..other };
    commit(
        store,
        ANN,
        vec![
            Change::SaveProfile(renamed.clone()),
            Change::SetBlocked(true),
            Change::SetStopped(true),
        ],
    )
    .await;
    let person = store.standing(ANN).await.unwrap().unwrap().person;
    assert_eq!(person.profile, renamed);
    assert!(person.blocked && person.stopped);
    commit(store, ANN, vec![Change::SetBlocked(false)]).await;
    commit(store, ANN, vec![Change::SetStopped(false)]).await;
    let person = store.standing(ANN).await.unwrap().unwrap().person;
    assert!(!person.blocked && !person.stopped);

    register(store, UserId(-100_123), 0).await;
    assert!(store.standing(UserId(-100_123)).await.unwrap().is_some(), "a group");
    clean(store).await;
}

/// Of many registrations at once one makes the person and one gives the welcome.
pub(super) async fn registration_race(store: Arc<dyn Store>) {
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let list = vec![
                    Change::Register { profile: profile(ANN), at: NOW },
                    Change::Book(Entry::welcome(ANN, Credits(10), NOW)),
                ];
                try_commit(&*store, ANN, list).await
            })
        })
        .collect();
    let mut stored = 0;
    for caller in callers {
        match caller.await.unwrap() {
            Ok(_) => stored += 1,
            Err(refusal) => assert_eq!(refusal, Refusal::Ledger(Refused::Repeated)),
        }
    }
    assert_eq!(stored, 1);
    assert_eq!(store.account(ANN).await.unwrap().available(), Credits(10));
    clean(&*store).await;
}

/// What was saved last is what is read.
pub(super) async fn conversations(store: &dyn Store) {
    register(store, ANN, 0).await;
    register(store, BOB, 0).await;
    let picture = PictureId { generation: GenerationId::derive(ANN, IntentId(1)), n: 2 };
    let mut saved = Conversation {
        language: Some(Language::Ru),
        offset: Offset::from_minutes(-210).unwrap(),
        stack: vec![Screen::Gallery(Some(picture)), Screen::Filters],
        draft: Draft {
            model: Some(model("imagen4")),
            prompt: Some("кот \u{1f431} \"'\\ \0 <b>".to_owned()),
            ratio: Some("1:1".to_owned()),
            resolution: None,
            count: Some(4),
            offer: Some(Offer {
                intent: IntentId(u64::MAX),
                model: model("imagen4"),
                total: Credits(20),
            }),
        },
        filters: Filters {
            model: Some(model("flux")),
            dates: Some(Dates::Custom {
                from: "2026-01-31".parse().unwrap(),
                to: "2026-02-28".parse().unwrap(),
            }),
            favourites: true,
        },
    };
    for _ in 0..2 {
        commit(store, ANN, vec![Change::SaveConversation(Box::new(saved.clone()))]).await;
        assert_eq!(store.standing(ANN).await.unwrap().unwrap().conversation, saved);
        saved.back();
    }
    let other = store.standing(BOB).await.unwrap().unwrap().conversation;
    assert_eq!(other, Conversation::default());
}

/// A generation is made once and moves only from where it is.
pub(super) async fn generations(store: &dyn Store) {
    register(store, ANN, 100).await;
    register(store, BOB, 100).await;
    let made = generation(ANN, 1, 2);
    commit(store, ANN, reserve(&made)).await;
    assert_eq!(store.generation(made.id).await.unwrap(), Some(made.clone()));
    let again = vec![Change::AddGeneration(Box::new(made.clone()))];
    assert_eq!(try_commit(store, ANN, again).await, Err(Refusal::Exists));

    let submitting = Change::Advance {
        id: made.id,
        from: State::Reserved,
        to: State::Submitting,
        with: Progress { submits: Some(1), submitted_at: Some(after(2)), ..Progress::default() },
    };
    let of_another = try_commit(store, BOB, vec![submitting.clone()]).await;
    assert_eq!(of_another, Err(Refusal::Moved));
    commit(store, ANN, vec![submitting.clone()]).await;
    assert_eq!(try_commit(store, ANN, vec![submitting]).await, Err(Refusal::Moved));
    let queued = Progress { ticket: Some(ticket(1)), ..Progress::default() };
    let to_queued =
        Change::Advance { id: made.id, from: State::Submitting, to: State::Queued, with: queued };
    let message = Change::SetMessage { id: made.id, message: MessageId(77) };
    commit(store, ANN, vec![to_queued, message]).await;
    commit(store, ANN, vec![advance(made.id, State::Queued, State::Cancelling)]).await;
    let mut expected = made.clone();
    expected.state = State::Cancelling;
    expected.ticket = Some(ticket(1));
    expected.submits = 1;
    expected.submitted_at = Some(after(2));
    expected.message = Some(MessageId(77));
    assert_eq!(store.generation(made.id).await.unwrap(), Some(expected));

    let second = generation(ANN, 2, 1);
    let others = generation(BOB, 3, 1);
    commit(store, ANN, reserve(&second)).await;
    commit(store, BOB, reserve(&others)).await;
    let ids = |list: Vec<aisha_actors::domain::generation::Generation>| {
        list.into_iter().map(|generation| generation.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(store.open_generations_of(ANN).await.unwrap()), [made.id, second.id]);
    assert_eq!(ids(store.live_generations().await.unwrap()), [made.id, second.id, others.id]);

    let failed = Change::Advance {
        id: made.id,
        from: State::Cancelling,
        to: State::Failed,
        with: Progress {
            failure: Some(Failure::Safety),
            finished_at: Some(after(5)),
            ..Progress::default()
        },
    };
    commit(store, ANN, vec![failed, Change::Book(Entry::release(ANN, made.id, after(5)))]).await;
    let row = store.generation(made.id).await.unwrap().unwrap();
    assert_eq!((row.failure, row.finished_at), (Some(Failure::Safety), Some(after(5))));
    assert_eq!(ids(store.open_generations_of(ANN).await.unwrap()), [second.id]);
    assert_eq!(ids(store.live_generations().await.unwrap()), [second.id, others.id]);

    let faults = [
        ItemFault::Retry { attempts: 1 },
        ItemFault::Retry { attempts: 2 },
        ItemFault::Quarantined,
    ];
    for fault in faults {
        assert_eq!(store.fail_generation(second.id, "it panicked").await.unwrap(), fault);
    }
    let row = store.generation(second.id).await.unwrap().unwrap();
    assert_eq!((row.state, row.attempts), (State::Reserved, 3), "setting aside is the tracker's");
    let nobody = GenerationId::derive(ANN, IntentId(999));
    assert_eq!(store.generation(nobody).await.unwrap(), None);
    let unknown = store.fail_generation(nobody, "who?").await.unwrap_err();
    assert_eq!(unknown.kind, Kind::NotFound);
    clean(store).await;
}

/// A move that the state machine does not have is refused, wherever the row is.
pub(super) async fn moves_outside_the_picture(store: &dyn Store) {
    register(store, ANN, 1000).await;
    for (intent, from) in (1..).zip(State::ALL) {
        for to in State::ALL {
            if from.may_become(to) {
                continue;
            }
            let mut made = generation(ANN, intent, 1);
            made.state = from;
            made.id = GenerationId::derive(ANN, IntentId(intent * 100));
            let added = try_commit(store, ANN, vec![Change::AddGeneration(Box::new(made.clone()))]);
            assert!(matches!(added.await, Ok(_) | Err(Refusal::Exists)));
            let moved = try_commit(store, ANN, vec![advance(made.id, from, to)]).await;
            assert_eq!(moved, Err(Refusal::Moved), "{from:?} → {to:?}");
        }
    }
}

/// Pictures from the result to the trash.
pub(super) async fn pictures(store: &dyn Store) {
    register(store, ANN, 100).await;
    register(store, BOB, 100).await;
    let made = generation(ANN, 1, 2);
    commit(store, ANN, reserve(&made)).await;
    let (first, second) = (picture(&made, 1), picture(&made, 2));
    let rows = vec![second.clone(), first.clone()];
    commit(store, ANN, vec![Change::AddPictures(rows)]).await;
    assert_eq!(store.pictures_of(made.id).await.unwrap(), [first.clone(), second.clone()]);

    let stored = settle(first.id, PictureState::Pending, PictureState::Stored);
    assert_eq!(try_commit(store, BOB, vec![stored.clone()]).await, Err(Refusal::Moved));
    commit(store, ANN, vec![stored.clone()]).await;
    assert_eq!(try_commit(store, ANN, vec![stored]).await, Err(Refusal::Moved));
    commit(store, ANN, vec![Change::AddPictures(vec![first.clone()])]).await;
    let mut expected = first.clone();
    expected.state = PictureState::Stored;
    expected.object = Some(object(first.id));
    expected.content = Some(content());
    assert_eq!(store.picture(first.id).await.unwrap(), Some(expected.clone()), "stays as it is");

    let lost = Change::SettlePicture {
        id: second.id,
        from: vec![PictureState::Fallback, PictureState::Pending],
        to: PictureState::Lost,
        object: None,
        content: None,
    };
    commit(store, ANN, vec![lost]).await;
    let list = |id| vec![Change::ListPicture { id, listed_at: after(3) }];
    assert_eq!(try_commit(store, ANN, list(second.id)).await, Err(Refusal::Moved), "it is lost");
    assert_eq!(try_commit(store, BOB, list(first.id)).await, Err(Refusal::Moved));

    let like = |id| vec![Change::SetFavourite { id, favourite: true }];
    let trash = |id| vec![Change::TrashPicture { id }];
    assert_eq!(try_commit(store, ANN, like(first.id)).await, Err(Refusal::Moved), "not listed");
    assert_eq!(try_commit(store, ANN, trash(first.id)).await, Err(Refusal::Moved));
    commit(store, ANN, list(first.id)).await;
    assert_eq!(try_commit(store, BOB, like(first.id)).await, Err(Refusal::Moved));
    assert_eq!(try_commit(store, BOB, trash(first.id)).await, Err(Refusal::Moved));
    commit(store, ANN, like(first.id)).await;
    let file = Change::SetFileId { id: first.id, file_id: "AgAC".to_owned() };
    commit(store, ANN, vec![file]).await;
    expected.favourite = true;
    expected.file_id = Some("AgAC".to_owned());
    expected.listed_at = Some(after(3));
    assert_eq!(store.picture(first.id).await.unwrap(), Some(expected));

    let url = "https://fal.test/again".to_owned();
    let source = Change::SetSource { id: first.id, url: url.clone(), expires_at: None };
    commit(store, BOB, vec![source.clone()]).await;
    assert!(store.picture(first.id).await.unwrap().unwrap().file_id.is_some(), "not his");
    commit(store, ANN, vec![source]).await;
    let row = store.picture(first.id).await.unwrap().unwrap();
    assert_eq!((row.url, row.file_id, row.favourite), (url, None, true));

    commit(store, ANN, trash(first.id)).await;
    assert_eq!(try_commit(store, ANN, trash(first.id)).await, Err(Refusal::Moved), "for good");
    let row = store.picture(first.id).await.unwrap().unwrap();
    assert_eq!(row.state, PictureState::Trashed);
    assert_eq!(row.object, Some(object(first.id)), "still to be deleted");
    assert_eq!(store.card(ANN, first.id).await.unwrap(), None);
    let unknown = PictureId { generation: made.id, n: 4 };
    assert_eq!(store.picture(unknown).await.unwrap(), None);
    assert_eq!(try_commit(store, ANN, like(unknown)).await, Err(Refusal::Moved));
    clean(store).await;
}

/// A refused member takes nothing of the others, and leaves nothing of itself.
pub(super) async fn members_stand_alone(store: &dyn Store) {
    register(store, ANN, 10).await;
    register(store, BOB, 2).await;
    let (anns, bobs, later) = (generation(ANN, 1, 2), generation(BOB, 2, 1), generation(ANN, 3, 1));
    let mut refused = vec![Change::SetBlocked(true)];
    refused.extend(reserve(&bobs));
    let answers = store
        .commit(vec![
            Changes::new(ANN, reserve(&anns)),
            Changes::new(BOB, refused),
            Changes::new(
                ANN,
                vec![Change::SetBlocked(true), advance(anns.id, State::Queued, State::Resulted)],
            ),
            Changes::new(UserId(404), vec![Change::SaveConversation(Box::default())]),
            Changes::new(ANN, reserve(&later)),
        ])
        .await
        .unwrap();
    let lacking = Refused::Insufficient { needed: Credits(3), available: Credits(2) };
    assert_eq!(answers.len(), 5);
    assert!(answers[0].is_ok());
    assert_eq!(answers[1], Err(Refusal::Ledger(lacking)));
    assert_eq!(answers[2], Err(Refusal::Moved));
    assert_eq!(answers[3], Err(Refusal::Moved), "nobody of that id is there");
    assert!(answers[4].is_ok());
    assert!(!store.standing(ANN).await.unwrap().unwrap().person.blocked);
    assert!(!store.standing(BOB).await.unwrap().unwrap().person.blocked);
    assert_eq!(store.generation(bobs.id).await.unwrap(), None);
    assert_eq!(store.account(ANN).await.unwrap().held, Credits(9));
    assert_eq!(store.account(BOB).await.unwrap().available(), Credits(2));
    assert_eq!(store.commit(Vec::new()).await.unwrap(), []);
    clean(store).await;
}
