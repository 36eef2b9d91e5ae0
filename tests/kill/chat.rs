//! One person's side of the sandbox's chat, over HTTP.

use std::time::{Duration, Instant};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Nothing takes as long as this unless it is broken.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Message {
    pub message_id: i64,
    from: From,
    text: Option<String>,
    caption: Option<String>,
    photo: Option<Vec<Photo>>,
    reply_markup: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
struct From {
    is_bot: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Photo {
    file_id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Callback {
    pub id: String,
    pub answer: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct View {
    pub messages: Vec<Message>,
    pub callbacks: Vec<Callback>,
}

impl Message {
    pub(super) fn is_from_bot(&self) -> bool {
        self.from.is_bot
    }

    pub(super) fn words(&self) -> &str {
        self.text.as_deref().or(self.caption.as_deref()).unwrap_or_default()
    }

    /// The `file_id` of its picture, in full size.
    pub(super) fn photo(&self) -> Option<&str> {
        Some(&self.photo.as_ref()?.last()?.file_id)
    }

    pub(super) fn buttons(&self) -> Vec<String> {
        buttons(self.reply_markup.as_ref())
    }

    pub(super) fn button(&self, start: &str) -> Option<String> {
        self.buttons().into_iter().find(|data| data.starts_with(start))
    }

    /// The generation and number of the picture whose result card this is.
    pub(super) fn result(&self) -> Option<(String, i64)> {
        self.photo()?;
        result_of(&self.buttons())
    }
}

/// The callback data of a keyboard, whether it came as JSON or as text of it.
pub(super) fn buttons(markup: Option<&Value>) -> Vec<String> {
    let parsed = match markup {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(markup) => markup.clone(),
        None => Value::Null,
    };
    let rows = parsed["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let all = rows.iter().filter_map(Value::as_array).flatten();
    all.filter_map(|button| button["callback_data"].as_str().map(str::to_owned)).collect()
}

/// A result card has the favourite button of its own spot: `1fv.<generation>.<n>.<on>.r`.
pub(super) fn result_of(buttons: &[String]) -> Option<(String, i64)> {
    let data = buttons.iter().find(|data| data.starts_with("1fv.") && data.ends_with(".r"))?;
    let parts: Vec<&str> = data.split('.').collect();
    Some((parts[1].to_owned(), parts[2].parse().ok()?))
}

impl View {
    pub(super) fn the_bots(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter().filter(|message| message.is_from_bot())
    }

    /// The newest message with a button that begins like this.
    pub(super) fn with_button(&self, start: &str) -> Option<&Message> {
        self.the_bots().rev().find(|message| message.button(start).is_some())
    }

    pub(super) fn results(&self) -> Vec<&Message> {
        self.the_bots().filter(|message| message.result().is_some()).collect()
    }

    pub(super) fn message(&self, id: i64) -> Option<&Message> {
        self.messages.iter().find(|message| message.message_id == id)
    }

    /// What a press was answered in words.
    pub(super) fn answer(&self, callback: &str) -> Option<&str> {
        let pressed = self.callbacks.iter().find(|one| one.id == callback)?;
        pressed.answer.as_ref()?["text"].as_str()
    }

    pub(super) fn is_answered(&self, callback: &str) -> bool {
        self.callbacks.iter().any(|one| one.id == callback && one.answer.is_some())
    }
}

#[derive(Clone)]
pub(super) struct Chat {
    http: reqwest::Client,
    base: String,
    pub id: i64,
    name: &'static str,
}

/// A client that opens a connection for each call: a kept one may just be closed by the other side.
pub(super) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
    builder.build().expect("a client")
}

impl Chat {
    pub(super) fn new(api_url: &str, id: i64) -> Self {
        let http = client();
        Self { http, base: format!("{api_url}/sandbox/chats/{id}"), id, name: "Ann" }
    }

    /// The same of somebody with another first name.
    pub(super) fn called(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Somebody else's, with the same client: to make one takes a while.
    pub(super) fn of(&self, id: i64) -> Self {
        let mut chat = self.clone();
        chat.id = id;
        chat.base = match self.base.rsplit_once('/') {
            Some((before, _)) => format!("{before}/{id}"),
            None => self.base.clone(),
        };
        chat
    }

    /// Says something; gives the message's id.
    pub(super) async fn say(&self, text: &str) -> i64 {
        let body = json!({"text": text, "first_name": self.name, "language_code": "en"});
        let said: Value = self.post("messages", &body).await.expect("the sandbox takes words");
        said["message_id"].as_i64().expect("a message id")
    }

    /// Presses a button; gives the callback's id. None: the button is not there any more.
    pub(super) async fn try_press(&self, message_id: i64, data: &str) -> Option<String> {
        let body = json!({"message_id": message_id, "data": data});
        let pressed: Value = self.post("press", &body).await?;
        Some(pressed["callback_id"].as_str().expect("a callback id").to_owned())
    }

    /// Presses a button that is there.
    pub(super) async fn press(&self, message: &Message, data: &str) -> String {
        let pressed = self.try_press(message.message_id, data).await;
        pressed.unwrap_or_else(|| panic!("no button {data} under {message:?}"))
    }

    /// Presses, and waits for the answer.
    pub(super) async fn press_through(&self, message: &Message, data: &str) -> View {
        let callback = self.press(message, data).await;
        self.until(&format!("an answer to {data}"), |view| view.is_answered(&callback)).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Option<T> {
        let answer = self.http.post(format!("{}/{path}", self.base)).json(body).send().await;
        let answer = answer.expect("the sandbox answers");
        let status = answer.status();
        if status.is_client_error() {
            return None;
        }
        assert!(status.is_success(), "{path}: {status}");
        Some(answer.json().await.expect("JSON"))
    }

    pub(super) async fn view(&self) -> View {
        let answer = self.http.get(format!("{}/messages", self.base)).send().await;
        answer.expect("the sandbox answers").json().await.expect("a chat")
    }

    /// Follows the chat's events until it shows what is wanted. None: not within the time.
    pub(super) async fn watch(
        &self,
        patience: Duration,
        wanted: impl Fn(&View) -> bool,
    ) -> Option<View> {
        let until = Instant::now() + patience;
        let events = self.http.get(format!("{}/events", self.base)).send().await;
        let mut events = events.expect("the sandbox answers");
        loop {
            let view = self.view().await;
            if wanted(&view) {
                return Some(view);
            }
            let left = until.checked_duration_since(Instant::now())?;
            let event = tokio::time::timeout(left, events.chunk()).await.ok()?;
            event.expect("the events go on")?;
        }
    }

    /// Follows the chat until it shows what is wanted.
    pub(super) async fn until(&self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        if let Some(view) = self.watch(PATIENCE, wanted).await {
            return view;
        }
        let View { messages, callbacks } = self.view().await;
        let open: Vec<_> = callbacks.iter().filter(|one| one.answer.is_none()).collect();
        let last = &messages[messages.len().saturating_sub(3)..];
        panic!("chat {}: no {what}; unanswered: {open:?}; last: {last:#?}", self.id)
    }

    /// Says `/imagine`, presses "Generate"; gives the message that then shows the progress.
    pub(super) async fn generate(&self, prompt: &str) -> i64 {
        self.say(&format!("/imagine {prompt}")).await;
        let is_quote = |message: &Message| {
            message.words().contains(prompt) && message.button("1go.").is_some()
        };
        let view = self.until("quote", |view| view.the_bots().any(is_quote)).await;
        let quote = view.the_bots().find(|message| is_quote(message)).expect("it was just there");
        let data = quote.button("1go.").expect("it was just there");
        self.press_through(quote, &data).await;
        quote.message_id
    }

    /// The same with so many pictures: how many there were last is remembered.
    pub(super) async fn generate_many(&self, prompt: &str, count: usize) {
        self.say(&format!("/imagine {prompt}")).await;
        let is_quote = |view: &View| {
            view.with_button("1go.").filter(|one| one.words().contains(prompt)).cloned()
        };
        let view = self.until("quote", |view| is_quote(view).is_some()).await;
        let quote = is_quote(&view).expect("it was just there");
        self.press_through(&quote, "1cs").await;
        let chosen = format!("1ct.{count}");
        for (what, leads) in [("counts", chosen.as_str()), ("quote", "1go.")] {
            let with = |view: &View| {
                view.message(quote.message_id).filter(|one| one.button(leads).is_some()).cloned()
            };
            let view = self.until(what, |view| with(view).is_some()).await;
            let message = with(&view).expect("it was just there");
            let data = message.button(leads).expect("it was just there");
            self.press_through(&message, &data).await;
        }
    }

    /// SHA-256 of a file as the chat shows it.
    pub(super) async fn hash(&self, file_id: &str) -> Vec<u8> {
        let answer = self.http.get(format!("{}/files/{file_id}", self.base)).send().await;
        let answer = answer.expect("the sandbox answers").error_for_status();
        let bytes = answer.expect("a file that was shown stays").bytes().await.expect("its bytes");
        Sha256::digest(&bytes).to_vec()
    }
}
