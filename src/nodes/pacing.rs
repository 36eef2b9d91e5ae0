//! The pacing that all nodes of one bot share: one script, run by Redis, on Redis's own clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aisha_actors::{domain::id::UserId, port::Urgency};
use async_trait::async_trait;
use redis::{Script, ScriptInvocation, cmd};

use crate::{
    redis::{Error, Heard, Link},
    telegram::pace::{BURST, FREEZE_CHATS, FREEZE_MAX, Gate, Settings, Shared, Verdict},
};

/// Where the names of all its keys begin.
const PREFIX: &str = "aisha:pace:";

/// What the script is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Owed,
    Progress,
    All,
    Limited(Duration),
    /// How long everything is frozen still.
    Frozen,
}

/// The shared pacing of one bot.
#[derive(Clone)]
pub struct Pacing(Arc<Inner>);

struct Inner {
    link: Link,
    script: Script,
    /// See [`super::bot_word`].
    bot: String,
    settings: Settings,
    /// Redis did not answer the last time.
    alone: AtomicBool,
}

impl std::fmt::Debug for Pacing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pacing").field("bot", &self.0.bot).finish_non_exhaustive()
    }
}

impl Pacing {
    /// All nodes of a bot give the same settings; where they differ, each call is paced by those of
    /// the node that makes it.
    pub fn new(link: Link, bot: String, settings: Settings) -> Self {
        let script = Script::new(include_str!("pacing.lua"));
        let alone = AtomicBool::new(false);
        Self(Arc::new(Inner { link, script, bot, settings, alone }))
    }

    /// From now on the gate hears of what Telegram said to other nodes.
    pub fn tell(&self, gate: &Arc<Gate>) {
        let (pacing, gate) = (self.clone(), gate.clone());
        self.0.link.subscribe(self.channel(), move |heard| match heard {
            Heard::Message(text) => {
                if let Some((chat, rest)) = read_freeze(&text) {
                    gate.freeze(chat, rest);
                }
            }
            Heard::Subscribed => {
                let (asking, gate) = (pacing.clone(), gate.clone());
                pacing.0.link.begin(async move {
                    if let Ok(Verdict::Refused(rest)) = asking.ask(Ask::Frozen, None, None).await {
                        gate.freeze(None, rest);
                    }
                });
            }
        });
    }

    fn channel(&self) -> String {
        format!("{PREFIX}{{{}}}", self.0.bot)
    }

    /// `now` in microseconds stands in for Redis's clock in tests.
    pub(super) async fn ask(
        &self,
        ask: Ask,
        chat: Option<UserId>,
        now: Option<i64>,
    ) -> Result<Verdict, Error> {
        let (code, wait): (u8, u64) = self.0.link.invoke(&self.question(ask, chat, now)).await?;
        let wait = Duration::from_micros(wait);
        match code {
            0 => Ok(Verdict::Go(wait)),
            1 => Ok(Verdict::OwnTurn(wait)),
            2 => Ok(Verdict::Refused(wait)),
            other => Err(Error::Refused(format!("the pacing answered {other}"))),
        }
    }

    fn question(&self, ask: Ask, chat: Option<UserId>, now: Option<i64>) -> ScriptInvocation<'_> {
        let (name, retry_after) = match ask {
            Ask::Owed => ("owed", Duration::ZERO),
            Ask::Progress => ("progress", Duration::ZERO),
            Ask::All => ("all", Duration::ZERO),
            Ask::Frozen => ("frozen", Duration::ZERO),
            Ask::Limited(retry_after) => ("limited", retry_after.min(FREEZE_MAX)),
        };
        let settings = self.0.settings;
        let chat = chat.map(|chat| chat.0.to_string()).unwrap_or_default();
        let channel = self.channel();
        let mut question = self.0.script.prepare_invoke();
        question
            .key(format!("{channel}:all"))
            .key(format!("{channel}:chat:{chat}"))
            .key(format!("{channel}:limited"))
            .arg(name)
            .arg(now.map(|now| now.to_string()).unwrap_or_default())
            .arg(micros(settings.owed_every))
            .arg(settings.owed_burst.max(1))
            .arg(micros(settings.progress_every))
            .arg(settings.rate_start)
            .arg(settings.rate_min)
            .arg(settings.rate_max)
            .arg(micros(settings.wait_max))
            .arg(BURST)
            .arg(chat)
            .arg(micros(retry_after))
            .arg(FREEZE_CHATS);
        question
    }

    /// What Redis says, or nothing; which of the two it is now is said once.
    async fn decide(&self, ask: Ask, chat: UserId) -> Option<Verdict> {
        let answer = self.ask(ask, Some(chat), None).await;
        let alone = answer.is_err();
        if self.0.alone.swap(alone, Ordering::Relaxed) != alone {
            match &answer {
                Err(error) => tracing::warn!(%error, "this node paces its calls to Telegram alone"),
                Ok(_) => tracing::info!("calls to Telegram are paced together with other nodes"),
            }
        }
        answer.ok()
    }
}

#[async_trait]
impl Shared for Pacing {
    async fn admit(&self, chat: UserId, urgency: Urgency) -> Option<Verdict> {
        let ask = match urgency {
            Urgency::Owed => Ask::Owed,
            Urgency::Progress => Ask::Progress,
            Urgency::Reply => return None,
        };
        self.decide(ask, chat).await
    }

    async fn admit_to_all(&self, chat: UserId) -> Option<Verdict> {
        self.decide(Ask::All, chat).await
    }

    fn limited(&self, chat: Option<UserId>, retry_after: Duration) {
        let pacing = self.clone();
        self.0.link.begin(async move {
            let mut publish = cmd("PUBLISH");
            publish.arg(pacing.channel()).arg(write_freeze(chat, retry_after));
            let told = pacing.0.link.query::<u64>(&publish).await.err();
            let kept = pacing.ask(Ask::Limited(retry_after), chat, None).await.err();
            if let Some(error) = told.or(kept) {
                tracing::debug!(%error, "other nodes do not know of a limit");
            }
        });
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// `chat 7 1500`, `all 1500`: for so many milliseconds.
fn write_freeze(chat: Option<UserId>, rest: Duration) -> String {
    let ms = rest.min(FREEZE_MAX).as_millis();
    chat.map_or_else(|| format!("all {ms}"), |chat| format!("chat {chat} {ms}"))
}

pub(super) fn read_freeze(text: &str) -> Option<(Option<UserId>, Duration)> {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["all", ms] => Some((None, Duration::from_millis(ms.parse().ok()?))),
        ["chat", id, ms] => {
            Some((Some(UserId(id.parse().ok()?)), Duration::from_millis(ms.parse().ok()?)))
        }
        _ => None,
    }
}

/// The names that the pacing of all bots may have, or that of one chat, for `SCAN`.
pub fn pacing_pattern(chat: Option<UserId>) -> String {
    chat.map_or_else(|| format!("{PREFIX}*"), |chat| format!("{PREFIX}*:chat:{chat}"))
}

/// Whether a key is the pacing's.
pub fn is_pacing_key(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('{'));
    let parts = rest.and_then(|rest| rest.split_once("}:"));
    parts.is_some_and(|(bot, rest)| {
        let chat = rest.strip_prefix("chat:").map(str::parse::<i64>);
        bot.bytes().all(|b| b.is_ascii_hexdigit())
            && (matches!(rest, "all" | "limited" | "chat:") || matches!(chat, Some(Ok(_))))
    })
}
