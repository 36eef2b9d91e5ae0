//! People.

use aisha_actors::domain::{
    id::{PictureId, UserId},
    ledger::Credits,
    picture::Picture,
    time::Timestamp,
};
use diesel::{
    define_sql_function,
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    super::{gallery, generations, ledger, people},
    Conn, Db,
};
use crate::db::{
    Outcome,
    reports::{Bounded, FEW, Page, PersonLine, PersonReport, Search, Spot},
    row::{Id, Moment, PictureRow, readable},
    schema::{account, generation, person, picture},
    types::{IdSql, MomentSql},
};

define_sql_function! {
    /// In lower case, as the database understands it.
    fn lower(text: Text) -> Text;
}

/// The pattern that finds `words` anywhere, whatever wildcards stand in them. Escaped with `\`.
pub(super) fn pattern(words: &str) -> String {
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

/// Everything with this beginning lies below it: no text goes on with a greater character.
fn end_of(begins: &str) -> String {
    format!("{begins}\u{10ffff}")
}

/// Those that are searched for, from an index.
fn searched(search: Option<Search>) -> person::BoxedQuery<'static, Db> {
    let query = person::table.into_boxed();
    let Some(Search { begins, id }) = search else { return query };
    let end = end_of(&begins);
    let name = person::name_folded.ge(begins.clone()).and(person::name_folded.lt(end.clone()));
    let named = name.or(person::username_folded.ge(begins).and(person::username_folded.lt(end)));
    match id {
        Some(id) => query.filter(person::id.eq(id.0).or(named)),
        None => query.filter(named),
    }
}

pub(in crate::db) async fn count_found(
    conn: &mut Conn,
    search: Option<Search>,
) -> Outcome<Bounded> {
    let few = searched(search).select(person::id).limit(FEW);
    let found: Vec<i64> = few.load(conn).await?;
    Ok(Bounded(found.len() as u64))
}

pub(in crate::db) async fn find(
    conn: &mut Conn,
    search: Option<Search>,
    after: Option<Spot<UserId>>,
    limit: usize,
) -> Outcome<Vec<PersonLine>> {
    let mut query = searched(search);
    if let Some(Spot { at, key }) = after {
        query = query.filter(
            sql::<Bool>("(person.created_at, person.id) < (")
                .bind::<MomentSql, _>(Moment::from(at))
                .sql(", ")
                .bind::<BigInt, _>(key.0)
                .sql(")"),
        );
    }
    let pictures = format!(
        "(SELECT count(*) FROM (SELECT 1 FROM picture WHERE picture.owner = person.id \
         AND picture.listed LIMIT {FEW}) AS few)"
    );
    lines(conn, query, &pictures, Page { limit, offset: 0 }).await
}

pub(in crate::db) async fn pictures(
    conn: &mut Conn,
    user: UserId,
    after: Option<Spot<PictureId>>,
    limit: usize,
) -> Outcome<Vec<Picture>> {
    let mut rows = generation::table
        .inner_join(picture::table.on(picture::generation.eq(generation::id)))
        .filter(generation::user_id.eq(user.0))
        .order((generation::created_at.desc(), generation::id.desc(), picture::n.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(PictureRow::as_select())
        .into_boxed::<Db>();
    if let Some(Spot { at, key }) = after {
        let (at, id) = (Moment::from(at), Id::from(key.generation));
        // The first condition bounds the walk; the second one is for the pictures of the same generation.
        rows = rows
            .filter(
                sql::<Bool>("(generation.created_at, generation.id) <= (")
                    .bind::<MomentSql, _>(at)
                    .sql(", ")
                    .bind::<IdSql, _>(id)
                    .sql(")"),
            )
            .filter(generation::id.ne(id).or(picture::n.lt(i32::from(key.n))));
    }
    Ok(readable(rows.load(conn).await?))
}

pub(in crate::db) async fn list(
    conn: &mut Conn,
    search: Option<String>,
    page: Page,
) -> Outcome<Vec<PersonLine>> {
    let pictures =
        "(SELECT count(*) FROM picture WHERE picture.owner = person.id AND picture.listed)";
    lines(conn, found(search), pictures, page).await
}

async fn lines(
    conn: &mut Conn,
    query: person::BoxedQuery<'static, Db>,
    pictures: &str,
    page: Page,
) -> Outcome<Vec<PersonLine>> {
    type Row = (i64, String, Option<String>, bool, bool, Moment, i64, i64, Option<i64>);
    let rows: Vec<Row> = query
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
            sql::<BigInt>(pictures),
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
