//! Pictures and their storage jobs.

use aisha_actors::{
    domain::{
        change::Refusal,
        id::{GenerationId, PictureId, UserId},
        picture::{Content, ObjectKey, Picture, PictureState},
        time::Timestamp,
    },
    port::ItemFault,
};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Db,
    commit::{Shows, Step, guard},
    generations,
    lanes::lane_is_of,
};
use crate::db::{
    Fault, Outcome,
    cached::Cached,
    row::{ContentChange, Id, Moment, PictureRow, readable},
    schema::picture,
};

fn key(id: PictureId) -> (Id, i32) {
    (id.generation.into(), id.n.into())
}

pub(in crate::db) async fn add(conn: &mut Conn, user: UserId, added: Vec<Picture>) -> Step {
    for row in added {
        if row.owner != user {
            return Err(Refusal::Moved.into());
        }
        diesel::insert_into(picture::table)
            .values(PictureRow::from(row))
            .on_conflict((picture::generation, picture::n))
            .do_nothing()
            .execute(conn)
            .await?;
    }
    Ok(Shows::Same)
}

pub(in crate::db) async fn settle(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
    (from, to): (&[PictureState], PictureState),
    (object, content): (Option<ObjectKey>, Option<Content>),
    now: Timestamp,
) -> Step {
    let found: Option<(String, bool)> = picture::table
        .find(key(id))
        .filter(picture::owner.eq(user.0))
        .select((picture::state, picture::listed))
        .get_result(conn)
        .await
        .optional()?;
    let Some((state, listed)) = found else { return Err(Refusal::Moved.into()) };
    if !from.iter().any(|from| from.name() == state) {
        return Err(Refusal::Moved.into());
    }
    let stays = listed && to.is_safe();
    let update =
        diesel::update(picture::table.find(key(id))).filter(picture::state.eq(state)).set((
            picture::state.eq(to.name()),
            picture::listed.eq(stays),
            picture::attempts.eq(0),
            picture::deaths.eq(0),
            picture::settled_at.eq(Moment::from(now)),
            ContentChange::new(object, content),
        ));
    guard(Cached(update).execute(conn).await?)?;
    Ok(if listed && !stays { Shows::Other } else { Shows::Same })
}

pub(in crate::db) async fn list(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
    listed_at: Timestamp,
) -> Step {
    let update = diesel::update(picture::table.find(key(id)))
        .filter(picture::owner.eq(user.0))
        .filter(picture::listed.eq(false))
        .filter(
            picture::state
                .eq(PictureState::Stored.name())
                .or(picture::state.eq(PictureState::Fallback.name())),
        )
        .set((picture::listed.eq(true), picture::listed_at.eq(Moment::from(listed_at))));
    if Cached(update).execute(conn).await? > 0 {
        return Ok(Shows::Other);
    }
    if is_listed(conn, user, id).await? { Ok(Shows::Same) } else { Err(Refusal::Moved.into()) }
}

async fn is_listed(conn: &mut Conn, user: UserId, id: PictureId) -> QueryResult<bool> {
    let found: i64 = picture::table
        .find(key(id))
        .filter(picture::owner.eq(user.0))
        .filter(picture::listed)
        .count()
        .get_result(conn)
        .await?;
    Ok(found > 0)
}

pub(in crate::db) async fn set_favourite(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
    favourite: bool,
) -> Step {
    let update = diesel::update(picture::table.find(key(id)))
        .filter(picture::owner.eq(user.0))
        .filter(picture::listed)
        .filter(picture::favourite.ne(favourite))
        .set(picture::favourite.eq(favourite));
    if Cached(update).execute(conn).await? > 0 {
        return Ok(Shows::Other);
    }
    if is_listed(conn, user, id).await? { Ok(Shows::Same) } else { Err(Refusal::Moved.into()) }
}

/// The place stays in the row, so that an old button can still ask for the neighbours.
pub(in crate::db) async fn trash(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
    now: Timestamp,
) -> Step {
    let update = diesel::update(picture::table.find(key(id)))
        .filter(picture::owner.eq(user.0))
        .filter(picture::listed)
        .set((
            picture::state.eq(PictureState::Trashed.name()),
            picture::listed.eq(false),
            picture::attempts.eq(0),
            picture::deaths.eq(0),
            picture::settled_at.eq(Moment::from(now)),
        ));
    guard(Cached(update).execute(conn).await?)?;
    Ok(Shows::Other)
}

pub(in crate::db) async fn set_file_id(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
    file_id: String,
) -> Step {
    let update = diesel::update(picture::table.find(key(id)))
        .filter(picture::owner.eq(user.0))
        .set(picture::file_id.eq(file_id));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn set_source(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
    url: String,
    expires_at: Option<Timestamp>,
) -> Step {
    let update =
        diesel::update(picture::table.find(key(id))).filter(picture::owner.eq(user.0)).set((
            picture::url.eq(url),
            picture::url_expires_at.eq(expires_at.map(Moment::from)),
            picture::file_id.eq(None::<String>),
        ));
    Cached(update).execute(conn).await?;
    // Its card is drawn from other bytes now.
    Ok(Shows::Other)
}

pub(in crate::db) async fn one(conn: &mut Conn, id: PictureId) -> Outcome<Option<Picture>> {
    let row: Option<PictureRow> = picture::table
        .find(key(id))
        .select(PictureRow::as_select())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Picture::try_from).transpose()?)
}

pub(in crate::db) async fn of_generation(
    conn: &mut Conn,
    id: GenerationId,
) -> Outcome<Vec<Picture>> {
    let rows: Vec<PictureRow> = picture::table
        .filter(picture::generation.eq(Id::from(id)))
        .order(picture::n)
        .select(PictureRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
}

/// Fewest failures first, then the oldest.
pub(in crate::db) async fn jobs(
    conn: &mut Conn,
    node: Option<Id>,
    limit: usize,
) -> Outcome<Vec<Picture>> {
    let mut rows = picture::table
        .filter(picture::has_job)
        .order((picture::attempts, picture::created_at, picture::generation, picture::n))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(PictureRow::as_select())
        .into_boxed::<Db>();
    if let Some(node) = node {
        rows = rows.filter(lane_is_of("picture.owner", node));
    }
    let rows: Vec<PictureRow> = rows.load(conn).await?;
    Ok(readable(rows))
}

/// Counts a failed storage job; the third sets the job aside and leaves the picture as it is.
pub(in crate::db) async fn fail_job(
    conn: &mut Conn,
    id: PictureId,
    reason: &str,
    at: Timestamp,
) -> Outcome<ItemFault> {
    let count = diesel::update(picture::table.find(key(id)))
        .filter(picture::has_job)
        .set(picture::attempts.eq(picture::attempts + 1));
    let counted = Cached(count).execute(conn).await?;
    let attempts: i32 = picture::table
        .find(key(id))
        .select(picture::attempts)
        .get_result(conn)
        .await
        .optional()?
        .ok_or(Fault::NotFound("there is no such picture"))?;
    if counted > 0 {
        generations::log(conn, id.generation, Some(id.n), reason, at).await?;
    }
    generations::fault_of(attempts)
}

pub(in crate::db) async fn has_job(conn: &mut Conn, id: PictureId) -> Outcome<bool> {
    let row = picture::table.find(key(id)).filter(picture::has_job);
    Ok(diesel::select(exists(row)).get_result(conn).await?)
}

/// Notes that a storage job was among others in hand when the process died.
pub(in crate::db) async fn suspect(conn: &mut Conn, id: PictureId, at: Timestamp) -> Outcome<()> {
    let update = diesel::update(picture::table.find(key(id)))
        .filter(picture::attempts.eq(0))
        .set(picture::attempts.eq(1));
    if Cached(update).execute(conn).await? > 0 {
        let reason = "the process died while this was in hand";
        generations::log(conn, id.generation, Some(id.n), reason, at).await?;
    }
    Ok(())
}

/// Counts the death of the process for the storage job that was in hand alone. `has_job` ends with so
/// many.
pub(in crate::db) async fn count_death(
    conn: &mut Conn,
    id: PictureId,
    at: Timestamp,
) -> Outcome<()> {
    suspect(conn, id, at).await?;
    let count = diesel::update(picture::table.find(key(id)))
        .filter(picture::has_job)
        .set(picture::deaths.eq(picture::deaths + 1));
    if Cached(count).execute(conn).await? > 0 {
        let reason = "the process died while storing it";
        generations::log(conn, id.generation, Some(id.n), reason, at).await?;
    }
    Ok(())
}
