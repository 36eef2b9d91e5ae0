//! Tells a job's end to the URL that its submit named, signed as FAL signs. Loopback only.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, Url, header::CONTENT_TYPE, redirect};
use tokio::time::sleep;
use url::Host;

use super::{Inner, queue::Delivery};

const TIMEOUT: Duration = Duration::from_secs(15);
/// How often a webhook is tried again after the first time.
const RETRIES_MAX: u32 = 10;

pub(super) fn client() -> Result<Client, reqwest::Error> {
    Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).no_proxy().build()
}

/// Whether the stand-in may send anything there.
fn is_loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        }
}

/// Sends until it is acknowledged with 2xx or tried often enough; the attempts outlive the process.
pub(super) async fn deliver(fal: Arc<Inner>, mut delivery: Delivery) {
    let id = delivery.request_id.clone();
    let url = Url::parse(&delivery.url).ok().filter(is_loopback);
    let Some(url) = url else {
        tracing::warn!(id, "the FAL stand-in sends webhooks to this machine only");
        return note(&fal, &id, None);
    };
    loop {
        let sent = tokio::select! {
            () = fal.queue.stopped().cancelled() => return,
            sent = post(&fal, &url, &id) => sent,
        };
        delivery.attempts += 1;
        if sent || delivery.attempts > RETRIES_MAX {
            return note(&fal, &id, None);
        }
        note(&fal, &id, Some(&delivery));
        let wait = fal.queue.pace().webhook_retry_ms.saturating_mul(1 << (delivery.attempts - 1));
        tokio::select! {
            () = fal.queue.stopped().cancelled() => return,
            () = sleep(Duration::from_millis(wait)) => {}
        }
    }
}

fn note(fal: &Inner, id: &str, delivery: Option<&Delivery>) {
    if let Err(error) = fal.queue.note(id, delivery) {
        tracing::error!(%error, id, "the FAL stand-in cannot note a webhook");
    }
}

/// One attempt; whether it was acknowledged, or needs no more.
async fn post(fal: &Inner, url: &Url, id: &str) -> bool {
    let job = match fal.queue.find(id) {
        Ok(Some(seen)) => seen.job,
        // Its payloads were deleted meanwhile: there is nothing left to tell.
        Ok(None) => return true,
        Err(_) => return false,
    };
    let body = job.webhook_body(&fal.queue_url()).to_string();
    let timestamp = chrono::Utc::now().timestamp().to_string();
    let signature = fal.identity.sign(id, &timestamp, body.as_bytes());
    let answer = fal
        .client
        .post(url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("X-Fal-Webhook-Request-Id", id)
        .header("X-Fal-Webhook-User-Id", &fal.identity.user_id)
        .header("X-Fal-Webhook-Timestamp", timestamp)
        .header("X-Fal-Webhook-Signature", signature)
        .body(body)
        .send()
        .await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
