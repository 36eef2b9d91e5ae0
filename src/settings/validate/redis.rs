//! Where the shared cache is: one address, or its parts.

use std::net::IpAddr;

use url::Url;

use super::{Check, unnamed};
use crate::settings::{Cache, Error, Redis, Secret};

/// The parts that make an address together.
const PARTS: [&str; 5] = ["REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB", "REDIS_SSL"];

const DEFAULT_PORT: u16 = 6379;

impl Check<'_> {
    pub(super) fn cache(&self, production: bool) -> Result<Cache, Error> {
        let part = PARTS.into_iter().find(|name| self.environment.get(name).is_some());
        match (self.environment.get("REDIS_URL"), part) {
            (Some(_), Some(part)) => {
                Err(Error::value(part, "REDIS_URL is set too; say it in one of the two ways"))
            }
            (Some("memory:"), None) => Ok(Cache::Memory),
            (Some(text), None) => redis_url(text).map(Cache::Redis),
            (None, Some(part)) => self.redis_parts(part).map(Cache::Redis),
            (None, None) if production => Err(unnamed("REDIS_URL", "REDIS_URL=memory:")),
            (None, None) => Ok(Cache::Memory),
        }
    }

    fn redis_parts(&self, part: &'static str) -> Result<Redis, Error> {
        let get = |name| self.environment.get(name);
        let Some(host) = get("REDIS_HOST") else {
            return Err(Error::value(part, "it is of no use without REDIS_HOST"));
        };
        if !is_redis_host(host) {
            return Err(Error::value("REDIS_HOST", "it is a host name or an address, and no URL"));
        }
        let host = match host.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => host.to_owned(),
        };
        let port: u16 = get("REDIS_PORT").map_or(Ok(DEFAULT_PORT), str::parse).unwrap_or_default();
        if port == 0 {
            return Err(Error::value("REDIS_PORT", "it is 1 to 65535"));
        }
        let db = database(get("REDIS_DB").unwrap_or("0"))
            .ok_or_else(|| Error::value("REDIS_DB", "it is a number from 0 to 65535"))?;
        let scheme = match get("REDIS_SSL").map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no") => "redis",
            Some("true" | "1" | "yes") => "rediss",
            Some(_) => return Err(Error::value("REDIS_SSL", "it is true or false")),
        };
        let shown = format!("{scheme}://{host}:{port}/{db}");
        let mut url = Url::parse(&shown)
            .map_err(|_| Error::value("REDIS_HOST", "it is no host name and no address"))?;
        let password = get("REDIS_PASSWORD");
        // A percent sign is one, and begins no code.
        let spelt = password.map(|password| password.replace('%', "%25"));
        if url.set_password(spelt.as_deref()).is_err() {
            return Err(Error::value("REDIS_PASSWORD", "it cannot be put into an address"));
        }
        Ok(Redis { url: Secret::new(url), password: password.map(Secret::new), shown })
    }
}

/// The error never quotes the address: it holds a password, perhaps.
fn redis_url(text: &str) -> Result<Redis, Error> {
    let wrong = |what: &str| Error::value("REDIS_URL", what);
    let like = "it looks like redis://:password@host:6379/0, rediss://… for TLS, or memory:";
    let url = Url::parse(text).map_err(|_| wrong(like))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let (true, Some(host)) = (matches!(url.scheme(), "redis" | "rediss"), host) else {
        return Err(wrong(like));
    };
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(
            "it has no ? and no # in it; they are written %3F and %23 in a password",
        ));
    }
    let db = url.path().trim_matches('/');
    let db = database(if db.is_empty() { "0" } else { db })
        .ok_or_else(|| wrong("after the last slash comes the number of a database, 0 to 65535"))?;
    let port = url.port().unwrap_or(DEFAULT_PORT);
    let shown = format!("{}://{host}:{port}/{db}", url.scheme());
    let password = url.password().map(Secret::new);
    Ok(Redis { url: Secret::new(text), password, shown })
}

fn database(text: &str) -> Option<u16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn is_redis_host(host: &str) -> bool {
    let is_name = host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    is_name || host.parse::<IpAddr>().is_ok()
}
