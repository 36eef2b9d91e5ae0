//! Presses every button of every screen that can be reached, in each language: none is dead, none ends
//! in an error.
//!
//! A screen is known by its first words; a button by what it does, without ids. From where
//! it stands the crawl goes, over the ways it knows, to the nearest button that was never pressed on
//! such a screen. It begins anew at each root until nothing is left.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aisha_actors::domain::text::Text;
use serde_json::json;

use crate::support::{Message, TestApp, TestUser};

/// More than there is; a crawl that goes in circles ends here.
const PRESSES_MAX: usize = 900;

/// Where a crawl begins: every command, a delivered picture, one of several.
const ROOTS: &[&str] = &[
    "/start",
    "/imagine a crawled fox",
    "another model",
    "result",
    "nothing open",
    "/gallery",
    "/help",
    "/balance",
    "/settings",
    "/language",
    "/imagine",
    "a step left",
    "/cancel",
    "/nonsense",
    "first of two",
    "progress",
    "something open",
    "cancelled",
    "nothing matches",
];

/// What must never be said to somebody who only presses buttons that are shown.
const ERRORS: &[&str] = &[
    "apology",
    "unreadable",
    "note-old-button",
    "note-picture-gone",
    "note-cancel-unknown",
    "note-too-fast",
    "note-cancel-slow",
    "note-limit",
    "picture-gone",
    "nothing-for-sale",
    "outcome-expired",
    "outcome-safety",
    "outcome-bad-request",
    "outcome-out-of-money",
    "outcome-unreachable",
    "outcome-pictures-lost",
    "outcome-quarantined",
    "outcome-provider",
];

#[actix_rt::test]
async fn no_button_is_dead_in_english() {
    crawl("en").await;
}

#[actix_rt::test]
async fn no_button_is_dead_in_russian() {
    crawl("ru").await;
}

async fn nothing_open(app: &TestApp) {
    app.until(async || app.cli(&["generation", "list", "--open"]).await == json!([])).await;
}

type Screen = String;

struct Crawl<'a> {
    app: &'a TestApp,
    user: &'a TestUser,
    /// What each button led to; None: it was never pressed.
    known: BTreeMap<Screen, BTreeMap<String, Option<Screen>>>,
    /// How often a way was gone again.
    again: BTreeMap<(Screen, String), usize>,
    presses: usize,
    errors: Vec<String>,
    other_language: &'static str,
}

async fn crawl(code: &'static str) {
    let app = TestApp::builder()
        .welcome(100_000)
        .config("limits.open_generations_per_person = 100\nbot.contact = '@keeper'")
        .start()
        .await;
    let user = app.user_of(7, code).await;
    user.says("/start").await;
    user.sees(|message| message.offers("im")).await;
    // A history of more than a page.
    for number in 1..=9 {
        app.cli(&["balance", "add", "7", "1", "--reason", &format!("gift {number}")]).await;
    }
    user.sees_text("gift 9").await;
    let errors =
        ERRORS.iter().map(|key| user.words(&Text::new(key).with("count", 100i64))).collect();
    let mut crawl = Crawl {
        app: &app,
        user: &user,
        known: BTreeMap::new(),
        again: BTreeMap::new(),
        presses: 0,
        errors,
        other_language: if code == "en" { "lg.ru" } else { "lg.en" },
    };
    crawl.run().await;
    let (screens, buttons) =
        (crawl.known.len(), crawl.known.values().map(BTreeMap::len).sum::<usize>());
    let left: Vec<_> = crawl
        .known
        .iter()
        .flat_map(|(screen, ways)| ways.iter().map(move |(button, to)| (screen, button, to)))
        .filter(|(_, _, to)| to.is_none())
        .map(|(screen, button, _)| (screen.clone(), button.clone()))
        .collect();
    assert_eq!(left, Vec::new(), "never pressed, after {} presses", crawl.presses);
    assert!(screens > 20 && buttons > 150, "{code}: {screens} screens, {buttons} buttons");
    // What is still under way is made.
    app.pace(0, 0, 4).await;
    nothing_open(&app).await;
    app.finish().await;
}

fn screen(message: &Message) -> Screen {
    let does: Vec<String> = actions(message).into_keys().collect();
    // How far a generation is when the crawl looks is chance.
    match does.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["cn.#", "hm"] | ["hm"] => return "progress".to_owned(),
        ["ag.#.n", "hm"] => return "outcome".to_owned(),
        _ => {}
    }
    let words = message.text().split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// What the buttons do, without ids, and their data.
fn actions(message: &Message) -> BTreeMap<String, String> {
    let buttons = message.buttons().into_iter();
    let pressed = buttons.filter_map(|button| {
        let parts = button.action()?.split('.').map(|part| {
            let is_id = part.len() >= 12 && part.chars().all(|c| c.is_ascii_hexdigit());
            if is_id { "#" } else { part }
        });
        let mut parts: Vec<&str> = parts.collect();
        // An offer's number may be short; a page of the history begins anywhere.
        if parts[0] == "go" || (parts[0] == "hi" && parts[1] != "0") {
            parts[1] = "#";
        }
        // Which picture of a generation.
        if parts.len() > 2 && parts[1] == "#" {
            parts[2] = "n";
        }
        Some((parts.join("."), button.data.clone()?))
    });
    pressed.collect()
}

impl Crawl<'_> {
    async fn run(&mut self) {
        loop {
            let pressed = self.pressed();
            for root in ROOTS {
                let mut here = Some(self.reach(root).await);
                while let Some(message) = here {
                    self.learn(&message);
                    if self.presses >= PRESSES_MAX {
                        return;
                    }
                    here = match self.next(&message) {
                        Some(button) => self.go(&message, &button).await,
                        None => None,
                    };
                }
            }
            if self.pressed() == pressed {
                return;
            }
        }
    }

    /// How many buttons were pressed.
    fn pressed(&self) -> usize {
        self.known.values().flat_map(BTreeMap::values).filter(|to| to.is_some()).count()
    }

    fn learn(&mut self, message: &Message) {
        let other = self.other_language;
        let ways = self.known.entry(screen(message)).or_default();
        // Another language is another crawl.
        for action in actions(message).into_keys().filter(|action| action != other) {
            ways.entry(action).or_default();
        }
    }

    /// The first step on the way to the nearest button that was never pressed.
    fn next(&mut self, message: &Message) -> Option<String> {
        let from = screen(message);
        let here = actions(message);
        let mut seen = BTreeSet::from([from.clone()]);
        let mut queue = VecDeque::from([(from.clone(), None::<String>)]);
        while let Some((at, first)) = queue.pop_front() {
            for (button, to) in self.known.get(&at)? {
                let step = first.clone().unwrap_or_else(|| button.clone());
                if !here.contains_key(&step) {
                    continue;
                }
                match to {
                    None => {
                        let tries = self.again.entry((from.clone(), step.clone())).or_default();
                        *tries += 1;
                        // A way that leads elsewhere every time is given up.
                        if *tries <= 6 {
                            return Some(step);
                        }
                    }
                    Some(to) if self.known.contains_key(to) && seen.insert(to.clone()) => {
                        queue.push_back((to.clone(), Some(step)));
                    }
                    Some(_) => {}
                }
            }
        }
        None
    }

    /// Presses a button, checks what comes of it, and gives where that leads.
    async fn go(&mut self, message: &Message, button: &str) -> Option<Message> {
        self.presses += 1;
        let from = screen(message);
        let data = &actions(message)[button];
        let deleted = self.user.deleted();
        let Some(answer) = self.user.tries(message.id(), data).await else {
            // It was edited meanwhile, by news of a generation.
            return self.user.find(message.id());
        };
        let new = self.all_said().await;
        let is_changed = !new.is_empty() || self.user.deleted() > deleted;
        assert!(
            is_changed || !answer.text.is_empty(),
            "dead: {button} on {from:?}\n{}",
            message.text()
        );
        self.check(&answer.text);
        new.iter().for_each(|message| self.check(message.text()));
        // An edit of the pressed message rather than news of another.
        let own = new.iter().rfind(|new| new.id() == message.id());
        let shown = own.or_else(|| new.iter().rfind(|new| !new.buttons().is_empty()));
        let after = shown.cloned().or_else(|| self.user.find(message.id()));
        let to = after.as_ref().map_or_else(String::new, screen);
        let earlier = self.known.get_mut(&from).unwrap().insert(button.to_owned(), Some(to));
        if earlier.flatten().is_none() {
            self.again.clear();
        }
        self.answer_questions(after).await
    }

    /// All that was shown since the press. Updates of one person are worked off in order, the reply
    /// included: when the next one is answered, nothing more comes of the press.
    async fn all_said(&self) -> Vec<Message> {
        self.user.adds("/crawled").await;
        let answer = self.user.words(&Text::new("unknown-command"));
        self.user.sees_text(&answer).await;
        self.user.seen().into_iter().filter(|message| !message.says(&answer)).collect()
    }

    fn check(&self, words: &str) {
        let error = self.errors.iter().find(|error| words.contains(error.as_str()));
        assert_eq!(error, None, "an error was said: {words}");
        assert!(!words.starts_with('['), "a sentence is missing: {words}");
    }

    /// Where words are asked for, says some.
    async fn answer_questions(&self, at: Option<Message>) -> Option<Message> {
        let message = at?;
        if message.text().contains("2026-11-01 2026-11-15") && self.presses.is_multiple_of(2) {
            self.user.says("2020-01-01 2100-01-01").await;
            return Some(
                self.user.sees(|message| message.offers("fl") || message.offers("fr")).await,
            );
        }
        let asks = message.offers("ms")
            && message.text().starts_with('✍')
            && self.presses.is_multiple_of(2);
        if asks {
            self.user.says("a crawled fox").await;
            return Some(
                self.user.sees(|message| message.offers("rt") || message.offers("ep")).await,
            );
        }
        Some(message)
    }

    async fn reach(&self, root: &str) -> Message {
        match root {
            "result" => self.picture("1").await.pop().unwrap(),
            "first of two" => self.picture("2").await.swap_remove(0),
            "progress" => {
                self.app.pace(0, 0, 0).await;
                self.order("1").await;
                self.user.sees(|message| message.offers("cn")).await
            }
            "something open" => {
                self.app.pace(0, 0, 0).await;
                self.order("1").await;
                self.user.says("/start").await;
                self.user.sees(|message| message.offers("st")).await;
                self.user.says("/cancel").await;
                self.user.sees_reply().await
            }
            "cancelled" => {
                self.app.pace(0, 0, 0).await;
                self.order("1").await;
                self.user.sees(|message| message.offers("cn")).await;
                self.user.presses("cn").await;
                self.user.sees(|message| message.offers("ag")).await
            }
            "nothing open" | "a step left" => {
                self.app.pace(0, 0, 4).await;
                nothing_open(self.app).await;
                self.user.says(if root == "a step left" { "/help" } else { "/start" }).await;
                self.user.sees(|message| message.offers("im")).await;
                self.user.says("/cancel").await;
                self.user.sees_reply().await
            }
            "another model" => {
                Box::pin(self.reach("/imagine a crawled fox")).await;
                self.takes("nano-banana-2").await
            }
            "nothing matches" => {
                self.picture("1").await;
                Box::pin(self.reach("/gallery")).await;
                for (step, next) in [("fl", "fds"), ("fds", "fc"), ("fc", "bk")] {
                    self.user.presses(step).await;
                    self.user.sees(|message| message.offers(next)).await;
                }
                self.user.says("2001-01-01").await;
                self.user.sees(|message| message.offers("fr")).await
            }
            "/gallery" => {
                self.user.says("/gallery").await;
                let shown = self.user.sees_reply().await;
                if !shown.says("🔎") {
                    return shown;
                }
                self.user.says("/gallery").await;
                self.user.sees(|message| message.offers("fl")).await;
                self.user.presses("fl").await;
                self.user.sees(|message| message.offers("fr")).await;
                self.user.presses("fr").await;
                self.user.sees(|message| message.offers("fl") || message.offers("im")).await
            }
            command => {
                self.user.says(command).await;
                self.user.sees_reply().await
            }
        }
    }

    async fn picture(&self, count: &str) -> Vec<Message> {
        self.app.pace(0, 0, 4).await;
        self.order(count).await;
        let pictures = self.user.sees_pictures(count.parse().unwrap()).await;
        // Held from now on, so that progress keeps its buttons.
        self.app.pace(0, 0, 0).await;
        pictures
    }

    async fn order(&self, count: &str) {
        self.user.says("/imagine a crawled fox").await;
        // The quickest to draw, whatever was chosen last.
        self.takes("flux-dev").await;
        self.user.presses("cs").await;
        self.user.sees(|message| message.offers("ct.1")).await;
        self.user.presses(&format!("ct.{count}")).await;
        self.user.sees(|message| message.offers("go")).await;
        self.user.presses("go").await;
    }

    /// Changes the model on the quote.
    async fn takes(&self, model: &str) -> Message {
        self.user.sees(|message| message.offers("ms")).await;
        self.user.presses("ms").await;
        self.user.sees(|message| message.offers("md")).await;
        self.user.presses(&format!("md.{model}")).await;
        self.user.sees(|message| message.offers("cs")).await
    }
}
