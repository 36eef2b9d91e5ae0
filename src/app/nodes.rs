//! This process among the others: keeps its lease, takes lanes and gives lanes back.
//!
//! ```text
//! join ─► renew every second ─► bury the dead, claim free lanes, leave what is too much
//!            │ buried, or no renewal in time
//!            └► drop all users' actors FIRST ─► join again under a new epoch
//! ```
//! A node that drains renews its lease too, has no share, and so leaves all lanes to those who do not drain.
//!
//! On SQLite there is one node that has it all, and none of this runs.

use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use aisha_actors::{
    domain::lane::{Lane, LaneSet},
    lanes::OwnLanes,
    system::System,
};
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

use super::draining::Draining;
use crate::{
    db::{
        Database,
        nodes::{Kept, Known, Node, Renewal, Wish},
    },
    metrics::Metrics,
    settings::{Receive, Settings},
};

/// How long what is in hand in a lane may take when the lane goes to another node.
const LEAVE_MAX: Duration = Duration::from_secs(10);

/// How long a start waits for what the last process of this folder left open in the database.
const JOIN_MAX: Duration = Duration::from_secs(15);

/// Between two looks whether the others know of a new node.
const KNOWN_LOOK: Duration = Duration::from_millis(100);

/// A node that has joined, before its actors run.
pub(super) struct Joined {
    node: Node,
    pub(super) own: OwnLanes,
    renew: Duration,
    polls: watch::Sender<bool>,
    wish: Wish,
}

/// Lanes that are on their way to others, and what says that nothing of them is in hand.
type Leaving = (LaneSet, JoinHandle<bool>);

/// Keeps the node alive.
pub(super) struct Keeping {
    joined: Joined,
    database: Database,
    system: System,
    metrics: Metrics,
    draining: Draining,
    leaving: Option<Leaving>,
    /// Whether the actors were told to drop everything, and nothing was claimed since.
    is_out: bool,
}

impl Joined {
    /// Joins; None on SQLite. `address`: where this process answers, for the operator.
    ///
    /// # Errors
    /// The database cannot be reached, or the folder cannot be used.
    pub(super) async fn join(
        settings: &Settings,
        database: &Database,
        address: &str,
    ) -> anyhow::Result<Option<Self>> {
        let path = settings.data_dir.join("node");
        let kept = kept_id(&path)?;
        let id = kept.unwrap_or_else(Uuid::new_v4);
        let known = Known {
            id,
            lease: settings.nodes.lease,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            address: address.to_owned(),
        };
        let until = Instant::now() + JOIN_MAX;
        let node = loop {
            match database.join(known.clone(), kept.is_some()).await {
                Ok(node) => break node,
                Err(error) if Instant::now() < until => {
                    tracing::warn!(%error, "not joined yet");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let Some(node) = node else { return Ok(None) };
        fs::write(&path, id.to_string())?;
        let polls = matches!(settings.telegram.receive, Receive::Polling { .. });
        let wish = Wish { polls, drains: false };
        let own = OwnLanes::none();
        let joined =
            Self { node, own, renew: settings.nodes.renew, polls: watch::Sender::new(false), wish };
        joined.first().await?;
        Ok(Some(joined))
    }

    /// Takes what is free at once, and waits until the others know of this one.
    async fn first(&self) -> anyhow::Result<()> {
        let joined = self.node.now().await?;
        loop {
            self.renew().await?;
            self.node.bury().await?;
            if self.node.is_known_since(joined).await? {
                break;
            }
            tokio::time::sleep(KNOWN_LOOK).await;
        }
        let kept = self.node.claim(self.wish, LaneSet::NONE).await?;
        self.own.add(kept.lanes);
        self.polls.send_replace(kept.polls);
        tracing::info!(node = %self.node.id(), lanes = kept.lanes.len(), living = kept.living, "joined");
        Ok(())
    }

    async fn renew(&self) -> Result<Renewal, crate::db::Error> {
        let own = self.own.clone();
        self.node.renew(move |others| own.set_others(others)).await
    }

    /// Whether this node has the long poll.
    pub(super) fn polls(&self) -> watch::Receiver<bool> {
        self.polls.subscribe()
    }

    /// For whoever ends it.
    pub(super) fn node(&self) -> Node {
        self.node.clone()
    }

    pub(super) fn keep(
        self,
        database: Database,
        system: System,
        metrics: Metrics,
        draining: Draining,
    ) -> Keeping {
        let joined = self;
        Keeping { joined, database, system, metrics, draining, leaving: None, is_out: false }
    }
}

/// The id of the last process of this folder, which is locked: it has ended.
fn kept_id(path: &Path) -> io::Result<Option<Uuid>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Uuid::try_parse(text.trim()).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Keeping {
    /// Runs until it is dropped.
    pub(super) async fn run(mut self) {
        let mut next = Instant::now() + self.joined.renew;
        let mut drains = self.draining.listen();
        loop {
            // Out in time, even if nothing answers.
            let until = self.joined.node.until().filter(|_| !self.is_out);
            let wake = until.map_or(next, |until| next.min(until));
            tokio::select! {
                () = tokio::time::sleep_until(wake.into()) => {
                    next = Instant::now() + self.joined.renew;
                    self.turn().await;
                }
                Ok(()) = drains.changed() => {
                    self.joined.wish.drains = *drains.borrow_and_update();
                    if self.joined.wish.drains {
                        // Before another node may begin.
                        self.joined.polls.send_replace(false);
                    }
                    self.turn().await;
                }
                in_peace = left(&mut self.leaving) => self.give_back(in_peace).await,
            }
            let lanes = self.joined.own.now().len();
            self.metrics.set_node_lanes(lanes);
        }
    }

    async fn turn(&mut self) {
        let Some(until) = self.joined.node.until() else {
            return self.rejoin().await;
        };
        // A term that has run out may still be renewed, if nobody has taken it over.
        let patience =
            if self.is_out { LEAVE_MAX } else { until.saturating_duration_since(Instant::now()) };
        let renewed = tokio::time::timeout(patience, self.joined.renew()).await;
        match renewed {
            Ok(Ok(Renewal::Renewed)) => {}
            Ok(Ok(Renewal::Buried)) => {
                tracing::warn!("this node was taken over by another");
                return self.rejoin().await;
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the lease is not renewed");
                return self.drop_if_late().await;
            }
            Err(_late) => return self.drop_if_late().await,
        }
        match self.joined.node.bury().await {
            Ok(0) => {}
            Ok(freed) => tracing::warn!(freed, "a dead node was buried: its lanes are free"),
            Err(error) => tracing::warn!(%error, "dead nodes cannot be buried"),
        }
        let leaving = self.leaving.as_ref().map_or(LaneSet::NONE, |(lanes, _)| *lanes);
        match self.joined.node.claim(self.joined.wish, leaving).await {
            Ok(kept) => self.work_on(kept, leaving),
            Err(error) => tracing::warn!(%error, "lanes cannot be claimed"),
        }
    }

    /// Begins work in what was gained, and leaves what is too much.
    fn work_on(&mut self, kept: Kept, leaving: LaneSet) {
        self.is_out = false;
        let Joined { own, polls, .. } = &self.joined;
        self.metrics.set_nodes_living(kept.living);
        polls.send_if_modified(|polls| std::mem::replace(polls, kept.polls) != kept.polls);
        let gained = kept.lanes.without(own.now()).without(leaving);
        if !gained.is_empty() {
            tracing::info!(lanes = gained.len(), living = kept.living, "lanes gained");
            own.add(gained);
            self.system.lanes_gained();
        }
        if kept.surplus > 0 && self.leaving.is_none() {
            let lanes: Vec<Lane> = kept.lanes.iter().collect();
            let from = lanes.len().saturating_sub(kept.surplus);
            let surplus: LaneSet = lanes.into_iter().skip(from).collect();
            tracing::info!(lanes = surplus.len(), living = kept.living, "lanes go to others");
            own.remove(surplus);
            let system = self.system.clone();
            let task = async move { system.leave_lanes(surplus, LEAVE_MAX).await.is_ok() };
            self.leaving = Some((surplus, tokio::task::spawn_local(task)));
        }
    }

    /// Nothing is in hand in the lanes that are left, or it is dropped now: they may be others'.
    async fn give_back(&mut self, in_peace: bool) {
        let Some((lanes, _)) = self.leaving.take() else { return };
        if !in_peace {
            tracing::warn!("what was in hand in lanes that are left took too long: dropped");
            self.drop_lanes(lanes).await;
        }
        if let Err(error) = self.joined.node.release(lanes).await {
            // The next claim finds them still ours.
            tracing::warn!(%error, "lanes could not be given back");
        }
    }

    async fn drop_lanes(&self, lanes: LaneSet) {
        if let Err(error) = self.system.drop_lanes(lanes).await {
            tracing::warn!(%error, "an actor could not be told of lost lanes");
        }
        // What was asked for before is refused, or done, by then.
        self.database.flush().await;
    }

    /// Nobody answers, and others may take over soon.
    async fn drop_if_late(&mut self) {
        let is_late = self.joined.node.until().is_none_or(|until| Instant::now() >= until);
        if is_late && !self.is_out {
            tracing::warn!("no renewal in time: all users' actors are dropped");
            self.drop_all().await;
        }
    }

    async fn drop_all(&mut self) {
        self.joined.own.remove(LaneSet::ALL);
        self.joined.polls.send_replace(false);
        if let Some((_, task)) = self.leaving.take() {
            task.abort();
        }
        self.is_out = true;
        self.drop_lanes(LaneSet::ALL).await;
    }

    async fn rejoin(&mut self) {
        self.joined.node.stop_writing();
        if !self.is_out {
            self.drop_all().await;
        }
        // Until it is known who lives: somebody does, who took over.
        self.joined.own.set_others(true);
        match self.joined.node.rejoin().await {
            Ok(()) => tracing::info!(node = %self.joined.node.id(), "joined again"),
            Err(error) => tracing::warn!(%error, "not joined again yet"),
        }
    }
}

/// Waits for the end of what is left; for ever, if nothing is.
async fn left(leaving: &mut Option<Leaving>) -> bool {
    match leaving {
        Some((_, task)) => task.await.unwrap_or(false),
        None => std::future::pending().await,
    }
}
