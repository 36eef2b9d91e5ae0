//! What the stand-ins were asked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::chat::{buttons, client, result_of};

#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub at_us: i64,
    peer: String,
    call: String,
    pub chat_id: Option<i64>,
    pub request_id: Option<String>,
    pub body: Value,
    status: u16,
}

pub(super) struct Journal(Vec<Call>);

/// The journal forgets beyond this.
const CALLS_MAX: usize = 100_000;

impl Journal {
    pub(super) async fn read(api_url: &str) -> Self {
        let http = client();
        let answer = http.get(format!("{api_url}/sandbox/journal")).send().await;
        let calls: Vec<Call> =
            answer.expect("the sandbox answers").json().await.expect("a journal");
        assert!(calls.len() < CALLS_MAX, "the journal is not whole any more");
        Self(calls)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn done(&self, peer: &str, call: &str) -> impl Iterator<Item = &Call> {
        let (peer, call) = (peer.to_owned(), call.to_owned());
        self.0.iter().filter(move |one| one.peer == peer && one.call == call && one.status == 200)
    }

    /// New messages that a chat was sent, oldest first.
    pub(super) fn sent_to(&self, chat: i64) -> Vec<&Call> {
        self.done("telegram", "sendMessage").filter(|call| call.chat_id == Some(chat)).collect()
    }

    /// How often each order was submitted, by its prompt and seed, which are one generation's own.
    pub(super) fn submits(&self) -> BTreeMap<(String, u64), Vec<String>> {
        let mut submits: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for call in self.done("fal", "submit") {
            let prompt = call.body["prompt"].as_str().unwrap_or_default().to_owned();
            let seed = call.body["seed"].as_u64().expect("every order has its seed");
            let id = call.request_id.clone().expect("what was taken has an id");
            submits.entry((prompt, seed)).or_default().push(id);
        }
        submits
    }

    /// The messages that each paid picture was edited into, by chat, generation and number.
    pub(super) fn shown(&self) -> BTreeMap<(i64, String, i64), Vec<i64>> {
        let mut shown: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        for call in self.done("telegram", "editMessageMedia") {
            let Some((generation, n)) = result_of(&call.buttons()) else { continue };
            let chat = call.chat_id.expect("an edit names its chat");
            let message = number(&call.body["message_id"]);
            let messages = shown.entry((chat, generation, n)).or_default();
            if !messages.contains(&message) {
                messages.push(message);
            }
        }
        shown
    }

    /// Paid pictures that were sent instead of edited: a repeat of that would show them twice.
    pub(super) fn sent_as_new(&self) -> usize {
        self.done("telegram", "sendPhoto")
            .filter(|call| result_of(&call.buttons()).is_some())
            .count()
    }
}

impl Call {
    pub(super) fn buttons(&self) -> Vec<String> {
        buttons(Some(&self.body["reply_markup"]))
    }

    pub(super) fn text(&self) -> &str {
        self.body["text"].as_str().unwrap_or_default()
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).expect("a message id")
}
