//! Whatever the provider, the store, the people and the tracker itself do: each generation is settled
//! once, charged for exactly the pictures that are safe, else released.

use std::{collections::HashMap, time::Duration};

use aisha_actors::{
    domain::{
        action::Action,
        generation::{Failure, Generation, State},
        id::{GenerationId, PictureId},
        ledger::EntryKind,
    },
    fake::{Ending, Fault, Look, Plan, Submit, World},
    port::Kind,
    system::Limits,
    tracker::ProviderCalled,
};
use proptest::{prelude::*, sample::select};

use crate::support::{Chat, Stage, limits, run, shop};

fn confirm(action: &Action) -> bool {
    matches!(action, Action::Confirm(_))
}

/// Orders `count` pictures of a prompt that nobody else uses.
async fn order(person: &Chat, prompt: &str, count: u8, plan: Plan) -> GenerationId {
    person.stage.world.generator.plan(prompt, plan);
    person.quote(prompt).await;
    person.act(Action::PickCount(count)).await;
    person.press(confirm).await;
    let rows = person.stage.world.store.generations();
    rows.into_iter().rev().find(|row| row.order.prompt == prompt).expect("it was not made").id
}

fn row(world: &World, id: GenerationId) -> Generation {
    world.store.generation_now(id).unwrap()
}

/// What must hold of every generation that is over, and of the books.
fn check(world: &World, places: u32) {
    assert_eq!(world.store.breaches(), Vec::<String>::new());
    assert!(world.store.at_provider_max() <= places as usize, "too many at the provider");
    let entries = world.store.entries();
    for row in world.store.generations() {
        let of_it = |kind| {
            entries.iter().filter(|e| e.generation == Some(row.id) && e.kind == kind).count()
        };
        let resolved = of_it(EntryKind::Capture) + of_it(EntryKind::Release);
        assert_eq!((of_it(EntryKind::Hold), resolved), (1, 1), "{row:?}");
        let moves = world.store.moves(row.id);
        let ends = moves.iter().filter(|s| !s.is_open() && **s != State::Delivered).count();
        assert_eq!(ends, 1, "{moves:?}");
        assert!(world.generator.arrived(row.id) <= 2, "more than two submits arrived");
        let pictures: Vec<_> = (1..=4)
            .filter_map(|n| world.store.picture_now(PictureId { generation: row.id, n }))
            .collect();
        let safe = pictures.iter().filter(|picture| picture.state.is_safe()).count();
        if matches!(row.state, State::Captured | State::Delivered) {
            assert_eq!(safe, usize::from(row.captured), "{row:?}");
        }
        // What is paid is shown, once.
        for picture in pictures.iter().filter(|picture| picture.listed_at.is_some()) {
            assert_eq!(world.messenger.shows(row.user, picture.id), 1, "{:?}", picture.id);
        }
    }
}

#[derive(Debug, Clone)]
enum Event {
    /// Time goes by.
    Wait(u16),
    /// A webhook names a request: the right one, or somebody else's.
    Called {
        which: u8,
        right: bool,
    },
    CancelWish {
        which: u8,
    },
    /// The tracker itself panics at its next look at the rows.
    CrashTracker,
    /// The next commits fail, are lost or panic.
    Store {
        fault: u8,
        times: u8,
    },
    /// Nobody can be reached for a while.
    StoreAway {
        seconds: u8,
    },
    Objects,
    Downloads {
        times: u8,
    },
    RowsChanged,
}

fn kind() -> impl Strategy<Value = Kind> {
    let retry_after = Duration::from_secs(7);
    select(vec![
        Kind::Transient,
        Kind::RateLimited { retry_after },
        Kind::NotFound,
        Kind::Permanent,
    ])
}

fn submit() -> impl Strategy<Value = Submit> {
    let retry_after = Duration::from_secs(3);
    select(vec![
        Submit::Accept,
        Submit::Refuse(Kind::Transient),
        Submit::Refuse(Kind::RateLimited { retry_after }),
        Submit::Refuse(Kind::OutOfMoney),
        Submit::Refuse(Kind::Unsafe),
        Submit::Refuse(Kind::Permanent),
        Submit::Lose { arrived: true },
        Submit::Lose { arrived: false },
        Submit::Panic,
    ])
}

fn look() -> impl Strategy<Value = Look> {
    prop_oneof![
        3 => select(vec![Look::Waiting(2), Look::Waiting(0), Look::Running]),
        1 => kind().prop_map(Look::Trouble),
        1 => Just(Look::Panic),
    ]
}

fn ending() -> impl Strategy<Value = Ending> {
    let good = |n: u8| format!("https://fal.test/good/{n}.jpg");
    let gone = |n: u8| format!("https://fal.test/gone/{n}.jpg");
    let refused = "https://example.com/a.jpg".to_owned();
    let bad = "https://fal.test/#panic/a.jpg".to_owned();
    prop_oneof![
        4 => Just(Ending::Pictures),
        1 => Just(Ending::At(vec![good(1), gone(2), good(3)])),
        1 => Just(Ending::At(vec![gone(1), refused])),
        1 => Just(Ending::At(vec![good(1), bad])),
        1 => Just(Ending::Failed(Failure::Safety)),
        1 => Just(Ending::Failed(Failure::Provider)),
        1 => Just(Ending::Cancelled),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    use proptest::collection::vec;
    (
        vec(submit(), 0..3),
        vec(look(), 0..5),
        any::<bool>(),
        ending(),
        vec(kind(), 0..2),
        vec(kind(), 0..2),
    )
        .prop_map(|(submits, looks, held, ending, readings, cancels)| Plan {
            submits: submits.into(),
            looks: looks.into(),
            held,
            ending,
            readings: readings.into(),
            cancels: cancels.into(),
        })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..20_000u16).prop_map(Event::Wait),
        2 => (any::<u8>(), any::<bool>()).prop_map(|(which, right)| Event::Called { which, right }),
        2 => any::<u8>().prop_map(|which| Event::CancelWish { which }),
        1 => Just(Event::CrashTracker),
        2 => (0..3u8, 1..3u8).prop_map(|(fault, times)| Event::Store { fault, times }),
        1 => (1..90u8).prop_map(|seconds| Event::StoreAway { seconds }),
        1 => Just(Event::Objects),
        1 => (1..4u8).prop_map(|times| Event::Downloads { times }),
        1 => Just(Event::RowsChanged),
    ]
}

async fn play(stage: &Stage, ids: &[(Chat, GenerationId)], event: Event) {
    let world = &stage.world;
    let one = |which: u8| &ids[usize::from(which) % ids.len()];
    match event {
        Event::Wait(millis) => tokio::time::sleep(Duration::from_millis(millis.into())).await,
        Event::Called { which, right } => {
            let (_, id) = one(which);
            let named = if right { *id } else { one(which.wrapping_add(1)).1 };
            if let Some(request_id) = world.generator.requests_of(named).pop()
                && named == *id
            {
                stage.system.provider_called(ProviderCalled { id: *id, request_id });
            }
        }
        Event::CancelWish { which } => {
            let (person, id) = one(which);
            let last = person.last();
            let press = aisha_actors::domain::action::Press::from(Action::Cancel(*id));
            let payload = format!("press {} 0 {}", last.id.0, press.encode());
            stage.take(stage.next_update(), person.user, &payload).await;
        }
        Event::CrashTracker => {
            world.store.script.next("live_generations", Fault::Panic);
            stage.system.rows_changed();
        }
        Event::Store { fault, times } => {
            let faults = [Fault::Refuse(Kind::Transient), Fault::LoseAnswer, Fault::Panic];
            for _ in 0..times {
                world.store.script.next("commit", faults[usize::from(fault)]);
            }
        }
        Event::StoreAway { seconds } => {
            for method in ["commit", "generation", "live_generations", "pictures_of"] {
                world.store.script.always(method, Fault::Refuse(Kind::Transient));
            }
            tokio::time::sleep(Duration::from_secs(seconds.into())).await;
            for method in ["commit", "generation", "live_generations", "pictures_of"] {
                world.store.script.heal(method);
            }
        }
        Event::Objects => world.objects.script.fail_next("put", Kind::Transient),
        Event::Downloads { times } => {
            for _ in 0..times {
                world.downloads.script.fail_next("picture", Kind::Transient);
            }
        }
        Event::RowsChanged => stage.system.rows_changed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_generation_is_settled_exactly_once(
        plans in proptest::collection::vec((plan(), 1..=4u8, 1..4i64), 1..6),
        events in proptest::collection::vec(event(), 0..25),
        places in 1..4u32,
    ) {
        run(async move {
            let stage = Stage::with(World::new(), shop(), Limits { places, ..limits() }).await;
            let mut ids = Vec::new();
            for (n, (plan, count, user)) in plans.into_iter().enumerate() {
                let person = stage.person(user);
                let id = order(&person, &format!("cat number {n}"), count, plan).await;
                ids.push((person, id));
            }
            for event in events {
                play(&stage, &ids, event).await;
            }
            stage.quiet().await;
            check(&stage.world, places);
        });
    }
}

#[test]
fn a_generation_that_panics_the_tracker_each_time_is_quarantined_and_refunded() {
    for prompt in ["a #panic cat", "a #crash cat", "a cat with a bad address"] {
        run(async move {
            let stage = Stage::with(World::new(), shop(), Limits { places: 1, ..limits() }).await;
            let poisoner = stage.person(1);
            let bad = Ending::At(vec!["https://fal.test/#panic/1.jpg".to_owned()]);
            let plan = if prompt.contains('#') { Plan::default() } else { Plan::ending(bad) };
            let poisoned = order(&poisoner, prompt, 2, plan).await;
            let other = stage.person(2);
            let good = order(&other, "a good cat", 1, Plan::default()).await;
            stage.quiet().await;
            let row = row(&stage.world, poisoned);
            assert_eq!((row.state, row.failure), (State::Failed, Some(Failure::Quarantined)));
            assert_eq!(poisoner.available(), 100);
            assert!(poisoner.last().has("outcome-quarantined"));
            assert_eq!(stage.world.store.generation_now(good).unwrap().state, State::Delivered);
            assert!(stage.system.health().restarts.is_empty());
            check(&stage.world, 1);
        });
    }
}

#[test]
fn a_result_is_charged_for_exactly_the_pictures_that_are_safe() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let url = |name: &str| format!("https://fal.test/{name}.jpg");
        let found =
            vec![url("one"), url("gone/two"), "https://example.com/x.jpg".into(), url("four")];
        let id = order(&person, "four cats", 4, Plan::ending(Ending::At(found))).await;
        stage.quiet().await;
        assert_eq!((row(&stage.world, id).captured, person.available()), (2, 92));
        let id = order(&person, "no cats", 2, Plan::ending(Ending::At(vec![url("gone/1")]))).await;
        stage.quiet().await;
        assert_eq!(row(&stage.world, id).failure, Some(Failure::PicturesLost));
        assert_eq!(person.available(), 92);
        check(&stage.world, 2);
    });
}

#[test]
fn a_lost_submit_is_adopted_by_its_webhook_and_else_sent_once_more() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let lost = |arrived| Plan {
            submits: [Submit::Lose { arrived }, Submit::Lose { arrived }].into(),
            ..Plan::default()
        };
        let adopted = order(&person, "an adopted cat", 1, lost(true)).await;
        stage.world.until("it arrived", |w| w.generator.arrived(adopted) == 1).await;
        let request_id = stage.world.generator.requests_of(adopted).remove(0);
        stage.system.provider_called(ProviderCalled { id: adopted, request_id });
        stage.quiet().await;
        assert_eq!(row(&stage.world, adopted).state, State::Delivered);
        assert_eq!(stage.world.generator.arrived(adopted), 1);
        let unreachable = order(&person, "a lost cat", 1, lost(false)).await;
        stage.quiet().await;
        assert_eq!(row(&stage.world, unreachable).failure, Some(Failure::Unreachable));
        assert_eq!(person.available(), 96);
        check(&stage.world, 2);
    });
}

#[test]
fn a_cancel_is_settled_by_the_providers_last_word() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let cancel = |action: &Action| matches!(action, Action::Cancel(_));
        // Running: it is cancelled there, and the hold is free.
        let id = order(&person, "a running cat", 1, Plan::held()).await;
        stage.world.until("it runs", |w| row(w, id).state == State::Queued).await;
        person.press(cancel).await;
        stage.quiet().await;
        assert_eq!((row(&stage.world, id).state, person.available()), (State::Cancelled, 100));
        assert!(person.last().has("outcome-cancelled"));
        // Waiting for a place: cancelled at once, without a word to the provider.
        let first = order(&person, "first cat", 1, Plan::held()).await;
        let second = order(&person, "second cat", 1, Plan::held()).await;
        let third = order(&person, "third cat", 1, Plan::held()).await;
        assert_eq!(row(&stage.world, third).state, State::Reserved);
        person.press(cancel).await;
        let cancelled = |w: &World| row(w, third).state == State::Cancelled;
        stage.world.until("the third is cancelled", cancelled).await;
        assert_eq!(stage.world.generator.arrived(third), 0);
        for prompt in ["first cat", "second cat"] {
            stage.world.generator.finish(prompt);
        }
        stage.quiet().await;
        for id in [first, second] {
            assert_eq!(row(&stage.world, id).state, State::Delivered);
        }
        // Too late: there is a result, and it is paid and shown.
        let (_, answer) = person.act(Action::Cancel(first)).await;
        assert_eq!(answer.unwrap().text.unwrap().key, "note-cancel-ready");
        check(&stage.world, 2);
    });
}

#[test]
fn what_has_no_result_by_its_deadline_is_released() {
    run(async {
        let stage = Stage::with(World::new(), shop(), Limits { places: 1, ..limits() }).await;
        let person = stage.person(1);
        let running = order(&person, "a slow cat", 1, Plan::held()).await;
        let waiting = order(&person, "a waiting cat", 1, Plan::held()).await;
        stage.quiet().await;
        for id in [running, waiting] {
            assert_eq!(row(&stage.world, id).state, State::Expired);
        }
        assert_eq!(person.available(), 100);
        check(&stage.world, 1);
    });
}

#[test]
fn ended_generations_wait_for_a_store_that_is_away_without_haste() {
    run(async {
        let stage = Stage::with(World::new(), shop(), Limits { places: 1, ..limits() }).await;
        let person = stage.person(1);
        order(&person, "a slow cat", 1, Plan::held()).await;
        order(&person, "a waiting cat", 1, Plan::held()).await;
        stage.world.clock.advance(Duration::from_secs(400));
        stage.world.store.script.always("commit", Fault::Refuse(Kind::Transient));
        let before = stage.world.store.script.calls("commit");
        tokio::time::sleep(Duration::from_secs(60)).await;
        let tries = stage.world.store.script.calls("commit") - before;
        assert!((10..300).contains(&tries), "{tries} tries in a minute");
        stage.world.store.script.heal("commit");
        stage.quiet().await;
        assert_eq!(person.available(), 100);
    });
}

#[test]
fn turns_are_fair() {
    run(async {
        let stage = Stage::with(World::new(), shop(), Limits { places: 1, ..limits() }).await;
        let greedy = stage.person(1);
        let mut expected = Vec::new();
        for n in 0..5 {
            expected.push(order(&greedy, &format!("greedy {n}"), 1, Plan::held()).await);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let modest = stage.person(2);
        let one = order(&modest, "modest", 1, Plan::held()).await;
        // The first runs already; the modest one comes next.
        expected.insert(1, one);
        let prompts = ["greedy 0", "modest", "greedy 1", "greedy 2", "greedy 3", "greedy 4"];
        for prompt in prompts {
            stage.world.generator.finish(prompt);
        }
        stage.quiet().await;
        assert_eq!(stage.world.generator.order(), expected);
        check(&stage.world, 1);
    });
}

#[test]
fn a_restarted_tracker_gives_no_place_before_it_knows_which_are_taken() {
    run(async {
        let stage = Stage::with(World::new(), shop(), Limits { places: 1, ..limits() }).await;
        let first = order(&stage.person(1), "first cat", 1, Plan::held()).await;
        stage.world.until("it runs", |w| row(w, first).state == State::Queued).await;
        stage.world.store.script.next("live_generations", Fault::Panic);
        stage.world.store.script.delay("live_generations", Duration::from_secs(5));
        stage.system.rows_changed();
        stage
            .world
            .until("the tracker is new", |_| !stage.system.health().restarts.is_empty())
            .await;
        let second = order(&stage.person(2), "second cat", 1, Plan::default()).await;
        assert_eq!(row(&stage.world, second).state, State::Reserved);
        stage.world.generator.finish("first cat");
        stage.quiet().await;
        check(&stage.world, 1);
    });
}

#[test]
fn a_full_provider_pauses_everybody_and_nobody_is_lost() {
    run(async {
        let stage = Stage::new().await;
        let retry_after = Duration::from_secs(20);
        let full = Plan {
            submits: [Submit::Refuse(Kind::RateLimited { retry_after })].into(),
            ..Plan::default()
        };
        let first = order(&stage.person(1), "first cat", 1, full).await;
        stage.world.until("it is refused", |w| w.store.moves(first).len() >= 3).await;
        let second = order(&stage.person(2), "second cat", 1, Plan::default()).await;
        tokio::time::sleep(Duration::from_secs(15)).await;
        assert_eq!(stage.world.generator.order(), []);
        stage.quiet().await;
        assert_eq!(stage.world.generator.order().len(), 2);
        assert_eq!(row(&stage.world, second).state, State::Delivered);
        check(&stage.world, 2);
    });
}

#[test]
fn storage_that_is_away_delivers_at_once_and_is_backfilled() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        stage.world.objects.script.always("put", Fault::Refuse(Kind::Transient));
        let id = order(&person, "a cat", 2, Plan::default()).await;
        stage.quiet().await;
        assert_eq!(row(&stage.world, id).state, State::Delivered);
        assert!(stage.world.objects.is_empty());
        stage.world.objects.script.heal("put");
        stage.world.objects.script.next("put", Fault::Panic);
        stage.world.until("both are stored", |w| w.objects.len() == 2).await;
        // And deleted again, with their objects.
        let picture = PictureId { generation: id, n: 1 };
        let spot = aisha_actors::domain::action::Spot::Gallery;
        person.act(Action::Delete(picture, spot)).await;
        stage.world.until("one object is gone", |w| w.objects.len() == 1).await;
    });
}

#[test]
fn a_retired_model_fails_with_its_money_back_and_offers_its_successor() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let gone = Plan { submits: [Submit::Refuse(Kind::NotFound)].into(), ..Plan::default() };
        let id = order(&person, "a cat on the moon", 1, gone).await;
        stage.quiet().await;
        assert_eq!(row(&stage.world, id).failure, Some(Failure::ModelGone));
        assert_eq!(person.available(), 100);
        let quote = person.press(|action| matches!(action, Action::Again(_))).await;
        assert!(quote.has("notice-successor"), "{:?}", quote.keys());
        person.press(confirm).await;
        stage.quiet().await;
        let models: HashMap<_, _> = stage
            .world
            .store
            .generations()
            .into_iter()
            .map(|row| (row.order.model.to_string(), row.order.total().0))
            .collect();
        assert_eq!(models["nano"], 3);
        assert_eq!(person.available(), 97);
        let model = &stage.shop.catalogue().get(&row(&stage.world, id).order.model).cloned();
        assert!(model.is_some(), "its entry stays for its pictures");
    });
}
