//! Counts for the metrics and for `doctor`.

use aisha_actors::port::Result;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use futures::FutureExt;

use crate::db::{Conn, Database, Error, Outcome, migrations};

/// How much there is of what. Reads small indexes only, except for the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    pub people: u64,
    pub inbox_open: u64,
    pub inbox_quarantined: u64,
    pub outbox_open: u64,
    pub outbox_quarantined: u64,
    pub generations_open: u64,
    /// Captured, and not every picture shown yet.
    pub generations_undelivered: u64,
    pub storage_jobs: u64,
}

impl Database {
    /// Counts for the metrics.
    pub async fn figures(&self) -> Result<Figures> {
        self.readers.read(|conn| figures(conn).boxed()).await
    }

    /// How the schema stands against this binary.
    pub async fn schema_status(&self) -> std::result::Result<migrations::Status, Error> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || migrations::status(&path))
            .await
            .map_err(|error| Error::Open(error.to_string()))?
    }
}

#[derive(Debug, QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

async fn figures(conn: &mut Conn) -> Outcome<Figures> {
    let counts: Vec<Count> = sql_query(
        "SELECT 'people' AS name, count(*) AS rows FROM person \
         UNION ALL SELECT 'inbox_open', count(*) FROM inbox WHERE is_open \
         UNION ALL SELECT 'inbox_quarantined', count(*) FROM inbox WHERE state = 'quarantined' \
         UNION ALL SELECT 'outbox_open', count(*) FROM outbox WHERE is_open \
         UNION ALL SELECT 'outbox_quarantined', count(*) FROM outbox WHERE state = 'quarantined' \
         UNION ALL SELECT 'open', count(*) FROM generation WHERE is_open \
         UNION ALL SELECT 'live', count(*) FROM generation WHERE is_live \
         UNION ALL SELECT 'storage_jobs', count(*) FROM picture WHERE has_job",
    )
    .load(conn)
    .await?;
    let count = |name: &str| {
        counts.iter().find(|count| count.name == name).map_or(0, |count| count.rows.unsigned_abs())
    };
    Ok(Figures {
        people: count("people"),
        inbox_open: count("inbox_open"),
        inbox_quarantined: count("inbox_quarantined"),
        outbox_open: count("outbox_open"),
        outbox_quarantined: count("outbox_quarantined"),
        generations_open: count("open"),
        generations_undelivered: count("live").saturating_sub(count("open")),
        storage_jobs: count("storage_jobs"),
    })
}
