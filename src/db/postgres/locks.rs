//! Advisory locks: of one database, known by number, given back with the session at the latest.

use diesel::{dsl::sql, select, sql_types::Bool};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::Conn;
use crate::db::Error;

/// Held while the schema is changed.
pub(super) const MIGRATE: i64 = 0x61_6973_6861_0001;

/// Held by the one `serve`.
pub(in crate::db) const SERVE: i64 = 0x61_6973_6861_0002;

/// Begins a transaction that writes, and holds lock 3 to its end: numbers of rows are committed in the
/// order in which they are given out, so that whoever reads on from a number misses nothing; and writers
/// cannot block each other crosswise.
pub(super) const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(27419017134276611)";

/// Waits for a lock of the session.
pub(super) async fn wait(conn: &mut Conn, lock: i64) -> Result<(), Error> {
    Ok(conn.batch_execute(&format!("SELECT pg_advisory_lock({lock})")).await?)
}

/// Takes a lock of the session, unless somebody has it.
pub(super) async fn take(conn: &mut Conn, lock: i64) -> Result<bool, Error> {
    let taken = sql::<Bool>(&format!("pg_try_advisory_lock({lock})"));
    Ok(select(taken).get_result(conn).await?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_locks_differ() {
        assert!(super::BEGIN.ends_with(&format!("({})", 0x61_6973_6861_0003_i64)));
        assert_ne!(super::MIGRATE, super::SERVE);
    }
}
