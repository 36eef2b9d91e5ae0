//! One step of one generation: an external call, a commit, and when to come back. Every state has one
//! function; each can be repeated after a kill at any point.

use std::{sync::Arc, time::Duration};

use super::{Deps, Error};
use crate::{
    address::Address,
    ask::ask,
    domain::{
        catalogue::Model,
        change::{Change, Changes, Progress, Refusal},
        generation::{Failure, Generation, State, Ticket},
        id::PictureId,
        outbox::Parcel,
        picture::{Picture, PictureState, Place},
        screens::studio::Doing,
    },
    ledger::{self, CaptureHold, ReleaseHold},
    port::{self, Cancel, Kind, Outcome, ProviderPicture, ProviderStatus},
    writer::{self, StorePicture},
};

/// Submits of one generation that may have arrived, at most.
const SUBMITS_MAX: u8 = 2;

/// How long a result's pictures are tried before they are given up, beyond the deadline.
const FETCH_PATIENCE: Duration = Duration::from_secs(600);

/// Between two looks for a place while other nodes have them all.
const NO_PLACE: Duration = Duration::from_millis(300);

/// After trouble that may pass.
const RETRY: Duration = Duration::from_secs(2);

/// The actors below.
#[derive(Clone)]
pub(super) struct Below {
    pub ledger: Address<ledger::Actor>,
    pub writer: Address<writer::Actor>,
}

/// When to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Now,
    In(Duration),
    /// Between polls: the tracker knows the rhythm.
    Poll,
    /// The hold is resolved: nothing left to drive.
    Finished,
}

/// What a step came to.
pub(super) struct Stepped {
    pub row: Generation,
    pub next: Next,
    pub doing: Doing,
    /// Nothing may be submitted for this long: the provider said so.
    pub provider_pause: Option<Duration>,
    /// Whether entries were put into the outbox.
    pub parcels: bool,
}

impl Stepped {
    pub(super) fn new(row: Generation, next: Next) -> Self {
        Self { row, next, doing: Doing::default(), provider_pause: None, parcels: false }
    }
}

/// What the tracker knows besides the row.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// The person wants out.
    pub cancel: bool,
    /// The operator ends it, whatever the provider says.
    pub release: bool,
    /// A webhook named this request as ours.
    pub request_id: Option<String>,
    /// How often in a row the provider did not know the request.
    pub missing: u8,
}

pub(super) async fn step(
    deps: &Deps,
    below: &Below,
    row: Generation,
    hints: Hints,
) -> Result<Stepped, Error> {
    let worker = Worker { deps, below, hints };
    if worker.hints.cancel && matches!(row.state, State::Submitting | State::Queued) {
        let row = worker.advance(row, State::Cancelling, Progress::default()).await?;
        return Ok(Stepped::new(row, Next::Now));
    }
    match row.state {
        State::Reserved if worker.hints.cancel => worker.release(row, State::Cancelled, None).await,
        State::Reserved => worker.submit(row).await,
        State::Submitting => worker.resume_submit(row).await,
        State::Queued => worker.poll(row).await,
        State::Cancelling => worker.cancel(row).await,
        State::Resulted => worker.collect(row).await,
        State::Captured | State::Delivered | State::Cancelled | State::Failed | State::Expired => {
            Ok(Stepped::new(row, Next::Finished))
        }
    }
}

/// Fails a generation that was set aside, and frees its hold.
pub(super) async fn set_aside(
    deps: &Deps,
    below: &Below,
    row: Generation,
) -> Result<Stepped, Error> {
    let worker = Worker { deps, below, hints: Hints::default() };
    worker.release(row, State::Failed, Some(Failure::Quarantined)).await
}

struct Worker<'a> {
    deps: &'a Deps,
    below: &'a Below,
    hints: Hints,
}

impl Worker<'_> {
    fn model(&self, row: &Generation) -> Option<Model> {
        self.deps.shop.catalogue().get(&row.order.model).cloned()
    }

    fn is_late(&self, row: &Generation) -> bool {
        self.deps.ports.clock.now() >= row.deadline_at
    }

    /// `reserved → submitting`, then the submit itself.
    async fn submit(&self, row: Generation) -> Result<Stepped, Error> {
        if self.is_late(&row) {
            return self.release(row, State::Expired, None).await;
        }
        let Some(model) = self.model(&row) else {
            return self.release(row, State::Failed, Some(Failure::ModelGone)).await;
        };
        let with = Progress {
            submits: Some(row.submits.saturating_add(1)),
            submitted_at: Some(self.deps.ports.clock.now()),
            ..Progress::default()
        };
        let Some(row) = self.take_place(row.clone(), with).await? else {
            return Ok(Stepped::new(row, Next::In(NO_PLACE)));
        };
        let error = match self.deps.ports.generator.submit(row.id, &model, &row.order).await {
            Ok(ticket) => return self.queued(row, ticket).await,
            Err(error) => error,
        };
        tracing::warn!(generation = %row.id, %error, kind = ?error.kind, "submit failed");
        match error.kind {
            Kind::Transient | Kind::Fenced => self.not_submitted(row, RETRY, None).await,
            Kind::RateLimited { retry_after } => {
                self.not_submitted(row, retry_after, Some(retry_after)).await
            }
            // It may have arrived: a webhook may name us, else it is sent once more.
            Kind::Ambiguous => Ok(Stepped::new(row, Next::In(self.deps.submit_grace))),
            Kind::NotFound => {
                tracing::error!(model = %model.id, "the endpoint is gone: the model is retired");
                self.deps.shop.retire(&model.id);
                self.release(row, State::Failed, Some(Failure::ModelGone)).await
            }
            Kind::OutOfMoney | Kind::Forbidden => {
                tracing::error!(%error, "the provider does not serve the operator's account");
                self.release(row, State::Failed, Some(Failure::OutOfMoney)).await
            }
            Kind::Unsafe => self.release(row, State::Failed, Some(Failure::Safety)).await,
            Kind::Conflict | Kind::Permanent => {
                self.release(row, State::Failed, Some(Failure::BadRequest)).await
            }
        }
    }

    /// `reserved → submitting` with a place at the provider; None: other nodes have them all.
    async fn take_place(
        &self,
        row: Generation,
        with: Progress,
    ) -> Result<Option<Generation>, Error> {
        let place = Change::TakePlace { id: row.id, places: self.deps.places };
        let list = vec![place, advance(&row, State::Submitting, with.clone())];
        match self.deps.ports.store.commit_one(Changes::new(row.user, list)).await? {
            Ok(_) => Ok(Some(moved(row, State::Submitting, with))),
            Err(Refusal::Full) => Ok(None),
            Err(refusal) => Err(conflict(refusal)),
        }
    }

    /// The submit surely did not arrive: it does not count.
    async fn not_submitted(
        &self,
        row: Generation,
        wait: Duration,
        pause: Option<Duration>,
    ) -> Result<Stepped, Error> {
        let submits = Some(row.submits.saturating_sub(1));
        let with = Progress { submits, ..Progress::default() };
        let row = self.advance(row, State::Reserved, with).await?;
        Ok(Stepped { provider_pause: pause, ..Stepped::new(row, Next::In(wait)) })
    }

    async fn queued(&self, row: Generation, ticket: Ticket) -> Result<Stepped, Error> {
        let with = Progress { ticket: Some(ticket), ..Progress::default() };
        let row = self.advance(row, State::Queued, with).await?;
        Ok(Stepped::new(row, Next::Poll))
    }

    /// A submit whose answer was lost: adopt it when a webhook named us, else send it once more.
    async fn resume_submit(&self, row: Generation) -> Result<Stepped, Error> {
        let Some(model) = self.model(&row) else {
            return self.release(row, State::Failed, Some(Failure::ModelGone)).await;
        };
        let named = self.hints.request_id.as_deref();
        let ticket = named.and_then(|id| self.deps.ports.generator.adopt(&model, id));
        if let Some(ticket) = ticket {
            return self.queued(row, ticket).await;
        }
        if let Some(rest) = self.grace_left(&row) {
            return Ok(Stepped::new(row, Next::In(rest)));
        }
        if row.submits >= SUBMITS_MAX {
            // Every submit crashed rather than got lost: that is our own fault, not the provider's.
            let failure = if row.attempts >= SUBMITS_MAX {
                Failure::Quarantined
            } else {
                Failure::Unreachable
            };
            return self.release(row, State::Failed, Some(failure)).await;
        }
        self.submit(row).await
    }

    fn grace_left(&self, row: &Generation) -> Option<Duration> {
        let since = row.submitted_at.unwrap_or(row.created_at);
        let rest = self.deps.submit_grace.checked_sub(self.deps.ports.clock.now().since(since))?;
        (!rest.is_zero()).then_some(rest)
    }

    async fn poll(&self, row: Generation) -> Result<Stepped, Error> {
        let Some(ticket) = row.ticket.clone() else {
            return self.release(row, State::Failed, Some(Failure::Provider)).await;
        };
        match self.deps.ports.generator.status(&ticket).await {
            Ok(ProviderStatus::Completed) => self.read_outcome(row, &ticket).await,
            Ok(status) if self.is_late(&row) => {
                tracing::warn!(generation = %row.id, ?status, "no result by the deadline");
                self.give_up_on_provider(&ticket).await;
                self.release(row, State::Expired, None).await
            }
            Ok(ProviderStatus::Waiting { position }) => {
                let doing = Doing { before: Some(position), ..Doing::default() };
                Ok(Stepped { doing, ..Stepped::new(row, Next::Poll) })
            }
            Ok(ProviderStatus::Running) => {
                let doing = Doing { running: true, ..Doing::default() };
                Ok(Stepped { doing, ..Stepped::new(row, Next::Poll) })
            }
            Err(error) => self.provider_trouble(row, error).await,
        }
    }

    /// A read at the provider failed.
    async fn provider_trouble(
        &self,
        row: Generation,
        error: port::Error,
    ) -> Result<Stepped, Error> {
        tracing::warn!(generation = %row.id, %error, kind = ?error.kind, "the provider");
        match error.kind {
            // Twice in a row: it is not the provider's own replication being late.
            Kind::NotFound if self.hints.missing >= 1 => {
                let cancelling = row.state == State::Cancelling;
                let (state, failure) = if cancelling {
                    (State::Cancelled, None)
                } else {
                    (State::Failed, Some(Failure::Provider))
                };
                self.release(row, state, failure).await
            }
            _ if self.is_late(&row) => self.release(row, State::Expired, None).await,
            Kind::RateLimited { retry_after } => Ok(Stepped::new(row, Next::In(retry_after))),
            Kind::NotFound => Err(Error::NotFound),
            _ => Ok(Stepped::new(row, Next::In(RETRY))),
        }
    }

    async fn give_up_on_provider(&self, ticket: &Ticket) {
        if let Err(error) = self.deps.ports.generator.cancel(ticket).await {
            tracing::warn!(%error, "a cancel after the deadline failed");
        }
    }

    async fn read_outcome(&self, row: Generation, ticket: &Ticket) -> Result<Stepped, Error> {
        match self.deps.ports.generator.outcome(ticket).await {
            Ok(Outcome::Pictures(pictures)) => self.resulted(row, pictures).await,
            Ok(Outcome::Failed(failure)) => self.release(row, State::Failed, Some(failure)).await,
            Ok(Outcome::Cancelled) if row.state == State::Cancelling => {
                self.release(row, State::Cancelled, None).await
            }
            Ok(Outcome::Cancelled) => {
                self.release(row, State::Failed, Some(Failure::Provider)).await
            }
            Err(error) => self.provider_trouble(row, error).await,
        }
    }

    /// The result's pictures become rows. Addresses that may never be fetched are lost at once.
    async fn resulted(
        &self,
        row: Generation,
        found: Vec<ProviderPicture>,
    ) -> Result<Stepped, Error> {
        let pictures: Vec<Picture> = found
            .into_iter()
            .take(usize::from(row.order.count))
            .zip(1u8..)
            .map(|(picture, n)| {
                let allowed = self.deps.ports.downloads.is_allowed(&picture.url);
                Picture {
                    id: PictureId { generation: row.id, n },
                    owner: row.user,
                    model: row.order.model.clone(),
                    state: if allowed { PictureState::Pending } else { PictureState::Lost },
                    url: picture.url,
                    url_expires_at: picture.expires_at,
                    object: None,
                    content: None,
                    file_id: None,
                    favourite: false,
                    listed_at: None,
                    created_at: row.created_at,
                    attempts: 0,
                }
            })
            .collect();
        let also = vec![Change::AddPictures(pictures)];
        let row = self.advance_with(row, State::Resulted, Progress::default(), also).await?;
        Ok(Stepped::new(row, Next::Now))
    }

    async fn cancel(&self, row: Generation) -> Result<Stepped, Error> {
        let Some(ticket) = self.ticket_of(&row) else {
            // The submit's answer is lost: without a name there is nothing to cancel at the provider.
            return match self.grace_left(&row) {
                Some(rest) => Ok(Stepped::new(row, Next::In(rest))),
                None => self.release(row, State::Cancelled, None).await,
            };
        };
        match self.deps.ports.generator.cancel(&ticket).await {
            Ok(Cancel::AlreadyCompleted) => self.read_outcome(row, &ticket).await,
            Ok(Cancel::Unknown) => self.release(row, State::Cancelled, None).await,
            // Only the terminal answer releases.
            Ok(Cancel::Requested) => self.poll_cancelled(row, &ticket).await,
            Err(error) => self.provider_trouble(row, error).await,
        }
    }

    fn ticket_of(&self, row: &Generation) -> Option<Ticket> {
        row.ticket.clone().or_else(|| {
            let model = self.model(row)?;
            self.deps.ports.generator.adopt(&model, self.hints.request_id.as_deref()?)
        })
    }

    async fn poll_cancelled(&self, row: Generation, ticket: &Ticket) -> Result<Stepped, Error> {
        match self.deps.ports.generator.status(ticket).await {
            Ok(ProviderStatus::Completed) => self.read_outcome(row, ticket).await,
            Ok(_) if self.is_late(&row) => self.release(row, State::Expired, None).await,
            Ok(_) => Ok(Stepped::new(row, Next::Poll)),
            // A cancelled request may be forgotten at once.
            Err(error) if error.kind == Kind::NotFound => {
                self.release(row, State::Cancelled, None).await
            }
            Err(error) => self.provider_trouble(row, error).await,
        }
    }

    /// `resulted → captured`: once every picture is safe or lost.
    async fn collect(&self, row: Generation) -> Result<Stepped, Error> {
        let store: &Arc<dyn port::Store> = &self.deps.ports.store;
        let pictures = store.pictures_of(row.id).await?;
        let pending = pictures.iter().filter(|picture| picture.state == PictureState::Pending);
        let fetches = pending.map(|picture| {
            ask(&self.below.writer, StorePicture { id: picture.id }, self.deps.fetch_deadline)
        });
        for (outcome, n) in futures::future::join_all(fetches).await.into_iter().zip(1u8..) {
            match outcome {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(generation = %row.id, n, %error, "not stored"),
                Err(error) => tracing::warn!(generation = %row.id, n, %error, "the writer"),
            }
        }
        let pictures = store.pictures_of(row.id).await?;
        if pictures.iter().any(|picture| picture.state == PictureState::Pending) {
            let until = row.deadline_at.plus(FETCH_PATIENCE);
            if self.deps.ports.clock.now() < until {
                return Ok(Stepped::new(row, Next::In(RETRY)));
            }
        }
        let safe: Vec<&Picture> =
            pictures.iter().filter(|picture| picture.state.is_safe()).collect();
        if safe.is_empty() {
            return self.release(row, State::Failed, Some(Failure::PicturesLost)).await;
        }
        self.capture(row, &pictures, &safe).await
    }

    async fn capture(
        &self,
        row: Generation,
        pictures: &[Picture],
        safe: &[&Picture],
    ) -> Result<Stepped, Error> {
        let now = self.deps.ports.clock.now();
        let count = u8::try_from(safe.len()).unwrap_or(row.order.count).min(row.order.count);
        let mut also: Vec<Change> = pictures
            .iter()
            .filter(|picture| picture.state == PictureState::Pending)
            .map(|picture| Change::SettlePicture {
                id: picture.id,
                from: vec![PictureState::Pending],
                to: PictureState::Lost,
                object: None,
                content: None,
            })
            .collect();
        for picture in safe {
            let listed_at = Place::of(now, picture.id, row.order.count).listed_at;
            also.push(Change::ListPicture { id: picture.id, listed_at });
            also.push(Change::Enqueue { parcel: Parcel::Picture(picture.id), at: now });
        }
        let with =
            Progress { captured: Some(count), finished_at: Some(now), ..Progress::default() };
        also.push(advance(&row, State::Captured, with.clone()));
        let capture = CaptureHold {
            user: row.user,
            generation: row.id,
            amount: row.order.price.times(count),
            also,
        };
        let answer = ask(&self.below.ledger, capture, self.deps.ledger_deadline).await?;
        booked(answer)?;
        let row = moved(row, State::Captured, with);
        Ok(Stepped { parcels: true, ..Stepped::new(row, Next::Finished) })
    }

    /// Ends a generation without pictures: hold, state and the word to the person in one transaction.
    async fn release(
        &self,
        row: Generation,
        state: State,
        failure: Option<Failure>,
    ) -> Result<Stepped, Error> {
        let now = self.deps.ports.clock.now();
        let with = Progress { failure, finished_at: Some(now), ..Progress::default() };
        let also = vec![
            advance(&row, state, with.clone()),
            Change::Enqueue { parcel: Parcel::Outcome(row.id), at: now },
        ];
        let release = ReleaseHold { user: row.user, generation: row.id, also };
        let answer = ask(&self.below.ledger, release, self.deps.ledger_deadline).await?;
        booked(answer)?;
        let row = moved(row, state, with);
        Ok(Stepped { parcels: true, ..Stepped::new(row, Next::Finished) })
    }

    async fn advance(
        &self,
        row: Generation,
        to: State,
        with: Progress,
    ) -> Result<Generation, Error> {
        self.advance_with(row, to, with, Vec::new()).await
    }

    async fn advance_with(
        &self,
        row: Generation,
        to: State,
        with: Progress,
        mut also: Vec<Change>,
    ) -> Result<Generation, Error> {
        also.push(advance(&row, to, with.clone()));
        match self.deps.ports.store.commit_one(Changes::new(row.user, also)).await? {
            Ok(_) => Ok(moved(row, to, with)),
            Err(refusal) => Err(conflict(refusal)),
        }
    }
}

fn advance(row: &Generation, to: State, with: Progress) -> Change {
    Change::Advance { id: row.id, from: row.state, to, with }
}

fn booked(answer: ledger::Answer) -> Result<(), Error> {
    match answer {
        Ok(_) => Ok(()),
        Err(ledger::Error::Refused(refusal)) => Err(conflict(refusal)),
        Err(ledger::Error::Unavailable(error)) => Err(error.into()),
    }
}

/// The row is not where we thought: it is read again before the next step.
fn conflict(refusal: Refusal) -> Error {
    Error::Unavailable(port::Error::new(Kind::Conflict, refusal))
}

/// The row as the commit left it.
fn moved(mut row: Generation, to: State, with: Progress) -> Generation {
    if row.state.is_progress(to) {
        row.attempts = 0;
    }
    row.state = to;
    row.ticket = with.ticket.or(row.ticket);
    row.submits = with.submits.unwrap_or(row.submits);
    row.submitted_at = with.submitted_at.or(row.submitted_at);
    row.failure = with.failure.or(row.failure);
    row.captured = with.captured.unwrap_or(row.captured);
    row.finished_at = with.finished_at.or(row.finished_at);
    row
}
