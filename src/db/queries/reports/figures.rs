//! Counts for the metrics and for `doctor`.

use aisha_actors::domain::time::Timestamp;
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    super::{Conn, VERSION},
    aside,
};
use crate::db::{
    Outcome,
    cached::Cached,
    reports::{Bounded, COUNT_MAX, FEW, Figures, Glance},
    row::Moment,
    schema::person,
};

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

/// Reads one person, and no more of what was set aside than is told.
pub(in crate::db) fn glance_text() -> String {
    format!(
        "SELECT 'people' AS name, count(*) AS rows FROM (SELECT 1 FROM person LIMIT 1) AS few \
         UNION ALL SELECT 'inbox', count(*) FROM \
           (SELECT 1 FROM inbox WHERE state = 'quarantined' LIMIT {FEW}) AS few \
         UNION ALL SELECT 'outbox', count(*) FROM \
           (SELECT 1 FROM outbox WHERE state = 'quarantined' LIMIT {FEW}) AS few"
    )
}

pub(in crate::db) async fn glance(conn: &mut Conn) -> Outcome<Glance> {
    let counts: Vec<Count> = Cached(sql_query(glance_text())).load(conn).await?;
    let count = |name: &str| {
        counts.iter().find(|count| count.name == name).map_or(0, |count| count.rows.unsigned_abs())
    };
    let aside = count("inbox") + count("outbox");
    Ok(Glance { has_people: count("people") > 0, aside: Bounded(aside.min(COUNT_MAX + 1)) })
}

pub(in crate::db) async fn first_person_at(conn: &mut Conn) -> Outcome<Option<Timestamp>> {
    let first: Option<Moment> = person::table
        .order((person::created_at, person::id))
        .select(person::created_at)
        .first(conn)
        .await
        .optional()?;
    Ok(first.map(Timestamp::from))
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
