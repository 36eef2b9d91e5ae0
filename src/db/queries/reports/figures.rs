//! Counts for the metrics and for `doctor`.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    super::{Conn, VERSION},
    aside,
};
use crate::db::{Outcome, reports::Figures};

#[derive(Debug, QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[derive(Debug, QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

pub(in crate::db) async fn version(conn: &mut Conn) -> Outcome<String> {
    let row: Version = sql_query(VERSION).get_result(conn).await?;
    Ok(row.version)
}

pub(in crate::db) async fn figures(conn: &mut Conn) -> Outcome<Figures> {
    let counts: Vec<Count> = sql_query(format!(
        "SELECT 'people' AS name, count(*) AS rows FROM person \
         UNION ALL SELECT 'inbox_open', count(*) FROM inbox WHERE is_open \
         UNION ALL SELECT 'inbox_quarantined', count(*) FROM inbox WHERE state = 'quarantined' \
         UNION ALL SELECT 'outbox_open', count(*) FROM outbox WHERE is_open \
         UNION ALL SELECT 'outbox_quarantined', count(*) FROM outbox WHERE state = 'quarantined' \
         UNION ALL SELECT 'open', count(*) FROM generation WHERE is_open \
         UNION ALL SELECT 'live', count(*) FROM generation WHERE is_live \
         UNION ALL SELECT 'storage_jobs', count(*) FROM picture WHERE has_job \
         UNION ALL SELECT 'storage_quarantined', count(*) FROM picture WHERE {}",
        aside::JOB_IS_ASIDE
    ))
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
        storage_quarantined: count("storage_quarantined"),
    })
}
