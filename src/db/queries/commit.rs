//! The one way to write: members of changes, each stored whole or refused whole.

use aisha_actors::domain::{
    change::{Change, Changes, Committed, Refusal},
    id::UserId,
    ledger::{Entry, Refused},
    time::Timestamp,
};
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use futures::{FutureExt, future::BoxFuture};

use super::{Conn, generations, intake, ledger, outbox, part, people, pictures};
use crate::db::{Fault, Outcome, error::is_refusal, row::encode_conversation};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(in crate::db) enum Stop {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.into())
    }
}

/// What one change gives: whether the gallery shows something else now.
pub(in crate::db) type Step = Result<Shows, Stop>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Shows {
    Same,
    Other,
}

/// A guard: exactly what was meant was there.
pub(in crate::db) fn guard(rows: usize) -> Result<(), Refusal> {
    if rows == 0 { Err(Refusal::Moved) } else { Ok(()) }
}

/// Stores the members in order. `now`: noted with the moves that do not say when they were made.
///
/// # Errors
/// A fault that is no refusal: nothing of any member may be kept.
pub(in crate::db) fn members(
    conn: &mut Conn,
    members: Vec<Changes>,
    now: Timestamp,
) -> BoxFuture<'_, Outcome<Vec<Result<Committed, Refusal>>>> {
    async move {
        let mut answers = Vec::with_capacity(members.len());
        for changes in members {
            answers.push(member(conn, changes, now).await?);
        }
        Ok(answers)
    }
    .boxed()
}

/// Whether a member is one statement, so that a refusal leaves nothing behind.
fn is_one_statement(list: &[Change]) -> bool {
    match list {
        [] => true,
        [change] => matches!(
            change,
            Change::SaveProfile(_)
                | Change::SetBlocked(_)
                | Change::SetStopped(_)
                | Change::SaveConversation(_)
                | Change::AddGeneration(_)
                | Change::Advance { .. }
                | Change::SetMessage { .. }
                | Change::SetFileId { .. }
                | Change::SetSource { .. }
                | Change::Book(_)
                | Change::Enqueue { .. }
                | Change::PlaceParcel { .. }
                | Change::SettleParcel { .. }
                | Change::DeliverIfShown { .. }
        ),
        _ => false,
    }
}

async fn member(
    conn: &mut Conn,
    changes: Changes,
    now: Timestamp,
) -> Outcome<Result<Committed, Refusal>> {
    let Changes { user, list } = changes;
    if let [Change::SaveConversation(saved)] = list.as_slice() {
        let saved = intake::save(conn, user, encode_conversation(saved)?).await?;
        return Ok(saved
            .map(|gallery_version| Committed { gallery_version })
            .ok_or(Refusal::Moved));
    }
    let booked = entries(&list);
    if part::STATEMENTS_STAND_ALONE && is_one_statement(&list) {
        let applied = apply(conn, user, list, now).await;
        return answer(conn, user, &booked, applied).await;
    }
    part::begin(conn).await?;
    match apply(conn, user, list, now).await {
        Ok(committed) => {
            part::keep(conn).await?;
            Ok(Ok(committed))
        }
        Err(Stop::Fault(fault)) if part::ends_transaction(&fault) => Err(fault),
        Err(stop) => {
            part::take_back(conn).await?;
            answer(conn, user, &booked, Err(stop)).await
        }
    }
}

fn entries(list: &[Change]) -> Vec<Entry> {
    list.iter()
        .filter_map(|change| match change {
            Change::Book(entry) => Some(entry.clone()),
            _ => None,
        })
        .collect()
}

async fn apply(
    conn: &mut Conn,
    user: UserId,
    list: Vec<Change>,
    now: Timestamp,
) -> Result<Committed, Stop> {
    let mut shows = Shows::Same;
    for change in list {
        if step(conn, user, change, now).await? == Shows::Other {
            shows = Shows::Other;
        }
    }
    let gallery_version = people::gallery_version(conn, user, shows).await?;
    Ok(Committed { gallery_version })
}

async fn step(conn: &mut Conn, user: UserId, change: Change, now: Timestamp) -> Step {
    match change {
        Change::Register { profile, at } => people::register(conn, user, profile, at).await,
        Change::SaveProfile(profile) => people::save_profile(conn, user, profile).await,
        Change::SetBlocked(blocked) => people::set_blocked(conn, user, blocked).await,
        Change::SetStopped(stopped) => people::set_stopped(conn, user, stopped).await,
        Change::SaveConversation(conversation) => {
            people::save_conversation(conn, user, &conversation).await
        }
        Change::AddGeneration(generation) => generations::add(conn, user, *generation).await,
        Change::Advance { id, from, to, with } => {
            generations::advance(conn, user, id, (from, to), (with, now)).await
        }
        Change::TakePlace { id, places } => generations::take_place(conn, id, places).await,
        Change::SetMessage { id, message } => {
            generations::set_message(conn, user, id, message).await
        }
        Change::AddPictures(rows) => pictures::add(conn, user, rows).await,
        Change::SettlePicture { id, from, to, object, content } => {
            pictures::settle(conn, user, id, (&from, to), (object, content), now).await
        }
        Change::ListPicture { id, listed_at } => pictures::list(conn, user, id, listed_at).await,
        Change::SetFavourite { id, favourite } => {
            pictures::set_favourite(conn, user, id, favourite).await
        }
        Change::TrashPicture { id } => pictures::trash(conn, user, id, now).await,
        Change::SetFileId { id, file_id } => pictures::set_file_id(conn, user, id, file_id).await,
        Change::SetSource { id, url, expires_at } => {
            pictures::set_source(conn, user, id, url, expires_at).await
        }
        Change::Book(entry) => ledger::book(conn, user, entry).await,
        Change::Enqueue { parcel, at } => outbox::enqueue(conn, user, parcel, at).await,
        Change::PlaceParcel { id, message } => outbox::place(conn, user, id, message).await,
        Change::SettleParcel { id, delivered, at } => {
            outbox::settle(conn, user, id, delivered, at).await
        }
        Change::DeliverIfShown { id, at } => generations::deliver(conn, user, id, at).await,
    }
}

/// Turns what the schema refused into the word for it. Nothing of the member stands by now.
async fn answer(
    conn: &mut Conn,
    user: UserId,
    booked: &[Entry],
    applied: Result<Committed, Stop>,
) -> Outcome<Result<Committed, Refusal>> {
    let fault = match applied {
        Ok(committed) => return Ok(Ok(committed)),
        Err(Stop::Refused(refusal)) => return Ok(Err(refusal)),
        Err(Stop::Fault(fault)) => fault,
    };
    let Fault::Query(error) = &fault else { return Err(fault) };
    if !is_refusal(error) {
        return Err(fault);
    }
    if let Some(refused) = ledger::first_refused(conn, user, booked).await? {
        return Ok(Err(refused.into()));
    }
    match error {
        Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Ok(Err(Refusal::Exists)),
        Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Ok(Err(Refusal::Moved)),
        _ => Err(fault),
    }
}
