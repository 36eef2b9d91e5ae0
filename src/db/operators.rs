//! Operators: who may use the dashboard, their sessions, and how often somebody guessed.

use std::time::Duration;

use aisha_actors::{domain::time::Timestamp, port::Result};

use super::{Database, request::Shape};

/// How long failures to sign in count.
pub const FAILURES_KEPT: Duration = Duration::from_secs(15 * 60);

/// What an operator may do. Each may do what those before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Helps people: blocks, messages, settles generations.
    Support,
    /// Moves credits too.
    Finance,
    /// Everything, operators included.
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Support, Self::Finance, Self::Owner];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Finance => "finance",
            Self::Owner => "owner",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The number of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperatorId(pub i64);

/// Somebody who may use the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    pub id: OperatorId,
    pub name: String,
    /// Whether a password can be used at all.
    pub has_password: bool,
    pub role: Role,
    /// A second factor is asked for.
    pub totp_salt: Option<Vec<u8>>,
    pub disabled: bool,
    pub created_at: Timestamp,
}

/// SHA-256 of what only the browser, or the link, has.
pub type TokenHash = [u8; 32];

/// Somebody's browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub token: TokenHash,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub proved_at: Timestamp,
    pub address: String,
    pub agent: String,
}

/// How far somebody's failures are from a lockout, and whether one more try may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It counts as a failure until [`Database::forgive_tries`].
    Granted,
    /// Nothing is looked at before so long.
    Wait(Duration),
}

/// Why an operator was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    #[error("there is no such operator")]
    Unknown,
    #[error("nobody else could manage operators then")]
    LastOwner,
}

/// What can be changed about an operator. All but a role end every session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorChange {
    /// A PHC string. Takes the second factor away when `lost`.
    Password {
        hash: String,
        lost: bool,
    },
    Role(Role),
    Disabled(bool),
    /// The salt of a new second factor, or none.
    Totp(Option<[u8; 16]>),
}

impl Database {
    /// Makes an operator. None: the name is taken.
    pub async fn create_operator(
        &self,
        name: &str,
        password: Option<String>,
        role: Role,
        at: Timestamp,
    ) -> Result<Option<OperatorId>> {
        let name = name.to_owned();
        on_writer!(self, Shape::Several, conn => queries::operators::create(conn, name, password, role, at).await)
    }

    /// All of them, by name.
    pub async fn operators(&self) -> Result<Vec<Operator>> {
        on_reader!(self, conn => queries::operators::all(conn).await)
    }

    pub async fn operator(&self, name: &str) -> Result<Option<Operator>> {
        let name = name.to_owned();
        on_reader!(self, conn => queries::operators::by_name(conn, name).await)
    }

    /// The PHC string of somebody who may sign in with a password.
    pub async fn password_of(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        on_reader!(self, conn => queries::operators::password_of(conn, name).await)
    }

    /// Changes an operator, unless nobody could manage operators after it.
    pub async fn change_operator(
        &self,
        id: OperatorId,
        change: OperatorChange,
    ) -> Result<std::result::Result<(), NotChanged>> {
        on_writer!(self, Shape::Several, conn => queries::operators::change(conn, id, change).await)
    }

    /// Whether the code of this span of time was not used before; it is from now on.
    pub async fn use_totp(&self, id: OperatorId, span: u64) -> Result<bool> {
        let span = i64::try_from(span).unwrap_or(i64::MAX);
        on_writer!(self, Shape::One, conn => queries::operators::use_totp(conn, id, span).await)
    }

    /// A new session, of somebody who just proved who they are.
    pub async fn begin_session(&self, operator: OperatorId, session: Session) -> Result<()> {
        on_writer!(self, Shape::Several, conn => queries::logins::begin(conn, operator, session).await)
    }

    /// The session of a token with its operator, who is not disabled. Whether it is too old is the
    /// caller's to say.
    pub async fn session(&self, token: TokenHash) -> Result<Option<(Session, Operator)>> {
        on_reader!(self, conn => queries::logins::session(conn, token).await)
    }

    /// An operator's sessions, newest first.
    pub async fn sessions_of(&self, operator: OperatorId) -> Result<Vec<Session>> {
        on_reader!(self, conn => queries::logins::sessions_of(conn, operator).await)
    }

    /// The session was used now.
    pub async fn touch_session(&self, token: TokenHash, at: Timestamp) -> Result<()> {
        on_writer!(self, Shape::One, conn => queries::logins::touch(conn, token, at).await)
    }

    /// Its operator proved once more who they are.
    pub async fn prove_session(&self, token: TokenHash, at: Timestamp) -> Result<()> {
        on_writer!(self, Shape::One, conn => queries::logins::prove(conn, token, at).await)
    }

    pub async fn end_session(&self, token: TokenHash) -> Result<()> {
        on_writer!(self, Shape::One, conn => queries::logins::end(conn, token).await)
    }

    /// Ends an operator's sessions, all or all but one. Returns how many.
    pub async fn end_sessions(
        &self,
        operator: OperatorId,
        but: Option<TokenHash>,
    ) -> Result<usize> {
        on_writer!(self, Shape::One, conn => queries::logins::end_all(conn, operator, but).await)
    }

    /// Takes a place for one try to sign in, before anything is verified: tries at once count each other.
    pub async fn begin_try(&self, account: &str, address: &str, at: Timestamp) -> Result<Try> {
        let (account, address) = (account.to_owned(), address.to_owned());
        on_writer!(self, Shape::Several, conn => queries::logins::begin_try(conn, account, address, at).await)
    }

    /// The try was right: what the account and the address failed before is forgotten.
    pub async fn forgive_tries(&self, account: &str, address: &str) -> Result<()> {
        let (account, address) = (account.to_owned(), address.to_owned());
        on_writer!(self, Shape::One, conn => queries::logins::forgive(conn, account, address).await)
    }

    /// A link that signs somebody in, once.
    pub async fn add_login_link(
        &self,
        token: TokenHash,
        operator: OperatorId,
        expires_at: Timestamp,
    ) -> Result<()> {
        on_writer!(self, Shape::Several, conn => queries::logins::add_link(conn, token, operator, expires_at).await)
    }

    /// Whom the link signs in; it is used up.
    pub async fn use_login_link(
        &self,
        token: TokenHash,
        at: Timestamp,
    ) -> Result<Option<OperatorId>> {
        on_writer!(self, Shape::Several, conn => queries::logins::use_link(conn, token, at).await)
    }

    /// Deletes sessions, links and failures that count for nothing any more.
    pub async fn sweep_logins(&self, sessions_before: Timestamp, at: Timestamp) -> Result<()> {
        on_writer!(self, Shape::Several, conn => queries::logins::sweep(conn, sessions_before, at).await)
    }
}
