//! Where a file of a call comes from: an upload, a `file_id`, or an address on this machine.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::BytesMut;
use futures::StreamExt;
use reqwest::Client;
use url::{Host, Url};

use super::{
    answer::Refusal,
    files::{self, Kind, Record},
    params::{Params, Upload},
};
use crate::sandbox::store::Store;

/// A photo by address, in bytes.
const PHOTO_URL_MAX: usize = 5 * 1024 * 1024;
/// Another file by address, in bytes.
const DOCUMENT_URL_MAX: usize = 20 * 1024 * 1024;
/// For the whole fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// A file that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) record: Record,
    /// True when it was named by `file_id`: only then an edit can be found to change nothing.
    pub(crate) reused: bool,
}

/// Resolves the value of a media field: the file in the part `field`, `attach://part`, an http(s)
/// address or a `file_id`.
pub(crate) async fn resolve(
    store: &Arc<Store>,
    client: &Client,
    params: &Params,
    kind: Kind,
    field: &str,
    value: Option<&str>,
) -> Result<Media, Refusal> {
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    let upload = match value {
        Some(value) => match value.strip_prefix("attach://") {
            Some(part) => Some(
                params
                    .file(part)
                    .ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?
                    .clone(),
            ),
            None if value.contains("://") => Some(fetch(client, kind, value).await?),
            None => None,
        },
        None => Some(params.file(field).cloned().ok_or_else(|| {
            let name = if kind == Kind::Photo { "photo" } else { "document" };
            Refusal::bad(format!("there is no {name} in the request"))
        })?),
    };
    match (upload, value) {
        (Some(upload), _) => {
            let record = files::keep_upload(Arc::clone(store), kind, upload).await?;
            Ok(Media { record, reused: false })
        }
        (None, file_id) => {
            let record = files::reuse(store, kind, file_id.unwrap_or_default())?;
            Ok(Media { record, reused: true })
        }
    }
}

/// Fetches a file from this machine; everything else counts as out of reach.
async fn fetch(client: &Client, kind: Kind, address: &str) -> Result<Upload, Refusal> {
    let wrong = || Refusal::bad("wrong HTTP URL specified");
    let unreachable = || Refusal::bad("failed to get HTTP URL content");
    let url = Url::parse(address).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    if !is_loopback(&url) {
        return Err(unreachable());
    }
    let name = url.path_segments().and_then(|mut segments| segments.next_back());
    let name = name.filter(|name| !name.is_empty()).unwrap_or("file").to_owned();
    let limit = if kind == Kind::Photo { PHOTO_URL_MAX } else { DOCUMENT_URL_MAX };
    let response = client
        .get(url)
        .timeout(FETCH_TIMEOUT)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|_| unreachable())?;
    if !response.status().is_success() {
        return Err(unreachable());
    }
    let mime = response
        .headers()
        .get(reqwest::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut bytes = BytesMut::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| unreachable())?;
        if bytes.len() + chunk.len() > limit {
            return Err(unreachable());
        }
        bytes.extend_from_slice(&chunk);
    }
    let bytes = bytes.freeze();
    if kind == Kind::Photo && !infer::is_image(&bytes) {
        return Err(Refusal::bad("wrong type of the web page content"));
    }
    Ok(Upload { name: Some(name), mime, bytes })
}

/// True for an address that can only lead to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}
