//! Housekeeping: settled rows go away when nobody needs them any more.

use std::time::Duration;

use aisha_actors::{domain::time::Timestamp, port};

use super::{Database, request::Shape, types::Moment};

/// How long a done update is remembered: so long a repeat is noticed.
const INBOX_KEPT: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long a sent or given-up outbox entry is remembered.
const OUTBOX_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long samples and checks of the books are kept.
const SAMPLES_KEPT: Duration = Duration::from_secs(40 * 24 * 60 * 60);

/// How long the last word of a node that is gone is remembered, and what nodes were told to do.
const REPORT_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const ORDER_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Rows per transaction, so that nobody waits long behind a sweep.
const BATCH: i64 = 500;

impl Database {
    /// Deletes done updates older than 14 days and settled outbox entries older than 30 days, samples
    /// and checks of the books older than 40 days, and what nodes said and were told long ago, in small
    /// batches. What was set aside stays. Returns how many rows went.
    pub async fn sweep(&self, now: Timestamp) -> port::Result<u64> {
        let mut deleted = 0;
        for (statement, kept) in [
            (
                "DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox \
                 WHERE state = 'done' AND settled_at < $1 LIMIT $2)",
                INBOX_KEPT,
            ),
            (
                "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox \
                 WHERE state IN ('done', 'dead') AND settled_at < $1 \
                 AND NOT EXISTS (SELECT 1 FROM generation WHERE generation.id = outbox.generation \
                   AND generation.is_live) LIMIT $2)",
                OUTBOX_KEPT,
            ),
            (
                "DELETE FROM sample WHERE minute IN (SELECT minute FROM sample \
                 WHERE minute < $1 LIMIT $2)",
                SAMPLES_KEPT,
            ),
            (
                "DELETE FROM ledger_check WHERE at IN (SELECT at FROM ledger_check \
                 WHERE at < $1 LIMIT $2)",
                SAMPLES_KEPT,
            ),
            (
                "DELETE FROM node_report WHERE node IN (SELECT node FROM node_report \
                 WHERE at < $1 LIMIT $2)",
                REPORT_KEPT,
            ),
            (
                "DELETE FROM node_order WHERE seq IN (SELECT seq FROM node_order \
                 WHERE created_at < $1 LIMIT $2)",
                ORDER_KEPT,
            ),
        ] {
            let age = i64::try_from(kept.as_micros()).unwrap_or(i64::MAX);
            let before = Moment(now.0.saturating_sub(age));
            loop {
                let rows = on_writer!(self, Shape::One, conn => {
                    queries::sweep::delete(conn, statement, before, BATCH).await
                })?;
                deleted += rows;
                if rows < BATCH.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(deleted)
    }
}
