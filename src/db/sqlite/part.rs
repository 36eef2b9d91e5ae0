//! Parts of a transaction that can be taken back alone. They nest.

use diesel::sql_query;
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{Fault, Outcome, cached::Cached};

/// A failed statement leaves nothing behind, and the transaction goes on.
pub(in crate::db) const STATEMENTS_STAND_ALONE: bool = true;

/// Whether the whole transaction is in doubt, rather than only the statement that failed: SQLite rolls
/// back by itself on some of these.
pub(in crate::db) fn ends_transaction(fault: &Fault) -> bool {
    fault.is_of_server()
}

pub(super) async fn execute(conn: &mut Conn, sql: &'static str) -> Outcome<()> {
    Cached(sql_query(sql)).execute(conn).await?;
    Ok(())
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
    execute(conn, "ROLLBACK TO part").await?;
    keep(conn).await
}

/// Nobody books for this account until the end of the transaction. There is one writer.
pub(in crate::db) async fn hold_account(_conn: &mut Conn, _user: i64) -> Outcome<()> {
    Ok(())
}

/// Whether this transaction may count what others may be about to add. There is one writer.
pub(in crate::db) async fn count_alone(_conn: &mut Conn) -> Outcome<bool> {
    Ok(true)
}
