//! Incidents.

use aisha_actors::domain::time::Timestamp;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Conn;
use crate::db::{
    Outcome,
    cached::Cached,
    incidents::{Incident, IncidentKind, Noticed},
    row::{Corrupt, readable},
    types::{Id, IdSql, Moment, MomentSql},
};

pub(in crate::db) async fn raise(
    conn: &mut Conn,
    node: Uuid,
    what: Noticed,
    at: Timestamp,
) -> Outcome<()> {
    // What begins again before its end was told goes on.
    let begin = sql_query(
        "INSERT INTO incident (kind, subject, node, since, level, said) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (kind, subject) DO UPDATE SET \
           level = excluded.level, said = excluded.said, \
           told_level = CASE WHEN incident.told_level < excluded.level THEN incident.told_level \
             ELSE excluded.level END, \
           ended_at = NULL",
    )
    .bind::<Text, _>(what.kind.name())
    .bind::<Text, _>(what.subject)
    .bind::<IdSql, _>(Id(node))
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<BigInt, _>(what.level)
    .bind::<Text, _>(what.said);
    Cached(begin).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn end(
    conn: &mut Conn,
    kind: IncidentKind,
    subject: &str,
    at: Timestamp,
) -> Outcome<()> {
    let end = sql_query(
        "UPDATE incident SET ended_at = $1 WHERE kind = $2 AND subject = $3 AND ended_at IS NULL",
    )
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<Text, _>(kind.name())
    .bind::<Text, _>(subject.to_owned());
    Cached(end).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn told(
    conn: &mut Conn,
    kind: IncidentKind,
    subject: &str,
    level: i64,
    at: Timestamp,
) -> Outcome<()> {
    let told = sql_query(
        "UPDATE incident SET told_at = $1, told_level = $2 WHERE kind = $3 AND subject = $4",
    )
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<BigInt, _>(level)
    .bind::<Text, _>(kind.name())
    .bind::<Text, _>(subject.to_owned());
    Cached(told).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn forget(
    conn: &mut Conn,
    kind: IncidentKind,
    subject: &str,
) -> Outcome<()> {
    let forget =
        sql_query("DELETE FROM incident WHERE kind = $1 AND subject = $2 AND ended_at IS NOT NULL")
            .bind::<Text, _>(kind.name())
            .bind::<Text, _>(subject.to_owned());
    Cached(forget).execute(conn).await?;
    Ok(())
}

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = IdSql)]
    node: Id,
    #[diesel(sql_type = MomentSql)]
    since: Moment,
    #[diesel(sql_type = BigInt)]
    level: i64,
    #[diesel(sql_type = Text)]
    said: String,
    #[diesel(sql_type = Nullable<MomentSql>)]
    told_at: Option<Moment>,
    #[diesel(sql_type = BigInt)]
    told_level: i64,
    #[diesel(sql_type = Nullable<MomentSql>)]
    ended_at: Option<Moment>,
}

impl TryFrom<Row> for Incident {
    type Error = Corrupt;
    fn try_from(row: Row) -> Result<Self, Corrupt> {
        // A newer binary may have kinds that this one does not know.
        let kind = IncidentKind::parse(&row.kind).ok_or_else(|| Corrupt::new("an incident"))?;
        let what = Noticed { kind, subject: row.subject, level: row.level, said: row.said };
        Ok(Self {
            what,
            node: row.node.0,
            since: row.since.into(),
            told: row.told_at.map(|at| (at.into(), row.told_level)),
            ended_at: row.ended_at.map(Timestamp::from),
        })
    }
}

pub(in crate::db) async fn list(conn: &mut Conn) -> Outcome<Vec<Incident>> {
    let query = sql_query(
        "SELECT kind, subject, node, since, level, said, told_at, told_level, ended_at \
         FROM incident ORDER BY since, kind, subject LIMIT 500",
    );
    let rows: Vec<Row> = Cached(query).load(conn).await?;
    Ok(readable(rows))
}
