//! The deletion of a person: a row says that it goes on, the steps of `app::forgetting` bring it to its end.
//!
//! What was the person's is taken from them in one transaction ([`Database::empty`]), once nothing of theirs is
//! under way: the books go on under a drawn id, everything else is blank or gone.

use aisha_actors::{
    domain::{
        id::{GenerationId, UserId},
        picture::Picture,
        time::Timestamp,
    },
    port::Result,
};

use super::{Database, request::Shape};

/// Rows that are blanked in one transaction.
const BATCH: usize = 500;

/// A deletion that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgetting {
    /// Under what the books will stand.
    pub pseudonym: UserId,
    pub user: UserId,
    /// Who wants it, and why.
    pub operator: String,
    pub reason: String,
    pub asked_at: Timestamp,
    /// [`Database::empty`] is done: whoever stands under the id now is somebody new.
    pub is_emptied: bool,
    /// What the provider's copies wait for.
    pub payload_trouble: Option<PayloadTrouble>,
}

/// Why the provider does not delete its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadTrouble {
    /// It does not take the admin key.
    Refused,
    /// It cannot be reached, or cannot do it now.
    Away,
}

impl PayloadTrouble {
    /// As the row has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Away => "away",
        }
    }

    pub(in crate::db) fn parse(word: &str) -> Option<Self> {
        [Self::Refused, Self::Away].into_iter().find(|trouble| trouble.name() == word)
    }
}

/// What a deletion waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits {
    pub is_blocked: bool,
    /// Updates that are not worked off.
    pub updates: u64,
    /// Generations that are open or not yet delivered.
    pub generations: u64,
    /// Messages that are owed.
    pub parcels: u64,
    /// Pictures whose objects may still be there, and how many of these are set aside.
    pub pictures: u64,
    pub aside: u64,
    /// Requests of which the provider may have copies. They count only where somebody can have them deleted.
    pub requests: u64,
}

impl Waits {
    /// Nothing of the person is under way any more.
    pub const fn is_quiet(self) -> bool {
        self.is_blocked
            && self.updates == 0
            && self.generations == 0
            && self.parcels == 0
            && self.pictures == 0
    }
}

/// What came of the wish to delete somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    Now,
    /// It goes on already.
    Before,
    /// There is no such person. A group is none.
    Nobody,
}

impl Database {
    /// Notes that a person is to be deleted, once. Pictures that could not be deleted so far are tried again.
    ///
    /// # Errors
    /// The database is away.
    pub async fn begin_forgetting(
        &self,
        user: UserId,
        operator: &str,
        reason: &str,
    ) -> Result<Begun> {
        let row = Forgetting {
            pseudonym: UserId::pseudonym(rand::random()),
            user,
            operator: operator.to_owned(),
            reason: reason.to_owned(),
            asked_at: self.clock.now(),
            is_emptied: false,
            payload_trouble: None,
        };
        on_writer!(self, Shape::Several, conn => queries::forget::begin(conn, row).await)
    }

    /// All deletions that go on, the oldest first.
    pub async fn forgettings(&self) -> Result<Vec<Forgetting>> {
        on_reader!(self, conn => queries::forget::all(conn).await)
    }

    /// The deletion of a person, and what it waits for. None: nobody wants it, or it is over for them.
    pub async fn forgetting_of(&self, user: UserId) -> Result<Option<(Forgetting, Waits)>> {
        on_reader!(self, conn => queries::forget::of(conn, user).await)
    }

    /// What the deletion of a person waits for.
    pub async fn forgetting_waits(&self, user: UserId) -> Result<Waits> {
        on_reader!(self, conn => queries::forget::waits(conn, user).await)
    }

    /// Gives up the person's messages that were set aside, and ends what waited for them.
    ///
    /// # Errors
    /// `Fenced`: another node has the person.
    pub async fn give_up_owed(&self, user: UserId) -> Result<()> {
        self.fence.may_commit([user])?;
        let at = self.clock.now();
        on_writer!(self, Shape::Several, conn => queries::forget::give_up(conn, user, at).await)
    }

    /// The person's pictures of which nobody knows whether they are stored.
    pub async fn pending_pictures_of(&self, user: UserId) -> Result<Vec<Picture>> {
        on_reader!(self, conn => queries::forget::pending(conn, user).await)
    }

    /// Gives all of the person's pictures to be deleted. Returns how many were not given before.
    ///
    /// # Errors
    /// `Fenced`: another node has the person.
    pub async fn trash_all_of(&self, user: UserId) -> Result<usize> {
        self.fence.may_commit([user])?;
        let at = self.clock.now();
        on_writer!(self, Shape::Several, conn => queries::forget::trash(conn, user, at).await)
    }

    /// The person's oldest requests that the provider still has, at most `limit`, each with its id there.
    pub async fn requests_of(
        &self,
        user: UserId,
        limit: usize,
    ) -> Result<Vec<(GenerationId, String)>> {
        on_reader!(self, conn => queries::forget::requests(conn, user, limit).await)
    }

    /// The provider has nothing of a request any more: its row forgets the id there and the addresses.
    ///
    /// # Errors
    /// `Fenced`: another node has the person.
    pub async fn strike_request(&self, user: UserId, id: GenerationId) -> Result<()> {
        self.fence.may_commit([user])?;
        on_writer!(self, Shape::One, conn => queries::forget::strike(conn, user, id).await)
    }

    /// Notes what the provider's copies wait for.
    ///
    /// # Errors
    /// `Fenced`: another node has the person.
    pub async fn note_payload_trouble(
        &self,
        row: &Forgetting,
        trouble: Option<PayloadTrouble>,
    ) -> Result<()> {
        self.fence.may_commit([row.user])?;
        let pseudonym = row.pseudonym;
        on_writer!(self, Shape::One, conn =>
            queries::forget::note_payload_trouble(conn, pseudonym, trouble).await)
    }

    /// The one transaction: books, generations and pictures stand under the pseudonym, prompts, addresses and
    /// ids of files are gone, and so is the person. False: something of theirs is under way, nothing has
    /// changed.
    ///
    /// # Errors
    /// `Fenced`: another node has the person.
    pub async fn empty(&self, row: &Forgetting) -> Result<bool> {
        self.fence.may_commit([row.user])?;
        let (row, at) = (row.clone(), self.clock.now());
        on_writer!(self, Shape::Several, conn => queries::forget::empty(conn, &row, at).await)
    }

    /// Blanks what was worked off and sent, and what nodes said of the person. These rows are found without an
    /// index, so not in the transaction that holds up others.
    ///
    /// # Errors
    /// The database is away; what is blank is blank.
    pub async fn blank_settled(&self, row: &Forgetting) -> Result<()> {
        let user = row.user;
        let found = on_patient_reader!(self, conn => queries::forget::settled(conn, user).await)?;
        for kind in [found.updates, found.parcels] {
            for seqs in kind.seqs.chunks(BATCH) {
                let (seqs, table, row) = (seqs.to_vec(), kind.table, row.clone());
                on_writer!(self, Shape::Several, conn =>
                    queries::forget::blank(conn, table, seqs, &row).await)?;
            }
        }
        on_writer!(self, Shape::Several, conn => queries::forget::unsay(conn, user).await)
    }

    /// The deletion is over: nothing names the person.
    ///
    /// # Errors
    /// The database is away.
    pub async fn end_forgetting(&self, row: &Forgetting) -> Result<()> {
        let pseudonym = row.pseudonym;
        on_writer!(self, Shape::One, conn => queries::forget::end(conn, pseudonym).await)
    }
}

/// Rows of one table that are settled.
pub(in crate::db) struct Settled {
    pub(in crate::db) table: Table,
    pub(in crate::db) seqs: Vec<i64>,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::db) enum Table {
    Inbox,
    Outbox,
}

/// All that is settled of a person.
pub(in crate::db) struct Found {
    pub(in crate::db) updates: Settled,
    pub(in crate::db) parcels: Settled,
}
