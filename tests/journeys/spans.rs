//! What the log and a tracer can follow: a generation from the update that ordered it to its delivery.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::picture;
use crate::{
    canary::Process,
    support::{Forwarder, TestApp, TestUser, log::ended_with},
};

#[actix_rt::test]
async fn spans_carry_user_update_and_generation_from_the_update_to_the_delivery() {
    let app = TestApp::start().await;
    let id = 8_140_001;
    let ann = app.user(id).await;
    picture(&ann, "a fox that is followed").await;
    app.finish().await;
    let of_ann = ended_with("user", &id.to_string());
    let update =
        of_ann.iter().find(|span| span.name == "update" && span.field("generation").is_some());
    let update = update.expect("no update began a generation");
    assert!(update.field("update").is_some(), "{update:?}");
    let generation = update.field("generation").unwrap();
    let names: Vec<_> =
        ended_with("generation", generation).into_iter().map(|span| span.name).collect();
    // The picture is stored by another actor, within the generation's own span.
    for name in ["update", "generation", "picture", "delivery"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

/// What a collector is sent: the header that lets somebody in, and the body.
type Sent = (String, web::Bytes);

/// A collector of the test's own.
struct Collector {
    url: String,
    sent: UnboundedReceiver<Sent>,
    server: ServerHandle,
}

async fn take(
    request: HttpRequest,
    body: web::Bytes,
    into: web::Data<UnboundedSender<Sent>>,
) -> HttpResponse {
    let header = request.headers().get("authorization");
    let header = header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    into.send((header, body)).unwrap();
    let answer = ExportTraceServiceResponse::default().encode_to_vec();
    HttpResponse::Ok().content_type("application/x-protobuf").body(answer)
}

impl Collector {
    fn open() -> Self {
        let (into, sent) = unbounded_channel();
        let into = web::Data::new(into);
        let app =
            move || App::new().app_data(into.clone()).route("/v1/traces", web::post().to(take));
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::task::spawn_local(server);
        Self { url, sent, server: handle }
    }

    /// All that it was sent.
    async fn close(mut self) -> Vec<Sent> {
        self.server.stop(true).await;
        std::iter::from_fn(|| self.sent.try_recv().ok()).collect()
    }
}

fn words(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let word = |pair: &KeyValue| match pair.value.clone().unwrap().value.unwrap() {
        Value::StringValue(word) => word,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    pairs.iter().map(|pair| (pair.key.clone(), word(pair))).collect()
}

/// The program as a process of its own, which sends its spans there.
async fn traced(dir: &TempDir, url: &str, every_ms: u64) -> (Process, TestUser) {
    let config = "[sandbox]\nqueue_ms = 10\nrun_ms = 20\n";
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let variables = [
        ("DATA_DIR", "data"),
        ("LOG_FILE", "app.log"),
        // Spans do not depend on it.
        ("LOG_LEVEL", "warn"),
        ("HTTP_BIND", "127.0.0.1:0"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20canary-collector-token"),
        ("OTEL_SERVICE_NAME", "studio"),
        ("OTEL_BSP_SCHEDULE_DELAY", &every_ms.to_string()),
    ];
    let environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let process = Process::start(dir.path(), &environment.collect()).await;
    let person = TestUser::meet(&format!("http://{}", process.address), 8_140_002, "en").await;
    (process, person)
}

fn all_said(dir: &TempDir, said: &str) -> String {
    let log = std::fs::read_to_string(dir.path().join("app.log")).unwrap();
    assert!(!said.contains("canary-collector") && !log.contains("canary-collector"));
    log
}

#[actix_rt::test]
async fn a_collector_gets_the_spans_of_an_update_and_of_its_delivery_at_the_latest_at_the_end() {
    let collector = Collector::open();
    let dir = tempfile::tempdir().unwrap();
    // Not before the program ends.
    let (process, ann) = traced(&dir, &collector.url, 600_000).await;
    picture(&ann, "a fox that is traced").await;
    let said = process.stop().await;
    all_said(&dir, &said);
    let mut spans: Vec<Span> = Vec::new();
    for (header, body) in collector.close().await {
        assert_eq!(header, "Bearer canary-collector-token");
        for resource in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
            let of = words(&resource.resource.unwrap().attributes);
            assert_eq!(of["service.name"], "studio");
            assert_eq!(of["service.version"], env!("CARGO_PKG_VERSION"));
            spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    let of_ann = |name: &str| {
        let named = spans.iter().filter(|span| span.name == name);
        let told = named.map(|span| (words(&span.attributes), span.clone()));
        told.filter(|(words, _)| words.get("user").is_some_and(|user| *user == ann.id.to_string()))
            .find(|(words, _)| words.contains_key("generation"))
            .unwrap_or_else(|| panic!("no {name} of hers with a generation in {spans:#?}"))
    };
    let (update, of_update) = of_ann("update");
    let (delivery, _) = of_ann("delivery");
    assert!(update.contains_key("update") && delivery.contains_key("entry"));
    assert_eq!(update["generation"], delivery["generation"]);
    assert!(of_update.end_time_unix_nano > of_update.start_time_unix_nano);
    assert!(spans.iter().all(|span| span.events.is_empty()), "no lines of the log");
}

#[actix_rt::test]
async fn nobody_waits_for_a_collector_that_is_away_or_hangs() {
    for (door, hangs) in [(Forwarder::closed().await, false), (Forwarder::open().await, true)] {
        let dir = tempfile::tempdir().unwrap();
        let (process, ann) = traced(&dir, &door.url(), 50).await;
        picture(&ann, "nobody looks").await;
        let begun = Instant::now();
        let said = process.stop().await;
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        let log = all_said(&dir, &said);
        let told = log.matches("spans do not reach the collector").count();
        assert!(told <= 1, "once is enough: {log}");
        assert!(hangs || told == 1, "{log}");
    }
}
