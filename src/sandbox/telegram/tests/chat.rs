//! The visitor's side.

use super::*;

#[actix_web::test]
async fn bad_presses_and_words_are_refused() {
    let world = World::start().await;
    let press = |id: i64, data: &str| json!({ "message_id": id, "data": data });
    assert_eq!(world.post_page("chats/7/press", press(1, "a")).await.0, 404);
    world.say(7, "hello").await;
    let card = world.card(7, "one", "a").await;
    let table = [
        ("chats/7/press", press(99, "a"), 404),
        ("chats/7/press", press(card, "b"), 400),
        ("chats/7/press", json!({ "message_id": card }), 400),
        ("chats/x/press", press(card, "a"), 404),
        ("chats/7/messages", json!({ "text": "  " }), 400),
        ("chats/7/messages", json!({ "text": "x".repeat(4097) }), 400),
        ("chats/0/messages", json!({ "text": "x" }), 400),
        ("chats/9/messages", json!({ "text": "x", "chat_type": "channel" }), 400),
        ("chats/9/block", json!({ "blocked": true }), 404),
    ];
    for (path, body, status) in table {
        let (got, answer) = world.post_page(path, body.clone()).await;
        assert_eq!(got, status, "{path} {body}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    let foreign =
        world.client.post(world.page("chats/7/messages")).header("Origin", "http://evil.example");
    let foreign = foreign.json(&json!({ "text": "x" })).send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(world.view(7).await["messages"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn an_unused_chat_is_empty() {
    let world = World::start().await;
    let view = world.view(5).await;
    assert_eq!(view["chat"], Value::Null);
    assert_eq!(view["messages"], json!([]));
    assert_eq!(view["bot"]["username"], "aisha_sandbox_bot");
}

#[actix_web::test]
async fn a_visitor_sends_files_and_speaks_in_groups() {
    let world = World::start().await;
    let form = Form::new()
        .text("text", "look")
        .text("first_name", "Bob")
        .text("username", "@bob")
        .part("photo", chunked_part(png(50, 60, 3)));
    let url = world.page("chats/7/messages");
    let said: Value =
        world.client.post(url).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(said["caption"], "look");
    assert_eq!(said["photo"][0]["width"], 50);
    assert_eq!(said["from"]["username"], "bob");
    let bad = Form::new().part("photo", part(b"x".to_vec()));
    let url = world.page("chats/7/messages");
    let refused = world.client.post(url).multipart(bad).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let (_, group) =
        world.post_page("chats/-100/messages", json!({ "text": "hi", "chat_type": "group" })).await;
    assert_eq!(group["chat"]["type"], "group");
    assert!(group["chat"]["title"].is_string());
    assert_eq!(group["from"]["id"], 100);
    let updates = world.call("getUpdates", json!({})).await;
    assert_eq!(updates[0]["message"], said);
    assert_eq!(updates[1]["message"], group);
}

#[actix_web::test]
async fn the_page_sees_everything_live() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let mut events = Events::open(&world, 7).await;
    let (name, state) = events.next().await;
    assert_eq!(name, "state");
    assert_eq!(state, world.view(7).await);

    let card = world.card(7, "one", "a").await;
    let (name, data) = events.next().await;
    assert_eq!((name.as_str(), &data["text"]), ("message", &json!("one")));
    let id = world.press(7, card, "a").await;
    let (name, data) = events.next().await;
    assert_eq!((name.as_str(), &data["id"], data.get("answer")), ("callback", &json!(id), None));
    world.call("answerCallbackQuery", json!({ "callback_query_id": id, "text": "t" })).await;
    assert_eq!(events.next().await.1["answer"], json!({ "text": "t" }));
    world.call("sendChatAction", json!({ "chat_id": 7, "action": "typing" })).await;
    assert_eq!(
        events.next().await,
        ("action".to_owned(), json!({ "action": "typing", "seconds": 5 }))
    );
    let edit = json!({ "chat_id": 7, "message_id": card, "text": "two" });
    let edited = world.call("editMessageText", edit).await;
    assert_eq!(events.next().await, ("edited".to_owned(), edited));
    world.call("deleteMessage", json!({ "chat_id": 7, "message_id": card })).await;
    assert_eq!(events.next().await, ("deleted".to_owned(), json!({ "message_ids": [card] })));
    let commands = json!([{ "command": "start", "description": "go" }]);
    world.call("setMyCommands", json!({ "commands": commands })).await;
    assert_eq!(events.next().await, ("commands".to_owned(), commands));
    world.post_page("chats/7/block", json!({ "blocked": true })).await;
    assert_eq!(events.next().await, ("blocked".to_owned(), json!({ "blocked": true })));
}

#[actix_web::test]
async fn the_menu_follows_the_language_that_the_visitor_turns_out_to_speak() {
    let world = World::start().await;
    let list = |words: &str| json!([{ "command": "start", "description": words }]);
    world.call("setMyCommands", json!({ "commands": list("go") })).await;
    world.call("setMyCommands", json!({ "commands": list("вперёд"), "language_code": "ru" })).await;
    let mut events = Events::open(&world, 7).await;
    assert_eq!(events.next().await.1["commands"], list("go"));
    let said = json!({ "text": "привет", "language_code": "ru" });
    world.post_page("chats/7/messages", said.clone()).await;
    assert_eq!(events.next().await, ("commands".to_owned(), list("вперёд")));
    assert_eq!(events.next().await.0, "message");
    world.post_page("chats/7/messages", said).await;
    assert_eq!(events.next().await.0, "message", "nothing new about the commands");
}

#[actix_web::test]
async fn the_page_and_the_info_are_served() {
    let world = World::start().await;
    for (path, kind) in [
        ("/sandbox", "text/html; charset=utf-8"),
        ("/sandbox/page/chat.css", "text/css; charset=utf-8"),
        ("/sandbox/page/chat.js", "text/javascript; charset=utf-8"),
    ] {
        let response = world.client.get(format!("{}{path}", world.base)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], kind);
    }
    let info: Value =
        world.client.get(world.page("info")).send().await.unwrap().json().await.unwrap();
    assert_eq!(info["telegram_api_url"], world.base);
    assert_eq!(info["fal_queue_url"], format!("{}/sandbox/fal", world.base));
    assert_eq!(info["chat_url"], format!("{}/sandbox", world.base));
    assert!(info["telegram_token"].is_string() && info["fal_key"].is_string());
    assert_eq!(info["fal_api_url"], info["fal_queue_url"]);
    assert!(info["fal_admin_key"].is_string() && info["fal_admin_key"] != info["fal_key"]);
}
