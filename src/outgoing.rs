//! What every outgoing HTTP client of ours has in common: no redirects, no proxy from the environment,
//! bounded answers, errors that name no address, and waits after failures.

use std::{error::Error as _, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    ClientBuilder, Proxy, Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};

mod backoff;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use backoff::Backoff;

/// What a 429 without a `Retry-After` asks for.
const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(5);
/// Nobody makes us wait longer than this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the proxy's address is not one (http://, https://, socks5:// or socks5h://)")]
    InvalidProxy,
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// Why an answer's body is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("the answer broke off: {0}")]
    Lost(String),
}

/// The start of a client. `proxy` carries everything that the client sends, when it is given.
pub(crate) fn builder(proxy: Option<&str>) -> Result<ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(3))
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent(concat!("aisha/", env!("CARGO_PKG_VERSION")));
    match proxy {
        None => Ok(builder),
        Some(address) => {
            Ok(builder.proxy(Proxy::all(address).map_err(|_error| Error::InvalidProxy)?))
        }
    }
}

/// Finishes a client.
pub(crate) fn build(builder: ClientBuilder) -> Result<reqwest::Client, Error> {
    builder.build().map_err(|error| Error::Setup(describe(&error)))
}

/// Reads a body of at most `max` bytes.
pub(crate) async fn body(mut response: Response, max: usize) -> Result<Bytes, BodyError> {
    if response.content_length().is_some_and(|length| length > max as u64) {
        return Err(BodyError::TooLarge(max));
    }
    let mut all = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if all.len() + chunk.len() > max => {
                return Err(BodyError::TooLarge(max));
            }
            Ok(Some(chunk)) => all.extend_from_slice(&chunk),
            Ok(None) => return Ok(all.freeze()),
            Err(error) => return Err(BodyError::Lost(describe(&error))),
        }
    }
}

/// An error in words for the log: what happened and why, never to whom.
pub(crate) fn describe(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else if error.is_builder() {
        "the request cannot be built"
    } else {
        "the connection was lost"
    };
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    match cause {
        Some(cause) if !error.is_builder() => format!("{what} ({cause})"),
        _ => what.to_owned(),
    }
}

/// How long a 429 asks us to wait, in seconds or as a date; bounded both ways.
pub(crate) fn retry_after(headers: &HeaderMap) -> Duration {
    let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::trim);
    let Some(text) = text else { return RETRY_AFTER_DEFAULT };
    let seconds = text.parse::<u64>().ok().or_else(|| {
        let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        let wait = at.with_timezone(&chrono::Utc) - chrono::Utc::now();
        Some(wait.num_seconds().max(1).unsigned_abs())
    });
    seconds.map_or(RETRY_AFTER_DEFAULT, Duration::from_secs).min(RETRY_AFTER_MAX)
}

/// Whether a status says "later, perhaps" on something that is only read.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::REQUEST_TIMEOUT || status.is_server_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_spellings_and_bounded() {
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(wait("7"), Duration::from_secs(7));
        assert_eq!(wait("86400"), RETRY_AFTER_MAX);
        assert_eq!(wait("soon"), RETRY_AFTER_DEFAULT);
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Duration::from_secs(1));
        assert_eq!(wait("Wed, 21 Oct 2099 07:28:00 GMT"), RETRY_AFTER_MAX);
        assert_eq!(retry_after(&HeaderMap::new()), RETRY_AFTER_DEFAULT);
    }

    #[test]
    fn a_proxy_address_that_is_none_is_refused_without_being_repeated() {
        let error = builder(Some("http://user:hunter2@[")).err();
        assert_eq!(error, Some(Error::InvalidProxy));
        assert!(!Error::InvalidProxy.to_string().contains("hunter2"));
        assert!(builder(Some("socks5h://127.0.0.1:9050")).is_ok());
    }

    #[tokio::test]
    async fn an_error_names_no_address() {
        let peer = testing::Peer::closed().await;
        let client = build(builder(None).unwrap()).unwrap();
        let url = format!("http://{peer}/bot-secret-token/getMe?key=hunter2");
        let error = client.get(url).send().await.unwrap_err();
        let text = describe(&error);
        assert!(error.is_connect() && text.starts_with("could not connect"), "{text}");
        assert!(!text.contains("secret") && !text.contains("hunter2"), "{text}");
    }
}
