//! The stand-in over HTTP, as a bot and as a visitor.

mod calls;
mod chat;
mod edits;
mod media;
mod polling;
mod restart;
mod types;
mod webhook;

use std::{io::Cursor, path::Path, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle};
use futures::StreamExt;
use reqwest::{
    Client, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// A running sandbox; ends with its owner.
struct World {
    sandbox: Sandbox,
    server: ServerHandle,
    client: Client,
    base: String,
    /// Taken by a restart.
    dir: Option<tempfile::TempDir>,
}

impl World {
    async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    async fn start_in(dir: tempfile::TempDir) -> Self {
        let (sandbox, server, base) = serve(dir.path());
        Self { sandbox, server, client: Client::new(), base, dir: Some(dir) }
    }

    /// Ends everything and starts anew on the same folder and another port.
    async fn restart(mut self) -> Self {
        self.sandbox.shutdown();
        self.server.stop(true).await;
        let dir = self.dir.take().unwrap();
        drop(self);
        Self::start_in(dir).await
    }

    fn api(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.base, self.sandbox.info().telegram_token)
    }

    fn page(&self, rest: &str) -> String {
        format!("{}/sandbox/{rest}", self.base)
    }

    /// The whole answer of a call with JSON parameters.
    async fn raw(&self, method: &str, params: Value) -> Value {
        let response = self.client.post(self.api(method)).json(&params).send().await.unwrap();
        read(response).await
    }

    /// The result of a call that has to work.
    async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.raw(method, params).await;
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer["result"].clone()
    }

    /// The words of a call that has to be refused with this status.
    async fn refused(&self, status: u16, method: &str, params: Value) -> String {
        let answer = self.raw(method, params).await;
        assert_eq!(answer["ok"], false, "{method}: {answer}");
        assert_eq!(answer["error_code"], status, "{method}: {answer}");
        answer["description"].as_str().unwrap().to_owned()
    }

    async fn form(&self, method: &str, form: Form) -> Value {
        let request = self.client.post(self.api(method)).multipart(form);
        read(request.send().await.unwrap()).await
    }

    async fn say(&self, chat: i64, text: &str) -> Value {
        let url = self.page(&format!("chats/{chat}/messages"));
        let body = json!({ "text": text, "first_name": "Ann", "language_code": "ru" });
        let response = self.client.post(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    async fn post_page(&self, rest: &str, body: Value) -> (u16, Value) {
        let response = self.client.post(self.page(rest)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Presses a button that is there; gives the callback's id.
    async fn press(&self, chat: i64, message_id: i64, data: &str) -> String {
        let body = json!({ "message_id": message_id, "data": data });
        let (status, answer) = self.post_page(&format!("chats/{chat}/press"), body).await;
        assert_eq!(status, 200, "{answer}");
        answer["callback_id"].as_str().unwrap().to_owned()
    }

    async fn view(&self, chat: i64) -> Value {
        let url = self.page(&format!("chats/{chat}/messages"));
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// A message of the bot with one button.
    async fn card(&self, chat: i64, text: &str, data: &str) -> i64 {
        let markup = json!({ "inline_keyboard": [[{ "text": "go", "callback_data": data }]] });
        let params = json!({ "chat_id": chat, "text": text, "reply_markup": markup });
        self.call("sendMessage", params).await["message_id"].as_i64().unwrap()
    }

    async fn journal(&self) -> Vec<Value> {
        self.client.get(self.page("journal")).send().await.unwrap().json().await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.sandbox.shutdown();
        drop(self.server.stop(false));
    }
}

fn serve(dir: &Path) -> (Sandbox, ServerHandle, String) {
    let sandbox = Sandbox::open(dir).unwrap();
    let mounted = sandbox.clone();
    let server = HttpServer::new(move || App::new().configure(|cfg| mounted.configure(cfg)))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .bind(("127.0.0.1", 0))
        .unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    sandbox.set_base_url(&base);
    (sandbox, handle, base)
}

async fn read(response: Response) -> Value {
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    let expected = if answer["ok"] == true { 200 } else { answer["error_code"].as_u64().unwrap() };
    assert_eq!(u64::from(status), expected, "{answer}");
    answer
}

/// A PNG of one colour.
fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([shade, 90, 160]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn part(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("picture.png")
}

/// A part of unknown length, so that the request goes out chunked.
fn chunked_part(bytes: Vec<u8>) -> Part {
    let chunks: Vec<_> = bytes.chunks(1000).map(|c| Ok::<_, std::io::Error>(c.to_vec())).collect();
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    Part::stream(body).file_name("picture.png")
}

/// Reads server-sent events one by one.
struct Events {
    stream: std::pin::Pin<Box<dyn futures::Stream<Item = reqwest::Result<bytes::Bytes>>>>,
    buffer: String,
}

impl Events {
    async fn open(world: &World, chat: i64) -> Self {
        let url = world.page(&format!("chats/{chat}/events"));
        let response = world.client.get(url).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { stream: Box::pin(response.bytes_stream()), buffer: String::new() }
    }

    /// The next event's name and data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((frame, rest)) = self.buffer.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.buffer = rest;
                if let Some((name, data)) = frame.split_once('\n') {
                    let name = name.strip_prefix("event: ").unwrap().to_owned();
                    let data = data.strip_prefix("data: ").unwrap();
                    return (name, serde_json::from_str(data).unwrap());
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.stream.next());
            let chunk = chunk.await.expect("an event in time").expect("an open stream").unwrap();
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
