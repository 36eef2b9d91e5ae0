use aisha_actors::domain::{action::Action, id::GenerationId, text::Language};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn parser() -> TelegramParser {
    let name = BotName::default();
    name.learn("Aisha_Bot");
    TelegramParser::new(name)
}

fn input(update: Value) -> Input {
    read(update).1
}

fn read(mut update: Value) -> (Profile, Input) {
    update["update_id"] = json!(1);
    let update = parser().arrival(&update.to_string()).unwrap().update;
    (update.from, update.input)
}

fn from() -> Value {
    json!({"id": 7, "is_bot": false, "first_name": "Ann", "username": "ann_7",
        "language_code": "ru-RU"})
}

fn private(part: &str, value: Value) -> Value {
    let mut message = json!({"message_id": 3, "date": 1, "from": from(),
        "chat": {"id": 7, "type": "private"}});
    message[part] = value;
    json!({"message": message})
}

fn said(text: &str) -> Input {
    input(private("text", json!(text)))
}

fn in_group(text: &str) -> Input {
    input(json!({"message": {"message_id": 3, "date": 1, "from": from(), "text": text,
        "chat": {"id": -100, "type": "supergroup", "title": "Us"}}}))
}

fn command_of(name: &str, argument: &str) -> Input {
    Input::Command { name: name.into(), argument: argument.into() }
}

#[test]
fn words_and_commands() {
    assert_eq!(said("a cat"), Input::Said("a cat".into()));
    assert_eq!(said("/start"), command_of("start", ""));
    assert_eq!(
        said("/Imagine@aisha_bot a cat\nin a hat "),
        command_of("imagine", "a cat\nin a hat")
    );
    assert_eq!(said("/imagine\na cat"), command_of("imagine", "a cat"));
    assert_eq!(said("/"), Input::Said("/".into()));
    assert_eq!(said("/ cat"), Input::Said("/ cat".into()));
    assert_eq!(said("/привет"), Input::Said("/привет".into()));
    assert_eq!(said("a\0b\u{202E}c"), Input::Said("abc".into()));
}

#[test]
fn whoever_sent_it_is_known_by_sane_names() {
    let (profile, _) = read(private("text", json!("x")));
    assert_eq!((profile.id, profile.first_name.as_str()), (UserId(7), "Ann"));
    assert_eq!(profile.username.as_deref(), Some("ann_7"));
    assert_eq!(profile.language(), Language::Ru);
    let mut update = private("text", json!("x"));
    update["message"]["from"] = json!({"id": 8, "language_code": "?".repeat(99),
        "first_name": format!("\u{202E}a\n b{}", "x".repeat(500)), "username": "no spaces"});
    let (profile, _) = read(update);
    assert!(profile.first_name.starts_with("a bxx") && profile.first_name.chars().count() == 64);
    assert_eq!((profile.username, profile.language_code), (None, None));
}

#[test]
fn what_the_bot_cannot_read_and_what_is_not_for_it() {
    assert_eq!(input(private("photo", json!([{"file_id": "x"}]))), Input::Unreadable);
    assert_eq!(input(private("sticker", json!({}))), Input::Unreadable);
    assert_eq!(input(private("of_the_future", json!({}))), Input::Unreadable);
    assert_eq!(input(private("pinned_message", json!({}))), Input::Ignored);
    let message = private("text", json!("/start"))["message"].clone();
    for kind in ["edited_message", "channel_post", "business_message", "of_the_future"] {
        let (profile, input) = read(json!({ kind: message }));
        assert_eq!((profile.id, input), (UserId(7), Input::Ignored));
    }
    let post = json!({"channel_post": {"text": "/start", "chat": {"id": -5, "type": "channel"}}});
    assert_eq!(read(post).0.id, UserId(0));
}

#[test]
fn an_entity_of_the_future_loses_no_message() {
    let mut update = private("text", json!("a cat"));
    update["message"]["entities"] = json!([{"type": "of_the_future", "offset": "?"}]);
    assert_eq!(input(update), Input::Said("a cat".into()));
}

fn press(message: Value, data: &str) -> Value {
    json!({"callback_query": {"id": "99", "from": from(), "chat_instance": "1",
        "message": message, "data": data}})
}

#[test]
fn presses() {
    let chat = json!({"id": 7, "type": "private"});
    let pressed = |update| match input(update) {
        Input::Pressed(pressed) => pressed,
        other => panic!("{other:?}"),
    };
    let text = json!({"message_id": 5, "date": 1, "chat": chat, "text": "x"});
    let expected = Pressed {
        query: "99".into(),
        message: Some(MessageId(5)),
        has_media: false,
        press: Some(Action::Home.into()),
    };
    assert_eq!(pressed(press(text, "1hm")), expected);
    for part in ["photo", "document", "video"] {
        let mut message = json!({"message_id": 5, "date": 1, "chat": chat, "caption": "x"});
        message[part] = json!([]);
        assert!(pressed(press(message, "1hm")).has_media, "{part}");
    }
    let too_old = json!({"message_id": 5, "date": 0, "chat": chat});
    assert_eq!(pressed(press(too_old, "1hm")).message, Some(MessageId(5)));
    let mut absent = press(json!(null), "1hm");
    absent["callback_query"].as_object_mut().unwrap().remove("message");
    assert_eq!(pressed(absent).message, None);
    for data in ["", "0hm", "hm", "1zz", &"1".repeat(65)] {
        let text = json!({"message_id": 5, "chat": chat});
        assert_eq!(pressed(press(text, data)).press, None, "{data}");
    }
    let group = json!({"message_id": 5, "chat": {"id": -100, "type": "group"}});
    assert_eq!(input(press(group, "1hm")), Input::Ignored);
}

fn member(chat: Value, was: &str, is: &str) -> (Profile, Input) {
    read(json!({"my_chat_member": {"chat": chat, "from": from(), "date": 1,
        "old_chat_member": {"status": was}, "new_chat_member": {"status": is}}}))
}

#[test]
fn blocking_and_coming_back() {
    let chat = json!({"id": 7, "type": "private"});
    let ann = UserId(7);
    let (profile, input) = member(chat.clone(), "member", "kicked");
    assert_eq!((profile.id, input), (ann, Input::Blocked(true)));
    assert_eq!(member(chat.clone(), "kicked", "member").1, Input::Blocked(false));
    assert_eq!(member(chat, "member", "of_the_future").1, Input::Ignored);
}

#[test]
fn groups_hear_the_bot_only_when_they_address_it() {
    for text in ["/imagine cat", "/x@aisha_bot", "hey @AISHA_BOT, a cat", "(@aisha_bot)"] {
        assert_eq!(in_group(text), Input::InGroup, "{text}");
    }
    for text in ["hello", "/x", "/imagine@other_bot cat", "@aisha_bots", "a@b", ""] {
        assert_eq!(in_group(text), Input::Ignored, "{text}");
    }
    let group = json!({"id": -100, "type": "group", "title": "Us"});
    let (profile, input) = member(group.clone(), "left", "member");
    assert_eq!((profile.id, profile.first_name.as_str()), (UserId(-100), "Us"));
    assert_eq!((profile.language(), input), (Language::Ru, Input::InGroup));
    assert_eq!(member(group.clone(), "member", "administrator").1, Input::Ignored);
    assert_eq!(member(group, "member", "left").1, Input::Ignored);
}

#[test]
fn the_payload_is_kept_as_it_was_written() {
    let raw = "{ \"update_id\" : 9007199254740993, \"x\":1.50 }";
    let arrival = arrival(raw).unwrap();
    assert_eq!(arrival.payload, raw);
    assert_eq!(arrival.update.id, UpdateId(9_007_199_254_740_993));
    for raw in ["", "null", "[]", "{}", "{\"update_id\":\"1\"}", "{\"update_id\":1"] {
        assert_eq!(super::arrival(raw), None, "{raw}");
    }
}

#[test]
fn nesting_without_end_is_an_update_all_the_same() {
    let deep = format!("{{\"x\":{}1{},\"update_id\":5}}", "[".repeat(9000), "]".repeat(9000));
    let update = arrival(&deep).unwrap().update;
    assert_eq!((update.id, update.input), (UpdateId(5), Input::Ignored));
}

#[test]
fn a_row_of_the_inbox_reads_the_same_again() {
    let raw =
        json!({"update_id": 4, "message": private("text", json!("hi"))["message"]}).to_string();
    let first = parser().arrival(&raw).unwrap().update;
    assert_eq!(parser().parse(Source::Telegram, first.id, first.from.id, &raw), first);
    let lost = parser().parse(Source::Telegram, UpdateId(4), UserId(7), "garbage");
    assert_eq!((lost.id, lost.from.id, lost.input), (UpdateId(4), UserId(7), Input::Ignored));
}

#[test]
fn what_the_operator_does() {
    let act = |payload: &str| {
        let update = parser().parse(Source::Operator, UpdateId(1), UserId(7), payload);
        assert_eq!(update.from.id, UserId(7));
        update.input
    };
    assert_eq!(act("{\"blocked\": true}"), Input::OperatorBlocked(true));
    assert_eq!(act("{\"blocked\": false}"), Input::OperatorBlocked(false));
    let id = "0123456789abcdef0123456789abcdef";
    let generation = GenerationId::parse(id).unwrap();
    let named = |act: &str| format!("{{\"{act}\":\"{id}\"}}");
    assert_eq!(act(&named("cancel")), Input::OperatorCancelled(generation));
    assert_eq!(act(&named("release")), Input::OperatorReleased(generation));
    for payload in
        ["", "{}", "{\"cancel\": \"x\"}", "{\"blocked\": 1}", "{\"update_id\":1,\"message\":{}}"]
    {
        assert_eq!(act(payload), Input::Ignored, "{payload}");
    }
}

/// JSON that often has the names that the parser looks for.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "message",
        "callback_query",
        "my_chat_member",
        "chat",
        "from",
        "id",
        "type",
        "text",
        "data",
        "new_chat_member",
        "status",
        "title",
        "update_id",
        "message_id",
        "first_name",
        "x",
    ];
    let name = proptest::sample::select(names.to_vec()).prop_map(String::from);
    let words = ["private", "group", "kicked", "member", "/start@x y", "@aisha_bot", "1hm", ""];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(name.clone(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_string_is_read(raw in "\\PC*|.*", id in any::<i64>()) {
        let _ = arrival(&raw);
        for source in [Source::Telegram, Source::Operator] {
            let update = parser().parse(source, UpdateId(id), UserId(id), &raw);
            prop_assert_eq!((update.id, update.from.id), (UpdateId(id), UserId(id)));
        }
    }

    #[test]
    fn any_json_is_read(value in any_json(), id in any::<i64>()) {
        let mut value = value;
        if let Value::Object(fields) = &mut value {
            fields.insert("update_id".into(), json!(id));
        }
        match arrival(&value.to_string()) {
            Some(arrival) => prop_assert_eq!(arrival.update.id, UpdateId(id)),
            None => prop_assert!(!value.is_object()),
        }
    }

    #[test]
    fn any_message_is_words_or_a_command(text in ".*") {
        match said(&text) {
            Input::Said(_) => {}
            Input::Command { name, .. } => prop_assert!(text.trim().starts_with('/') || name.is_empty()),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
