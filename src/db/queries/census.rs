//! Reports of nodes, and orders to them.

use aisha_actors::domain::time::Timestamp;
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Conn;
use crate::db::{
    Outcome,
    cached::Cached,
    census::{Act, Came, Order, OrderState},
    row::{Corrupt, readable},
    types::{Id, IdSql, Moment, MomentSql},
};

#[derive(Debug, QueryableByName)]
struct ReportRow {
    #[diesel(sql_type = IdSql)]
    node: Id,
    #[diesel(sql_type = MomentSql)]
    at: Moment,
    #[diesel(sql_type = Text)]
    body: String,
}

#[derive(Debug, QueryableByName)]
struct SeqRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

#[derive(Debug, QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(Debug, QueryableByName)]
struct OrderRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = IdSql)]
    node: Id,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    subject: Option<String>,
    #[diesel(sql_type = Text)]
    author: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = MomentSql)]
    created_at: Moment,
    #[diesel(sql_type = Nullable<MomentSql>)]
    settled_at: Option<Moment>,
}

impl TryFrom<OrderRow> for Order {
    type Error = Corrupt;

    fn try_from(row: OrderRow) -> Result<Self, Corrupt> {
        let act = Act::from_columns(&row.kind, row.subject.as_deref());
        let state = OrderState::ALL.into_iter().find(|state| state.name() == row.state);
        // A newer binary may have words that this one does not know.
        let came = row.outcome.as_deref();
        let came = came.and_then(|word| Came::ALL.into_iter().find(|came| came.name() == word));
        let (Some(act), Some(state)) = (act, state) else {
            return Err(Corrupt::new(format!("the order {}", row.seq)));
        };
        Ok(Self {
            seq: row.seq,
            node: row.node.0,
            act,
            author: row.author,
            state,
            came,
            created_at: row.created_at.into(),
            settled_at: row.settled_at.map(Timestamp::from),
        })
    }
}

const COLUMNS: &str = "seq, node, kind, subject, author, state, outcome, created_at, settled_at";

pub(in crate::db) async fn leave_report(
    conn: &mut Conn,
    node: Uuid,
    body: &str,
    at: Timestamp,
) -> Outcome<()> {
    let leave = sql_query(
        "INSERT INTO node_report (node, at, body) VALUES ($1, $2, $3) \
         ON CONFLICT (node) DO UPDATE SET at = excluded.at, body = excluded.body",
    )
    .bind::<IdSql, _>(Id(node))
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<Text, _>(body);
    Cached(leave).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn reports(conn: &mut Conn) -> Outcome<Vec<(Uuid, Timestamp, String)>> {
    let rows: Vec<ReportRow> =
        sql_query("SELECT node, at, body FROM node_report ORDER BY node").load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.node.0, row.at.into(), row.body)).collect())
}

pub(in crate::db) async fn give(
    conn: &mut Conn,
    node: Uuid,
    (kind, subject): (&'static str, Option<String>),
    author: String,
    at: Timestamp,
) -> Outcome<i64> {
    let row: SeqRow = sql_query(
        "INSERT INTO node_order (node, kind, subject, author, created_at) \
         VALUES ($1, $2, $3, $4, $5) RETURNING seq",
    )
    .bind::<IdSql, _>(Id(node))
    .bind::<Text, _>(kind)
    .bind::<Nullable<Text>, _>(subject)
    .bind::<Text, _>(author)
    .bind::<MomentSql, _>(Moment::from(at))
    .get_result(conn)
    .await?;
    Ok(row.seq)
}

pub(in crate::db) async fn has_open(conn: &mut Conn, node: Uuid) -> Outcome<bool> {
    let look = sql_query(
        "SELECT EXISTS (SELECT 1 FROM node_order \
           WHERE node = $1 AND settled_at IS NULL AND state = 'open') AS found",
    )
    .bind::<IdSql, _>(Id(node));
    let row: FoundRow = Cached(look).get_result(conn).await?;
    Ok(row.found)
}

/// Those from before `before` are lost, the oldest of the others is taken.
pub(in crate::db) async fn take(
    conn: &mut Conn,
    node: Uuid,
    before: Timestamp,
    at: Timestamp,
) -> Outcome<Option<Order>> {
    sql_query(
        "UPDATE node_order SET state = 'lost', settled_at = $1, outcome = 'not taken' \
         WHERE node = $2 AND settled_at IS NULL AND state = 'open' AND created_at < $3",
    )
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<IdSql, _>(Id(node))
    .bind::<MomentSql, _>(Moment::from(before))
    .execute(conn)
    .await?;
    let take = format!(
        "UPDATE node_order SET state = 'taken' WHERE state = 'open' AND seq = (SELECT min(seq) \
           FROM node_order WHERE node = $1 AND settled_at IS NULL AND state = 'open') \
         RETURNING {COLUMNS}"
    );
    let row: Option<OrderRow> =
        sql_query(take).bind::<IdSql, _>(Id(node)).get_result(conn).await.optional()?;
    Ok(row.map(Order::try_from).transpose()?)
}

pub(in crate::db) async fn settle(
    conn: &mut Conn,
    seq: i64,
    came: Came,
    at: Timestamp,
) -> Outcome<()> {
    sql_query(
        "UPDATE node_order SET state = $1, outcome = $2, settled_at = $3 \
         WHERE seq = $4 AND settled_at IS NULL",
    )
    .bind::<Text, _>(came.state().name())
    .bind::<Text, _>(came.name())
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<BigInt, _>(seq)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::db) async fn lose_taken(conn: &mut Conn, node: Uuid, at: Timestamp) -> Outcome<()> {
    sql_query(
        "UPDATE node_order SET state = 'lost', settled_at = $1, outcome = 'node ended' \
         WHERE node = $2 AND settled_at IS NULL AND state = 'taken'",
    )
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<IdSql, _>(Id(node))
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::db) async fn one(conn: &mut Conn, seq: i64) -> Outcome<Option<Order>> {
    let row: Option<OrderRow> =
        sql_query(format!("SELECT {COLUMNS} FROM node_order WHERE seq = $1"))
            .bind::<BigInt, _>(seq)
            .get_result(conn)
            .await
            .optional()?;
    Ok(row.map(Order::try_from).transpose()?)
}

pub(in crate::db) async fn latest(conn: &mut Conn, limit: usize) -> Outcome<Vec<Order>> {
    let rows: Vec<OrderRow> =
        sql_query(format!("SELECT {COLUMNS} FROM node_order ORDER BY seq DESC LIMIT $1"))
            .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
            .load(conn)
            .await?;
    Ok(readable(rows))
}
