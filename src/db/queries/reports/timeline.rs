//! What the rows of one generation know the time of.

use aisha_actors::domain::{
    id::GenerationId,
    ledger::{Credits, EntryKind},
    picture::Picture,
    time::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{super::generations, Conn, generations as reported};
use crate::db::{
    Outcome,
    reports::{Facts, Sending, What},
    row::{Id, Moment, PictureRow},
    schema::{entry, generation, outbox, picture},
};

pub(in crate::db) async fn facts(conn: &mut Conn, id: GenerationId) -> Outcome<Option<Facts>> {
    let Some(made) = generations::one(conn, id).await? else { return Ok(None) };
    type Moves = (Option<Moment>, Option<Moment>, Option<Moment>, Option<Moment>);
    let (queued_at, resulted_at, captured_at, cancel_asked_at): Moves = generation::table
        .find(Id::from(id))
        .select((
            generation::queued_at,
            generation::resulted_at,
            generation::captured_at,
            generation::cancel_asked_at,
        ))
        .get_result(conn)
        .await?;
    let moment = |at: Option<Moment>| at.map(Timestamp::from);
    Ok(Some(Facts {
        generation: made,
        queued_at: moment(queued_at),
        resulted_at: moment(resulted_at),
        captured_at: moment(captured_at),
        cancel_asked_at: moment(cancel_asked_at),
        pictures: pictures(conn, id).await?,
        entries: entries(conn, id).await?,
        failures: reported::failures(conn, id).await?,
        sendings: sendings(conn, id).await?,
    }))
}

async fn pictures(conn: &mut Conn, id: GenerationId) -> Outcome<Vec<(Picture, Option<Timestamp>)>> {
    let rows: Vec<(PictureRow, Option<Moment>)> = picture::table
        .filter(picture::generation.eq(Id::from(id)))
        .order(picture::n)
        .select((PictureRow::as_select(), picture::settled_at))
        .load(conn)
        .await?;
    let readable = rows.into_iter().filter_map(|(row, at)| {
        let read = Picture::try_from(row)
            .inspect_err(|error| tracing::error!(%error, "a row is left out"));
        Some((read.ok()?, at.map(Timestamp::from)))
    });
    Ok(readable.collect())
}

async fn entries(conn: &mut Conn, id: GenerationId) -> Outcome<Vec<(What, Timestamp)>> {
    let rows: Vec<(String, i64, String, String, Moment)> = entry::table
        .filter(entry::generation.eq(Id::from(id)))
        .order(entry::seq)
        .select((entry::kind, entry::amount, entry::reason, entry::actor, entry::at))
        .load(conn)
        .await?;
    let told = rows.into_iter().filter_map(|(kind, amount, reason, by, at)| {
        let kind = EntryKind::parse(&kind)?;
        Some((What::Booked { kind, amount: Credits(amount), reason, by }, at.into()))
    });
    Ok(told.collect())
}

async fn sendings(conn: &mut Conn, id: GenerationId) -> Outcome<Vec<Sending>> {
    type Row = (i64, String, Option<i32>, String, Option<String>, Moment, Option<Moment>);
    let rows: Vec<Row> = outbox::table
        .filter(outbox::generation.eq(Id::from(id)))
        .order(outbox::seq)
        .select((
            outbox::seq,
            outbox::kind,
            outbox::n,
            outbox::state,
            outbox::error,
            outbox::created_at,
            outbox::settled_at,
        ))
        .load(conn)
        .await?;
    let told = rows.into_iter().map(|(seq, kind, n, state, error, created_at, settled_at)| {
        let (created_at, settled_at) = (created_at.into(), settled_at.map(Timestamp::from));
        Sending { seq, kind, n, state, error, created_at, settled_at }
    });
    Ok(told.collect())
}
