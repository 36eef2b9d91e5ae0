//! How updates come in: the long poll, or a webhook that is registered here and served by `web`.
//!
//! Both run until they are dropped, at any point: what was not committed, Telegram sends again.

use std::{convert::Infallible, time::Duration};

use aisha_actors::port::{self, Arrival};
use frankenstein::{
    AsyncTelegramApi,
    methods::{DeleteWebhookParams, GetUpdatesParams, SetWebhookParams},
    types::AllowedUpdate,
};
use futures::future::BoxFuture;
use serde_json::value::RawValue;

use super::{Client, Error, TelegramParser, error::Meaning};
use crate::outgoing::Backoff;

/// All that the bot wants to hear of.
pub const ALLOWED: [AllowedUpdate; 3] =
    [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];

/// Updates of one answer, Telegram's limit.
const BATCH_MAX: u32 = 100;

/// An empty answer is expected to take about as long as was asked for, and never less than half of this.
const SOON: Duration = Duration::from_secs(1);

/// Where updates go: makes them durable, and returns after the commit.
pub type Sink = Box<dyn Fn(Vec<Arrival>) -> BoxFuture<'static, port::Result<()>> + Send + Sync>;

/// How to poll.
#[derive(Debug, Clone)]
pub struct Polling {
    /// How long Telegram holds an empty answer back; at most 50 s.
    pub wait: Duration,
    pub backoff: Backoff,
}

impl Default for Polling {
    fn default() -> Self {
        Self { wait: Duration::from_secs(50), backoff: Backoff::default() }
    }
}

/// Takes updates by long polling, for ever. What is confirmed to Telegram is in the sink; a batch that
/// the sink refuses is given to it again.
pub async fn poll(
    client: &Client,
    parser: &TelegramParser,
    settings: Polling,
    sink: &Sink,
) -> Infallible {
    let Polling { wait, mut backoff } = settings;
    remove_webhook(client, &mut backoff).await;
    let mut offset = None;
    loop {
        let params = GetUpdatesParams::builder()
            .maybe_offset(offset)
            .limit(BATCH_MAX)
            .timeout(u32::try_from(wait.as_secs()).unwrap_or(50).min(50))
            .allowed_updates(ALLOWED.to_vec())
            .build();
        let asked = tokio::time::Instant::now();
        let batch = match client.get_updates(&params, wait).await {
            Ok(batch) => batch,
            Err(error) => {
                recover(client, &error, &mut backoff).await;
                continue;
            }
        };
        if batch.is_empty() {
            // The offset is confirmed. After a week without updates Telegram may count anew.
            offset = None;
            backoff.reset();
            if asked.elapsed() < wait.max(SOON) / 2 {
                // Told not to wait, or something in between does not: never ask in a tight loop.
                tokio::time::sleep(backoff.grow()).await;
            }
            continue;
        }
        let arrivals = read(parser, &batch);
        let last = arrivals.iter().map(|arrival| arrival.update.id.0).max();
        commit(sink, arrivals, &mut backoff).await;
        match last {
            Some(last) => {
                offset = Some(last.saturating_add(1));
                backoff.reset();
            }
            None => tokio::time::sleep(backoff.grow()).await,
        }
    }
}

fn read(parser: &TelegramParser, batch: &[Box<RawValue>]) -> Vec<Arrival> {
    let arrivals: Vec<Arrival> = batch.iter().filter_map(|raw| parser.arrival(raw.get())).collect();
    if arrivals.len() < batch.len() {
        tracing::error!(count = batch.len() - arrivals.len(), "updates without an update_id");
    }
    arrivals
}

async fn commit(sink: &Sink, arrivals: Vec<Arrival>, backoff: &mut Backoff) {
    if arrivals.is_empty() {
        return;
    }
    while let Err(error) = sink(arrivals.clone()).await {
        let wait = backoff.grow();
        tracing::warn!("updates cannot be stored, again in {wait:?}: {error}");
        tokio::time::sleep(wait).await;
    }
}

async fn recover(client: &Client, error: &Error, backoff: &mut Backoff) {
    let wait = match error.meaning() {
        Meaning::Limited(retry_after) => retry_after.max(backoff.grow()),
        _ => backoff.grow(),
    };
    if error.meaning() == Meaning::Conflict {
        tracing::error!("another process polls for this bot, or a webhook is set: {error}");
    } else {
        tracing::warn!("no updates, again in {wait:?}: {error}");
    }
    tokio::time::sleep(wait).await;
    if error.meaning() == Meaning::Conflict && error.to_string().contains("webhook") {
        remove_webhook(client, backoff).await;
    }
}

async fn remove_webhook(client: &Client, backoff: &mut Backoff) {
    let params = DeleteWebhookParams::builder().build();
    while let Err(error) = client.delete_webhook(&params).await {
        let wait = backoff.grow();
        tracing::warn!("the webhook is not removed yet, again in {wait:?}: {error}");
        tokio::time::sleep(wait).await;
    }
    backoff.reset();
}

/// The webhook to register.
#[derive(Clone)]
pub struct Webhook {
    /// Where Telegram shall post; `http` is for a Bot API server of one's own.
    pub url: String,
    /// 1 to 256 of `A-Za-z0-9_-`; comes back in `X-Telegram-Bot-Api-Secret-Token`.
    pub secret: String,
    /// Posts at a time, 1 to 100.
    pub max_connections: u32,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook")
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// Registers the webhook; tries until it works.
pub async fn set_webhook(client: &Client, webhook: &Webhook, mut backoff: Backoff) {
    let params = SetWebhookParams::builder()
        .url(webhook.url.as_str())
        .secret_token(webhook.secret.as_str())
        .max_connections(webhook.max_connections)
        .allowed_updates(ALLOWED.to_vec())
        .build();
    while let Err(error) = client.set_webhook(&params).await {
        let wait = match error.meaning() {
            Meaning::Limited(retry_after) => retry_after.max(backoff.grow()),
            _ => backoff.grow(),
        };
        tracing::warn!("the webhook is not set yet, again in {wait:?}: {error}");
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests;
