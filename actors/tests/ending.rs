//! The operator ends what a person ordered.

use aisha_actors::{
    domain::{
        action::Action,
        generation::{Failure, Generation, State},
        id::{GenerationId, UserId},
    },
    fake::{Plan, World, from_operator},
};

use crate::support::{Chat, Stage, run};

async fn order(person: &Chat, prompt: &str, plan: Plan) -> GenerationId {
    person.stage.world.generator.plan(prompt, plan);
    person.quote(prompt).await;
    person.press(|action| matches!(action, Action::Confirm(_))).await;
    let rows = person.stage.world.store.generations();
    rows.into_iter().rev().find(|row| row.order.prompt == prompt).expect("it was not made").id
}

fn row(world: &World, id: GenerationId) -> Generation {
    world.store.generation_now(id).unwrap()
}

/// Puts the operator's wish into the inbox, and waits until it was worked off.
async fn wish(stage: &Stage, user: UserId, wish: &str, id: GenerationId) {
    let update = stage.next_update();
    stage.world.store.drop_in(vec![from_operator(update, user, &format!("{wish} {id}"))]);
    stage.settled().await;
}

#[test]
fn an_operator_cancels_as_the_person_could() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let id = order(&person, "a running cat", Plan::held()).await;
        stage.world.until("it runs", |w| row(w, id).state == State::Queued).await;
        wish(&stage, person.user, "op-cancel", id).await;
        stage.quiet().await;
        assert_eq!((row(&stage.world, id).state, person.available()), (State::Cancelled, 100));
        assert!(person.last().has("outcome-cancelled"));
        assert_eq!(stage.world.store.breaches(), Vec::<String>::new());
    });
}

/// What hangs at the provider, and what waits for a place: the hold is free at once, the person is told, and
/// what the provider says later changes nothing.
#[test]
fn an_operator_ends_what_hangs_whatever_the_provider_says() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let first = order(&person, "first cat", Plan::held()).await;
        let second = order(&person, "second cat", Plan::held()).await;
        let waiting = order(&person, "third cat", Plan::held()).await;
        stage.world.until("two run", |w| row(w, second).state == State::Queued).await;
        assert_eq!(row(&stage.world, waiting).state, State::Reserved);
        for id in [waiting, first] {
            wish(&stage, person.user, "op-release", id).await;
            let ended = |w: &World| !row(w, id).state.is_open();
            stage.world.until("it is over", ended).await;
            let row = row(&stage.world, id);
            assert_eq!((row.state, row.failure), (State::Failed, Some(Failure::Quarantined)));
        }
        let told = |w: &World| {
            let chat = w.messenger.chat(UserId(1));
            chat.iter().filter(|shown| shown.has("outcome-quarantined")).count() == 2
        };
        stage.world.until("both were told", told).await;
        stage.world.generator.finish("first cat");
        stage.world.generator.finish("second cat");
        stage.quiet().await;
        assert_eq!(row(&stage.world, first).state, State::Failed);
        assert_eq!(row(&stage.world, second).state, State::Delivered);
        assert_eq!(person.available(), 96, "only the second one was paid");
        // What is over stays as it is.
        wish(&stage, person.user, "op-release", second).await;
        stage.quiet().await;
        assert_eq!(row(&stage.world, second).state, State::Delivered);
        assert_eq!(stage.world.store.breaches(), Vec::<String>::new());
    });
}

#[test]
fn an_operators_wish_for_one_person_never_touches_another() {
    run(async {
        let stage = Stage::new().await;
        let (person, other) = (stage.person(1), stage.person(2));
        other.command("start").await;
        let id = order(&person, "a running cat", Plan::held()).await;
        stage.world.until("it runs", |w| row(w, id).state == State::Queued).await;
        for act in ["op-cancel", "op-release"] {
            wish(&stage, other.user, act, id).await;
        }
        assert_eq!(row(&stage.world, id).state, State::Queued);
        stage.world.generator.finish("a running cat");
        stage.quiet().await;
        assert_eq!(row(&stage.world, id).state, State::Delivered);
    });
}
