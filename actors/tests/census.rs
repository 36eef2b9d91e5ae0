//! What is told of the actors, and what the operator can do to them.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aisha_actors::{
    census::{ASKED, Census, Condition, Filter, Member, NotRestarted, Order, Retired},
    domain::{action::Action, generation::State, id::UserId},
    fake::{World, arrival},
    supervisor::Budget,
    system::{self, Limits, System},
};

use crate::support::{Stage, limits, run, shop};

const CHILDREN: [&str; 4] = ["session", "tracker", "writer", "ledger"];

fn by(order: Order) -> Filter {
    Filter { order, ..Filter::default() }
}

fn only(user: UserId) -> Filter {
    Filter { user: Some(user), ..Filter::default() }
}

fn singleton<'a>(census: &'a Census, kind: &str) -> &'a Member {
    census.singletons.iter().find(|member| member.kind == kind).unwrap()
}

async fn listed(stage: &Stage, filter: Filter, limit: usize) -> Vec<Member> {
    stage.system.census(filter, limit).await.users.unwrap().listed
}

fn users(members: &[Member]) -> Vec<i64> {
    members.iter().map(|member| member.user.unwrap().0).collect()
}

#[test]
fn a_crowd_is_counted_and_the_first_of_it_are_listed() {
    run(async {
        let stage = Stage::new().await;
        let crowd = 1..=1000;
        let arrivals =
            crowd.clone().map(|id| arrival(stage.next_update(), UserId(id), "cmd start"));
        assert_eq!(stage.system.take_updates(arrivals.collect()).await, Ok(Ok(())));
        stage.settled().await;
        for _ in 0..3 {
            stage.person(777).command("help").await;
        }
        // The clock is the test's own: only so does the last one stand out by its time.
        tokio::time::sleep(Duration::from_secs(2)).await;
        stage.person(555).command("help").await;

        let census = stage.system.census(by(Order::ById), 10).await;
        let told = census.users.as_ref().unwrap();
        assert_eq!(told.live, 1000);
        assert_eq!(users(&told.listed), (1..=10).collect::<Vec<_>>());
        let first = &told.listed[0];
        assert_eq!((first.kind.as_str(), first.incarnation, first.handled), ("gallery", 1, 1));
        assert_eq!((first.condition, first.restarts_left), (Condition::Running, None));
        assert_eq!((first.mailbox.len, first.mailbox.bound), (0, 16));
        assert_eq!(first.last.as_ref().unwrap().name, "TakeUpdate");
        assert!(first.born_at <= first.last.as_ref().unwrap().at && first.restarts.is_empty());
        assert!(first.last.as_ref().unwrap().at <= census.at);

        let busiest = listed(&stage, by(Order::Busiest), 2).await;
        assert_eq!(users(&busiest), [777, 555]);
        assert_eq!(busiest[0].handled, 4);
        assert_eq!(users(&listed(&stage, by(Order::Recent), 1).await), [555]);
        assert_eq!(users(&listed(&stage, only(UserId(42)), 10).await), [42]);
        assert!(listed(&stage, only(UserId(4242)), 10).await.is_empty());
        assert!(listed(&stage, by(Order::ById), usize::MAX).await.len() <= 500);

        let kinds: Vec<&str> = census.singletons.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, CHILDREN);
        let ledger = singleton(&census, "ledger");
        assert_eq!((ledger.handled, ledger.incarnation), (1000, 1), "a welcome each");
        assert_eq!(ledger.last.as_ref().unwrap().name, "GrantWelcome");
        assert_eq!((ledger.mailbox.len, ledger.mailbox.bound), (0, 1024));
        // Who looks is not seen.
        assert_eq!(singleton(&census, "session").last.as_ref().unwrap().name, "TakeUpdates");
    });
}

#[test]
fn what_a_users_actor_went_through_is_told_with_its_reasons() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        person.command("crash").await;
        person.command("help").await;
        let told = listed(&stage, only(person.user), 1).await.remove(0);
        assert_eq!((told.incarnation, told.restarts.len()), (4, 3));
        assert!(told.restarts.iter().all(|restart| !restart.reason.is_empty()));
        assert!(told.restarts.is_sorted_by_key(|restart| restart.at));
    });
}

#[test]
fn a_turn_in_hand_is_seen() {
    run(async {
        let stage = Stage::new().await;
        let (busy, idle) = (stage.person(2), stage.person(1));
        idle.command("start").await;
        busy.command("start").await;
        stage.world.store.script.hold("commit");
        stage.take(stage.next_update(), busy.user, "say a cat").await;
        stage.take(stage.next_update(), busy.user, "cmd help").await;
        let told = listed(&stage, Filter::default(), 2).await;
        assert_eq!(users(&told), [2, 1]);
        assert_eq!((told[0].mailbox.len, told[0].queued), (1, 1));
        assert_eq!((told[1].mailbox.len, told[1].queued), (0, 0));
        stage.world.store.script.release("commit");
        stage.settled().await;
    });
}

#[test]
fn a_hung_thread_holds_up_no_census() {
    run(async {
        let (world, arbiter) = (World::new(), system::arbiter());
        let shop = Arc::new(shop());
        let system = System::start(&arbiter.handle(), world.ports(), shop, limits()).await.unwrap();
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (hung, is_hung) = tokio::sync::oneshot::channel();
        arbiter.spawn_fn(move || {
            hung.send(()).unwrap();
            let _released = held.recv();
        });
        is_hung.await.unwrap();
        let census = system.census(Filter::default(), 10).await;
        assert_eq!(census.users, None);
        assert_eq!(census.singletons.len(), 4);
        assert_eq!(system.restart("ledger").await, Err(NotRestarted::Late));
        assert_eq!(system.restart("gallery").await, Err(NotRestarted::Unknown));
        drop(release);
        arbiter.stop();
    });
}

/// Orders of many are under way while each singleton is restarted more often than crashes are allowed.
#[test]
fn singletons_that_are_restarted_under_load_lose_nothing() {
    run(async {
        let budget = Budget { restarts: 2, ..Budget::default() };
        let limits = Limits { budget, places: 4, ..limits() };
        let stage = Stage::with(World::new(), shop(), limits).await;
        let people: Vec<_> = (1..=24).map(|id| stage.person(id)).collect();
        let mut presses = Vec::new();
        for person in &people {
            person.command("start").await;
            let quote = person.quote("a cat").await;
            let press = quote.button(|action| matches!(action, Action::Confirm(_))).unwrap();
            let words = format!("press {} 0 {}", quote.id.0, press.encode());
            presses.push(arrival(stage.next_update(), person.user, &words));
        }
        let done = stage.world.store.inbox_figures().1;
        assert_eq!(stage.system.take_updates(presses).await, Ok(Ok(())));
        for round in 2..=8 {
            for child in CHILDREN {
                assert_eq!(stage.system.restart(child).await, Ok(round), "{child}");
                // No event is waited for: restarts shall meet the work at different places.
                tokio::time::sleep(Duration::from_millis(7)).await;
            }
        }
        stage.quiet().await;
        assert_eq!(stage.world.store.inbox_figures(), (0, done + people.len(), 0));
        let rows = stage.world.store.generations();
        let owners: BTreeSet<UserId> = rows.iter().map(|row| row.user).collect();
        assert_eq!((rows.len(), owners.len()), (people.len(), people.len()));
        assert!(rows.iter().all(|row| row.state == State::Delivered), "{rows:?}");
        for person in &people {
            assert_eq!(person.available(), 96, "paid once");
        }
        let census = stage.system.census(Filter::default(), 0).await;
        for child in CHILDREN {
            let told = singleton(&census, child);
            assert_eq!((told.incarnation, told.restarts.len()), (8, 7), "{child}");
            assert!(told.restarts.iter().all(|restart| restart.reason == ASKED), "{told:?}");
            assert_eq!(told.restarts_left, Some(2), "the budget is for crashes");
        }
        let mut counted = stage.system.health().restarts;
        counted.sort_unstable();
        assert_eq!(counted.len(), 4);
        assert!(counted.iter().all(|(_, count, reason)| *count == 7 && reason == ASKED));
    });
}

#[test]
fn a_retired_actor_is_born_anew_by_the_next_update() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        assert_eq!(stage.system.retire(person.user).await, Ok(Retired::Done));
        assert_eq!(stage.system.retire(person.user).await, Ok(Retired::NotThere));
        assert_eq!(stage.system.census(Filter::default(), 9).await.users.unwrap().live, 0);
        assert!(person.say("a cat on the moon").await.has("quote"));
        let told = listed(&stage, only(person.user), 1).await.remove(0);
        assert_eq!((told.incarnation, told.restarts[0].reason.as_str()), (2, ASKED));
        assert_eq!(stage.system.retire(UserId(404)).await, Ok(Retired::NotThere));
    });
}

#[test]
fn a_turn_in_hand_is_finished_before_its_actor_is_retired() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.hold("commit");
        stage.take(stage.next_update(), person.user, "say a cat on the moon").await;
        let system = stage.system.clone();
        let user = person.user;
        let retiring = tokio::task::spawn_local(async move { system.retire(user).await });
        // Whatever could be done meanwhile was done.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!retiring.is_finished());
        stage.world.store.script.release("commit");
        assert_eq!(retiring.await.unwrap(), Ok(Retired::Done));
        stage.settled().await;
        assert!(person.last().has("quote"));
        assert_eq!(stage.system.traffic().await.unwrap().crashes, 0);
    });
}

/// What was replayed beside a running system is no operator's act: only a look at all rows finds it.
#[test]
fn a_replayed_update_is_found_once_the_rows_are_said_to_have_changed() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.drop_in(vec![arrival(stage.next_update(), person.user, "cmd help")]);
        stage.system.rows_changed();
        stage.settled().await;
        assert!(person.last().has("help"));
    });
}
