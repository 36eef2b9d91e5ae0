//! Broadcasts, and the people whom they reach.

use aisha_actors::{domain::time::Timestamp, port};
use diesel::{
    QueryableByName,
    dsl::{exists, sql},
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{Conn, Db};
use crate::db::{
    DEATHS_MAX, FAILURES_MAX, Outcome,
    cached::Cached,
    reports::{Bounded, Broadcast, BroadcastState, FEW, NewBroadcast, Segment},
    row::{Corrupt, Moment, readable},
    schema::{broadcast, outbox, person},
    types::MomentSql,
};

/// Why an entry that waited was given up.
const CANCELLED: &str = "the broadcast was cancelled";

pub(in crate::db) async fn create(
    conn: &mut Conn,
    new: NewBroadcast,
    at: Timestamp,
) -> Outcome<i64> {
    let insert = diesel::insert_into(broadcast::table)
        .values((
            broadcast::text_en.eq(new.text_en),
            broadcast::text_ru.eq(new.text_ru),
            broadcast::segment.eq(new.segment.to_string()),
            broadcast::author.eq(new.author),
            broadcast::created_at.eq(Moment::from(at)),
        ))
        .returning(broadcast::seq);
    Ok(insert.get_result(conn).await?)
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = broadcast)]
struct BroadcastRow {
    seq: i64,
    text_en: String,
    text_ru: String,
    segment: String,
    state: String,
    author: String,
    created_at: Moment,
    started_at: Option<Moment>,
    finished_at: Option<Moment>,
    is_walked: bool,
    queued: i64,
    sent: i64,
    failed: i64,
    blocked: i64,
}

impl TryFrom<BroadcastRow> for Broadcast {
    type Error = Corrupt;
    fn try_from(row: BroadcastRow) -> Result<Self, Corrupt> {
        let corrupt = |what: &str| Corrupt::new(format!("broadcast {}: {what}", row.seq));
        Ok(Self {
            id: row.seq,
            segment: Segment::parse(&row.segment).ok_or_else(|| corrupt("no segment"))?,
            state: BroadcastState::parse(&row.state).ok_or_else(|| corrupt("unknown state"))?,
            text_en: row.text_en,
            text_ru: row.text_ru,
            author: row.author,
            created_at: row.created_at.into(),
            started_at: row.started_at.map(Timestamp::from),
            finished_at: row.finished_at.map(Timestamp::from),
            is_walked: row.is_walked,
            queued: row.queued.unsigned_abs(),
            sent: row.sent.unsigned_abs(),
            blocked: row.blocked.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
        })
    }
}

pub(in crate::db) async fn list(
    conn: &mut Conn,
    before: Option<i64>,
    limit: usize,
) -> Outcome<Vec<Broadcast>> {
    let rows: Vec<BroadcastRow> = broadcast::table
        .filter(broadcast::seq.lt(before.unwrap_or(i64::MAX)))
        .order(broadcast::seq.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(BroadcastRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn one(conn: &mut Conn, id: i64) -> Outcome<Option<Broadcast>> {
    let row: Option<BroadcastRow> = broadcast::table
        .find(id)
        .select(BroadcastRow::as_select())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Broadcast::try_from).transpose()?)
}

pub(in crate::db) async fn under_way(conn: &mut Conn) -> Outcome<Vec<i64>> {
    let rows = broadcast::table
        .filter(broadcast::state.eq_any(["running", "paused"]))
        .order(broadcast::seq)
        .limit(20)
        .select(broadcast::seq);
    Ok(rows.load(conn).await?)
}

pub(in crate::db) async fn is_late(
    conn: &mut Conn,
    from: Timestamp,
    until: Timestamp,
) -> Outcome<bool> {
    let waiting = outbox::table
        .filter(outbox::is_open)
        .filter(outbox::broadcast.is_null())
        .filter(outbox::created_at.between(Moment::from(from), Moment::from(until)));
    Ok(diesel::select(exists(waiting)).get_result(conn).await?)
}

/// What is sent, unless it was cancelled.
pub(in crate::db) async fn text(conn: &mut Conn, id: i64) -> Outcome<Option<port::Broadcast>> {
    let words: Option<(String, String)> = broadcast::table
        .find(id)
        .filter(broadcast::state.ne(BroadcastState::Cancelled.name()))
        .select((broadcast::text_en, broadcast::text_ru))
        .get_result(conn)
        .await
        .optional()?;
    Ok(words.map(|(en, ru)| port::Broadcast { en, ru }))
}

/// Those whom a segment reaches.
fn reached(segment: &Segment, now: Timestamp) -> person::BoxedQuery<'static, Db> {
    let mut query = person::table
        .filter(person::blocked.eq(false))
        .filter(person::stopped.eq(false))
        .into_boxed();
    if let Segment::Language(code) = segment {
        let with_country = person::language_code.like(format!("{code}-%"));
        query = query.filter(person::language_code.eq(code.clone()).or(with_country));
    }
    if let Some(since) = segment.since(now) {
        let not = if matches!(segment, Segment::Idle(_)) { "NOT " } else { "" };
        query = query.filter(
            sql::<Bool>(&format!(
                "{not}EXISTS (SELECT 1 FROM generation WHERE generation.user_id = person.id \
                 AND generation.created_at >= "
            ))
            .bind::<MomentSql, _>(Moment::from(since))
            .sql(")"),
        );
    }
    query
}

pub(in crate::db) async fn count(
    conn: &mut Conn,
    segment: Segment,
    now: Timestamp,
) -> Outcome<Bounded> {
    let few: Vec<i64> = reached(&segment, now).limit(FEW).select(person::id).load(conn).await?;
    Ok(Bounded(few.len() as u64))
}

pub(in crate::db) async fn advance(
    conn: &mut Conn,
    id: i64,
    from: &'static [BroadcastState],
    to: BroadcastState,
    at: Timestamp,
) -> Outcome<usize> {
    let names: Vec<&str> = from.iter().map(|state| state.name()).collect();
    let row = broadcast::table.find(id).filter(broadcast::state.eq_any(names));
    let now = Moment::from(at);
    let moved = match to {
        BroadcastState::Running if from.contains(&BroadcastState::Draft) => {
            let set = (broadcast::state.eq(to.name()), broadcast::started_at.eq(now));
            diesel::update(row).set(set).execute(conn).await?
        }
        BroadcastState::Cancelled | BroadcastState::Done => {
            let set = (broadcast::state.eq(to.name()), broadcast::finished_at.eq(now));
            diesel::update(row).set(set).execute(conn).await?
        }
        _ => diesel::update(row).set(broadcast::state.eq(to.name())).execute(conn).await?,
    };
    if moved > 0 && to == BroadcastState::Cancelled {
        let waiting = outbox::table.filter(outbox::is_open).filter(outbox::broadcast.eq(id));
        diesel::update(waiting)
            .set((
                outbox::state.eq("dead"),
                outbox::settled_at.eq(now),
                outbox::error.eq(CANCELLED),
            ))
            .execute(conn)
            .await?;
    }
    Ok(moved)
}

pub(in crate::db) async fn next_batch(
    conn: &mut Conn,
    id: i64,
    limit: usize,
    at: Timestamp,
) -> Outcome<u64> {
    // The update holds the row until the end of the transaction: no other node takes the same people.
    let runs = broadcast::table
        .find(id)
        .filter(broadcast::state.eq(BroadcastState::Running.name()))
        .filter(broadcast::is_walked.eq(false));
    if diesel::update(runs).set(broadcast::is_walked.eq(false)).execute(conn).await? == 0 {
        return Ok(0);
    }
    let (segment, walked, started_at): (String, Option<i64>, Option<Moment>) = broadcast::table
        .find(id)
        .select((broadcast::segment, broadcast::walked, broadcast::started_at))
        .get_result(conn)
        .await?;
    let segment = Segment::parse(&segment)
        .ok_or_else(|| Corrupt::new(format!("broadcast {id}: no segment")))?;
    let started_at = started_at.map_or(at, Timestamp::from);
    let waiting: i64 = outbox::table
        .filter(outbox::is_open)
        .filter(outbox::broadcast.eq(id))
        .count()
        .get_result(conn)
        .await?;
    let room = i64::try_from(limit).unwrap_or(i64::MAX).saturating_sub(waiting);
    if room <= 0 {
        return Ok(0);
    }
    let people: Vec<i64> = reached(&segment, started_at)
        .filter(person::id.gt(walked.unwrap_or(i64::MIN)))
        .filter(person::created_at.le(Moment::from(started_at)))
        .order(person::id)
        .limit(room)
        .select(person::id)
        .load(conn)
        .await?;
    let mut queued = 0;
    for user in &people {
        let insert = sql_query(
            "INSERT INTO outbox (user_id, kind, broadcast, created_at) \
             VALUES ($1, 'broadcast', $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind::<BigInt, _>(user)
        .bind::<BigInt, _>(id)
        .bind::<MomentSql, _>(Moment::from(at));
        queued += Cached(insert).execute(conn).await?;
    }
    let is_walked = i64::try_from(people.len()).unwrap_or(i64::MAX) < room;
    let added = i64::try_from(queued).unwrap_or(i64::MAX);
    diesel::update(broadcast::table.find(id))
        .set((
            broadcast::walked.eq(people.last().copied().or(walked)),
            broadcast::is_walked.eq(is_walked),
            broadcast::queued.eq(broadcast::queued + added),
        ))
        .execute(conn)
        .await?;
    Ok(queued as u64)
}

#[derive(Debug, QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

pub(in crate::db) async fn tally(conn: &mut Conn, id: i64, at: Timestamp) -> Outcome<()> {
    // What is dead was not delivered: the person blocked the bot, unless it was set aside and then given up,
    // or given up by the cancel.
    let query = sql_query(format!(
        "SELECT CASE WHEN state = 'quarantined' THEN 'failed' \
           WHEN state <> 'dead' THEN state \
           WHEN attempts >= {FAILURES_MAX} OR deaths >= {DEATHS_MAX} THEN 'failed' \
           WHEN error = $1 THEN 'cancelled' \
           ELSE 'blocked' END AS state, count(*) AS rows \
         FROM outbox WHERE broadcast = $2 GROUP BY 1"
    ))
    .bind::<Text, _>(CANCELLED)
    .bind::<BigInt, _>(id);
    let counts: Vec<Count> = Cached(query).load(conn).await?;
    let of = |state: &str| counts.iter().find(|count| count.state == state).map_or(0, |of| of.rows);
    // A broadcast that has ended keeps its counts: its entries are swept away one day.
    let row = broadcast::table.find(id).filter(broadcast::state.eq_any([
        "running",
        "paused",
        "cancelled",
    ]));
    diesel::update(row)
        .set((
            broadcast::sent.eq(of("done")),
            broadcast::blocked.eq(of("blocked")),
            broadcast::failed.eq(of("failed")),
        ))
        .execute(conn)
        .await?;
    if of("open") == 0 {
        let through = broadcast::table
            .find(id)
            .filter(broadcast::is_walked)
            .filter(broadcast::state.eq(BroadcastState::Running.name()));
        diesel::update(through)
            .set((
                broadcast::state.eq(BroadcastState::Done.name()),
                broadcast::finished_at.eq(Moment::from(at)),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}
