//! The lock of the one `serve`.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel_async::SimpleAsyncConnection;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

use super::{
    Conn,
    connection::{Connector, Role},
    locks,
    runtime::Runtime,
};
use crate::db::Error;

/// How long the server may take to notice that the last holder has gone.
const LET_GO: Duration = Duration::from_secs(2);

/// Between two looks at the lock.
const LOOK: Duration = Duration::from_secs(2);

/// Holds the lock on a connection of its own. When the server drops the connection, the lock is taken
/// again; should another `serve` have it by then, this one writes nothing more.
pub(in crate::db) struct Session {
    _dropped: oneshot::Sender<()>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// # Errors
    /// [`Error::Served`]: somebody else has the lock.
    pub(super) async fn take(
        connector: Connector,
        runtime: &Runtime,
        usurped: Arc<AtomicBool>,
    ) -> Result<Self, Error> {
        let taking = {
            let connector = connector.clone();
            runtime.spawn(async move { lock(&connector, LET_GO).await })
        };
        let conn = taking.await.map_err(|error| Error::Open(error.to_string()))??;
        let (_dropped, dropped) = oneshot::channel();
        runtime.spawn(async move {
            tokio::select! {
                _ = dropped => {}
                () = hold(connector, conn, &usurped) => {}
            }
        });
        Ok(Self { _dropped })
    }
}

async fn lock(connector: &Connector, patience: Duration) -> Result<Conn, Error> {
    let mut conn = connector.connect(Role::Patient).await?;
    let until = Instant::now() + patience;
    while !locks::take(&mut conn, locks::SERVE).await? {
        if Instant::now() >= until {
            return Err(Error::Served);
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(conn)
}

/// Looks after the lock for as long as it is polled.
async fn hold(connector: Connector, mut conn: Conn, usurped: &AtomicBool) {
    loop {
        sleep(LOOK).await;
        if matches!(timeout(LOOK, conn.batch_execute("")).await, Ok(Ok(()))) {
            continue;
        }
        match lock(&connector, LET_GO).await {
            Ok(again) => {
                conn = again;
                usurped.store(false, Ordering::Relaxed);
            }
            Err(Error::Served) => {
                tracing::error!("another `aisha serve` has the database: nothing more is written");
                usurped.store(true, Ordering::Relaxed);
            }
            Err(error) => tracing::debug!(%error, "the lock cannot be taken again yet"),
        }
    }
}
