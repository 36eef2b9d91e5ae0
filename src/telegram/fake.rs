//! A tiny Bot API server for the tests of this module: answers as told, remembers what it was asked.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures::TryStreamExt;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Client, client::Settings};

pub(crate) const TOKEN: &str = "42:SECRET-canary";

/// One call as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    pub(crate) method: String,
    pub(crate) params: Value,
    /// Name, type and bytes of the file.
    pub(crate) file: Option<(String, String, Vec<u8>)>,
    /// The address that the client came from: one per connection.
    pub(crate) peer: Option<SocketAddr>,
}

#[derive(Default)]
struct State {
    answers: Mutex<HashMap<String, VecDeque<(u16, Value)>>>,
    calls: Mutex<Vec<Called>>,
    message: AtomicI64,
}

pub(crate) struct BotApi {
    state: Arc<State>,
    count: watch::Receiver<usize>,
    pub(crate) address: SocketAddr,
    server: actix_web::dev::ServerHandle,
}

impl BotApi {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(State::default());
        let (counter, count) = watch::channel(0);
        let (ready, started) = tokio::sync::oneshot::channel();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let counter = Arc::new(counter);
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(web::PayloadConfig::new(64 << 20))
                    .app_data(web::Data::from(Arc::clone(&shared)))
                    .app_data(web::Data::from(Arc::clone(&counter)))
                    .route("/bot{token}/{method}", web::post().to(answer))
            });
            let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
            let address = server.addrs()[0];
            actix_rt::System::new().block_on(async move {
                let server = server.run();
                ready.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, server) = started.await.unwrap();
        Self { state, count, address, server }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::new(format!("http://{}/", self.address), TOKEN)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.settings()).unwrap()
    }

    /// The next answers of a method, in order; a string is a raw body. Then the usual ones again.
    pub(crate) fn next_answers(
        &self,
        method: &str,
        answers: impl IntoIterator<Item = (u16, Value)>,
    ) {
        self.state.answers.lock().unwrap().entry(method.to_owned()).or_default().extend(answers);
    }

    /// The next call of a method is refused in Telegram's way.
    pub(crate) fn refuse(&self, method: &str, code: u16, description: &str) {
        let body = json!({"ok": false, "error_code": code, "description": description});
        self.next_answers(method, [(code, body)]);
    }

    pub(crate) fn limit(&self, method: &str, retry_after: u64) {
        let body = json!({"ok": false, "error_code": 429,
            "description": format!("Too Many Requests: retry after {retry_after}"),
            "parameters": {"retry_after": retry_after}});
        self.next_answers(method, [(429, body)]);
    }

    pub(crate) fn calls(&self) -> Vec<Called> {
        self.state.calls.lock().unwrap().clone()
    }

    pub(crate) fn calls_of(&self, method: &str) -> Vec<Value> {
        let calls = self.calls().into_iter().filter(|call| call.method == method);
        calls.map(|call| call.params).collect()
    }

    pub(crate) fn methods(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.method).collect()
    }

    /// Returns once there were so many calls of a method.
    pub(crate) async fn wait_for(&self, method: &str, count: usize) -> Vec<Value> {
        let mut counted = self.count.clone();
        counted.wait_for(|_| self.calls_of(method).len() >= count).await.unwrap();
        self.calls_of(method)
    }
}

impl Drop for BotApi {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn answer(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Bytes,
    state: web::Data<State>,
    counter: web::Data<watch::Sender<usize>>,
) -> HttpResponse {
    let (token, method) = path.into_inner();
    if token != TOKEN {
        let body = json!({"ok": false, "error_code": 401, "description": "Unauthorized"});
        return HttpResponse::Unauthorized().json(body);
    }
    let (params, file) = read(&request, body).await;
    let call = Called { method: method.clone(), params, file, peer: request.peer_addr() };
    state.calls.lock().unwrap().push(call);
    counter.send_modify(|count| *count += 1);
    let told = state.answers.lock().unwrap().get_mut(&method).and_then(VecDeque::pop_front);
    let (status, body) = match told {
        Some(told) => told,
        None if method == "getUpdates" => std::future::pending().await,
        None => (200, json!({"ok": true, "result": usual(&method, &state.message)})),
    };
    let status = actix_web::http::StatusCode::from_u16(status).unwrap();
    match body {
        Value::String(raw) => HttpResponse::build(status).body(raw),
        json => HttpResponse::build(status).json(json),
    }
}

fn usual(method: &str, message: &AtomicI64) -> Value {
    let photo = json!([
        {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 90},
        {"file_id": "large", "file_unique_id": "l", "width": 1024, "height": 1024},
        {"file_id": "middle", "file_unique_id": "m", "width": 320, "height": 320},
    ]);
    let id = message.fetch_add(1, Ordering::Relaxed) + 1000;
    // A part that no type knows must not make a sent message look unsent.
    let mut sent = json!({"message_id": id, "date": 1, "chat": {"id": 7, "type": "private"},
        "entities": [{"type": "of_the_future", "offset": 0, "length": 1}]});
    match method {
        "getMe" => json!({"id": 42, "is_bot": true, "first_name": "A", "username": "aisha_bot"}),
        "sendPhoto" | "editMessageMedia" => {
            sent["photo"] = photo;
            sent
        }
        "sendDocument" => {
            sent["document"] = json!({"file_id": "document", "file_unique_id": "d"});
            sent
        }
        name if name.starts_with("send") || name.starts_with("editMessage") => sent,
        _ => json!(true),
    }
}

async fn read(
    request: &HttpRequest,
    body: web::Bytes,
) -> (Value, Option<(String, String, Vec<u8>)>) {
    let kind = request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
    if !kind.starts_with("multipart/") {
        return (serde_json::from_slice(&body).unwrap_or(Value::Null), None);
    }
    let stream = futures::stream::once(async { Ok(body) });
    let mut form = actix_multipart::Multipart::new(request.headers(), stream);
    let (mut params, mut file) = (json!({}), None);
    while let Some(mut field) = form.try_next().await.unwrap() {
        let name = field.name().unwrap().to_owned();
        let disposition = field.content_disposition().and_then(|d| d.get_filename());
        let file_name = disposition.map(ToOwned::to_owned);
        let mime = field.content_type().map(ToString::to_string).unwrap_or_default();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.try_next().await.unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        match file_name {
            Some(file_name) => file = Some((file_name, mime, bytes)),
            None => {
                let text = String::from_utf8(bytes).unwrap();
                // Objects come as JSON text; a plain string stays one.
                params[name] = match serde_json::from_str(&text) {
                    Ok(value @ (Value::Object(_) | Value::Number(_) | Value::Bool(_))) => value,
                    _ => Value::String(text),
                };
            }
        }
    }
    (params, file)
}
