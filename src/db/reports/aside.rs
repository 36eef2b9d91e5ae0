//! What was set aside: to be looked at, replayed or thrown away.

use aisha_actors::{
    domain::{
        id::{OutboxId, PictureId, Seq, UserId},
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
    /// The storage job of a picture: to be copied to storage, or deleted there.
    Storage,
}

/// Names one thing that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AsideId {
    Update(Seq),
    Parcel(OutboxId),
    Storage(PictureId),
}

impl AsideId {
    pub const fn kind(self) -> AsideKind {
        match self {
            Self::Update(_) => AsideKind::Update,
            Self::Parcel(_) => AsideKind::Parcel,
            Self::Storage(_) => AsideKind::Storage,
        }
    }
}

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub id: AsideId,
    pub user: UserId,
    /// The update in its sender's words, the kind of the parcel, or the state of the picture and its
    /// object. Not redacted: show `telemetry::excerpt` of it.
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

    /// Opens a row that was set aside again, with a clean count; an update or an entry under a new number,
    /// so that a running `serve` finds it among what came in last. A storage job that was given up can be
    /// opened again too.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn replay(&self, id: AsideId) -> Result<()> {
        let rows = on_writer!(self, Shape::Several, conn => queries::reports::aside::replay(conn, id).await)?;
        found(rows)
    }

    /// Gives a row up that was set aside: an update counts as done, a parcel as not delivered. A picture
    /// whose storage job is given up stays as it is: shown from the provider while its URL lives, or, if
    /// it was to be deleted, still in storage.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn discard(&self, id: AsideId) -> Result<()> {
        let at = self.clock.now();
        let rows = on_writer!(self, Shape::One, conn => queries::reports::aside::discard(conn, id, at).await)?;
        found(rows)
    }
}

fn found(rows: usize) -> Result<()> {
    match rows {
        0 => Err(port::Error::new(Kind::NotFound, "it is not set aside")),
        _ => Ok(()),
    }
}
