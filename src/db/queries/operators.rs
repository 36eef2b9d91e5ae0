//! Operators.

use aisha_actors::domain::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, audit, logins};
use crate::db::{
    Outcome,
    operators::{NotChanged, Operator, OperatorChange, OperatorId, Role},
    row::{Corrupt, Moment, readable},
    schema::operator,
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = operator)]
pub(super) struct OperatorRow {
    id: i64,
    name: String,
    password: Option<String>,
    role: String,
    totp_salt: Option<Vec<u8>>,
    disabled: bool,
    created_at: Moment,
}

impl TryFrom<OperatorRow> for Operator {
    type Error = Corrupt;
    fn try_from(row: OperatorRow) -> Result<Self, Corrupt> {
        let unknown = || Corrupt::new(format!("the role of operator {} is unknown", row.id));
        Ok(Self {
            id: OperatorId(row.id),
            role: Role::parse(&row.role).ok_or_else(unknown)?,
            name: row.name,
            has_password: row.password.is_some(),
            totp_salt: row.totp_salt,
            disabled: row.disabled,
            created_at: row.created_at.into(),
        })
    }
}

pub(in crate::db) async fn create(
    conn: &mut Conn,
    name: String,
    password: Option<String>,
    role: Role,
    at: Timestamp,
) -> Outcome<Option<OperatorId>> {
    let id: Option<i64> = diesel::insert_into(operator::table)
        .values((
            operator::name.eq(name),
            operator::password.eq(password),
            operator::role.eq(role.name()),
            operator::created_at.eq(Moment::from(at)),
        ))
        .on_conflict_do_nothing()
        .returning(operator::id)
        .get_result(conn)
        .await
        .optional()?;
    Ok(id.map(OperatorId))
}

pub(in crate::db) async fn all(conn: &mut Conn) -> Outcome<Vec<Operator>> {
    let rows: Vec<OperatorRow> =
        operator::table.order(operator::name).select(OperatorRow::as_select()).load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn by_name(conn: &mut Conn, name: String) -> Outcome<Option<Operator>> {
    let row: Option<OperatorRow> = operator::table
        .filter(operator::name.eq(name))
        .select(OperatorRow::as_select())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Operator::try_from).transpose()?)
}

pub(in crate::db) async fn password_of(conn: &mut Conn, name: String) -> Outcome<Option<String>> {
    let password: Option<Option<String>> = operator::table
        .filter(operator::name.eq(name))
        .filter(operator::disabled.eq(false))
        .select(operator::password)
        .get_result(conn)
        .await
        .optional()?;
    Ok(password.flatten())
}

/// The last owner who can act stays one: two nodes that change owners at once wait for each other.
pub(in crate::db) async fn change(
    conn: &mut Conn,
    id: OperatorId,
    change: OperatorChange,
) -> Outcome<Result<(), NotChanged>> {
    audit::lock(conn).await?;
    let takes_away = match &change {
        OperatorChange::Role(role) => *role != Role::Owner,
        OperatorChange::Disabled(disabled) => *disabled,
        OperatorChange::Password { .. } | OperatorChange::Totp(_) => false,
    };
    let row = operator::table.find(id.0);
    if takes_away {
        let owners = operator::table
            .filter(operator::role.eq(Role::Owner.name()))
            .filter(operator::disabled.eq(false));
        let ids: Vec<i64> = owners.select(operator::id).load(conn).await?;
        if ids == [id.0] {
            return Ok(Err(NotChanged::LastOwner));
        }
    }
    let ends_sessions =
        !matches!(change, OperatorChange::Role(_) | OperatorChange::Disabled(false));
    let lost = matches!(change, OperatorChange::Password { lost: true, .. });
    let rows = match change {
        OperatorChange::Password { hash, lost: false } => {
            diesel::update(row).set(operator::password.eq(hash)).execute(conn).await?
        }
        OperatorChange::Password { hash, lost: true } => {
            let nothing: Option<Vec<u8>> = None;
            let set = (operator::password.eq(hash), operator::totp_salt.eq(nothing));
            diesel::update(row).set(set).execute(conn).await?
        }
        OperatorChange::Role(role) => {
            diesel::update(row).set(operator::role.eq(role.name())).execute(conn).await?
        }
        OperatorChange::Disabled(disabled) => {
            diesel::update(row).set(operator::disabled.eq(disabled)).execute(conn).await?
        }
        OperatorChange::Totp(salt) => {
            let salt = salt.map(Vec::from);
            diesel::update(row).set(operator::totp_salt.eq(salt)).execute(conn).await?
        }
    };
    if rows == 0 {
        return Ok(Err(NotChanged::Unknown));
    }
    if lost {
        // Whoever has the new password is not to wait for somebody else's guesses.
        let name = operator::table.find(id.0).select(operator::name);
        let name: String = name.get_result(conn).await?;
        logins::forgive_account(conn, name).await?;
    }
    if ends_sessions {
        logins::end_all(conn, id, None).await?;
    }
    Ok(Ok(()))
}

pub(in crate::db) async fn use_totp(conn: &mut Conn, id: OperatorId, span: i64) -> Outcome<bool> {
    let unused = operator::table.filter(operator::id.eq(id.0)).filter(operator::totp_used.lt(span));
    let rows = diesel::update(unused).set(operator::totp_used.eq(span)).execute(conn).await?;
    Ok(rows > 0)
}
