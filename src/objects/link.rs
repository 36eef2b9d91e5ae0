//! Signed links to objects: `/files/{bucket}/{key}?expires=…&signature=…`.

use std::{fmt, time::Duration};

use aisha_actors::domain::{picture::ObjectKey, time::Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How long a link is good, unless it is said otherwise.
pub const LINK_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Sets these signatures apart from all others that are made with the same secret.
const PURPOSE: &[u8] = b"aisha/files/1";

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the link is not ours")]
    Forged,
    #[error("the link has expired")]
    Expired,
}

/// The parts of a link that prove it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Link {
    /// In seconds since the Unix epoch.
    pub expires: i64,
    /// In hex.
    pub signature: String,
}

/// Makes and checks links.
#[derive(Clone)]
pub struct Signer {
    mac: Hmac<Sha256>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// None: the secret is empty.
    pub fn new(secret_key: &[u8]) -> Option<Self> {
        let mac = Hmac::new_from_slice(secret_key).ok().filter(|_| !secret_key.is_empty())?;
        Some(Self { mac })
    }

    fn mac(&self, object: &ObjectKey, expires: i64) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        let expires = expires.to_string();
        // Neither bucket nor key has a line break.
        for part in [PURPOSE, object.bucket.as_bytes(), object.key.as_bytes(), expires.as_bytes()] {
            mac.update(part);
            mac.update(b"\n");
        }
        mac
    }

    /// The path and query of a link that is good for `life` from `now`.
    pub fn path(&self, object: &ObjectKey, now: Timestamp, life: Duration) -> String {
        let expires = now.plus(life).0.div_euclid(1_000_000);
        let signature = hex::encode(self.mac(object, expires).finalize().into_bytes());
        let ObjectKey { bucket, key } = object;
        format!("/files/{bucket}/{key}?expires={expires}&signature={signature}")
    }

    /// Checks a link in constant time.
    pub fn check(&self, object: &ObjectKey, link: &Link, now: Timestamp) -> Result<(), Refused> {
        let signature = hex::decode(&link.signature).map_err(|_error| Refused::Forged)?;
        self.mac(object, link.expires)
            .verify_slice(&signature)
            .map_err(|_error| Refused::Forged)?;
        if now.0.div_euclid(1_000_000) < link.expires { Ok(()) } else { Err(Refused::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_500_000);

    fn object(bucket: &str, key: &str) -> ObjectKey {
        ObjectKey { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    fn parse(path: &str) -> Link {
        serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap()
    }

    #[test]
    fn a_link_is_good_for_a_day_and_for_one_object() {
        let signer = Signer::new(b"secret").unwrap();
        let own = object("imagen4", "2026/08/20/a_1.jpg");
        let path = signer.path(&own, NOW, LINK_LIFE);
        assert!(
            path.starts_with("/files/imagen4/2026/08/20/a_1.jpg?expires=1790086400&signature=")
        );
        let link = parse(&path);
        assert_eq!(signer.check(&own, &link, NOW), Ok(()));
        let last = Timestamp(1_790_086_399_999_999);
        assert_eq!(signer.check(&own, &link, last), Ok(()));
        assert_eq!(signer.check(&own, &link, Timestamp(last.0 + 1)), Err(Refused::Expired));
        for other in
            [object("imagen4", "2026/08/20/a_2.jpg"), object("imagen4/2026", "08/20/a_1.jpg")]
        {
            assert_eq!(signer.check(&other, &link, NOW), Err(Refused::Forged));
        }
    }

    #[test]
    fn a_link_that_was_touched_is_forged() {
        let signer = Signer::new(b"secret").unwrap();
        let own = object("imagen4", "a_1.jpg");
        let link = parse(&signer.path(&own, NOW, LINK_LIFE));
        let longer = Link { expires: link.expires + 1, ..link.clone() };
        assert_eq!(signer.check(&own, &longer, NOW), Err(Refused::Forged));
        for signature in ["", "00", "zz", &link.signature[2..], &format!("{}00", link.signature)] {
            let link = Link { signature: signature.to_owned(), ..link.clone() };
            assert_eq!(signer.check(&own, &link, NOW), Err(Refused::Forged), "{signature}");
        }
        let other = Signer::new(b"another").unwrap();
        assert_eq!(other.check(&own, &link, NOW), Err(Refused::Forged));
        assert!(Signer::new(b"").is_none());
        assert!(!format!("{signer:?}").contains("secret"));
    }
}
