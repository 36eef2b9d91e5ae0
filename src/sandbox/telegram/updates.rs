//! Updates that the bot has not confirmed yet.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{answer::Refusal, state::Transaction, webhook::Delivery};
use crate::sandbox::store::{Error, Store, Write};

const UPDATES: &str = "telegram_update";
/// How long a press waits for the bot, in seconds.
const CALLBACK_LIFE: i64 = 150;
/// How long anything else waits for the bot, in seconds.
const MESSAGE_LIFE: i64 = 24 * 60 * 60;
/// Updates kept; older ones are forgotten.
const PENDING_MAX: usize = 100_000;
/// Kinds that a bot gets only when it asks for them.
const NOT_BY_DEFAULT: [&str; 1] = ["chat_member"];

/// What is delivered one at a time: Telegram queues messages by chat and presses by user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Lane {
    Chat(i64),
    Presses(i64),
}

/// An update as it waits; one document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) lane: Lane,
    /// Seconds since the Unix epoch.
    pub(crate) expires_at: i64,
    /// The whole `Update` object.
    pub(crate) body: Box<RawValue>,
}

/// The queue, its poller and its webhook.
#[derive(Default)]
pub(crate) struct Updates {
    pub(crate) pending: BTreeMap<i64, Arc<Pending>>,
    /// Deliveries to the webhook, while one is set.
    pub(crate) delivery: Option<Delivery>,
    /// Numbers the getUpdates calls: a newer one ends an older one that waits.
    pub(crate) poll: u64,
    /// Offset and time of the last getUpdates, in microseconds.
    pub(crate) last_poll: Option<(i64, i64)>,
    /// When a conflict was told last, in microseconds.
    pub(crate) last_conflict_us: i64,
    /// What the webhook failed with last: seconds since the Unix epoch, and words.
    pub(crate) last_error: Option<(i64, String)>,
}

impl Updates {
    /// Reads back what waits.
    pub(crate) fn load(store: &Store) -> Result<Self, Error> {
        let pending = store
            .load::<Pending>(UPDATES)?
            .into_iter()
            .filter_map(|(id, pending)| Some((id.parse().ok()?, Arc::new(pending))))
            .collect();
        Ok(Self { pending, ..Self::default() })
    }

    /// What waits, by lane and in order.
    pub(crate) fn by_lane(&self) -> HashMap<Lane, Vec<i64>> {
        let mut lanes: HashMap<Lane, Vec<i64>> = HashMap::new();
        for (id, pending) in &self.pending {
            lanes.entry(pending.lane).or_default().push(*id);
        }
        lanes
    }
}

impl Transaction<'_> {
    /// Queues an update for the bot if it wants this kind.
    pub(crate) fn add_update(
        &mut self,
        kind: &'static str,
        lane: Lane,
        content: &impl Serialize,
    ) -> Result<(), Refusal> {
        let wanted = match &self.state.bot.allowed_updates {
            Some(kinds) => kinds.iter().any(|wanted| wanted == kind),
            None => !NOT_BY_DEFAULT.contains(&kind),
        };
        if !wanted {
            return Ok(());
        }
        let id = self.state.counters.next_update;
        self.state.counters.next_update += 1;
        let mut update = Map::new();
        update.insert("update_id".to_owned(), Value::from(id));
        update.insert(kind.to_owned(), serde_json::to_value(content).map_err(Error::from)?);
        let life = if kind == "callback_query" { CALLBACK_LIFE } else { MESSAGE_LIFE };
        let pending = Pending {
            lane,
            expires_at: self.now + life,
            body: serde_json::value::to_raw_value(&update).map_err(Error::from)?,
        };
        self.writes.push(Write::put(UPDATES, id, &pending)?);
        self.state.updates.pending.insert(id, Arc::new(pending));
        self.arrived.push(id);
        if self.state.updates.pending.len() > PENDING_MAX
            && let Some((old, _)) = self.state.updates.pending.pop_first()
        {
            self.writes.push(Write::delete(UPDATES, old));
        }
        Ok(())
    }

    /// Forgets an update that was delivered, confirmed or is too old.
    pub(crate) fn drop_update(&mut self, id: i64) {
        if self.state.updates.pending.remove(&id).is_some() {
            self.writes.push(Write::delete(UPDATES, id));
        }
    }

    /// Forgets all updates.
    pub(crate) fn drop_all_updates(&mut self) {
        let ids: Vec<i64> = self.state.updates.pending.keys().copied().collect();
        ids.into_iter().for_each(|id| self.drop_update(id));
    }

    /// Confirms what lies before `offset` and gives up to `limit` updates from there on. A negative
    /// offset counts from the end and forgets what lies before.
    pub(crate) fn take_updates(&mut self, offset: i64, limit: usize) -> Vec<Arc<Pending>> {
        let first = if offset < 0 {
            let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let pending = &self.state.updates.pending;
            let from_end = pending.keys().nth_back(back.saturating_sub(1));
            from_end.or_else(|| pending.keys().next()).copied().unwrap_or(0)
        } else {
            offset
        };
        let confirmed: Vec<i64> =
            self.state.updates.pending.range(..first).map(|(id, _)| *id).collect();
        confirmed.into_iter().for_each(|id| self.drop_update(id));
        let mut taken = Vec::new();
        let mut expired = Vec::new();
        for (id, pending) in self.state.updates.pending.range(first..) {
            if taken.len() == limit {
                break;
            }
            if pending.expires_at < self.now {
                expired.push(*id);
            } else {
                taken.push(Arc::clone(pending));
            }
        }
        expired.into_iter().for_each(|id| self.drop_update(id));
        taken
    }
}
