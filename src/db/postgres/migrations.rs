//! The schema on a server. All of this blocks.

use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    Conn,
    connection::{Connector, Role},
    locks,
};
use crate::db::{
    Error, Server,
    migrations::{Status, down_on, status_of, up_on},
};

const EMBEDDED: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Whether a migration ever ran there. Asking must change nothing.
const IS_BARE: &str = "to_regclass('__diesel_schema_migrations') IS NULL";

pub(in crate::db) fn status(server: &Server) -> Result<Status, Error> {
    with(server, async |mut conn| {
        let bare = diesel::dsl::sql::<diesel::sql_types::Bool>(IS_BARE);
        if diesel::select(bare).get_result(&mut conn).await? {
            let pending = crate::db::migrations::known::<Pg>(&EMBEDDED)?;
            return Ok(Status { pending, ..Status::default() });
        }
        status_of(&mut AsyncMigrationHarness::new(conn), &EMBEDDED)
    })
}

pub(in crate::db) fn up(server: &Server) -> Result<Vec<String>, Error> {
    with(server, async |mut conn| {
        locks::wait(&mut conn, locks::MIGRATE).await?;
        up_on(&mut AsyncMigrationHarness::new(conn), EMBEDDED)
    })
}

/// Applies these versions, no further ones.
pub(in crate::db) fn up_to(server: &Server, versions: &[String]) -> Result<(), Error> {
    with(server, async |mut conn| {
        locks::wait(&mut conn, locks::MIGRATE).await?;
        let mut harness = AsyncMigrationHarness::new(conn);
        loop {
            let status = status_of(&mut harness, &EMBEDDED)?;
            match status.pending.as_slice().first() {
                Some(next) if versions.contains(next) => {
                    harness.run_next_migration(EMBEDDED).map_err(Error::migration)?;
                }
                _ => return Ok(()),
            }
        }
    })
}

pub(in crate::db) fn down(server: &Server, to: &str) -> Result<Vec<String>, Error> {
    with(server, async |mut conn| {
        locks::wait(&mut conn, locks::MIGRATE).await?;
        down_on(&mut AsyncMigrationHarness::new(conn), || EMBEDDED, to)
    })
}

/// Runs `work` on a connection of its own, which is closed afterwards with the locks that it holds. diesel
/// drives migrations from a thread that blocks, so the runtime needs another thread for the connection.
fn with<R>(server: &Server, work: impl AsyncFnOnce(Conn) -> Result<R, Error>) -> Result<R, Error> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let connector = Connector::new(server)?;
    let result = runtime.block_on(async { work(connector.connect(Role::Patient).await?).await });
    // The connection's task ends with it, and so does what the server keeps for it.
    drop(runtime);
    result
}
