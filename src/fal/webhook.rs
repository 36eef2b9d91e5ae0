//! Proves that a webhook is FAL's own and meant for us.
//!
//! FAL signs `request_id\nuser_id\ntimestamp\nhex(sha256(body))` with Ed25519 and publishes its keys as
//! a JSON Web Key Set. Every FAL customer's webhooks are signed with the same keys, so the user id is
//! part of the proof. A proven webhook is still only a wake-up: the result is read back from FAL.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix_web::http::header::HeaderMap;
use aisha_actors::{domain::time::Timestamp, port::Clock};
use ed25519_dalek::{Signature, VerifyingKey};
use reqwest::Url;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use super::address;
use crate::outgoing;

mod keys;
#[cfg(test)]
mod tests;

/// How far a webhook's time may be from ours, both ways.
const SKEW_MAX: Duration = Duration::from_secs(300);
/// How long a key set is used.
const KEYS_AGE_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long after one look at the key sets the next one may be.
const KEYS_LOOK_EVERY: Duration = Duration::from_secs(60);
const USER_ID_MAX: usize = 128;

/// Whom to believe.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Addresses of key sets; the keys of all of them count.
    pub jwks_urls: Vec<String>,
    /// Our user id at FAL. None: the one of the first proven webhook of this process.
    pub user_id: Option<String>,
    /// Carries the look-ups of keys, when given.
    pub proxy: Option<String>,
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the header {0} is missing, stands twice or is malformed")]
    Header(&'static str),
    #[error("its time is more than five minutes from ours")]
    Stale,
    #[error("it is for another FAL user")]
    ForeignUser,
    #[error("the signature is not FAL's")]
    Forged,
    /// Not the sender's fault: to be answered so that FAL tries again.
    #[error("FAL's keys are not to be had now")]
    NoKeys,
}

/// Checks webhooks. One per process, so that the keys and the user id are shared.
pub struct Verifier {
    http: reqwest::Client,
    urls: Vec<Url>,
    keys: Mutex<Known>,
    user_id: OnceLock<String>,
    clock: Arc<dyn Clock>,
}

/// The keys and when they were looked up.
#[derive(Debug, Default)]
struct Known {
    keys: Vec<VerifyingKey>,
    found_at: Option<Timestamp>,
    looked_at: Option<Timestamp>,
}

/// The four headers.
struct Signed<'a> {
    request_id: &'a str,
    user_id: &'a str,
    timestamp: &'a str,
    signature: Signature,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("urls", &self.urls.len()).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Connects to nothing yet.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, super::Error> {
        let urls = settings.jwks_urls.iter().map(|url| address::base(url));
        let urls: Option<Vec<Url>> = urls.collect();
        let user_id = OnceLock::new();
        if let Some(id) = &settings.user_id {
            user_id.get_or_init(|| id.clone());
        }
        Ok(Self {
            http: outgoing::build(outgoing::builder(settings.proxy.as_deref())?)?,
            urls: urls.ok_or(super::Error::InvalidUrl("FAL_JWKS_URLS"))?,
            keys: Mutex::default(),
            user_id,
            clock,
        })
    }

    /// The id of the request that the webhook is about. `body`: the bytes as they came.
    ///
    /// # Errors
    /// See [`Error`]; a webhook that was proven before is proven again.
    pub async fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<String, Error> {
        let signed = Signed::read(headers)?;
        let now = self.clock.now();
        signed.check_time(now)?;
        if self.user_id.get().is_some_and(|ours| !same(ours, signed.user_id)) {
            return Err(Error::ForeignUser);
        }
        let message = signed.message(body);
        let is_known = |keys: &[VerifyingKey]| {
            keys.iter().any(|key| key.verify_strict(&message, &signed.signature).is_ok())
        };
        if !is_known(&self.keys(now, false).await?) && !is_known(&self.keys(now, true).await?) {
            return Err(Error::Forged);
        }
        if !same(self.user_id.get_or_init(|| signed.user_id.to_owned()), signed.user_id) {
            return Err(Error::ForeignUser);
        }
        Ok(about(body).unwrap_or_else(|| signed.request_id.to_owned()))
    }

    /// The keys, looked up when they are old, or when `again` asks for it and the last look was not
    /// just now. Callers at once share one look-up.
    async fn keys(&self, now: Timestamp, again: bool) -> Result<Vec<VerifyingKey>, Error> {
        let mut known = self.keys.lock().await;
        let is_young =
            |at: Option<Timestamp>, age: Duration| at.is_some_and(|at| now.since(at) < age);
        let is_fresh = is_young(known.found_at, KEYS_AGE_MAX);
        let has_looked = is_young(known.looked_at, KEYS_LOOK_EVERY);
        if (again || !is_fresh) && !has_looked {
            known.looked_at = Some(now);
            let found = keys::fetch(&self.http, &self.urls).await;
            if !found.is_empty() {
                known.keys = found;
                known.found_at = Some(now);
            }
        }
        if is_young(known.found_at, KEYS_AGE_MAX) {
            Ok(known.keys.clone())
        } else {
            Err(Error::NoKeys)
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The request that the signed body names: after FAL's own retries the header may name another.
fn about(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        request_id: String,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    address::is_request_id(&body.request_id).then_some(body.request_id)
}

impl<'a> Signed<'a> {
    fn read(headers: &'a HeaderMap) -> Result<Self, Error> {
        let one = |name: &'static str| {
            let mut values = headers.get_all(name);
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().map_err(|_error| Error::Header(name)),
                _ => Err(Error::Header(name)),
            }
        };
        let request_id = one("X-Fal-Webhook-Request-Id")?;
        if !address::is_request_id(request_id) {
            return Err(Error::Header("X-Fal-Webhook-Request-Id"));
        }
        let user_id = one("X-Fal-Webhook-User-Id")?;
        let fits = (1..=USER_ID_MAX).contains(&user_id.len());
        if !fits || !user_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Header("X-Fal-Webhook-User-Id"));
        }
        let timestamp = one("X-Fal-Webhook-Timestamp")?;
        if !(1..=12).contains(&timestamp.len()) || !timestamp.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::Header("X-Fal-Webhook-Timestamp"));
        }
        let name = "X-Fal-Webhook-Signature";
        let mut signature = [0; 64];
        hex::decode_to_slice(one(name)?, &mut signature).map_err(|_error| Error::Header(name))?;
        Ok(Self { request_id, user_id, timestamp, signature: Signature::from_bytes(&signature) })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Error> {
        let seconds: i64 =
            self.timestamp.parse().map_err(|_error| Error::Header("X-Fal-Webhook-Timestamp"))?;
        let apart = (now.0.div_euclid(1_000_000) - seconds).unsigned_abs();
        if apart <= SKEW_MAX.as_secs() { Ok(()) } else { Err(Error::Stale) }
    }

    fn message(&self, body: &[u8]) -> Vec<u8> {
        let digest = hex::encode(Sha256::digest(body));
        format!("{}\n{}\n{}\n{digest}", self.request_id, self.user_id, self.timestamp).into_bytes()
    }
}
