//! Maintenance: people are told, nothing new is begun, what runs is finished, galleries stay open.

use aisha_actors::domain::{action::Action, conversation::Screen};

use crate::support::{Stage, run, seed};

#[test]
fn nothing_new_is_begun_during_maintenance_and_all_goes_on_afterwards() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        assert!(stage.shop.set_closed(true) && !stage.shop.set_closed(true));

        let quote = person.last();
        let press = quote.button(|action| matches!(action, Action::Confirm(_))).unwrap();
        let (_, answer) = person.press_on(quote.id, &press).await;
        let text = answer.and_then(|answer| answer.text).unwrap();
        assert_eq!(text.key, "note-maintenance");
        assert!(stage.world.store.generations().is_empty());
        assert_eq!(person.available(), 100, "nothing is held");
        assert!(person.say("a dog on the moon").await.has("maintenance"));
        assert!(person.command("imagine a dog").await.has("maintenance"));
        assert!(person.command("imagine").await.has("maintenance"));
        let (shown, _) = person.act(Action::Imagine).await;
        assert!(shown.has("maintenance"));

        // Everything else is as it was.
        seed(&stage.world, person.user, 1, "imagen4", 2);
        assert!(person.command("balance").await.has("balance"));
        person.command("gallery").await;
        let screens = stage.world.store.conversation_now(person.user).unwrap().stack;
        assert!(matches!(screens.last(), Some(Screen::Gallery(Some(_)))), "{screens:?}");

        assert!(stage.shop.set_closed(false));
        person.order("a dog on the moon").await;
        stage.quiet().await;
        assert_eq!(person.available(), 96);
    });
}

#[test]
fn a_quote_of_before_maintenance_is_good_afterwards() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        let quote = person.quote("a cat on the moon").await;
        let press = quote.button(|action| matches!(action, Action::Confirm(_))).unwrap();
        stage.shop.set_closed(true);
        person.press_on(quote.id, &press).await;
        stage.shop.set_closed(false);
        person.press_on(quote.id, &press).await;
        stage.quiet().await;
        assert_eq!(person.available(), 96);
    });
}

#[test]
fn what_runs_is_finished_and_can_be_watched() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.order("a cat on the moon").await;
        stage.shop.set_closed(true);
        stage.quiet().await;
        assert_eq!(person.available(), 96);
        assert!(person.last().has_media, "the picture came");
    });
}
