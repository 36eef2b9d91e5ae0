//! Which database, and how patient we are with it.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Error, postgres::connection};

/// Which database to use.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL server.
    Server(Server),
}

/// A database on a PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// `postgres://user:password@host:port/database?sslmode=…`. Never shown.
    pub url: String,
    /// Where the notes of what is in hand are kept.
    pub folder: PathBuf,
    pub limits: Limits,
}

/// Bounds of a server's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that read.
    pub connections: usize,
    /// Patience with a new connection, and with a place among those that read.
    pub connect: Duration,
    /// The server ends a statement that takes longer.
    pub statement: Duration,
    /// The server ends a wait for a lock that takes longer.
    pub lock: Duration,
    /// The server ends a transaction that is left alone for so long.
    pub idle_in_transaction: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8,
            connect: Duration::from_secs(5),
            statement: Duration::from_secs(10),
            lock: Duration::from_secs(5),
            idle_in_transaction: Duration::from_secs(5),
        }
    }
}

impl Server {
    /// Whether the address can be used; connects to nothing.
    ///
    /// # Errors
    /// What is wrong with it, without what stands in it.
    pub fn check(&self) -> Result<(), String> {
        connection::read(self).map(drop).map_err(|error| match error {
            Error::Address(what) => what,
            error => error.to_string(),
        })
    }

    /// The password in the address.
    pub fn password(&self) -> Option<String> {
        let (config, _) = connection::read(self).ok()?;
        config.get_password().map(|password| String::from_utf8_lossy(password).into_owned())
    }
}

impl Target {
    /// The file that the one `serve` locks.
    pub(super) fn lock(&self) -> PathBuf {
        match self {
            Self::File(path) => beside(path, "lock"),
            Self::Server(server) => server.folder.join("aisha.lock"),
        }
    }

    /// The file that holds the notes of what is in hand.
    pub(super) fn notes(&self) -> PathBuf {
        match self {
            Self::File(path) => beside(path, "hand"),
            Self::Server(server) => server.folder.join("aisha.hand"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "SQLite, {}", path.display()),
            Self::Server(server) => write!(f, "PostgreSQL, {}", shown(&server.url)),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.url))
    }
}

/// Host, port and database of a URL: nothing that opens anything.
fn shown(url: &str) -> String {
    let Ok(url) = url::Url::parse(url) else { return "an address that cannot be read".to_owned() };
    let host = url.host_str().filter(|host| !host.is_empty()).unwrap_or("local");
    format!("{host}:{}{}", url.port().unwrap_or(5432), url.path())
}

/// The file `{path}.{what}`.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_opens_it() {
        let server = Server {
            url: "postgres://CANARY-user:CANARY-word@db.example:6432/aisha?password=CANARY"
                .to_owned(),
            folder: PathBuf::from("data"),
            limits: Limits::default(),
        };
        let target = Target::Server(server.clone());
        assert_eq!(target.to_string(), "PostgreSQL, db.example:6432/aisha");
        assert!(!format!("{server:?} {target:?}").contains("CANARY"));
        let mut odd = server;
        odd.url = "postgres://CANARY@[".to_owned();
        assert!(!format!("{odd:?}").contains("CANARY"));
    }
}
