//! The audit log.

use aisha_actors::domain::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::db::{
    Outcome,
    audit::{AuditFilter, AuditRow, BEGINNING, Deed, chain},
    row::Moment,
    schema::{audit, audit_head},
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    seq: i64,
    at: Moment,
    actor: String,
    action: String,
    subject: String,
    reason: String,
    value_before: Option<String>,
    value_after: Option<String>,
    request_id: String,
    address: String,
    hash: Vec<u8>,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        Self {
            seq: row.seq,
            at: row.at.into(),
            deed: Deed {
                actor: row.actor,
                action: row.action,
                subject: row.subject,
                reason: row.reason,
                before: row.value_before,
                after: row.value_after,
                request_id: row.request_id,
                address: row.address,
            },
            hash: row.hash,
        }
    }
}

/// Until the end of this transaction nobody else appends, nor does what else waits for this row.
pub(in crate::db) async fn lock(conn: &mut Conn) -> Outcome<()> {
    diesel::insert_into(audit_head::table)
        .values((
            audit_head::one.eq(1),
            audit_head::seq.eq(0),
            audit_head::hash.eq(Vec::from(BEGINNING)),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    diesel::update(audit_head::table.find(1))
        .set(audit_head::seq.eq(audit_head::seq))
        .execute(conn)
        .await?;
    Ok(())
}

/// The number and the hash of the last row.
pub(in crate::db) async fn head(conn: &mut Conn) -> Outcome<(i64, Vec<u8>)> {
    let head: Option<(i64, Vec<u8>)> = audit_head::table
        .find(1)
        .select((audit_head::seq, audit_head::hash))
        .get_result(conn)
        .await
        .optional()?;
    Ok(head.unwrap_or_else(|| (0, Vec::from(BEGINNING))))
}

pub(in crate::db) async fn append(conn: &mut Conn, deed: Deed, at: Timestamp) -> Outcome<i64> {
    lock(conn).await?;
    let (last, before) = head(conn).await?;
    let seq = last + 1;
    let hash = Vec::from(chain(&before, seq, at, &deed));
    diesel::insert_into(audit::table)
        .values((
            audit::seq.eq(seq),
            audit::at.eq(Moment::from(at)),
            audit::actor.eq(deed.actor),
            audit::action.eq(deed.action),
            audit::subject.eq(deed.subject),
            audit::reason.eq(deed.reason),
            audit::value_before.eq(deed.before),
            audit::value_after.eq(deed.after),
            audit::request_id.eq(deed.request_id),
            audit::address.eq(deed.address),
            audit::hash.eq(&hash),
        ))
        .execute(conn)
        .await?;
    diesel::update(audit_head::table.find(1))
        .set((audit_head::seq.eq(seq), audit_head::hash.eq(hash)))
        .execute(conn)
        .await?;
    Ok(seq)
}

pub(in crate::db) async fn rows(
    conn: &mut Conn,
    filter: AuditFilter,
    limit: usize,
) -> Outcome<Vec<AuditRow>> {
    let mut query = audit::table.into_boxed::<super::Db>();
    if !filter.actor.is_empty() {
        query = query.filter(audit::actor.eq(filter.actor));
    }
    if !filter.subject.is_empty() {
        query = query.filter(audit::subject.eq(filter.subject));
    }
    if let Some(before) = filter.before {
        query = query.filter(audit::seq.lt(before));
    }
    let rows: Vec<Row> = query
        .order(audit::seq.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(AuditRow::from).collect())
}

pub(in crate::db) async fn rows_after(
    conn: &mut Conn,
    seq: i64,
    limit: usize,
) -> Outcome<Vec<AuditRow>> {
    let rows: Vec<Row> = audit::table
        .filter(audit::seq.gt(seq))
        .order(audit::seq)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(AuditRow::from).collect())
}
