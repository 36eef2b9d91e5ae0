//! Single values: addresses, paths, numbers within bounds.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    time::Duration,
};

use url::Url;

use super::Check;
use crate::settings::{Error, Secret, environment::blame};

impl Check<'_> {
    /// An error that blames whoever decided the key: the variable, or the key in the file.
    pub(super) fn wrong(&self, key: &str, what: impl ToString) -> Error {
        Error::value(blame(self.environment, key), what)
    }

    pub(super) fn path(&self, key: &str, text: &str) -> Result<PathBuf, Error> {
        match text.trim() {
            "" => Err(self.wrong(key, "it is empty")),
            text if text.contains('\0') => Err(self.wrong(key, "it is no path")),
            text => Ok(PathBuf::from(text)),
        }
    }

    pub(super) fn address(&self, key: &str, text: &str) -> Result<SocketAddr, Error> {
        let what = "it looks like 127.0.0.1:8080";
        let text = text.trim();
        if let Ok(address) = text.parse() {
            return Ok(address);
        }
        // The one name that needs no resolver. Others could mean another address tomorrow.
        let local = text.starts_with("localhost:").then(|| text.to_socket_addrs().ok());
        let mut local = local.flatten().into_iter().flatten().collect::<Vec<_>>();
        local.sort_by_key(SocketAddr::is_ipv6);
        local.first().copied().ok_or_else(|| self.wrong(key, what))
    }

    /// An http(s) address without a slash at its end, to which paths are added.
    pub(super) fn base(&self, key: &str, text: &str) -> Result<String, Error> {
        let url = self.url(key, text)?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    /// Where others reach us; a bare host gets the path that we answer at.
    pub(super) fn own_address(&self, key: &str, text: &str, path: &str) -> Result<String, Error> {
        let mut url = self.url(key, text)?;
        if url.path() == "/" {
            url.set_path(path);
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    pub(super) fn url(&self, key: &str, text: &str) -> Result<Url, Error> {
        let wrong = |what: &str| self.wrong(key, what);
        let url = Url::parse(text.trim()).map_err(|_| wrong("it is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("it begins with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it has no user or password in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has no ? and no # in it"));
        }
        Ok(url)
    }

    /// A proxy's address may hold a password, so it is a secret.
    pub(super) fn proxy(&self, name: &'static str) -> Result<Option<Secret>, Error> {
        let Some(text) = self.environment.get(name) else { return Ok(None) };
        let url = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.has_host()
        });
        let what = "it looks like http://host:port or socks5://host:port";
        url.map(|_| Some(Secret::new(text))).ok_or_else(|| Error::value(name, what))
    }

    pub(super) fn within(&self, key: &str, value: u32, min: u32, max: u32) -> Result<u32, Error> {
        let what = || self.wrong(key, format!("it is {min} to {max}"));
        (min..=max).contains(&value).then_some(value).ok_or_else(what)
    }

    pub(super) fn seconds(
        &self,
        key: &str,
        value: u32,
        min: u32,
        max: u32,
    ) -> Result<Duration, Error> {
        self.within(key, value, min, max).map(|value| Duration::from_secs(u64::from(value)))
    }

    /// Up to an hour.
    pub(super) fn millis(&self, key: &str, value: u64, min: u64) -> Result<Duration, Error> {
        let what = || self.wrong(key, format!("it is {min} to 3600000"));
        let fits = (min..=3_600_000).contains(&value);
        fits.then(|| Duration::from_millis(value)).ok_or_else(what)
    }

    /// 64 KiB, less than any picture, to 256 MiB.
    pub(super) fn bytes(&self, key: &str, value: u64) -> Result<u64, Error> {
        let what = || self.wrong(key, "it is 65536 to 268435456");
        (65_536..=268_435_456).contains(&value).then_some(value).ok_or_else(what)
    }
}

/// `digits:word`, as it stands in the path of every call.
pub(super) fn is_token(token: &str) -> bool {
    token.split_once(':').is_some_and(|(id, word)| {
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
            && !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

pub(super) fn is_webhook_secret(secret: &str) -> bool {
    secret.len() <= 256
        && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

pub(super) fn is_host(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}
