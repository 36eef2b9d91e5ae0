//! The session: nothing lost, nothing done twice, everybody in order.

use std::time::Duration;

use aisha_actors::{
    domain::{
        action::Action,
        change::{Change, Changes},
        generation::State,
        id::{PictureId, UserId},
        ledger::Credits,
        outbox::Parcel,
        text::Value,
        time::Timestamp,
    },
    fake::{Fault, Look, Plan, World, arrival, from_operator},
    port::{Kind, Urgency},
    session::Error,
};

use crate::support::{Chat, Stage, limits, run, shop};

fn confirm(action: &Action) -> bool {
    matches!(action, Action::Confirm(_))
}

/// The payload of a press on "Generate" on the newest message.
fn generate(person: &Chat) -> String {
    let quote = person.last();
    format!("press {} 0 {}", quote.id.0, quote.button(confirm).unwrap().encode())
}

#[test]
fn ten_times_the_same_update_has_one_effect() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        let tap = generate(&person);
        let before = stage.world.messenger.answers().len();
        let update = stage.next_update();
        // Five at once in one call, five more in calls of their own.
        let batch = (0..5).map(|_| arrival(update, person.user, &tap)).collect();
        stage.system.take_updates(batch).await.unwrap().unwrap();
        for _ in 0..5 {
            stage.take(update, person.user, &tap).await;
        }
        stage.quiet().await;
        assert_eq!(stage.world.store.generations().len(), 1);
        assert_eq!(stage.world.messenger.answers().len(), before + 1);
        assert_eq!(person.available(), 96);
        assert_eq!(stage.world.store.breaches(), Vec::<String>::new());
    });
}

#[test]
fn two_taps_on_generate_make_one_generation() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        let tap = generate(&person);
        let taps = [(); 2].map(|()| arrival(stage.next_update(), person.user, &tap)).to_vec();
        stage.system.take_updates(taps).await.unwrap().unwrap();
        stage.quiet().await;
        let rows = stage.world.store.generations();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].state, State::Delivered);
        assert_eq!(person.available(), 96);
        let picture = PictureId { generation: rows[0].id, n: 1 };
        assert_eq!(stage.world.messenger.shows(person.user, picture), 1);
    });
}

#[test]
fn each_person_is_served_in_order() {
    run(async {
        let stage = Stage::new().await;
        let people: Vec<Chat> = (1..=10).map(|id| stage.person(id)).collect();
        let mut batch = Vec::new();
        for n in 0..20 {
            for person in &people {
                let words = format!("cmd imagine cat number {n}");
                batch.push(arrival(stage.next_update(), person.user, &words));
            }
        }
        stage.system.take_updates(batch).await.unwrap().unwrap();
        stage.settled().await;
        for person in &people {
            let said = stage.world.messenger.said(person.user);
            let prompts: Vec<String> = said.iter().filter_map(|said| prompt(&said.view)).collect();
            let expected: Vec<String> = (0..20).map(|n| format!("cat number {n}")).collect();
            assert_eq!(prompts, expected);
        }
    });
}

fn prompt(view: &aisha_actors::domain::view::View) -> Option<String> {
    let args = view.text.iter().flat_map(|text| &text.args);
    args.filter(|(name, _)| *name == "prompt").find_map(|(_, value)| match value {
        Value::Quoted { text, .. } => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn an_update_is_not_acknowledged_before_it_is_stored() {
    run(async {
        let stage = Stage::new().await;
        let user = UserId(1);
        for fault in [Fault::Refuse(Kind::Transient), Fault::LoseAnswer] {
            stage.world.store.script.next("receive", fault);
            let update = stage.next_update();
            let taken = stage.system.take_updates(vec![arrival(update, user, "cmd help")]).await;
            assert!(matches!(taken, Ok(Err(Error::Unavailable(_)))), "{taken:?}");
            // Telegram sends it again.
            stage.take(update, user, "cmd help").await;
            stage.settled().await;
        }
        assert_eq!(stage.world.messenger.said(user).len(), 2);
        stage.world.store.script.next("receive", Fault::Panic);
        let update = stage.next_update();
        let lost = stage.system.take_updates(vec![arrival(update, user, "cmd help")]).await;
        assert!(lost.is_err(), "{lost:?}");
        stage.take(update, user, "cmd help").await;
        stage.settled().await;
        assert_eq!(stage.world.messenger.said(user).len(), 3);
    });
}

#[test]
fn done_rows_that_could_not_be_marked_are_marked_later() {
    run(async {
        let stage = Stage::new().await;
        stage.world.store.script.fail_next("finish", Kind::Transient);
        stage.world.store.script.next("finish", Fault::Panic);
        let person = stage.person(1);
        person.command("help").await;
        assert_eq!(stage.world.store.inbox_figures(), (0, 1, 0));
        assert_eq!(stage.world.messenger.said(person.user).len(), 1);
    });
}

#[test]
fn a_store_that_is_away_delays_and_loses_nothing() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.always("commit", Fault::Refuse(Kind::Transient));
        for words in ["say a cat on the moon", "cmd help", "cmd balance"] {
            stage.take(stage.next_update(), person.user, words).await;
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(stage.world.messenger.said(person.user).len(), 1);
        stage.world.store.script.heal("commit");
        stage.settled().await;
        let said = stage.world.messenger.said(person.user);
        let keys: Vec<_> = said.iter().map(|said| said.view.text[0].key).collect();
        assert_eq!(keys, ["home-welcome", "quote", "help", "balance"]);
        assert_eq!(stage.world.store.inbox_figures(), (0, 4, 0));
    });
}

#[test]
fn an_update_that_can_never_be_stored_is_set_aside_and_the_next_one_served() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.always("commit", Fault::Refuse(Kind::Permanent));
        stage.take(stage.next_update(), person.user, "say a cat on the moon").await;
        stage.world.until("it is set aside", |w| w.store.inbox_figures().2 == 1).await;
        stage.world.store.script.heal("commit");
        assert!(person.command("help").await.has("help"));
    });
}

/// Makes the session itself panic at its next look at the outbox.
async fn crash_session(stage: &Stage) {
    let before = restarts(stage);
    stage.world.store.script.next("open_entries", Fault::Panic);
    let crashed = |_: &World| restarts(stage) > before;
    stage.world.until("the session has crashed", crashed).await;
}

fn restarts(stage: &Stage) -> u32 {
    let health = stage.system.health();
    let session = health.restarts.iter().find(|(child, _, _)| *child == "session");
    session.map_or(0, |(_, count, _)| *count)
}

#[test]
fn a_restarted_session_reads_its_rows_again() {
    run(async {
        let stage = Stage::new().await;
        let people: Vec<Chat> = (1..=5).map(|id| stage.person(id)).collect();
        for person in &people {
            person.quote("a cat on the moon").await;
        }
        stage.world.messenger.script.hold("show");
        for person in &people {
            stage.take(stage.next_update(), person.user, &generate(person)).await;
            stage.take(stage.next_update(), person.user, "cmd help").await;
        }
        stage.world.until("all hang", |w| w.messenger.script.waiting("show") == 5).await;
        crash_session(&stage).await;
        stage.world.messenger.script.release("show");
        stage.quiet().await;
        for person in &people {
            assert!(stage.world.messenger.chat(person.user).iter().any(|shown| shown.has("help")));
            assert_eq!(person.available(), 96);
        }
        assert_eq!(stage.world.store.generations().len(), 5);
        assert_eq!(stage.world.store.inbox_figures(), (0, 15, 0));
        assert_eq!(stage.world.store.breaches(), Vec::<String>::new());
    });
}

#[test]
fn a_turn_of_before_the_restart_changes_nothing_after_it() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.hold("commit");
        stage.take(stage.next_update(), person.user, "say a cat on the moon").await;
        stage.world.until("it commits", |w| w.store.script.waiting("commit") == 1).await;
        let calls = stage.world.store.script.calls("commit");
        crash_session(&stage).await;
        let again = |w: &World| w.store.script.calls("commit") > calls;
        stage.world.until("the update is handed out again", again).await;
        tokio::task::yield_now().await;
        assert_eq!(stage.world.store.script.waiting("commit"), 1, "two galleries at once");
        stage.world.store.script.release("commit");
        stage.settled().await;
    });
}

#[test]
fn an_update_that_a_restart_missed_is_found_by_its_repeat() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        // Stored by a commit whose session died before the answer.
        let update = stage.next_update();
        stage.world.store.drop_in(vec![arrival(update, person.user, "cmd help")]);
        stage.take(update, person.user, "cmd help").await;
        stage.settled().await;
        assert!(person.last().has("help"));
        assert_eq!(stage.world.messenger.said(person.user).len(), 2);
    });
}

#[test]
fn what_the_operator_puts_in_is_executed_by_the_owner() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.drop_in(vec![from_operator(1, person.user, "op-block")]);
        stage.settled().await;
        assert!(stage.world.store.person_now(person.user).unwrap().blocked);
        assert!(person.command("help").await.has("blocked"));
        stage.world.store.drop_in(vec![from_operator(2, person.user, "op-unblock")]);
        stage.settled().await;
        assert!(person.command("help").await.has("help"));
    });
}

#[test]
fn one_who_is_too_fast_is_told_and_an_operator_is_heard_all_the_same() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.messenger.script.hold("show");
        let batch = (0..40).map(|_| arrival(stage.next_update(), person.user, "cmd help"));
        stage.system.take_updates(batch.collect()).await.unwrap().unwrap();
        stage.world.store.drop_in(vec![from_operator(1, person.user, "op-block")]);
        tokio::time::sleep(Duration::from_secs(3)).await;
        stage.world.messenger.script.release("show");
        stage.settled().await;
        let said = stage.world.messenger.said(person.user);
        let count = |key| said.iter().filter(|said| said.view.text[0].key == key).count();
        assert_eq!((count("help"), count("note-too-fast")), (25, 1));
        assert!(stage.world.store.person_now(person.user).unwrap().blocked);
    });
}

#[test]
fn too_much_at_once_is_refused_and_not_stored() {
    run(async {
        let stage = Stage::new().await;
        stage.world.messenger.script.hold("show");
        let all = (0..20_000).map(|_| arrival(stage.next_update(), UserId(1), "cmd help"));
        let all = all.collect();
        stage.system.take_updates(all).await.unwrap().unwrap();
        let one = arrival(stage.next_update(), UserId(1), "cmd help");
        let refused = stage.system.take_updates(vec![one.clone()]).await;
        assert_eq!(refused, Ok(Err(Error::Busy)));
        let stored: (usize, usize, usize) = stage.world.store.inbox_figures();
        assert_eq!(stored.0 + stored.1, 20_000);
        stage.world.messenger.script.release("show");
        stage.settled().await;
        assert_eq!(stage.system.take_updates(vec![one]).await, Ok(Ok(())));
    });
}

#[test]
fn a_drain_finishes_what_is_in_hand_and_leaves_the_rest_in_the_rows() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.messenger.script.hold("show");
        for _ in 0..3 {
            stage.take(stage.next_update(), person.user, "cmd help").await;
        }
        stage.world.until("one is in hand", |w| w.messenger.script.waiting("show") == 1).await;
        assert!(!stage.system.drain(Duration::from_secs(1)).await, "it did not wait");
        let late = vec![arrival(stage.next_update(), person.user, "cmd help")];
        assert_eq!(stage.system.take_updates(late).await, Ok(Err(Error::Draining)));
        stage.world.messenger.script.release("show");
        assert!(stage.system.drain(Duration::from_secs(20)).await);
        assert_eq!(stage.world.store.inbox_figures(), (2, 2, 0));
        assert_eq!(stage.world.messenger.said(person.user).len(), 2);
    });
}

#[test]
fn one_who_blocked_the_bot_is_noticed_and_heard_again_on_return() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        stage.world.generator.plan("a cat on the moon", Plan::held());
        person.order("a cat on the moon").await;
        stage.world.messenger.block(person.user, true);
        stage.take(stage.next_update(), person.user, "cmd help").await;
        let stopped = |w: &World| w.store.person_now(UserId(1)).unwrap().stopped;
        stage.world.until("it is noticed", stopped).await;
        let asked = stage.world.messenger.script.calls("show");
        // What is owed meanwhile is not sent; the picture waits in the gallery.
        stage.world.generator.finish("a cat on the moon");
        let over = |w: &World| w.store.generations()[0].state == State::Delivered;
        stage.world.until("the generation is over", over).await;
        assert_eq!(stage.world.messenger.script.calls("show"), asked);
        assert_eq!(person.available(), 96);
        // No word of the return but what they say.
        stage.world.messenger.block(person.user, false);
        assert!(person.command("gallery").await.picture.is_some());
        assert!(!stage.world.store.person_now(person.user).unwrap().stopped);
        person.order("another cat").await;
        stage.quiet().await;
        assert_eq!(stage.world.store.outbox_figures(), (0, 1, 1, 0));
    });
}

#[test]
fn a_paid_picture_is_shown_once_whatever_happens_between_send_and_settle() {
    for fault in [Fault::Refuse(Kind::Transient), Fault::LoseAnswer, Fault::Panic] {
        run(async move {
            let stage = Stage::new().await;
            let person = stage.person(1);
            stage.world.generator.plan("a cat on the moon", Plan::held());
            person.quote("a cat on the moon").await;
            person.act(Action::PickCount(3)).await;
            person.press(confirm).await;
            stage.world.messenger.script.hold("show");
            stage.world.generator.finish("a cat on the moon");
            let sending = |w: &World| {
                w.messenger.script.waiting("show") == 1
                    && w.store.generations()[0].state == State::Captured
            };
            stage.world.until("the first picture is on its way", sending).await;
            for _ in 0..2 {
                stage.world.store.script.next("commit", fault);
            }
            stage.world.messenger.script.release("show");
            stage.quiet().await;
            let row = &stage.world.store.generations()[0];
            assert_eq!(row.state, State::Delivered);
            for n in 1..=3 {
                let picture = PictureId { generation: row.id, n };
                assert_eq!(stage.world.messenger.shows(person.user, picture), 1, "{n} {fault:?}");
            }
            assert_eq!(stage.world.store.breaches(), Vec::<String>::new());
        });
    }
}

#[test]
fn a_session_that_dies_between_send_and_settle_shows_the_picture_once() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        stage.world.generator.plan("a cat on the moon", Plan::held());
        person.order("a cat on the moon").await;
        stage.world.generator.finish("a cat on the moon");
        let captured = |w: &World| w.store.generations()[0].state == State::Captured;
        stage.world.until("it is captured", captured).await;
        stage.world.store.script.hold("commit");
        let settling = |w: &World| w.store.script.waiting("commit") == 1;
        stage.world.until("the entry is being settled", settling).await;
        crash_session(&stage).await;
        stage.world.store.script.release("commit");
        stage.quiet().await;
        let picture = PictureId { generation: stage.world.store.generations()[0].id, n: 1 };
        assert_eq!(stage.world.messenger.shows(person.user, picture), 1);
        assert_eq!(stage.world.messenger.chat(person.user).len(), 1);
    });
}

#[test]
fn an_entry_that_telegram_puts_off_is_sent_even_if_its_row_is_read_late() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.delay("open_entries", Duration::from_secs(5));
        let retry_after = Duration::from_secs(1);
        stage.world.messenger.script.fail_next("show", Kind::RateLimited { retry_after });
        // Nothing else happens in this chat that would wake its lane.
        let parcel = Parcel::Granted { amount: Credits(5), reason: String::new() };
        let owe = Change::Enqueue { parcel, at: Timestamp(0) };
        let owed = stage.world.store.put(vec![Changes::new(person.user, vec![owe])]);
        assert!(owed[0].is_ok());
        stage.quiet().await;
        assert!(person.last().has("notice-granted"));
    });
}

#[test]
fn an_entry_that_never_works_is_set_aside_and_the_next_one_sent() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        stage.world.generator.plan("a cat on the moon", Plan::held());
        person.quote("a cat on the moon").await;
        person.act(Action::PickCount(2)).await;
        person.press(confirm).await;
        stage.world.generator.finish("a cat on the moon");
        let captured = |w: &World| w.store.generations()[0].state == State::Captured;
        stage.world.until("it is captured", captured).await;
        for _ in 0..3 {
            stage.world.store.script.fail_next("pictures_of", Kind::Permanent);
        }
        let settled = |w: &World| w.store.outbox_figures().0 == 0;
        stage.world.until("nothing is open", settled).await;
        assert_eq!(stage.world.store.outbox_figures(), (0, 1, 0, 1));
        assert_eq!(stage.world.store.generations()[0].state, State::Captured);
    });
}

#[test]
fn progress_never_overwrites_a_result() {
    run(async {
        let stage = Stage::new().await;
        let people: Vec<Chat> = (1..=6).map(|id| stage.person(id)).collect();
        // Slow enough that news pile up.
        stage.world.messenger.script.delay("show", Duration::from_millis(700));
        for person in &people {
            let prompt = format!("cat {}", person.user);
            let looks = [Look::Waiting(3), Look::Waiting(1), Look::Running, Look::Running];
            stage.world.generator.plan(&prompt, Plan { looks: looks.into(), ..Plan::default() });
            person.order(&prompt).await;
        }
        stage.quiet().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        for person in &people {
            let said = stage.world.messenger.said(person.user);
            let result = said.iter().position(|said| said.urgency == Urgency::Owed).unwrap();
            let progress = said.iter().filter(|said| said.urgency == Urgency::Progress).count();
            assert!(progress > 0, "no progress was shown");
            let late = said[result..].iter().any(|said| said.urgency == Urgency::Progress);
            assert!(!late, "progress after the result");
            assert!(person.last().picture.is_some());
        }
    });
}

#[test]
fn idle_galleries_are_retired_and_remember_everything() {
    run(async {
        let limits =
            aisha_actors::system::Limits { gallery_idle: Duration::from_secs(60), ..limits() };
        let stage = Stage::with(World::new(), shop(), limits).await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        assert_eq!(stage.system.traffic().await.unwrap().galleries, 1);
        tokio::time::sleep(Duration::from_secs(62)).await;
        assert_eq!(stage.system.traffic().await.unwrap().galleries, 0);
        person.press(|action| *action == Action::Ratios).await;
        assert!(
            person.press(|action| *action == Action::PickRatio("9:16".into())).await.has("quote")
        );
    });
}

#[test]
fn anyone_new_is_registered_once_with_one_welcome() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        stage.world.store.script.next("commit", Fault::LoseAnswer);
        person.command("start").await;
        person.command("start").await;
        assert_eq!(person.available(), 100);
        assert_eq!(stage.world.store.entries().len(), 1);
        // A group gets one polite line and no credits.
        let group = stage.person(-5);
        for _ in 0..3 {
            stage.take(stage.next_update(), group.user, "group").await;
            stage.settled().await;
        }
        assert_eq!(stage.world.messenger.said(group.user).len(), 1);
        assert_eq!(group.available(), 0);
    });
}
