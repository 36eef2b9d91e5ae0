//! One outbox entry: rendered now, sent, and settled in the same transaction as what it changes.

use std::{sync::Arc, time::Duration};

use super::serve::{Told, put};
use crate::{
    domain::{
        change::{Change, Changes},
        generation::Generation,
        id::{MessageId, PictureId, UserId},
        outbox::{OutboxEntry, Parcel},
        picture::Picture,
        screens::{gallery as gallery_screens, result, studio},
        text::Language,
        view::View,
    },
    port::{self, Broadcast, Kind, Place, Ports, Sent, Standing, Urgency},
    shop::Shop,
    tracker::ProgressChanged,
};

/// What became of an entry.
#[derive(Debug)]
pub(super) enum Delivered {
    Done(Told),
    /// Telegram or storage is away, or wants a pause.
    Later(Duration),
    /// It will not work like this: count it.
    Failed(String),
}

/// Sends an entry and settles it.
pub(super) async fn deliver(ports: Arc<Ports>, shop: Arc<Shop>, entry: OutboxEntry) -> Delivered {
    let error = match try_deliver(&ports, &shop, &entry).await {
        Ok(told) => return Delivered::Done(told),
        Err(error) => error,
    };
    match error.kind {
        Kind::RateLimited { retry_after } => Delivered::Later(retry_after),
        Kind::Forbidden => {
            tracing::info!(user = %entry.user, "the person blocked the bot");
            let mut list = settle(&ports, &entry, false);
            list.push(Change::SetStopped(true));
            match commit(&ports, entry.user, list).await {
                Ok(()) => Delivered::Done(Told::STOPPED),
                Err(_) => Delivered::Later(Duration::from_secs(1)),
            }
        }
        Kind::Transient | Kind::Fenced | Kind::Ambiguous | Kind::OutOfMoney => {
            tracing::warn!(entry = entry.id.0, %error, "an outbox entry waits");
            Delivered::Later(Duration::from_secs(2))
        }
        Kind::NotFound | Kind::Conflict | Kind::Unsafe | Kind::Permanent => {
            Delivered::Failed(error.to_string())
        }
    }
}

async fn try_deliver(ports: &Ports, shop: &Shop, entry: &OutboxEntry) -> port::Result<Told> {
    let Some(standing) = ports.store.standing(entry.user).await? else {
        return Err(port::Error::new(Kind::Permanent, "nobody by that id"));
    };
    let language = language_of(&standing);
    if standing.person.stopped {
        commit(ports, entry.user, settle(ports, entry, false)).await?;
        return Ok(Told::default());
    }
    let (place, view) = match &entry.parcel {
        Parcel::Picture(id) => return picture(ports, shop, entry, *id, language).await,
        Parcel::Outcome(id) => {
            let Some(row) = ports.store.generation(*id).await? else {
                return Err(port::Error::new(Kind::Permanent, "no such generation"));
            };
            let title = gallery_screens::title(&shop.catalogue(), &row.order.model);
            (edit_of(row.message), studio::outcome(&row, &title))
        }
        Parcel::Granted { amount, reason } => (Place::New, result::granted(*amount, reason)),
        Parcel::Refunded { generation, amount } => {
            (Place::New, result::refunded(*amount, generation.short()))
        }
        Parcel::Apology => (Place::New, result::apology()),
        Parcel::Broadcast(id) => {
            let Some(Broadcast { en, ru }) = ports.store.broadcast_text(*id).await? else {
                commit(ports, entry.user, settle(ports, entry, false)).await?;
                return Ok(Told::default());
            };
            let words = match language {
                Language::En => en,
                Language::Ru => ru,
            };
            (Place::New, result::broadcast(&words))
        }
        Parcel::Note(words) => (Place::New, result::written(words)),
    };
    place_or_new(ports, entry.user, place, &view, language).await?;
    commit(ports, entry.user, settle(ports, entry, true)).await?;
    Ok(Told::ONE)
}

fn language_of(standing: &Standing) -> Language {
    standing.conversation.language.unwrap_or_else(|| standing.person.profile.language())
}

fn edit_of(message: Option<MessageId>) -> Place {
    match message {
        Some(message) => Place::Edit { message, has_media: false },
        None => Place::New,
    }
}

/// Edits; if the message is gone, sends a new one.
async fn place_or_new(
    ports: &Ports,
    user: UserId,
    place: Place,
    view: &View,
    language: Language,
) -> port::Result<Sent> {
    match put(ports, user, place, view, language, Urgency::Owed).await {
        Err(error) if error.kind == Kind::NotFound && place != Place::New => {
            put(ports, user, Place::New, view, language, Urgency::Owed).await
        }
        outcome => outcome,
    }
}

/// A paid picture is always edited into a message that is known: repeating the edit shows it once. The
/// first picture takes the progress message; each other is announced by a message of its own first.
async fn picture(
    ports: &Ports,
    shop: &Shop,
    entry: &OutboxEntry,
    id: PictureId,
    language: Language,
) -> port::Result<Told> {
    let (Some(row), pictures) = tokio::try_join!(
        ports.store.generation(id.generation),
        ports.store.pictures_of(id.generation)
    )?
    else {
        return Err(port::Error::new(Kind::Permanent, "no such generation"));
    };
    let Some(picture) = pictures.iter().find(|picture| picture.id == id) else {
        return Err(port::Error::new(Kind::Permanent, "no such picture"));
    };
    if !picture.state.is_safe() {
        // Deleted by its owner before it was sent.
        commit(ports, entry.user, settle(ports, entry, true)).await?;
        return Ok(Told::default());
    }
    let message = message_for(ports, entry, &row, &pictures, picture, language).await?;
    let view = view_of(shop, &row, &pictures, picture);
    let place = Place::Edit { message, has_media: false };
    let sent = place_or_new(ports, entry.user, place, &view, language).await?;
    let mut list = settle(ports, entry, true);
    if let Some(file_id) = sent.file_id {
        list.push(Change::SetFileId { id, file_id });
    }
    commit(ports, entry.user, list).await?;
    let took = ports.clock.now().since(row.created_at);
    let is_last = is_last(&pictures, picture);
    if is_last {
        tracing::info!(took_ms = took.as_millis() as u64, "a generation is shown");
    }
    Ok(Told { took: is_last.then_some(took), ..Told::ONE })
}

fn is_last(pictures: &[Picture], picture: &Picture) -> bool {
    !pictures.iter().any(|other| other.id.n > picture.id.n && other.listed_at.is_some())
}

fn view_of(shop: &Shop, row: &Generation, pictures: &[Picture], picture: &Picture) -> View {
    let title = gallery_screens::title(&shop.catalogue(), &row.order.model);
    let (id, is_last) = (picture.id, is_last(pictures, picture));
    let file_id = picture.file_id.clone();
    result::picture(row, id, &title, picture.favourite, is_last, file_id)
}

async fn message_for(
    ports: &Ports,
    entry: &OutboxEntry,
    row: &Generation,
    pictures: &[Picture],
    picture: &Picture,
    language: Language,
) -> port::Result<MessageId> {
    if let Some(placed) = entry.placed {
        return Ok(placed);
    }
    let is_first =
        !pictures.iter().any(|other| other.id.n < picture.id.n && other.listed_at.is_some());
    if let (true, Some(message)) = (is_first, row.message) {
        return Ok(message);
    }
    let ahead = result::placeholder(picture.id, row.captured);
    let sent = put(ports, entry.user, Place::New, &ahead, language, Urgency::Owed).await?;
    let change = Change::PlaceParcel { id: entry.id, message: sent.message };
    commit(ports, entry.user, vec![change]).await?;
    Ok(sent.message)
}

/// The entry is done with, and so is its generation if it was the last.
pub(super) fn settle(ports: &Ports, entry: &OutboxEntry, delivered: bool) -> Vec<Change> {
    let at = ports.clock.now();
    let mut list = vec![Change::SettleParcel { id: entry.id, delivered, at }];
    if let Parcel::Picture(picture) = entry.parcel {
        list.push(Change::DeliverIfShown { id: picture.generation, at });
    }
    list
}

async fn commit(ports: &Ports, user: UserId, list: Vec<Change>) -> port::Result<()> {
    let answer = ports.store.commit_one(Changes::new(user, list)).await?;
    answer.map(|_| ()).map_err(|refusal| port::Error::new(Kind::Conflict, refusal))
}

/// What became of a progress edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progressed {
    Shown,
    /// Too soon: the newest news goes out after this.
    Later(Duration),
    /// Nobody misses it.
    Dropped,
}

/// Shows how a generation is doing; dropped on any doubt.
pub(super) async fn show_progress(
    ports: Arc<Ports>,
    shop: Arc<Shop>,
    news: ProgressChanged,
    language: Option<Language>,
) -> Progressed {
    let row = news.generation;
    let Some(message) = row.message else { return Progressed::Dropped };
    let language = match language {
        Some(language) => language,
        None => match ports.store.standing(row.user).await {
            Ok(Some(standing)) if !standing.person.stopped => language_of(&standing),
            _ => return Progressed::Dropped,
        },
    };
    let title = gallery_screens::title(&shop.catalogue(), &row.order.model);
    let elapsed = ports.clock.now().since(row.created_at).as_secs();
    let view = studio::progress(&row, &title, studio::Doing { elapsed, ..news.doing });
    let place = Place::Edit { message, has_media: false };
    match put(&ports, row.user, place, &view, language, Urgency::Progress).await {
        Ok(_) => Progressed::Shown,
        Err(port::Error { kind: Kind::RateLimited { retry_after }, .. }) => {
            Progressed::Later(retry_after)
        }
        Err(error) => {
            tracing::debug!(generation = %row.id, %error, "progress was dropped");
            Progressed::Dropped
        }
    }
}
