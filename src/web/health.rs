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

/// Whether this process should be sent work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// It is about to stop and takes nothing new.
    pub draining: bool,
    /// Without it nothing can be taken in.
    pub database: Condition,
    /// The others, by name. Work goes on without them.
    pub others: Vec<(&'static str, Condition)>,
}

impl Readiness {
    fn is_ready(&self) -> bool {
        !self.draining && self.database != Condition::Away
    }

    fn word(&self) -> &'static str {
        let all_well = self.database == Condition::Ok
            && self.others.iter().all(|(_, condition)| *condition == Condition::Ok);
        match self {
            _ if self.draining => "draining",
            _ if self.database == Condition::Away => "away",
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
    let body = json!({"status": readiness.word(), "dependencies": dependencies});
    if readiness.is_ready() {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "2")).json(body)
    }
}

pub(super) async fn figures(edge: web::Data<Edge>) -> Result<HttpResponse, Error> {
    let page = edge.metrics.render();
    Ok(HttpResponse::Ok().content_type(metrics::CONTENT_TYPE).body(page))
}
