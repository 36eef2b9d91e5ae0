//! The transport: frankenstein's typed methods over our own HTTP.
//!
//! Frankenstein's client uploads from paths only, loses the status of what is not JSON, cannot read a
//! long `retry_after` and prints the token. Calls are made once; whoever calls decides about a repeat.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use aisha_actors::domain::picture::ImageType;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use frankenstein::AsyncTelegramApi;
use reqwest::multipart::{Form, Part};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::Error;

/// An answer longer than this is not read to its end. A full batch of updates is far smaller.
const ANSWER_BYTES_MAX: usize = 32 << 20;

/// How much of an answer that is not Telegram's is kept for the log, in characters.
const FOREIGN_BODY_KEPT: usize = 300;

/// The part of a form that carries the bytes. Parameters refer to it as [`ATTACHED`].
const ATTACHMENT: &str = "upload";

/// The value of a parameter whose file comes along as [`Upload`].
pub const ATTACHED: &str = "attach://upload";

/// Calls under way at once; more wait. Each takes a connection of some 20 KB, and Telegram answers a bot about 30
/// calls a second, so that more of them would only wait over there.
const CALLS_MAX: usize = 24;

/// How Telegram is reached.
#[derive(Clone)]
pub struct Settings {
    /// `{api_url}/bot{token}/{method}` is called. `http` is allowed.
    pub api_url: String,
    pub token: String,
    /// `http://`, `https://`, `socks5://` or `socks5h://`. The environment's proxies are not used.
    pub proxy: Option<String>,
    pub connect_timeout: Duration,
    /// From the first byte to the last of a plain call.
    pub call_timeout: Duration,
    /// The same for a call with a file.
    pub upload_timeout: Duration,
}

impl Settings {
    /// The usual timeouts.
    pub fn new(api_url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            api_url: api_url.into(),
            token: token.into(),
            proxy: None,
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(15),
            upload_timeout: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

/// Bytes that go along with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub name: String,
    pub image_type: ImageType,
    pub bytes: Bytes,
}

/// A Bot API client of one bot. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    settings: Arc<Settings>,
    /// Fails a call whose answer stalls.
    quick: reqwest::Client,
    /// One for each quick call under way.
    places: Arc<Semaphore>,
    /// For uploads and the long poll, which are silent for long: only their total time is bounded.
    patient: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What every answer of the Bot API has around its result.
#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

/// The result of a method, without frankenstein's check that all of it is known.
#[derive(Deserialize)]
struct Success<T> {
    result: T,
}

impl Client {
    /// # Errors
    /// `Unsendable`: the address or the proxy makes no sense.
    pub fn new(mut settings: Settings) -> Result<Self, Error> {
        let address = url::Url::parse(&settings.api_url)
            .map_err(|e| Error::Unsendable(format!("the Bot API address is no URL: {e}")))?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(Error::Unsendable("the Bot API address is neither http nor https".into()));
        }
        let spelled = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-');
        if settings.token.is_empty() || !settings.token.bytes().all(spelled) {
            return Err(Error::Unsendable("the bot token is misspelt".into()));
        }
        settings.api_url.truncate(settings.api_url.trim_end_matches('/').len());
        let quick = builder(&settings)?.read_timeout(settings.call_timeout);
        let patient = builder(&settings)?;
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|e| Error::Unsendable(e.without_url().to_string()))
        };
        Ok(Self {
            quick: build(quick)?,
            places: Arc::new(Semaphore::new(CALLS_MAX)),
            patient: build(patient)?,
            settings: Arc::new(settings),
        })
    }

    /// Calls a method and reads its result as `T`, which need not know every field.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &(impl Serialize + Sync),
    ) -> Result<T, Error> {
        let body = self.post_json(method, params).await?;
        read::<Success<T>>(method, &body).map(|success| success.result)
    }

    /// The same with a file.
    pub async fn upload<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &(impl Serialize + Sync),
        upload: &Upload,
    ) -> Result<T, Error> {
        let request = self.patient.post(self.address(method)).multipart(form(params, upload)?);
        let body = self.send(method, request.timeout(self.settings.upload_timeout)).await?;
        read::<Success<T>>(method, &body).map(|success| success.result)
    }

    /// `getUpdates`: waits up to `wait` for the first one. Each update is given as it was written.
    pub async fn get_updates(
        &self,
        params: &frankenstein::methods::GetUpdatesParams,
        wait: Duration,
    ) -> Result<Vec<Box<serde_json::value::RawValue>>, Error> {
        let method = "getUpdates";
        let request = self.patient.post(self.address(method)).json(params);
        let body = self.send(method, request.timeout(wait + self.settings.call_timeout)).await?;
        read::<Success<_>>(method, &body).map(|success| success.result)
    }

    async fn post_json(
        &self,
        method: &str,
        params: &(impl Serialize + Sync),
    ) -> Result<Bytes, Error> {
        let request = self.quick.post(self.address(method)).json(params);
        // Never closed.
        let _place = self.places.acquire().await;
        self.send(method, request.timeout(self.settings.call_timeout)).await
    }

    fn address(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.settings.api_url, self.settings.token)
    }

    /// One call; the body of a success.
    async fn send(&self, method: &str, request: reqwest::RequestBuilder) -> Result<Bytes, Error> {
        let lost = |why: String| Error::Lost { method: method.to_owned(), why };
        let answer = request.send().await.map_err(|error| {
            let (unreached, unsendable) = (error.is_connect(), error.is_builder());
            let (method, why) = (method.to_owned(), self.presentable(&explain(error)));
            match (unreached, unsendable) {
                (true, _) => Error::Unreached { method, why },
                (_, true) => Error::Unsendable(format!("{method}: {why}")),
                _ => Error::Lost { method, why },
            }
        })?;
        let status = answer.status();
        let wait = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        let body = whole_body(answer).await.map_err(|e| match status.is_server_error() {
            // The status tells more than the rest of the body would.
            true => Error::Refused {
                method: method.to_owned(),
                code: status.as_u16(),
                description: String::new(),
                retry_after: None,
            },
            false => lost(e),
        })?;
        match serde_json::from_slice::<Envelope>(&body) {
            Ok(envelope) if envelope.ok => Ok(body),
            Ok(envelope) => Err(Error::Refused {
                method: method.to_owned(),
                code: envelope.error_code.unwrap_or(status.as_u16()),
                description: self.presentable(envelope.description.as_deref().unwrap_or_default()),
                retry_after: envelope.parameters.and_then(|p| p.retry_after),
            }),
            Err(e) if status.is_success() => Err(lost(format!("it is not Telegram's: {e}"))),
            Err(_) => Err(Error::Refused {
                method: method.to_owned(),
                code: status.as_u16(),
                description: self.presentable(&String::from_utf8_lossy(&body)),
                retry_after: if status.as_u16() == 429 { wait } else { None },
            }),
        }
    }

    /// The beginning of foreign words for a log: on one line and without the token, which an error
    /// page may quote from the address.
    fn presentable(&self, words: &str) -> String {
        let words = words.replace(&self.settings.token, "<token>");
        let line = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        line.take(FOREIGN_BODY_KEPT).collect()
    }
}

fn builder(settings: &Settings) -> Result<reqwest::ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(settings.connect_timeout)
        .pool_idle_timeout(Duration::from_secs(90))
        .tcp_keepalive(Duration::from_secs(30))
        .tcp_nodelay(true);
    let Some(proxy) = &settings.proxy else { return Ok(builder) };
    // The error would quote the address, which may hold a password.
    let proxy = reqwest::Proxy::all(proxy)
        .map_err(|_| Error::Unsendable("the proxy for Telegram is no http or socks5 URL".into()))?;
    Ok(builder.proxy(proxy))
}

/// Every cause of the error, without the address.
fn explain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        why = format!("{why}: {inner}");
        cause = inner.source();
    }
    why
}

async fn whole_body(mut answer: reqwest::Response) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(explain)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err("the answer is too long".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The call was a success, so an answer that cannot be read is one that is lost.
fn read<T: DeserializeOwned>(method: &str, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|e| Error::Lost {
        method: method.to_owned(),
        why: format!("it is unreadable: {e}"),
    })
}

/// Parameters as form fields (objects as JSON text, as the Bot API wants them) and the file.
fn form(params: &impl Serialize, upload: &Upload) -> Result<Form, Error> {
    let params = serde_json::to_value(params).map_err(|e| Error::Unsendable(e.to_string()))?;
    let mut form = Form::new();
    if let Value::Object(fields) = params {
        for (name, value) in fields {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            form = form.text(name, value);
        }
    }
    let length = upload.bytes.len() as u64;
    let part = Part::stream_with_length(upload.bytes.clone(), length)
        .file_name(upload.name.clone())
        .mime_str(upload.image_type.mime())
        .map_err(|e| Error::Unsendable(e.to_string()))?;
    Ok(form.part(ATTACHMENT, part))
}

#[async_trait]
impl AsyncTelegramApi for Client {
    type Error = Error;

    async fn request<Params, Output>(
        &self,
        method: &str,
        params: Option<Params>,
    ) -> Result<Output, Error>
    where
        Params: Serialize + fmt::Debug + Send,
        Output: DeserializeOwned,
    {
        // Into bytes at once, since the parameters need not live across an await.
        let params = match params {
            Some(params) => serde_json::to_value(params),
            None => Ok(Value::Object(serde_json::Map::new())),
        };
        let params = params.map_err(|e| Error::Unsendable(format!("{method}: {e}")))?;
        let body = self.post_json(method, &params).await?;
        read(method, &body)
    }

    /// Refused: the bot sends no file from its disk. [`Client::upload`] sends bytes.
    async fn request_with_form_data<Params, Output>(
        &self,
        method: &str,
        _params: Params,
        _files: Vec<(&str, PathBuf)>,
    ) -> Result<Output, Error>
    where
        Params: Serialize + fmt::Debug + Send,
        Output: DeserializeOwned,
    {
        Err(Error::Unsendable(format!("{method}: files are sent from memory only")))
    }
}

#[cfg(test)]
mod tests;
