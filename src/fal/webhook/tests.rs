use actix_web::http::header::{HeaderName, HeaderValue};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::*;
use crate::outgoing::testing::{Answer, Hands, Peer};

const NOW: i64 = 1_790_000_000;
const USER: &str = "github|42";
const REQUEST: &str = "9d6f2a34-6f0e-4b64-a2f3-9d6f2a346f0e";

fn clock() -> Arc<Hands> {
    Hands::at(Timestamp(NOW * 1_000_000))
}

fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// A key set with these keys' public halves.
fn set(keys: &[&SigningKey]) -> Answer {
    let encode = |key: &&SigningKey| {
        let x = BASE64_URL.encode(key.verifying_key().to_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
    };
    Answer::json(200, &json!({ "keys": keys.iter().map(encode).collect::<Vec<Value>>() }))
}

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64_URL};

fn body() -> Vec<u8> {
    json!({ "request_id": REQUEST, "gateway_request_id": "g", "status": "OK", "payload": null })
        .to_string()
        .into_bytes()
}

/// A webhook that can be spoilt.
#[derive(Clone)]
struct Sample {
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn sample(key: &SigningKey, user: &str, at: i64) -> Sample {
    let body = body();
    let digest = hex::encode(Sha256::digest(&body));
    let message = format!("{REQUEST}\n{user}\n{at}\n{digest}");
    let signature = hex::encode(key.sign(message.as_bytes()).to_bytes());
    let headers = vec![
        ("x-fal-webhook-request-id", REQUEST.to_owned()),
        ("x-fal-webhook-user-id", user.to_owned()),
        ("x-fal-webhook-timestamp", at.to_string()),
        ("x-fal-webhook-signature", signature),
    ];
    Sample { headers, body }
}

impl Sample {
    fn set(mut self, index: usize, value: &str) -> Self {
        self.headers[index].1 = value.to_owned();
        self
    }

    async fn check(&self, verifier: &Verifier) -> Result<String, Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        verifier.verify(&headers, &self.body).await
    }
}

fn verifier(peers: &[&Peer], user_id: Option<&str>, clock: Arc<Hands>) -> Verifier {
    let jwks_urls = peers.iter().map(|peer| peer.url("/.well-known/jwks.json")).collect();
    let user_id = user_id.map(str::to_owned);
    Verifier::new(&Settings { jwks_urls, user_id, proxy: None }, clock).unwrap()
}

#[tokio::test]
async fn a_signed_webhook_names_its_request() {
    let peer = Peer::start([set(&[&signer(1), &signer(2)])]).await;
    let verifier = verifier(&[&peer], Some(USER), clock());
    for at in [NOW, NOW - 300, NOW + 300] {
        // Any key of the set will do.
        let sample = sample(&signer(2), USER, at);
        assert_eq!(sample.check(&verifier).await, Ok(REQUEST.to_owned()));
    }
    assert_eq!(peer.requests().len(), 1, "the keys are looked up once");
}

#[tokio::test]
async fn twelve_forgeries_are_refused() {
    let key = signer(1);
    let good = sample(&key, USER, NOW);
    let signature = good.headers[3].1.clone();
    let mut flipped = signature.clone().into_bytes();
    flipped[0] = if flipped[0] == b'0' { b'1' } else { b'0' };
    let flipped = String::from_utf8(flipped).unwrap();
    let header = |name: &'static str| Err(Error::Header(name));
    let mut unsigned = good.clone();
    unsigned.headers.remove(3);
    let mut doubled = good.clone();
    doubled.headers.push(("x-fal-webhook-user-id", USER.to_owned()));
    let mut other_body = good.clone();
    other_body.body = json!({ "request_id": "another" }).to_string().into_bytes();
    let mut longer_body = good.clone();
    longer_body.body.push(b' ');
    // The signature of three lines whose ends are shifted is not one of these four.
    let shifted = good.clone().set(0, &format!("{REQUEST}0")).set(2, &NOW.to_string());
    let table: [(&str, Sample, Result<String, Error>); 13] = [
        ("no signature", unsigned, header("X-Fal-Webhook-Signature")),
        ("a header twice", doubled, header("X-Fal-Webhook-User-Id")),
        ("another request", good.clone().set(0, "another"), Err(Error::Forged)),
        ("a shifted request", shifted, Err(Error::Forged)),
        (
            "a request that is a path",
            good.clone().set(0, "../admin"),
            header("X-Fal-Webhook-Request-Id"),
        ),
        ("another user, not signed", good.clone().set(1, "github|43"), Err(Error::ForeignUser)),
        ("another user, signed", sample(&key, "github|43", NOW), Err(Error::ForeignUser)),
        ("too old", sample(&key, USER, NOW - 301), Err(Error::Stale)),
        ("of the future", sample(&key, USER, NOW + 301), Err(Error::Stale)),
        ("freshened", sample(&key, USER, NOW - 301).set(2, &NOW.to_string()), Err(Error::Forged)),
        ("another body", other_body, Err(Error::Forged)),
        ("a longer body", longer_body, Err(Error::Forged)),
        ("another key", sample(&signer(9), USER, NOW), Err(Error::Forged)),
    ];
    let peer = Peer::start([set(&[&key])]).await;
    let verifier = verifier(&[&peer], Some(USER), clock());
    assert!(good.check(&verifier).await.is_ok());
    for (label, forged, expected) in table {
        assert_eq!(forged.check(&verifier).await, expected, "{label}");
    }
    let name = "X-Fal-Webhook-Signature";
    for text in [flipped.as_str(), "", "zz", &signature[2..], &format!("{signature}00")] {
        let expected = if text == flipped { Err(Error::Forged) } else { header(name) };
        assert_eq!(good.clone().set(3, text).check(&verifier).await, expected, "{text}");
    }
    for text in ["", "soon", "-1", "1e9", "99999999999999999999"] {
        let result = good.clone().set(2, text).check(&verifier).await;
        assert_eq!(result, header("X-Fal-Webhook-Timestamp"), "{text}");
    }
    assert!(good.check(&verifier).await.is_ok(), "forgeries spoil nothing");
}

#[tokio::test]
async fn the_first_proven_user_is_the_only_one() {
    let key = signer(1);
    let peer = Peer::start([set(&[&key])]).await;
    let verifier = verifier(&[&peer], None, clock());
    let forged = sample(&signer(9), "someone-else", NOW);
    assert_eq!(forged.check(&verifier).await, Err(Error::Forged));
    assert!(sample(&key, USER, NOW).check(&verifier).await.is_ok());
    let foreign = sample(&key, "someone-else", NOW);
    assert_eq!(foreign.check(&verifier).await, Err(Error::ForeignUser));
}

#[tokio::test]
async fn keys_come_from_whichever_set_answers() {
    let key = signer(1);
    let old = set(&[&signer(7)]);
    let junk =
        Answer::json(200, &json!({ "keys": [{ "x": "AAAA" }, 5, { "crv": "P-256", "x": "" }] }));
    let large = Answer::bytes(200, vec![b' '; 65 << 10]);
    let peers = [
        Peer::start([Answer::bytes(404, "")]).await,
        Peer::start([Answer::Close]).await,
        Peer::start([junk]).await,
        Peer::start([large]).await,
        Peer::start([old]).await,
        Peer::start([set(&[&key])]).await,
    ];
    let verifier = verifier(&peers.iter().collect::<Vec<_>>(), None, clock());
    assert!(sample(&key, USER, NOW).check(&verifier).await.is_ok());
}

#[tokio::test]
async fn a_new_key_is_looked_up_once_a_minute_at_most() {
    let (old, new) = (signer(1), signer(2));
    let peer = Peer::start([set(&[&old]), set(&[&old]), set(&[&old, &new])]).await;
    let hands = clock();
    let verifier = verifier(&[&peer], Some(USER), hands.clone());
    assert!(sample(&old, USER, NOW).check(&verifier).await.is_ok());
    for _ in 0..5 {
        assert_eq!(sample(&new, USER, NOW).check(&verifier).await, Err(Error::Forged));
    }
    assert_eq!(peer.requests().len(), 1);
    hands.turn(KEYS_LOOK_EVERY);
    for _ in 0..5 {
        assert_eq!(sample(&new, USER, NOW).check(&verifier).await, Err(Error::Forged));
    }
    assert_eq!(peer.requests().len(), 2);
    hands.turn(KEYS_LOOK_EVERY);
    assert!(sample(&new, USER, NOW).check(&verifier).await.is_ok());
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn keys_grow_old_and_without_any_nothing_is_believed() {
    let key = signer(1);
    let peer = Peer::start([Answer::bytes(500, ""), set(&[&key]), Answer::bytes(500, "")]).await;
    let hands = clock();
    let verifier = verifier(&[&peer], Some(USER), hands.clone());
    let check = async |at| sample(&key, USER, at).check(&verifier).await;
    assert_eq!(check(NOW).await, Err(Error::NoKeys));
    hands.turn(KEYS_LOOK_EVERY);
    assert!(check(NOW).await.is_ok());
    hands.turn(KEYS_AGE_MAX);
    let later = NOW + 24 * 3600 + 60;
    assert_eq!(check(later).await, Err(Error::NoKeys));
    assert_eq!(peer.requests().len(), 3);
}
