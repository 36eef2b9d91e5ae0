mod standin;

use aisha_actors::{
    domain::{
        catalogue::{Choice, Resolution, Status},
        generation::Failure,
        id::ModelId,
        ledger::Credits,
        time::Timestamp,
    },
    port::ProviderPicture,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::outgoing::testing::{Answer, Hands, Peer};

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);
const KEY: &str = "key-id:key-secret";

pub(super) fn sample() -> (Model, Order) {
    let id = ModelId::parse("imagen4").unwrap();
    let choice = |name: &str| Choice { name: name.to_owned(), value: name.to_owned() };
    let resolution = |name: &str| Resolution { name: name.to_owned(), price: Credits(1) };
    let model = Model {
        id: id.clone(),
        title: "Imagen 4".to_owned(),
        endpoint: "fal-ai/imagen4/preview".to_owned(),
        status: Status::Active,
        successor: None,
        ratio_parameter: "aspect_ratio".to_owned(),
        ratios: vec![choice("1:1"), choice("16:9")],
        count_max: 4,
        resolutions: vec![resolution("1K"), resolution("2K")],
        seed: true,
        output_format: Some("jpeg".to_owned()),
        fixed: [].into(),
        prompt_min: 3,
        prompt_max: 1000,
        price: Credits(1),
        bucket: "imagen4".to_owned(),
        deadline: Duration::from_secs(600),
    };
    let order = Order {
        model: id,
        prompt: "a cat".to_owned(),
        ratio: "16:9".to_owned(),
        resolution: Some("2K".to_owned()),
        count: 2,
        seed: 77,
        price: Credits(1),
    };
    (model, order)
}

fn settings(queue_url: String) -> Settings {
    Settings { key: KEY.to_owned(), queue_url, proxy: None, webhook_url: None }
}

fn client(peer: &Peer) -> Client {
    Client::new(&settings(peer.url("/sandbox/fal")), Hands::at(NOW)).unwrap()
}

fn submitted(peer: &Peer) -> Answer {
    let base = peer.url("/sandbox/fal/fal-ai/imagen4/requests/r-1");
    Answer::json(
        200,
        &json!({
            "status": "IN_QUEUE", "request_id": "r-1", "queue_position": 0, "response_url": base,
            "status_url": format!("{base}/status"), "cancel_url": format!("{base}/cancel"),
        }),
    )
}

fn ticket(peer: &Peer) -> Ticket {
    client(peer).queue.ticket("fal-ai/imagen4/preview", "r-1").unwrap()
}

async fn submit(client: &Client) -> port::Result<Ticket> {
    let (model, order) = sample();
    client.submit(GenerationId(Uuid::from_u128(9)), &model, &order).await
}

/// The kind of error that a submit ends with when FAL answers so.
async fn submit_kind(answer: Answer) -> Kind {
    let peer = Peer::start([answer]).await;
    submit(&client(&peer)).await.unwrap_err().kind
}

/// What is made of a result call's answers.
async fn outcome(answers: impl IntoIterator<Item = Answer>) -> port::Result<Outcome> {
    let peer = Peer::start(answers).await;
    client(&peer).outcome(&ticket(&peer)).await
}

fn detail(words: &str) -> Value {
    json!({ "detail": words })
}

fn model_error(kind: &str) -> Value {
    json!({ "detail": [{ "type": kind, "msg": "no", "loc": ["body", "prompt"], "input": {} }] })
}

#[tokio::test]
async fn a_submit_says_what_the_model_takes_and_returns_fals_own_addresses() {
    let peer = Peer::start([]).await;
    peer.script(submitted(&peer));
    let mut settings = settings(peer.url("/sandbox/fal/"));
    settings.webhook_url = Some("https://bot.example.net/fal/webhook/".to_owned());
    let client = Client::new(&settings, Hands::at(NOW)).unwrap();
    assert_eq!(submit(&client).await, Ok(ticket(&peer)));
    let request = peer.requests().remove(0);
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.target,
        "/sandbox/fal/fal-ai/imagen4/preview?fal_webhook=https%3A%2F%2Fbot.example.net%2Ffal%2F\
         webhook%2F00000000000000000000000000000009"
    );
    assert_eq!(request.header("authorization"), Some("Key key-id:key-secret"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let keep: Value =
        serde_json::from_str(request.header("x-fal-object-lifecycle-preference").unwrap()).unwrap();
    assert!(keep["expiration_duration_seconds"].as_u64() >= Some(7 * 24 * 3600));
    assert_eq!(request.header("x-fal-store-io"), None);
    assert_eq!(
        request.json(),
        json!({ "prompt": "a cat", "aspect_ratio": "16:9", "num_images": 2, "resolution": "2K",
                "seed": 77, "output_format": "jpeg" })
    );
}

#[tokio::test]
async fn without_a_webhook_address_none_is_said() {
    let peer = Peer::start([]).await;
    peer.script(submitted(&peer));
    submit(&client(&peer)).await.unwrap();
    assert_eq!(peer.requests()[0].target, "/sandbox/fal/fal-ai/imagen4/preview");
}

#[tokio::test]
async fn foreign_addresses_in_a_submits_answer_are_replaced_by_ours() {
    let base = "https://evil.example.net/fal-ai/imagen4/requests/r-1";
    let peer = Peer::start([Answer::json(
        200,
        &json!({ "request_id": "r-1", "response_url": base, "status_url": format!("{base}/status"),
                 "cancel_url": format!("{base}/cancel") }),
    )])
    .await;
    assert_eq!(submit(&client(&peer)).await, Ok(ticket(&peer)));
}

#[tokio::test]
async fn the_key_is_sent_nowhere_but_to_the_queue() {
    let (queue, other) = (Peer::start([]).await, Peer::start([]).await);
    let client = client(&queue);
    let foreign = ticket(&other);
    assert_eq!(client.status(&foreign).await.unwrap_err().kind, Kind::Permanent);
    assert_eq!(client.outcome(&foreign).await.unwrap_err().kind, Kind::Permanent);
    assert_eq!(client.cancel(&foreign).await.unwrap_err().kind, Kind::Permanent);
    assert!(other.requests().is_empty() && queue.requests().is_empty());
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Peer::start([]).await;
    let moved = || Answer::bytes(307, "").with("location", &other.url("/x"));
    let peer = Peer::start([moved(), moved()]).await;
    assert_eq!(submit(&client(&peer)).await.unwrap_err().kind, Kind::Permanent);
    assert!(client(&peer).status(&ticket(&peer)).await.is_err());
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_refused_submit_has_the_kind_that_decides_what_comes_next() {
    let limited = Answer::json(429, &detail("slow down")).with("retry-after", "7");
    let retry_after = Duration::from_secs(7);
    let money = detail("User is locked. Reason: Exhausted balance. Top up at fal.ai/billing");
    let table = [
        (Answer::json(401, &detail("Invalid API key")), Kind::Forbidden),
        (Answer::json(401, &money), Kind::OutOfMoney),
        (Answer::json(403, &money), Kind::OutOfMoney),
        (Answer::json(403, &detail("Forbidden")), Kind::Forbidden),
        (Answer::json(402, &detail("Payment Required")), Kind::OutOfMoney),
        (Answer::json(404, &detail("Application not found")), Kind::NotFound),
        (Answer::json(410, &detail("Gone")), Kind::NotFound),
        (Answer::json(422, &model_error("content_policy_violation")), Kind::Unsafe),
        (Answer::json(422, &model_error("literal_error")), Kind::Permanent),
        (Answer::json(400, &detail("Bad Request")), Kind::Permanent),
        (limited, Kind::RateLimited { retry_after }),
        (Answer::json(503, &detail("Service Unavailable")), Kind::Transient),
        (Answer::bytes(503, "<html>nginx</html>"), Kind::Ambiguous),
        (Answer::json(500, &detail("Internal Server Error")), Kind::Ambiguous),
        (Answer::bytes(502, ""), Kind::Ambiguous),
        (Answer::json(504, &detail("Gateway Timeout")), Kind::Ambiguous),
        (Answer::Close, Kind::Ambiguous),
        (Answer::Part { body: b"{".to_vec(), silent: false }, Kind::Ambiguous),
        (Answer::bytes(200, "<html>"), Kind::Ambiguous),
        (Answer::json(200, &json!({ "request_id": "../../admin" })), Kind::Ambiguous),
        (Answer::json(200, &json!({ "request_id": "a\r\nX: y" })), Kind::Ambiguous),
        (Answer::json(200, &json!({ "request_id": "x".repeat(1 << 20) })), Kind::Ambiguous),
    ];
    for (answer, kind) in table {
        let label = format!("{answer:?}").chars().take(200).collect::<String>();
        assert_eq!(submit_kind(answer).await, kind, "{label}");
    }
}

#[tokio::test]
async fn a_submit_that_never_left_may_be_repeated() {
    let client = |url: String| Client::new(&settings(url), Hands::at(NOW)).unwrap();
    let nobody = client(format!("http://{}", Peer::closed().await));
    assert_eq!(submit(&nobody).await.unwrap_err().kind, Kind::Transient);
    let no_tls = Peer::start([]).await;
    let no_tls = client(format!("https://{}", no_tls.address));
    assert_eq!(submit(&no_tls).await.unwrap_err().kind, Kind::Transient);
    let nowhere = client("http://queue.invalid".to_owned());
    assert_eq!(submit(&nowhere).await.unwrap_err().kind, Kind::Transient);
}

#[tokio::test]
async fn silence_ends_in_time() {
    let peer = Peer::start([
        Answer::Hang,
        Answer::Part { body: b"{".to_vec(), silent: true },
        Answer::Hang,
        Answer::Hang,
    ])
    .await;
    let mut client = client(&peer);
    client.timeouts =
        Timeouts { submit: Duration::from_millis(50), other: Duration::from_millis(50) };
    assert_eq!(submit(&client).await.unwrap_err().kind, Kind::Ambiguous);
    assert_eq!(submit(&client).await.unwrap_err().kind, Kind::Ambiguous);
    assert_eq!(client.status(&ticket(&peer)).await.unwrap_err().kind, Kind::Transient);
    assert_eq!(client.outcome(&ticket(&peer)).await.unwrap_err().kind, Kind::Transient);
}

#[tokio::test]
async fn a_status_is_read() {
    let answer = |status: u16, body: Value| Answer::json(status, &body);
    let peer = Peer::start([
        answer(202, json!({ "status": "IN_QUEUE", "queue_position": 3 })),
        answer(202, json!({ "status": "IN_QUEUE", "queue_position": -1 })),
        answer(202, json!({ "status": "IN_PROGRESS", "logs": null })),
        answer(200, json!({ "status": "COMPLETED", "error": "Invalid status code: 500" })),
        answer(200, json!({ "status": "DANCING" })),
        answer(404, detail("Request not found")),
        answer(503, detail("later")),
        Answer::Close,
        Answer::bytes(200, vec![b' '; ANSWER_MAX + 1]),
        answer(429, detail("slow down")).with("retry-after", "2"),
    ])
    .await;
    let (client, ticket) = (client(&peer), ticket(&peer));
    let status = async || client.status(&ticket).await.map_err(|error| error.kind);
    assert_eq!(status().await, Ok(ProviderStatus::Waiting { position: 3 }));
    assert_eq!(status().await, Ok(ProviderStatus::Waiting { position: 0 }));
    assert_eq!(status().await, Ok(ProviderStatus::Running));
    assert_eq!(status().await, Ok(ProviderStatus::Completed));
    assert_eq!(status().await, Err(Kind::Transient));
    assert_eq!(status().await, Err(Kind::NotFound));
    assert_eq!(status().await, Err(Kind::Transient));
    assert_eq!(status().await, Err(Kind::Transient));
    assert_eq!(status().await, Err(Kind::Transient));
    let retry_after = Duration::from_secs(2);
    assert_eq!(status().await, Err(Kind::RateLimited { retry_after }));
    assert_eq!(peer.requests()[0].target, "/sandbox/fal/fal-ai/imagen4/requests/r-1/status");
}

fn pictures(urls: &[&str]) -> port::Result<Outcome> {
    let expires_at = Some(NOW.plus(PICTURES_PROMISED));
    let picture = |url: &&str| ProviderPicture { url: (*url).to_owned(), expires_at };
    Ok(Outcome::Pictures(urls.iter().map(picture).collect()))
}

#[tokio::test]
async fn a_result_is_its_pictures() {
    let image = |url: &str| json!({ "url": url, "content_type": "image/jpeg" });
    let (one, two) = ("https://v3.fal.media/1.jpg", "https://v3.fal.media/2.jpg");
    let body = json!({ "images": [image(one), image(two)], "description": "" });
    assert_eq!(outcome([Answer::json(200, &body)]).await, pictures(&[one, two]));
    // What the safety filter blackened is not delivered; all of it black is its refusal.
    let flagged =
        |flags: Value| json!({ "images": [image(one), image(two)], "has_nsfw_concepts": flags });
    let half = Answer::json(200, &flagged(json!([true, false])));
    assert_eq!(outcome([half]).await, pictures(&[two]));
    let all = Answer::json(200, &flagged(json!([true, true])));
    assert_eq!(outcome([all]).await, Ok(Outcome::Failed(Failure::Safety)));
    // More than any order asks for.
    let many = Answer::json(200, &json!({ "images": vec![image(one); 50] }));
    assert_eq!(outcome([many]).await, pictures(&[one; 4]));
}

#[tokio::test]
async fn a_result_of_the_wrong_shape_is_a_failure_of_the_provider() {
    for body in [
        json!({}),
        json!([]),
        json!({ "images": [] }),
        json!({ "images": "none" }),
        json!({ "images": [{ "href": "https://v3.fal.media/1.jpg" }] }),
        json!({ "images": [{ "url": "data:image/png;base64,AAAA" }] }),
        json!({ "images": [{ "url": "file:///etc/passwd" }] }),
        json!({ "images": [{ "url": format!("https://x/{}", "x".repeat(4096)) }] }),
        json!({ "error": "went wrong" }),
    ] {
        let label = body.to_string();
        let outcome = outcome([Answer::json(200, &body)]).await;
        assert_eq!(outcome, Ok(Outcome::Failed(Failure::Provider)), "{label:.200}");
    }
    // Not FAL's words at all: asked again.
    let page = outcome([Answer::bytes(200, "<html>502 Bad Gateway</html>")]).await;
    assert_eq!(page.unwrap_err().kind, Kind::Transient);
}

#[tokio::test]
async fn a_failed_job_says_so_on_the_result_call() {
    let failed = |failure| Ok(Outcome::Failed(failure));
    let blocked = Answer::json(422, &model_error("content_policy_violation"));
    assert_eq!(outcome([blocked]).await, failed(Failure::Safety));
    let wrong = Answer::json(422, &model_error("literal_error"));
    assert_eq!(outcome([wrong]).await, failed(Failure::BadRequest));
    let status = |error: &str, kind: &str| {
        Answer::json(200, &json!({ "status": "COMPLETED", "error": error, "error_type": kind }))
    };
    let broken = Answer::json(500, &model_error("internal_server_error"));
    let said = status("Invalid status code: 500", "internal_server_error");
    assert_eq!(outcome([broken, said]).await, failed(Failure::Provider));
    let timeout = json!({ "detail": "Request timed out", "error_type": "request_timeout" });
    let late = Answer::json(504, &timeout).with("x-fal-error-type", "request_timeout");
    let said = status("Request timed out", "request_timeout");
    assert_eq!(outcome([late, said]).await, failed(Failure::Provider));
    let odd = Answer::json(400, &detail("Invalid status code: 400"));
    let said = status("content_policy_violation", "");
    assert_eq!(outcome([odd, said]).await, failed(Failure::Safety));
}

#[tokio::test]
async fn a_result_call_that_fails_on_its_own_account_is_asked_again() {
    let kind = async |answers: Vec<Answer>| outcome(answers).await.unwrap_err().kind;
    // FAL is in trouble, but the job itself has not failed.
    let well = Answer::json(200, &json!({ "status": "COMPLETED", "error": null }));
    let busy = Answer::json(503, &detail("Service Unavailable"));
    assert_eq!(kind(vec![busy.clone(), well]).await, Kind::Transient);
    let running = Answer::json(202, &json!({ "status": "IN_PROGRESS", "error": "old" }));
    assert_eq!(kind(vec![busy.clone(), running]).await, Kind::Transient);
    assert_eq!(kind(vec![busy, Answer::Close]).await, Kind::Transient);
    assert_eq!(kind(vec![Answer::bytes(502, "<html>")]).await, Kind::Transient);
    assert_eq!(kind(vec![Answer::Close]).await, Kind::Transient);
    let early = Answer::json(400, &detail("Request is still in progress"));
    assert_eq!(kind(vec![early]).await, Kind::Transient);
    assert_eq!(kind(vec![Answer::json(404, &detail("Not Found"))]).await, Kind::NotFound);
    assert_eq!(kind(vec![Answer::json(401, &detail("no"))]).await, Kind::Forbidden);
}

#[tokio::test]
async fn a_cancelled_job_is_recognised() {
    let body = json!({ "detail": "Request was cancelled", "error_type": "client_cancelled" });
    let typed = Answer::json(499, &body).with("x-fal-error-type", "client_cancelled");
    assert_eq!(outcome([typed]).await, Ok(Outcome::Cancelled));
    let worded = Answer::json(400, &detail("Request was cancelled"));
    assert_eq!(outcome([worded]).await, Ok(Outcome::Cancelled));
    let odd = Answer::json(500, &detail("Internal Server Error"));
    let said = json!({ "status": "COMPLETED", "error": "x", "error_type": "client_cancelled" });
    assert_eq!(outcome([odd, Answer::json(200, &said)]).await, Ok(Outcome::Cancelled));
}

#[tokio::test]
async fn a_cancel_is_answered_in_fals_words() {
    let said = |status: u16, word: &str| Answer::json(status, &json!({ "status": word }));
    let peer = Peer::start([
        said(202, "CANCELLATION_REQUESTED"),
        said(200, "OK"),
        said(400, "ALREADY_COMPLETED"),
        said(404, "NOT_FOUND"),
        Answer::json(404, &detail("Not Found")),
        Answer::bytes(202, ""),
        Answer::json(500, &detail("Internal Server Error")),
        Answer::Close,
    ])
    .await;
    let (client, ticket) = (client(&peer), ticket(&peer));
    let cancel = async || client.cancel(&ticket).await.map_err(|error| error.kind);
    assert_eq!(cancel().await, Ok(Cancel::Requested));
    assert_eq!(cancel().await, Ok(Cancel::Requested));
    assert_eq!(cancel().await, Ok(Cancel::AlreadyCompleted));
    assert_eq!(cancel().await, Ok(Cancel::Unknown));
    assert_eq!(cancel().await, Ok(Cancel::Unknown));
    assert_eq!(cancel().await, Ok(Cancel::Requested));
    assert_eq!(cancel().await, Err(Kind::Transient));
    assert_eq!(cancel().await, Err(Kind::Transient));
    assert_eq!(peer.requests()[0].method, "PUT");
    assert_eq!(peer.requests()[0].target, "/sandbox/fal/fal-ai/imagen4/requests/r-1/cancel");
}

#[tokio::test]
async fn the_key_is_checked_for_free() {
    let peer = Peer::start([
        Answer::json(404, &detail("Request not found")),
        Answer::json(401, &detail("Invalid API key")),
        Answer::json(403, &detail("User is locked. Reason: Exhausted balance.")),
        Answer::bytes(502, ""),
    ])
    .await;
    let client = client(&peer);
    assert_eq!(client.check_key().await, KeyCheck::Valid);
    assert_eq!(client.check_key().await, KeyCheck::Rejected);
    assert_eq!(client.check_key().await, KeyCheck::Locked);
    assert_eq!(client.check_key().await, KeyCheck::Unknown("FAL answered 502".to_owned()));
    assert!(peer.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn the_key_shows_nowhere() {
    let peer = Peer::start([Answer::json(401, &detail("Invalid API key"))]).await;
    let settings = settings(peer.url("/sandbox/fal"));
    let client = Client::new(&settings, Hands::at(NOW)).unwrap();
    let error = submit(&client).await.unwrap_err();
    for text in [format!("{settings:?} {client:?} {:?}", client.key), format!("{error:?} {error}")]
    {
        assert!(!text.contains("secret"), "{text}");
    }
    assert!(error.what.contains("does not accept FAL_KEY"), "{error}");
    let wrong = Settings { key: "a\nb".to_owned(), ..settings };
    assert_eq!(Client::new(&wrong, Hands::at(NOW)).err(), Some(Error::InvalidKey("FAL_KEY")));
}

#[tokio::test]
async fn a_proxy_carries_the_calls() {
    let proxy = Peer::start([Answer::json(404, &detail("Request not found"))]).await;
    let mut settings = settings("http://queue.invalid".to_owned());
    settings.proxy = Some(proxy.url(""));
    let client = Client::new(&settings, Hands::at(NOW)).unwrap();
    assert_eq!(client.check_key().await, KeyCheck::Valid);
    assert!(proxy.requests()[0].target.starts_with("http://queue.invalid/fal-ai/flux/requests/"));
}
