//! What was set aside: to be looked at, replayed or thrown away.

use aisha_actors::{
    domain::{
        id::{PictureId, UserId},
        time::Timestamp,
    },
    port::{self, Kind, Result},
};

use super::Page;
use crate::db::{Database, request::Shape};

/// What kind of thing was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsideKind {
    /// An update in the inbox.
    Update,
    /// An entry of the outbox.
    Parcel,
}

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub kind: AsideKind,
    /// Its number in the inbox or outbox.
    pub seq: i64,
    pub user: UserId,
    /// The update in its sender's words, or the kind of the parcel. Not redacted.
    pub what: String,
    pub error: Option<String>,
    pub attempts: i32,
    pub at: Timestamp,
}

impl Database {
    /// What was set aside, oldest first.
    pub async fn list_aside(&self, kind: AsideKind, page: Page) -> Result<Vec<Aside>> {
        on_reader!(self, conn => queries::reports::aside::list(conn, kind, page).await)
    }

    /// Opens a row that was set aside again, with a clean count and a new number, so that a running
    /// `serve` finds it among what came in last.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn replay(&self, kind: AsideKind, seq: i64) -> Result<()> {
        let rows = on_writer!(self, Shape::Several, conn => queries::reports::aside::replay(conn, kind, seq).await)?;
        found(rows)
    }

    /// Gives a row up that was set aside: an update counts as done, a parcel as not delivered.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn discard(&self, kind: AsideKind, seq: i64) -> Result<()> {
        let at = self.clock.now();
        let rows = on_writer!(self, Shape::One, conn => queries::reports::aside::discard(conn, kind, seq, at).await)?;
        found(rows)
    }

    /// Opens the storage job of a picture again that was set aside.
    ///
    /// # Errors
    /// `NotFound`: there is no such picture.
    pub async fn replay_storage(&self, id: PictureId) -> Result<()> {
        let rows = on_writer!(self, Shape::One, conn => queries::reports::aside::replay_storage(conn, id).await)?;
        found(rows)
    }
}

fn found(rows: usize) -> Result<()> {
    match rows {
        0 => Err(port::Error::new(Kind::NotFound, "it is not set aside")),
        _ => Ok(()),
    }
}
