//! Connections to the server.

use std::{str::FromStr, time::Duration};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::{Client, Config, Connection, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Conn, tls};
use crate::db::{Error, Limits, Server};

/// What was sent and is not acknowledged for so long: the server's machine is gone.
const UNHEARD_MAX: Duration = Duration::from_secs(15);

/// After so long without traffic the server's machine is asked whether it is still there.
const QUIET_MAX: Duration = Duration::from_secs(30);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Role {
    /// Writes, bounded by the limits.
    Writer,
    /// Reads only, bounded by the limits.
    Reader,
    /// Keeps the node's lease: knows soon that it cannot.
    Keeper,
    /// Changes the schema, or holds a lock: takes the time it takes.
    Patient,
}

/// Reads the address.
///
/// # Errors
/// [`Error::Address`]. It never says what stands in the URL.
pub(in crate::db) fn read(server: &Server) -> Result<(Config, tls::Wanted), Error> {
    let wrong = || Error::Address("it looks like postgres://user:password@host/name".to_owned());
    let mut url = url::Url::parse(&server.url).map_err(|_| wrong())?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let said = |name: &str| {
        pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    };
    let tls = tls::Wanted::read(said("sslmode"), said("sslrootcert"))?;
    // The rest is tokio-postgres's; it knows less of TLS than we do.
    url.query_pairs_mut()
        .clear()
        .extend_pairs(pairs.iter().filter(|(key, _)| !key.starts_with("ssl")));
    let mut config = Config::from_str(url.as_str()).map_err(|_| {
        // A password with an unquoted '?' would stand in the error as an option.
        Error::Address(
            "it has an option that PostgreSQL does not know, or one that is wrong".to_owned(),
        )
    })?;
    config
        .ssl_mode(tls.mode)
        .application_name("aisha")
        .connect_timeout(server.limits.connect)
        .tcp_user_timeout(UNHEARD_MAX)
        .keepalives_idle(QUIET_MAX);
    Ok((config, tls))
}

/// What is read from and written to.
type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Makes connections.
#[derive(Clone)]
pub(in crate::db) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    limits: Limits,
}

impl Connector {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`Error::Address`]
    pub(in crate::db) fn new(server: &Server) -> Result<Self, Error> {
        let (config, tls) = read(server)?;
        Ok(Self { config, tls: tls.connector()?, limits: server.limits })
    }

    /// Connects within the limits' patience.
    ///
    /// # Errors
    /// [`Error::Open`], without a secret.
    pub(super) async fn connect(&self, role: Role) -> Result<Conn, Error> {
        let connecting = async {
            let (client, connection) = self.dial().await?;
            let mut conn = AsyncPgConnection::try_from_client_and_connection(client, connection)
                .await
                .map_err(|error| Error::Open(error.to_string()))?;
            conn.batch_execute(&self.bounds(role)).await?;
            Ok(conn)
        };
        self.in_time(connecting).await
    }

    /// The same without diesel, for what it does not know. The connection ends with the client.
    ///
    /// # Errors
    /// [`Error::Open`], without a secret.
    pub(in crate::db) async fn client(&self, role: Role) -> Result<Client, Error> {
        let connecting = async {
            let (client, connection) = self.dial().await?;
            tokio::spawn(connection);
            client.batch_execute(&self.bounds(role)).await?;
            Ok(client)
        };
        self.in_time(connecting).await
    }

    async fn dial(&self) -> Result<(Client, Connection<Socket, Stream>), Error> {
        self.config.connect(self.tls.clone()).await.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            Error::Open(match cause {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            })
        })
    }

    async fn in_time<T>(
        &self,
        connecting: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match tokio::time::timeout(self.limits.connect * 2, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(Error::Open("the server does not answer".to_owned())),
        }
    }

    /// What every session begins with.
    fn bounds(&self, role: Role) -> String {
        let Limits { statement, lock, idle_in_transaction, .. } = self.limits;
        match role {
            // Short of the lease's patience.
            Role::Keeper => format!(
                "SET statement_timeout = 6000; SET lock_timeout = 6000; \
                 SET idle_in_transaction_session_timeout = {}",
                idle_in_transaction.as_millis(),
            ),
            Role::Patient => "SET statement_timeout = 0; SET lock_timeout = 0".to_owned(),
            Role::Writer | Role::Reader => format!(
                "SET statement_timeout = {}; SET lock_timeout = {}; \
                 SET idle_in_transaction_session_timeout = {}; \
                 SET default_transaction_read_only = {}",
                statement.as_millis(),
                lock.as_millis(),
                idle_in_transaction.as_millis(),
                if role == Role::Reader { "on" } else { "off" },
            ),
        }
    }
}
