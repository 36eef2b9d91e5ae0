//! PostgreSQL: a server that several processes share.

pub(in crate::db) mod connection;
pub(in crate::db) mod intake;
pub(in crate::db) mod locks;
pub(in crate::db) mod migrations;
pub(in crate::db) mod nodes;
pub(in crate::db) mod part;
#[expect(clippy::duplicate_mod, reason = "one text, compiled once per backend")]
#[path = "queries/bodies.rs"]
pub(in crate::db) mod queries;
mod reader;
mod runtime;
mod tls;
mod writer;

use std::sync::Arc;

use diesel_async::AsyncPgConnection;
use tokio::sync::oneshot;

use self::{
    connection::{Connector, Role},
    reader::Readers,
    runtime::Runtime,
    writer::Writer,
};
use super::{Error, Server, fence::Fence};

/// What every query body runs on.
pub(in crate::db) type Conn = AsyncPgConnection;

/// The dialect of [`Conn`].
pub(in crate::db) type Db = diesel::pg::Pg;

/// Asks for the version of the server.
const VERSION: &str = "SELECT current_setting('server_version') AS version";

/// A moment as microseconds since the Unix epoch, in SQL.
fn micros(column: &str) -> String {
    format!("CAST(extract(epoch FROM {column}) * 1000000 AS BIGINT)")
}

/// The connections to one database.
pub(in crate::db) struct Postgres {
    pub(in crate::db) writer: Writer,
    pub(in crate::db) readers: Readers,
    pub(in crate::db) keeper: nodes::Keeper,
}

impl Postgres {
    /// Connects the writer; readers connect when they are needed.
    ///
    /// # Errors
    /// The address is wrong, or the server cannot be reached.
    pub(in crate::db) async fn open(server: &Server, fence: Fence) -> Result<Self, Error> {
        let connector = Connector::new(server)?;
        let (made, is_made) = oneshot::channel();
        let (first, patience) = (connector.clone(), server.limits.statement * 2);
        let runtime = Runtime::start(move || async move {
            let opened = first.connect(Role::Writer).await;
            let (result, work) = match opened {
                Ok(conn) => {
                    let (writer, work) = Writer::new(first, conn, patience, fence);
                    (Ok(writer), Some(work))
                }
                Err(error) => (Err(error), None),
            };
            drop(made.send(result));
            if let Some(work) = work {
                work.run().await;
            }
        })?;
        let broke = |_| Error::Open("its thread broke off".to_owned());
        let writer = is_made.await.map_err(broke)??;
        let runtime = Arc::new(runtime);
        let readers = Readers::open(connector.clone(), runtime.clone(), server.limits)?;
        let keeper = nodes::Keeper::new(connector, runtime);
        Ok(Self { writer, readers, keeper })
    }
}
