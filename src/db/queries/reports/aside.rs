//! What was set aside: to be looked at, replayed or thrown away.

use aisha_actors::domain::{
    id::{PictureId, UserId},
    time::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    reports::{Aside, AsideKind, Page},
    row::{Id, Moment},
    schema::{inbox, outbox, picture},
};

pub(in crate::db) async fn list(
    conn: &mut Conn,
    kind: AsideKind,
    page: Page,
) -> Outcome<Vec<Aside>> {
    type Row = (i64, i64, String, Option<String>, i32, Moment);
    let rows: Vec<Row> = match kind {
        AsideKind::Update => {
            inbox::table
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
                .await?
        }
        AsideKind::Parcel => {
            outbox::table
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
                .await?
        }
    };
    Ok(rows
        .into_iter()
        .map(|(seq, user, what, error, attempts, at)| Aside {
            kind,
            seq,
            user: UserId(user),
            what,
            error,
            attempts,
            at: at.into(),
        })
        .collect())
}

pub(in crate::db) async fn replay(conn: &mut Conn, kind: AsideKind, seq: i64) -> Outcome<usize> {
    match kind {
        AsideKind::Update => replay_update(conn, seq).await,
        AsideKind::Parcel => replay_parcel(conn, seq).await,
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

pub(in crate::db) async fn discard(
    conn: &mut Conn,
    kind: AsideKind,
    seq: i64,
    at: Timestamp,
) -> Outcome<usize> {
    let rows = match kind {
        AsideKind::Update => {
            diesel::update(inbox::table.find(seq))
                .filter(inbox::state.eq("quarantined"))
                .set((inbox::state.eq("done"), inbox::settled_at.eq(Moment::from(at))))
                .execute(conn)
                .await?
        }
        AsideKind::Parcel => {
            diesel::update(outbox::table.find(seq))
                .filter(outbox::state.eq("quarantined"))
                .set((outbox::state.eq("dead"), outbox::settled_at.eq(Moment::from(at))))
                .execute(conn)
                .await?
        }
    };
    Ok(rows)
}

pub(in crate::db) async fn replay_storage(conn: &mut Conn, id: PictureId) -> Outcome<usize> {
    let key = (Id::from(id.generation), i32::from(id.n));
    let rows = diesel::update(picture::table.find(key))
        .set((picture::attempts.eq(0), picture::deaths.eq(0)))
        .execute(conn)
        .await?;
    Ok(rows)
}
