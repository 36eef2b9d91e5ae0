//! Hearing what others publish. What is said while the connection is away is lost, by design.

use std::time::Duration;

use futures::StreamExt;
use redis::{Msg, RedisResult};
use tokio::time::timeout;

use super::Link;

/// The pause before the next attempt grows from the first to the second.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A silent connection is asked this often whether it is still one.
const PING_EVERY: Duration = Duration::from_secs(10);

/// Longer messages are not ours.
const BYTES_MAX: usize = 1024;

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It listens from now on; what was said before is lost.
    Subscribed,
    Message(String),
}

impl Link {
    /// Hears what is published on the channel until the link is closed, and subscribes again whenever
    /// the connection went away.
    pub fn subscribe(&self, channel: String, hear: impl Fn(Heard) + Send + Sync + 'static) {
        let link = self.clone();
        self.keep_running(async move {
            let mut pause = PAUSE_MIN;
            loop {
                let listened = link.listen(&channel, &hear).await;
                pause = if listened { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
                tokio::time::sleep(pause).await;
            }
        });
    }

    /// Listens as long as the connection lasts. False: there was none.
    async fn listen(&self, channel: &str, hear: &(impl Fn(Heard) + Sync)) -> bool {
        let patience = self.0.settings.connect_timeout;
        let connecting = async {
            let mut subscribed = self.0.client.get_async_pubsub().await?;
            subscribed.subscribe(channel).await?;
            RedisResult::Ok(subscribed.split())
        };
        let Ok(Ok((mut sink, mut messages))) = timeout(patience, connecting).await else {
            return false;
        };
        hear(Heard::Subscribed);
        let mut ping = tokio::time::interval(PING_EVERY);
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(message) => hear_message(&message, hear),
                    None => return true,
                },
                _ = ping.tick() => {
                    let answer = timeout(patience, sink.ping::<redis::Value>()).await;
                    if !matches!(answer, Ok(Ok(_))) {
                        return true;
                    }
                }
            }
        }
    }
}

fn hear_message(message: &Msg, hear: &(impl Fn(Heard) + Sync)) {
    let bytes = message.get_payload_bytes();
    if bytes.len() > BYTES_MAX {
        tracing::debug!(bytes = bytes.len(), "a message that is too long was not heard");
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        hear(Heard::Message(text.to_owned()));
    }
}
