//! The stand-in over HTTP, as a bot sees it.

mod lifecycle;
mod payloads;
mod pictures;
mod webhooks;
mod wire;

use std::path::Path;

use actix_web::{App, HttpServer, dev::ServerHandle};
use futures::StreamExt;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::outgoing::testing;

/// As fast as it can.
const FAST: Pace = Pace { queue_ms: 0, run_ms: 0, concurrency: 2, webhook_retry_ms: 1 };
/// Jobs start but do not end before the pace changes.
const HELD: Pace = Pace { run_ms: 3_600_000, ..FAST };

/// A stand-in on a port of its own.
struct Rig {
    fal: Fal,
    journal: Arc<Journal>,
    faults: Arc<Faults>,
    url: String,
    server: ServerHandle,
    client: Client,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.fal.shutdown();
        drop(self.server.stop(false));
    }
}

async fn open(dir: &Path, pace: Pace) -> Rig {
    let (journal, faults) = (Arc::new(Journal::default()), Arc::new(Faults::default()));
    let store = Arc::new(Store::open(dir).unwrap());
    let fal = Fal::open(store, Arc::clone(&journal), Arc::clone(&faults)).unwrap();
    fal.set_pace(pace);
    let mounted = fal.clone();
    let server = HttpServer::new(move || {
        let fal = mounted.clone();
        App::new().configure(move |cfg| fal.configure(cfg))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    fal.set_base_url(&base);
    let server = server.run();
    let handle = server.handle();
    actix_rt::spawn(server);
    let url = format!("{base}/sandbox/fal");
    assert_eq!(url, fal.queue_url());
    let client = testing::client().build().unwrap();
    Rig { fal, journal, faults, url, server: handle, client }
}

async fn rig(pace: Pace) -> (Rig, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (open(dir.path(), pace).await, dir)
}

/// A small picture, quick to draw.
fn input(prompt: &str) -> Value {
    json!({ "prompt": prompt, "image_size": { "width": 48, "height": 32 } })
}

impl Rig {
    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let url =
            if url.starts_with("http") { url.to_owned() } else { format!("{}/{url}", self.url) };
        self.client.request(method, url).header("Authorization", format!("Key {}", self.fal.key()))
    }

    async fn get(&self, url: &str) -> (u16, Value) {
        parts(self.request(Method::GET, url).send().await.unwrap()).await
    }

    async fn submit_to(&self, path: &str, input: &Value) -> Value {
        let answer = self.request(Method::POST, path).json(input).send().await.unwrap();
        let (status, body) = parts(answer).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn submit(&self, prompt: &str) -> Value {
        self.submit_to("fal-ai/flux/schnell", &input(prompt)).await
    }

    /// Deletes what is kept of a job, with this key.
    async fn delete(&self, job: &Value, key: &str) -> (u16, Value) {
        let url = format!("{}/v1/models/requests/{}/payloads", self.url, text(job, "request_id"));
        let request = self.client.delete(url).header("Authorization", format!("Key {key}"));
        parts(request.send().await.unwrap()).await
    }

    async fn status(&self, job: &Value) -> (u16, Value) {
        self.get(&format!("{}?logs=1", text(job, "status_url"))).await
    }

    async fn result(&self, job: &Value) -> (u16, Value) {
        self.get(text(job, "response_url")).await
    }

    async fn cancel(&self, job: &Value) -> (u16, Value) {
        let request = self.request(Method::PUT, text(job, "cancel_url"));
        parts(request.send().await.unwrap()).await
    }

    /// All events of the stream until the wanted status, which comes last; `react` sees each.
    async fn events_until(&self, job: &Value, wanted: &str, react: impl Fn(&Value)) -> Vec<Value> {
        let url = format!("{}/stream?logs=1", text(job, "status_url"));
        let answer = self.request(Method::GET, &url).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let (mut events, mut buffer) = (Vec::<Value>::new(), String::new());
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            buffer.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
            while let Some(end) = buffer.find("\n\n") {
                let event: String = buffer.drain(..end + 2).collect();
                let Some(data) = event.strip_prefix("data: ") else { continue };
                let status: Value = serde_json::from_str(data).unwrap();
                react(&status);
                let reached = text(&status, "status") == wanted;
                events.push(status);
                if reached {
                    return events;
                }
            }
        }
        panic!("the stream ended before {wanted}: {events:?}");
    }

    async fn until(&self, job: &Value, wanted: &str) -> Value {
        self.events_until(job, wanted, |_| ()).await.pop().unwrap()
    }

    /// Submits and waits for the result.
    async fn outcome(&self, path: &str, input: &Value) -> (u16, Value) {
        let job = self.submit_to(path, input).await;
        self.until(&job, "COMPLETED").await;
        self.result(&job).await
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

async fn parts(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}
