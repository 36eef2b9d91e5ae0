//! How requests that rusoto signed go out: over our reqwest, never through rusoto's own client.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::http::{StatusCode, header::HeaderName};
use bytes::Bytes;
use futures::{FutureExt, Stream, TryStreamExt};
use reqwest::{Method, Url};
use rusoto_core::{
    ByteStream, HttpDispatchError,
    request::{DispatchSignedRequest, DispatchSignedRequestFuture, HttpResponse},
    signature::{SignedRequest, SignedRequestPayload},
};

use crate::outgoing::{self, describe};

/// The largest answer, in bytes: an object of the largest size, and nothing without end.
const ANSWER_MAX: u64 = super::OBJECT_MAX + 1;

/// The transport. Cloning shares the connections.
#[derive(Clone)]
pub(super) struct Transport(reqwest::Client);

impl Transport {
    /// Without redirects, which would break the signature, and without a proxy.
    pub(super) fn new() -> Result<Self, outgoing::Error> {
        let client = outgoing::build(outgoing::builder(None)?.http1_only().tcp_nodelay(true))?;
        Ok(Self(client))
    }
}

impl DispatchSignedRequest for Transport {
    /// Takes no time limit of its own: whoever calls bounds the whole operation.
    fn dispatch(
        &self,
        request: SignedRequest,
        _timeout: Option<std::time::Duration>,
    ) -> DispatchSignedRequestFuture {
        let client = self.0.clone();
        async move { send(client, request).await.map_err(HttpDispatchError::new) }.boxed()
    }
}

async fn send(client: reqwest::Client, mut signed: SignedRequest) -> Result<HttpResponse, String> {
    let mut request = client.request(method(&signed)?, address(&signed)?);
    for (name, values) in signed.headers() {
        // reqwest frames the body by its length, and says so itself.
        for value in values.iter().filter(|_| name != "content-length") {
            request = request.header(name.as_str(), value.as_slice());
        }
    }
    request = match signed.payload.take() {
        // Empty, but with a length: some servers insist on one.
        None if signed.method() == "PUT" || signed.method() == "POST" => {
            request.header("content-length", "0")
        }
        None => request,
        Some(SignedRequestPayload::Buffer(bytes)) => request.body(bytes),
        Some(SignedRequestPayload::Stream(_)) => {
            return Err("a body without a known length is not sent".to_owned());
        }
    };
    let answer = request.send().await.map_err(|error| describe(&error))?;
    let status = StatusCode::from_u16(answer.status().as_u16())
        .map_err(|_invalid| "the answer has no status".to_owned())?;
    let mut response =
        HttpResponse { status, headers: Default::default(), body: Vec::new().into() };
    for (name, value) in answer.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes())
            .map_err(|_invalid| "the answer has a broken header".to_owned())?;
        // Lossy: whatever stands there, it must not stop us.
        response.headers.append(name, String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let body = answer.bytes_stream().map_err(|error| io::Error::other(describe(&error)));
    response.body = ByteStream::new(bounded(body));
    Ok(response)
}

fn method(signed: &SignedRequest) -> Result<Method, String> {
    Method::from_bytes(signed.method().as_bytes()).map_err(|_invalid| "no such method".to_owned())
}

/// The address that was signed. `Url` folds `/../` and `/./`: rather than address another object than the
/// one that was signed, such a request is not sent.
fn address(signed: &SignedRequest) -> Result<Url, String> {
    let (path, query) = (signed.canonical_path(), signed.canonical_query_string());
    let mut text = format!("{}://{}{path}", signed.scheme(), signed.hostname());
    if !query.is_empty() {
        text.push('?');
        text.push_str(query);
    }
    match Url::parse(&text) {
        Ok(url) if url.path() == path => Ok(url),
        _ => Err("the key cannot be addressed".to_owned()),
    }
}

/// A body that breaks off where it has more than [`ANSWER_MAX`] bytes.
fn bounded(
    body: impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
    let seen = AtomicU64::new(0);
    body.and_then(move |chunk| {
        let length = chunk.len() as u64;
        let within = seen.fetch_add(length, Ordering::Relaxed) + length <= ANSWER_MAX;
        let chunk = if within { Ok(chunk) } else { Err(io::ErrorKind::FileTooLarge.into()) };
        std::future::ready(chunk)
    })
}
