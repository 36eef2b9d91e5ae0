//! A simulated person, who does not know that the bot is killed all the time.

use std::{ops::Range, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::sync::watch;

use super::{
    chat::{Chat, View},
    journal::Call,
};

/// How long a person waits for the bot before they do something else.
const SOON: Duration = Duration::from_secs(3);

/// The sandbox remembers the 200 newest presses of a chat.
const PRESSES_MAX: usize = 190;

/// Buttons that are pressed while browsing: what they lead to can be told from the answers to words.
const BROWSED: [&str; 9] = ["1im", "1gl", "1bl", "1st", "1hi.", "1ol.", "1nw.", "1fv.", "1~cd."];

/// What words ask for, and how the answer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Home,
    Balance,
    Quote(String),
}

impl Wish {
    fn words(&self) -> String {
        match self {
            Self::Home => "/start".to_owned(),
            Self::Balance => "/balance".to_owned(),
            Self::Quote(prompt) => format!("/imagine {prompt}"),
        }
    }

    /// Whether this new message of the bot is the answer.
    pub(super) fn is_met_by(&self, sent: &Call) -> bool {
        let buttons = sent.buttons();
        let has = |data: &str| buttons.iter().any(|one| one == data);
        match self {
            Self::Home => has("1gl") && has("1st") && has("1hp"),
            Self::Balance => has("1hi.0") && has("1im"),
            Self::Quote(prompt) => {
                sent.text().contains(prompt) && buttons.iter().any(|data| data.starts_with("1go."))
            }
        }
    }
}

/// What a person did.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What was said, with the moment just before, in microseconds since the Unix epoch.
    pub said: Vec<(i64, Wish)>,
    /// The callbacks of what was pressed.
    pub pressed: Vec<String>,
    /// Quotes whose "Generate" was pressed, once or twice, with the callback of the first.
    pub ordered: Vec<(String, String)>,
}

pub(super) struct Person {
    chat: Chat,
    dice: StdRng,
    orders_left: u32,
    /// Between two acts, in milliseconds.
    pauses: Range<u64>,
    done: Done,
}

impl Person {
    pub(super) fn new(chat: Chat, seed: u64) -> Self {
        let dice = StdRng::seed_from_u64(seed);
        Self { chat, dice, orders_left: 4, pauses: 200..1000, done: Done::default() }
    }

    /// One of very many: slower, with fewer orders.
    pub(super) fn at_ease(self, orders: u32, pauses: Range<u64>) -> Self {
        Self { orders_left: orders, pauses, ..self }
    }

    /// Uses the bot until told to stop.
    pub(super) async fn live(mut self, stop: watch::Receiver<bool>) -> (Chat, Done) {
        self.say(Wish::Home).await;
        while !*stop.borrow() {
            match self.dice.random_range(0..10) {
                0 => self.say(Wish::Home).await,
                1 => self.say(Wish::Balance).await,
                2..=5 if self.orders_left > 0 => self.order().await,
                _ => self.browse().await,
            }
            let pause = self.dice.random_range(self.pauses.clone());
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        (self.chat, self.done)
    }

    async fn say(&mut self, wish: Wish) {
        let at = chrono::Utc::now().timestamp_micros();
        self.chat.say(&wish.words()).await;
        self.done.said.push((at, wish));
    }

    /// Presses; the callback if the button was still there.
    async fn press(&mut self, message: i64, data: &str) -> Option<String> {
        if self.done.pressed.len() >= PRESSES_MAX {
            return None;
        }
        let callback = self.chat.try_press(message, data).await?;
        self.done.pressed.push(callback.clone());
        Some(callback)
    }

    async fn order(&mut self) {
        self.orders_left -= 1;
        let prompt = format!("kites-{}-{} over hills", self.chat.id, self.orders_left);
        self.say(Wish::Quote(prompt.clone())).await;
        let quote = |view: &View| {
            let mut all = view.the_bots();
            let found = all.find(|message| {
                message.words().contains(&prompt) && message.button("1go.").is_some()
            })?;
            Some((found.message_id, found.button("1go.")?))
        };
        let Some(view) = self.chat.watch(SOON, |view| quote(view).is_some()).await else { return };
        let Some((message, data)) = quote(&view) else { return };
        let Some(callback) = self.press(message, &data).await else { return };
        self.done.ordered.push((prompt, callback));
        if self.dice.random_bool(0.3) {
            self.press(message, &data).await;
        }
        if self.dice.random_bool(0.15) {
            let wanted = |view: &View| view.message(message)?.button("1cn.");
            let view = self.chat.watch(SOON, |view| wanted(view).is_some()).await;
            if let Some(data) = view.as_ref().and_then(wanted) {
                self.press(message, &data).await;
            }
        }
    }

    async fn browse(&mut self) {
        let view = self.chat.view().await;
        let newest = view.the_bots().rev().take(8);
        let buttons: Vec<(i64, String)> = newest
            .flat_map(|message| {
                let id = message.message_id;
                message.buttons().into_iter().map(move |data| (id, data))
            })
            .filter(|(_, data)| BROWSED.iter().any(|start| data.starts_with(start)))
            .collect();
        if buttons.is_empty() {
            return;
        }
        let (message, data) = &buttons[self.dice.random_range(0..buttons.len())];
        if let Some(callback) = self.press(*message, data).await {
            self.chat.watch(SOON, |view| view.is_answered(&callback)).await;
        }
    }
}
