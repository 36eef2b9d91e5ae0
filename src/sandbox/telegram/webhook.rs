//! Posting updates to the bot's webhook: one at a time per lane, in order, until they are taken.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::StreamExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{
    Telegram,
    answer::Refusal,
    params::{Params, content_type},
    state::{State, Webhook},
    updates::{Lane, Pending},
};

/// For one delivery.
const POST_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// The longest Retry-After that is honoured.
const RETRY_AFTER_MAX: u64 = 3600;
/// The largest answer that is looked at for a method, in bytes.
const ANSWER_MAX: usize = 1024 * 1024;

/// The deliveries to one webhook.
pub(crate) struct Delivery {
    hook: Webhook,
    permits: Arc<Semaphore>,
    /// Lanes with work; each is worked off by a task of its own.
    lanes: HashMap<Lane, VecDeque<i64>>,
    stop: CancellationToken,
}

impl Delivery {
    /// Ends its tasks; what they had in hand stays pending.
    pub(crate) fn cancel(&self) {
        self.stop.cancel();
    }
}

/// How one delivery went.
enum Outcome {
    Taken { kind: String, body: Vec<u8> },
    Failed { words: String, retry_after: Option<Duration> },
}

impl Telegram {
    /// Ends the deliveries that run and begins those of the webhook that is set now, if any.
    pub(super) fn restart_delivery(self: &Arc<Self>, state: &mut State) {
        if let Some(old) = state.updates.delivery.take() {
            old.cancel();
        }
        let Some(hook) = state.bot.webhook.clone() else { return };
        if self.closed.is_cancelled() {
            return;
        }
        state.updates.delivery = Some(Delivery {
            permits: Arc::new(Semaphore::new(hook.max_connections)),
            hook,
            lanes: HashMap::new(),
            stop: self.closed.child_token(),
        });
        let mut lanes: Vec<_> = state.updates.by_lane().into_iter().collect();
        lanes.sort_by_key(|(_, ids)| ids.first().copied());
        for (_, ids) in lanes {
            self.deliver(state, &ids);
        }
    }

    /// Hands new updates to the lanes of the webhook.
    pub(super) fn deliver(self: &Arc<Self>, state: &mut State, ids: &[i64]) {
        let Some(delivery) = state.updates.delivery.as_mut() else { return };
        for id in ids {
            let Some(lane) = state.updates.pending.get(id).map(|pending| pending.lane) else {
                continue;
            };
            if let Some(queue) = delivery.lanes.get_mut(&lane) {
                queue.push_back(*id);
                continue;
            }
            delivery.lanes.insert(lane, VecDeque::from([*id]));
            let (telegram, hook) = (Arc::clone(self), delivery.hook.clone());
            let (permits, stop) = (Arc::clone(&delivery.permits), delivery.stop.clone());
            self.handle.spawn(async move {
                stop.run_until_cancelled(telegram.work_off(lane, hook, permits)).await
            });
        }
    }

    async fn work_off(self: Arc<Self>, lane: Lane, hook: Webhook, permits: Arc<Semaphore>) {
        while let Some((id, pending)) = self.next_in(lane) {
            let mut failures = 0_u32;
            while pending.expires_at >= chrono::Utc::now().timestamp() {
                let outcome = {
                    let Ok(_permit) = permits.acquire().await else { return };
                    self.post(&hook, &pending).await
                };
                match outcome {
                    Outcome::Taken { kind, body } => {
                        self.finish(id, None);
                        self.execute(&kind, &body).await;
                        break;
                    }
                    Outcome::Failed { words, retry_after } => {
                        self.note_failure(words);
                        tokio::time::sleep(retry_after.unwrap_or_else(|| pause(failures))).await;
                        failures += 1;
                    }
                }
            }
            self.finish(id, Some(lane));
        }
    }

    /// The head of the lane; without one the lane ends.
    fn next_in(&self, lane: Lane) -> Option<(i64, Arc<Pending>)> {
        let mut state = self.lock();
        let updates = &mut state.updates;
        let queue = updates.delivery.as_mut()?.lanes.get_mut(&lane)?;
        while let Some(id) = queue.front() {
            if let Some(pending) = updates.pending.get(id) {
                return Some((*id, Arc::clone(pending)));
            }
            queue.pop_front();
        }
        updates.delivery.as_mut()?.lanes.remove(&lane);
        None
    }

    /// Forgets a delivered update; with a lane also takes it off the lane.
    fn finish(self: &Arc<Self>, id: i64, lane: Option<Lane>) {
        let dropped = self.transact(|transaction| {
            transaction.drop_update(id);
            Ok::<_, Refusal>(())
        });
        if let Err(refusal) = dropped {
            tracing::error!(?refusal, "a delivered update could not be forgotten");
        }
        let Some(lane) = lane else { return };
        let mut state = self.lock();
        let delivery = state.updates.delivery.as_mut();
        if let Some(queue) = delivery.and_then(|delivery| delivery.lanes.get_mut(&lane)) {
            queue.retain(|queued| *queued != id);
        }
    }

    fn note_failure(&self, words: String) {
        self.lock().updates.last_error = Some((chrono::Utc::now().timestamp(), words));
    }

    async fn post(&self, hook: &Webhook, pending: &Pending) -> Outcome {
        let mut request = self
            .client
            .post(&hook.url)
            .timeout(POST_TIMEOUT)
            .header("Content-Type", "application/json")
            .body(pending.body.get().to_owned());
        if let Some(secret) = &hook.secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let failed = |words: String| Outcome::Failed { words, retry_after: None };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_timeout() => return failed("Connection timed out".to_owned()),
            Err(_) => return failed("Connection refused".to_owned()),
        };
        let status = response.status();
        if !status.is_success() {
            let retry_after = response
                .headers()
                .get("Retry-After")
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.trim().parse::<u64>().ok())
                .map(|seconds| Duration::from_secs(seconds.min(RETRY_AFTER_MAX)));
            let words = format!("Wrong response from the webhook: {status}");
            return Outcome::Failed { words, retry_after };
        }
        let kind = content_type_of(&response);
        Outcome::Taken { kind, body: read_bounded(response).await }
    }

    /// Executes the method that a webhook's answer asks for; its result goes nowhere.
    async fn execute(self: &Arc<Self>, kind: &str, body: &[u8]) {
        let Some(params) = Params::of_body(kind, body) else { return };
        let Some(method) = params.text("method") else { return };
        let name = method.to_ascii_lowercase();
        let refused = ["setwebhook", "deletewebhook", "close", "logout"];
        if name.starts_with("get") || refused.contains(&name.as_str()) {
            return;
        }
        drop(self.call(&method, params).await);
    }
}

/// The answer's body; nothing when it is too large or breaks off.
async fn read_bounded(response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) if body.len() + chunk.len() <= ANSWER_MAX => body.extend_from_slice(&chunk),
            _ => return Vec::new(),
        }
    }
    body
}

fn content_type_of(response: &reqwest::Response) -> String {
    let mut headers = actix_web::http::header::HeaderMap::new();
    let value = response.headers().get(reqwest::header::CONTENT_TYPE);
    if let Some(value) = value
        .and_then(|value| actix_web::http::header::HeaderValue::from_bytes(value.as_bytes()).ok())
    {
        headers.insert(actix_web::http::header::CONTENT_TYPE, value);
    }
    content_type(&headers)
}

/// The pause after so many failures: none, then 2, 4, 8 … seconds.
fn pause(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        _ => Duration::from_secs(2_u64.saturating_pow(failures.min(10))).min(PAUSE_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_none_to_a_minute() {
        let seconds: Vec<u64> = (0..9).map(|failures| pause(failures).as_secs()).collect();
        assert_eq!(seconds, [0, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
