//! Entries as a file for a spreadsheet, sent while they are read.

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Bytes,
};
use aisha_actors::port;
use futures::{StreamExt, stream};

use super::{
    super::super::{Ctx, Error, routes::Reply},
    filter::Wanted,
};
use crate::db::{
    Database,
    reports::{EntryFilter, Spot},
};

/// What is still to be read.
struct Rest {
    database: Database,
    filter: EntryFilter,
    /// None: nothing.
    after: Option<Spot<i64>>,
}

impl Rest {
    async fn next(mut self) -> Option<(port::Result<Bytes>, Self)> {
        let after = self.after.take()?;
        match self.database.entries_csv(self.filter.clone(), Some(after)).await {
            Ok((text, next)) => {
                self.after = next;
                Some((Ok(Bytes::from(text)), self))
            }
            // The browser sees that the file ends in the middle.
            Err(error) => {
                tracing::warn!(%error, "a file of entries was cut off");
                Some((Err(error), self))
            }
        }
    }
}

/// A part is read when the one before it was taken; the first one before anything is answered.
pub(super) async fn csv(ctx: Ctx) -> Reply {
    let filter = Wanted::read(&ctx).filter().map_err(Error::Refused)?;
    let database = ctx.desk.database.clone();
    let (first, after) = database.entries_csv(filter.clone(), None).await?;
    tracing::info!(operator = ctx.name(), "entries are downloaded");
    let rest = stream::unfold(Rest { database, filter, after }, Rest::next);
    let parts = stream::iter([Ok(Bytes::from(first))]).chain(rest);
    let parts = parts.map(|part| part.map_err(actix_web::error::ErrorServiceUnavailable));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"entries.csv\""))
        .streaming(parts))
}
