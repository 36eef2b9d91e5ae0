//! Fetches pictures from addresses that the provider names: every part of that is foreign input.
//!
//! Only public hosts are connected to, at the very address that was checked; the one exception is the
//! configured queue's own origin (the sandbox). Size, silence and total time are bounded, redirects are
//! not followed, and what is no picture by its content is refused.

mod content;
mod global;
mod policy;
mod resolver;

#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use aisha_actors::{
    domain::picture::Content,
    port::{self, Error as PortError, Kind},
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, ACCEPT_ENCODING},
};
use sha2::{Digest, Sha256};

use self::{
    policy::{Policy, Reach},
    resolver::{Guard, Lookup, NotPublic},
};
use crate::outgoing;

/// Whether an address names a host of tests and placeholders (`example.com` and its kin), or a name that is
/// nobody's: what was never a picture of the provider's.
pub fn is_test_address(url: &str) -> bool {
    policy::is_test_address(url)
}

/// Bounds of one download.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub bytes: usize,
    pub connect: Duration,
    /// The longest silence.
    pub stall: Duration,
    /// From the first step to the last byte.
    pub total: Duration,
    /// In pixels.
    pub side: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 25 << 20,
            connect: Duration::from_secs(3),
            stall: Duration::from_secs(5),
            total: Duration::from_secs(30),
            side: 8192,
        }
    }
}

/// From where pictures may come.
#[derive(Clone, Default)]
pub struct Settings {
    /// The queue API's base: its origin may be private, and plain http.
    pub queue_url: String,
    /// Carries all downloads, when given.
    pub proxy: Option<String>,
    /// The hosts to fetch from: a name, or `*.name` for those under it. Empty: any public host.
    pub hosts: Vec<String>,
    pub limits: Limits,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// Why there are no downloads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("FAL_QUEUE_URL is not an http or https address")]
    InvalidQueueUrl,
    #[error(transparent)]
    Http(#[from] outgoing::Error),
}

/// The one way by which pictures come in.
pub struct Downloads {
    policy: Policy,
    limits: Limits,
    guard: Guard,
    has_proxy: bool,
    /// For the whole world: connects to public addresses only.
    public: reqwest::Client,
    /// For the queue's own origin.
    provider: reqwest::Client,
}

impl fmt::Debug for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloads").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Downloads {
    /// Connects to nothing yet.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::with_lookup(settings, resolver::system())
    }

    fn with_lookup(settings: &Settings, lookup: Lookup) -> Result<Self, Error> {
        let queue = Url::parse(settings.queue_url.trim()).ok();
        let queue = queue.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let proxy = settings.proxy.as_deref();
        let proxy_host =
            proxy.and_then(|proxy| Url::parse(proxy).ok()?.host_str().map(str::to_owned));
        let limits = settings.limits;
        let builder = || {
            let builder = outgoing::builder(proxy)?;
            Ok::<_, outgoing::Error>(
                builder
                    .connect_timeout(limits.connect)
                    .read_timeout(limits.stall)
                    .timeout(limits.total),
            )
        };
        let guard = Guard::new(lookup, proxy_host.clone());
        Ok(Self {
            policy: Policy::new(queue.ok_or(Error::InvalidQueueUrl)?, proxy_host, &settings.hosts),
            limits,
            public: outgoing::build(builder()?.https_only(true).dns_resolver(guard.clone()))?,
            provider: outgoing::build(builder()?)?,
            has_proxy: proxy.is_some(),
            guard,
        })
    }

    async fn response(&self, url: &str) -> port::Result<Response> {
        let (url, reach) = self.policy.check(url).map_err(|why| permanent(&why))?;
        let client = match reach {
            Reach::Provider => &self.provider,
            Reach::Public => &self.public,
        };
        // A proxy looks names up itself: what we can see of a name is checked before.
        if self.has_proxy
            && reach == Reach::Public
            && let Some(name) = url.domain()
            && self.guard.is_private(name).await
        {
            return Err(permanent(&NotPublic));
        }
        let request = client.get(url).header(ACCEPT, "image/*").header(ACCEPT_ENCODING, "identity");
        request.send().await.map_err(|error| lost(&error))
    }

    async fn bytes(&self, mut response: Response) -> port::Result<(Bytes, [u8; 32])> {
        let too_large = || permanent(&format!("it has more than {} bytes", self.limits.bytes));
        if response.content_length().is_some_and(|length| length > self.limits.bytes as u64) {
            return Err(too_large());
        }
        let (mut all, mut hash) = (BytesMut::new(), Sha256::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            if all.len() + chunk.len() > self.limits.bytes {
                return Err(too_large());
            }
            hash.update(&chunk);
            all.extend_from_slice(&chunk);
        }
        Ok((all.freeze(), hash.finalize().into()))
    }
}

fn permanent(what: &impl fmt::Display) -> PortError {
    PortError::new(Kind::Permanent, format!("a picture's download: {what}"))
}

fn lost(error: &reqwest::Error) -> PortError {
    if resolver::is_refusal(error) {
        return permanent(&NotPublic);
    }
    PortError::transient(format!("a picture's download: {}", outgoing::describe(error)))
}

/// What an answer without a picture means.
fn refused(response: &Response) -> PortError {
    let status = response.status();
    let kind = match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Kind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => {
            Kind::RateLimited { retry_after: outgoing::retry_after(response.headers()) }
        }
        _ if outgoing::is_passing(status) => Kind::Transient,
        // A redirect too: the picture may not be where it says.
        _ => Kind::Permanent,
    };
    PortError::new(kind, format!("a picture's download: status {}", status.as_u16()))
}

#[async_trait]
impl port::Downloads for Downloads {
    async fn picture(&self, url: &str) -> port::Result<(Bytes, Content)> {
        let response = self.response(url).await?;
        if response.status() != StatusCode::OK {
            return Err(refused(&response));
        }
        let (bytes, hash) = self.bytes(response).await?;
        let content =
            content::read(&bytes, hash, self.limits.side).map_err(|why| permanent(&why))?;
        Ok((bytes, content))
    }

    fn is_allowed(&self, url: &str) -> bool {
        self.policy.check(url).is_ok()
    }
}
