//! The outbox.

use aisha_actors::{
    domain::{
        id::{MessageId, OutboxId, UserId},
        outbox::{OutboxEntry, Parcel},
        time::Timestamp,
    },
    port::ItemFault,
};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Db,
    commit::{Shows, Step},
    generations,
    lanes::lane_is_of,
};
use crate::db::{
    DEATHS_MAX, FAILURES_MAX, Fault, Outcome,
    cached::Cached,
    row::{Id, Moment, NewParcel, OutboxRow, readable},
    schema::outbox,
};

pub(in crate::db) async fn enqueue(
    conn: &mut Conn,
    user: UserId,
    parcel: Parcel,
    at: Timestamp,
) -> Step {
    owe(conn, user, parcel, at).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn owe(
    conn: &mut Conn,
    user: UserId,
    parcel: Parcel,
    at: Timestamp,
) -> QueryResult<()> {
    let row = NewParcel::new(user, parcel, at);
    diesel::insert_into(outbox::table).values(row).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn place(
    conn: &mut Conn,
    user: UserId,
    id: OutboxId,
    message: MessageId,
) -> Step {
    let update = diesel::update(outbox::table.find(id.0))
        .filter(outbox::user_id.eq(user.0))
        .filter(outbox::is_open)
        .set(outbox::placed.eq(message.0));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn settle(
    conn: &mut Conn,
    user: UserId,
    id: OutboxId,
    delivered: bool,
    at: Timestamp,
) -> Step {
    let state = if delivered { "done" } else { "dead" };
    let update = diesel::update(outbox::table.find(id.0))
        .filter(outbox::user_id.eq(user.0))
        .filter(outbox::is_open)
        .set((outbox::state.eq(state), outbox::settled_at.eq(Moment::from(at))));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn open_entries(
    conn: &mut Conn,
    node: Option<Id>,
    after: OutboxId,
    limit: usize,
) -> Outcome<Vec<OutboxEntry>> {
    let mut rows = outbox::table
        .filter(outbox::is_open)
        .filter(outbox::seq.gt(after.0))
        .order(outbox::seq)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(OutboxRow::as_select())
        .into_boxed::<Db>();
    if let Some(node) = node {
        rows = rows.filter(lane_is_of("outbox.user_id", node));
    }
    let rows: Vec<OutboxRow> = rows.load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn fail(
    conn: &mut Conn,
    id: OutboxId,
    reason: &str,
    at: Timestamp,
) -> Outcome<ItemFault> {
    let count = diesel::update(outbox::table.find(id.0))
        .filter(outbox::is_open)
        .set((outbox::attempts.eq(outbox::attempts + 1), outbox::error.eq(reason)));
    Cached(count).execute(conn).await?;
    let (attempts, state): (i32, String) = outbox::table
        .find(id.0)
        .select((outbox::attempts, outbox::state))
        .first(conn)
        .await
        .optional()?
        .ok_or(Fault::NotFound("there is no such outbox entry"))?;
    if state == "quarantined" {
        return Ok(ItemFault::Quarantined);
    }
    if state == "open" && attempts >= FAILURES_MAX {
        set_aside(conn, id, at).await?;
        return Ok(ItemFault::Quarantined);
    }
    generations::fault_of(attempts.min(FAILURES_MAX - 1))
}

async fn set_aside(conn: &mut Conn, id: OutboxId, at: Timestamp) -> QueryResult<()> {
    let update = diesel::update(outbox::table.find(id.0))
        .filter(outbox::is_open)
        .set((outbox::state.eq("quarantined"), outbox::settled_at.eq(Moment::from(at))));
    Cached(update).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn is_open(conn: &mut Conn, id: OutboxId) -> Outcome<bool> {
    let row = outbox::table.find(id.0).filter(outbox::is_open);
    Ok(diesel::select(exists(row)).get_result(conn).await?)
}

/// Notes that an open entry was among others in hand when the process died.
pub(in crate::db) async fn suspect(conn: &mut Conn, id: OutboxId) -> Outcome<()> {
    let update = diesel::update(outbox::table.find(id.0))
        .filter(outbox::attempts.eq(0))
        .set((outbox::attempts.eq(1), outbox::error.eq("the process died while this was in hand")));
    Cached(update).execute(conn).await?;
    Ok(())
}

/// Counts the death of the process for the open entry that was in hand alone.
pub(in crate::db) async fn count_death(
    conn: &mut Conn,
    id: OutboxId,
    at: Timestamp,
) -> Outcome<()> {
    suspect(conn, id).await?;
    let count = diesel::update(outbox::table.find(id.0)).filter(outbox::is_open).set((
        outbox::deaths.eq(outbox::deaths + 1),
        outbox::error.eq("the process died while sending it"),
    ));
    if Cached(count).execute(conn).await? == 0 {
        return Ok(());
    }
    let deaths: i32 = outbox::table.find(id.0).select(outbox::deaths).get_result(conn).await?;
    if deaths >= DEATHS_MAX {
        set_aside(conn, id, at).await?;
    }
    Ok(())
}
