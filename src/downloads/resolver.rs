//! Looks names up and lets only public addresses through. The client connects to what it is given
//! here and asks no second time, so an answer that changes in between gains nothing.

use std::{error::Error as StdError, fmt, io, net::SocketAddr, sync::Arc};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::global::is_global;

/// How names are looked up.
pub(super) type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The name leads to an address that is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the host is not on the public internet")]
pub(super) struct NotPublic;

/// By the operating system.
pub(super) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

#[derive(Clone)]
pub(super) struct Guard {
    lookup: Lookup,
    /// The operator's proxy may stand in a private network. No picture may be fetched from it.
    proxy_host: Option<String>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    pub(super) fn new(lookup: Lookup, proxy_host: Option<String>) -> Self {
        Self { lookup, proxy_host }
    }

    /// Whether a name surely leads to an address that is not public. One that cannot be looked up
    /// here does not.
    pub(super) async fn is_private(&self, name: &str) -> bool {
        let found = (self.lookup)(name.to_owned()).await.unwrap_or_default();
        found.iter().any(|address| !is_global(address.ip()))
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let is_proxy =
            self.proxy_host.as_ref().is_some_and(|proxy| proxy.eq_ignore_ascii_case(&name));
        let found = (self.lookup)(name);
        Box::pin(async move {
            let found = found.await?;
            // One private address among public ones is an attack, not a host to connect to.
            if !is_proxy && found.iter().any(|address| !is_global(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an error of the client was the guard's doing.
pub(super) fn is_refusal(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return true;
        }
        cause = error.source();
    }
    false
}
