//! Conversations: Back leads back, filters stay, nothing is dead, and nobody sees what is not theirs.

use aisha_actors::{
    domain::{
        action::{Action, Press, Spot},
        catalogue::{Catalogue, Model},
        conversation::Screen,
        id::{GenerationId, IntentId, PictureId, UserId},
        ledger::Credits,
        picture::{Dates, Selection},
        text::Language,
    },
    fake::{Fault, Shown, World},
    shop::Shop,
};
use proptest::prelude::*;

use crate::support::{Chat, Stage, catalogue, limits, model_id, run, seed, shop};

fn confirm(action: &Action) -> bool {
    matches!(action, Action::Confirm(_))
}

fn stack(person: &Chat) -> Vec<Screen> {
    person.stage.world.store.conversation_now(person.user).unwrap_or_default().stack
}

/// Presses a button of the newest message and checks that it is alive.
async fn press(person: &Chat, message: &Shown, press: &Press) -> Shown {
    assert!(press.encode().len() <= 64);
    let (_, answer) = person.press_on(message.id, press).await;
    let answer = answer.unwrap_or_else(|| panic!("{press:?} was not answered"));
    let dead = answer.text.is_some_and(|text| text.key == "note-old-button");
    assert!(!dead, "{press:?} under {:?} is dead", message.keys());
    person.last()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn back_leads_to_where_one_came_from(
        choices in proptest::collection::vec(any::<prop::sample::Index>(), 1..40),
        pictures in 0..3u64,
    ) {
        run(async move {
            let stage = Stage::new().await;
            let person = stage.person(1);
            person.command("start").await;
            person.command("start").await;
            for number in 1..=pictures {
                seed(&stage.world, person.user, number, "imagen4", 2);
            }
            for choice in choices {
                let from = person.last();
                let before = stack(&person);
                let buttons = from.buttons();
                if buttons.is_empty() {
                    person.command("start").await;
                    continue;
                }
                let (_, wanted) = &buttons[choice.index(buttons.len())];
                let there = press(&person, &from, wanted).await;
                let after = stack(&person);
                if let Screen::Prompt = after.last().unwrap_or(&Screen::Home) {
                    person.say("a cat on the moon").await;
                    continue;
                }
                let grew = after.len() == before.len() + 1 && after.starts_with(&before);
                if !grew || wanted.fresh {
                    continue;
                }
                let Some(back) = there.button(|action| *action == Action::Back) else { continue };
                let again = press(&person, &there, &back).await;
                assert_eq!(stack(&person), before, "Back from {:?}", there.keys());
                assert_eq!(again.keys(), from.keys(), "Back from {:?}", there.keys());
            }
        });
    }
}

#[test]
fn every_screen_below_home_has_the_way_back_and_home() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        seed(&stage.world, person.user, 1, "imagen4", 2);
        let screens = [
            Action::Help,
            Action::Balance,
            Action::History(0),
            Action::Settings,
            Action::Languages,
            Action::TimeZones,
            Action::Imagine,
            Action::Models,
            Action::Ratios,
            Action::Counts,
            Action::Quote,
            Action::Gallery,
            Action::Filters,
            Action::FilterModels,
            Action::FilterDates,
            Action::CustomDates,
            Action::Statistics,
        ];
        for action in screens {
            let (_, answer) = person.act(action.clone()).await;
            assert!(answer.is_some());
            let shown = person.last();
            for way in [Action::Back, Action::Home] {
                assert!(shown.button(|action| *action == way).is_some(), "{action:?}: no {way:?}");
            }
        }
    });
}

#[test]
fn back_retraces_the_whole_way() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        person.command("start").await;
        let way = [Action::Gallery, Action::Filters, Action::FilterDates, Action::CustomDates];
        seed(&stage.world, person.user, 1, "imagen4", 2);
        let mut seen = vec![person.last().keys()];
        for action in way {
            person.act(action).await;
            seen.push(person.last().keys());
        }
        while let Some(expected) = {
            seen.pop();
            seen.last().cloned()
        } {
            person.act(Action::Back).await;
            assert_eq!(person.last().keys(), expected);
        }
        // And at home it stays at home.
        person.act(Action::Back).await;
        assert!(person.last().has("home"));
    });
}

#[test]
fn filters_survive_navigation_rebirth_and_the_loss_of_the_cache() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        for number in 1..=6 {
            seed(
                &stage.world,
                person.user,
                number,
                if number % 2 == 0 { "flux" } else { "nano" },
                1,
            );
        }
        person.act(Action::FilterModel(Some(model_id("flux")))).await;
        person.act(Action::FilterDay(Some(Dates::Week))).await;
        let filtered = person.command("gallery").await;
        assert!(filtered.has("card-filters"));
        person.command("start").await;
        person.command("imagine a cat on the moon").await;
        stage.world.store.script.next("commit", Fault::Panic);
        assert_eq!(person.command("gallery").await.view.text, filtered.view.text);
        stage.world.cache.flush();
        stage
            .world
            .cache
            .script
            .always("window", Fault::Refuse(aisha_actors::port::Kind::Transient));
        assert_eq!(person.command("gallery").await.view.text, filtered.view.text);
        // Another process over the same rows.
        let person = stage.again(shop()).await.person(1);
        assert_eq!(person.command("gallery").await.view.text, filtered.view.text);
        person.act(Action::ResetFilters).await;
        assert!(!person.command("gallery").await.has("card-filters"));
    });
}

#[test]
fn dates_are_those_of_the_persons_time_zone() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        // It is 2026-03-01 12:00 UTC; in a zone 13 hours ahead it is the second of March already.
        seed(&stage.world, person.user, 1, "nano", 1);
        person.act(Action::FilterDay(Some(Dates::Today))).await;
        assert!(person.command("gallery").await.picture.is_some());
        stage.world.clock.advance(std::time::Duration::from_secs(13 * 3600));
        assert!(person.command("gallery").await.has("gallery-nothing"));
        let ahead = aisha_actors::domain::time::Offset::from_minutes(-120).unwrap();
        person.act(Action::SetTimeZone(ahead)).await;
        assert!(person.command("gallery").await.picture.is_some());
        person.act(Action::CustomDates).await;
        assert!(person.say("no dates at all").await.has("dates-refused"));
        assert!(person.say("1.3.2026 – 2026-03-01").await.picture.is_some());
        person.act(Action::CustomDates).await;
        assert!(person.say("2.3.2026").await.has("gallery-nothing"));
    });
}

#[test]
fn there_are_two_different_empty_screens() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        let empty = person.command("gallery").await;
        assert!(empty.has("gallery-empty"));
        assert!(empty.button(|action| *action == Action::Imagine).is_some());
        seed(&stage.world, person.user, 1, "nano", 1);
        person.act(Action::FilterFavourites(true)).await;
        let nothing = person.command("gallery").await;
        assert!(nothing.has("gallery-nothing") && nothing.has("filter-favourites"));
        person.press(|action| *action == Action::ResetFilters).await;
        assert!(person.last().picture.is_some());
    });
}

#[test]
fn what_is_somebody_elses_answers_like_what_never_was() {
    run(async {
        let stage = Stage::new().await;
        let (owner, stranger) = (stage.person(1), stage.person(2));
        owner.command("start").await;
        let theirs = seed(&stage.world, owner.user, 1, "nano", 1)[0];
        let never = GenerationId::derive(UserId(9), IntentId(9));
        let never = PictureId { generation: never, n: 1 };
        for (at, pictures) in [(0u64, 0), (1, 2)] {
            if pictures > 0 {
                stranger.command("start").await;
                seed(&stage.world, stranger.user, at, "nano", pictures);
            }
            let mut answers: Vec<Vec<String>> = Vec::new();
            for id in [theirs, never] {
                let mut heard = Vec::new();
                for action in actions_on(id) {
                    stranger.command("start").await;
                    let (_, answer) = stranger.act(action).await;
                    let note = answer.and_then(|answer| answer.text).map(|text| text.key);
                    heard.push(format!("{note:?} {:?}", stranger.last().keys()));
                }
                answers.push(heard);
            }
            assert_eq!(answers[0], answers[1]);
        }
        let card = &stage.world.store.gallery(owner.user, &Selection::default())[0];
        assert!(card.place.picture() == theirs && !card.favourite, "a stranger changed it");
        assert_eq!(stage.world.messenger.documents(stranger.user), 0);
        assert_eq!(stage.world.messenger.shows(stranger.user, theirs), 0);
    });
}

fn actions_on(id: PictureId) -> Vec<Action> {
    vec![
        Action::Card(id),
        Action::Older(id),
        Action::Newer(id),
        Action::Favourite(id, true, Spot::Gallery),
        Action::Favourite(id, true, Spot::Result),
        Action::FullPrompt(id, 0),
        Action::Original(id),
        Action::AskDelete(id, Spot::Gallery),
        Action::AskDelete(id, Spot::Result),
        Action::Delete(id, Spot::Gallery),
        Action::Delete(id, Spot::Result),
        Action::Keep(id, Spot::Gallery),
        Action::Keep(id, Spot::Result),
        Action::Again(id),
        Action::NewRatio(id),
        Action::Watch(id.generation),
        Action::Cancel(id.generation),
    ]
}

#[test]
fn one_who_deleted_a_picture_is_told_that_it_is_gone() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        let ids = seed(&stage.world, person.user, 1, "nano", 2);
        person.command("gallery").await;
        person.act(Action::Delete(ids[0], Spot::Gallery)).await;
        assert_eq!(person.last().picture, Some(ids[1]));
        for action in [
            Action::Card(ids[0]),
            Action::Favourite(ids[0], true, Spot::Gallery),
            Action::FullPrompt(ids[0], 0),
            Action::Original(ids[0]),
            Action::AskDelete(ids[0], Spot::Gallery),
            Action::Delete(ids[0], Spot::Gallery),
        ] {
            let (_, answer) = person.act(action.clone()).await;
            let note = answer.unwrap().text.map(|text| text.key);
            assert_eq!(note, Some("note-picture-gone"), "{action:?}");
        }
        // One that a filter hides is not gone.
        person.act(Action::FilterFavourites(true)).await;
        let (_, answer) = person.act(Action::Card(ids[1])).await;
        assert_eq!(answer.unwrap().text, None);
    });
}

/// The shop of [`shop`] with another price for its first model.
fn dearer() -> Shop {
    let mut models: Vec<Model> = catalogue().all().to_vec();
    models[0].price = Credits(6);
    Shop::new(Catalogue::new(models).unwrap(), shop().terms)
}

#[test]
fn a_price_that_changed_is_said_before_it_is_charged() {
    run(async {
        let world = World::new();
        let first = Stage::with(world.clone(), shop(), limits()).await;
        let person = first.person(1);
        let quote = person.quote("a cat on the moon").await;
        // The operator changes the price and starts the program again.
        let person = first.again(dearer()).await.person(1);
        let (_, answer) = person.press_on(quote.id, &quote.button(confirm).unwrap()).await;
        assert_eq!(answer.unwrap().text.unwrap().key, "note-price-changed");
        assert_eq!((world.store.generations().len(), person.available()), (0, 100));
        person.press(confirm).await;
        person.stage.quiet().await;
        assert_eq!(person.available(), 94);
    });
}

#[test]
fn a_model_retired_between_quote_and_press_is_replaced_with_a_notice() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        stage.shop.retire(&model_id("imagen4"));
        let quote = person.press(confirm).await;
        assert!(quote.has("notice-successor"), "{:?}", quote.keys());
        assert_eq!(person.available(), 100);
        person.press(confirm).await;
        stage.quiet().await;
        assert_eq!(person.available(), 97);
        // The old model is not offered, and its pictures can still be filtered for.
        person.act(Action::Models).await;
        let old = model_id("imagen4");
        assert!(person.last().button(|action| *action == Action::PickModel(old.clone())).is_none());
        person.act(Action::FilterModels).await;
        let filter = Action::FilterModel(Some(old));
        assert!(person.last().button(|action| *action == filter).is_some());
    });
}

#[test]
fn the_whole_way_from_prompt_to_picture_and_again() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        assert!(person.command("start").await.has("home-welcome"));
        person.press(|action| *action == Action::Imagine).await;
        assert!(person.say("hi").await.has("prompt-short"));
        assert!(person.say("a cat on the moon").await.has("ratios"));
        assert!(person.press(|a| *a == Action::PickRatio("16:9".into())).await.has("counts"));
        assert!(person.press(|a| *a == Action::PickCount(2)).await.has("quote"));
        person.press(|a| *a == Action::Ratios).await;
        assert!(person.press(|a| *a == Action::PickRatio("9:16".into())).await.has("quote"));
        person.press(confirm).await;
        stage.quiet().await;
        let row = stage.world.store.generations().remove(0);
        assert_eq!((row.order.ratio.as_str(), row.order.count), ("9:16", 2));
        assert_eq!(person.available(), 92);
        let card = person.last();
        assert!(card.has("result-paid") && card.picture.is_some());
        // The result stays; what follows is a message of its own.
        let before = stage.world.messenger.chat(person.user).len();
        let again = person.press(|action| matches!(action, Action::Again(_))).await;
        assert!(again.has("quote"));
        assert_eq!(stage.world.messenger.chat(person.user).len(), before + 1);
        let (_, answer) = person.act(Action::SetLanguage(Language::Ru)).await;
        assert_eq!(answer.unwrap().text.unwrap().key, "note-saved");
        assert_eq!(person.command("help").await.language, Language::Ru);
    });
}

#[test]
fn not_enough_credits_is_said_with_the_number_that_is_missing() {
    run(async {
        let mut terms = shop().terms;
        terms.welcome = Credits(5);
        let stage = Stage::with(World::new(), Shop::new(catalogue(), terms), limits()).await;
        let person = stage.person(1);
        person.quote("a cat on the moon").await;
        let tap = person.last();
        let short = {
            person.act(Action::PickCount(3)).await;
            person.last()
        };
        assert!(short.has("quote-short") && short.has("credits-contact"));
        assert!(short.button(confirm).is_none());
        // An old button of a cheaper quote does not order the dearer one.
        let (_, answer) = person.press_on(tap.id, &tap.button(confirm).unwrap()).await;
        assert_eq!(answer.unwrap().text.unwrap().key, "note-old-quote");
        assert_eq!(stage.world.store.generations().len(), 0);
        assert_eq!(person.available(), 5);
    });
}

#[test]
fn a_favourite_does_not_hide_a_picture_that_came_meanwhile() {
    run(async {
        let stage = Stage::new().await;
        let person = stage.person(1);
        person.command("start").await;
        let old = seed(&stage.world, person.user, 1, "nano", 1)[0];
        person.command("gallery").await;
        person.command("help").await;
        let new = seed(&stage.world, person.user, 2, "nano", 1)[0];
        // This turn learns of the new version, but does not look at the gallery.
        person.command("settings").await;
        person.act(Action::Favourite(old, true, Spot::Result)).await;
        assert_eq!(person.command("gallery").await.picture, Some(new));
    });
}
