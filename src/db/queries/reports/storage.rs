//! What lies in object storage, as the rows have it.

use aisha_actors::domain::{
    id::PictureId,
    picture::{Picture, PictureState},
    time::Timestamp,
};
use diesel::{
    QueryableByName,
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Integer, Text},
};
use diesel_async::RunQueryDsl;

use super::{Conn, Db};
use crate::db::{
    Outcome,
    cached::Cached,
    reports::{Backlog, Bounded, BucketCount, FEW, Spot, Unsettled},
    row::{Id, Moment, PictureRow},
    schema::{bucket_count, picture},
    types::{IdSql, MomentSql},
};

/// What the index of those that are not where they should be asks for.
const UNSETTLED: &str = "picture.state IN ('fallback', 'lost', 'trashed')";

/// Its order.
const ENDS: &str = "coalesce(picture.url_expires_at, picture.created_at)";

#[derive(Debug, QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    bucket: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    pictures: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn told(row: CountRow, at: Timestamp) -> Option<BucketCount> {
    Some(BucketCount {
        state: PictureState::parse(&row.state)?,
        bucket: (!row.bucket.is_empty()).then_some(row.bucket),
        pictures: row.pictures.unsigned_abs(),
        bytes: row.bytes.unsigned_abs(),
        at,
    })
}

/// Reads every row.
pub(in crate::db) async fn count(conn: &mut Conn, at: Timestamp) -> Outcome<Vec<BucketCount>> {
    let rows: Vec<CountRow> = Cached(sql_query(
        "SELECT coalesce(bucket, '') AS bucket, state, count(*) AS pictures, \
           CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes \
         FROM picture GROUP BY 1, 2",
    ))
    .load(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| told(row, at)).collect())
}

/// Puts the counts in the place of the last ones.
pub(in crate::db) async fn keep(conn: &mut Conn, counts: Vec<BucketCount>) -> Outcome<()> {
    diesel::delete(bucket_count::table).execute(conn).await?;
    for count in counts {
        let amount = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        diesel::insert_into(bucket_count::table)
            .values((
                bucket_count::bucket.eq(count.bucket.unwrap_or_default()),
                bucket_count::state.eq(count.state.name()),
                bucket_count::pictures.eq(amount(count.pictures)),
                bucket_count::bytes.eq(amount(count.bytes)),
                bucket_count::at.eq(Moment::from(count.at)),
            ))
            // Another node counted in the same moment.
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
    }
    Ok(())
}

pub(in crate::db) async fn counts(conn: &mut Conn) -> Outcome<Vec<BucketCount>> {
    let rows: Vec<(String, String, i64, i64, Moment)> = bucket_count::table
        .order((bucket_count::bucket, bucket_count::state))
        .select((
            bucket_count::bucket,
            bucket_count::state,
            bucket_count::pictures,
            bucket_count::bytes,
            bucket_count::at,
        ))
        .load(conn)
        .await?;
    let told = rows.into_iter().filter_map(|(bucket, state, pictures, bytes, at)| {
        told(CountRow { bucket, state, pictures, bytes }, at.into())
    });
    Ok(told.collect())
}

pub(in crate::db) async fn backlog(conn: &mut Conn) -> Outcome<Backlog> {
    let jobs: Vec<String> = picture::table
        .filter(picture::has_job)
        .limit(FEW)
        .select(picture::state)
        .load(conn)
        .await?;
    let of = |state: PictureState| {
        Bounded(jobs.iter().filter(|name| *name == state.name()).count() as u64)
    };
    let oldest: Option<Moment> = picture::table
        .filter(picture::has_job)
        .order((picture::attempts, picture::created_at, picture::generation, picture::n))
        .select(picture::created_at)
        .first(conn)
        .await
        .optional()?;
    let aside: Vec<Id> = picture::table
        .filter(sql::<Bool>(UNSETTLED))
        .filter(picture::state.ne("lost"))
        .filter(diesel::dsl::not(picture::has_job))
        .limit(FEW)
        .select(picture::generation)
        .load(conn)
        .await?;
    Ok(Backlog {
        backfills: of(PictureState::Fallback),
        deletions: of(PictureState::Trashed),
        aside: Bounded(aside.len() as u64),
        oldest: oldest.map(Timestamp::from),
    })
}

/// The statement of [`unsettled`]. A macro, because its type cannot be written down.
macro_rules! unsettled {
    ($state:expr, $after:expr, $limit:expr) => {{
        let mut rows = picture::table
            .filter(sql::<Bool>(UNSETTLED))
            .filter(picture::state.eq($state.name()))
            .order((sql::<MomentSql>(ENDS), picture::generation, picture::n))
            .limit(i64::try_from($limit).unwrap_or(i64::MAX))
            .select((PictureRow::as_select(), sql::<MomentSql>(ENDS)))
            .into_boxed::<Db>();
        if let Some(Spot { at, key }) = $after {
            rows = rows.filter(
                sql::<Bool>(&format!("({ENDS}, picture.generation, picture.n) > ("))
                    .bind::<MomentSql, _>(Moment::from(at))
                    .sql(", ")
                    .bind::<IdSql, _>(Id::from(key.generation))
                    .sql(", ")
                    .bind::<Integer, _>(i32::from(key.n))
                    .sql(")"),
            );
        }
        rows
    }};
}

pub(in crate::db) async fn unsettled(
    conn: &mut Conn,
    state: PictureState,
    after: Option<Spot<PictureId>>,
    limit: usize,
) -> Outcome<Vec<Unsettled>> {
    let rows: Vec<(PictureRow, Moment)> = unsettled!(state, after, limit).load(conn).await?;
    let told = rows.into_iter().filter_map(|(row, ends)| {
        let picture = Picture::try_from(row)
            .inspect_err(|error| tracing::error!(%error, "a row is left out"))
            .ok()?;
        let spot = Spot { at: ends.into(), key: picture.id };
        Some(Unsettled { picture, spot })
    });
    Ok(told.collect())
}

/// The text of the statement, for the tests that look at its plan.
#[cfg(test)]
pub(in crate::db) fn text(state: PictureState, after: Option<Spot<PictureId>>) -> String {
    diesel::debug_query::<Db, _>(&unsettled!(state, after, 50usize)).to_string()
}
