//! The outbox.

use aisha_actors::{
    domain::{
        generation::State,
        id::{GenerationId, MessageId, OutboxId, PictureId, UserId},
        outbox::{OutboxEntry, Parcel},
        time::Timestamp,
    },
    port::ItemFault,
};
use diesel::{
    dsl::{exists, sql},
    prelude::*,
    sql_types::{Bool, Integer},
};
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
    row::{Id, Moment, NewParcel, OUTCOME, OutboxRow, PICTURE, narrow, readable},
    schema::{generation, outbox, picture},
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

/// Opens all again that a generation is to bring to its person, unless it is open.
pub(in crate::db) async fn owe_again(
    conn: &mut Conn,
    id: GenerationId,
    at: Timestamp,
) -> Outcome<usize> {
    let made: Option<(i64, String)> = generation::table
        .find(Id::from(id))
        .select((generation::user_id, generation::state))
        .get_result(conn)
        .await
        .optional()?;
    let Some((user, state)) = made else { return Ok(0) };
    let listed: Vec<i32> = picture::table
        .filter(picture::generation.eq(Id::from(id)))
        .filter(picture::listed)
        .order(picture::n)
        .select(picture::n)
        .load(conn)
        .await?;
    let mut wanted = Vec::with_capacity(listed.len());
    for n in listed {
        wanted.push((
            PICTURE,
            Some(n),
            Parcel::Picture(PictureId { generation: id, n: narrow(n, "n")? }),
        ));
    }
    let ended = [State::Failed, State::Cancelled, State::Expired];
    if wanted.is_empty() && ended.into_iter().any(|ended| ended.name() == state) {
        wanted.push((OUTCOME, None, Parcel::Outcome(id)));
    }
    let mut owed = 0;
    for (kind, n, parcel) in wanted {
        let same = outbox::table
            .filter(outbox::generation.eq(Id::from(id)))
            .filter(outbox::kind.eq(kind))
            .filter(
                // As the index has it.
                sql::<Bool>("coalesce(outbox.n, 0) = ").bind::<Integer, _>(n.unwrap_or_default()),
            )
            .select((outbox::seq, outbox::state, outbox::placed));
        let old: Option<(i64, String, Option<i64>)> = same.get_result(conn).await.optional()?;
        let placed = match old {
            Some((_, state, _)) if state == "open" => continue,
            Some((seq, _, placed)) => {
                diesel::delete(outbox::table.find(seq)).execute(conn).await?;
                placed
            }
            None => None,
        };
        let row = NewParcel::new(UserId(user), parcel, at);
        let made = diesel::insert_into(outbox::table).values((row, outbox::placed.eq(placed)));
        made.execute(conn).await?;
        owed += 1;
    }
    Ok(owed)
}
