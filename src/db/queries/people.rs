//! People and their conversations.

use aisha_actors::{
    domain::{
        conversation::{Conversation, VERSION},
        id::UserId,
        person::{Person, Profile},
        time::Timestamp,
    },
    port::Standing,
};
use diesel::{prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    commit::{Shows, Step, Stop},
    ledger,
};
use crate::db::{
    Fault, Outcome,
    cached::Cached,
    row::{Moment, PersonRow, decode_conversation, encode_conversation, fold},
    schema::{conversation, person},
};
use aisha_actors::domain::change::Refusal;

/// What a person is found by: name and username.
fn folded_names(profile: &Profile) -> (String, String) {
    (fold(&profile.first_name), fold(profile.username.as_deref().unwrap_or_default()))
}

pub(in crate::db) async fn register(
    conn: &mut Conn,
    user: UserId,
    profile: Profile,
    at: Timestamp,
) -> Step {
    if profile.id != user {
        return Err(Refusal::Moved.into());
    }
    let (name, username) = folded_names(&profile);
    diesel::insert_into(person::table)
        .values((
            person::id.eq(user.0),
            person::first_name.eq(profile.first_name),
            person::username.eq(profile.username),
            person::language_code.eq(profile.language_code),
            person::name_folded.eq(name),
            person::username_folded.eq(username),
            person::created_at.eq(Moment::from(at)),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    ledger::open_account(conn, user).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn save_profile(conn: &mut Conn, user: UserId, profile: Profile) -> Step {
    if profile.id != user {
        return Err(Refusal::Moved.into());
    }
    let (name, username) = folded_names(&profile);
    let update = diesel::update(person::table.find(user.0)).set((
        person::first_name.eq(profile.first_name),
        person::username.eq(profile.username),
        person::language_code.eq(profile.language_code),
        person::name_folded.eq(name),
        person::username_folded.eq(username),
    ));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn set_blocked(conn: &mut Conn, user: UserId, blocked: bool) -> Step {
    let update = diesel::update(person::table.find(user.0)).set(person::blocked.eq(blocked));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn set_stopped(conn: &mut Conn, user: UserId, stopped: bool) -> Step {
    let update = diesel::update(person::table.find(user.0)).set(person::stopped.eq(stopped));
    Cached(update).execute(conn).await?;
    Ok(Shows::Same)
}

pub(in crate::db) async fn save_conversation(
    conn: &mut Conn,
    user: UserId,
    saved: &Conversation,
) -> Step {
    let body = encode_conversation(saved).map_err(|error| Stop::Fault(Fault::Json(error)))?;
    let upsert = diesel::insert_into(conversation::table)
        .values((
            conversation::user_id.eq(user.0),
            conversation::version.eq(i64::from(VERSION)),
            conversation::body.eq(body),
        ))
        .on_conflict(conversation::user_id)
        .do_update()
        .set((
            conversation::version.eq(excluded(conversation::version)),
            conversation::body.eq(excluded(conversation::body)),
        ));
    Cached(upsert).execute(conn).await?;
    Ok(Shows::Same)
}

/// The version of the user's gallery, raised first where the gallery shows something else now.
pub(in crate::db) async fn gallery_version(
    conn: &mut Conn,
    user: UserId,
    shows: Shows,
) -> QueryResult<i64> {
    if shows == Shows::Other {
        let raise = diesel::update(person::table.find(user.0))
            .set(person::gallery_version.eq(person::gallery_version + 1));
        Cached(raise).execute(conn).await?;
    }
    let version = person::table
        .find(user.0)
        .select(person::gallery_version)
        .get_result(conn)
        .await
        .optional()?;
    Ok(version.unwrap_or_default())
}

pub(in crate::db) async fn standing(conn: &mut Conn, user: UserId) -> Outcome<Option<Standing>> {
    let found: Option<(PersonRow, Option<(i64, String)>)> = person::table
        .left_join(conversation::table.on(conversation::user_id.eq(person::id)))
        .filter(person::id.eq(user.0))
        .select((PersonRow::as_select(), (conversation::version, conversation::body).nullable()))
        .get_result(conn)
        .await
        .optional()?;
    Ok(found.map(|(row, stored)| Standing {
        person: Person::from(row),
        conversation: stored
            .map(|(version, body)| decode_conversation(version, &body))
            .unwrap_or_default(),
    }))
}
