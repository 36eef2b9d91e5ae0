//! What was set aside: to be looked at, replayed or thrown away.

use aisha_actors::{
    domain::{
        id::{PictureId, UserId},
        time::Timestamp,
    },
    port::{self, Kind, Result},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures::FutureExt;

use super::Page;
use crate::db::{
    Conn, Database, Outcome,
    row::Id,
    schema::{inbox, outbox, picture},
    writer::Shape,
};

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
        self.readers.read(move |conn| list(conn, kind, page).boxed()).await
    }

    /// Opens a row that was set aside again, with a clean count and a new number, so that a running
    /// `serve` finds it among what came in last.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn replay(&self, kind: AsideKind, seq: i64) -> Result<()> {
        let rows =
            self.writer.write(Shape::Several, move |conn| replay(conn, kind, seq).boxed()).await?;
        found(rows)
    }

    /// Gives a row up that was set aside: an update counts as done, a parcel as not delivered.
    ///
    /// # Errors
    /// `NotFound`: it is not set aside.
    pub async fn discard(&self, kind: AsideKind, seq: i64) -> Result<()> {
        let at = self.clock.now();
        let rows = self
            .writer
            .write(Shape::Whole, move |conn| discard(conn, kind, seq, at).boxed())
            .await?;
        found(rows)
    }

    /// Opens the storage job of a picture again that was set aside.
    ///
    /// # Errors
    /// `NotFound`: there is no such picture.
    pub async fn replay_storage(&self, id: PictureId) -> Result<()> {
        let rows =
            self.writer.write(Shape::Whole, move |conn| replay_storage(conn, id).boxed()).await?;
        found(rows)
    }
}

fn found(rows: usize) -> Result<()> {
    match rows {
        0 => Err(port::Error::new(Kind::NotFound, "it is not set aside")),
        _ => Ok(()),
    }
}

async fn list(conn: &mut Conn, kind: AsideKind, page: Page) -> Outcome<Vec<Aside>> {
    type Row = (i64, i64, String, Option<String>, i32, i64);
    let rows: Vec<Row> = match kind {
        AsideKind::Update => {
            inbox::table
                .filter(inbox::state.eq("quarantined"))
                .order(inbox::seq)
                .limit(page.limit())
                .offset(page.offset())
                .select((
                    inbox::seq,
                    inbox::user_id,
                    inbox::payload,
                    inbox::error,
                    inbox::attempts,
                    inbox::received_at,
                ))
                .load(conn)
                .await?
        }
        AsideKind::Parcel => {
            outbox::table
                .filter(outbox::state.eq("quarantined"))
                .order(outbox::seq)
                .limit(page.limit())
                .offset(page.offset())
                .select((
                    outbox::seq,
                    outbox::user_id,
                    outbox::kind,
                    outbox::error,
                    outbox::attempts,
                    outbox::created_at,
                ))
                .load(conn)
                .await?
        }
    };
    Ok(rows
        .into_iter()
        .map(|(seq, user, what, error, attempts, at)| Aside {
            kind,
            seq,
            user: UserId(user),
            what,
            error,
            attempts,
            at: Timestamp(at),
        })
        .collect())
}

async fn replay(conn: &mut Conn, kind: AsideKind, seq: i64) -> Outcome<usize> {
    match kind {
        AsideKind::Update => replay_update(conn, seq).await,
        AsideKind::Parcel => replay_parcel(conn, seq).await,
    }
}

async fn replay_update(conn: &mut Conn, seq: i64) -> Outcome<usize> {
    let aside = inbox::table.filter(inbox::seq.eq(seq)).filter(inbox::state.eq("quarantined"));
    let columns =
        (inbox::source, inbox::update_id, inbox::user_id, inbox::payload, inbox::received_at);
    let row: Option<(String, i64, i64, String, i64)> =
        aside.select(columns).first(conn).await.optional()?;
    let Some((source, update_id, user_id, payload, received_at)) = row else { return Ok(0) };
    diesel::delete(inbox::table.find(seq)).execute(conn).await?;
    let again = (
        inbox::source.eq(source),
        inbox::update_id.eq(update_id),
        inbox::user_id.eq(user_id),
        inbox::payload.eq(payload),
        inbox::received_at.eq(received_at),
    );
    Ok(diesel::insert_into(inbox::table).values(again).execute(conn).await?)
}

async fn replay_parcel(conn: &mut Conn, seq: i64) -> Outcome<usize> {
    type Row =
        ((i64, String, Option<Id>, Option<i32>), (Option<i64>, Option<String>, Option<i64>, i64));
    let row: Option<Row> = outbox::table
        .filter(outbox::seq.eq(seq))
        .filter(outbox::state.eq("quarantined"))
        .select((
            (outbox::user_id, outbox::kind, outbox::generation, outbox::n),
            (outbox::amount, outbox::note, outbox::placed, outbox::created_at),
        ))
        .first(conn)
        .await
        .optional()?;
    let Some(((user_id, kind, generation, n), (amount, note, placed, created_at))) = row else {
        return Ok(0);
    };
    diesel::delete(outbox::table.find(seq)).execute(conn).await?;
    let again = (
        outbox::user_id.eq(user_id),
        outbox::kind.eq(kind),
        outbox::generation.eq(generation),
        outbox::n.eq(n),
        outbox::amount.eq(amount),
        outbox::note.eq(note),
        outbox::placed.eq(placed),
        outbox::created_at.eq(created_at),
    );
    Ok(diesel::insert_into(outbox::table).values(again).execute(conn).await?)
}

async fn discard(conn: &mut Conn, kind: AsideKind, seq: i64, at: Timestamp) -> Outcome<usize> {
    let rows = match kind {
        AsideKind::Update => {
            diesel::update(inbox::table.find(seq))
                .filter(inbox::state.eq("quarantined"))
                .set((inbox::state.eq("done"), inbox::settled_at.eq(at.0)))
                .execute(conn)
                .await?
        }
        AsideKind::Parcel => {
            diesel::update(outbox::table.find(seq))
                .filter(outbox::state.eq("quarantined"))
                .set((outbox::state.eq("dead"), outbox::settled_at.eq(at.0)))
                .execute(conn)
                .await?
        }
    };
    Ok(rows)
}

async fn replay_storage(conn: &mut Conn, id: PictureId) -> Outcome<usize> {
    let key = (Id::from(id.generation), i32::from(id.n));
    let rows = diesel::update(picture::table.find(key))
        .set((picture::attempts.eq(0), picture::deaths.eq(0)))
        .execute(conn)
        .await?;
    Ok(rows)
}
