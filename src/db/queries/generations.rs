//! Generations.

use aisha_actors::{
    domain::{
        change::{Progress, Refusal},
        fair::Waiting,
        generation::{Generation, State},
        id::{GenerationId, MessageId, UserId},
        time::Timestamp,
    },
    port::{InLine, ItemFault},
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Db,
    commit::{Shows, Step, guard},
    lanes::lane_is_of,
    part,
};
use crate::db::{
    DEATHS_MAX, FAILURES_MAX, Fault, Outcome,
    cached::Cached,
    row::{GenerationChange, GenerationRow, Id, Moment, PICTURE, narrow, readable},
    schema::{failure, generation, outbox},
};

/// Nobody is told that more are before them.
const LINE_MAX: i64 = 10_000;

pub(in crate::db) async fn add(conn: &mut Conn, user: UserId, added: Generation) -> Step {
    if added.user != user {
        return Err(Refusal::Moved.into());
    }
    let rows = diesel::insert_into(generation::table)
        .values(GenerationRow::from(added))
        .on_conflict(generation::id)
        .do_nothing()
        .execute(conn)
        .await?;
    if rows == 0 { Err(Refusal::Exists.into()) } else { Ok(Shows::Same) }
}

pub(in crate::db) async fn advance(
    conn: &mut Conn,
    user: UserId,
    id: GenerationId,
    (from, to): (State, State),
    (with, now): (Progress, Timestamp),
) -> Step {
    if !from.may_become(to) {
        return Err(Refusal::Moved.into());
    }
    let update = diesel::update(generation::table.find(Id::from(id)))
        .filter(generation::user_id.eq(user.0))
        .filter(generation::state.eq(from.name()))
        .set(GenerationChange::new(from, to, with, now));
    guard(Cached(update).execute(conn).await?)?;
    Ok(Shows::Same)
}

/// Takes a place at the provider: refused while so many others have one, on whichever node. Two nodes never
/// count at once: one that is not let in tries again.
pub(in crate::db) async fn take_place(conn: &mut Conn, id: GenerationId, places: u32) -> Step {
    if !part::count_alone(conn).await? {
        return Err(Refusal::Full.into());
    }
    let names = State::ALL.into_iter().filter(|state| state.is_at_provider()).map(State::name);
    let taken: i64 = generation::table
        .filter(generation::is_live)
        .filter(generation::state.eq_any(names.collect::<Vec<_>>()))
        .filter(generation::id.ne(Id::from(id)))
        .count()
        .get_result(conn)
        .await?;
    if taken >= i64::from(places) { Err(Refusal::Full.into()) } else { Ok(Shows::Same) }
}

pub(in crate::db) async fn set_message(
    conn: &mut Conn,
    user: UserId,
    id: GenerationId,
    message: MessageId,
) -> Step {
    let update = diesel::update(generation::table.find(Id::from(id)))
        .filter(generation::user_id.eq(user.0))
        .set(generation::message.eq(message.0));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

/// `captured → delivered` once no picture of it is owed any more. One that was set aside is owed.
pub(in crate::db) async fn deliver(
    conn: &mut Conn,
    user: UserId,
    id: GenerationId,
    at: Timestamp,
) -> Step {
    deliver_unless_owed(conn, user, id, at).await?;
    Ok(Shows::Same)
}

/// The same outside of a commit: pictures were given up.
pub(in crate::db) async fn deliver_unless_owed(
    conn: &mut Conn,
    user: UserId,
    id: GenerationId,
    at: Timestamp,
) -> QueryResult<usize> {
    let owed = outbox::table
        .filter(outbox::generation.eq(Id::from(id)))
        .filter(outbox::kind.eq(PICTURE))
        .filter(outbox::state.eq("open").or(outbox::state.eq("quarantined")));
    let update = diesel::update(generation::table.find(Id::from(id)))
        .filter(generation::user_id.eq(user.0))
        .filter(generation::state.eq(State::Captured.name()))
        .filter(not(exists(owed)))
        .set((
            generation::state.eq(State::Delivered.name()),
            generation::finished_at.eq(Moment::from(at)),
        ));
    Cached(update).execute(conn).await
}

pub(in crate::db) async fn one(conn: &mut Conn, id: GenerationId) -> Outcome<Option<Generation>> {
    let row: Option<GenerationRow> = generation::table
        .find(Id::from(id))
        .select(GenerationRow::as_select())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Generation::try_from).transpose()?)
}

pub(in crate::db) async fn live(conn: &mut Conn, node: Option<Id>) -> Outcome<Vec<Generation>> {
    let mut rows = generation::table
        .filter(generation::is_live)
        .order((generation::created_at, generation::id))
        .select(GenerationRow::as_select())
        .into_boxed::<Db>();
    if let Some(node) = node {
        rows = rows.filter(lane_is_of("generation.user_id", node));
    }
    let rows: Vec<GenerationRow> = rows.load(conn).await?;
    Ok(readable(rows))
}

/// All that wait for a place at the provider or have one, on whichever node.
pub(in crate::db) async fn line(conn: &mut Conn) -> Outcome<Vec<InLine>> {
    let at_provider = State::ALL.into_iter().filter(|state| state.is_at_provider());
    let names = at_provider.chain([State::Reserved]).map(State::name);
    let rows: Vec<(Id, i64, Moment, String)> = generation::table
        .filter(generation::is_live)
        .filter(generation::state.eq_any(names.collect::<Vec<_>>()))
        .order((generation::created_at, generation::id))
        .limit(LINE_MAX)
        .select((generation::id, generation::user_id, generation::created_at, generation::state))
        .load(conn)
        .await?;
    let rows = rows.into_iter().map(|(id, user, at, state)| InLine {
        generation: Waiting { id: id.into(), user: UserId(user), created_at: at.into() },
        has_place: state != State::Reserved.name(),
    });
    Ok(rows.collect())
}

pub(in crate::db) async fn open_of(conn: &mut Conn, user: UserId) -> Outcome<Vec<Generation>> {
    let rows: Vec<GenerationRow> = generation::table
        .filter(generation::user_id.eq(user.0))
        .filter(generation::is_open)
        .order((generation::created_at, generation::id))
        .select(GenerationRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
}

/// Counts a failure and writes it into the log of the generation.
pub(in crate::db) async fn fail(
    conn: &mut Conn,
    id: GenerationId,
    reason: &str,
    at: Timestamp,
) -> Outcome<ItemFault> {
    let count = diesel::update(generation::table.find(Id::from(id)))
        .filter(generation::attempts.lt(i32::from(u8::MAX)))
        .set(generation::attempts.eq(generation::attempts + 1));
    Cached(count).execute(conn).await?;
    let attempts: i32 = generation::table
        .find(Id::from(id))
        .select(generation::attempts)
        .get_result(conn)
        .await
        .optional()?
        .ok_or(Fault::NotFound("there is no such generation"))?;
    log(conn, id, None, reason, at).await?;
    fault_of(attempts)
}

/// What so many failures mean.
pub(in crate::db) fn fault_of(attempts: i32) -> Outcome<ItemFault> {
    if attempts >= FAILURES_MAX {
        return Ok(ItemFault::Quarantined);
    }
    Ok(ItemFault::Retry { attempts: narrow(attempts, "attempts")? })
}

/// Writes a failure of ours into the log. `n`: of the work on that picture.
pub(in crate::db) async fn log(
    conn: &mut Conn,
    id: GenerationId,
    n: Option<u8>,
    reason: &str,
    at: Timestamp,
) -> Outcome<()> {
    diesel::insert_into(failure::table)
        .values((
            failure::generation.eq(Id::from(id)),
            failure::n.eq(n.map(i32::from)),
            failure::reason.eq(reason),
            failure::at.eq(Moment::from(at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn is_open(conn: &mut Conn, id: GenerationId) -> Outcome<bool> {
    let row = generation::table.find(Id::from(id)).filter(generation::is_open);
    Ok(diesel::select(exists(row)).get_result(conn).await?)
}

/// Notes that an open generation was among others in hand when the process died.
pub(in crate::db) async fn suspect(
    conn: &mut Conn,
    id: GenerationId,
    at: Timestamp,
) -> Outcome<()> {
    let update = diesel::update(generation::table.find(Id::from(id)))
        .filter(generation::attempts.eq(0))
        .set(generation::attempts.eq(1));
    if Cached(update).execute(conn).await? > 0 {
        log(conn, id, None, "the process died while this was in hand", at).await?;
    }
    Ok(())
}

/// Counts the death of the process for the open generation that was in hand alone. After so many the
/// tracker sets it aside, as after so many failures.
pub(in crate::db) async fn count_death(
    conn: &mut Conn,
    id: GenerationId,
    at: Timestamp,
) -> Outcome<()> {
    suspect(conn, id, at).await?;
    let row = generation::table.find(Id::from(id)).filter(generation::is_open);
    let count = diesel::update(row).set(generation::deaths.eq(generation::deaths + 1));
    if Cached(count).execute(conn).await? == 0 {
        return Ok(());
    }
    log(conn, id, None, "the process died while working on it", at).await?;
    let condemn = diesel::update(row)
        .filter(generation::deaths.ge(DEATHS_MAX))
        .set(generation::attempts.eq(FAILURES_MAX));
    Cached(condemn).execute(conn).await?;
    Ok(())
}
