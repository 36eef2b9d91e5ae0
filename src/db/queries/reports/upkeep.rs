//! What is done to storage as a whole.

use aisha_actors::domain::time::Timestamp;
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    reports::{UPKEEP_KEPT, UpkeepEnd, UpkeepKind, UpkeepRun},
    row::{Corrupt, Moment, readable},
    types::MomentSql,
};

#[derive(Debug, QueryableByName)]
struct SeqRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

#[derive(Debug, QueryableByName)]
struct StoppingRow {
    #[diesel(sql_type = Bool)]
    is_stopping: bool,
}

#[derive(Debug, QueryableByName)]
struct RunRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    author: String,
    #[diesel(sql_type = MomentSql)]
    started_at: Moment,
    #[diesel(sql_type = MomentSql)]
    seen_at: Moment,
    #[diesel(sql_type = BigInt)]
    done: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = Bool)]
    is_stopping: bool,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Nullable<MomentSql>)]
    ended_at: Option<Moment>,
    #[diesel(sql_type = Text)]
    found: String,
}

impl TryFrom<RunRow> for UpkeepRun {
    type Error = Corrupt;
    fn try_from(row: RunRow) -> Result<Self, Corrupt> {
        let corrupt = || Corrupt::new(format!("run {} of upkeep cannot be read", row.seq));
        let end = row.outcome.as_deref().map(|name| UpkeepEnd::parse(name).ok_or_else(corrupt));
        Ok(Self {
            seq: row.seq,
            kind: UpkeepKind::parse(&row.kind).ok_or_else(corrupt)?,
            ended: row.ended_at.map(Timestamp::from).zip(end.transpose()?),
            found: serde_json::from_str(&row.found).map_err(|_| corrupt())?,
            author: row.author,
            started_at: row.started_at.into(),
            seen_at: row.seen_at.into(),
            done: row.done.unsigned_abs(),
            total: row.total.unsigned_abs(),
            is_stopping: row.is_stopping,
        })
    }
}

/// `lost`: whoever spoke last before that is gone.
pub(in crate::db) async fn begin(
    conn: &mut Conn,
    kind: UpkeepKind,
    author: &str,
    at: Timestamp,
    lost: Timestamp,
) -> Outcome<Option<i64>> {
    sql_query(
        "UPDATE upkeep SET outcome = 'lost', ended_at = $1 WHERE ended_at IS NULL AND seen_at < $2",
    )
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<MomentSql, _>(Moment::from(lost))
    .execute(conn)
    .await?;
    let row: Option<SeqRow> = sql_query(
        "INSERT INTO upkeep (kind, author, started_at, seen_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING RETURNING seq",
    )
    .bind::<Text, _>(kind.name())
    .bind::<Text, _>(author)
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<MomentSql, _>(Moment::from(at))
    .get_result(conn)
    .await
    .optional()?;
    let Some(SeqRow { seq }) = row else { return Ok(None) };
    sql_query("DELETE FROM upkeep WHERE seq <= $1 AND ended_at IS NOT NULL")
        .bind::<BigInt, _>(seq - UPKEEP_KEPT)
        .execute(conn)
        .await?;
    Ok(Some(seq))
}

/// Whether it goes on.
pub(in crate::db) async fn advance(
    conn: &mut Conn,
    seq: i64,
    done: u64,
    total: u64,
    at: Timestamp,
) -> Outcome<bool> {
    let amount = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let row: Option<StoppingRow> = sql_query(
        "UPDATE upkeep SET done = $1, total = $2, seen_at = $3 \
         WHERE seq = $4 AND ended_at IS NULL RETURNING is_stopping",
    )
    .bind::<BigInt, _>(amount(done))
    .bind::<BigInt, _>(amount(total))
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<BigInt, _>(seq)
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.is_some_and(|row| !row.is_stopping))
}

pub(in crate::db) async fn stop(conn: &mut Conn) -> Outcome<bool> {
    let stopped = sql_query("UPDATE upkeep SET is_stopping = TRUE WHERE ended_at IS NULL");
    Ok(stopped.execute(conn).await? > 0)
}

pub(in crate::db) async fn end(
    conn: &mut Conn,
    seq: i64,
    end: UpkeepEnd,
    found: &str,
    at: Timestamp,
) -> Outcome<()> {
    sql_query(
        "UPDATE upkeep SET outcome = $1, found = $2, ended_at = $3, seen_at = $4 \
         WHERE seq = $5 AND ended_at IS NULL",
    )
    .bind::<Text, _>(end.name())
    .bind::<Text, _>(found)
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<BigInt, _>(seq)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::db) async fn newest(conn: &mut Conn, limit: usize) -> Outcome<Vec<UpkeepRun>> {
    let rows: Vec<RunRow> = sql_query(
        "SELECT seq, kind, author, started_at, seen_at, done, total, is_stopping, outcome, ended_at, \
           found FROM upkeep ORDER BY seq DESC LIMIT $1",
    )
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .load(conn)
    .await?;
    Ok(readable(rows))
}
