//! getUpdates.

use super::*;
use crate::sandbox::telegram::{answer::Refusal, types::CallbackAnswer};

#[actix_web::test]
async fn a_long_poll_wakes_on_a_message() {
    let world = World::start().await;
    let poll = world.call("getUpdates", json!({ "timeout": 50 }));
    // The message is said once the poll waits: it is then not in the first look.
    let speak = async {
        while world.sandbox.inner.telegram.lock().updates.poll == 0 {
            tokio::task::yield_now().await;
        }
        world.say(7, "/start now").await
    };
    let (updates, said) = tokio::join!(poll, speak);
    let message = &updates[0]["message"];
    assert_eq!(*message, said);
    assert!(updates[0]["update_id"].is_i64());
    assert_eq!(message["from"]["first_name"], "Ann");
    assert_eq!(message["from"]["language_code"], "ru");
    assert_eq!(message["from"]["is_bot"], false);
    assert_eq!(message["chat"], json!({ "id": 7, "type": "private", "first_name": "Ann" }));
    let command = json!([{ "type": "bot_command", "offset": 0, "length": 6 }]);
    assert_eq!(message["entities"], command);
}

#[actix_web::test]
async fn an_offset_confirms_and_a_limit_limits() {
    let world = World::start().await;
    for text in ["a", "b", "c", "d"] {
        world.say(7, text).await;
    }
    let texts = |updates: &Value| -> Vec<String> {
        let list = updates.as_array().unwrap();
        list.iter().map(|u| u["message"]["text"].as_str().unwrap().to_owned()).collect()
    };
    let first = world.call("getUpdates", json!({ "limit": 2 })).await;
    assert_eq!(texts(&first), ["a", "b"]);
    let next = first[1]["update_id"].as_i64().unwrap() + 1;
    let second = world.call("getUpdates", json!({ "offset": next })).await;
    assert_eq!(texts(&second), ["c", "d"]);
    // What was confirmed is gone; asking again at once gives one.
    let again = world.call("getUpdates", json!({ "offset": 1 })).await;
    assert_eq!(texts(&again), ["c", "d"]);
    let again = world.call("getUpdates", json!({ "offset": 1 })).await;
    assert_eq!(texts(&again), ["c"]);
    let last = world.call("getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(texts(&last), ["d"]);
    let rest = world.call("getUpdates", json!({ "offset": 2 })).await;
    assert_eq!(texts(&rest), ["d"]);
}

#[actix_web::test]
async fn a_press_arrives_with_all_that_the_frameworks_need() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let message = world.card(7, "one", "data").await;
    let id = world.press(7, message, "data").await;
    let updates = world.call("getUpdates", json!({})).await;
    let query = &updates[1]["callback_query"];
    assert_eq!(query["id"], id);
    assert_eq!(query["data"], "data");
    assert!(query["chat_instance"].is_string());
    assert_eq!(query["from"]["id"], 7);
    assert_eq!(query["message"]["text"], "one");
    assert_eq!(query["message"]["from"]["is_bot"], true);
    assert!(query["message"]["reply_markup"].is_object());
}

#[actix_web::test]
async fn only_allowed_kinds_arrive_and_that_is_remembered() {
    let world = World::start().await;
    let kinds = json!({ "allowed_updates": ["callback_query"] });
    world.call("getUpdates", kinds).await;
    world.say(7, "unheard").await;
    let message = world.card(7, "one", "a").await;
    world.press(7, message, "a").await;
    let updates = world.call("getUpdates", json!({ "offset": 5 })).await;
    assert_eq!(updates.as_array().unwrap().len(), 1);
    assert!(updates[0]["callback_query"].is_object());
    let info = world.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["allowed_updates"], json!(["callback_query"]));
    // An empty list is the default again.
    world.call("getUpdates", json!({ "offset": 6, "allowed_updates": [] })).await;
    world.say(7, "heard").await;
    let updates = world.call("getUpdates", json!({ "offset": 7 })).await;
    assert_eq!(updates[1]["message"]["text"], "heard");
}

/// Waits until so many getUpdates calls began.
async fn polls_begun(world: &World, count: u64) {
    while world.sandbox.inner.telegram.lock().updates.poll < count {
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn a_second_poller_ends_the_first() {
    let world = World::start().await;
    let first = world.refused(409, "getUpdates", json!({ "timeout": 50 }));
    let second = async {
        polls_begun(&world, 1).await;
        let poll = world.call("getUpdates", json!({ "timeout": 50, "offset": 1 }));
        let speak = async {
            polls_begun(&world, 2).await;
            world.say(7, "hello").await
        };
        tokio::join!(poll, speak).0
    };
    let (words, updates) = tokio::join!(first, second);
    assert_eq!(
        words,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance \
         is running"
    );
    assert_eq!(updates[0]["message"]["text"], "hello");
}

#[actix_web::test]
async fn a_webhook_and_a_poll_exclude_each_other() {
    let world = World::start().await;
    let waiting = world.refused(409, "getUpdates", json!({ "timeout": 50 }));
    let set = async {
        polls_begun(&world, 1).await;
        world.call("setWebhook", json!({ "url": "http://127.0.0.1:1/" })).await
    };
    let (words, _) = tokio::join!(waiting, set);
    assert_eq!(words, "Conflict: terminated by setWebhook request");
    // The second conflict within three seconds is told late.
    let words = world.refused(409, "getUpdates", json!({})).await;
    assert_eq!(
        words,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to \
         delete the webhook first"
    );
    world.call("deleteWebhook", json!({})).await;
    world.call("getUpdates", json!({})).await;
}

#[actix_web::test]
async fn presses_grow_too_old_before_messages_do() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let card = world.card(7, "one", "a").await;
    let id = world.press(7, card, "a").await;
    let telegram = std::sync::Arc::clone(&world.sandbox.inner.telegram);
    let later = |seconds: i64| {
        telegram
            .transact(|transaction| {
                transaction.now += seconds;
                Ok::<_, Refusal>(transaction.take_updates(0, 100).len())
            })
            .unwrap()
    };
    assert_eq!(later(150), 2);
    assert_eq!(later(151), 1);
    let late = telegram.transact(|transaction| {
        transaction.now += 151;
        transaction.answer_press(&id, CallbackAnswer::default())
    });
    assert!(late.unwrap_err().description.contains("query is too old"));
    assert_eq!(later(24 * 60 * 60 + 1), 0);
}
