//! Who the stand-in is: the keys it accepts and the key pair it signs webhooks with. Made once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::super::store::{Error, Store, Write};

const SPACE: &str = "fal_identity";

/// Not `Debug`: it is all secrets.
pub(super) struct Identity {
    pub(super) key: String,
    pub(super) admin_key: String,
    pub(super) user_id: String,
    signing: SigningKey,
}

#[derive(Serialize, Deserialize)]
struct Document {
    key: String,
    /// None: made by a version that knew of none.
    #[serde(default)]
    admin_key: Option<String>,
    user_id: String,
    seed: [u8; 32],
}

/// A key of FAL's shape.
fn fresh_key() -> String {
    format!("{}:{}", uuid::Uuid::new_v4(), hex::encode(rand::random::<[u8; 16]>()))
}

impl Identity {
    /// Loads it, or makes and commits it.
    pub(super) fn load(store: &Store) -> Result<Self, Error> {
        let stored = store.load::<Document>(SPACE)?.into_iter().next();
        let mut document = stored.map_or_else(
            || Document {
                key: fresh_key(),
                admin_key: None,
                user_id: format!("sandbox|{}", hex::encode(rand::random::<[u8; 8]>())),
                seed: rand::random(),
            },
            |(_, document)| document,
        );
        let admin_key = match document.admin_key.clone() {
            Some(admin_key) => admin_key,
            None => {
                let admin_key = document.admin_key.insert(fresh_key()).clone();
                store.commit(vec![Write::put(SPACE, "self", &document)?])?;
                admin_key
            }
        };
        let Document { key, user_id, seed, .. } = document;
        Ok(Self { key, admin_key, user_id, signing: SigningKey::from_bytes(&seed) })
    }

    /// Whether an `Authorization` header carries the key.
    pub(super) fn accepts(&self, authorization: &str) -> bool {
        carries(authorization, &self.key)
    }

    /// Whether it carries the admin's key, which is good for nothing else.
    pub(super) fn accepts_admin(&self, authorization: &str) -> bool {
        carries(authorization, &self.admin_key)
    }

    /// The signature over a webhook's identity and body, in hex.
    pub(super) fn sign(&self, request_id: &str, timestamp: &str, body: &[u8]) -> String {
        let digest = hex::encode(Sha256::digest(body));
        let message = format!("{request_id}\n{}\n{timestamp}\n{digest}", self.user_id);
        hex::encode(self.signing.sign(message.as_bytes()).to_bytes())
    }

    /// The public key as a JSON Web Key Set.
    pub(super) fn jwks(&self) -> Value {
        let public = self.signing.verifying_key().to_bytes();
        let kid = hex::encode(Sha256::digest(public)).chars().take(16).collect::<String>();
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(public),
        }]})
    }
}

fn carries(authorization: &str, key: &str) -> bool {
    let mut parts = authorization.splitn(2, ' ');
    let scheme = parts.next().unwrap_or_default();
    let given = parts.next().unwrap_or_default().trim();
    scheme.eq_ignore_ascii_case("key") && given.as_bytes().ct_eq(key.as_bytes()).into()
}
