//! What every update costs: its row, and the mark that it is done. One statement each, however many.

use std::collections::HashMap;

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
    sql_types::{Array, BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    cached::Cached,
    row::{Moment, source_name},
    schema::inbox,
    types::MomentSql,
};

/// Numbers are given in the order of arrival. A repeat, also one within these arrivals, gives no row.
const RECEIVE: &str = "INSERT INTO inbox (source, update_id, user_id, payload, received_at) \
    SELECT source, update_id, user_id, payload, $5 \
    FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS arrival (source, update_id, user_id, payload, place) \
    ORDER BY place \
    ON CONFLICT (source, update_id) DO NOTHING RETURNING seq, source, update_id";

/// Both halves see the person as the statement found them.
const SAVE: &str = "WITH saved AS (INSERT INTO conversation (user_id, version, body) \
      SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM person WHERE id = $1) \
      ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, body = excluded.body \
      RETURNING user_id) \
    SELECT gallery_version FROM person JOIN saved ON saved.user_id = person.id";

#[derive(Debug, QueryableByName)]
struct Saved {
    #[diesel(sql_type = BigInt)]
    gallery_version: i64,
}

#[derive(Debug, QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = BigInt)]
    update_id: i64,
}

pub(in crate::db) async fn receive(
    conn: &mut Conn,
    arrivals: Vec<Arrival>,
    at: Timestamp,
) -> Outcome<Vec<Option<Seq>>> {
    if arrivals.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<(&str, i64)> =
        arrivals.iter().map(|arrival| (source_name(arrival.source), arrival.update.id.0)).collect();
    let (sources, updates): (Vec<&str>, Vec<i64>) = keys.iter().copied().unzip();
    let (users, payloads): (Vec<i64>, Vec<String>) =
        arrivals.into_iter().map(|arrival| (arrival.update.from.id.0, arrival.payload)).unzip();
    let insert = sql_query(RECEIVE)
        .bind::<Array<Text>, _>(sources)
        .bind::<Array<BigInt>, _>(updates)
        .bind::<Array<BigInt>, _>(users)
        .bind::<Array<Text>, _>(payloads)
        .bind::<MomentSql, _>(Moment::from(at));
    let rows: Vec<Numbered> = Cached(insert).load(conn).await?;
    let mut numbers: HashMap<(&str, i64), Seq> =
        rows.iter().map(|row| ((row.source.as_str(), row.update_id), Seq(row.seq))).collect();
    Ok(keys.iter().map(|key| numbers.remove(key)).collect())
}

pub(in crate::db) async fn finish(conn: &mut Conn, items: Vec<Seq>, at: Timestamp) -> Outcome<()> {
    if items.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = items.into_iter().map(|seq| seq.0).collect();
    let update = diesel::update(inbox::table)
        .filter(inbox::seq.eq_any(numbers))
        .filter(inbox::is_open)
        .set((inbox::state.eq("done"), inbox::settled_at.eq(Moment::from(at))));
    Cached(update).execute(conn).await?;
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
    let saved: Option<Saved> = Cached(upsert).get_result(conn).await.optional()?;
    Ok(saved.map(|saved| saved.gallery_version))
}
