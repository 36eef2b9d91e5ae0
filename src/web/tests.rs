//! The edge over real sockets.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use aisha_actors::port::Kind;
use futures::future::join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::{outgoing::testing, settings::Http};

/// Everything behind the edge, scripted.
#[derive(Default)]
struct Behind {
    received: Mutex<Vec<String>>,
    woken: Mutex<Vec<(GenerationId, String)>>,
    refuse: Mutex<Option<Kind>>,
    away: AtomicBool,
    draining: AtomicBool,
    keys_away: AtomicBool,
}

#[async_trait]
impl Intake for Behind {
    async fn receive(&self, raw: Vec<String>) -> port::Result<()> {
        match *self.refuse.lock().unwrap() {
            Some(kind) => Err(port::Error::new(kind, "CANARY cause")),
            None => {
                self.received.lock().unwrap().extend(raw);
                Ok(())
            }
        }
    }
}

impl Waker for Behind {
    fn generation(&self, id: GenerationId, request_id: String) {
        self.woken.lock().unwrap().push((id, request_id));
    }
}

#[async_trait]
impl Health for Behind {
    async fn readiness(&self) -> Readiness {
        let away = self.away.load(Ordering::SeqCst);
        Readiness {
            draining: self.draining.load(Ordering::SeqCst),
            database: if away { Condition::Away } else { Condition::Ok },
            node: None,
            others: vec![("cache", Condition::Ok), ("fal", Condition::Degraded)],
        }
    }
}

#[async_trait]
impl Signatures for Behind {
    async fn verify(&self, signed: Signed<'_>) -> Result<String, Unverified> {
        if self.keys_away.load(Ordering::SeqCst) {
            return Err(Unverified::Unavailable);
        }
        let right =
            signed.signature == "right" && signed.user_id == "us" && !signed.body.is_empty();
        right.then(|| signed.request_id.to_owned()).ok_or(Unverified::Forged)
    }
}

struct Site {
    behind: Arc<Behind>,
    address: SocketAddr,
    admin: Option<SocketAddr>,
    client: Client,
    handles: Vec<actix_web::dev::ServerHandle>,
}

const SECRET: &str = "right_secret";

impl Site {
    fn start() -> Self {
        Self::start_with(Some(SECRET), false)
    }

    fn start_with(secret: Option<&str>, admin: bool) -> Self {
        Self::start_fully(secret, admin, Duration::from_millis(300))
    }

    fn start_with_deadline(body_deadline: Duration) -> Self {
        Self::start_fully(Some(SECRET), false, body_deadline)
    }

    fn start_fully(secret: Option<&str>, admin: bool, body_deadline: Duration) -> Self {
        let behind = Arc::new(Behind::default());
        let edge = Arc::new(Edge {
            intake: behind.clone(),
            waker: behind.clone(),
            health: behind.clone(),
            signatures: behind.clone(),
            webhook_secret: secret.map(Secret::new),
            metrics: Metrics::new(),
            sandbox: true,
            body_deadline,
        });
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let bind = Http {
            bind: loopback,
            admin_bind: admin.then_some(loopback),
            admin_url: None,
            trusted_proxies: Vec::new(),
            connections_max: 100,
        };
        let places = Places::bind(&bind).unwrap();
        let admin = places.admin_address();
        let listening = listen(
            &edge,
            places,
            bind.connections_max,
            |config| {
                config.route("/sandbox", web::get().to(|| async { "the chat" }));
            },
            |config| {
                config.route("/admin", web::get().to(|| async { "the dashboard" }));
            },
        )
        .unwrap();
        let mut handles = vec![listening.server.handle()];
        actix_web::rt::spawn(listening.server);
        if let Some(server) = listening.admin {
            handles.push(server.handle());
            actix_web::rt::spawn(server);
        }
        let client = testing::client().build().unwrap();
        Self { behind, address: listening.address, admin, client, handles }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    async fn update(&self, secret: Option<&str>, body: &str) -> Response {
        let request = self.client.post(self.url("/telegram/webhook")).body(body.to_owned());
        let request = match secret {
            Some(secret) => request.header("X-Telegram-Bot-Api-Secret-Token", secret),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn stop(self) {
        for handle in self.handles {
            handle.stop(false).await;
        }
    }
}

async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["request_id"], id.as_str());
    assert!(!body.to_string().contains("CANARY"));
    (status, body["code"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn pages_carry_security_headers_and_nothing_inline() {
    let site = Site::start();
    for path in ["/", "/assets/home.css", "/health/live", "/metrics", "/sandbox", "/nothing"] {
        let response = site.get(path).await;
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["x-request-id"].len(), 32);
        assert!(!headers.contains_key("server"));
    }
    let page = site.get("/").await.text().await.unwrap();
    assert!(page.contains("href=\"/sandbox\"") && page.contains("href=\"/metrics\""));
    assert!(!page.contains("style=") && !page.contains("<style") && !page.contains("<script"));
    let head = site.client.head(site.url("/health/live")).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    site.stop().await;
}

#[actix_web::test]
async fn health_tells_what_is_away() {
    let site = Site::start();
    assert_eq!(site.get("/health/live").await.status(), StatusCode::OK);
    let ready = site.get("/health/ready").await;
    assert_eq!(ready.status(), StatusCode::OK);
    let body: Value = ready.json().await.unwrap();
    assert_eq!(body["status"], "degraded");
    assert_eq!(body["dependencies"]["database"], "ok");
    assert_eq!(body["dependencies"]["fal"], "degraded");

    site.behind.away.store(true, Ordering::SeqCst);
    let away = site.get("/health/ready").await;
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.json::<Value>().await.unwrap()["dependencies"]["database"], "away");
    assert_eq!(site.get("/health/live").await.status(), StatusCode::OK);

    site.behind.away.store(false, Ordering::SeqCst);
    site.behind.draining.store(true, Ordering::SeqCst);
    let draining = site.get("/health/ready").await;
    assert_eq!(draining.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(draining.json::<Value>().await.unwrap()["status"], "draining");
    site.stop().await;
}

#[actix_web::test]
async fn figures_count_routes_and_not_what_strangers_ask_for() {
    let site = Site::start();
    site.get("/health/live").await;
    site.get("/surprise/1").await;
    site.get("/surprise/2").await;
    let response = site.get("/metrics").await;
    assert_eq!(response.headers()["content-type"], crate::metrics::CONTENT_TYPE);
    let page = response.text().await.unwrap();
    assert!(page.contains("aisha_http_requests_total{route=\"/health/live\",status=\"2xx\"} 1"));
    assert!(page.contains("aisha_http_requests_total{route=\"other\",status=\"4xx\"} 2"));
    assert!(!page.contains("surprise"));
    site.stop().await;
}

#[actix_web::test]
async fn with_an_admin_address_figures_answer_only_there() {
    let site = Site::start_with(Some(SECRET), true);
    assert_eq!(site.get("/metrics").await.status(), StatusCode::NOT_FOUND);
    assert!(!site.get("/").await.text().await.unwrap().contains("/metrics"));
    let admin = format!("http://{}", site.admin.unwrap());
    let at_admin =
        async |path: &str| site.client.get(format!("{admin}{path}")).send().await.unwrap();
    assert_eq!(at_admin("/metrics").await.status(), StatusCode::OK);
    assert_eq!(at_admin("/admin").await.status(), StatusCode::OK);
    assert_eq!(site.get("/admin").await.status(), StatusCode::NOT_FOUND);
    assert!(!site.get("/").await.text().await.unwrap().contains("/admin"));
    assert_eq!(at_admin("/telegram/webhook").await.status(), StatusCode::NOT_FOUND);
    site.stop().await;
}

#[actix_web::test]
async fn an_update_is_answered_after_it_was_taken_in() {
    let site = Site::start();
    let response = site.update(Some(SECRET), "{\"update_id\":1}").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(*site.behind.received.lock().unwrap(), ["{\"update_id\":1}"]);
    site.stop().await;
}

#[actix_web::test]
async fn missing_and_wrong_secrets_look_the_same_and_nothing_is_taken_in() {
    let site = Site::start();
    let mut answers = Vec::new();
    for secret in [None, Some(""), Some("wrong"), Some("right_secrex"), Some("right_secret2")] {
        let response = site.update(secret, "{\"update_id\":1}").await;
        let mut headers: Vec<_> =
            response.headers().keys().map(|name| name.as_str().to_owned()).collect();
        headers.sort();
        answers.push((refusal(response).await, headers));
    }
    assert_eq!(answers[0].0, (401, "unauthorised".to_owned()));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert!(site.behind.received.lock().unwrap().is_empty());

    let polling = Site::start_with(None, false);
    for secret in [None, Some(""), Some(SECRET)] {
        assert_eq!(refusal(polling.update(secret, "{}").await).await.0, 401);
    }
    polling.stop().await;
    site.stop().await;
}

#[actix_web::test]
async fn a_full_inbox_asks_for_another_try_and_hides_the_cause() {
    let site = Site::start();
    for kind in [Kind::Transient, Kind::Ambiguous, Kind::Conflict] {
        *site.behind.refuse.lock().unwrap() = Some(kind);
        let response = site.update(Some(SECRET), "{}").await;
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(refusal(response).await, (503, "unavailable".to_owned()));
    }
    *site.behind.refuse.lock().unwrap() = Some(Kind::Permanent);
    assert_eq!(site.update(Some(SECRET), "nonsense").await.status(), StatusCode::OK);
    site.stop().await;
}

#[actix_web::test]
async fn a_body_may_be_large_but_not_too_large() {
    let site = Site::start();
    let most = "x".repeat(BODY_LEN_MAX);
    assert_eq!(site.update(Some(SECRET), &most).await.status(), StatusCode::OK);

    // Declared: refused before a byte of it is sent. Not declared: when it becomes too large.
    let head = format!(
        "POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
    );
    let declared = format!("{head}Content-Length: {}\r\n\r\n", BODY_LEN_MAX + 1);
    let chunked =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{BODY_LEN_MAX:x}\r\n{most}\r\n1\r\nx\r\n");
    for text in [declared, chunked] {
        assert!(exchange(site.address, text).await.starts_with("HTTP/1.1 413"));
    }
    assert_eq!(site.behind.received.lock().unwrap().len(), 1);
    site.stop().await;
}

/// Says something and gives the whole answer, which ends with the peer hanging up.
async fn exchange(address: SocketAddr, text: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    end.expect("the peer hangs up").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Heads of webhooks that are let in.
fn welcome_heads() -> [(&'static str, String); 2] {
    [
        ("/telegram/webhook", format!("X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n")),
        (
            "/fal/webhook/0123456789abcdef0123456789abcdef",
            "X-Fal-Webhook-Request-Id: r\r\nX-Fal-Webhook-User-Id: us\r\n\
             X-Fal-Webhook-Timestamp: 1\r\nX-Fal-Webhook-Signature: right\r\n"
                .to_owned(),
        ),
    ]
}

/// Both ways to begin a body and leave the rest open.
const BEGINNINGS: [(&str, &str); 2] =
    [("Content-Length: 1000", "{"), ("Transfer-Encoding: chunked", "1\r\n{\r\n")];

#[actix_web::test]
async fn a_body_that_dawdles_is_cut_off() {
    let site = Site::start();
    let cases = welcome_heads().into_iter().flat_map(|(path, head)| {
        BEGINNINGS.map(|(length, beginning)| {
            format!("POST {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n{head}\r\n{beginning}")
        })
    });
    let answers = join_all(cases.map(|text| exchange(site.address, text))).await;
    assert_eq!(answers.len(), 4);
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too_slow"), "{answer}");
    }
    assert!(site.behind.received.lock().unwrap().is_empty());
    assert!(site.behind.woken.lock().unwrap().is_empty());
    site.stop().await;
}

#[actix_web::test]
async fn a_stranger_is_refused_before_the_body_and_hung_up_on() {
    // Nobody waits for the body: its deadline would outlast the test.
    let site = Site::start_with_deadline(Duration::from_secs(3_600));
    let paths = [("/telegram/webhook", 401), ("/fal/webhook/x", 401), ("/", 405), ("/x", 404)];
    let cases = paths.into_iter().flat_map(|(path, status)| {
        BEGINNINGS.map(|(length, beginning)| {
            let text = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n{beginning}");
            (text, format!("HTTP/1.1 {status}"))
        })
    });
    let checks = cases.map(async |(text, status)| {
        let answer = exchange(site.address, text).await;
        assert!(answer.starts_with(&status), "{answer}");
    });
    join_all(checks).await;
    site.stop().await;
}

#[actix_web::test]
async fn a_chunked_update_is_taken_in_and_the_connection_lives_on() {
    let site = Site::start();
    let text = format!(
        "POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
         X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
    );
    let last = text.replace("Host: x\r\n", "Host: x\r\nConnection: close\r\n");
    let answer = exchange(site.address, format!("{text}{last}")).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    assert_eq!(*site.behind.received.lock().unwrap(), ["{}", "{}"]);
    site.stop().await;
}

#[actix_web::test]
async fn fal_wakes_a_generation_only_with_a_signature() {
    let site = Site::start();
    let id = "0123456789abcdef0123456789abcdef";
    let post = async |id: &str, headers: &[(&str, &str)], body: &str| {
        let request = site.client.post(site.url(&format!("/fal/webhook/{id}")));
        let request = headers.iter().fold(request, |request, (n, v)| request.header(*n, *v));
        request.body(body.to_owned()).send().await.unwrap()
    };
    let signed = [
        ("x-fal-webhook-request-id", "req-1"),
        ("x-fal-webhook-user-id", "us"),
        ("x-fal-webhook-timestamp", "1700000000"),
        ("x-fal-webhook-signature", "right"),
    ];
    for missing in 0..signed.len() {
        let fewer = signed.iter().enumerate().filter(|(i, _)| *i != missing);
        let fewer: Vec<_> = fewer.map(|(_, header)| *header).collect();
        assert_eq!(refusal(post(id, &fewer, "{}").await).await.0, 401);
        let long = "r".repeat(257);
        let mut longer = signed;
        longer[missing].1 = &long;
        assert_eq!(refusal(post(id, &longer, "{}").await).await.0, 401);
    }
    let mut forged = signed;
    forged[3].1 = "wrong";
    assert_eq!(refusal(post(id, &forged, "{}").await).await.0, 401);
    assert_eq!(refusal(post("nonsense", &forged, "{}").await).await.0, 401);
    assert!(site.behind.woken.lock().unwrap().is_empty());

    site.behind.keys_away.store(true, Ordering::SeqCst);
    assert_eq!(refusal(post(id, &signed, "{}").await).await.0, 503);
    site.behind.keys_away.store(false, Ordering::SeqCst);

    assert_eq!(refusal(post("nonsense", &signed, "{}").await).await.0, 404);
    assert_eq!(post(id, &signed, "{}").await.status(), StatusCode::OK);
    let woken = site.behind.woken.lock().unwrap().clone();
    assert_eq!(woken, [(GenerationId::parse(id).unwrap(), "req-1".to_owned())]);
    site.stop().await;
}

#[actix_web::test]
async fn every_refusal_is_json_without_a_cause() {
    let site = Site::start();
    assert_eq!(refusal(site.get("/nothing").await).await, (404, "not_found".into()));
    assert_eq!(
        refusal(site.get("/telegram/webhook").await).await,
        (405, "method_not_allowed".into())
    );
    let traced = site.client.request(reqwest::Method::TRACE, site.url("/")).send().await.unwrap();
    assert_eq!(refusal(traced).await, (405, "method_not_allowed".into()));
    site.stop().await;
}
