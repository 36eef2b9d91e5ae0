use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aisha_actors::domain::{id::UpdateId, update::Input};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::*;
use crate::telegram::fake::BotApi;

/// What the sink got, and how often it shall refuse first.
#[derive(Clone)]
struct Inbox {
    got: Arc<Mutex<Vec<Vec<Arrival>>>>,
    refusals: Arc<Mutex<u32>>,
    committed: Arc<watch::Sender<usize>>,
}

impl Inbox {
    fn new(refusals: u32) -> Self {
        let (got, refusals) = (Arc::default(), Arc::new(Mutex::new(refusals)));
        Self { got, refusals, committed: Arc::new(watch::channel(0).0) }
    }

    fn sink(&self) -> Sink {
        let inbox = self.clone();
        Box::new(move |arrivals| {
            let inbox = inbox.clone();
            Box::pin(async move {
                inbox.got.lock().unwrap().push(arrivals);
                let mut refusals = inbox.refusals.lock().unwrap();
                if *refusals > 0 {
                    *refusals -= 1;
                    return Err(port::Error::transient("the disk is away"));
                }
                inbox.committed.send_modify(|count| *count += 1);
                Ok(())
            })
        })
    }

    fn ids(&self) -> Vec<Vec<i64>> {
        let got = self.got.lock().unwrap();
        got.iter().map(|batch| batch.iter().map(|a| a.update.id.0).collect()).collect()
    }
}

fn quick() -> Polling {
    let backoff = Backoff::new(Duration::ZERO, Duration::ZERO);
    Polling { wait: Duration::from_secs(1), backoff }
}

fn batch(updates: &[Value]) -> (u16, Value) {
    (200, json!({"ok": true, "result": updates}))
}

fn message(id: i64) -> Value {
    json!({"update_id": id, "message": {"message_id": 1, "date": 1, "text": "hi",
        "from": {"id": 7, "is_bot": false, "first_name": "A"}, "chat": {"id": 7, "type": "private"}}})
}

/// Polls until there were so many calls of `getUpdates`; gives their parameters.
async fn polled(api: &BotApi, inbox: &Inbox, calls: usize) -> Vec<Value> {
    let (client, parser, sink) = (api.client(), TelegramParser::default(), inbox.sink());
    tokio::select! {
        never = poll(&client, &parser, quick(), &sink) => match never {},
        calls = api.wait_for("getUpdates", calls) => calls,
    }
}

#[tokio::test]
async fn the_webhook_goes_first_and_only_wanted_kinds_are_asked_for() {
    let api = BotApi::start().await;
    api.next_answers("deleteWebhook", [(502, json!("bad gateway"))]);
    let calls = polled(&api, &Inbox::new(0), 1).await;
    assert_eq!(api.methods(), ["deleteWebhook", "deleteWebhook", "getUpdates"]);
    let kinds = json!(["message", "callback_query", "my_chat_member"]);
    assert_eq!(calls[0], json!({"limit": 100, "timeout": 1, "allowed_updates": kinds}));
}

#[tokio::test]
async fn the_offset_moves_only_after_the_commit() {
    let api = BotApi::start().await;
    api.next_answers("getUpdates", [batch(&[message(5), message(9)]), batch(&[]), batch(&[])]);
    let inbox = Inbox::new(2);
    let calls = polled(&api, &inbox, 3).await;
    // Refused twice and given again, without a call in between.
    assert_eq!(inbox.ids(), [[5, 9], [5, 9], [5, 9]]);
    assert_eq!(calls[1]["offset"], 10);
    assert!(
        calls[2].get("offset").is_none(),
        "an empty answer confirms, then Telegram may count anew"
    );
}

#[tokio::test]
async fn nothing_is_confirmed_while_the_sink_is_at_work() {
    let api = BotApi::start().await;
    api.next_answers("getUpdates", [batch(&[message(5)])]);
    let (started, mut begun) = watch::channel(false);
    let sink: Sink = Box::new(move |_| {
        started.send_replace(true);
        Box::pin(std::future::pending())
    });
    let (client, parser) = (api.client(), TelegramParser::default());
    tokio::select! {
        never = poll(&client, &parser, quick(), &sink) => match never {},
        _ = begun.wait_for(|begun| *begun) => {}
    }
    assert_eq!(api.calls_of("getUpdates").len(), 1);
}

#[tokio::test]
async fn an_unknown_kind_loses_nothing_and_is_kept_in_its_own_words() {
    let api = BotApi::start().await;
    let strange = json!({"update_id": 6, "of_the_future": {"deep": [1.5]}});
    api.next_answers(
        "getUpdates",
        [batch(&[message(5), strange.clone(), json!({"no": "id"}), message(7)])],
    );
    let inbox = Inbox::new(0);
    let calls = polled(&api, &inbox, 2).await;
    assert_eq!(inbox.ids(), [[5, 6, 7]]);
    assert_eq!(calls[1]["offset"], 8);
    let got = inbox.got.lock().unwrap().remove(0);
    assert_eq!((got[1].update.id, &got[1].update.input), (UpdateId(6), &Input::Ignored));
    assert_eq!(serde_json::from_str::<Value>(&got[1].payload).unwrap(), strange);
    assert_eq!(got[2].update.input, Input::Said("hi".into()));
}

#[tokio::test]
async fn troubles_pass() {
    let api = BotApi::start().await;
    let conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot \
                    instance is running";
    api.refuse("getUpdates", 409, conflict);
    api.next_answers("getUpdates", [(502, json!("bad gateway")), (200, json!("garbage"))]);
    api.refuse("getUpdates", 401, "Unauthorized");
    api.next_answers("getUpdates", [batch(&[message(5)])]);
    let inbox = Inbox::new(0);
    polled(&api, &inbox, 6).await;
    assert_eq!(inbox.ids(), [[5]]);
    assert_eq!(api.calls_of("deleteWebhook").len(), 1);
}

#[tokio::test]
async fn a_webhook_that_somebody_set_is_removed_again() {
    let api = BotApi::start().await;
    let conflict = "Conflict: can't use getUpdates method while webhook is active; use \
                    deleteWebhook to delete the webhook first";
    api.refuse("getUpdates", 409, conflict);
    polled(&api, &Inbox::new(0), 2).await;
    assert_eq!(api.methods(), ["deleteWebhook", "getUpdates", "deleteWebhook", "getUpdates"]);
}

#[tokio::test]
async fn the_webhook_is_set_however_long_it_takes() {
    let api = BotApi::start().await;
    api.next_answers("setWebhook", [(502, json!("bad gateway"))]);
    let webhook = Webhook {
        url: "http://bot.example/telegram/webhook".into(),
        secret: "s3cret".into(),
        max_connections: 40,
    };
    set_webhook(&api.client(), &webhook, quick().backoff).await;
    let kinds = json!(["message", "callback_query", "my_chat_member"]);
    let expected = json!({"url": webhook.url, "secret_token": "s3cret", "max_connections": 40,
        "allowed_updates": kinds});
    assert_eq!(api.calls_of("setWebhook"), [expected.clone(), expected]);
    assert!(!format!("{webhook:?}").contains("s3cret"));
}
