//! Pictures in storage, and the check of the books.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{Ctx, routes::Reply},
    Refusal, answer, rfc, schema,
};

/// Pictures of one state in one bucket, as counted last.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Bucket {
    /// Null: they have no object.
    bucket: Option<String>,
    #[schema(schema_with = schema::picture_state)]
    state: String,
    pictures: u64,
    bytes: u64,
    #[schema(schema_with = schema::moment)]
    counted_at: String,
}

/// What lies in storage, and what the writer still has to do (counted up to 1001).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Storage {
    buckets: Vec<Bucket>,
    backfills: u64,
    deletions: u64,
    aside: u64,
    /// When the generation of the oldest was made.
    oldest: Option<String>,
}

/// Storage.
#[utoipa::path(get, path = "/admin/api/storage", tag = "storage", responses(
    (status = 200, body = Storage),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn now(ctx: Ctx) -> Reply {
    let counts = ctx.desk.database.bucket_counts().await?;
    let backlog = ctx.desk.database.backlog().await?;
    let buckets = counts.into_iter().map(|count| Bucket {
        bucket: count.bucket,
        state: count.state.name().to_owned(),
        pictures: count.pictures,
        bytes: count.bytes,
        counted_at: rfc(count.at),
    });
    Ok(answer(&Storage {
        buckets: buckets.collect(),
        backfills: backlog.backfills.0,
        deletions: backlog.deletions.0,
        aside: backlog.aside.0,
        oldest: backlog.oldest.map(rfc),
    }))
}
