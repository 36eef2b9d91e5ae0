//! Stands in for `hyper-tls` 0.5. rusoto_core 0.48 does not compile without a TLS crate, and all that it
//! knows are outdated. It only needs a type of this name: every request goes out through a dispatcher of
//! our own (`src/objects/s3/transport.rs`), and this connector refuses to connect.

use std::{
    fmt,
    future::{Ready, ready},
    io,
    marker::PhantomData,
    task::{Context, Poll},
};

/// The type that rusoto_core names. Calling it is always [`io::ErrorKind::Unsupported`].
pub struct HttpsConnector<T>(PhantomData<fn() -> T>);

impl<T> HttpsConnector<T> {
    /// A connector that refuses.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for HttpsConnector<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for HttpsConnector<T> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for HttpsConnector<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpsConnector")
    }
}

impl<T> tower_service::Service<hyper::Uri> for HttpsConnector<T> {
    type Response = tokio::net::TcpStream;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _address: hyper::Uri) -> Self::Future {
        let refused = "no traffic goes through rusoto's own client";
        ready(Err(io::Error::new(io::ErrorKind::Unsupported, refused)))
    }
}
