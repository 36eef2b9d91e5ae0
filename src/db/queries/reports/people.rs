//! People.

use aisha_actors::domain::{id::UserId, ledger::Credits, time::Timestamp};
use diesel::{
    define_sql_function,
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    super::{gallery, generations, ledger, people},
    Conn, Db,
};
use crate::db::{
    Outcome,
    reports::{Page, PersonLine, PersonReport},
    row::Moment,
    schema::{account, person},
};

define_sql_function! {
    /// In lower case, as the database understands it.
    fn lower(text: Text) -> Text;
}

/// The pattern that finds `words` anywhere, whatever wildcards stand in them. Escaped with `\`.
fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

pub(in crate::db) async fn count(conn: &mut Conn, search: Option<String>) -> Outcome<u64> {
    let found: i64 = found(search).count().get_result(conn).await?;
    Ok(found.unsigned_abs())
}

fn found(search: Option<String>) -> person::BoxedQuery<'static, Db> {
    let query = person::table.into_boxed();
    match search {
        None => query,
        Some(words) => {
            // The pattern goes through the database too: both know the same letters then.
            let like = || lower(pattern(&words));
            let named = lower(person::first_name).like(like()).escape('\\').or(lower(
                person::username.assume_not_null(),
            )
            .like(like())
            .escape('\\'));
            match words.parse::<i64>() {
                Ok(id) => query.filter(person::id.eq(id).or(named)),
                Err(_) => query.filter(named),
            }
        }
    }
}

pub(in crate::db) async fn list(
    conn: &mut Conn,
    search: Option<String>,
    page: Page,
) -> Outcome<Vec<PersonLine>> {
    type Row = (i64, String, Option<String>, bool, bool, Moment, i64, i64, Option<i64>);
    let rows: Vec<Row> = found(search)
        .order((person::created_at.desc(), person::id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .left_join(account::table.on(account::id.eq(person::id)))
        .select((
            person::id,
            person::first_name,
            person::username,
            person::blocked,
            person::stopped,
            person::created_at,
            sql::<BigInt>(
                "(SELECT count(*) FROM picture WHERE picture.owner = person.id AND picture.listed)",
            ),
            sql::<BigInt>(
                "(SELECT count(*) FROM generation WHERE generation.user_id = person.id \
                 AND generation.is_open)",
            ),
            (account::credited - account::debited - account::held).nullable(),
        ))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, first_name, username, blocked, stopped, created_at, pictures, open, free)| {
            PersonLine {
                id: UserId(id),
                first_name,
                username,
                available: Credits(free.unwrap_or_default()),
                pictures: pictures.unsigned_abs(),
                open_generations: open.unsigned_abs(),
                blocked,
                stopped,
                created_at: created_at.into(),
            }
        })
        .collect())
}

pub(in crate::db) async fn report(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Outcome<Option<PersonReport>> {
    let Some(standing) = people::standing(conn, user).await? else { return Ok(None) };
    Ok(Some(PersonReport {
        standing,
        account: ledger::account_of(conn, user).await?,
        counts: gallery::counts(conn, user, now).await?,
        open_generations: generations::open_of(conn, user).await?,
    }))
}
