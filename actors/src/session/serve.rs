//! One update of one user: handed to the gallery, and its reply said.

use std::{sync::Arc, time::Duration};

use actix::Addr;
use futures::future::LocalBoxFuture;

use super::media;
use crate::{
    ask::{AskError, ask},
    domain::{
        change::{Change, Changes},
        id::UserId,
        text::{Language, Text},
        update::{Input, Update},
        view::{Answer, Media, Reply, Show, View},
    },
    gallery::{self, TakeUpdate},
    port::{self, InboxItem, Kind, Place, Ports, Rendered, Sent, Urgency},
};

/// Tries to say a reply while Telegram cannot be reached.
const SAY_TRIES: u32 = 4;

/// Between two answers to one press: the first pause, and the longest. Each is four times the last.
const ANSWER_PAUSE: Duration = Duration::from_millis(50);
const ANSWER_PAUSE_MAX: Duration = Duration::from_millis(800);

/// A reply waits for a frozen chat this long at most; by then its person has moved on.
const FREEZE_MAX: Duration = Duration::from_secs(60);

/// What became of an update.
#[derive(Debug)]
pub(super) enum Served {
    /// Its effects are stored and its reply was said, or nobody can hear it.
    Done { told: Told, language: Option<Language> },
    /// Something below is away: hand it out again, it is not the update's fault.
    Later(Duration),
    /// The gallery crashed, hung, or can never do it: count it.
    Crashed(String),
}

/// What came of saying something.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// Messages sent or edited.
    pub sent: u64,
    /// The person blocked the bot, and the row says so now.
    pub stopped: bool,
    /// From the order of a generation until now, when this was its last picture.
    pub took: Option<Duration>,
}

impl Told {
    pub(super) const ONE: Self = Self { sent: 1, stopped: false, took: None };
    pub(super) const STOPPED: Self = Self { sent: 0, stopped: true, took: None };
}

/// Hands an item to the user's gallery and says the reply.
pub(super) async fn serve(
    ports: Arc<Ports>,
    gallery: Addr<gallery::Actor>,
    item: InboxItem,
    deadline: Duration,
) -> Served {
    let InboxItem { source, update, user, payload, .. } = item;
    let update = ports.parser.parse(source, update, user, &payload);
    let reply = match ask(&gallery, TakeUpdate { update }, deadline).await {
        Ok(Ok(Some(reply))) => reply,
        Ok(Ok(None)) => return Served::Done { told: Told::default(), language: None },
        Ok(Err(error)) if error.is_lasting() => return Served::Crashed(error.to_string()),
        Ok(Err(error)) => {
            tracing::warn!(%user, %error, "a turn came to nothing and is repeated");
            return Served::Later(Duration::from_millis(500));
        }
        Err(AskError::Full) => return Served::Later(Duration::from_millis(100)),
        Err(error @ (AskError::Closed | AskError::Late)) => {
            return Served::Crashed(error.to_string());
        }
    };
    let language = Some(reply.language);
    Served::Done { told: say(&ports, user, reply).await, language }
}

/// Tells somebody who is faster than the bot to slow down; nothing else happens.
pub(super) async fn shed(ports: Arc<Ports>, item: InboxItem, say_it: bool) -> Served {
    let InboxItem { source, update, user, payload, .. } = item;
    let update: Update = ports.parser.parse(source, update, user, &payload);
    let language = update.from.language();
    let text = Text::new("note-too-fast");
    let reply = match update.input {
        Input::Pressed(pressed) => {
            let answer = Answer { query: pressed.query, text: Some(text), alert: false };
            Reply { language, answer: Some(answer), show: None }
        }
        _ if say_it => {
            let view = View::text(vec![text], Vec::new());
            Reply { language, answer: None, show: Some(Show::New(view)) }
        }
        _ => return Served::Done { told: Told::default(), language: None },
    };
    let language = Some(reply.language);
    Served::Done { told: say(&ports, user, reply).await, language }
}

/// Says a reply. In memory of its own: who still waits for their gallery, and after an outage that is everybody, does
/// not carry it.
fn say(ports: &Ports, user: UserId, reply: Reply) -> LocalBoxFuture<'_, Told> {
    let Reply { language, answer, show } = reply;
    let answering = async move {
        if let Some(answer) = answer {
            answer_patiently(ports, user, &answer, language).await;
        }
    };
    let showing = async move {
        match show {
            Some(show) => show_patiently(ports, user, show, language).await,
            None => Told::default(),
        }
    };
    Box::pin(async move { tokio::join!(answering, showing).1 })
}

/// Answers a press, so that its button does not spin. A second answer is refused without harm, so what
/// may have been lost is tried again; only for a moment: nobody looks at a spinner for longer.
async fn answer_patiently(ports: &Ports, user: UserId, answer: &Answer, language: Language) {
    let mut pause = ANSWER_PAUSE;
    loop {
        let Err(error) = ports.messenger.answer(answer, language).await else { return };
        let may_pass = matches!(error.kind, Kind::Transient | Kind::Ambiguous);
        if !may_pass || pause > ANSWER_PAUSE_MAX {
            tracing::debug!(%user, %error, "a press could not be answered");
            return;
        }
        tokio::time::sleep(pause).await;
        pause *= 4;
    }
}

async fn show_patiently(ports: &Ports, user: UserId, show: Show, language: Language) -> Told {
    let mut show = show;
    for attempt in 0..SAY_TRIES {
        let error = match show_once(ports, user, &show, language).await {
            Ok(()) => return Told::ONE,
            Err(error) => error,
        };
        let pause = Duration::from_millis(500 * 2u64.pow(attempt));
        match error.kind {
            Kind::RateLimited { retry_after } if retry_after <= FREEZE_MAX => {
                tokio::time::sleep(retry_after).await;
            }
            // The edited message is gone: the words are not.
            Kind::NotFound => match show {
                Show::Edit { view, .. } => show = Show::New(view),
                _ => return Told::default(),
            },
            Kind::Forbidden => {
                mark_stopped(ports, user).await;
                return Told::STOPPED;
            }
            Kind::Transient => tokio::time::sleep(pause).await,
            // A new message may have arrived: once more at the most.
            Kind::Ambiguous if matches!(show, Show::Edit { .. }) || attempt == 0 => {
                tokio::time::sleep(pause).await;
            }
            _ => {
                tracing::warn!(%user, %error, kind = ?error.kind, "a reply could not be said");
                return Told::default();
            }
        }
    }
    tracing::warn!(%user, "a reply could not be said: Telegram is away");
    Told::default()
}

async fn show_once(
    ports: &Ports,
    user: UserId,
    show: &Show,
    language: Language,
) -> port::Result<()> {
    match show {
        Show::New(view) => {
            put(ports, user, Place::New, view, language, Urgency::Reply).await.map(|_| ())
        }
        Show::Edit { message, has_media, view } => {
            let place = Place::Edit { message: *message, has_media: *has_media };
            put(ports, user, place, view, language, Urgency::Reply).await.map(|_| ())
        }
        Show::Delete(message) => ports.messenger.delete(user, *message).await,
        Show::Original(id) => {
            let picture = ports.store.picture(*id).await?;
            let image = match &picture {
                Some(picture) => media::bytes_of(ports, picture).await?,
                None => None,
            };
            match image {
                Some(image) => {
                    ports.messenger.document(user, image, Urgency::Reply).await.map(|_| ())
                }
                None => {
                    let view = crate::domain::screens::gallery::gone();
                    put(ports, user, Place::New, &view, language, Urgency::Reply).await.map(|_| ())
                }
            }
        }
    }
}

/// Shows a view with its picture. Keeps Telegram's id of a picture that was uploaded, and uploads one
/// whose id Telegram does not take (any more).
pub(super) async fn put(
    ports: &Ports,
    user: UserId,
    place: Place,
    view: &View,
    language: Language,
    urgency: Urgency,
) -> port::Result<Sent> {
    let rendered: Rendered = media::render(ports, view.clone(), language).await?;
    // Telegram may answer with another id than it was given; the one that we have goes on working, and
    // to keep the other would cost a commit for every card that is shown.
    let mut is_upload = matches!(rendered.image, Some(port::Image::Bytes { .. }));
    let sent = match (ports.messenger.show(user, place, &rendered, urgency).await, &view.media) {
        (Err(error), Media::Picture { id, .. }) if error.kind == Kind::Conflict => {
            let view = view.clone();
            let rendered = media::render_bytes(ports, view, language, *id).await?;
            is_upload = true;
            ports.messenger.show(user, place, &rendered, urgency).await?
        }
        (outcome, _) => outcome?,
    };
    if let (Media::Picture { id, .. }, Some(file_id)) = (&view.media, &sent.file_id)
        && urgency == Urgency::Reply
        && is_upload
    {
        let change = Change::SetFileId { id: *id, file_id: file_id.clone() };
        if let Err(error) = ports.store.commit(vec![Changes::new(user, vec![change])]).await {
            tracing::debug!(%error, "a file_id was not kept; the next send uploads again");
        }
    }
    Ok(sent)
}

/// The person blocked the bot: nothing is written to them until they come back.
pub(super) async fn mark_stopped(ports: &Ports, user: UserId) {
    let changes = Changes::new(user, vec![Change::SetStopped(true)]);
    if let Err(error) = ports.store.commit(vec![changes]).await {
        tracing::debug!(%error, "could not note that a person blocked the bot");
    }
}

#[cfg(test)]
mod tests {
    use super::{Served, serve};

    fn size<A, B, C, D, F: Future<Output = Served>>(_: fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    /// A thousand people may wait for their galleries at once.
    #[test]
    fn a_turn_that_waits_is_small() {
        assert!(size(serve) <= 700, "{} bytes", size(serve));
    }
}
