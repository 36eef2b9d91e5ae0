//! People.

use aisha_actors::{
    domain::{
        generation::Generation,
        id::{PictureId, UserId},
        ledger::{Account, Credits},
        picture::Picture,
        time::Timestamp,
    },
    port::{Counts, Result, Standing},
};

use super::{Bounded, Page, Spot};
use crate::db::{Database, row::fold};

/// One line of the list of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    pub id: UserId,
    pub first_name: String,
    pub username: Option<String>,
    /// What can be spent.
    pub available: Credits,
    /// Pictures in the gallery. [`Database::find_people`] counts no further than [`Bounded`] does.
    pub pictures: u64,
    pub open_generations: u64,
    /// The operator does not serve this person.
    pub blocked: bool,
    /// The person blocked the bot.
    pub stopped: bool,
    pub created_at: Timestamp,
}

impl PersonLine {
    /// Its place in the list.
    pub const fn spot(&self) -> Spot<UserId> {
        Spot { at: self.created_at, key: self.id }
    }
}

/// What people are looked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::db) struct Search {
    /// How the folded name or username begins.
    pub begins: String,
    pub id: Option<UserId>,
}

impl Search {
    /// None: no words, so everybody.
    fn read(words: &str) -> Option<Self> {
        let begins = fold(words.trim().trim_start_matches('@'));
        let id = begins.parse().ok().map(UserId);
        (!begins.is_empty()).then_some(Self { begins, id })
    }
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

    /// People, newest first: all, or those with this id, or whose name or username begins like this (with
    /// or without `@`, in capitals or not). `after`: from the next one on.
    pub async fn find_people(
        &self,
        search: Option<&str>,
        after: Option<Spot<UserId>>,
        limit: usize,
    ) -> Result<Vec<PersonLine>> {
        let search = search.and_then(Search::read);
        on_reader!(self, conn => queries::reports::people::find(conn, search, after, limit).await)
    }

    /// How many [`Database::find_people`] would find in all.
    pub async fn count_found_people(&self, search: Option<&str>) -> Result<Bounded> {
        let search = search.and_then(Search::read);
        on_reader!(self, conn => queries::reports::people::count_found(conn, search).await)
    }

    /// All pictures of a person, of the newest generation first, whatever became of them. `after`: from the
    /// next one on; the moment is that of the generation ([`Picture::created_at`]).
    pub async fn pictures_of_person(
        &self,
        user: UserId,
        after: Option<Spot<PictureId>>,
        limit: usize,
    ) -> Result<Vec<Picture>> {
        on_reader!(self, conn => queries::reports::people::pictures(conn, user, after, limit).await)
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
