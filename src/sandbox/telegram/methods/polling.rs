//! How the bot gets its updates: getUpdates and the webhook's settings.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep, sleep_until};
use url::Url;

use crate::sandbox::{
    journal::now_us,
    telegram::{
        Telegram,
        answer::{Refusal, Reply, Success},
        media::is_loopback,
        params::Params,
        state::{Transaction, Webhook},
    },
};

/// The longest poll, in seconds.
const POLL_MAX: i64 = 50;
/// Conflicts are told at once only so often; the others wait so long, in microseconds.
const CONFLICT_PAUSE_US: i64 = 3_000_000;

/// Remembers the kinds that the bot asks for; an empty list stands for the default.
fn remember_kinds(transaction: &mut Transaction<'_>, params: &Params) -> Result<(), Refusal> {
    let Some(kinds) = params
        .object::<Vec<String>>("allowed_updates")
        .map_err(|_| Refusal::bad("can't parse allowed updates JSON object"))?
    else {
        return Ok(());
    };
    let kinds = (!kinds.is_empty()).then_some(kinds);
    if transaction.state.bot.allowed_updates != kinds {
        transaction.state.bot.allowed_updates = kinds;
        transaction.save_bot()?;
    }
    Ok(())
}

/// How a waiting poll was ended by another call.
fn conflict(transaction: &Transaction<'_>, poll: u64) -> Option<Refusal> {
    if transaction.state.updates.poll == poll {
        return None;
    }
    Some(Refusal::conflict(if transaction.state.bot.webhook.is_some() {
        "terminated by setWebhook request"
    } else {
        "terminated by other getUpdates request; make sure that only one bot instance is running"
    }))
}

/// Tells a conflict, but not more often than every three seconds, so that two pollers do not spin.
async fn tell(telegram: &Arc<Telegram>, refusal: Refusal) -> Reply {
    let at_once = {
        let mut state = telegram.lock();
        let at_once = now_us() - state.updates.last_conflict_us >= CONFLICT_PAUSE_US;
        if at_once {
            state.updates.last_conflict_us = now_us();
        }
        at_once
    };
    if !at_once {
        tokio::select! {
            () = sleep(Duration::from_micros(CONFLICT_PAUSE_US.unsigned_abs())) => {}
            () = telegram.closed.cancelled() => {}
        }
    }
    Err(refusal)
}

/// getUpdates
pub(super) async fn get_updates(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let offset = params.integer("offset").unwrap_or(0);
    let mut limit =
        usize::try_from(params.integer("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let mut timeout = params.integer("timeout").unwrap_or(0).clamp(0, POLL_MAX);
    let begun = telegram.transact(|transaction| {
        if transaction.state.bot.webhook.is_some() {
            return Err(Refusal::conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete \
                 the webhook first",
            ));
        }
        remember_kinds(transaction, params)?;
        let now = now_us();
        let updates = &mut transaction.state.updates;
        if let Some((last, at)) = updates.last_poll.replace((offset, now))
            && last == offset
        {
            // Telegram slows a bot that asks again and again without confirming.
            if now - at < 3_000_000 {
                timeout = timeout.max(3);
            }
            if now - at < 500_000 {
                limit = 1;
            }
        }
        updates.poll += 1;
        Ok(updates.poll)
    });
    let poll = match begun {
        Ok(poll) => poll,
        Err(refusal) => return tell(telegram, refusal).await,
    };
    telegram.arrival.notify_waiters();
    let deadline = Instant::now() + Duration::from_secs(timeout.unsigned_abs());
    loop {
        let arrival = telegram.arrival.notified();
        tokio::pin!(arrival);
        arrival.as_mut().enable();
        let taken = telegram.transact(|transaction| match conflict(transaction, poll) {
            Some(refusal) => Err(refusal),
            None => Ok(transaction.take_updates(offset, limit)),
        });
        let taken = match taken {
            Ok(taken) => taken,
            Err(refusal) if refusal.status == 409 => return tell(telegram, refusal).await,
            Err(refusal) => return Err(refusal),
        };
        let over = Instant::now() >= deadline || telegram.closed.is_cancelled();
        if !taken.is_empty() || over {
            let bodies: Vec<_> = taken.iter().map(|pending| &pending.body).collect();
            return Success::of(&bodies);
        }
        tokio::select! {
            () = &mut arrival => {}
            () = sleep_until(deadline) => {}
            () = telegram.closed.cancelled() => {}
        }
    }
}

/// setWebhook
pub(super) fn set_webhook(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let address = params.text("url").unwrap_or_default().trim().to_owned();
    if address.is_empty() {
        return delete_webhook(telegram, params);
    }
    let hook = webhook(&address, params)?;
    let same = telegram.transact(|transaction| {
        remember_kinds(transaction, params)?;
        if params.flag("drop_pending_updates") {
            transaction.drop_all_updates();
        }
        let same = transaction.state.bot.webhook.as_ref() == Some(&hook);
        transaction.state.bot.webhook = Some(hook);
        transaction.state.updates.poll += 1;
        transaction.save_bot()?;
        Ok::<_, Refusal>(same)
    })?;
    telegram.arrival.notify_waiters();
    if same {
        return Success::yes_because("Webhook is already set");
    }
    telegram.restart_delivery(&mut telegram.lock());
    Success::yes_because("Webhook was set")
}

fn webhook(address: &str, params: &Params) -> Result<Webhook, Refusal> {
    let url =
        Url::parse(address).map_err(|_| Refusal::bad("bad webhook: invalid URL specified"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    if !is_loopback(&url) {
        return Err(Refusal::bad("bad webhook: the sandbox delivers to this machine only"));
    }
    let secret = params.text("secret_token").filter(|secret| !secret.is_empty());
    if let Some(secret) = &secret {
        if secret.len() > 256 {
            return Err(Refusal::bad("secret token is too long"));
        }
        if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
            return Err(Refusal::bad("secret token contains unallowed characters"));
        }
    }
    let connections = params.integer("max_connections").unwrap_or(40).clamp(1, 100);
    Ok(Webhook {
        url: url.to_string(),
        secret,
        max_connections: usize::try_from(connections).unwrap_or(40),
    })
}

/// deleteWebhook
pub(super) fn delete_webhook(telegram: &Arc<Telegram>, params: &Params) -> Reply {
    let was_set = telegram.transact(|transaction| {
        if params.flag("drop_pending_updates") {
            transaction.drop_all_updates();
        }
        let was_set = transaction.state.bot.webhook.take().is_some();
        transaction.state.updates.last_error = None;
        if was_set {
            transaction.save_bot()?;
        }
        Ok::<_, Refusal>(was_set)
    })?;
    telegram.restart_delivery(&mut telegram.lock());
    Success::yes_because(if was_set { "Webhook was deleted" } else { "Webhook is already deleted" })
}

/// getWebhookInfo
pub(super) fn webhook_info(telegram: &Arc<Telegram>) -> Reply {
    let state = telegram.lock();
    let mut info = Map::new();
    let mut add = |name: &str, value: Value| info.insert(name.to_owned(), value);
    let hook = state.bot.webhook.as_ref();
    add("url", json!(hook.map_or("", |hook| hook.url.as_str())));
    add("has_custom_certificate", json!(false));
    add("pending_update_count", json!(state.updates.pending.len()));
    if let Some(hook) = hook {
        add("max_connections", json!(hook.max_connections));
        add("ip_address", json!("127.0.0.1"));
        if let Some((at, words)) = &state.updates.last_error {
            add("last_error_date", json!(at));
            add("last_error_message", json!(words));
        }
    }
    if let Some(kinds) = &state.bot.allowed_updates {
        add("allowed_updates", json!(kinds));
    }
    Success::of(&info)
}
