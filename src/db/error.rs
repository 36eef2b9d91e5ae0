//! What goes wrong, and what of it means that a later try may work.

use aisha_actors::port::{self, Kind};
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::row::Corrupt;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database cannot be opened: {0}")]
    Open(String),
    #[error("the database: {0}")]
    Query(#[from] Diesel),
    #[error("the database's file: {0}")]
    File(#[from] std::io::Error),
    #[error("a migration failed: {0}")]
    Migration(String),
    /// The schema is of a newer binary.
    #[error("the schema has version {0}, which this binary does not know: use a newer one")]
    Newer(String),
    /// Versions of this binary are not in the database.
    #[error("the schema lacks version {0}: run `aisha migrate up`")]
    Behind(String),
    #[error("the schema never had version {0}")]
    UnknownVersion(String),
    /// The address cannot be used.
    #[error("DATABASE_URL: {0}")]
    Address(String),
    /// Another node has taken this one over.
    #[error("this node's term is over")]
    Fenced,
    /// Another `serve` runs on this database.
    #[error("another `aisha serve` runs on this database, or in this DATA_DIR")]
    Served,
    #[error("the database: {0}")]
    Server(String),
    /// A copy is not whole, or not right.
    #[error("the copy is damaged: {0}")]
    Copy(String),
    /// A copy of another kind of database than this binary, or this target, reads.
    #[error("the copy is of another kind of database: {0}")]
    Backend(String),
    /// Rows would be replaced by such of another schema, and nobody took the old schema away.
    #[error(
        "the database has another schema than the copy: take it away first, with all that is in \
        it, by `aisha migrate down --to 0`"
    )]
    OtherSchema,
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(match error.as_db_error() {
            Some(said) => said.message().to_owned(),
            None => error.to_string(),
        })
    }
}

impl Error {
    pub(super) fn migration(error: impl std::fmt::Display) -> Self {
        Self::Migration(error.to_string())
    }
}

/// How every refusal of a trigger begins.
const REFUSED: &str = "refused: ";

/// How the schema refuses a transaction of a node whose term is over.
const FENCED: &str = "fenced: ";

/// How SQLite refuses a value that does not fit its column.
const MISTYPED: &str = "cannot store ";

/// How PostgreSQL names the one character that no text of it can hold, in every language.
const NUL: &str = "\"UTF8\": 0x00";

/// Why a query body stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Query(#[from] Diesel),
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    #[error("it cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    NotFound(&'static str),
}

impl Fault {
    /// Whether the database failed, rather than refused a value.
    pub(super) fn is_of_server(&self) -> bool {
        matches!(self, Self::Query(error) if !is_refusal(error) && is_of_server(error))
    }

    /// Whether the node that asked was taken over.
    pub(super) fn is_fenced(&self) -> bool {
        matches!(self, Self::Query(Diesel::DatabaseError(_, said)) if said.message().starts_with(FENCED))
    }

    /// Whether the connection is gone.
    pub(super) fn is_disconnected(&self) -> bool {
        let Self::Query(error) = self else { return false };
        matches!(
            error,
            Diesel::BrokenTransactionManager
                | Diesel::DatabaseError(
                    DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
                    _
                )
        )
    }
}

/// Whether a constraint or a trigger of the schema refused a statement, and nothing else happened.
pub(super) fn is_refusal(error: &Diesel) -> bool {
    let Diesel::DatabaseError(kind, information) = error else { return false };
    matches!(
        kind,
        DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::CheckViolation
            | DatabaseErrorKind::NotNullViolation
    ) || [REFUSED, MISTYPED].iter().any(|begin| information.message().starts_with(begin))
        || information.message().contains(NUL)
}

fn is_of_server(error: &Diesel) -> bool {
    matches!(
        error,
        Diesel::DatabaseError(..) | Diesel::BrokenTransactionManager | Diesel::RollbackTransaction
    )
}

impl From<Fault> for port::Error {
    fn from(fault: Fault) -> Self {
        let kind = match &fault {
            Fault::NotFound(_) => Kind::NotFound,
            Fault::Corrupt(_) | Fault::Json(_) => Kind::Permanent,
            Fault::Query(error) => kind_of(error),
        };
        Self::new(kind, fault)
    }
}

fn kind_of(error: &Diesel) -> Kind {
    match error {
        Diesel::NotFound => Kind::NotFound,
        Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Kind::Conflict,
        error if is_refusal(error) => Kind::Permanent,
        // Busy, locked, the disk full, a failing disk: nothing of it was stored, see the writer.
        error if is_of_server(error) => Kind::Transient,
        _ => Kind::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(kind: DatabaseErrorKind, message: &str) -> Fault {
        Fault::Query(Diesel::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn a_busy_or_full_database_may_work_later() {
        for message in ["database is locked", "database or disk is full", "disk I/O error"] {
            let fault = database(DatabaseErrorKind::Unknown, message);
            assert!(fault.is_of_server(), "{message}");
            assert_eq!(port::Error::from(fault).kind, Kind::Transient, "{message}");
        }
    }

    #[test]
    fn a_refusal_of_the_schema_ends_only_its_statement() {
        for (kind, message) in [
            (DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed"),
            (DatabaseErrorKind::CheckViolation, "CHECK constraint failed"),
            (DatabaseErrorKind::Unknown, "refused: the ledger is append-only"),
        ] {
            let fault = database(kind, message);
            assert!(!fault.is_of_server(), "{message}");
            assert_ne!(port::Error::from(fault).kind, Kind::Transient, "{message}");
        }
    }
}
