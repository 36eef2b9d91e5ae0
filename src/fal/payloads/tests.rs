use serde_json::{Value, json};

use super::*;
use crate::outgoing::testing::{Answer, Peer};

const KEY: &str = "admin-id:admin-secret";

fn settings(api_url: String) -> Settings {
    Settings { admin_key: KEY.to_owned(), api_url, proxy: None }
}

fn deleter(peer: &Peer) -> Deleter {
    Deleter::new(&settings(peer.url("/"))).unwrap()
}

fn refusal(kind: &str) -> Value {
    json!({ "error": { "type": kind, "message": "no" } })
}

fn files(exceptions: &[Option<&str>]) -> Answer {
    let link = "https://v3.fal.media/files/1.jpg";
    let results = exceptions.iter().map(|what| json!({ "link": link, "exception": what }));
    Answer::json(200, &json!({ "cdn_delete_results": results.collect::<Value>() }))
}

#[tokio::test]
async fn an_admin_has_the_payloads_of_a_request_deleted() {
    let peer = Peer::start([
        files(&[None, None]),
        // What FAL could not delete, or had deleted, is no reason to wait.
        files(&[None, Some("no such file")]),
        Answer::bytes(204, ""),
        Answer::bytes(200, "<html>"),
        Answer::json(404, &refusal("not_found")),
        Answer::json(410, &refusal("not_found")),
    ])
    .await;
    let deleter = deleter(&peer);
    for _answer in 0..6 {
        assert_eq!(deleter.delete_payloads("r-1").await, Ok(()));
    }
    let request = peer.requests().remove(0);
    assert_eq!(request.method, "DELETE");
    assert_eq!(request.target, "/v1/models/requests/r-1/payloads");
    assert_eq!(request.header("authorization"), Some("Key admin-id:admin-secret"));
    assert_eq!(request.header("idempotency-key"), None);
}

#[tokio::test]
async fn a_refused_key_is_told_from_passing_trouble() {
    let moved = Answer::bytes(307, "").with("location", "http://127.0.0.1:9/x");
    let away = |what: &str| Err(Error::Away(what.to_owned()));
    let table = [
        (Answer::json(401, &refusal("authorization_error")), Err(Error::Refused(401))),
        (Answer::json(403, &refusal("authorization_error")), Err(Error::Refused(403))),
        (
            Answer::json(429, &refusal("rate_limited")).with("retry-after", "7"),
            Err(Error::Busy { retry_after: Duration::from_secs(7) }),
        ),
        (Answer::json(400, &refusal("validation_error")), away("it answered 400")),
        (Answer::json(500, &refusal("server_error")), away("it answered 500")),
        (Answer::bytes(503, "<html>"), away("it answered 503")),
        (moved, away("it answered 307")),
    ];
    for (answer, expected) in table {
        let peer = Peer::start([answer]).await;
        assert_eq!(deleter(&peer).delete_payloads("r-1").await, expected);
    }
    let lost = Peer::start([Answer::Close, Answer::Hang]).await;
    let mut impatient = deleter(&lost);
    impatient.timeout = Duration::from_millis(50);
    for _call in 0..2 {
        let error = impatient.delete_payloads("r-1").await.unwrap_err();
        assert!(matches!(error, Error::Away(_)), "{error}");
    }
    let nobody = settings(format!("http://{}", Peer::closed().await));
    let error = Deleter::new(&nobody).unwrap().delete_payloads("r-1").await.unwrap_err();
    assert!(matches!(error, Error::Away(_)), "{error}");
}

#[tokio::test]
async fn what_is_no_request_id_is_sent_nowhere() {
    let peer = Peer::start([]).await;
    for id in ["", "..", "../../account", "a/b", "a?b", "a b"] {
        let error = deleter(&peer).delete_payloads(id).await.unwrap_err();
        assert!(matches!(error, Error::Away(_)), "{id:?}: {error}");
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn the_admin_key_is_checked_for_free_and_shows_nowhere() {
    let peer = Peer::start([
        Answer::json(404, &refusal("not_found")),
        Answer::json(403, &refusal("authorization_error")),
        Answer::bytes(502, ""),
    ])
    .await;
    let deleter = deleter(&peer);
    assert_eq!(deleter.check_key().await, KeyCheck::Valid);
    assert_eq!(deleter.check_key().await, KeyCheck::Rejected);
    let KeyCheck::Unknown(why) = deleter.check_key().await else { panic!("502 says nothing") };
    let settings = settings(peer.url("/"));
    let error = Error::Refused(401);
    for text in [format!("{settings:?} {deleter:?} {:?}", deleter.key), why, error.to_string()] {
        assert!(!text.contains("secret"), "{text}");
    }
    assert!(error.to_string().contains("FAL_ADMIN_KEY"));
    let wrong = Settings { admin_key: "a\nb".to_owned(), ..settings.clone() };
    let invalid = Some(crate::fal::Error::InvalidKey("FAL_ADMIN_KEY"));
    assert_eq!(Deleter::new(&wrong).err(), invalid);
    let wrong = Settings { api_url: "ftp://x".to_owned(), ..settings };
    let invalid = Some(crate::fal::Error::InvalidUrl("FAL_API_URL"));
    assert_eq!(Deleter::new(&wrong).err(), invalid);
}
