//! The tree of actors of all nodes: seen, and steered by the operator from any of them.
//!
//! A node is steered by itself: what is wanted of another is an order in the database, which that one takes
//! within a second or so. There too each node leaves its census for the others every few seconds.

use std::time::{Duration, Instant};

use aisha_actors::{
    census::{Filter, NotRestarted},
    lanes::OwnLanes,
    port,
    system::System,
};
use async_trait::async_trait;
use uuid::Uuid;

use super::draining::Draining;
pub use crate::dashboard::tree::{Answer, Seen};
use crate::{
    dashboard::tree::Tree,
    db::{
        Database,
        census::{Act, Came, NodeReport, Order, THE_ONLY_NODE, Told},
        nodes::Node,
        reports::{Aside, AsideId, AsideKind, Page},
    },
    telemetry::{excerpt, redact},
};

/// Between two looks for orders.
const LOOK: Duration = Duration::from_secs(1);

/// Between two reports of a node.
const REPORT: Duration = Duration::from_secs(5);

/// Users' actors in a report: the busiest ones.
const REPORTED: usize = 50;

/// Characters of what was set aside that are shown.
const SHOWN: usize = 2000;

/// How long whoever gave an order waits for what comes of it, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(12);
const GLANCE: Duration = Duration::from_millis(150);

/// This process among the others. Clones are the same.
#[derive(Clone)]
pub struct Steering {
    system: System,
    database: Database,
    node: Option<Node>,
    own: OwnLanes,
    draining: Draining,
}

impl std::fmt::Debug for Steering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steering").field("node", &self.id()).finish_non_exhaustive()
    }
}

impl Steering {
    pub(super) fn new(
        system: System,
        database: Database,
        node: Option<Node>,
        own: OwnLanes,
        draining: Draining,
    ) -> Self {
        Self { system, database, node, own, draining }
    }

    /// The name of this process among the nodes.
    pub fn id(&self) -> Uuid {
        self.node.as_ref().map_or(THE_ONLY_NODE, Node::id)
    }

    /// Whether this process takes nothing in because the operator said so.
    pub fn is_draining(&self) -> bool {
        self.draining.is_on()
    }

    /// This process at this moment. Within two seconds or so, whatever hangs.
    pub async fn told(&self, filter: Filter, limit: usize) -> Told {
        let patience = Duration::from_secs(2);
        let (mut census, traffic, load) = tokio::join!(
            self.system.census(filter, limit),
            tokio::time::timeout(patience, self.system.traffic()),
            tokio::time::timeout(patience, self.system.load()),
        );
        // What a panic said may be anything.
        let listed = census.users.iter_mut().flat_map(|users| users.listed.iter_mut());
        for restart in census.singletons.iter_mut().chain(listed).flat_map(|one| &mut one.restarts)
        {
            restart.reason = redact(&restart.reason);
        }
        Told {
            draining: self.is_draining(),
            lanes: self.own.now().len(),
            traffic: traffic.ok().and_then(Result::ok),
            load: load.ok().and_then(Result::ok),
            census,
        }
    }

    /// All nodes that are known: this one first, then those that live. The census of the others is of the
    /// last few seconds and has their busiest users; `filter` and `limit` are for this one's.
    ///
    /// # Errors
    /// The database cannot be read; [`Steering::told`] works all the same.
    pub async fn nodes(&self, filter: Filter, limit: usize) -> port::Result<Vec<Seen>> {
        let (this, told) = (self.id(), self.told(filter, limit).await);
        let listed = self.database.nodes().await.map_err(port::Error::transient)?;
        let mut reports = self.database.reports().await?;
        let report_of = |node: Uuid, reports: &mut Vec<NodeReport>| {
            let place = reports.iter().position(|report| report.node == node)?;
            Some(reports.swap_remove(place))
        };
        let mine = listed.iter().find(|node| node.id == this).cloned();
        let report = Some(NodeReport { node: this, at: told.census.at, told });
        let mut all = vec![Seen { node: this, is_this: true, listed: mine, report }];
        for node in listed.into_iter().filter(|node| node.id != this) {
            let report = report_of(node.id, &mut reports);
            all.push(Seen { node: node.id, is_this: false, listed: Some(node), report });
        }
        Ok(all)
    }

    /// Does it here, or has another node do it and waits for a while for what comes of it. `author`: who
    /// wants it.
    ///
    /// # Errors
    /// The order could not be stored.
    pub async fn act(&self, node: Uuid, act: &Act, author: &str) -> port::Result<Answer> {
        if node == self.id() {
            return Ok(Answer::Came(self.act_here(act, author).await));
        }
        order(&self.database, node, act, author).await
    }

    /// What was set aside, oldest first, without secrets and cut to a length: to be shown.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn aside(&self, kind: AsideKind, page: Page) -> port::Result<Vec<Aside>> {
        let mut rows = self.database.list_aside(kind, page).await?;
        for row in &mut rows {
            row.what = excerpt(&row.what, SHOWN);
            row.error = row.error.take().map(|error| excerpt(&error, SHOWN));
        }
        Ok(rows)
    }

    /// Opens what was set aside again, and has it worked off soon.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn replay(&self, id: AsideId) -> port::Result<()> {
        self.database.replay(id).await?;
        self.system.rows_changed();
        Ok(())
    }

    /// Gives up what was set aside.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn discard(&self, id: AsideId) -> port::Result<()> {
        self.database.discard(id).await
    }

    async fn act_here(&self, act: &Act, author: &str) -> Came {
        tracing::warn!(?act, author, "the operator steers");
        match act {
            Act::Restart(child) => match self.system.restart(child).await {
                Ok(_) => Came::Restarted,
                Err(NotRestarted::Unknown) => Came::Unknown,
                Err(NotRestarted::Gone) => Came::Ended,
                Err(NotRestarted::Late) => Came::Late,
            },
            Act::Retire(user) => match self.system.retire(*user).await {
                Ok(aisha_actors::census::Retired::Done) => Came::Retired,
                Ok(aisha_actors::census::Retired::NotThere) => Came::NotThere,
                Err(_) => Came::Late,
            },
            Act::Drain => {
                self.draining.set(true);
                Came::Drains
            }
            Act::Undrain => {
                self.draining.set(false);
                Came::TakesIn
            }
        }
    }

    /// Does what others order, and tells them how it is here. Runs until it is dropped.
    pub(super) async fn run(self) {
        if let Err(error) = self.database.lose_taken_orders(self.id()).await {
            tracing::warn!(%error, "orders of before cannot be settled");
        }
        let mut report_at = Instant::now();
        loop {
            if self.take_orders().await {
                report_at = Instant::now();
            }
            // A file has no other node that would read it.
            if self.node.is_some() && Instant::now() >= report_at {
                report_at = Instant::now() + REPORT;
                let told = self.told(Filter::default(), REPORTED).await;
                if let Err(error) = self.database.leave_report(self.id(), &told).await {
                    tracing::debug!(%error, "the census could not be left for the others");
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether there were any.
    async fn take_orders(&self) -> bool {
        let mut any = false;
        loop {
            match self.database.take_order(self.id()).await {
                Ok(Some(Order { seq, act, author, .. })) => {
                    any = true;
                    let came = self.act_here(&act, &author).await;
                    if let Err(error) = self.database.settle_order(seq, came).await {
                        tracing::warn!(%error, order = seq, "what came of an order is not stored");
                    }
                }
                Ok(None) => return any,
                Err(error) => {
                    tracing::debug!(%error, "orders cannot be taken");
                    return any;
                }
            }
        }
    }
}

/// What pages ask for is what the program's own interface gives.
#[async_trait]
impl Tree for Steering {
    async fn told(&self, filter: Filter, limit: usize) -> Told {
        Self::told(self, filter, limit).await
    }

    fn id(&self) -> Uuid {
        Self::id(self)
    }

    async fn nodes(&self, filter: Filter, limit: usize) -> port::Result<Vec<Seen>> {
        Self::nodes(self, filter, limit).await
    }

    async fn act(&self, node: Uuid, act: &Act, author: &str) -> port::Result<Answer> {
        Self::act(self, node, act, author).await
    }

    async fn aside(&self, kind: AsideKind, page: Page) -> port::Result<Vec<Aside>> {
        Self::aside(self, kind, page).await
    }

    async fn replay(&self, id: AsideId) -> port::Result<()> {
        Self::replay(self, id).await
    }

    async fn discard(&self, id: AsideId) -> port::Result<()> {
        Self::discard(self, id).await
    }
}

/// Has a node do something and waits for a while for what comes of it. Also for the command line.
///
/// # Errors
/// The order could not be stored.
pub async fn order(
    database: &Database,
    node: Uuid,
    act: &Act,
    author: &str,
) -> port::Result<Answer> {
    let seq = database.give_order(node, act, author).await?;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        tokio::time::sleep(GLANCE).await;
        if let Ok(Order { came: Some(came), .. }) = database.order(seq).await {
            return Ok(Answer::Came(came));
        }
    }
    Ok(Answer::Pending(seq))
}
