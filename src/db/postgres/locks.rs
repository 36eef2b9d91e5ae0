//! Advisory locks: of one database, known by number, given back with the session at the latest.

use diesel_async::SimpleAsyncConnection;

use super::Conn;
use crate::db::Error;

/// Held while the schema is changed.
pub(super) const MIGRATE: i64 = 0x61_6973_6861_0001;

/// Held by a transaction that counts places at the provider, to its end.
pub(super) const COUNT: i64 = 0x61_6973_6861_0002;

/// Held while a copy is put back: no node joins meanwhile.
pub(in crate::db) const RESTORE: i64 = 0x61_6973_6861_0003;

/// Waits for a lock of the session.
pub(super) async fn wait(conn: &mut Conn, lock: i64) -> Result<(), Error> {
    Ok(conn.batch_execute(&format!("SELECT pg_advisory_lock({lock})")).await?)
}
