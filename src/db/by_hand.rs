//! What an operator changes, from whatever process.

use aisha_actors::{
    domain::{
        change::{Changes, Committed, Refusal},
        id::GenerationId,
    },
    port::Result,
};

use super::{Database, request::Shape};

impl Database {
    /// [`aisha_actors::port::Records::commit`] of what an operator books and owes, for a person of whichever node: such
    /// entries are told apart by their derived ids, and nobody keeps a copy of what they change.
    ///
    /// # Errors
    /// As there.
    pub async fn commit_by_hand(
        &self,
        changes: Changes,
    ) -> Result<std::result::Result<Committed, Refusal>> {
        let now = self.clock.now();
        let answers = on_writer!(self, Shape::Parts, conn =>
            queries::commit::members(conn, vec![changes], now).await)?;
        let none = || aisha_actors::port::Error::transient("the store gave no answer");
        answers.into_iter().next().ok_or_else(none)
    }

    /// Owes the person all again that a generation came to: its pictures that are in the gallery, or how
    /// it ended without any. A message that is there still is brought up to date, one that is gone is sent
    /// anew; what is owed already stays as it is. Gives how many are owed now that were not.
    ///
    /// # Errors
    /// The database is away.
    pub async fn deliver_again(&self, id: GenerationId) -> Result<usize> {
        let at = self.clock.now();
        on_writer!(self, Shape::Several, conn => queries::outbox::owe_again(conn, id, at).await)
    }
}
