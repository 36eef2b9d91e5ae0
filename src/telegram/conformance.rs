//! The adapter against the sandbox's Bot API, which was written from Telegram's side.

use std::{io::Cursor, sync::Arc};

use actix_web::{App, HttpServer};
use aisha_actors::{
    domain::{
        action::Action,
        id::{GenerationId, IntentId, MessageId, PictureId, UserId},
        picture::ImageType,
        text::{Language, Text},
        update::Input,
        view::{Answer, Button, Does, Media, Style, View},
    },
    port::{Arrival, Image, Kind, Messenger, Place, Rendered, Urgency},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    BotName, Client, Telegram, TelegramParser, Words, client::Settings, commands, pace, updates,
};
use crate::{outgoing::Backoff, sandbox::Sandbox};

const CHAT: UserId = UserId(7001);

struct World {
    sandbox: Sandbox,
    server: actix_web::dev::ServerHandle,
    base: String,
    client: Client,
    telegram: Telegram,
    _dir: tempfile::TempDir,
}

impl World {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::open(dir.path()).unwrap();
        let mounted = sandbox.clone();
        let server = HttpServer::new(move || App::new().configure(|cfg| mounted.configure(cfg)));
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        sandbox.set_base_url(&base);
        let info = sandbox.info();
        let settings = Settings::new(info.telegram_api_url, info.telegram_token);
        let client = Client::new(settings).unwrap();
        let words = Arc::new(Words::new());
        let telegram = Telegram::new(client.clone(), pace::Settings::default(), words);
        Self { sandbox, server: handle, base, client, telegram, _dir: dir }
    }

    async fn visitor(&self, rest: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/chats/{CHAT}/{rest}", self.base);
        reqwest::Client::new().post(url).json(&body).send().await.unwrap().json().await.unwrap()
    }

    async fn messages(&self) -> Vec<Value> {
        let url = format!("{}/sandbox/chats/{CHAT}/messages", self.base);
        let view: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        view["messages"].as_array().unwrap().clone()
    }

    async fn show(&self, place: Place, view: Rendered) -> aisha_actors::port::Result<MessageId> {
        self.telegram.show(CHAT, place, &view, Urgency::Reply).await.map(|sent| sent.message)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.sandbox.shutdown();
        drop(self.server.stop(false));
    }
}

fn view(media: Media, image: Option<Image>, credits: i64) -> Rendered {
    let text = vec![Text::new("home-balance").with("credits", credits)];
    let button = |does, style| Button { label: Text::new("b-home"), does, style };
    let buttons = vec![
        vec![button(Does::Press(Action::Home.into()), Style::Primary)],
        vec![
            button(Does::Open("https://t.me/example".into()), Style::Plain),
            button(Does::Copy("words".into()), Style::Danger),
        ],
    ];
    Rendered { view: View { text, media, buttons }, image, language: Language::En }
}

fn picture() -> Media {
    let id = PictureId { generation: GenerationId::derive(CHAT, IntentId(1)), n: 1 };
    Media::Picture { id, file_id: None }
}

fn png() -> Image {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(64, 64).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let bytes = bytes.into_inner().into();
    Image::Bytes { name: "1.png".into(), image_type: ImageType::Png, bytes }
}

async fn next(arrivals: &mut mpsc::UnboundedReceiver<Arrival>) -> Arrival {
    arrivals.recv().await.unwrap()
}

async fn journey(world: &World, arrivals: &mut mpsc::UnboundedReceiver<Arrival>) {
    world.visitor("messages", json!({"text": "/start", "first_name": "Ann"})).await;
    let start = next(arrivals).await.update;
    assert_eq!((start.from.id, start.from.first_name.as_str()), (CHAT, "Ann"));
    assert_eq!(start.input, Input::Command { name: "start".into(), argument: String::new() });

    let text = world.show(Place::New, view(Media::None, None, 1)).await.unwrap();
    let data = Action::Home;
    let encoded = aisha_actors::domain::action::Press::from(data.clone()).encode();
    world.visitor("press", json!({"message_id": text.0, "data": encoded})).await;
    let Input::Pressed(pressed) = next(arrivals).await.update.input else { panic!("no press") };
    assert_eq!((pressed.message, pressed.has_media), (Some(text), false));
    assert_eq!(pressed.press.map(|press| press.action), Some(data));
    let answer = Answer { query: pressed.query, text: Some(Text::new("note-saved")), alert: true };
    for _ in 0..2 {
        world.telegram.answer(&answer, Language::Ru).await.unwrap();
    }

    let place = Place::Edit { message: text, has_media: false };
    for _ in 0..2 {
        // The second edit changes nothing.
        assert_eq!(world.show(place, view(Media::Keep, None, 2)).await.unwrap(), text);
    }
    let rendered = view(picture(), Some(png()), 3);
    let sent = world.telegram.show(CHAT, place, &rendered, Urgency::Owed).await.unwrap();
    assert_eq!(sent.message, text);
    let known = Some(Image::FileId(sent.file_id.unwrap()));
    // Told wrongly that it still has no picture: falls over to the caption.
    assert_eq!(world.show(place, view(Media::Keep, None, 4)).await.unwrap(), text);
    let by_id = world.show(Place::New, view(picture(), known, 5)).await.unwrap();
    let place = Place::Edit { message: by_id, has_media: true };
    assert_eq!(world.show(place, view(Media::Keep, None, 6)).await.unwrap(), by_id);
    let words = world.show(place, view(Media::None, None, 7)).await.unwrap();
    assert_ne!(words, by_id);
    let error = world.show(place, view(Media::Keep, None, 8)).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    let wrong = Some(Image::FileId("nonsense".into()));
    let error = world.show(Place::New, view(picture(), wrong, 9)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Conflict, "{error}");

    let document = world.telegram.document(CHAT, png(), Urgency::Reply).await.unwrap();
    for _ in 0..2 {
        world.telegram.delete(CHAT, document.message).await.unwrap();
    }
    let ids: Vec<_> = world.messages().await.iter().map(|m| m["message_id"].as_i64()).collect();
    assert_eq!(ids[1..], [Some(text.0), Some(words.0)], "the visitor's words, then ours");
}

#[actix_web::test]
async fn a_journey_through_every_place_and_medium() {
    let world = World::start();
    let (name, backoff) = (BotName::default(), Backoff::default());
    commands::introduce(&world.client, &name, &Words::new(), backoff).await;
    assert!(name.known().is_some());
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let sink: updates::Sink = Box::new(move |batch| {
        batch.into_iter().for_each(|arrival| sender.send(arrival).unwrap());
        Box::pin(async { Ok(()) })
    });
    let parser = TelegramParser::new(name);
    tokio::select! {
        never = updates::poll(&world.client, &parser, updates::Polling::default(), &sink) => {
            match never {}
        }
        () = journey(&world, &mut arrivals) => {}
    }
}

#[actix_web::test]
async fn every_sentence_is_taken_as_html() {
    let world = World::start();
    world.visitor("messages", json!({"text": "hi"})).await;
    let hostile = "</b><i>&amp;\u{202E}𝕏\u{301}\n```_*[x](y)";
    for language in Language::ALL {
        let keys = super::text::tests::keys_with_placeholders();
        for (key, names) in keys {
            let text = names.iter().fold(Text::new(key), |text, (name, is_number)| {
                if *is_number { text.with(name, 21i64) } else { text.quoting(name, hostile, 99) }
            });
            let view = View::text(vec![text], Vec::new());
            let rendered = Rendered { view, image: None, language };
            world.show(Place::New, rendered).await.unwrap_or_else(|e| panic!("{key}: {e}"));
        }
    }
    for message in world.messages().await.iter().skip(1) {
        let shown = message["text"].as_str().unwrap();
        assert!(!shown.contains(['{', '\u{202E}']) && !shown.contains("&lt;"), "{shown}");
    }
}
