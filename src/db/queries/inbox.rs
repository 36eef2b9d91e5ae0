//! The inbox.

use std::collections::BTreeSet;

use aisha_actors::{
    domain::{
        id::{Seq, UserId},
        outbox::Parcel,
        time::Timestamp,
    },
    port::{InHand, InboxItem, ItemFault, Source},
};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::{Conn, Db, generations, lanes::lane_is_of, outbox, pictures};
use crate::db::{
    DEATHS_MAX, FAILURES_MAX, Fault, Outcome,
    cached::Cached,
    row::{Id, InboxRow, Moment, readable, source_name},
    schema::inbox,
};

pub(in crate::db) async fn open_items(
    conn: &mut Conn,
    node: Option<Id>,
    after: Seq,
    limit: usize,
) -> Outcome<Vec<InboxItem>> {
    let mut rows = inbox::table
        .filter(inbox::is_open)
        .filter(inbox::seq.gt(after.0))
        .order(inbox::seq)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(InboxRow::as_select())
        .into_boxed::<Db>();
    if let Some(node) = node {
        rows = rows.filter(lane_is_of("inbox.user_id", node));
    }
    let rows: Vec<InboxRow> = rows.load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn open_items_from(
    conn: &mut Conn,
    node: Option<Id>,
    source: Source,
    limit: usize,
) -> Outcome<Vec<InboxItem>> {
    let mut rows = inbox::table
        .filter(inbox::is_open)
        .filter(inbox::source.eq(source_name(source)))
        .order(inbox::seq)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(InboxRow::as_select())
        .into_boxed::<Db>();
    if let Some(node) = node {
        rows = rows.filter(lane_is_of("inbox.user_id", node));
    }
    let rows: Vec<InboxRow> = rows.load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn fail(
    conn: &mut Conn,
    seq: Seq,
    reason: &str,
    at: Timestamp,
) -> Outcome<ItemFault> {
    let count = diesel::update(inbox::table.find(seq.0))
        .filter(inbox::is_open)
        .set((inbox::attempts.eq(inbox::attempts + 1), inbox::error.eq(reason)));
    let counted = Cached(count).execute(conn).await?;
    let (attempts, state): (i32, String) = inbox::table
        .find(seq.0)
        .select((inbox::attempts, inbox::state))
        .first(conn)
        .await
        .optional()?
        .ok_or(Fault::NotFound("there is no such inbox item"))?;
    if state == "quarantined" {
        return Ok(ItemFault::Quarantined);
    }
    if counted > 0 && attempts >= FAILURES_MAX {
        set_aside(conn, seq, at).await?;
        return Ok(ItemFault::Quarantined);
    }
    generations::fault_of(attempts.min(FAILURES_MAX - 1))
}

/// Sets an open item aside, and owes its sender a word about it.
async fn set_aside(conn: &mut Conn, seq: Seq, at: Timestamp) -> Outcome<()> {
    let update = diesel::update(inbox::table.find(seq.0))
        .filter(inbox::is_open)
        .set((inbox::state.eq("quarantined"), inbox::settled_at.eq(Moment::from(at))));
    if Cached(update).execute(conn).await? == 0 {
        return Ok(());
    }
    let (user, source): (i64, String) =
        inbox::table.find(seq.0).select((inbox::user_id, inbox::source)).first(conn).await?;
    if source == source_name(Source::Telegram) {
        outbox::owe(conn, UserId(user), Parcel::Apology, at).await?;
    }
    Ok(())
}

/// Counts the death of the process: for the one thing that was in hand, or else suspects them all.
pub(in crate::db) async fn count_deaths(
    conn: &mut Conn,
    taken: BTreeSet<InHand>,
    at: Timestamp,
) -> Outcome<()> {
    let mut open = Vec::new();
    for item in taken {
        let is_open = match item {
            InHand::Update(seq) => is_open(conn, seq).await?,
            InHand::Parcel(id) => outbox::is_open(conn, id).await?,
            InHand::Generation(id) => generations::is_open(conn, id).await?,
            InHand::Storage(id) => pictures::has_job(conn, id).await?,
        };
        if is_open {
            open.push(item);
        }
    }
    let was_alone = open.len() == 1;
    for item in open {
        match item {
            InHand::Update(seq) if was_alone => count_death(conn, seq, at).await?,
            InHand::Update(seq) => suspect(conn, seq).await?,
            InHand::Parcel(id) if was_alone => outbox::count_death(conn, id, at).await?,
            InHand::Parcel(id) => outbox::suspect(conn, id).await?,
            InHand::Generation(id) if was_alone => generations::count_death(conn, id, at).await?,
            InHand::Generation(id) => generations::suspect(conn, id, at).await?,
            InHand::Storage(id) if was_alone => pictures::count_death(conn, id, at).await?,
            InHand::Storage(id) => pictures::suspect(conn, id, at).await?,
        }
    }
    Ok(())
}

async fn is_open(conn: &mut Conn, seq: Seq) -> Outcome<bool> {
    let row = inbox::table.find(seq.0).filter(inbox::is_open);
    Ok(diesel::select(exists(row)).get_result(conn).await?)
}

async fn suspect(conn: &mut Conn, seq: Seq) -> Outcome<()> {
    let update = diesel::update(inbox::table.find(seq.0))
        .filter(inbox::attempts.eq(0))
        .set((inbox::attempts.eq(1), inbox::error.eq("the process died while this was in hand")));
    Cached(update).execute(conn).await?;
    Ok(())
}

async fn count_death(conn: &mut Conn, seq: Seq, at: Timestamp) -> Outcome<()> {
    suspect(conn, seq).await?;
    let count = diesel::update(inbox::table.find(seq.0)).filter(inbox::is_open).set((
        inbox::deaths.eq(inbox::deaths + 1),
        inbox::error.eq("the process died while working on it"),
    ));
    if Cached(count).execute(conn).await? == 0 {
        return Ok(());
    }
    let deaths: i32 = inbox::table.find(seq.0).select(inbox::deaths).get_result(conn).await?;
    if deaths >= DEATHS_MAX {
        set_aside(conn, seq, at).await?;
    }
    Ok(())
}
