//! A panic in one user's gallery is that user's alone.

use aisha_actors::{domain::outbox::Parcel, fake::arrival};

use crate::support::{Stage, run};

#[test]
fn one_who_crashes_again_and_again_costs_nobody_else_an_answer() {
    run(async {
        let stage = Stage::new().await;
        let crasher = stage.person(1);
        crasher.command("start").await;
        let others: Vec<_> = (100..300).map(|id| stage.person(id)).collect();
        for round in 0..5 {
            let mut batch = vec![arrival(stage.next_update(), crasher.user, "cmd crash")];
            for other in &others {
                let command = ["cmd start", "cmd help", "cmd imagine a cat"][round % 3];
                batch.push(arrival(stage.next_update(), other.user, command));
            }
            assert_eq!(stage.system.take_updates(batch).await, Ok(Ok(())));
            let answered = |w: &aisha_actors::fake::World| {
                others.iter().all(|other| w.messenger.said(other.user).len() == round + 1)
            };
            stage.world.until("everybody else has an answer", answered).await;
        }
        stage.settled().await;
        let (_, done, aside) = stage.world.store.inbox_figures();
        assert_eq!((done, aside), (1 + 5 * 200, 5));
        for other in &others {
            assert_eq!(stage.world.messenger.said(other.user).len(), 5);
        }
        let traffic = stage.system.traffic().await.unwrap();
        assert_eq!((traffic.crashes, traffic.quarantined), (15, 5));
        assert!(stage.system.health().restarts.is_empty(), "a singleton paid for it");
    });
}

#[test]
fn what_the_crasher_did_besides_is_served_in_order() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let words = ["cmd imagine one cat", "cmd crash", "cmd imagine two cats", "cmd help"];
        let batch = words.map(|word| arrival(stage.next_update(), person.user, word)).to_vec();
        stage.system.take_updates(batch).await.unwrap().unwrap();
        stage.quiet().await;
        let said: Vec<_> = stage.world.messenger.said(person.user);
        let keys: Vec<_> = said.iter().map(|said| said.view.text[0].key).collect();
        // The apology is owed by the third crash and may come before or after what followed.
        let own: Vec<_> = keys.iter().filter(|key| **key != "apology").collect();
        assert_eq!(own, [&"quote", &"quote", &"help"]);
        let draft = stage.world.store.conversation_now(person.user).unwrap().draft;
        assert_eq!(draft.prompt.as_deref(), Some("two cats"));
    });
}

#[test]
fn the_third_crash_sets_an_update_aside_and_owes_an_apology() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.take(stage.next_update(), person.user, "cmd crash").await;
        stage.quiet().await;
        assert_eq!(stage.world.store.inbox_figures(), (0, 1, 1));
        assert_eq!(stage.system.traffic().await.unwrap().crashes, 3);
        let owed: Vec<_> =
            stage.world.store.parcels().into_iter().map(|entry| entry.parcel).collect();
        assert_eq!(owed, [Parcel::Apology]);
        assert!(person.last().has("apology"));
        // And the gallery works again.
        assert!(person.command("help").await.has("help"));
    });
}

#[test]
fn what_a_turn_had_decided_but_not_stored_did_not_happen() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.next("commit", aisha_actors::fake::Fault::Panic);
        // The first try panics at its commit; the second does it.
        assert!(person.say("a cat on the moon").await.has("quote"));
        assert_eq!(stage.system.traffic().await.unwrap().crashes, 1);
        assert_eq!(stage.world.store.inbox_figures(), (0, 2, 0));
    });
}

#[test]
fn a_turn_past_its_deadline_is_a_crash() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        stage.world.store.script.hold("commit");
        stage.take(stage.next_update(), person.user, "say a cat on the moon").await;
        let hung = |w: &aisha_actors::fake::World| w.store.script.calls("fail_item") == 1;
        stage.world.until("the turn is given up", hung).await;
        stage.world.store.script.release("commit");
        stage.settled().await;
        assert!(person.last().has("quote"));
        assert_eq!(stage.world.store.inbox_figures(), (0, 2, 0));
    });
}
