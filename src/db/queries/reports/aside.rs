//! What was set aside: to be looked at, replayed or thrown away.

use aisha_actors::domain::{
    id::{OutboxId, PictureId, Seq, UserId},
    time::Timestamp,
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Nullable, Text},
};
use diesel_async::RunQueryDsl;

use super::{super::generations, Conn};
use crate::db::{
    GIVEN_UP, Outcome,
    reports::{Aside, AsideId, AsideKind, Page},
    row::{Id, Moment, narrow},
    schema::{inbox, outbox, picture},
};

/// As the index has it: a bound value would not find the index.
pub(in crate::db) const JOB_IS_ASIDE: &str = "state IN ('fallback', 'trashed') \
    AND (attempts >= 3 OR deaths >= 5) AND attempts < 255";

/// The same with those that were given up.
const JOB_WAS_ASIDE: &str = "state IN ('fallback', 'trashed') AND (attempts >= 3 OR deaths >= 5)";

/// Why the job of a picture was set aside.
const LAST_FAILURE: &str = "(SELECT failure.reason FROM failure \
    WHERE failure.generation = picture.generation AND failure.n = picture.n \
    ORDER BY failure.seq DESC LIMIT 1)";

pub(in crate::db) async fn list(
    conn: &mut Conn,
    kind: AsideKind,
    page: Page,
) -> Outcome<Vec<Aside>> {
    match kind {
        AsideKind::Update => updates(conn, page).await,
        AsideKind::Parcel => parcels(conn, page).await,
        AsideKind::Storage => storage_jobs(conn, page).await,
    }
}

type Numbered = (i64, i64, String, Option<String>, i32, Moment);

fn aside((seq, user, what, error, attempts, at): Numbered, id: impl Fn(i64) -> AsideId) -> Aside {
    Aside { id: id(seq), user: UserId(user), what, error, attempts, at: at.into() }
}

async fn updates(conn: &mut Conn, page: Page) -> Outcome<Vec<Aside>> {
    let rows: Vec<Numbered> = inbox::table
        .filter(inbox::state.eq("quarantined"))
        .order(inbox::seq)
        .limit(page.limit())
        .offset(page.offset())
        .select((
            inbox::seq,
            inbox::user_id,
            inbox::payload,
            inbox::error,
            inbox::attempts,
            inbox::received_at,
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| aside(row, |seq| AsideId::Update(Seq(seq)))).collect())
}

async fn parcels(conn: &mut Conn, page: Page) -> Outcome<Vec<Aside>> {
    let rows: Vec<Numbered> = outbox::table
        .filter(outbox::state.eq("quarantined"))
        .order(outbox::seq)
        .limit(page.limit())
        .offset(page.offset())
        .select((
            outbox::seq,
            outbox::user_id,
            outbox::kind,
            outbox::error,
            outbox::attempts,
            outbox::created_at,
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| aside(row, |seq| AsideId::Parcel(OutboxId(seq)))).collect())
}

async fn storage_jobs(conn: &mut Conn, page: Page) -> Outcome<Vec<Aside>> {
    type Row =
        ((Id, i32, i64, String, Option<String>, Option<String>), (Option<String>, i32, Moment));
    let rows: Vec<Row> = picture::table
        .filter(sql::<Bool>(JOB_IS_ASIDE))
        .order((picture::created_at, picture::generation, picture::n))
        .limit(page.limit())
        .offset(page.offset())
        .select((
            (
                picture::generation,
                picture::n,
                picture::owner,
                picture::state,
                picture::bucket,
                picture::object_key,
            ),
            (sql::<Nullable<Text>>(LAST_FAILURE), picture::attempts, picture::created_at),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|((generation, n, owner, state, bucket, key), (error, attempts, at))| {
            let id = PictureId { generation: generation.into(), n: narrow(n, "n")? };
            let what = match (bucket, key) {
                (Some(bucket), Some(key)) => format!("{state}: {bucket}/{key}"),
                _ => state,
            };
            let (id, user) = (AsideId::Storage(id), UserId(owner));
            Ok(Aside { id, user, what, error, attempts, at: at.into() })
        })
        .collect()
}

pub(in crate::db) async fn replay(conn: &mut Conn, id: AsideId) -> Outcome<usize> {
    match id {
        AsideId::Update(Seq(seq)) => replay_update(conn, seq).await,
        AsideId::Parcel(OutboxId(seq)) => replay_parcel(conn, seq).await,
        AsideId::Storage(id) => replay_storage(conn, id).await,
    }
}

async fn replay_update(conn: &mut Conn, seq: i64) -> Outcome<usize> {
    let aside = inbox::table.filter(inbox::seq.eq(seq)).filter(inbox::state.eq("quarantined"));
    let columns =
        (inbox::source, inbox::update_id, inbox::user_id, inbox::payload, inbox::received_at);
    let row: Option<(String, i64, i64, String, Moment)> =
        aside.select(columns).first(conn).await.optional()?;
    let Some((source, update_id, user_id, payload, received_at)) = row else { return Ok(0) };
    diesel::delete(inbox::table.find(seq)).execute(conn).await?;
    let again = (
        inbox::source.eq(source),
        inbox::update_id.eq(update_id),
        inbox::user_id.eq(user_id),
        inbox::payload.eq(payload),
        inbox::received_at.eq(received_at),
    );
    Ok(diesel::insert_into(inbox::table).values(again).execute(conn).await?)
}

async fn replay_parcel(conn: &mut Conn, seq: i64) -> Outcome<usize> {
    type Row = (
        (i64, String, Option<Id>, Option<i32>),
        (Option<i64>, Option<String>, Option<i64>, Option<i64>, Moment),
    );
    let row: Option<Row> = outbox::table
        .filter(outbox::seq.eq(seq))
        .filter(outbox::state.eq("quarantined"))
        .select((
            (outbox::user_id, outbox::kind, outbox::generation, outbox::n),
            (outbox::amount, outbox::note, outbox::placed, outbox::broadcast, outbox::created_at),
        ))
        .first(conn)
        .await
        .optional()?;
    let Some(((user_id, kind, generation, n), (amount, note, placed, broadcast, created_at))) = row
    else {
        return Ok(0);
    };
    diesel::delete(outbox::table.find(seq)).execute(conn).await?;
    let again = (
        outbox::user_id.eq(user_id),
        outbox::kind.eq(kind),
        outbox::generation.eq(generation),
        outbox::n.eq(n),
        outbox::amount.eq(amount),
        outbox::note.eq(note),
        outbox::placed.eq(placed),
        outbox::broadcast.eq(broadcast),
        outbox::created_at.eq(created_at),
    );
    Ok(diesel::insert_into(outbox::table).values(again).execute(conn).await?)
}

async fn replay_storage(conn: &mut Conn, id: PictureId) -> Outcome<usize> {
    let rows = diesel::update(picture::table.find((Id::from(id.generation), i32::from(id.n))))
        .filter(sql::<Bool>(JOB_WAS_ASIDE))
        .set((picture::attempts.eq(0), picture::deaths.eq(0)))
        .execute(conn)
        .await?;
    Ok(rows)
}

pub(in crate::db) async fn discard(conn: &mut Conn, id: AsideId, at: Timestamp) -> Outcome<usize> {
    let rows = match id {
        AsideId::Update(Seq(seq)) => {
            diesel::update(inbox::table.find(seq))
                .filter(inbox::state.eq("quarantined"))
                .set((inbox::state.eq("done"), inbox::settled_at.eq(Moment::from(at))))
                .execute(conn)
                .await?
        }
        AsideId::Parcel(OutboxId(seq)) => discard_parcel(conn, seq, at).await?,
        AsideId::Storage(id) => {
            diesel::update(picture::table.find((Id::from(id.generation), i32::from(id.n))))
                .filter(sql::<Bool>(JOB_IS_ASIDE))
                .set(picture::attempts.eq(GIVEN_UP))
                .execute(conn)
                .await?
        }
    };
    Ok(rows)
}

/// A picture that is given up is in the gallery all the same, and owed no more: it may have been the last one
/// that its generation waited for.
async fn discard_parcel(conn: &mut Conn, seq: i64, at: Timestamp) -> Outcome<usize> {
    let discarded: Option<(i64, Option<Id>)> = diesel::update(outbox::table.find(seq))
        .filter(outbox::state.eq("quarantined"))
        .set((outbox::state.eq("dead"), outbox::settled_at.eq(Moment::from(at))))
        .returning((outbox::user_id, outbox::generation))
        .get_result(conn)
        .await
        .optional()?;
    if let Some((user, Some(id))) = discarded {
        generations::deliver_unless_owed(conn, UserId(user), id.into(), at).await?;
    }
    Ok(discarded.iter().len())
}
