//! Housekeeping.

use diesel::{sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    cached::Cached,
    types::{Moment, MomentSql},
};

/// Runs a statement that deletes at most `$2` rows which were settled before `$1`.
pub(in crate::db) async fn delete(
    conn: &mut Conn,
    statement: &'static str,
    before: Moment,
    rows_max: i64,
) -> Outcome<u64> {
    let delete = sql_query(statement).bind::<MomentSql, _>(before).bind::<BigInt, _>(rows_max);
    Ok(Cached(delete).execute(conn).await? as u64)
}
