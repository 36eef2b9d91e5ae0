//! Sessions of operators, tries to sign in, and links that do it once.

use std::time::Duration;

use aisha_actors::domain::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, audit, operators::OperatorRow};
use crate::db::{
    Outcome,
    operators::{FAILURES_KEPT, Operator, OperatorId, Session, TokenHash, Try},
    row::{Corrupt, Moment, readable},
    schema::{admin_session, login_failure, login_link, operator},
};

/// Failures that lock an account, and an address.
const ACCOUNT_MAX: usize = 5;
const ADDRESS_MAX: usize = 20;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = admin_session)]
struct SessionRow {
    token: Vec<u8>,
    created_at: Moment,
    seen_at: Moment,
    proved_at: Moment,
    address: String,
    agent: String,
}

impl TryFrom<SessionRow> for Session {
    type Error = Corrupt;
    fn try_from(row: SessionRow) -> Result<Self, Corrupt> {
        let token = TokenHash::try_from(row.token);
        Ok(Self {
            token: token.map_err(|_| Corrupt::new("the hash of a session has another length"))?,
            created_at: row.created_at.into(),
            seen_at: row.seen_at.into(),
            proved_at: row.proved_at.into(),
            address: row.address,
            agent: row.agent,
        })
    }
}

pub(in crate::db) async fn begin(
    conn: &mut Conn,
    operator: OperatorId,
    session: Session,
) -> Outcome<()> {
    diesel::insert_into(admin_session::table)
        .values((
            admin_session::token.eq(Vec::from(session.token)),
            admin_session::operator.eq(operator.0),
            admin_session::created_at.eq(Moment::from(session.created_at)),
            admin_session::seen_at.eq(Moment::from(session.seen_at)),
            admin_session::proved_at.eq(Moment::from(session.proved_at)),
            admin_session::address.eq(session.address),
            admin_session::agent.eq(session.agent),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn session(
    conn: &mut Conn,
    token: TokenHash,
) -> Outcome<Option<(Session, Operator)>> {
    let row: Option<(SessionRow, OperatorRow)> = admin_session::table
        .inner_join(operator::table.on(operator::id.eq(admin_session::operator)))
        .filter(admin_session::token.eq(Vec::from(token)))
        .filter(operator::disabled.eq(false))
        .select((SessionRow::as_select(), OperatorRow::as_select()))
        .get_result(conn)
        .await
        .optional()?;
    let Some((session, operator)) = row else { return Ok(None) };
    Ok(Some((session.try_into()?, operator.try_into()?)))
}

pub(in crate::db) async fn sessions_of(
    conn: &mut Conn,
    operator: OperatorId,
) -> Outcome<Vec<Session>> {
    let rows: Vec<SessionRow> = admin_session::table
        .filter(admin_session::operator.eq(operator.0))
        .order(admin_session::created_at.desc())
        .limit(100)
        .select(SessionRow::as_select())
        .load(conn)
        .await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn touch(conn: &mut Conn, token: TokenHash, at: Timestamp) -> Outcome<()> {
    diesel::update(admin_session::table.find(Vec::from(token)))
        .set(admin_session::seen_at.eq(Moment::from(at)))
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn prove(conn: &mut Conn, token: TokenHash, at: Timestamp) -> Outcome<()> {
    diesel::update(admin_session::table.find(Vec::from(token)))
        .set(admin_session::proved_at.eq(Moment::from(at)))
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn end(conn: &mut Conn, token: TokenHash) -> Outcome<()> {
    diesel::delete(admin_session::table.find(Vec::from(token))).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn end_all(
    conn: &mut Conn,
    operator: OperatorId,
    but: Option<TokenHash>,
) -> Outcome<usize> {
    let theirs = admin_session::table.filter(admin_session::operator.eq(operator.0));
    let rows = match but {
        Some(token) => {
            let others = theirs.filter(admin_session::token.ne(Vec::from(token)));
            diesel::delete(others).execute(conn).await?
        }
        None => diesel::delete(theirs).execute(conn).await?,
    };
    Ok(rows)
}

/// How long until one more try after those that failed, by account (`times`, newest first).
fn pause(times: &[Moment], max: usize, now: Timestamp, slows_down: bool) -> Duration {
    let Some(newest) = times.first() else { return Duration::ZERO };
    let locked = match times.get(max - 1) {
        Some(oldest) => Timestamp::from(*oldest).plus(FAILURES_KEPT).since(now),
        None => Duration::ZERO,
    };
    // 0, 1, 3, 7 seconds after the first, second … failure.
    let exponent = u32::try_from(times.len() - 1).unwrap_or(u32::MAX).min(10);
    let slow = Duration::from_secs(if slows_down { (1 << exponent) - 1 } else { 0 });
    locked.max(Timestamp::from(*newest).plus(slow).since(now))
}

pub(in crate::db) async fn begin_try(
    conn: &mut Conn,
    account: String,
    address: String,
    at: Timestamp,
) -> Outcome<Try> {
    // Nodes that count at once would not see each other's tries.
    audit::lock(conn).await?;
    let age = i64::try_from(FAILURES_KEPT.as_micros()).unwrap_or(i64::MAX);
    let since = Moment(at.0.saturating_sub(age));
    let of_account: Vec<Moment> = login_failure::table
        .filter(login_failure::account.eq(&account))
        .filter(login_failure::at.gt(since))
        .order(login_failure::at.desc())
        .limit(ACCOUNT_MAX as i64)
        .select(login_failure::at)
        .load(conn)
        .await?;
    let of_address: Vec<Moment> = login_failure::table
        .filter(login_failure::address.eq(&address))
        .filter(login_failure::at.gt(since))
        .order(login_failure::at.desc())
        .limit(ADDRESS_MAX as i64)
        .select(login_failure::at)
        .load(conn)
        .await?;
    let wait =
        pause(&of_account, ACCOUNT_MAX, at, true).max(pause(&of_address, ADDRESS_MAX, at, false));
    if wait > Duration::ZERO {
        return Ok(Try::Wait(wait));
    }
    diesel::insert_into(login_failure::table)
        .values((
            login_failure::account.eq(account),
            login_failure::address.eq(address),
            login_failure::at.eq(Moment::from(at)),
        ))
        .execute(conn)
        .await?;
    Ok(Try::Granted)
}

/// Other accounts' failures from the same address stay: they may be somebody else's guesses.
pub(in crate::db) async fn forgive(
    conn: &mut Conn,
    account: String,
    address: String,
) -> Outcome<()> {
    let theirs = login_failure::table
        .filter(login_failure::account.eq(account))
        .filter(login_failure::address.eq(address));
    diesel::delete(theirs).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn forgive_account(conn: &mut Conn, account: String) -> Outcome<()> {
    let theirs = login_failure::table.filter(login_failure::account.eq(account));
    diesel::delete(theirs).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn add_link(
    conn: &mut Conn,
    token: TokenHash,
    operator: OperatorId,
    expires_at: Timestamp,
) -> Outcome<()> {
    // A newer link takes the place of those before.
    let before = login_link::table.filter(login_link::operator.eq(operator.0));
    diesel::delete(before).execute(conn).await?;
    diesel::insert_into(login_link::table)
        .values((
            login_link::token.eq(Vec::from(token)),
            login_link::operator.eq(operator.0),
            login_link::expires_at.eq(Moment::from(expires_at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::db) async fn use_link(
    conn: &mut Conn,
    token: TokenHash,
    at: Timestamp,
) -> Outcome<Option<OperatorId>> {
    let found: Option<(i64, Moment)> =
        diesel::delete(login_link::table.filter(login_link::token.eq(Vec::from(token))))
            .returning((login_link::operator, login_link::expires_at))
            .get_result(conn)
            .await
            .optional()?;
    let alive = found.filter(|(_, expires_at)| Timestamp::from(*expires_at) > at);
    Ok(alive.map(|(operator, _)| OperatorId(operator)))
}

pub(in crate::db) async fn sweep(
    conn: &mut Conn,
    sessions_before: Timestamp,
    at: Timestamp,
) -> Outcome<()> {
    let old = admin_session::table.filter(admin_session::seen_at.lt(Moment::from(sessions_before)));
    diesel::delete(old).execute(conn).await?;
    let old = login_link::table.filter(login_link::expires_at.le(Moment::from(at)));
    diesel::delete(old).execute(conn).await?;
    let age = i64::try_from(FAILURES_KEPT.as_micros()).unwrap_or(i64::MAX);
    let since = Moment(at.0.saturating_sub(age));
    diesel::delete(login_failure::table.filter(login_failure::at.lt(since))).execute(conn).await?;
    Ok(())
}
