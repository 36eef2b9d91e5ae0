//! Photos and documents: by upload, by `file_id`, by address; back again by getFile.

use super::*;

#[actix_web::test]
async fn a_photo_goes_up_and_comes_down() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let bytes = png(640, 480, 1);
    let form =
        Form::new().text("chat_id", "7").text("caption", "<b>c</b>").text("parse_mode", "HTML");
    let sent = world.form("sendPhoto", form.part("photo", part(bytes.clone()))).await;
    let photo = sent["result"]["photo"].as_array().unwrap();
    let (small, full) = (&photo[0], &photo[1]);
    assert_eq!((&full["width"], &full["height"]), (&json!(640), &json!(480)));
    assert_eq!((&small["width"], &small["height"]), (&json!(320), &json!(240)));
    assert_eq!(full["file_size"], bytes.len());
    assert_eq!(sent["result"]["caption_entities"][0]["type"], "bold");

    let file = world.call("getFile", json!({ "file_id": full["file_id"] })).await;
    let token = world.sandbox.info().telegram_token;
    let path = file["file_path"].as_str().unwrap();
    let url = format!("{}/file/bot{token}/{path}", world.base);
    let down = world.client.get(url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(down, bytes);
    let wrong = format!("{}/file/bot1:x/{path}", world.base);
    assert_eq!(world.client.get(wrong).send().await.unwrap().status(), 401);

    // By file_id, also that of the small size, it is the same photo.
    for id in [&full["file_id"], &small["file_id"]] {
        let again = world.call("sendPhoto", json!({ "chat_id": 7, "photo": id })).await;
        assert_eq!(again["photo"], sent["result"]["photo"]);
    }
    let url = world.page(&format!("chats/7/files/{}", small["file_id"].as_str().unwrap()));
    let shown = world.client.get(url).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/jpeg");
    assert_eq!(shown.headers()["x-content-type-options"], "nosniff");
    let drawn = image::load_from_memory(&shown.bytes().await.unwrap()).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (320, 240));
    assert_eq!(world.journal().await[0]["body"]["photo"], bytes.len());
}

#[actix_web::test]
async fn a_text_becomes_a_photo_and_the_photo_another() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let id = world.card(7, "wait", "a").await.to_string();
    let media = r#"{"type":"photo","media":"attach://f1","caption":"one"}"#;
    let form = Form::new().text("chat_id", "7").text("message_id", id.clone()).text("media", media);
    // As aiogram and grammY do it: no length, the file under a name of its own.
    let edited =
        world.form("editMessageMedia", form.part("f1", chunked_part(png(10, 20, 1)))).await;
    let edited = &edited["result"];
    assert!(edited.get("text").is_none() && edited.get("reply_markup").is_none());
    assert_eq!(edited["caption"], "one");
    assert_eq!(edited["photo"][0]["height"], 20);

    let file_id = edited["photo"][0]["file_id"].clone();
    let edit = |caption: &str| {
        let media = json!({ "type": "photo", "media": file_id, "caption": caption });
        json!({ "chat_id": 7, "message_id": id, "media": media })
    };
    let words = world.refused(400, "editMessageMedia", edit("one")).await;
    assert!(words.contains("message is not modified"), "{words}");
    world.call("editMessageMedia", edit("two")).await;
    let text = json!({ "chat_id": 7, "message_id": id, "text": "x" });
    let words = world.refused(400, "editMessageText", text).await;
    assert_eq!(words, "Bad Request: there is no text in the message to edit");
    let caption = json!({ "chat_id": 7, "message_id": id, "caption": "x".repeat(1025) });
    let words = world.refused(400, "editMessageCaption", caption).await;
    assert_eq!(words, "Bad Request: message caption is too long");
    let caption = json!({ "chat_id": 7, "message_id": id, "caption": "three" });
    assert_eq!(world.call("editMessageCaption", caption).await["caption"], "three");
}

#[actix_web::test]
async fn a_document_keeps_name_type_and_size() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let file = Part::bytes(b"a,b\n1,2\n".to_vec()).file_name("таблица.csv").mime_str("text/csv");
    let form = Form::new().text("chat_id", "7").part("document", file.unwrap());
    let sent = world.form("sendDocument", form).await;
    let document = &sent["result"]["document"];
    assert_eq!(document["file_name"], "таблица.csv");
    assert_eq!(document["mime_type"], "text/csv");
    assert_eq!(document["file_size"], 8);
    let wrong = json!({ "chat_id": 7, "photo": document["file_id"] });
    let words = world.refused(400, "sendPhoto", wrong).await;
    assert_eq!(words, "Bad Request: can't use file of type Document as Photo");
    let url = world.page(&format!("chats/7/files/{}", document["file_id"].as_str().unwrap()));
    let shown = world.client.get(url).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "application/octet-stream");
    let disposition = shown.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%D1%82"), "{disposition}");
}

#[actix_web::test]
async fn an_album_shares_one_group() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let item = |name: &str| json!({ "type": "photo", "media": format!("attach://{name}") });
    let form = Form::new()
        .text("chat_id", "7")
        .text("media", json!([item("a"), item("b")]).to_string())
        .part("a", part(png(8, 8, 1)))
        .part("b", part(png(9, 9, 2)));
    let sent = world.form("sendMediaGroup", form).await;
    let album = sent["result"].as_array().unwrap();
    assert_eq!(album.len(), 2);
    assert!(album[0]["media_group_id"].is_string());
    assert_eq!(album[0]["media_group_id"], album[1]["media_group_id"]);
    let eleven = json!({ "chat_id": 7, "media": vec![item("a"); 11] });
    let words = world.refused(400, "sendMediaGroup", eleven).await;
    assert_eq!(words, "Bad Request: too many messages to send as an album");
    let none = world.refused(400, "sendMediaGroup", json!({ "chat_id": 7, "media": [] })).await;
    assert_eq!(none, "Bad Request: there are no messages to send");
}

#[actix_web::test]
async fn files_that_are_no_good_are_refused() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let photo = |photo: &str| json!({ "chat_id": 7, "photo": photo });
    let table = [
        ("AgACnothing", "wrong file identifier/HTTP URL specified"),
        ("http://example.org/a.png", "failed to get HTTP URL content"),
        ("http://127.0.0.1:1/a.png", "failed to get HTTP URL content"),
        ("http://[", "wrong HTTP URL specified"),
        ("ftp://127.0.0.1/a.png", "wrong HTTP URL specified"),
        ("attach://missing", "wrong file identifier/HTTP URL specified"),
        ("", "there is no photo in the request"),
    ];
    for (value, words) in table {
        let expected = format!("Bad Request: {words}");
        assert_eq!(world.refused(400, "sendPhoto", photo(value)).await, expected, "{value}");
    }
    let page = world.page("info");
    let words = world.refused(400, "sendPhoto", photo(&page)).await;
    assert_eq!(words, "Bad Request: wrong type of the web page content");
    let upload = |bytes: Vec<u8>| Form::new().text("chat_id", "7").part("photo", part(bytes));
    let answer = world.form("sendPhoto", upload(b"no picture".to_vec())).await;
    assert_eq!(answer["description"], "Bad Request: IMAGE_PROCESS_FAILED");
    let answer = world.form("sendPhoto", upload(png(1, 30, 1))).await;
    assert_eq!(answer["description"], "Bad Request: PHOTO_INVALID_DIMENSIONS");
    let answer = world.form("sendPhoto", upload(Vec::new())).await;
    assert_eq!(answer["description"], "Bad Request: file must be non-empty");
    let mut padded = png(10, 10, 1);
    padded.resize(10 * 1024 * 1024 + 1, 0);
    let answer = world.form("sendPhoto", upload(padded)).await;
    let words = "Bad Request: file of size 10485761 bytes is too big for a photo";
    assert_eq!(answer["description"], words);
    let words = world.refused(400, "getFile", json!({ "file_id": "AgACnothing" })).await;
    assert_eq!(words, "Bad Request: wrong file_id or the file is temporarily unavailable");
}

#[actix_web::test]
async fn a_large_document_cannot_be_downloaded_by_the_bot() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let form = Form::new().text("chat_id", "7");
    let file = Part::bytes(vec![7; 20 * 1024 * 1024 + 1]).file_name("big.bin");
    let sent = world.form("sendDocument", form.part("document", file)).await;
    let id = &sent["result"]["document"]["file_id"];
    let words = world.refused(400, "getFile", json!({ "file_id": id })).await;
    assert_eq!(words, "Bad Request: file is too big");
}

#[actix_web::test]
async fn a_photo_by_address_on_this_machine_is_fetched() {
    let world = World::start().await;
    world.say(7, "hello").await;
    let form = Form::new().part("photo", part(png(30, 40, 5)));
    let url = world.page("chats/8/messages");
    let said: Value =
        world.client.post(url).multipart(form).send().await.unwrap().json().await.unwrap();
    let id = said["photo"][0]["file_id"].as_str().unwrap();
    let address = world.page(&format!("chats/8/files/{id}"));
    let sent = world.call("sendPhoto", json!({ "chat_id": 7, "photo": address })).await;
    assert_eq!(sent["photo"][0]["height"], 40);
    assert_eq!(sent["photo"][0]["file_unique_id"], said["photo"][0]["file_unique_id"]);
}
