//! People.

use aisha_actors::{
    domain::{
        generation::Generation,
        id::UserId,
        ledger::{Account, Credits},
        time::Timestamp,
    },
    port::{Counts, Result, Standing},
};
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use futures::FutureExt;

use super::{Page, pattern};
use crate::db::{
    Conn, Database, Outcome, gallery, generations, ledger, people,
    schema::{account, person},
};

/// One line of the list of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    pub id: UserId,
    pub first_name: String,
    pub username: Option<String>,
    /// What can be spent.
    pub available: Credits,
    /// Pictures in the gallery.
    pub pictures: u64,
    pub open_generations: u64,
    /// The operator does not serve this person.
    pub blocked: bool,
    /// The person blocked the bot.
    pub stopped: bool,
    pub created_at: Timestamp,
}

/// All about one person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonReport {
    pub standing: Standing,
    pub account: Account,
    pub counts: Counts,
    /// Oldest first.
    pub open_generations: Vec<Generation>,
}

impl Database {
    /// People, newest first. `search`: an id, or a part of a name or username (with or without `@`).
    pub async fn list_people(&self, search: Option<&str>, page: Page) -> Result<Vec<PersonLine>> {
        let search = search.map(|words| words.trim().trim_start_matches('@').to_owned());
        self.readers.read(move |conn| async move { list(conn, search, page).await }.boxed()).await
    }

    /// How many people [`Database::list_people`] would list in all.
    pub async fn count_people(&self, search: Option<&str>) -> Result<u64> {
        let search = search.map(|words| words.trim().trim_start_matches('@').to_owned());
        self.readers
            .read(move |conn| {
                async move {
                    let found: i64 = found(search).count().get_result(conn).await?;
                    Ok(found.unsigned_abs())
                }
                .boxed()
            })
            .await
    }

    /// One person's full standing. None: not registered.
    pub async fn person_report(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<PersonReport>> {
        self.readers.read(move |conn| report(conn, user, now).boxed()).await
    }
}

fn found(search: Option<String>) -> person::BoxedQuery<'static, diesel::sqlite::Sqlite> {
    let query = person::table.into_boxed();
    match search {
        None => query,
        Some(words) => {
            let like = pattern(&words);
            let named = person::first_name
                .like(like.clone())
                .escape('\\')
                .or(person::username.assume_not_null().like(like).escape('\\'));
            match words.parse::<i64>() {
                Ok(id) => query.filter(person::id.eq(id).or(named)),
                Err(_) => query.filter(named),
            }
        }
    }
}

async fn list(conn: &mut Conn, search: Option<String>, page: Page) -> Outcome<Vec<PersonLine>> {
    type Row = (i64, String, Option<String>, bool, bool, i64, i64, i64, Option<i64>);
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
                created_at: Timestamp(created_at),
            }
        })
        .collect())
}

async fn report(conn: &mut Conn, user: UserId, now: Timestamp) -> Outcome<Option<PersonReport>> {
    let Some(standing) = people::standing(conn, user).await? else { return Ok(None) };
    Ok(Some(PersonReport {
        standing,
        account: ledger::account_of(conn, user).await?,
        counts: gallery::counts(conn, user, now).await?,
        open_generations: generations::open_of(conn, user).await?,
    }))
}
