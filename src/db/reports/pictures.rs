//! Pictures as the operator's tools go through them.

use aisha_actors::{
    domain::{
        id::PictureId,
        picture::{ObjectKey, Picture, PictureState},
    },
    port::Result,
};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;
use futures::FutureExt;

use crate::db::{
    Conn, Database, Outcome,
    row::{Id, PictureRow, readable},
    schema::picture,
};

impl Database {
    /// Pictures in these states in the order of their ids, from the one after `after` on. A page that
    /// is empty is the end.
    pub async fn pictures_after(
        &self,
        states: &'static [PictureState],
        after: Option<PictureId>,
        limit: usize,
    ) -> Result<Vec<Picture>> {
        self.readers.read(move |conn| page(conn, states, after, limit).boxed()).await
    }

    /// How many pictures are in one of these states. Reads them all.
    pub async fn count_pictures(&self, states: &'static [PictureState]) -> Result<u64> {
        self.readers
            .read(move |conn| {
                async move {
                    let names = states.iter().map(|state| state.name());
                    let rows = picture::table.filter(picture::state.eq_any(names));
                    let count: i64 = rows.count().get_result(conn).await?;
                    Ok(count.unsigned_abs())
                }
                .boxed()
            })
            .await
    }

    /// Whether a picture in one of these states has its bytes there. Reads all pictures.
    pub async fn is_object_named(
        &self,
        key: &ObjectKey,
        states: &'static [PictureState],
    ) -> Result<bool> {
        let key = key.clone();
        self.readers
            .read(move |conn| {
                async move {
                    let names = states.iter().map(|state| state.name());
                    let rows = picture::table
                        .filter(picture::object_key.eq(key.key))
                        .filter(picture::bucket.eq(key.bucket))
                        .filter(picture::state.eq_any(names));
                    Ok(diesel::select(exists(rows)).get_result(conn).await?)
                }
                .boxed()
            })
            .await
    }
}

async fn page(
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
