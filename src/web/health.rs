//! `/health/live`, `/health/ready` and `/metrics`.

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use serde_json::json;

use super::{Edge, Error};
use crate::metrics;

/// How a dependency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    Ok,
    /// Something is slower or worse, and work goes on.
    Degraded,
    /// It does not answer.
    Away,
}

/// This process among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeState {
    pub id: String,
    /// None: its lease is lost for the moment, and it takes nothing in.
    pub epoch: Option<i64>,
    /// Of 256.
    pub lanes: usize,
}

/// Whether this process should be sent work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// It takes nothing new: it is about to stop, or the operator wants it so.
    pub draining: bool,
    /// Without it nothing can be taken in.
    pub database: Condition,
    /// None: it is the only one.
    pub node: Option<NodeState>,
    /// The others, by name. Work goes on without them.
    pub others: Vec<(&'static str, Condition)>,
}

impl Readiness {
    fn is_ready(&self) -> bool {
        let has_lease = self.node.as_ref().is_none_or(|node| node.epoch.is_some());
        !self.draining && self.database != Condition::Away && has_lease
    }

    fn word(&self) -> &'static str {
        let all_well = self.database == Condition::Ok
            && self.others.iter().all(|(_, condition)| *condition == Condition::Ok);
        match self {
            _ if self.draining => "draining",
            _ if !self.is_ready() => "away",
            _ if all_well => "ok",
            _ => "degraded",
        }
    }
}

pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

pub(super) async fn ready(edge: web::Data<Edge>) -> HttpResponse {
    let readiness = edge.health.readiness().await;
    let others = readiness.others.iter().map(|(name, condition)| (*name, *condition));
    let dependencies: serde_json::Map<String, serde_json::Value> =
        std::iter::once(("database", readiness.database))
            .chain(others)
            .map(|(name, condition)| (name.to_owned(), json!(condition)))
            .collect();
    let word = readiness.word();
    let body = match &readiness.node {
        None => json!({"status": word, "dependencies": dependencies}),
        Some(node) => json!({"status": word, "dependencies": dependencies, "node": node}),
    };
    if readiness.is_ready() {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "2")).json(body)
    }
}

pub(super) async fn figures(edge: web::Data<Edge>) -> Result<HttpResponse, Error> {
    // A figure or two come from the disk.
    let metrics = edge.metrics.clone();
    let page = web::block(move || metrics.render())
        .await
        .map_err(|error| Error::Busy(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(metrics::CONTENT_TYPE).body(page))
}
