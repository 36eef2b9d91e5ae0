//! Edits, deletions and answers to presses.

use super::*;

#[actix_web::test]
async fn an_edit_that_changes_nothing_is_refused() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let id = world.card(7, "one", "a").await;
    let markup = json!({ "inline_keyboard": [[{ "text": "go", "callback_data": "a" }]] });
    let edit = |text: &str, markup: Value| json!({ "chat_id": 7, "message_id": id, "text": text, "reply_markup": markup });
    let words = world.refused(400, "editMessageText", edit("one", markup.clone())).await;
    assert_eq!(
        words,
        "Bad Request: message is not modified: specified new message content and reply markup are \
         exactly the same as a current content and reply markup of the message"
    );
    let edited = world.call("editMessageText", edit("two", markup.clone())).await;
    assert_eq!(edited["text"], "two");
    assert!(edited["edit_date"].is_i64() && edited["from"]["is_bot"] == true);
    // Without a keyboard the old one goes.
    let bare = json!({ "chat_id": 7, "message_id": id, "text": "two" });
    assert!(world.call("editMessageText", bare).await.get("reply_markup").is_none());
    let only = json!({ "chat_id": 7, "message_id": id, "reply_markup": markup });
    world.call("editMessageReplyMarkup", only.clone()).await;
    let words = world.refused(400, "editMessageReplyMarkup", only).await;
    assert!(words.contains("message is not modified"));
    assert_eq!(world.view(7).await["messages"][1]["text"], "two");
}

#[actix_web::test]
async fn what_cannot_be_edited_is_refused() {
    let world = World::start().await;
    let theirs = world.say(7, "hello").await["message_id"].clone();
    let edit = |id: Value| json!({ "chat_id": 7, "message_id": id, "text": "x" });
    let table = [
        (edit(theirs), "message can't be edited"),
        (edit(json!(99)), "message to edit not found"),
        (edit(Value::Null), "message identifier is not specified"),
        (json!({ "text": "x" }), "message identifier is not specified"),
        (json!({ "message_id": 1, "text": "x" }), "chat_id is empty"),
        (json!({ "chat_id": 8, "message_id": 1, "text": "x" }), "chat not found"),
    ];
    for (params, words) in table {
        let expected = format!("Bad Request: {words}");
        assert_eq!(world.refused(400, "editMessageText", params).await, expected);
    }
    let id = world.card(7, "one", "a").await;
    let caption = json!({ "chat_id": 7, "message_id": id, "caption": "x" });
    let words = world.refused(400, "editMessageCaption", caption).await;
    assert_eq!(words, "Bad Request: there is no caption in the message to edit");
    let keyboard = json!({ "keyboard": [[{ "text": "x" }]] });
    let keyboard = json!({ "chat_id": 7, "message_id": id, "text": "x", "reply_markup": keyboard });
    let words = world.refused(400, "editMessageText", keyboard).await;
    assert_eq!(words, "Bad Request: inline keyboard expected");
}

#[actix_web::test]
async fn messages_are_deleted_once() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let id = world.card(7, "one", "a").await;
    let params = json!({ "chat_id": 7, "message_id": id });
    assert_eq!(world.call("deleteMessage", params.clone()).await, true);
    let words = world.refused(400, "deleteMessage", params).await;
    assert_eq!(words, "Bad Request: message to delete not found");
    let (a, b) = (world.card(7, "a", "a").await, world.card(7, "b", "b").await);
    let many = json!({ "chat_id": 7, "message_ids": [a, 999, b] });
    assert_eq!(world.call("deleteMessages", many).await, true);
    assert_eq!(world.view(7).await["messages"].as_array().unwrap().len(), 1);
    // An id is not given again.
    assert!(world.card(7, "c", "c").await > b);
}

#[actix_web::test]
async fn a_press_is_answered_once() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let message = world.card(7, "one", "a").await;
    let id = world.press(7, message, "a").await;
    let view = world.view(7).await;
    let expected = json!([{ "id": id, "message_id": message, "data": "a" }]);
    assert_eq!(view["callbacks"], expected);
    let answer = json!({ "callback_query_id": id, "text": "done", "show_alert": true });
    assert_eq!(world.call("answerCallbackQuery", answer.clone()).await, true);
    let kept = &world.view(7).await["callbacks"][0]["answer"];
    assert_eq!(*kept, json!({ "text": "done", "show_alert": true }));
    let words = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    assert_eq!(world.refused(400, "answerCallbackQuery", answer).await, words);
    let unknown = json!({ "callback_query_id": "1" });
    assert_eq!(world.refused(400, "answerCallbackQuery", unknown).await, words);
    // Without words the answer is there, and empty.
    let id = world.press(7, message, "a").await;
    world.call("answerCallbackQuery", json!({ "callback_query_id": id })).await;
    assert_eq!(world.view(7).await["callbacks"][1]["answer"], json!({}));
}

#[actix_web::test]
async fn a_bot_that_is_blocked_cannot_write() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let id = world.card(7, "one", "a").await;
    let (status, _) = world.post_page("chats/7/block", json!({ "blocked": true })).await;
    assert_eq!(status, 200);
    let words = "Forbidden: bot was blocked by the user";
    let send = json!({ "chat_id": 7, "text": "x" });
    assert_eq!(world.refused(403, "sendMessage", send.clone()).await, words);
    let edit = json!({ "chat_id": 7, "message_id": id, "text": "x" });
    assert_eq!(world.refused(403, "editMessageText", edit).await, words);
    let typing = json!({ "chat_id": 7, "action": "typing" });
    assert_eq!(world.refused(403, "sendChatAction", typing).await, words);
    let (status, _) = world.post_page("chats/7/messages", json!({ "text": "x" })).await;
    assert_eq!(status, 400);
    world.post_page("chats/7/block", json!({ "blocked": false })).await;
    world.call("sendMessage", send).await;
    let updates = world.call("getUpdates", json!({})).await;
    let blocked = &updates[1]["my_chat_member"];
    assert_eq!(blocked["new_chat_member"]["status"], "kicked");
    assert_eq!(blocked["new_chat_member"]["user"]["is_bot"], true);
    assert_eq!(updates[2]["my_chat_member"]["new_chat_member"]["status"], "member");
}

#[actix_web::test]
async fn replies_carry_what_they_reply_to() {
    let world = World::start().await;
    let first = world.say(7, "hello").await["message_id"].clone();
    let reply =
        |id: Value| json!({ "chat_id": 7, "text": "x", "reply_parameters": { "message_id": id } });
    let sent = world.call("sendMessage", reply(first)).await;
    assert_eq!(sent["reply_to_message"]["text"], "hello");
    let words = world.refused(400, "sendMessage", reply(json!(99))).await;
    assert_eq!(words, "Bad Request: message to be replied not found");
    let lenient = json!({ "message_id": 99, "allow_sending_without_reply": true });
    let params = json!({ "chat_id": 7, "text": "x", "reply_parameters": lenient });
    assert!(world.call("sendMessage", params).await.get("reply_to_message").is_none());
}
