//! Parts of a transaction that can be taken back alone. They nest.

use diesel::{dsl::sql, select, sql_types::Bool};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{Conn, locks};
use crate::db::{Fault, Outcome};

/// A failed statement aborts the transaction up to the last part that was begun.
pub(in crate::db) const STATEMENTS_STAND_ALONE: bool = false;

/// Whether the whole transaction is lost. While the connection lives, the part that failed can be taken
/// back, whatever it was.
pub(in crate::db) fn ends_transaction(fault: &Fault) -> bool {
    fault.is_disconnected()
}

pub(super) async fn execute(conn: &mut Conn, sql: &str) -> Outcome<()> {
    Ok(conn.batch_execute(sql).await?)
}

/// Begins a part that can be taken back alone.
pub(in crate::db) async fn begin(conn: &mut Conn) -> Outcome<()> {
    execute(conn, "SAVEPOINT part").await
}

/// Keeps the part.
pub(in crate::db) async fn keep(conn: &mut Conn) -> Outcome<()> {
    execute(conn, "RELEASE part").await
}

/// Takes the part back.
pub(in crate::db) async fn take_back(conn: &mut Conn) -> Outcome<()> {
    execute(conn, "ROLLBACK TO part; RELEASE part").await
}

/// Nobody books for this account until the end of the transaction: not even an entry can name it.
pub(in crate::db) async fn hold_account(conn: &mut Conn, user: i64) -> Outcome<()> {
    execute(conn, &format!("SELECT 1 FROM account WHERE id = {user} FOR UPDATE")).await
}

/// Whether this transaction may count what others may be about to add: it is the only one that counts, to
/// its end. Never waits: a whole group would.
pub(in crate::db) async fn count_alone(conn: &mut Conn) -> Outcome<bool> {
    let alone = sql::<Bool>(&format!("pg_try_advisory_xact_lock({})", locks::COUNT));
    Ok(select(alone).get_result(conn).await?)
}
