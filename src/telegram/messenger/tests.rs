use aisha_actors::domain::{
    action::Action,
    id::{GenerationId, IntentId, PictureId},
    picture::ImageType,
    text::Text,
    view::{Button, Does, Style, View},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::telegram::fake::BotApi;

const CHAT: UserId = UserId(7);
const TEXT: Place = Place::Edit { message: MessageId(5), has_media: false };
const MEDIA: Place = Place::Edit { message: MessageId(5), has_media: true };

struct Desk {
    api: BotApi,
    telegram: Telegram,
}

impl Desk {
    async fn new() -> Self {
        let api = BotApi::start().await;
        let words = Words::from_source("hello = <b>Hi</b> { $name }\nbutton = Press\n");
        let telegram = Telegram::new(api.client(), pace::Settings::default(), Arc::new(words));
        Self { api, telegram }
    }

    async fn show(&self, place: Place, rendered: &Rendered) -> port::Result<Sent> {
        self.telegram.show(CHAT, place, rendered, Urgency::Reply).await
    }

    /// Shows it and tells which methods were called, in order.
    async fn methods(&self, place: Place, rendered: &Rendered) -> Vec<String> {
        let before = self.api.calls().len();
        self.show(place, rendered).await.unwrap();
        self.api.methods().split_off(before)
    }
}

fn view(media: Media, image: Option<Image>) -> Rendered {
    let text = vec![Text::new("hello").quoting("name", "<Ann>", 64)];
    let does = Does::Press(Action::Home.into());
    let button = Button { label: Text::new("button"), does, style: Style::Primary };
    let view = View { text, media, buttons: vec![vec![button]] };
    Rendered { view, image, language: Language::En }
}

fn picture() -> Media {
    let id = PictureId { generation: GenerationId::derive(CHAT, IntentId(1)), n: 1 };
    Media::Picture { id, file_id: None }
}

fn by_id() -> Option<Image> {
    Some(Image::FileId("known".into()))
}

fn jpeg(size: usize) -> Option<Image> {
    let bytes = Bytes::from(vec![1u8; size]);
    Some(Image::Bytes { name: "1.jpg".into(), image_type: ImageType::Jpeg, bytes })
}

fn keyboard() -> Value {
    json!({"inline_keyboard": [[{"text": "Press", "callback_data": "1hm", "style": "primary"}]]})
}

#[tokio::test]
async fn the_method_follows_place_and_media() {
    let desk = Desk::new().await;
    let (none, keep) = (view(Media::None, None), view(Media::Keep, None));
    let (photo, away) = (view(picture(), by_id()), view(picture(), None));
    for (place, rendered, methods) in [
        (Place::New, &none, &["sendMessage"][..]),
        (Place::New, &keep, &["sendMessage"]),
        (Place::New, &photo, &["sendPhoto"]),
        (Place::New, &away, &["sendMessage"]),
        (TEXT, &none, &["editMessageText"]),
        (TEXT, &keep, &["editMessageText"]),
        (TEXT, &photo, &["editMessageMedia"]),
        (TEXT, &away, &["editMessageText"]),
        (MEDIA, &none, &["sendMessage", "deleteMessage"]),
        (MEDIA, &keep, &["editMessageCaption"]),
        (MEDIA, &photo, &["editMessageMedia"]),
        (MEDIA, &away, &["sendMessage", "deleteMessage"]),
    ] {
        assert_eq!(desk.methods(place, rendered).await, methods, "{place:?} {:?}", rendered.view);
    }
}

#[tokio::test]
async fn words_go_as_html_without_link_previews() {
    let desk = Desk::new().await;
    let sent = desk.show(Place::New, &view(Media::None, None)).await.unwrap();
    assert_eq!(sent, Sent { message: MessageId(1000), file_id: None });
    assert_eq!(
        desk.api.calls_of("sendMessage"),
        [json!({"chat_id": 7, "text": "<b>Hi</b> &lt;Ann&gt;", "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true}, "reply_markup": keyboard()})]
    );
    desk.show(TEXT, &view(Media::None, None)).await.unwrap();
    assert_eq!(
        desk.api.calls_of("editMessageText"),
        [json!({"chat_id": 7, "message_id": 5, "text": "<b>Hi</b> &lt;Ann&gt;",
            "parse_mode": "HTML", "link_preview_options": {"is_disabled": true},
            "reply_markup": keyboard()})]
    );
}

#[tokio::test]
async fn a_picture_goes_by_its_id_or_its_bytes_and_the_largest_id_comes_back() {
    let desk = Desk::new().await;
    let sent = desk.show(Place::New, &view(picture(), by_id())).await.unwrap();
    assert_eq!(sent.file_id.as_deref(), Some("large"));
    let sent = desk.show(MEDIA, &view(picture(), jpeg(1000))).await.unwrap();
    assert_eq!(sent.file_id.as_deref(), Some("large"));
    let calls = desk.api.calls();
    assert_eq!(calls[0].params["photo"], "known");
    assert_eq!(
        calls[1].params,
        json!({"chat_id": 7, "message_id": 5, "reply_markup": keyboard(), "media": {
            "type": "photo", "media": "attach://upload", "caption": "<b>Hi</b> &lt;Ann&gt;",
            "parse_mode": "HTML"}})
    );
    let file = calls[1].file.clone().unwrap();
    assert_eq!((file.0.as_str(), file.1.as_str(), file.2.len()), ("1.jpg", "image/jpeg", 1000));
}

#[tokio::test]
async fn an_edit_falls_over_when_the_message_is_not_what_we_thought() {
    let desk = Desk::new().await;
    let no_text = "Bad Request: there is no text in the message to edit";
    let no_caption = "Bad Request: there is no caption in the message to edit";
    for (place, media, first, why, then) in [
        (TEXT, Media::None, "editMessageText", no_text, &["sendMessage", "deleteMessage"][..]),
        (TEXT, Media::Keep, "editMessageText", no_text, &["editMessageCaption"]),
        (MEDIA, Media::Keep, "editMessageCaption", no_caption, &["editMessageText"]),
    ] {
        desk.api.refuse(first, 400, why);
        let methods = desk.methods(place, &view(media, None)).await;
        assert_eq!(methods[0], first);
        assert_eq!(methods[1..], *then);
    }
    // Once: a second refusal is an answer.
    desk.api.refuse("editMessageText", 400, no_text);
    desk.api.refuse("editMessageCaption", 400, no_caption);
    let error = desk.show(TEXT, &view(Media::Keep, None)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Permanent);
}

#[tokio::test]
async fn the_replaced_message_may_stay() {
    let desk = Desk::new().await;
    desk.api.refuse("deleteMessage", 403, "Forbidden");
    assert!(desk.show(MEDIA, &view(Media::None, None)).await.is_ok());
    // But nothing is deleted when the new message did not arrive.
    desk.api.refuse("sendMessage", 500, "Internal Server Error");
    let error = desk.show(MEDIA, &view(Media::None, None)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Ambiguous);
    assert_eq!(desk.api.calls_of("deleteMessage").len(), 1);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_success() {
    let desk = Desk::new().await;
    let why = "Bad Request: message is not modified: specified new message content and reply markup \
               are exactly the same as a current content and reply markup of the message";
    for (media, image, method) in
        [(Media::None, None, "editMessageText"), (picture(), by_id(), "editMessageMedia")]
    {
        desk.api.refuse(method, 400, why);
        let sent = desk.show(TEXT, &view(media, image)).await.unwrap();
        assert_eq!(sent, Sent { message: MessageId(5), file_id: None });
    }
}

#[tokio::test]
async fn broken_markup_goes_once_more_as_plain_text() {
    let desk = Desk::new().await;
    let why = "Bad Request: can't parse entities: Can't find end of the entity";
    desk.api.refuse("sendMessage", 400, why);
    desk.show(Place::New, &view(Media::None, None)).await.unwrap();
    let calls = desk.api.calls_of("sendMessage");
    assert_eq!(calls[1]["text"], "Hi <Ann>");
    assert!(calls[1].get("parse_mode").is_none());
    for _ in 0..2 {
        desk.api.refuse("sendMessage", 400, why);
    }
    assert!(desk.show(Place::New, &view(Media::None, None)).await.is_err());
    assert_eq!(desk.api.calls_of("sendMessage").len(), 4);
}

#[tokio::test]
async fn bytes_that_are_no_photo_go_as_a_document() {
    let desk = Desk::new().await;
    desk.api.refuse("sendPhoto", 400, "Bad Request: IMAGE_PROCESS_FAILED");
    let sent = desk.show(Place::New, &view(picture(), jpeg(10))).await.unwrap();
    assert_eq!(sent.file_id, None);
    assert_eq!(desk.api.methods(), ["sendPhoto", "sendDocument"]);
    let methods = desk.methods(TEXT, &view(picture(), jpeg(PHOTO_BYTES_MAX + 1))).await;
    assert_eq!(methods, ["editMessageMedia"]);
    assert_eq!(desk.api.calls_of("editMessageMedia")[0]["media"]["type"], "document");
}

#[tokio::test]
async fn errors_have_the_kinds_that_the_port_promises() {
    let desk = Desk::new().await;
    for (code, why, kind) in [
        (400, "Bad Request: message to edit not found", Kind::NotFound),
        (403, "Forbidden: bot was blocked by the user", Kind::Forbidden),
        (502, "Bad Gateway", Kind::Ambiguous),
    ] {
        desk.api.refuse("editMessageText", code, why);
        assert_eq!(desk.show(TEXT, &view(Media::None, None)).await.unwrap_err().kind, kind);
    }
    let why = "Bad Request: wrong file_id or the file is temporarily unavailable";
    desk.api.refuse("sendPhoto", 400, why);
    let error = desk.show(Place::New, &view(picture(), by_id())).await.unwrap_err();
    assert_eq!(error.kind, Kind::Conflict);
    let place = Place::Edit { message: MessageId(i64::MAX), has_media: false };
    assert_eq!(desk.show(place, &view(Media::None, None)).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn a_limited_chat_is_not_called_again_but_others_are() {
    let desk = Desk::new().await;
    desk.api.limit("sendMessage", 70_000);
    let view = view(Media::None, None);
    for _ in 0..3 {
        let error = desk.show(Place::New, &view).await.unwrap_err();
        let Kind::RateLimited { retry_after } = error.kind else { panic!("{error:?}") };
        assert!(retry_after.as_secs() >= 69_990);
    }
    assert_eq!(desk.api.calls().len(), 1);
    let other = desk.telegram.show(UserId(8), Place::New, &view, Urgency::Owed).await;
    assert!(other.is_ok());
}

#[tokio::test]
async fn presses_are_answered_and_old_ones_are_let_go() {
    let desk = Desk::new().await;
    let mut answer = Answer { query: "77".into(), text: None, alert: false };
    desk.telegram.answer(&answer, Language::En).await.unwrap();
    answer.text = Some(Text::new("hello").quoting("name", "&", 9));
    answer.alert = true;
    for why in ["query is too old and response timeout expired or query ID is invalid"] {
        desk.api.refuse("answerCallbackQuery", 400, &format!("Bad Request: {why}"));
        desk.telegram.answer(&answer, Language::En).await.unwrap();
    }
    let calls = desk.api.calls_of("answerCallbackQuery");
    assert_eq!(calls[0], json!({"callback_query_id": "77", "show_alert": false}));
    assert_eq!(calls[1]["text"], "Hi &");
    desk.api.refuse("answerCallbackQuery", 500, "x");
    assert!(desk.telegram.answer(&answer, Language::En).await.is_err());
}

#[tokio::test]
async fn originals_go_as_documents() {
    let desk = Desk::new().await;
    let sent = desk.telegram.document(CHAT, jpeg(9).unwrap(), Urgency::Reply).await.unwrap();
    assert_eq!(sent, Sent { message: MessageId(1000), file_id: Some("document".into()) });
    let call = desk.api.calls().remove(0);
    assert_eq!(call.params["disable_content_type_detection"], true);
    assert_eq!(call.file.unwrap().2.len(), 9);
    desk.telegram.document(CHAT, by_id().unwrap(), Urgency::Reply).await.unwrap();
    assert_eq!(desk.api.calls_of("sendDocument")[1]["document"], "known");
}

#[tokio::test]
async fn deleting_what_is_gone_is_success() {
    let desk = Desk::new().await;
    for why in ["message to delete not found", "message can't be deleted for everyone"] {
        desk.api.refuse("deleteMessage", 400, &format!("Bad Request: {why}"));
        desk.telegram.delete(CHAT, MessageId(5)).await.unwrap();
    }
    desk.api.refuse("deleteMessage", 502, "x");
    assert!(desk.telegram.delete(CHAT, MessageId(5)).await.is_err());
}
