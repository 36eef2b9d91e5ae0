//! What the HTTP routes and the long poll call into.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use aisha_actors::{
    ask::AskError,
    domain::{
        id::{GenerationId, UserId},
        time::Timestamp,
    },
    lanes::OwnLanes,
    port::{self, Arrival, Clock, Kind, Records, Wake, Wakes},
    session,
    shop::Shop,
    system::System,
    tracker::ProviderCalled,
};
use async_trait::async_trait;
use futures::FutureExt;

use super::{connect::Connections, draining::Draining, gauges, shared, watch::Reached};
use crate::{
    backup::Last,
    db::{Database, nodes::Node},
    fal::webhook::{Error as NotProven, Verifier},
    metrics::Metrics,
    redis::{self, Link},
    telegram::{TelegramParser, updates::Sink},
    web::{Condition, Health, Intake, NodeState, Readiness, Signatures, Signed, Unverified, Waker},
    world::SystemClock,
};

/// How long the database may take to answer a health check.
const HEALTH: Duration = Duration::from_secs(1);

/// The inside of the program, as the edge sees it.
pub(super) struct Inside {
    system: System,
    parser: Arc<TelegramParser>,
    verifier: Arc<Verifier>,
    metrics: Metrics,
    shop: Arc<Shop>,
    database: Database,
    reached: Vec<(&'static str, Arc<Reached>)>,
    link: Option<Link>,
    wakes: Arc<dyn Wakes>,
    node: Option<Node>,
    own: OwnLanes,
    /// About to end.
    stopping: AtomicBool,
    /// The operator wants nothing new here.
    draining: Draining,
}

impl Inside {
    pub(super) fn new(
        system: System,
        connections: &Connections,
        database: Database,
        node: Option<Node>,
        draining: Draining,
    ) -> Self {
        Self {
            node,
            own: connections.ports.lanes.clone(),
            system,
            parser: connections.parser.clone(),
            verifier: connections.verifier.clone(),
            metrics: connections.metrics.clone(),
            shop: connections.shop.clone(),
            database,
            reached: connections.reached.clone(),
            link: connections.shared.as_ref().map(|shared| shared.link.clone()),
            wakes: shared::wakes(connections.shared.as_ref()),
            stopping: AtomicBool::new(false),
            draining,
        }
    }

    /// Health says from now on that nothing new is taken.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    async fn take(&self, arrivals: Vec<Arrival>, source: &'static str) -> port::Result<()> {
        if self.draining.is_on() {
            return Err(port::Error::transient("this node drains"));
        }
        let count = arrivals.len() as u64;
        let elsewhere = arrivals.iter().any(|arrival| !self.own.has(arrival.update.from.id));
        match self.system.take_updates(arrivals).await {
            Ok(Ok(())) => {
                if elsewhere {
                    self.wakes.tell(Wake::UpdatesAdded);
                }
                self.metrics.count_updates(source, count);
                Ok(())
            }
            Ok(Err(session::Error::Unavailable(error))) => Err(error),
            Ok(Err(error @ (session::Error::Busy | session::Error::Draining))) => {
                Err(port::Error::transient(error))
            }
            Err(error @ AskError::Full) => Err(port::Error::transient(error)),
            Err(error @ (AskError::Closed | AskError::Late)) => {
                Err(port::Error::new(Kind::Ambiguous, error))
            }
        }
    }

    /// Has the metrics say at each scrape how old the last good backup is.
    pub(super) fn watch_backups(&self, data_dir: PathBuf) {
        self.metrics.ask_backup_age(move || {
            let now = SystemClock.now();
            let age = Last::read(&data_dir).map(|last| last.age(now));
            age.unwrap_or_else(|| now.since(Timestamp(0)))
        });
    }

    /// Takes over into the metrics what actors, peers and rows say.
    pub(super) async fn take_figures(&self) {
        gauges::actors(&self.metrics, &self.system).await;
        gauges::dependencies(&self.metrics, &self.readiness().await);
        gauges::catalogue(&self.metrics, &self.shop);
        if let Some(link) = &self.link {
            let redis::Figures { late, errors, openings, breaker } = link.figures();
            self.metrics.set_redis(late, errors, openings, breaker);
        }
        if let Err(error) = gauges::rows(&self.metrics, &self.database).await {
            tracing::debug!(%error, "the rows could not be counted");
        }
    }
}

/// The long poll's way in.
pub(super) fn sink(inside: Arc<Inside>) -> Sink {
    Box::new(move |arrivals| {
        let inside = inside.clone();
        async move { inside.take(arrivals, "polling").await }.boxed()
    })
}

#[async_trait]
impl Intake for Inside {
    async fn receive(&self, raw: Vec<String>) -> port::Result<()> {
        let arrivals: Option<Vec<Arrival>> =
            raw.iter().map(|raw| self.parser.arrival(raw)).collect();
        let Some(arrivals) = arrivals else {
            return Err(port::Error::new(Kind::Permanent, "no update_id: no update"));
        };
        if let Some(first) = arrivals.first() {
            // Of the request that brought it.
            tracing::Span::current().record("update", first.update.id.0);
        }
        self.take(arrivals, "webhook").await
    }
}

impl Waker for Inside {
    fn generation(&self, id: GenerationId, request_id: String) {
        // It may be another node that drives it.
        self.wakes.tell(Wake::ProviderCalled { id, request_id: request_id.clone() });
        self.system.provider_called(ProviderCalled { id, request_id });
    }
}

#[async_trait]
impl Health for Inside {
    async fn readiness(&self) -> Readiness {
        let read = tokio::time::timeout(HEALTH, self.database.account(UserId(0))).await;
        let database = match read {
            Ok(Ok(_)) => Condition::Ok,
            _ => Condition::Away,
        };
        let mut others: Vec<_> =
            self.reached.iter().map(|(name, reached)| (*name, reached.condition())).collect();
        if let Some(link) = &self.link {
            let condition = if link.is_up() { Condition::Ok } else { Condition::Degraded };
            others.push(("redis", condition));
        }
        let node = self.node.as_ref().map(|node| NodeState {
            id: node.id().to_string(),
            epoch: self.database.term().map(|(_, epoch)| epoch),
            lanes: self.own.now().len(),
        });
        let draining = self.stopping.load(Ordering::Relaxed) || self.draining.is_on();
        Readiness { draining, database, node, others }
    }
}

#[async_trait]
impl Signatures for Inside {
    async fn verify(&self, signed: Signed<'_>) -> Result<String, Unverified> {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-fal-webhook-request-id", signed.request_id),
            ("x-fal-webhook-user-id", signed.user_id),
            ("x-fal-webhook-timestamp", signed.timestamp),
            ("x-fal-webhook-signature", signed.signature),
        ] {
            let value = HeaderValue::from_str(value).map_err(|_| Unverified::Forged)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        self.verifier.verify(&headers, signed.body).await.map_err(|error| match error {
            NotProven::NoKeys => Unverified::Unavailable,
            error => {
                tracing::warn!(%error, "a webhook in FAL's name was refused");
                Unverified::Forged
            }
        })
    }
}
