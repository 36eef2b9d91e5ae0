//! The row of a generation.

use aisha_actors::domain::{
    change::Progress,
    generation::{Failure, Generation, Order, State, Ticket},
    id::{GenerationId, MessageId, ModelId, UserId},
    ledger::Credits,
    time::Timestamp,
};
use diesel::prelude::*;

use super::{Corrupt, Id, Moment, narrow};
use crate::db::schema::generation;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = generation, treat_none_as_default_value = false)]
pub(in crate::db) struct GenerationRow {
    id: Id,
    user_id: i64,
    model: String,
    prompt: String,
    ratio: String,
    resolution: Option<String>,
    count: i32,
    seed: i64,
    price: i64,
    state: String,
    message: Option<i64>,
    request_id: Option<String>,
    status_url: Option<String>,
    response_url: Option<String>,
    cancel_url: Option<String>,
    submits: i32,
    attempts: i32,
    failure: Option<String>,
    captured: i32,
    created_at: Moment,
    submitted_at: Option<Moment>,
    finished_at: Option<Moment>,
    deadline_at: Moment,
}

impl From<Generation> for GenerationRow {
    fn from(generation: Generation) -> Self {
        let order = generation.order;
        let [request_id, status_url, response_url, cancel_url] = columns(generation.ticket);
        Self {
            id: generation.id.into(),
            user_id: generation.user.0,
            model: order.model.into(),
            prompt: order.prompt,
            ratio: order.ratio,
            resolution: order.resolution,
            count: order.count.into(),
            seed: order.seed.into(),
            price: order.price.0,
            state: generation.state.name().to_owned(),
            message: generation.message.map(|message| message.0),
            request_id,
            status_url,
            response_url,
            cancel_url,
            submits: generation.submits.into(),
            attempts: generation.attempts.into(),
            failure: generation.failure.map(|failure| failure.name().to_owned()),
            captured: generation.captured.into(),
            created_at: generation.created_at.into(),
            submitted_at: generation.submitted_at.map(Moment::from),
            finished_at: generation.finished_at.map(Moment::from),
            deadline_at: generation.deadline_at.into(),
        }
    }
}

impl TryFrom<GenerationRow> for Generation {
    type Error = Corrupt;
    fn try_from(row: GenerationRow) -> Result<Self, Corrupt> {
        let id = GenerationId::from(row.id);
        let corrupt = |what: &str| Corrupt::new(format!("generation {id}: {what}"));
        let ticket = match (row.request_id, row.status_url, row.response_url, row.cancel_url) {
            (Some(request_id), Some(status_url), Some(response_url), Some(cancel_url)) => {
                Some(Ticket { request_id, status_url, response_url, cancel_url })
            }
            _ => None,
        };
        let failure = match row.failure {
            Some(word) => Some(Failure::parse(&word).ok_or_else(|| corrupt("unknown failure"))?),
            None => None,
        };
        Ok(Self {
            id,
            user: UserId(row.user_id),
            order: Order {
                model: ModelId::parse(&row.model).map_err(|_| corrupt("no model id"))?,
                prompt: row.prompt,
                ratio: row.ratio,
                resolution: row.resolution,
                count: narrow(row.count, "count")?,
                seed: narrow(row.seed, "seed")?,
                price: Credits(row.price),
            },
            state: State::parse(&row.state).ok_or_else(|| corrupt("unknown state"))?,
            message: row.message.map(MessageId),
            ticket,
            submits: narrow(row.submits, "submits")?,
            attempts: narrow(row.attempts, "attempts")?,
            failure,
            captured: narrow(row.captured, "captured")?,
            created_at: row.created_at.into(),
            submitted_at: row.submitted_at.map(Timestamp::from),
            finished_at: row.finished_at.map(Timestamp::from),
            deadline_at: row.deadline_at.into(),
        })
    }
}

fn columns(ticket: Option<Ticket>) -> [Option<String>; 4] {
    match ticket {
        Some(ticket) => [
            Some(ticket.request_id),
            Some(ticket.status_url),
            Some(ticket.response_url),
            Some(ticket.cancel_url),
        ],
        None => [const { None }; 4],
    }
}

/// What a move writes; `None` stays as it is.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = generation)]
pub(in crate::db) struct GenerationChange {
    state: String,
    request_id: Option<String>,
    status_url: Option<String>,
    response_url: Option<String>,
    cancel_url: Option<String>,
    submits: Option<i32>,
    attempts: Option<i32>,
    deaths: Option<i32>,
    submitted_at: Option<Moment>,
    failure: Option<String>,
    captured: Option<i32>,
    finished_at: Option<Moment>,
    queued_at: Option<Moment>,
    resulted_at: Option<Moment>,
    captured_at: Option<Moment>,
    cancel_asked_at: Option<Moment>,
}

impl GenerationChange {
    pub(in crate::db) fn new(from: State, to: State, with: Progress, now: Timestamp) -> Self {
        let at = |state| (from != to && to == state).then_some(Moment::from(now));
        let [request_id, status_url, response_url, cancel_url] = columns(with.ticket);
        Self {
            state: to.name().to_owned(),
            request_id,
            status_url,
            response_url,
            cancel_url,
            submits: with.submits.map(i32::from),
            attempts: from.is_progress(to).then_some(0),
            deaths: from.is_progress(to).then_some(0),
            submitted_at: with.submitted_at.map(Moment::from),
            failure: with.failure.map(|failure| failure.name().to_owned()),
            captured: with.captured.map(i32::from),
            finished_at: with.finished_at.map(Moment::from),
            queued_at: at(State::Queued),
            resulted_at: at(State::Resulted),
            captured_at: at(State::Captured),
            cancel_asked_at: at(State::Cancelling),
        }
    }
}
