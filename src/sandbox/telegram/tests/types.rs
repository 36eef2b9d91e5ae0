//! What is answered and delivered, read with the types of frankenstein: made by others from the Bot
//! API's documentation, with every mandatory field mandatory.

use frankenstein::{
    types::{ChatFullInfo, ChatMember, File, MaybeInaccessibleMessage, Message, User},
    updates::{Update, UpdateContent, WebhookInfo},
};
use serde::de::DeserializeOwned;

use super::*;

fn typed<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

#[actix_web::test]
async fn answers_have_the_documented_types() {
    let world = World::start().await;
    world.say(7, "hello").await;
    assert!(typed::<User>(&world.call("getMe", json!({})).await).is_bot);
    let form = Form::new().text("chat_id", "7").text("caption", "c #tag");
    let sent = world.form("sendPhoto", form.part("photo", part(png(400, 300, 1)))).await;
    let message: Message = typed(&sent["result"]);
    let photo = message.photo.unwrap();
    assert_eq!((photo.len(), photo[1].width, photo[1].height), (2, 400, 300));
    let file = world.call("getFile", json!({ "file_id": photo[1].file_id })).await;
    assert_eq!(typed::<File>(&file).file_unique_id, photo[1].file_unique_id);
    let chat = world.call("getChat", json!({ "chat_id": 7 })).await;
    assert_eq!(typed::<ChatFullInfo>(&chat).id, 7);
    let info = world.call("getWebhookInfo", json!({})).await;
    assert_eq!(typed::<WebhookInfo>(&info).pending_update_count, 1);
}

#[actix_web::test]
async fn updates_have_the_documented_types() {
    let world = World::start().await;
    world.say(7, "/start https://example.org").await;
    let card = world.card(7, "one", "data").await;
    world.press(7, card, "data").await;
    world.post_page("chats/7/block", json!({ "blocked": true })).await;
    let updates: Vec<Update> = typed(&world.call("getUpdates", json!({})).await);
    assert_eq!(updates.len(), 3);
    let UpdateContent::Message(message) = &updates[0].content else { panic!("no message") };
    assert_eq!(message.entities.as_ref().unwrap().len(), 2);
    let UpdateContent::CallbackQuery(query) = &updates[1].content else { panic!("no press") };
    assert_eq!(query.data.as_deref(), Some("data"));
    assert!(matches!(query.message, Some(MaybeInaccessibleMessage::Message(_))));
    let UpdateContent::MyChatMember(change) = &updates[2].content else { panic!("no change") };
    assert!(matches!(change.new_chat_member, ChatMember::Kicked(_)));
}
