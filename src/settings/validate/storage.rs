//! Where pictures are kept.

use std::path::Path;

use super::{Check, unnamed};
use crate::settings::{Buckets, Error, S3, Storage};

impl Check<'_> {
    pub(super) fn storage(&self, production: bool, data_dir: &Path) -> Result<Storage, Error> {
        let name = "S3_ENDPOINT";
        match self.environment.get(name).map(|text| (text, text.strip_prefix("disk:"))) {
            None if production => Err(unnamed(name, "S3_ENDPOINT=disk:")),
            None => {
                let lonely = ["S3_ACCESS_KEY", "S3_SECRET_KEY"];
                let lonely = lonely.iter().find(|name| self.environment.get(name).is_some());
                match lonely {
                    Some(lonely) => {
                        let what = format!("it is missing while {lonely} is set");
                        Err(Error::value(name, what))
                    }
                    None => Ok(Storage::Disk(data_dir.join("objects"))),
                }
            }
            Some((_, Some(""))) => Ok(Storage::Disk(data_dir.join("objects"))),
            Some((_, Some(path))) => Ok(Storage::Disk(self.path(name, path)?)),
            Some((endpoint, None)) => Ok(Storage::S3(Box::new(self.s3(endpoint)?))),
        }
    }

    fn s3(&self, endpoint: &str) -> Result<S3, Error> {
        let raw = &self.raw.s3;
        let public = raw.public_endpoint.trim();
        let secret = |name: &'static str| {
            let missing = || Error::value(name, "it is missing while S3_ENDPOINT names a server");
            let secret = self.environment.secret(name).ok_or_else(missing)?;
            let is_fine = secret.expose().bytes().all(|b| b.is_ascii_graphic());
            let strange = || Error::value(name, "it has characters that no key has");
            is_fine.then_some(secret).ok_or_else(strange)
        };
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let region = raw.region.trim();
        if region.is_empty() || region.len() > 64 || !region.bytes().all(is_word) {
            return Err(self.wrong("s3.region", "it is a word such as us-east-1"));
        }
        let prefix = raw.prefix.trim().trim_matches('/');
        let part = |part: &str| {
            part.bytes().all(|b| is_word(b) || b == b'.') && !matches!(part, "" | "." | "..")
        };
        if prefix.len() > 128 || !(prefix.is_empty() || prefix.split('/').all(part)) {
            return Err(self.wrong("s3.prefix", "it is made of A-Z, a-z, 0-9, '-', '_', '.', '/'"));
        }
        Ok(S3 {
            endpoint: self.server("S3_ENDPOINT", endpoint)?,
            public_endpoint: match public {
                "" => None,
                public => Some(self.server("s3.public_endpoint", public)?),
            },
            access_key: secret("S3_ACCESS_KEY")?,
            secret_key: secret("S3_SECRET_KEY")?,
            region: region.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// An address; a bare `host:port` is http, or https with `MINIO_SECURE=true`.
    fn server(&self, key: &str, text: &str) -> Result<String, Error> {
        let name = "MINIO_SECURE";
        let secure = match self.environment.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no") => false,
            Some("true" | "1" | "yes") => true,
            Some(_) => return Err(Error::value(name, "it is true or false")),
        };
        if text.contains("://") {
            return self.base(key, text);
        }
        let scheme = if secure { "https" } else { "http" };
        self.base(key, &format!("{scheme}://{text}"))
    }

    pub(super) fn buckets(&self) -> Result<Buckets, Error> {
        let raw = &self.raw.s3;
        let name = |key: &str, text: &str| {
            let text = text.trim();
            let what = "it is 3 to 63 of a-z, 0-9, '-' and '.', and begins with a letter or digit";
            let is_fine = is_bucket(text).then(|| text.to_owned());
            is_fine.ok_or_else(|| self.wrong(key, what))
        };
        Ok(Buckets {
            imagen4: name("s3.bucket_imagen4", &raw.bucket_imagen4)?,
            generated: name("s3.bucket_generated", &raw.bucket_generated)?,
            avatars: name("s3.bucket_avatars", &raw.bucket_avatars)?,
            photos: name("s3.bucket_photos", &raw.bucket_photos)?,
        })
    }
}

/// S3's rule.
fn is_bucket(text: &str) -> bool {
    let is_low = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=63).contains(&text.len())
        && text.bytes().all(|b| is_low(b) || b == b'-' || b == b'.')
        && text.bytes().next().is_some_and(is_low)
        && !text.contains("..")
}
