//! The deletion of a person.

use aisha_actors::domain::{
    id::{GenerationId, UserId},
    picture::Picture,
    time::Timestamp,
};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Conn, generations, part};
use crate::db::{
    Outcome,
    forget::{Begun, Forgetting, Found, PayloadTrouble, Settled, Table, Waits},
    row::{Id, Moment, PictureRow, readable},
    schema::{generation, inbox, outbox, person, picture},
    types::{IdSql, MomentSql},
};

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    pseudonym: i64,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Text)]
    operator: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = MomentSql)]
    asked_at: Moment,
    #[diesel(sql_type = Nullable<MomentSql>)]
    emptied_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Text>)]
    payload_trouble: Option<String>,
}

impl From<Row> for Forgetting {
    fn from(row: Row) -> Self {
        Self {
            pseudonym: UserId(row.pseudonym),
            user: UserId(row.user_id),
            operator: row.operator,
            reason: row.reason,
            asked_at: row.asked_at.into(),
            is_emptied: row.emptied_at.is_some(),
            payload_trouble: row.payload_trouble.as_deref().and_then(PayloadTrouble::parse),
        }
    }
}

#[derive(Debug, QueryableByName)]
struct WaitsRow {
    #[diesel(sql_type = Bool)]
    is_blocked: bool,
    #[diesel(sql_type = BigInt)]
    updates: i64,
    #[diesel(sql_type = BigInt)]
    generations: i64,
    #[diesel(sql_type = BigInt)]
    parcels: i64,
    #[diesel(sql_type = BigInt)]
    pictures: i64,
    #[diesel(sql_type = BigInt)]
    aside: i64,
    #[diesel(sql_type = BigInt)]
    requests: i64,
}

const COLUMNS: &str = "SELECT pseudonym, user_id, operator, reason, asked_at, emptied_at, payload_trouble \
    FROM forgetting";

pub(in crate::db) async fn begin(conn: &mut Conn, row: Forgetting) -> Outcome<Begun> {
    let user = row.user.0;
    let known = person::table.find(user).select(person::id).get_result::<i64>(conn).await;
    if row.user.is_group() || known.optional()?.is_none() {
        return Ok(Begun::Nobody);
    }
    let added = sql_query(
        "INSERT INTO forgetting (pseudonym, user_id, operator, reason, asked_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO NOTHING",
    )
    .bind::<BigInt, _>(row.pseudonym.0)
    .bind::<BigInt, _>(user)
    .bind::<Text, _>(row.operator)
    .bind::<Text, _>(row.reason)
    .bind::<MomentSql, _>(Moment::from(row.asked_at))
    .execute(conn)
    .await?;
    sql_query(
        "UPDATE picture SET attempts = 0, deaths = 0 WHERE state = 'trashed' \
         AND generation IN (SELECT id FROM generation WHERE user_id = $1)",
    )
    .bind::<BigInt, _>(user)
    .execute(conn)
    .await?;
    Ok(if added > 0 { Begun::Now } else { Begun::Before })
}

pub(in crate::db) async fn all(conn: &mut Conn) -> Outcome<Vec<Forgetting>> {
    let rows: Vec<Row> =
        sql_query(format!("{COLUMNS} ORDER BY asked_at, pseudonym")).load(conn).await?;
    Ok(rows.into_iter().map(Forgetting::from).collect())
}

pub(in crate::db) async fn of(
    conn: &mut Conn,
    user: UserId,
) -> Outcome<Option<(Forgetting, Waits)>> {
    let row: Option<Row> =
        sql_query(format!("{COLUMNS} WHERE user_id = $1 AND emptied_at IS NULL"))
            .bind::<BigInt, _>(user.0)
            .get_result(conn)
            .await
            .optional()?;
    match row {
        Some(row) => Ok(Some((row.into(), waits(conn, user).await?))),
        None => Ok(None),
    }
}

pub(in crate::db) async fn waits(conn: &mut Conn, user: UserId) -> Outcome<Waits> {
    let row: WaitsRow = sql_query(
        "SELECT coalesce((SELECT blocked FROM person WHERE id = $1), TRUE) AS is_blocked, \
           (SELECT count(*) FROM inbox WHERE is_open AND user_id = $1) AS updates, \
           (SELECT count(*) FROM generation WHERE is_live AND user_id = $1) AS generations, \
           (SELECT count(*) FROM outbox WHERE is_open AND user_id = $1) \
             + (SELECT count(*) FROM outbox WHERE state = 'quarantined' AND user_id = $1) AS parcels, \
           (SELECT count(*) FROM generation JOIN picture ON picture.generation = generation.id \
             WHERE generation.user_id = $1 AND picture.state <> 'purged') AS pictures, \
           (SELECT count(*) FROM generation JOIN picture ON picture.generation = generation.id \
             WHERE generation.user_id = $1 AND picture.state = 'trashed' \
             AND (picture.attempts >= 3 OR picture.deaths >= 5)) AS aside, \
           (SELECT count(*) FROM generation \
             WHERE user_id = $1 AND request_id IS NOT NULL) AS requests",
    )
    .bind::<BigInt, _>(user.0)
    .get_result(conn)
    .await?;
    Ok(Waits {
        is_blocked: row.is_blocked,
        updates: row.updates.unsigned_abs(),
        generations: row.generations.unsigned_abs(),
        parcels: row.parcels.unsigned_abs(),
        pictures: row.pictures.unsigned_abs(),
        aside: row.aside.unsigned_abs(),
        requests: row.requests.unsigned_abs(),
    })
}

pub(in crate::db) async fn give_up(conn: &mut Conn, user: UserId, at: Timestamp) -> Outcome<()> {
    let aside =
        outbox::table.filter(outbox::state.eq("quarantined")).filter(outbox::user_id.eq(user.0));
    diesel::update(aside).set(outbox::state.eq("dead")).execute(conn).await?;
    let captured: Vec<Id> = generation::table
        .filter(generation::is_live)
        .filter(generation::user_id.eq(user.0))
        .filter(generation::state.eq("captured"))
        .select(generation::id)
        .load(conn)
        .await?;
    for id in captured {
        generations::deliver_unless_owed(conn, user, id.into(), at).await?;
    }
    Ok(())
}

pub(in crate::db) async fn pending(conn: &mut Conn, user: UserId) -> Outcome<Vec<Picture>> {
    let rows: Vec<PictureRow> = generation::table
        .inner_join(picture::table.on(picture::generation.eq(generation::id)))
        .filter(generation::user_id.eq(user.0))
        .filter(picture::state.eq("pending"))
        .select(PictureRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn trash(conn: &mut Conn, user: UserId, at: Timestamp) -> Outcome<usize> {
    let trashed = sql_query(
        "UPDATE picture SET state = 'trashed', listed = FALSE, attempts = 0, deaths = 0, settled_at = $1 \
         WHERE state NOT IN ('trashed', 'purged') \
         AND generation IN (SELECT id FROM generation WHERE user_id = $2)",
    )
    .bind::<MomentSql, _>(Moment::from(at))
    .bind::<BigInt, _>(user.0)
    .execute(conn)
    .await?;
    if trashed > 0 {
        diesel::update(person::table.find(user.0))
            .set(person::gallery_version.eq(person::gallery_version + 1))
            .execute(conn)
            .await?;
    }
    Ok(trashed)
}

pub(in crate::db) async fn requests(
    conn: &mut Conn,
    user: UserId,
    limit: usize,
) -> Outcome<Vec<(GenerationId, String)>> {
    let rows: Vec<(Id, Option<String>)> = generation::table
        .filter(generation::user_id.eq(user.0))
        .filter(generation::request_id.is_not_null())
        .order((generation::created_at, generation::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((generation::id, generation::request_id))
        .load(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, request)| Some((id.into(), request?))).collect())
}

/// Only of what is over: the tracker asks by these about the rest.
pub(in crate::db) async fn strike(conn: &mut Conn, user: UserId, id: GenerationId) -> Outcome<()> {
    sql_query(
        "UPDATE generation SET request_id = NULL, status_url = NULL, response_url = NULL, \
         cancel_url = NULL WHERE id = $1 AND user_id = $2 AND NOT is_live",
    )
    .bind::<IdSql, _>(Id::from(id))
    .bind::<BigInt, _>(user.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::db) async fn note_payload_trouble(
    conn: &mut Conn,
    pseudonym: UserId,
    trouble: Option<PayloadTrouble>,
) -> Outcome<()> {
    sql_query("UPDATE forgetting SET payload_trouble = $1 WHERE pseudonym = $2")
        .bind::<Nullable<Text>, _>(trouble.map(PayloadTrouble::name))
        .bind::<BigInt, _>(pseudonym.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// In this order: rows under the pseudonym come first, then whatever names the person moves there.
const EMPTYING: [&str; 9] = [
    "INSERT INTO person (id, first_name, blocked, stopped, created_at) \
     SELECT $1, '', TRUE, TRUE, created_at FROM person WHERE id = $2",
    "INSERT INTO account (id, kind, credited, debited, held) \
     SELECT $1, kind, credited, debited, held FROM account WHERE id = $2",
    "UPDATE generation SET user_id = $1, prompt = '', message = NULL, request_id = NULL, \
     status_url = NULL, response_url = NULL, cancel_url = NULL WHERE user_id = $2",
    "DELETE FROM failure WHERE generation IN (SELECT id FROM generation WHERE user_id = $1)",
    "UPDATE picture SET owner = $1, url = '', url_expires_at = NULL, file_id = NULL, favourite = FALSE, \
     mime = NULL, size = NULL, hash = NULL, width = NULL, height = NULL \
     WHERE generation IN (SELECT id FROM generation WHERE user_id = $1)",
    "DELETE FROM account WHERE id = $1",
    "DELETE FROM conversation WHERE user_id = $1",
    "DELETE FROM proposal WHERE user_id = $1",
    "DELETE FROM person WHERE id = $1",
];

/// How many of [`EMPTYING`] name both; then those of the pseudonym, then those of the person.
const BOTH: usize = 3;
const OF_PSEUDONYM: usize = 2;

pub(in crate::db) async fn empty(
    conn: &mut Conn,
    row: &Forgetting,
    at: Timestamp,
) -> Outcome<bool> {
    let (user, pseudonym) = (row.user.0, row.pseudonym.0);
    let stands = sql_query(format!("{COLUMNS} WHERE pseudonym = $1 AND emptied_at IS NULL"))
        .bind::<BigInt, _>(pseudonym)
        .get_result::<Row>(conn)
        .await
        .optional()?;
    if stands.is_none() {
        return Ok(true);
    }
    part::hold_account(conn, user).await?;
    if !waits(conn, row.user).await?.is_quiet() {
        return Ok(false);
    }
    for (place, statement) in EMPTYING.into_iter().enumerate() {
        if place == BOTH {
            rename_entries(conn, user, pseudonym).await?;
        }
        if place < BOTH {
            let both = sql_query(statement).bind::<BigInt, _>(pseudonym).bind::<BigInt, _>(user);
            both.execute(conn).await?;
        } else {
            let whose = if place < BOTH + OF_PSEUDONYM { pseudonym } else { user };
            sql_query(statement).bind::<BigInt, _>(whose).execute(conn).await?;
        }
    }
    sql_query("UPDATE forgetting SET emptied_at = $1 WHERE pseudonym = $2")
        .bind::<MomentSql, _>(Moment::from(at))
        .bind::<BigInt, _>(pseudonym)
        .execute(conn)
        .await?;
    Ok(true)
}

/// The one change of the books: see the trigger `entry_not_updated`.
async fn rename_entries(conn: &mut Conn, user: i64, pseudonym: i64) -> Outcome<()> {
    sql_query(
        "UPDATE entry SET user_id = $1, debit = CASE debit WHEN $2 THEN $1 ELSE debit END, \
           credit = CASE credit WHEN $2 THEN $1 ELSE credit END, reason = '', \
           id = CASE kind WHEN 'welcome' THEN $3 ELSE id END WHERE user_id = $2",
    )
    .bind::<BigInt, _>(pseudonym)
    .bind::<BigInt, _>(user)
    .bind::<IdSql, _>(Id(Uuid::from_u128(rand::random())))
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::db) async fn settled(conn: &mut Conn, user: UserId) -> Outcome<Found> {
    let updates = inbox::table
        .filter(inbox::user_id.eq(user.0))
        .filter(diesel::dsl::not(inbox::is_open))
        .select(inbox::seq);
    let parcels = outbox::table
        .filter(outbox::user_id.eq(user.0))
        .filter(diesel::dsl::not(outbox::is_open))
        .select(outbox::seq);
    let updates = Settled { table: Table::Inbox, seqs: updates.load(conn).await? };
    let parcels = Settled { table: Table::Outbox, seqs: parcels.load(conn).await? };
    Ok(Found { updates, parcels })
}

/// The rows stay until they are swept: so long a repeat of an update is noticed, and a broadcast is counted.
pub(in crate::db) async fn blank(
    conn: &mut Conn,
    table: Table,
    seqs: Vec<i64>,
    row: &Forgetting,
) -> Outcome<()> {
    let statement = match table {
        Table::Inbox => {
            "UPDATE inbox SET user_id = $1, payload = '', error = NULL, state = 'done' \
             WHERE seq = $2 AND user_id = $3 AND NOT is_open"
        }
        Table::Outbox => {
            "UPDATE outbox SET user_id = $1, note = CASE WHEN note IS NULL THEN NULL ELSE '' END, \
             error = NULL, placed = NULL, state = CASE state WHEN 'quarantined' THEN 'dead' ELSE state END \
             WHERE seq = $2 AND user_id = $3 AND NOT is_open"
        }
    };
    for seq in seqs {
        sql_query(statement)
            .bind::<BigInt, _>(row.pseudonym.0)
            .bind::<BigInt, _>(seq)
            .bind::<BigInt, _>(row.user.0)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// What nodes were told to do with the person's actor, and reports that name it: living nodes soon give others.
pub(in crate::db) async fn unsay(conn: &mut Conn, user: UserId) -> Outcome<()> {
    let orders = sql_query(
        "DELETE FROM node_order WHERE kind = 'retire' AND subject = $1 AND settled_at IS NOT NULL",
    );
    orders.bind::<Text, _>(user.to_string()).execute(conn).await?;
    let reports = sql_query("DELETE FROM node_report WHERE body LIKE $1");
    reports.bind::<Text, _>(format!("%{user}%")).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn end(conn: &mut Conn, pseudonym: UserId) -> Outcome<()> {
    sql_query("DELETE FROM forgetting WHERE pseudonym = $1 AND emptied_at IS NOT NULL")
        .bind::<BigInt, _>(pseudonym.0)
        .execute(conn)
        .await?;
    Ok(())
}
