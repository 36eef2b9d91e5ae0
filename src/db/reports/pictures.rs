//! Pictures as the operator's tools go through them.

use aisha_actors::{
    domain::{
        id::PictureId,
        picture::{ObjectKey, Picture, PictureState},
    },
    port::Result,
};

use crate::db::Database;

impl Database {
    /// Pictures in these states in the order of their ids, from the one after `after` on. A page that
    /// is empty is the end.
    pub async fn pictures_after(
        &self,
        states: &'static [PictureState],
        after: Option<PictureId>,
        limit: usize,
    ) -> Result<Vec<Picture>> {
        on_reader!(self, conn =>
            queries::reports::pictures::page(conn, states, after, limit).await)
    }

    /// How many pictures are in one of these states. Reads them all.
    pub async fn count_pictures(&self, states: &'static [PictureState]) -> Result<u64> {
        on_reader!(self, conn => queries::reports::pictures::count(conn, states).await)
    }

    /// Whether a picture in one of these states has its bytes there. Reads all pictures.
    pub async fn is_object_named(
        &self,
        key: &ObjectKey,
        states: &'static [PictureState],
    ) -> Result<bool> {
        let key = key.clone();
        on_reader!(self, conn =>
            queries::reports::pictures::is_object_named(conn, key, states).await)
    }
}
