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

use super::Page;
use crate::db::Database;

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
        on_reader!(self, conn => queries::reports::people::list(conn, search, page).await)
    }

    /// How many people [`Database::list_people`] would list in all.
    pub async fn count_people(&self, search: Option<&str>) -> Result<u64> {
        let search = search.map(|words| words.trim().trim_start_matches('@').to_owned());
        on_reader!(self, conn => queries::reports::people::count(conn, search).await)
    }

    /// One person's full standing. None: not registered.
    pub async fn person_report(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<PersonReport>> {
        on_reader!(self, conn => queries::reports::people::report(conn, user, now).await)
    }
}
