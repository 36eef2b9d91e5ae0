//! The connections that only read.

use std::{sync::Arc, time::Duration};

use aisha_actors::port;
use diesel::ConnectionError;
use diesel_async::{
    SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Hook, HookError, Object, Pool},
    },
};
use futures::{FutureExt, future::BoxFuture};

use super::{
    Conn,
    connection::{Connector, Role},
    runtime::Runtime,
};
use crate::db::{Error, Limits, Outcome};

/// A connection that rested for longer is asked whether it still works before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// A few read-only connections, made when they are needed. A read sees all that was committed before it
/// began.
#[derive(Clone)]
pub(in crate::db) struct Readers {
    pool: Pool<Conn>,
    connector: Connector,
    runtime: Arc<Runtime>,
    limits: Limits,
}

impl Readers {
    pub(super) fn open(
        connector: Connector,
        runtime: Arc<Runtime>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let made = connector.clone();
        let mut config = ManagerConfig::<Conn>::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| {
            let connector = connector.clone();
            async move {
                connector
                    .connect(Role::Reader)
                    .await
                    .map_err(|error| ConnectionError::BadConnection(error.to_string()))
            }
            .boxed()
        });
        // The connector knows the address.
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
        let check = Hook::async_fn(|conn: &mut Conn, metrics| {
            let rested = metrics.last_used() > RESTED;
            async move {
                if rested && conn.batch_execute("").await.is_err() {
                    return Err(HookError::message("the connection broke while it rested"));
                }
                Ok(())
            }
            .boxed()
        });
        let pool = Pool::builder(manager)
            .max_size(limits.connections)
            .pre_recycle(check)
            .build()
            .map_err(|error| Error::Open(error.to_string()))?;
        Ok(Self { pool, connector: made, runtime, limits })
    }

    /// Runs a body beside its caller: one hop for all of its statements. A caller that gives up leaves the
    /// body to finish; the connection comes back in any case, or is closed.
    pub(in crate::db) async fn read<F, R>(&self, body: F) -> port::Result<R>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        let readers = self.clone();
        let read = self.runtime.spawn(async move { readers.run(body).await });
        read.await.map_err(|error| port::Error::new(port::Kind::Permanent, error))?
    }

    /// The same on a connection of its own, for what takes the time it takes.
    pub(in crate::db) async fn read_patiently<F, R>(&self, body: F) -> port::Result<R>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        let connector = self.connector.clone();
        let read = self.runtime.spawn(async move {
            let connected = connector.connect(Role::Patient).await;
            let mut conn = connected.map_err(port::Error::transient)?;
            body(&mut conn).await.map_err(port::Error::from)
        });
        read.await.map_err(|error| port::Error::new(port::Kind::Permanent, error))?
    }

    async fn run<F, R>(self, body: F) -> port::Result<R>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome<R>> + Send + 'static,
        R: Send + 'static,
    {
        let Limits { connect, statement, .. } = self.limits;
        let place = tokio::time::timeout(connect, self.pool.get());
        let mut conn = match place.await {
            Ok(Ok(conn)) => conn,
            Ok(Err(error)) => return Err(port::Error::transient(error)),
            Err(_) => return Err(port::Error::transient("no connection is free to read with")),
        };
        // The server ends a slow statement by itself, if it still can.
        match tokio::time::timeout(statement * 2, body(&mut conn)).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(fault)) => {
                if fault.is_of_server() {
                    drop(Object::take(conn));
                }
                Err(fault.into())
            }
            Err(_) => {
                drop(Object::take(conn));
                Err(port::Error::transient("the database does not answer"))
            }
        }
    }
}
