//! Minutes of the whole bot. What came into the inbox is found by its number: time has no index there,
//! because it would cost every update.

use std::collections::BTreeMap;

use aisha_actors::domain::{ledger::Credits, time::Timestamp};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::RunQueryDsl;

use super::{Conn, micros};
use crate::db::{
    Outcome,
    cached::Cached,
    reports::{Bounded, COUNT_MAX, ENDS_MS, Histogram, MINUTE_US, Overview, Sample, Sums},
    row::Moment,
    types::MomentSql,
};

#[derive(Debug, QueryableByName)]
struct At {
    #[diesel(sql_type = MomentSql)]
    at: Moment,
}

#[derive(Debug, QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A count or sum of one minute.
#[derive(Debug, QueryableByName)]
struct Tally {
    #[diesel(sql_type = BigInt)]
    minute: i64,
    #[diesel(sql_type = Text)]
    name: String,
    /// A bucket, or the newest update.
    #[diesel(sql_type = BigInt)]
    more: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

async fn moment(conn: &mut Conn, text: &str) -> Outcome<Option<Timestamp>> {
    let found: Option<At> = Cached(sql_query(text)).get_result(conn).await.optional()?;
    Ok(found.map(|found| found.at.into()))
}

/// The first minute that was not summed yet: behind the last one that was, or where the rows begin. None:
/// there is nothing yet.
pub(in crate::db) async fn begin(conn: &mut Conn) -> Outcome<Option<Timestamp>> {
    let last = "SELECT minute AS at FROM sample ORDER BY minute DESC LIMIT 1";
    if let Some(last) = moment(conn, last).await? {
        return Ok(Some(Timestamp(last.0.saturating_add(MINUTE_US))));
    }
    let update = "SELECT received_at AS at FROM inbox ORDER BY seq LIMIT 1";
    let made = "SELECT created_at AS at FROM generation ORDER BY created_at LIMIT 1";
    let (update, made) = (moment(conn, update).await?, moment(conn, made).await?);
    Ok(update.into_iter().chain(made).min())
}

/// In which bucket a generation's time lies.
fn bucket() -> String {
    let took = format!("{} - {}", micros("finished_at"), micros("created_at"));
    let mut text = "CASE WHEN state <> 'delivered' THEN 0".to_owned();
    for (bucket, end) in ENDS_MS.iter().enumerate() {
        text.push_str(&format!(" WHEN {took} <= {} THEN {bucket}", end * 1000));
    }
    text + &format!(" ELSE {} END", ENDS_MS.len())
}

/// The statements that sum a range of minutes, `$1` to `$2`. The first one looks from the update `$3` on.
pub(in crate::db) fn texts() -> [String; 4] {
    let minute = |column: &str| format!("{} / {MINUTE_US} AS minute", micros(column));
    let within = |column: &str| format!("{column} >= $1 AND {column} < $2");
    [
        format!(
            "SELECT {}, 'updates' AS name, max(seq) AS more, \
               CAST(sum(CASE WHEN source = 'telegram' THEN 1 ELSE 0 END) AS BIGINT) AS amount \
             FROM inbox WHERE {} AND seq > $3 GROUP BY 1",
            minute("received_at"),
            within("received_at"),
        ),
        format!(
            "SELECT {}, 'begun' AS name, CAST(0 AS BIGINT) AS more, count(*) AS amount \
             FROM generation WHERE {} GROUP BY 1",
            minute("created_at"),
            within("created_at"),
        ),
        format!(
            "SELECT {}, state AS name, CAST({} AS BIGINT) AS more, count(*) AS amount \
             FROM generation WHERE {} AND finished_at IS NOT NULL \
               AND state IN ('delivered', 'failed', 'expired', 'cancelled') GROUP BY 1, 2, 3",
            minute("finished_at"),
            bucket(),
            within("finished_at"),
        ),
        format!(
            "SELECT {}, kind AS name, CAST(0 AS BIGINT) AS more, \
               CAST(sum(amount) AS BIGINT) AS amount \
             FROM entry WHERE kind IN ('capture', 'refund') AND {} GROUP BY 1, 2",
            minute("at"),
            within("at"),
        ),
    ]
}

/// Sums every minute of the range from the rows.
pub(in crate::db) async fn collect(
    conn: &mut Conn,
    from: Timestamp,
    until: Timestamp,
) -> Outcome<Vec<Sample>> {
    // Updates are numbered as they come in, give or take less than a minute. So all of the range are behind
    // what had come in two minutes before it.
    let floor = known_seq(conn, Timestamp(from.0 - 2 * MINUTE_US)).await?;
    let mut newest = known_seq(conn, Timestamp(from.0 - MINUTE_US)).await?;
    let mut minutes: BTreeMap<i64, (Sums, i64)> = (from.0 / MINUTE_US..until.0 / MINUTE_US)
        .map(|minute| (minute, (Sums { minutes: 1, ..Sums::default() }, 0)))
        .collect();
    let [updates, others @ ..] = texts();
    let range = |text: String| {
        sql_query(text)
            .bind::<MomentSql, _>(Moment::from(from))
            .bind::<MomentSql, _>(Moment::from(until))
    };
    let mut tallies: Vec<Tally> =
        Cached(range(updates).bind::<BigInt, _>(floor)).load(conn).await?;
    for text in others {
        let more: Vec<Tally> = Cached(range(text)).load(conn).await?;
        tallies.extend(more);
    }
    for tally in tallies {
        if let Some((sums, seq)) = minutes.get_mut(&tally.minute) {
            count(sums, seq, &tally);
        }
    }
    let samples = minutes.into_iter().map(|(minute, (sums, seq))| {
        newest = newest.max(seq);
        Sample { minute: Timestamp(minute * MINUTE_US), sums, inbox_seq: newest }
    });
    Ok(samples.collect())
}

fn count(sums: &mut Sums, seq: &mut i64, tally: &Tally) {
    let amount = tally.amount.unsigned_abs();
    match tally.name.as_str() {
        "updates" => {
            sums.updates = amount;
            *seq = tally.more;
        }
        "begun" => sums.begun = amount,
        "delivered" => {
            sums.delivered = sums.delivered.saturating_add(amount);
            sums.latencies.add(usize::try_from(tally.more).unwrap_or(usize::MAX), amount);
        }
        "failed" => sums.failed = amount,
        "expired" => sums.expired = amount,
        "cancelled" => sums.cancelled = amount,
        "capture" => sums.captured = Credits(tally.amount),
        "refund" => sums.refunded = Credits(tally.amount),
        _ => {}
    }
}

/// The newest update that had come in by the end of this minute, as far as is known.
async fn known_seq(conn: &mut Conn, minute: Timestamp) -> Outcome<i64> {
    let query = sql_query(
        "SELECT inbox_seq AS number FROM sample WHERE minute <= $1 ORDER BY minute DESC LIMIT 1",
    )
    .bind::<MomentSql, _>(Moment::from(minute));
    let found: Option<Number> = Cached(query).get_result(conn).await.optional()?;
    Ok(found.map_or(0, |found| found.number))
}

/// Keeps those that nobody kept before.
pub(in crate::db) async fn keep(conn: &mut Conn, samples: Vec<Sample>) -> Outcome<()> {
    for Sample { minute, sums, inbox_seq } in samples {
        let mut insert = sql_query(
            "INSERT INTO sample (minute, latencies, inbox_seq, updates, begun, delivered, failed, \
               expired, cancelled, captured, refunded) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (minute) DO NOTHING",
        )
        .into_boxed()
        .bind::<MomentSql, _>(Moment::from(minute))
        .bind::<Text, _>(sums.latencies.to_string())
        .bind::<BigInt, _>(inbox_seq);
        for count in
            [sums.updates, sums.begun, sums.delivered, sums.failed, sums.expired, sums.cancelled]
        {
            insert = insert.bind::<BigInt, _>(i64::try_from(count).unwrap_or(i64::MAX));
        }
        insert = insert.bind::<BigInt, _>(sums.captured.0).bind::<BigInt, _>(sums.refunded.0);
        Cached(insert).execute(conn).await?;
    }
    Ok(())
}

#[derive(Debug, QueryableByName)]
struct SumsRow {
    #[diesel(sql_type = BigInt)]
    step: i64,
    #[diesel(sql_type = BigInt)]
    minutes: i64,
    #[diesel(sql_type = BigInt)]
    updates: i64,
    #[diesel(sql_type = BigInt)]
    begun: i64,
    #[diesel(sql_type = BigInt)]
    delivered: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
    #[diesel(sql_type = BigInt)]
    expired: i64,
    #[diesel(sql_type = BigInt)]
    cancelled: i64,
    #[diesel(sql_type = BigInt)]
    captured: i64,
    #[diesel(sql_type = BigInt)]
    refunded: i64,
    #[diesel(sql_type = Nullable<Text>)]
    latencies: Option<String>,
}

impl From<SumsRow> for Sums {
    fn from(row: SumsRow) -> Self {
        Self {
            minutes: row.minutes.unsigned_abs(),
            updates: row.updates.unsigned_abs(),
            begun: row.begun.unsigned_abs(),
            delivered: row.delivered.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
            expired: row.expired.unsigned_abs(),
            cancelled: row.cancelled.unsigned_abs(),
            captured: Credits(row.captured),
            refunded: Credits(row.refunded),
            latencies: Histogram::read(&row.latencies.unwrap_or_default()),
        }
    }
}

/// What the samples say by steps of so many minutes, oldest first. `$1` to `$2`.
pub(in crate::db) fn steps_text(step_minutes: i64) -> String {
    let mut sums = String::new();
    for name in
        ["updates", "begun", "delivered", "failed", "expired", "cancelled", "captured", "refunded"]
    {
        sums.push_str(&format!("CAST(sum({name}) AS BIGINT) AS {name}, "));
    }
    format!(
        "SELECT {} / {} AS step, count(*) AS minutes, {sums} \
           string_agg(CASE WHEN latencies <> '' THEN latencies END, ' ') AS latencies \
         FROM sample WHERE minute >= $1 AND minute < $2 GROUP BY 1 ORDER BY 1",
        micros("minute"),
        MINUTE_US * step_minutes,
    )
}

pub(in crate::db) async fn sums(
    conn: &mut Conn,
    from: Timestamp,
    until: Timestamp,
    step_minutes: i64,
) -> Outcome<Vec<(Timestamp, Sums)>> {
    let query = sql_query(steps_text(step_minutes))
        .bind::<MomentSql, _>(Moment::from(from))
        .bind::<MomentSql, _>(Moment::from(until));
    let rows: Vec<SumsRow> = Cached(query).load(conn).await?;
    let begins = |row: SumsRow| (Timestamp(row.step * step_minutes * MINUTE_US), Sums::from(row));
    Ok(rows.into_iter().map(begins).collect())
}

/// All that the samples say since then, as one. None: nothing.
async fn since(conn: &mut Conn, from: Timestamp) -> Outcome<Option<Sums>> {
    let begun = Timestamp(i64::MAX / 4);
    let mut all: Option<Sums> = None;
    for (_, next) in sums(conn, from, begun, 1).await? {
        all = Some(all.map_or(next, |all| all.and(&next)));
    }
    Ok(all)
}

#[derive(Debug, QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

pub(in crate::db) async fn overview(
    conn: &mut Conn,
    recent: Timestamp,
    hour: Timestamp,
    today: Timestamp,
) -> Outcome<Overview> {
    let states: Vec<Count> = Cached(sql_query(
        "SELECT state AS name, count(*) AS rows FROM generation WHERE is_live GROUP BY state",
    ))
    .load(conn)
    .await?;
    let in_state = |wanted: &[&str]| {
        let rows = states.iter().filter(|count| wanted.contains(&count.name.as_str()));
        rows.map(|count| count.rows.unsigned_abs()).sum()
    };
    Ok(Overview {
        recent: since(conn, recent).await?,
        hour: since(conn, hour).await?,
        running: in_state(&["submitting", "queued", "resulted", "cancelling"]),
        waiting: in_state(&["reserved"]),
        undelivered: in_state(&["captured"]),
        spent_today: spent_since(conn, today).await?,
        updates_aside: few(conn, "inbox WHERE state = 'quarantined'").await?,
        parcels_aside: few(conn, "outbox WHERE state = 'quarantined'").await?,
        storage_aside: few(
            conn,
            "picture WHERE state IN ('fallback', 'lost', 'trashed') AND state <> 'lost' \
             AND NOT has_job",
        )
        .await?,
    })
}

/// Captured less refunded: what the samples say, and the entries behind the last one.
async fn spent_since(conn: &mut Conn, from: Timestamp) -> Outcome<Credits> {
    let last = "SELECT minute AS at FROM sample ORDER BY minute DESC LIMIT 1";
    let last = moment(conn, last).await?;
    let behind = last.map_or(from, |last| Timestamp(last.0 + MINUTE_US).max(from));
    let query = sql_query(
        "SELECT CAST((SELECT coalesce(sum(captured - refunded), 0) FROM sample WHERE minute >= $1) \
           + (SELECT coalesce(sum(CASE WHEN kind = 'capture' THEN amount ELSE -amount END), 0) \
              FROM entry WHERE kind IN ('capture', 'refund') AND at >= $2) AS BIGINT) AS number",
    )
    .bind::<MomentSql, _>(Moment::from(from))
    .bind::<MomentSql, _>(Moment::from(behind));
    let spent: Number = Cached(query).get_result(conn).await?;
    Ok(Credits(spent.number))
}

/// How many rows there are, as far as is counted.
async fn few(conn: &mut Conn, rows: &str) -> Outcome<Bounded> {
    let text = format!(
        "SELECT count(*) AS number FROM (SELECT 1 FROM {rows} LIMIT {}) AS few",
        COUNT_MAX + 1
    );
    let found: Number = Cached(sql_query(text)).get_result(conn).await?;
    Ok(Bounded(found.number.unsigned_abs()))
}
