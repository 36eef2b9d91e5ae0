//! Delivery to a webhook.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::*;

/// One delivery: the update, the secret, and where to say how it is answered.
struct Delivered {
    update: Value,
    secret: Option<String>,
    answer: oneshot::Sender<Answer>,
}

/// How a bot answers a delivery.
struct Answer {
    status: u16,
    retry_after: Option<&'static str>,
    body: Value,
}

impl Delivered {
    fn text(&self) -> &str {
        self.update["message"]["text"].as_str().unwrap()
    }

    fn ok(self) {
        self.with(200, None, Value::Null);
    }

    fn with(self, status: u16, retry_after: Option<&'static str>, body: Value) {
        drop(self.answer.send(Answer { status, retry_after, body }));
    }
}

/// A bot's server that answers each delivery as the test says.
struct Hook {
    url: String,
    deliveries: mpsc::UnboundedReceiver<Delivered>,
    server: ServerHandle,
}

impl Hook {
    fn start() -> Self {
        let (sender, deliveries) = mpsc::unbounded_channel::<Delivered>();
        let sender = Arc::new(Mutex::new(sender));
        let server = HttpServer::new(move || {
            let sender = Arc::clone(&sender);
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
                let sender = Arc::clone(&sender);
                async move {
                    let secret = request.headers().get("X-Telegram-Bot-Api-Secret-Token");
                    let secret = secret.map(|value| value.to_str().unwrap().to_owned());
                    let update = serde_json::from_slice(&body).unwrap();
                    let (answer, answered) = oneshot::channel();
                    let delivered = Delivered { update, secret, answer };
                    drop(sender.lock().await.send(delivered));
                    let Ok(answer) = answered.await else {
                        return HttpResponse::BadGateway().finish();
                    };
                    let status = StatusCode::from_u16(answer.status).unwrap();
                    let mut response = HttpResponse::build(status);
                    if let Some(seconds) = answer.retry_after {
                        response.insert_header(("Retry-After", seconds));
                    }
                    response.json(answer.body)
                }
            }))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, deliveries, server: handle }
    }

    async fn next(&mut self) -> Delivered {
        let next = tokio::time::timeout(Duration::from_secs(10), self.deliveries.recv());
        next.await.expect("a delivery in time").unwrap()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn pending(world: &World) -> Value {
    world.call("getWebhookInfo", json!({})).await["pending_update_count"].clone()
}

/// Waits until nothing is pending any more.
async fn drained(world: &World) {
    while pending(world).await != 0 {
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn messages_of_a_chat_come_one_by_one_and_chats_side_by_side() {
    let world = World::start().await;
    let mut hook = Hook::start();
    world.say(7, "waited").await;
    let set = json!({ "url": hook.url, "secret_token": "s3cret_-" });
    let answer = world.raw("setWebhook", set.clone()).await;
    assert_eq!(answer["description"], "Webhook was set");
    let answer = world.raw("setWebhook", set).await;
    assert_eq!(answer["description"], "Webhook is already set");
    let first = hook.next().await;
    assert_eq!(first.text(), "waited");
    assert_eq!(first.secret.as_deref(), Some("s3cret_-"));
    world.say(7, "second").await;
    world.say(8, "other chat").await;
    // The other chat does not wait for the first one, its own next message does.
    let other = hook.next().await;
    assert_eq!(other.text(), "other chat");
    first.ok();
    let second = hook.next().await;
    assert_eq!(second.text(), "second");
    second.ok();
    other.ok();
    drained(&world).await;
    let secrets = world.journal().await;
    assert!(!secrets.iter().any(|call| call.to_string().contains("s3cret_-")));
}

#[actix_web::test]
async fn presses_of_a_person_come_one_by_one_beside_their_messages() {
    let world = World::start().await;
    let mut hook = Hook::start();
    world.say(7, "hello").await;
    let message = world.card(7, "one", "a").await;
    world.press(7, message, "a").await;
    let second = world.press(7, message, "a").await;
    world.call("setWebhook", json!({ "url": hook.url })).await;
    let (a, b) = (hook.next().await, hook.next().await);
    let (text, press) = if a.update["message"].is_object() { (a, b) } else { (b, a) };
    assert_eq!(text.text(), "hello");
    press.ok();
    let next = hook.next().await;
    assert_eq!(next.update["callback_query"]["id"], second);
    next.ok();
    text.ok();
    drained(&world).await;
}

#[actix_web::test]
async fn what_is_not_taken_is_tried_again() {
    let world = World::start().await;
    let mut hook = Hook::start();
    world.call("setWebhook", json!({ "url": hook.url })).await;
    world.say(7, "hello").await;
    let first = hook.next().await;
    let update = first.update.clone();
    first.with(500, None, Value::Null);
    let second = hook.next().await;
    assert_eq!(second.update, update);
    let info = world.call("getWebhookInfo", json!({})).await;
    let words = info["last_error_message"].as_str().unwrap();
    assert_eq!(words, "Wrong response from the webhook: 500 Internal Server Error");
    let told = std::time::Instant::now();
    second.with(503, Some("1"), Value::Null);
    let third = hook.next().await;
    assert!(told.elapsed() >= Duration::from_millis(900));
    third.ok();
    drained(&world).await;
}

#[actix_web::test]
async fn a_method_in_the_answer_is_executed() {
    let world = World::start().await;
    let mut hook = Hook::start();
    world.call("setWebhook", json!({ "url": hook.url })).await;
    world.say(7, "hello").await;
    let body = json!({ "method": "sendMessage", "chat_id": 7, "text": "from the answer" });
    hook.next().await.with(200, None, body);
    let mut events = Events::open(&world, 7).await;
    let (_, state) = events.next().await;
    let text = match state["messages"].get(1) {
        Some(message) => message["text"].clone(),
        None => events.next().await.1["text"].clone(),
    };
    assert_eq!(text, "from the answer");
    world.say(7, "again").await;
    let delivered = hook.next().await;
    let body = json!({ "method": "deleteWebhook" });
    delivered.with(200, None, body);
    drained(&world).await;
    assert_eq!(world.call("getWebhookInfo", json!({})).await["url"], hook.url);
}

#[actix_web::test]
async fn a_webhook_has_to_be_on_this_machine() {
    let world = World::start().await;
    for (url, words) in [
        ("nonsense", "bad webhook: invalid URL specified"),
        ("ftp://127.0.0.1/", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://example.org/", "bad webhook: the sandbox delivers to this machine only"),
    ] {
        let refused = world.refused(400, "setWebhook", json!({ "url": url })).await;
        assert_eq!(refused, format!("Bad Request: {words}"));
    }
    let secret = json!({ "url": "http://127.0.0.1:1/", "secret_token": "a b" });
    let refused = world.refused(400, "setWebhook", secret).await;
    assert_eq!(refused, "Bad Request: secret token contains unallowed characters");
    let answer = world.raw("deleteWebhook", json!({})).await;
    assert_eq!(answer["description"], "Webhook is already deleted");
}

#[actix_web::test]
async fn after_a_restart_delivery_goes_on() {
    let world = World::start().await;
    let mut hook = Hook::start();
    world.call("setWebhook", json!({ "url": hook.url, "secret_token": "abc" })).await;
    world.say(7, "first").await;
    let first = hook.next().await;
    world.say(7, "second").await;
    let world = world.restart().await;
    drop(first);
    for text in ["first", "second"] {
        let delivered = hook.next().await;
        assert_eq!(delivered.text(), text);
        assert_eq!(delivered.secret.as_deref(), Some("abc"));
        delivered.ok();
    }
    drained(&world).await;
}

#[actix_web::test]
async fn pending_updates_can_be_dropped() {
    let world = World::start().await;
    world.say(7, "hello").await;
    assert_eq!(pending(&world).await, 1);
    world.call("deleteWebhook", json!({ "drop_pending_updates": true })).await;
    assert_eq!(pending(&world).await, 0);
}
