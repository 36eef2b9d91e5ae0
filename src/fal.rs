//! FAL's queue API: the only file tree that knows FAL's JSON.
//!
//! The client hands orders in and asks about them; [`webhook`] proves that a webhook is FAL's, [`payloads`] has
//! FAL's own copies deleted. Nothing that FAL says is trusted: ids and addresses are checked before they are used,
//! bodies are bounded.

mod address;
mod answer;
mod fault;
mod order;
pub mod payloads;
pub mod webhook;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        catalogue::Model,
        generation::{Order, Ticket},
        id::GenerationId,
    },
    port::{self, Cancel, Clock, Generator, Kind, Outcome, ProviderStatus},
};
use async_trait::async_trait;
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};

use self::{
    address::Queue,
    answer::{Cancelled, Produced, Progress, Submitted},
    fault::Fault,
};
use crate::outgoing;

/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 256 << 10;
const TIMEOUTS: Timeouts =
    Timeouts { submit: Duration::from_secs(10), other: Duration::from_secs(5) };
/// How long FAL is asked to keep the pictures.
const PICTURES_ASKED: Duration = Duration::from_secs(14 * 24 * 3600);
/// How long after the result was read its pictures are counted on. Shorter than what is asked for,
/// because a result may be read late.
const PICTURES_PROMISED: Duration = Duration::from_secs(7 * 24 * 3600);
/// Whose status [`Client::check_key`] asks for: an app that exists and a request that does not.
const CHECKED_APP: &str = "fal-ai/flux";

/// How to reach FAL.
#[derive(Clone)]
pub struct Settings {
    /// A secret.
    pub key: String,
    /// The base of the queue API, such as `https://queue.fal.run`.
    pub queue_url: String,
    /// Carries all calls, when given.
    pub proxy: Option<String>,
    /// Our public webhook address; the generation's id is put behind it. None: FAL tells us nothing.
    pub webhook_url: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("queue_url", &self.queue_url).finish_non_exhaustive()
    }
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{0} is not what a key looks like: visible ASCII characters only")]
    InvalidKey(&'static str),
    #[error("`{0}` is not an http or https address")]
    InvalidUrl(&'static str),
    #[error(transparent)]
    Http(#[from] outgoing::Error),
}

/// What the key is worth, for `doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    Valid,
    /// FAL does not know the key, or it may not do this.
    Rejected,
    /// The account is empty or locked.
    Locked,
    /// FAL could not be asked; why.
    Unknown(String),
}

/// The queue's client.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Marked as sensitive: shows nothing when printed.
    key: HeaderValue,
    queue: Queue,
    webhook_url: Option<Url>,
    clock: Arc<dyn Clock>,
    timeouts: Timeouts,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("queue", &self.queue).finish_non_exhaustive()
    }
}

/// From the first byte sent to the last byte received.
#[derive(Clone, Copy)]
struct Timeouts {
    submit: Duration,
    other: Duration,
}

/// What came back: the status, the headers and at most [`ANSWER_MAX`] bytes.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: bytes::Bytes,
}

impl Client {
    /// Connects to nothing yet.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let mut key = HeaderValue::from_str(&format!("Key {}", settings.key.trim()))
            .map_err(|_error| Error::InvalidKey("FAL_KEY"))?;
        key.set_sensitive(true);
        let queue = Queue::new(&settings.queue_url).ok_or(Error::InvalidUrl("FAL_QUEUE_URL"))?;
        let webhook_url = match &settings.webhook_url {
            Some(url) => Some(address::base(url).ok_or(Error::InvalidUrl("FAL_WEBHOOK_URL"))?),
            None => None,
        };
        let http = outgoing::build(outgoing::builder(settings.proxy.as_deref())?)?;
        Ok(Self { http, key, queue, webhook_url, clock, timeouts: TIMEOUTS })
    }

    /// Asks FAL for the status of a request that never was: free, and refused without a good key.
    pub async fn check_key(&self) -> KeyCheck {
        let nobody = uuid::Uuid::nil().to_string();
        let Some(ticket) = self.queue.ticket(CHECKED_APP, &nobody) else {
            return KeyCheck::Unknown("the queue's address cannot be built".to_owned());
        };
        let reply = match self.read(&ticket.status_url).await {
            Ok(reply) => reply,
            Err(error) => return KeyCheck::Unknown(error.what),
        };
        match reply.status.as_u16() {
            401..=403 if Fault::of(&reply).is_about_money() => KeyCheck::Locked,
            401 | 403 => KeyCheck::Rejected,
            200..=299 | 400 | 404 | 405 | 410 | 422 => KeyCheck::Valid,
            status => KeyCheck::Unknown(format!("FAL answered {status}")),
        }
    }

    fn request(&self, method: Method, url: Url, timeout: Duration) -> RequestBuilder {
        self.http.request(method, url).header(AUTHORIZATION, self.key.clone()).timeout(timeout)
    }

    /// The address of a ticket, if the key may be sent there.
    fn own(&self, url: &str) -> port::Result<Url> {
        self.queue.own(url).ok_or_else(|| {
            let what = "the request's address is not on FAL_QUEUE_URL: was the setting changed?";
            port::Error::new(Kind::Permanent, what)
        })
    }

    /// Asks something that may be asked again and again: what is lost is `Transient`.
    async fn ask(&self, method: Method, url: &str) -> port::Result<Reply> {
        let url = self.own(url)?;
        let sent = self.request(method, url, self.timeouts.other).send().await;
        let response = sent.map_err(|error| {
            port::Error::transient(format!("FAL: {}", outgoing::describe(&error)))
        })?;
        whole(response).await.map_err(|what| port::Error::transient(format!("FAL: {what}")))
    }

    async fn read(&self, url: &str) -> port::Result<Reply> {
        self.ask(Method::GET, url).await
    }

    /// Whether the request ended badly, by its status: what settles a failing result call, because
    /// the call may fail on its own account too.
    async fn failed(&self, ticket: &Ticket) -> Option<Outcome> {
        let reply = self.read(&ticket.status_url).await.ok()?;
        let progress = reply.status.is_success().then(|| Progress::read(&reply.body))??;
        progress.is_completed().then(|| progress.failure())?
    }
}

async fn whole(response: Response) -> Result<Reply, outgoing::BodyError> {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = outgoing::body(response, ANSWER_MAX).await?;
    Ok(Reply { status, headers, body })
}

#[async_trait]
impl Generator for Client {
    async fn submit(&self, id: GenerationId, model: &Model, order: &Order) -> port::Result<Ticket> {
        let permanent = |what: &str| port::Error::new(Kind::Permanent, what);
        let body = order::body(model, order).map_err(|error| permanent(&error.to_string()))?;
        let mut url = self
            .queue
            .endpoint(&model.endpoint)
            .ok_or_else(|| permanent("the model's endpoint is not one"))?;
        if let Some(webhook) = &self.webhook_url {
            let webhook = format!("{}/{id}", webhook.as_str().trim_end_matches('/'));
            url.query_pairs_mut().append_pair("fal_webhook", &webhook);
        }
        let keep = format!("{{\"expiration_duration_seconds\": {}}}", PICTURES_ASKED.as_secs());
        let sent = self
            .request(Method::POST, url, self.timeouts.submit)
            .header("X-Fal-Object-Lifecycle-Preference", keep)
            .json(&body)
            .send()
            .await;
        let response = sent.map_err(|error| {
            // Not connected: nothing was sent. Anything else may have arrived.
            let kind = if error.is_connect() { Kind::Transient } else { Kind::Ambiguous };
            port::Error::new(kind, format!("FAL submit: {}", outgoing::describe(&error)))
        })?;
        let ambiguous =
            |what: &str| port::Error::new(Kind::Ambiguous, format!("FAL submit: {what}"));
        let reply = match whole(response).await {
            Ok(reply) => reply,
            Err(error) => return Err(ambiguous(&error.to_string())),
        };
        if !reply.status.is_success() {
            return Err(Fault::of(&reply).on_submit());
        }
        let submitted = Submitted::read(&reply.body)
            .ok_or_else(|| ambiguous("accepted, but with an answer of the wrong shape"))?;
        submitted
            .ticket(&self.queue, &model.endpoint)
            .ok_or_else(|| ambiguous("accepted, but with an unusable request id"))
    }

    async fn status(&self, ticket: &Ticket) -> port::Result<ProviderStatus> {
        let reply = self.read(&ticket.status_url).await?;
        if !reply.status.is_success() {
            return Err(Fault::of(&reply).on_read());
        }
        Progress::read(&reply.body)
            .and_then(|progress| progress.status())
            .ok_or_else(|| port::Error::transient("FAL: a status of the wrong shape"))
    }

    async fn outcome(&self, ticket: &Ticket) -> port::Result<Outcome> {
        let reply = self.read(&ticket.response_url).await?;
        if reply.status.is_success() {
            let produced = Produced::read(&reply.body)
                // Not even JSON: something between FAL and us spoke.
                .ok_or_else(|| port::Error::transient("FAL: the result is no JSON"))?;
            let expires_at = self.clock.now().plus(PICTURES_PROMISED);
            return Ok(produced.outcome(expires_at));
        }
        let fault = Fault::of(&reply);
        if let Some(outcome) = fault.last_word() {
            return Ok(outcome);
        }
        if fault.may_be_the_jobs()
            && let Some(outcome) = self.failed(ticket).await
        {
            return Ok(outcome);
        }
        Err(fault.on_read())
    }

    async fn cancel(&self, ticket: &Ticket) -> port::Result<Cancel> {
        let reply = self.ask(Method::PUT, &ticket.cancel_url).await?;
        match Cancelled::read(&reply.body).and_then(|answer| answer.cancel()) {
            Some(cancel) if reply.status.is_success() || reply.status.is_client_error() => {
                Ok(cancel)
            }
            _ => match reply.status {
                status if status.is_success() => Ok(Cancel::Requested),
                StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Cancel::Unknown),
                _ => Err(Fault::of(&reply).on_read()),
            },
        }
    }

    fn adopt(&self, model: &Model, request_id: &str) -> Option<Ticket> {
        self.queue.ticket(&model.endpoint, request_id)
    }
}
