//! What survives the end of the process.

use super::*;

#[actix_web::test]
async fn a_restart_keeps_everything() {
    let world = World::start().await;
    let token = world.sandbox.info().telegram_token;
    world.say(7, "hello").await;
    let form = Form::new().text("chat_id", "7").part("photo", part(png(12, 34, 1)));
    let photo = world.form("sendPhoto", form).await["result"].clone();
    let card = world.card(7, "card", "a").await;
    let gone = world.card(7, "gone", "b").await;
    world.call("deleteMessage", json!({ "chat_id": 7, "message_id": gone })).await;
    let pressed = world.press(7, card, "a").await;
    world.call("answerCallbackQuery", json!({ "callback_query_id": pressed, "text": "t" })).await;
    let waiting = world.press(7, card, "a").await;
    let commands = json!([{ "command": "start", "description": "go" }]);
    world.call("setMyCommands", json!({ "commands": commands })).await;
    world.post_page("chats/8/messages", json!({ "text": "x" })).await;
    world.post_page("chats/8/block", json!({ "blocked": true })).await;
    let (before, blocked) = (world.view(7).await, world.view(8).await);
    let updates = world.call("getUpdates", json!({ "allowed_updates": ["message"] })).await;

    let world = world.restart().await;
    assert_eq!(world.sandbox.info().telegram_token, token);
    assert_eq!(world.view(7).await, before);
    assert_eq!(world.view(8).await, blocked);
    assert_eq!(world.call("getUpdates", json!({ "offset": 1 })).await, updates);
    let info = world.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["allowed_updates"], json!(["message"]));
    let again = json!({ "chat_id": 7, "photo": photo["photo"][0]["file_id"] });
    let again = world.call("sendPhoto", again).await;
    assert_eq!(again["photo"], photo["photo"]);
    assert!(again["message_id"].as_i64().unwrap() > gone);
    let answer = json!({ "callback_query_id": pressed });
    let words = world.refused(400, "answerCallbackQuery", answer).await;
    assert!(words.contains("query is too old"));
    world.call("answerCallbackQuery", json!({ "callback_query_id": waiting })).await;
    let next = world.press(7, card, "a").await;
    assert!(next.parse::<u64>().unwrap() > waiting.parse::<u64>().unwrap());
    let last = updates.as_array().unwrap().last().unwrap()["update_id"].as_i64().unwrap();
    world.say(7, "more").await;
    let more = world.call("getUpdates", json!({ "offset": last + 1 })).await;
    assert_eq!(more.as_array().unwrap().len(), 1);
    assert!(more[0]["update_id"].as_i64().unwrap() > last);
}

#[actix_web::test]
async fn only_the_last_messages_are_kept() {
    let world = World::start().await;
    let telegram = std::sync::Arc::clone(&world.sandbox.inner.telegram);
    for _ in 0..2005 {
        let remark =
            crate::sandbox::telegram::Remark { text: "x".to_owned(), ..Default::default() };
        telegram.say(7, remark).await.unwrap();
    }
    drop(telegram);
    let world = world.restart().await;
    let view = world.view(7).await;
    let messages = view["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2000);
    assert_eq!(messages[0]["message_id"], 6);
}
