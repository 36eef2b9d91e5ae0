//! Pictures as the operator's tools go through them.

use aisha_actors::domain::{
    id::PictureId,
    picture::{ObjectKey, Picture, PictureState},
};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    row::{Id, PictureRow, readable},
    schema::picture,
};

pub(in crate::db) async fn page(
    conn: &mut Conn,
    states: &'static [PictureState],
    after: Option<PictureId>,
    limit: usize,
) -> Outcome<Vec<Picture>> {
    let mut rows = picture::table
        .filter(picture::state.eq_any(states.iter().map(|state| state.name())))
        .order((picture::generation, picture::n))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(PictureRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        let generation = Id::from(after.generation);
        rows = rows.filter(
            picture::generation
                .gt(generation)
                .or(picture::generation.eq(generation).and(picture::n.gt(i32::from(after.n)))),
        );
    }
    Ok(readable(rows.load(conn).await?))
}

pub(in crate::db) async fn count(conn: &mut Conn, states: &'static [PictureState]) -> Outcome<u64> {
    let names = states.iter().map(|state| state.name());
    let rows = picture::table.filter(picture::state.eq_any(names));
    let count: i64 = rows.count().get_result(conn).await?;
    Ok(count.unsigned_abs())
}

pub(in crate::db) async fn is_object_named(
    conn: &mut Conn,
    key: ObjectKey,
    states: &'static [PictureState],
) -> Outcome<bool> {
    let names = states.iter().map(|state| state.name());
    let rows = picture::table
        .filter(picture::object_key.eq(key.key))
        .filter(picture::bucket.eq(key.bucket))
        .filter(picture::state.eq_any(names));
    Ok(diesel::select(exists(rows)).get_result(conn).await?)
}
