//! Leases of nodes and lanes, on a connection of their own: no group of writes holds up a renewal.

use std::{sync::Arc, time::Duration};

use aisha_actors::domain::lane::{Lane, LaneSet, fair_share};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures::future::BoxFuture;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    Conn,
    connection::{Connector, Role},
    locks,
    runtime::Runtime,
};
use crate::db::{
    Error, Outcome,
    nodes::{Kept, Known, Listed, Wish},
    types::{Id, IdSql, Moment, MomentSql},
};

/// The lane that stands for the long poll.
const POLL: i32 = 256;

/// Rows of nodes that were buried so long ago go away.
const FORGOTTEN: &str = "interval '1 day'";

/// The first epoch of a node: above all that a forgotten row of the same node ever had.
const NOW_US: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// Locks a node against its effects: waits for the transactions that hold its fence, where a plain UPDATE
/// of the epoch would pass them by.
pub(in crate::db) const BURY: &str = "WITH dead AS MATERIALIZED ( \
      SELECT id FROM node WHERE until < now() AND NOT buried FOR UPDATE SKIP LOCKED), \
    raised AS ( \
      UPDATE node SET epoch = epoch + 1, buried = TRUE FROM dead WHERE node.id = dead.id RETURNING node.id) \
    UPDATE lane SET node = NULL FROM raised WHERE lane.node = raised.id RETURNING lane.lane";

/// The connection that keeps the leases.
#[derive(Clone)]
pub(in crate::db) struct Keeper(Arc<Keeping>);

struct Keeping {
    connector: Connector,
    runtime: Arc<Runtime>,
    conn: Mutex<Option<Conn>>,
}

#[derive(Debug, QueryableByName)]
struct EpochRow {
    #[diesel(sql_type = BigInt)]
    epoch: i64,
}

#[derive(Debug, QueryableByName)]
struct LaneRow {
    #[diesel(sql_type = Integer)]
    lane: i32,
}

#[derive(Debug, QueryableByName)]
struct AliveRow {
    #[diesel(sql_type = Bool)]
    alive: bool,
}

#[derive(Debug, QueryableByName)]
struct LivingRow {
    #[diesel(sql_type = IdSql)]
    id: Id,
    #[diesel(sql_type = Bool)]
    draining: bool,
}

#[derive(Debug, QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(Debug, QueryableByName)]
struct ListedRow {
    #[diesel(sql_type = IdSql)]
    id: Id,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Bool)]
    alive: bool,
    #[diesel(sql_type = BigInt)]
    lanes: i64,
    #[diesel(sql_type = Bool)]
    polls: bool,
    #[diesel(sql_type = Bool)]
    draining: bool,
    #[diesel(sql_type = MomentSql)]
    joined_at: Moment,
    #[diesel(sql_type = MomentSql)]
    seen_at: Moment,
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    address: String,
}

/// Microseconds, for the server's arithmetic with leases.
fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

impl Keeper {
    pub(super) fn new(connector: Connector, runtime: Arc<Runtime>) -> Self {
        Self(Arc::new(Keeping { connector, runtime, conn: Mutex::default() }))
    }

    /// Runs one transaction; any trouble closes the connection with whatever was begun on it.
    pub(in crate::db) async fn run<F, R>(&self, patience: Duration, body: F) -> Result<R, Error>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        let keeper = self.0.clone();
        let work = self.0.runtime.spawn(async move {
            let mut kept = keeper.conn.lock().await;
            let mut conn = match kept.take() {
                Some(conn) => conn,
                None => keeper.connector.connect(Role::Keeper).await?,
            };
            conn.batch_execute("BEGIN").await?;
            let result = body(&mut conn).await.map_err(|fault| Error::Open(fault.to_string()))?;
            conn.batch_execute("COMMIT").await?;
            *kept = Some(conn);
            Ok(result)
        });
        let abort = work.abort_handle();
        match tokio::time::timeout(patience, work).await {
            Ok(ended) => ended.map_err(|error| Error::Open(error.to_string()))?,
            Err(_) => {
                abort.abort();
                Err(Error::Open("the server does not answer in time".to_owned()))
            }
        }
    }
}

/// Begins a term of this node; whatever it had begun before is waited for. None: another process lives
/// under this id.
pub(in crate::db) async fn join(
    conn: &mut Conn,
    node: Known,
    is_ours: bool,
) -> Outcome<Option<(i64, LaneSet)>> {
    // Waits while a copy is put back.
    conn.batch_execute(&format!("SELECT pg_advisory_xact_lock_shared({})", locks::RESTORE)).await?;
    let alive: Vec<AliveRow> = sql_query(
        "SELECT (until > now() AND NOT buried) AS alive FROM node WHERE id = $1 FOR UPDATE",
    )
    .bind::<IdSql, _>(Id(node.id))
    .load(conn)
    .await?;
    if !is_ours && alive.iter().any(|row| row.alive) {
        return Ok(None);
    }
    let row: EpochRow = sql_query(format!(
        "INSERT INTO node (id, epoch, until, seen_at, joined_at, version, address) \
         VALUES ($1, {NOW_US}, now() + $2 * interval '1 microsecond', now(), now(), $3, $4) \
         ON CONFLICT (id) DO UPDATE SET epoch = greatest(node.epoch + 1, excluded.epoch), \
           until = excluded.until, seen_at = excluded.seen_at, joined_at = excluded.joined_at, \
           version = excluded.version, address = excluded.address, buried = FALSE, draining = FALSE \
         RETURNING epoch"
    ))
    .bind::<IdSql, _>(Id(node.id))
    .bind::<BigInt, _>(micros(node.lease))
    .bind::<Text, _>(node.version)
    .bind::<Text, _>(node.address)
    .get_result(conn)
    .await?;
    Ok(Some((row.epoch, owned(conn, node.id).await?.0)))
}

/// A moment that every transaction begins after which does not yet see what was committed before.
pub(in crate::db) async fn now_us(conn: &mut Conn) -> Outcome<i64> {
    let row: EpochRow = sql_query(format!("SELECT {NOW_US} AS epoch")).get_result(conn).await?;
    Ok(row.epoch)
}

/// How many living nodes have not looked at the others since that moment.
pub(in crate::db) async fn unaware(conn: &mut Conn, node: Uuid, since: i64) -> Outcome<i64> {
    let row: Count = sql_query(
        "SELECT count(*) AS count FROM node WHERE id <> $1 AND NOT buried AND until > now() \
         AND (extract(epoch FROM seen_at) * 1000000)::bigint <= $2",
    )
    .bind::<IdSql, _>(Id(node))
    .bind::<BigInt, _>(since)
    .get_result(conn)
    .await?;
    Ok(row.count)
}

/// Renews the lease. `met` hears whether others live before this counts as seen. None: taken over.
pub(in crate::db) async fn renew(
    conn: &mut Conn,
    node: Uuid,
    epoch: i64,
    lease: Duration,
    met: impl FnOnce(bool) + Send,
) -> Outcome<Option<()>> {
    met(living(conn).await?.iter().any(|(id, _)| *id != node));
    let renewed = sql_query(
        "UPDATE node SET until = now() + $3 * interval '1 microsecond', seen_at = now() \
         WHERE id = $1 AND epoch = $2",
    )
    .bind::<IdSql, _>(Id(node))
    .bind::<BigInt, _>(epoch)
    .bind::<BigInt, _>(micros(lease))
    .execute(conn)
    .await?;
    Ok((renewed > 0).then_some(()))
}

/// Who lives, and whether it drains.
async fn living(conn: &mut Conn) -> Outcome<Vec<(Uuid, bool)>> {
    let rows: Vec<LivingRow> =
        sql_query("SELECT id, draining FROM node WHERE until > now() AND NOT buried ORDER BY id")
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.id.0, row.draining)).collect())
}

/// The lanes that a node should have. Those that drain have none, unless all do.
fn share(living: &[(Uuid, bool)], node: Uuid) -> usize {
    let all_drain = living.iter().all(|(_, draining)| *draining);
    let takers = living.iter().filter(|(_, draining)| all_drain || !draining);
    let takers: Vec<Uuid> = takers.map(|(id, _)| *id).collect();
    match takers.iter().position(|id| *id == node) {
        Some(place) => fair_share(takers.len(), place),
        None => 0,
    }
}

/// Takes the lanes of nodes whose lease has run out away from them.
pub(in crate::db) async fn bury(conn: &mut Conn) -> Outcome<usize> {
    let freed: Vec<LaneRow> = sql_query(BURY).load(conn).await?;
    let forget = format!(
        "DELETE FROM node WHERE buried AND until < now() - {FORGOTTEN} \
         AND NOT EXISTS (SELECT 1 FROM lane WHERE lane.node = node.id)"
    );
    sql_query(forget).execute(conn).await?;
    Ok(freed.len())
}

/// Claims free lanes up to the fair share, and says what there is.
pub(in crate::db) async fn claim(
    conn: &mut Conn,
    node: Uuid,
    epoch: i64,
    wish: Wish,
) -> Outcome<Kept> {
    conn.batch_execute(&format!("SELECT fence('{node}', {epoch})")).await?;
    let drain = sql_query("UPDATE node SET draining = $1 WHERE id = $2 AND draining <> $1");
    drain.bind::<Bool, _>(wish.drains).bind::<IdSql, _>(Id(node)).execute(conn).await?;
    let living = living(conn).await?;
    let share = share(&living, node);
    let (before, _) = owned(conn, node).await?;
    let wanted = share.saturating_sub(before.len());
    if wanted > 0 {
        take(conn, node, "lane < 256", wanted).await?;
    }
    if wish.polls && !wish.drains {
        take(conn, node, "lane = 256", 1).await?;
    }
    if wish.drains {
        let free = sql_query("UPDATE lane SET node = NULL WHERE lane = $1 AND node = $2");
        free.bind::<Integer, _>(POLL).bind::<IdSql, _>(Id(node)).execute(conn).await?;
    }
    let (lanes, polls) = owned(conn, node).await?;
    Ok(Kept { lanes, polls, surplus: lanes.len().saturating_sub(share), living: living.len() })
}

async fn take(conn: &mut Conn, node: Uuid, which: &str, count: usize) -> Outcome<()> {
    let take = format!(
        "UPDATE lane SET node = $1 WHERE lane IN (SELECT lane FROM lane WHERE node IS NULL AND {which} \
         ORDER BY lane LIMIT $2 FOR UPDATE SKIP LOCKED)"
    );
    sql_query(take)
        .bind::<IdSql, _>(Id(node))
        .bind::<BigInt, _>(i64::try_from(count).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    Ok(())
}

async fn owned(conn: &mut Conn, node: Uuid) -> Outcome<(LaneSet, bool)> {
    let rows: Vec<LaneRow> = sql_query("SELECT lane FROM lane WHERE node = $1")
        .bind::<IdSql, _>(Id(node))
        .load(conn)
        .await?;
    let polls = rows.iter().any(|row| row.lane == POLL);
    Ok((rows.iter().filter_map(|row| u8::try_from(row.lane).ok()).map(Lane).collect(), polls))
}

/// Frees some of the node's lanes.
pub(in crate::db) async fn release(conn: &mut Conn, node: Uuid, lanes: LaneSet) -> Outcome<()> {
    let numbers: Vec<i32> = lanes.iter().map(|lane| i32::from(lane.0)).collect();
    sql_query("UPDATE lane SET node = NULL WHERE node = $1 AND lane = ANY ($2)")
        .bind::<IdSql, _>(Id(node))
        .bind::<Array<Integer>, _>(numbers)
        .execute(conn)
        .await?;
    Ok(())
}

/// Frees all and ends the term. Draining: it left in peace.
pub(in crate::db) async fn leave(conn: &mut Conn, node: Uuid, epoch: i64) -> Outcome<()> {
    let ended = sql_query(
        "UPDATE node SET epoch = epoch + 1, buried = TRUE, draining = TRUE WHERE id = (SELECT id FROM node \
         WHERE id = $1 AND epoch = $2 FOR UPDATE)",
    )
    .bind::<IdSql, _>(Id(node))
    .bind::<BigInt, _>(epoch)
    .execute(conn)
    .await?;
    if ended > 0 {
        sql_query("UPDATE lane SET node = NULL WHERE node = $1")
            .bind::<IdSql, _>(Id(node))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// All nodes that are known, living ones first.
pub(in crate::db) async fn list(conn: &mut Conn) -> Outcome<Vec<Listed>> {
    let rows: Vec<ListedRow> = sql_query(
        "SELECT id, epoch, (until > now() AND NOT buried) AS alive, joined_at, seen_at, version, \
           address, draining, \
           (SELECT count(*) FROM lane WHERE lane.node = node.id AND lane < 256) AS lanes, \
           EXISTS (SELECT 1 FROM lane WHERE lane.node = node.id AND lane = 256) AS polls \
         FROM node ORDER BY alive DESC, joined_at DESC, id",
    )
    .load(conn)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        id: row.id.0,
        epoch: row.epoch,
        alive: row.alive,
        lanes: usize::try_from(row.lanes).unwrap_or_default(),
        polls: row.polls,
        draining: row.draining,
        joined_at: row.joined_at.into(),
        seen_at: row.seen_at.into(),
        version: row.version,
        address: row.address,
    });
    Ok(listed.collect())
}
