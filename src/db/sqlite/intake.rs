//! What every update costs: its row, and the mark that it is done. Row by row: no statement here leaves
//! the process.

use aisha_actors::{
    domain::{
        conversation::VERSION,
        id::{Seq, UserId},
        time::Timestamp,
    },
    port::Arrival,
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    cached::Cached,
    row::{Moment, source_name},
    schema::{inbox, person},
};

const SAVE: &str = "INSERT INTO conversation (user_id, version, body) \
    SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM person WHERE id = $1) \
    ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, body = excluded.body";

pub(in crate::db) async fn receive(
    conn: &mut Conn,
    arrivals: Vec<Arrival>,
    at: Timestamp,
) -> Outcome<Vec<Option<Seq>>> {
    let mut numbers = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let number: Option<i64> = diesel::insert_into(inbox::table)
            .values((
                inbox::source.eq(source_name(arrival.source)),
                inbox::update_id.eq(arrival.update.id.0),
                inbox::user_id.eq(arrival.update.from.id.0),
                inbox::payload.eq(arrival.payload),
                inbox::received_at.eq(Moment::from(at)),
            ))
            .on_conflict((inbox::source, inbox::update_id))
            .do_nothing()
            .returning(inbox::seq)
            .get_result(conn)
            .await
            .optional()?;
        numbers.push(number.map(Seq));
    }
    Ok(numbers)
}

pub(in crate::db) async fn finish(conn: &mut Conn, items: Vec<Seq>, at: Timestamp) -> Outcome<()> {
    for seq in items {
        let update = diesel::update(inbox::table.find(seq.0))
            .filter(inbox::is_open)
            .set((inbox::state.eq("done"), inbox::settled_at.eq(Moment::from(at))));
        Cached(update).execute(conn).await?;
    }
    Ok(())
}

/// Saves the conversation of a person, the one thing that most turns write, and gives the version of
/// their gallery. None: there is no such person.
pub(in crate::db) async fn save(
    conn: &mut Conn,
    user: UserId,
    body: String,
) -> Outcome<Option<i64>> {
    let upsert = sql_query(SAVE)
        .bind::<BigInt, _>(user.0)
        .bind::<BigInt, _>(i64::from(VERSION))
        .bind::<Text, _>(body);
    if Cached(upsert).execute(conn).await? == 0 {
        return Ok(None);
    }
    let version = person::table.find(user.0).select(person::gallery_version);
    Ok(version.get_result(conn).await.optional()?)
}
