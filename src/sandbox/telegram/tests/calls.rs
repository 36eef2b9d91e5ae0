//! How calls are read, and what is refused whatever the method.

use super::*;

#[actix_web::test]
async fn me_has_what_the_frameworks_need() {
    let world = World::start().await;
    let me = world.call("getMe", json!({})).await;
    assert_eq!(me["is_bot"], true);
    assert!(me["first_name"].as_str().unwrap().contains("sandbox"));
    for flag in ["can_join_groups", "can_read_all_group_messages", "supports_inline_queries"] {
        assert!(me[flag].is_boolean(), "{flag}");
    }
    assert!(me["has_main_web_app"].is_boolean());
    let token = world.sandbox.info().telegram_token;
    let (id, secret) = token.split_once(':').unwrap();
    assert_eq!(me["id"].to_string(), id);
    assert_eq!(secret.len(), 35);
}

#[actix_web::test]
async fn every_form_of_parameters_is_read_and_methods_have_any_case() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let markup = r#"{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}"#;
    let pairs = [("chat_id", "7"), ("text", "a b&c"), ("reply_markup", markup)];
    let query = serde_urlencoded::to_string(pairs).unwrap();
    let by_query = world.client.get(format!("{}?{query}", world.api("SendMessage")));
    let by_form = world
        .client
        .post(world.api("SENDMESSAGE"))
        .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(query);
    let form = Form::new().text("chat_id", "7").text("text", "a b&c");
    let by_parts =
        world.client.post(world.api("sendmessage")).multipart(form.text("reply_markup", markup));
    let by_json = world.client.post(world.api("sendMessage")).json(&json!({
        "chat_id": "7", "text": "a b&c", "reply_markup": markup, "parse_mode": null,
    }));
    for request in [by_query, by_form, by_parts, by_json] {
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!(answer["result"]["text"], "a b&c", "{answer}");
        let button = &answer["result"]["reply_markup"]["inline_keyboard"][0][0];
        assert_eq!(button["callback_data"], "b");
    }
    let journal = world.journal().await;
    assert_eq!(journal.len(), 4);
    for call in journal {
        assert_eq!(call["call"], "sendMessage");
        assert_eq!(call["chat_id"], 7);
        assert!(
            call["body"]["reply_markup"]["inline_keyboard"].is_array() || call["status"] != 200
        );
    }
}

#[actix_web::test]
async fn wrong_tokens_and_methods_are_refused() {
    let world = World::start().await;
    let url = format!("{}/bot1:x/getMe", world.base);
    let answer = read(world.client.get(url).send().await.unwrap()).await;
    assert_eq!(answer["description"], "Unauthorized");
    assert_eq!(answer["error_code"], 401);
    let words = world.refused(404, "sendDice", json!({ "chat_id": 1 })).await;
    assert_eq!(words, "Not Found: method not found");
    let words = world.refused(400, "sendMessage", json!({ "text": "x" })).await;
    assert_eq!(words, "Bad Request: chat_id is empty");
    let journal = world.journal().await;
    assert_eq!(journal[0]["call"], "sendDice");
    assert_eq!(journal[1]["status"], 400);
}

#[actix_web::test]
async fn broken_bodies_are_refused() {
    let world = World::start().await;
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[1]"),
        ("multipart/form-data; boundary=x", "--x\r\nbroken"),
        ("multipart/form-data", "nothing"),
    ] {
        let request = world.client.post(world.api("sendMessage")).header("Content-Type", kind);
        let answer = read(request.body(body).send().await.unwrap()).await;
        assert_eq!(answer["error_code"], 400, "{kind} {body}");
    }
    let big = "x".repeat(5 * 1024 * 1024);
    let request = world.client.post(world.api("sendMessage")).json(&json!({ "text": big }));
    assert_eq!(request.send().await.unwrap().status(), 413);
}

#[actix_web::test]
async fn texts_are_held_to_telegrams_limits() {
    let world = World::start().await;
    let send =
        |text: String, mode: Value| json!({ "chat_id": 7, "text": text, "parse_mode": mode });
    let words = world.refused(400, "sendMessage", send("x".to_owned(), Value::Null)).await;
    assert_eq!(words, "Bad Request: chat not found");
    world.say(7, "hello").await;
    for empty in ["", "  \n", "<b> </b>"] {
        let words = world.refused(400, "sendMessage", send(empty.to_owned(), json!("HTML"))).await;
        assert_eq!(words, "Bad Request: message text is empty");
    }
    // Two UTF-16 units each.
    let words = world.refused(400, "sendMessage", send("😀".repeat(2049), Value::Null)).await;
    assert_eq!(words, "Bad Request: message is too long");
    world.call("sendMessage", send("😀".repeat(2048), Value::Null)).await;
    let marked = format!("<b>{}</b>", "x".repeat(4096));
    world.call("sendMessage", send(marked, json!("HTML"))).await;
    let words = world.refused(400, "sendMessage", send("<b>x".to_owned(), json!("HTML"))).await;
    assert!(words.starts_with("Bad Request: can't parse entities: Can't find end tag"), "{words}");
    let entities = json!([{ "type": "bold", "offset": 0, "length": 1 }]);
    let params = json!({ "chat_id": 7, "text": "xy", "entities": entities });
    assert_eq!(world.call("sendMessage", params).await["entities"], entities);
}

#[actix_web::test]
async fn buttons_are_held_to_telegrams_limits() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let send = |button: Value| {
        json!({
            "chat_id": 7, "text": "x", "reply_markup": { "inline_keyboard": [[button]] },
        })
    };
    let data = |length: usize| json!({ "text": "x", "callback_data": "d".repeat(length) });
    let sent = world.call("sendMessage", send(data(64))).await;
    assert_eq!(sent["reply_markup"]["inline_keyboard"][0][0], data(64));
    for length in [0, 65] {
        let words = world.refused(400, "sendMessage", send(data(length))).await;
        assert_eq!(words, "Bad Request: BUTTON_DATA_INVALID");
    }
    let words = world.refused(400, "sendMessage", send(json!({ "text": "x" }))).await;
    assert!(words.ends_with("Text buttons are unallowed in the inline keyboard"), "{words}");
    let words =
        world.refused(400, "sendMessage", send(json!({ "text": "x", "url": "no link" }))).await;
    assert!(words.ends_with("is invalid: Wrong HTTP URL"), "{words}");
    let kept = [
        json!({ "text": "x", "url": "https://example.org/" }),
        json!({ "text": "x", "copy_text": { "text": "y" } }),
        json!({ "text": "x", "style": "danger", "callback_data": "z" }),
    ];
    for button in kept {
        let sent = world.call("sendMessage", send(button.clone())).await;
        assert_eq!(sent["reply_markup"]["inline_keyboard"][0][0], button);
    }
}

#[actix_web::test]
async fn commands_are_kept_by_scope_and_language() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let list = |words: &str| json!([{ "command": "start", "description": words }]);
    world.call("setMyCommands", json!({ "commands": list("any") })).await;
    let scope = json!({ "type": "all_private_chats" });
    let russian = json!({ "commands": list("ru"), "scope": scope, "language_code": "ru" });
    world.call("setMyCommands", russian).await;
    let got = world.call("getMyCommands", json!({ "language_code": "ru" })).await;
    assert_eq!(got, json!([]));
    assert_eq!(world.call("getMyCommands", json!({})).await, list("any"));
    // The visitor speaks Russian.
    assert_eq!(world.view(7).await["commands"], list("ru"));
    let which = json!({ "scope": scope, "language_code": "ru" });
    world.call("deleteMyCommands", which).await;
    assert_eq!(world.view(7).await["commands"], list("any"));
    let bad = json!({ "commands": [{ "command": "Start!", "description": "x" }] });
    assert_eq!(world.refused(400, "setMyCommands", bad).await, "Bad Request: BOT_COMMAND_INVALID");
}

#[actix_web::test]
async fn faults_hit_as_ordered() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let order = |extra: Value| {
        let mut fault = json!({ "peer": "telegram", "call": "sendmessage", "times": 1 });
        fault.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        fault
    };
    let send = || json!({ "chat_id": 7, "text": "x" });
    world.post_page("faults", order(json!({ "status": 429, "retry_after": 3 }))).await;
    let answer = world.raw("sendMessage", send()).await;
    assert_eq!(answer["error_code"], 429);
    assert_eq!(answer["description"], "Too Many Requests: retry after 3");
    assert_eq!(answer["parameters"], json!({ "retry_after": 3 }));
    world.post_page("faults", order(json!({ "garbage": true }))).await;
    let response = world.client.post(world.api("sendMessage")).json(&send()).send().await.unwrap();
    assert!(response.json::<Value>().await.is_err());
    assert_eq!(world.view(7).await["messages"].as_array().unwrap().len(), 1);
    // A reset does the work and says nothing at all.
    world.post_page("faults", order(json!({ "reset": true }))).await;
    let error = world.client.post(world.api("sendMessage")).json(&send()).send().await;
    assert!(error.is_err());
    assert_eq!(world.view(7).await["messages"].as_array().unwrap().len(), 2);
    let statuses: Vec<_> =
        world.journal().await.iter().map(|call| call["status"].clone()).collect();
    assert_eq!(statuses, [429, 200, 0]);
    world.post_page("faults", json!({ "peer": "telegram", "call": "*", "status": 500 })).await;
    world.refused(500, "sendMessage", send()).await;
    let lifted = world.client.delete(world.page("faults")).send().await.unwrap();
    assert_eq!(lifted.status(), 204);
    world.call("sendMessage", send()).await;
    let (status, _) = world.post_page("faults", json!({ "peer": "x" })).await;
    assert_eq!(status, 400);
}
