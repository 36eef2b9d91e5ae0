use std::sync::Mutex;

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderMap, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;

struct Hook {
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Hook {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A receiver that answers with the given codes in turn, then 200.
struct Receiver {
    url: String,
    hooks: UnboundedReceiver<Hook>,
    server: ServerHandle,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

struct Shared {
    hooks: UnboundedSender<Hook>,
    answers: Mutex<Vec<u16>>,
}

async fn take(request: HttpRequest, shared: web::Data<Shared>, body: web::Bytes) -> HttpResponse {
    let hook = Hook { headers: request.headers().clone(), body: body.to_vec() };
    shared.hooks.send(hook).unwrap();
    let code = shared.answers.lock().unwrap().pop().unwrap_or(200);
    HttpResponse::build(code.try_into().unwrap()).finish()
}

fn receiver(answers: Vec<u16>) -> Receiver {
    let (sender, hooks) = unbounded_channel();
    let shared = web::Data::new(Shared { hooks: sender, answers: Mutex::new(answers) });
    let server =
        HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(take)))
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
    let url = format!("http://{}/fal/webhook/7?a=b", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    actix_rt::spawn(server);
    Receiver { url, hooks, server: handle }
}

async fn submit(rig: &Rig, prompt: &str, url: &str) -> Value {
    let request = rig.request(Method::POST, "fal-ai/flux/schnell").query(&[("fal_webhook", url)]);
    parts(request.json(&input(prompt)).send().await.unwrap()).await.1
}

#[actix_web::test]
async fn a_webhook_is_signed_with_the_published_key() {
    let (rig, _dir) = rig(FAST).await;
    let mut receiver = receiver(vec![]);
    let job = submit(&rig, "a cat", &receiver.url).await;
    let hook = receiver.hooks.recv().await.unwrap();
    let body = hook.json();
    assert_eq!(body["request_id"], job["request_id"]);
    assert_eq!((text(&body, "status"), &body["error"]), ("OK", &Value::Null));
    assert_eq!(body["payload"], rig.result(&job).await.1);
    text(&body, "gateway_request_id");

    let jwks = rig.client.get(format!("{}/.well-known/jwks.json", rig.url)).send().await.unwrap();
    let (_, jwks) = parts(jwks).await;
    let key = &jwks["keys"][0];
    assert_eq!((text(key, "kty"), text(key, "crv")), ("OKP", "Ed25519"));
    let public = URL_SAFE_NO_PAD.decode(text(key, "x")).unwrap();
    let public = VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
    let (id, user) =
        (hook.header("X-Fal-Webhook-Request-Id"), hook.header("X-Fal-Webhook-User-Id"));
    assert_eq!((id, user), (text(&job, "request_id"), rig.fal.user_id().as_str()));
    let timestamp = hook.header("X-Fal-Webhook-Timestamp");
    let age = chrono::Utc::now().timestamp() - timestamp.parse::<i64>().unwrap();
    assert!((0..60).contains(&age));
    let signature = hex::decode(hook.header("X-Fal-Webhook-Signature")).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    let message =
        |body: &[u8]| format!("{id}\n{user}\n{timestamp}\n{}", hex::encode(Sha256::digest(body)));
    public.verify_strict(message(&hook.body).as_bytes(), &signature).unwrap();
    public.verify_strict(message(b"forged").as_bytes(), &signature).unwrap_err();
}

#[actix_web::test]
async fn a_failed_job_says_error_and_a_refused_webhook_comes_again() {
    let (rig, _dir) = rig(FAST).await;
    let mut receiver = receiver(vec![500, 404, 302]);
    let job = submit(&rig, "#unsafe", &receiver.url).await;
    let mut bodies = Vec::new();
    for _ in 0..4 {
        bodies.push(receiver.hooks.recv().await.unwrap().json());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(text(&bodies[0], "status"), "ERROR");
    assert_eq!(text(&bodies[0], "error"), "Invalid status code: 422");
    assert_eq!(bodies[0]["payload"], rig.result(&job).await.1);
    // Acknowledged: the next one is another job's.
    let next = submit(&rig, "next", &receiver.url).await;
    let hook = receiver.hooks.recv().await.unwrap().json();
    assert_eq!(hook["request_id"], next["request_id"]);
}

#[actix_web::test]
async fn an_unacknowledged_webhook_survives_a_restart() {
    let (first, dir) = rig(Pace { webhook_retry_ms: 3_600_000, ..FAST }).await;
    let mut receiver = receiver(vec![503]);
    let job = submit(&first, "a cat", &receiver.url).await;
    assert_eq!(receiver.hooks.recv().await.unwrap().json()["request_id"], job["request_id"]);
    drop(first);
    let _second = open(dir.path(), FAST).await;
    assert_eq!(receiver.hooks.recv().await.unwrap().json()["request_id"], job["request_id"]);
}

#[actix_web::test]
async fn a_cancelled_job_says_so_too() {
    let (rig, _dir) = rig(Pace { concurrency: 0, ..FAST }).await;
    let mut receiver = receiver(vec![]);
    let job = submit(&rig, "x", &receiver.url).await;
    rig.cancel(&job).await;
    let hook = receiver.hooks.recv().await.unwrap().json();
    assert_eq!((text(&hook, "status"), text(&hook, "error")), ("ERROR", "Request was cancelled"));
}
