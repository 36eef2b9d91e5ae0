//! Alerts to the operator's chat: each incident once, and, where somebody waits for it, its end.
//!
//! What is so stands in rows, so that a restart repeats nothing. Of several nodes the
//! one that has the first lane watches and tells; the others only note models that they lost. The one thing that no row can say, that the database itself is
//! away, is remembered by whoever watched last.

mod notice;
mod words;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use aisha_actors::{
    domain::{catalogue::Catalogue, id::UserId, text::Language, time::Timestamp},
    lanes::OwnLanes,
    port::{self, Clock, Kind, Messenger, Place, Rendered, Urgency},
    shop::Shop,
};
use uuid::Uuid;

use super::{connect::Connections, watch::Reached};
use crate::{
    db::{
        Database,
        census::THE_ONLY_NODE,
        incidents::{Incident, IncidentKind, Noticed},
    },
    fal,
    settings::Settings,
    telegram,
    web::Health,
    world::SystemClock,
};
use words::Message;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(2);

/// More of the same is told again after this time at the earliest.
const AGAIN: Duration = Duration::from_secs(600);

/// After a refusal of the chat (nobody there, blocked) it is tried again after this time.
const REFUSED: Duration = Duration::from_secs(300);

const DATABASE: &str = "database";

/// Whoever has this user's lane does what one node does for all.
const FIRST: UserId = UserId(0);

/// Looks and tells.
pub(super) struct Alerts {
    database: Database,
    node: Uuid,
    health: Arc<dyn Health>,
    lanes: OwnLanes,
    shop: Arc<Shop>,
    /// As the file has it.
    catalogue: Catalogue,
    telegram: Peer<telegram::Client>,
    fal: Peer<fal::Client>,
    messenger: Arc<dyn Messenger>,
    chat: UserId,
    language: Language,
    /// Under which links lead to the dashboard.
    url: Option<String>,
    data_dir: PathBuf,
    settle: Duration,
    /// None: nobody wants to be told.
    backup_age_max: Option<Duration>,
    /// Since when something is otherwise than its row says.
    unsettled: HashMap<(IncidentKind, String), Instant>,
    watches: bool,
    database_away: Option<Outage>,
    resting_until: Option<Instant>,
}

/// One that is asked when the last call to it came to nothing, and nobody may call it again for long.
struct Peer<T> {
    client: T,
    reached: Arc<Reached>,
}

/// The database does not answer.
struct Outage {
    since: Timestamp,
    seen: Instant,
    told: bool,
}

impl Alerts {
    /// None: there is no chat to tell it in.
    pub(super) fn new(
        settings: &Settings,
        connections: &Connections,
        database: Database,
        node: Option<Uuid>,
        health: Arc<dyn Health>,
    ) -> Option<Self> {
        let chat = UserId(settings.admin_chat?);
        Some(Self {
            database,
            node: node.unwrap_or(THE_ONLY_NODE),
            health,
            lanes: connections.ports.lanes.clone(),
            shop: connections.shop.clone(),
            catalogue: settings.catalogue.clone(),
            telegram: Peer {
                client: connections.telegram.clone(),
                reached: connections.telegram_reached.clone(),
            },
            fal: Peer {
                client: connections.fal_probe.clone(),
                reached: connections.fal_reached.clone(),
            },
            messenger: connections.ports.messenger.clone(),
            chat,
            language: settings.alerts.language,
            url: settings.http.admin_url.clone(),
            data_dir: settings.data_dir.clone(),
            settle: settings.alerts.settle,
            backup_age_max: settings.alerts.backup_age_max,
            unsettled: HashMap::new(),
            watches: false,
            database_away: None,
            resting_until: None,
        })
    }

    /// Runs until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            tokio::time::sleep(LOOK.min(self.settle.max(Duration::from_millis(100)))).await;
            match self.look().await {
                Ok(()) => self.database_is_back().await,
                Err(error) => {
                    tracing::debug!(%error, "alerts: the rows cannot be read or written");
                    self.database_is_away().await;
                }
            }
        }
    }

    /// # Errors
    /// The database is away.
    async fn look(&mut self) -> port::Result<()> {
        let rows = self.database.incidents().await?;
        self.keep_models(&rows).await?;
        self.watches = self.lanes.has(FIRST);
        if !self.watches {
            return Ok(());
        }
        let now = self.notice().await?;
        self.keep(&rows, now).await?;
        self.tell(self.database.incidents().await?).await
    }

    /// Every node knows which models it sells; who noted one off sale notes it back.
    async fn keep_models(&self, rows: &[Incident]) -> port::Result<()> {
        let off = self.models_off().await?;
        for what in &off {
            if !rows.iter().any(|row| row.what == *what && row.ended_at.is_none()) {
                self.database.raise_incident(self.node, what.clone()).await?;
            }
        }
        // What an operator said stands in a row: of that the one that watches knows too.
        let watches = self.lanes.has(FIRST);
        let is_ours = |row: &&Incident| match row.what.kind {
            IncidentKind::ModelOff => watches || row.node == self.node,
            IncidentKind::ModelGone => row.node == self.node,
            _ => false,
        };
        for row in rows.iter().filter(is_ours) {
            let same =
                |what: &Noticed| (what.kind, &what.subject) == (row.what.kind, &row.what.subject);
            if row.ended_at.is_none() && !off.iter().any(same) {
                self.database.end_incident(row.what.kind, &row.what.subject).await?;
            }
        }
        Ok(())
    }

    /// Makes the rows say what is so, once it was so for a while.
    async fn keep(&mut self, rows: &[Incident], now: Vec<Noticed>) -> port::Result<()> {
        let mut unsettled = std::mem::take(&mut self.unsettled);
        let mut still = HashMap::new();
        let mut is_settled = |kind: IncidentKind, subject: &str| {
            // What stands in the rows does not flicker; what a call comes to may.
            if !matches!(kind, IncidentKind::Away) {
                return true;
            }
            let key = (kind, subject.to_owned());
            let since = unsettled.remove(&key).unwrap_or_else(Instant::now);
            let is_settled = since.elapsed() >= self.settle;
            if !is_settled {
                still.insert(key, since);
            }
            is_settled
        };
        let open = |kind, subject: &str| {
            rows.iter().find(|row| {
                row.ended_at.is_none()
                    && (row.what.kind, row.what.subject.as_str()) == (kind, subject)
            })
        };
        let (mut raised, mut ended) = (Vec::new(), Vec::new());
        for what in &now {
            let known = open(what.kind, &what.subject);
            let differs = known.is_none_or(|row| row.what != *what);
            if differs && (known.is_some() || is_settled(what.kind, &what.subject)) {
                raised.push(what.clone());
            }
        }
        for row in rows.iter().filter(|row| row.ended_at.is_none() && !is_model(row.what.kind)) {
            let (kind, subject) = (row.what.kind, row.what.subject.as_str());
            let goes_on =
                now.iter().any(|what| (what.kind, what.subject.as_str()) == (kind, subject));
            if !goes_on && is_settled(kind, subject) {
                ended.push((kind, subject.to_owned()));
            }
        }
        self.unsettled = still;
        for what in raised {
            tracing::warn!(kind = what.kind.name(), subject = what.subject, "an incident");
            self.database.raise_incident(self.node, what).await?;
        }
        for (kind, subject) in ended {
            tracing::info!(kind = kind.name(), subject, "an incident is over");
            self.database.end_incident(kind, &subject).await?;
        }
        Ok(())
    }

    async fn tell(&mut self, rows: Vec<Incident>) -> port::Result<()> {
        let now = SystemClock.now();
        for row in rows {
            let (kind, subject) = (row.what.kind, row.what.subject.clone());
            if let Some(ended_at) = row.ended_at {
                let has_end = matches!(kind, IncidentKind::Away | IncidentKind::Money);
                let over = words::over(&row.what, row.since, ended_at);
                if !has_end || self.say(over).await {
                    self.database.forget_incident(kind, &subject).await?;
                }
                continue;
            }
            let is_due = match row.told {
                None => true,
                Some((at, level)) => row.what.level > level && now.since(at) >= AGAIN,
            };
            if is_due && self.say(words::begun(&row.what, row.since)).await {
                self.database.told_incident(kind, &subject, row.what.level).await?;
            }
        }
        Ok(())
    }

    /// Only who watched before speaks of it, and once.
    async fn database_is_away(&mut self) {
        if !self.watches {
            return;
        }
        let outage = self.database_away.get_or_insert_with(|| Outage {
            since: SystemClock.now(),
            seen: Instant::now(),
            told: false,
        });
        if outage.told || outage.seen.elapsed() < self.settle {
            return;
        }
        let words = words::begun(&away(DATABASE), outage.since);
        let told = self.say(words).await;
        if let Some(outage) = &mut self.database_away {
            outage.told = told;
        }
    }

    async fn database_is_back(&mut self) {
        let Some(outage) = self.database_away.take() else { return };
        let words = words::over(&away(DATABASE), outage.since, SystemClock.now());
        if outage.told && !self.say(words).await {
            self.database_away = Some(outage);
        }
    }

    /// Whether it arrived.
    async fn say(&mut self, message: Message) -> bool {
        if self.resting_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        let view = message.view(self.url.as_deref());
        let rendered = Rendered { view, image: None, language: self.language };
        match self.messenger.show(self.chat, Place::New, &rendered, Urgency::Owed).await {
            Ok(_) => true,
            Err(error) => {
                let pause = match error.kind {
                    Kind::RateLimited { retry_after } => retry_after,
                    Kind::Transient | Kind::Ambiguous => LOOK,
                    _ => {
                        tracing::warn!(%error, "alerts do not reach ADMIN_CHAT_ID");
                        REFUSED
                    }
                };
                self.resting_until = Some(Instant::now() + pause);
                false
            }
        }
    }
}

fn is_model(kind: IncidentKind) -> bool {
    matches!(kind, IncidentKind::ModelGone | IncidentKind::ModelOff)
}

fn away(name: &str) -> Noticed {
    Noticed { kind: IncidentKind::Away, subject: name.to_owned(), level: 1, said: String::new() }
}
