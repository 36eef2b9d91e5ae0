//! What is so at this moment, and worth the operator's attention.

use std::time::Duration;

use aisha_actors::{
    domain::catalogue::Status,
    port::{self, Clock},
};
use serde::de::IgnoredAny;
use serde_json::json;

use super::{Alerts, away, words::NEVER};
use crate::{
    backup::Last,
    db::{
        incidents::{IncidentKind, Noticed},
        reports::{AsideKind, Page},
    },
    fal::KeyCheck,
    web::Condition,
    world::SystemClock,
};

/// Set aside of one kind: no more are counted.
const COUNT_MAX: usize = 100;

/// How long a peer may take to say that it is there.
const PROBE: Duration = Duration::from_secs(5);

/// Who takes models off sale by themselves: the bot.
const BOT: &str = "bot";

fn noticed(kind: IncidentKind, subject: &str, level: i64, said: String) -> Noticed {
    Noticed { kind, subject: subject.to_owned(), level, said }
}

impl Alerts {
    /// All but the models.
    ///
    /// # Errors
    /// The database is away.
    pub(super) async fn notice(&self) -> port::Result<Vec<Noticed>> {
        let mut all = self.dependencies().await?;
        all.extend(self.aside().await?);
        let check = self.database.last_ledger_check().await?;
        if let Some(check) = check.filter(|check| check.breaches > 0) {
            let breaches = i64::try_from(check.breaches).unwrap_or(i64::MAX);
            all.push(noticed(IncidentKind::Books, "", breaches, String::new()));
        }
        let waiting = self.database.open_proposals(COUNT_MAX).await?.len();
        if waiting > 0 {
            let level = i64::try_from(waiting).unwrap_or(i64::MAX);
            all.push(noticed(IncidentKind::Proposal, "", level, String::new()));
        }
        all.extend(self.backup().await?);
        // One that leaves in peace drains before.
        let nodes = self.database.nodes().await.map_err(port::Error::transient)?;
        for node in nodes.into_iter().filter(|node| !node.alive && !node.draining) {
            let id = node.id.to_string();
            all.push(noticed(IncidentKind::Node, &id, 1, node.address));
        }
        Ok(all)
    }

    async fn dependencies(&self) -> port::Result<Vec<Noticed>> {
        self.ask_again().await;
        let readiness = self.health.readiness().await;
        if readiness.database == Condition::Away {
            return Err(port::Error::transient("the database does not answer in time"));
        }
        let is_broke = self.fal.reached.is_broke();
        let mut all: Vec<Noticed> = readiness
            .others
            .iter()
            .filter(|(name, condition)| {
                *condition != Condition::Ok && !(is_broke && *name == "fal")
            })
            .map(|(name, _)| away(name))
            .collect();
        if is_broke {
            all.push(noticed(IncidentKind::Money, "", 1, String::new()));
        }
        Ok(all)
    }

    /// The last call may have come to nothing long ago: whether the other side is there is asked anew.
    async fn ask_again(&self) {
        if self.telegram.reached.condition() != Condition::Ok {
            let nothing = json!({});
            let me = self.telegram.client.call::<IgnoredAny>("getMe", &nothing);
            if matches!(tokio::time::timeout(PROBE, me).await, Ok(Ok(_))) {
                self.telegram.reached.answered();
            }
        }
        if self.fal.reached.condition() != Condition::Ok {
            let key = tokio::time::timeout(PROBE, self.fal.client.check_key()).await;
            if matches!(key, Ok(KeyCheck::Valid | KeyCheck::Rejected | KeyCheck::Locked)) {
                self.fal.reached.answered();
            }
        }
    }

    async fn aside(&self) -> port::Result<Option<Noticed>> {
        let mut count = 0;
        for kind in [AsideKind::Update, AsideKind::Parcel, AsideKind::Storage] {
            let page = Page { limit: COUNT_MAX, offset: 0 };
            count += self.database.list_aside(kind, page).await?.len();
        }
        let level = i64::try_from(count).unwrap_or(i64::MAX);
        Ok((count > 0).then(|| noticed(IncidentKind::Aside, "", level, String::new())))
    }

    /// Of the backups that this process's folder knows of. Where there was never one, people's things have
    /// been without one since the first person came.
    async fn backup(&self) -> port::Result<Option<Noticed>> {
        let Some(age_max) = self.backup_age_max else { return Ok(None) };
        let now = SystemClock.now();
        let (subject, age) = match Last::read(&self.data_dir) {
            Some(last) => ("", last.age(now)),
            None => match self.database.first_person_at().await? {
                Some(first) => (NEVER, now.since(first)),
                None => return Ok(None),
            },
        };
        let hours = i64::try_from(age.as_secs() / 3600).unwrap_or(i64::MAX);
        // The same level until it is over: once is enough.
        let is_old = age > age_max;
        Ok(is_old.then(|| noticed(IncidentKind::Backup, subject, 1, hours.to_string())))
    }

    /// Models that the file sells and that are not sold.
    ///
    /// # Errors
    /// The database is away.
    pub(super) async fn models_off(&self) -> port::Result<Vec<Noticed>> {
        let mut off = Vec::new();
        let words = self.database.model_overrides().await?;
        for word in words.iter().filter(|word| !word.on_sale && word.author != BOT) {
            let said = format!("{}: {}", word.author, word.reason);
            off.push(noticed(IncidentKind::ModelOff, word.model.as_str(), 1, said));
        }
        let now = self.shop.catalogue();
        for model in self.catalogue.for_sale() {
            let is_retired = now.get(&model.id).is_some_and(|now| now.status == Status::Retired);
            let by_word = words.iter().any(|word| word.model == model.id && word.author != BOT);
            if is_retired && !by_word {
                let title = model.title.clone();
                off.push(noticed(IncidentKind::ModelGone, model.id.as_str(), 1, title));
            }
        }
        Ok(off)
    }
}
