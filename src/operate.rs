//! What an operator does to people and their generations, from the command line and from the dashboard.
//!
//! Credits and messages are one transaction each, whose ids are derived from what they are for. Whatever a
//! person's own actor has to do is put into the inbox: it is done in order with what they do themselves,
//! on the node that serves them, and also if the bot is away now.

use aisha_actors::{
    domain::{
        change::{Change, Changes, Refusal},
        generation::Generation,
        id::{GenerationId, UpdateId, UserId},
        ledger::{Credits, Entry, Refused},
        outbox::Parcel,
        person::Profile,
        time::Timestamp,
        update::{Input, Update},
    },
    port::{Arrival, Inbox, Result, Source},
};
use serde_json::{Value, json};

use crate::db::{Database, forget::Begun};

/// Credits that are given, or taken back, and why.
#[derive(Debug, Clone)]
pub struct Gift {
    pub user: UserId,
    /// Negative: taken back.
    pub amount: Credits,
    /// The person reads it too.
    pub reason: String,
    /// Who does it.
    pub by: String,
    /// Names this one act: repeated under the same name, it is done once.
    pub cause: String,
}

impl Gift {
    /// What is booked, and what the person is told.
    pub fn changes(self, at: Timestamp) -> Changes {
        let Self { user, amount, reason, by, cause } = self;
        let entry = Entry::by_operator(user, amount, reason.clone(), by, &cause, at);
        let parcel = Parcel::Granted { amount, reason };
        Changes::new(user, vec![Change::Book(entry), Change::Enqueue { parcel, at }])
    }
}

/// Whether something was done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Now,
    /// It was done before; nothing has changed.
    Before,
}

/// Books credits and tells the person.
///
/// # Errors
/// The outer one: the database. The inner one: why nothing was booked.
pub async fn give(
    database: &Database,
    gift: Gift,
    at: Timestamp,
) -> Result<std::result::Result<Done, Refusal>> {
    Ok(once(database.commit_by_hand(gift.changes(at)).await?))
}

/// Gives back what was captured for a generation, once, and tells the person.
///
/// # Errors
/// The outer one: the database. The inner one: why nothing was booked.
pub async fn refund(
    database: &Database,
    row: &Generation,
    reason: String,
    by: String,
    at: Timestamp,
) -> Result<std::result::Result<Done, Refusal>> {
    let changes = refunding(row, reason, by, at);
    Ok(once(database.commit_by_hand(changes).await?))
}

/// What a refund books, and what the person is told.
pub fn refunding(row: &Generation, reason: String, by: String, at: Timestamp) -> Changes {
    let amount = paid(row);
    let entry = Entry::refund(row.user, row.id, amount, at);
    let entry = Entry { reason: reason.clone(), by, ..entry };
    let parcel = Parcel::Granted { amount, reason };
    Changes::new(row.user, vec![Change::Book(entry), Change::Enqueue { parcel, at }])
}

/// What was paid for a generation.
pub fn paid(row: &Generation) -> Credits {
    row.order.price.times(row.captured)
}

fn once<T>(answer: std::result::Result<T, Refusal>) -> std::result::Result<Done, Refusal> {
    match answer {
        Ok(_) => Ok(Done::Now),
        Err(Refusal::Ledger(Refused::Repeated) | Refusal::Exists) => Ok(Done::Before),
        Err(refusal) => Err(refusal),
    }
}

/// Owes the person a few words.
///
/// # Errors
/// The outer one: the database. The inner one: nobody by that id.
pub async fn write(
    database: &Database,
    user: UserId,
    words: String,
    at: Timestamp,
) -> Result<std::result::Result<(), Refusal>> {
    let parcel = Parcel::Note(words);
    let changes = Changes::new(user, vec![Change::Enqueue { parcel, at }]);
    Ok(database.commit_by_hand(changes).await?.map(|_| ()))
}

/// Asks the person's own actor to serve them no more, or again: nobody else changes a person.
///
/// # Errors
/// The database is away.
pub async fn set_blocked(database: &Database, user: UserId, blocked: bool) -> Result<()> {
    let payload = json!({"blocked": blocked});
    put_in(database, user, Input::OperatorBlocked(blocked), &payload).await
}

/// Asks for a generation to be cancelled, as the person could.
///
/// # Errors
/// The database is away.
pub async fn cancel(database: &Database, user: UserId, id: GenerationId) -> Result<()> {
    let payload = json!({"cancel": id.to_string()});
    put_in(database, user, Input::OperatorCancelled(id), &payload).await
}

/// The same, however often it is asked: the wish is known by the generation.
///
/// # Errors
/// The database is away.
pub async fn cancel_once(database: &Database, user: UserId, id: GenerationId) -> Result<()> {
    let payload = json!({"cancel": id.to_string()});
    let update = UpdateId((id.0.as_u64_pair().0 >> 1).cast_signed());
    put_in_as(database, user, update, Input::OperatorCancelled(id), &payload).await
}

/// Has a person deleted: from now on it goes on by itself, and may be asked for again.
///
/// # Errors
/// The database is away. What was asked for before that stands.
pub async fn delete(
    database: &Database,
    user: UserId,
    operator: &str,
    reason: &str,
) -> Result<Begun> {
    let begun = database.begin_forgetting(user, operator, reason).await?;
    if begun == Begun::Now {
        set_blocked(database, user, true).await?;
    }
    Ok(begun)
}

/// Asks for a generation to end and for its hold to be released, whatever the provider may say.
///
/// # Errors
/// The database is away.
pub async fn release(database: &Database, user: UserId, id: GenerationId) -> Result<()> {
    let payload = json!({"release": id.to_string()});
    put_in(database, user, Input::OperatorReleased(id), &payload).await
}

async fn put_in(database: &Database, user: UserId, input: Input, payload: &Value) -> Result<()> {
    // Any number will do; 63 bits never meet.
    let id = UpdateId((rand::random::<u64>() >> 1) as i64);
    put_in_as(database, user, id, input, payload).await
}

async fn put_in_as(
    database: &Database,
    user: UserId,
    id: UpdateId,
    input: Input,
    payload: &Value,
) -> Result<()> {
    // Who they are stands in their row: the operator's words tell nothing of it.
    let from = Profile { id: user, first_name: String::new(), username: None, language_code: None };
    let update = Update { id, from, input };
    let payload = payload.to_string();
    database.receive(vec![Arrival { source: Source::Operator, update, payload }]).await?;
    Ok(())
}
