//! FAL's public keys.

use std::time::Duration;

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ed25519_dalek::VerifyingKey;
use futures::future::join_all;
use reqwest::{Client, Url};
use serde::Deserialize;

use crate::outgoing;

/// The largest key set that is read, in bytes.
const SET_MAX: usize = 64 << 10;
/// How many keys of one set count.
const KEYS_MAX: usize = 16;
const TIMEOUT: Duration = Duration::from_secs(5);

/// Key sets are written without padding, but some writers add it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug, Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// A key of a set; those of other kinds are left out.
#[derive(Debug, Deserialize)]
struct Key {
    #[serde(default)]
    crv: Option<String>,
    x: String,
}

/// The keys of all sets that answer. A set that does not is a line in the log.
pub(super) async fn fetch(client: &Client, urls: &[Url]) -> Vec<VerifyingKey> {
    let sets = join_all(urls.iter().map(|url| async move {
        match set(client, url.clone()).await {
            Ok(keys) => keys,
            Err(what) => {
                tracing::warn!(host = url.host_str(), what, "a key set of FAL's cannot be read");
                Vec::new()
            }
        }
    }));
    let mut keys: Vec<VerifyingKey> = Vec::new();
    for key in sets.await.into_iter().flatten() {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

async fn set(client: &Client, url: Url) -> Result<Vec<VerifyingKey>, String> {
    let sent = client.get(url).timeout(TIMEOUT).send().await;
    let response = sent.map_err(|error| outgoing::describe(&error))?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status().as_u16()));
    }
    let body = outgoing::body(response, SET_MAX).await.map_err(|error| error.to_string())?;
    let set: Set = serde_json::from_slice(&body).map_err(|_error| "no key set".to_owned())?;
    Ok(set.keys.into_iter().take(KEYS_MAX).filter_map(key).collect())
}

fn key(value: serde_json::Value) -> Option<VerifyingKey> {
    let key: Key = serde_json::from_value(value).ok()?;
    if key.crv.is_some_and(|curve| curve != "Ed25519") {
        return None;
    }
    let bytes: [u8; 32] = BASE64.decode(&key.x).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak())
}
