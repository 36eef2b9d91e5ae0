//! Generations.

use aisha_actors::domain::{
    generation::{self, Failure, State},
    id::{GenerationId, ModelId, UserId},
    picture,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{Ctx, Error, routes::Reply},
    Refusal, answer, cut, limit, moment, query, read, rfc, schema, words,
};
use crate::db::reports::{Event, GenerationFilter, Sequence, Spot, What};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GenerationsQuery {
    #[param(schema_with = schema::state, required = false)]
    state: Option<String>,
    #[param(pattern = "^[a-z][a-z0-9-]{0,23}$")]
    model: Option<String>,
    /// The person.
    user: Option<i64>,
    #[param(schema_with = schema::failure, required = false)]
    failure: Option<String>,
    /// A part of what a failure of ours says.
    #[param(max_length = 100)]
    reason: Option<String>,
    /// Made then or later.
    #[param(schema_with = schema::moment, required = false)]
    since: Option<String>,
    /// Made before.
    #[param(schema_with = schema::moment, required = false)]
    before: Option<String>,
    /// The last answer's `next`.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// One generation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Generation {
    id: String,
    user: i64,
    #[schema(schema_with = schema::state)]
    state: String,
    failure: Option<String>,
    model: String,
    prompt: String,
    ratio: String,
    resolution: Option<String>,
    /// Pictures ordered, and paid.
    count: u64,
    captured: u64,
    /// Credits of each picture.
    price: i64,
    /// The provider's.
    request_id: Option<String>,
    submits: u64,
    /// Failures of ours.
    attempts: u64,
    #[schema(schema_with = schema::moment)]
    created_at: String,
    #[schema(schema_with = schema::moment)]
    deadline_at: String,
    /// Null: it is open.
    finished_at: Option<String>,
}

impl From<&generation::Generation> for Generation {
    fn from(row: &generation::Generation) -> Self {
        let order = &row.order;
        Self {
            id: row.id.to_string(),
            user: row.user.0,
            state: row.state.name().to_owned(),
            failure: row.failure.map(|failure| failure.name().to_owned()),
            model: order.model.to_string(),
            prompt: order.prompt.clone(),
            ratio: order.ratio.clone(),
            resolution: order.resolution.clone(),
            count: order.count.into(),
            captured: row.captured.into(),
            price: order.price.0,
            request_id: row.ticket.as_ref().map(|ticket| ticket.request_id.clone()),
            submits: row.submits.into(),
            attempts: row.attempts.into(),
            created_at: rfc(row.created_at),
            deadline_at: rfc(row.deadline_at),
            finished_at: row.finished_at.map(rfc),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Generations {
    generations: Vec<Generation>,
    /// Where the list goes on. Null: this is its end.
    next: Option<String>,
}

/// Generations, newest first.
#[utoipa::path(get, path = "/admin/api/generations", tag = "generations", params(GenerationsQuery), responses(
    (status = 200, body = Generations),
    (status = 400, description = "It is not understood", body = Refusal),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn list(ctx: Ctx) -> Reply {
    let query: GenerationsQuery = query(&ctx)?;
    let limit = limit(query.limit)?;
    let filter = GenerationFilter {
        state: read(query.state.as_deref(), State::parse)?,
        user: query.user.map(UserId),
        before: read(query.before.as_deref(), moment)?,
        since: read(query.since.as_deref(), moment)?,
        model: read(query.model.as_deref(), |said| ModelId::parse(said).ok())?,
        failure: read(query.failure.as_deref(), Failure::parse)?,
        reason: words(query.reason.as_deref())?.map(str::to_owned),
        live: false,
    };
    let after: Option<Spot<GenerationId>> = read(query.after.as_deref(), |said| said.parse().ok())?;
    let newest = Sequence::NewestFirst;
    let mut rows = ctx.desk.database.find_generations(filter, newest, after, limit + 1).await?;
    let next = cut(&mut rows, limit, |row| Spot { at: row.created_at, key: row.id });
    Ok(answer(&Generations { generations: rows.iter().map(Generation::from).collect(), next }))
}

/// One picture of a generation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Picture {
    n: u64,
    #[schema(schema_with = schema::picture_state)]
    state: String,
    bucket: Option<String>,
    key: Option<String>,
    bytes: Option<u64>,
    favourite: bool,
}

impl From<&picture::Picture> for Picture {
    fn from(row: &picture::Picture) -> Self {
        Self {
            n: row.id.n.into(),
            state: row.state.name().to_owned(),
            bucket: row.object.as_ref().map(|object| object.bucket.clone()),
            key: row.object.as_ref().map(|object| object.key.clone()),
            bytes: row.content.as_ref().map(|content| content.size),
            favourite: row.favourite,
        }
    }
}

/// Something that a row knows the time of.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Happened {
    #[schema(schema_with = schema::moment)]
    at: String,
    /// Such as `created`, `queued`, `booked`, `picture-settled`.
    what: String,
    /// The picture that it is about.
    n: Option<i64>,
    /// A state, or the kind of an entry.
    kind: Option<String>,
    /// Credits.
    amount: Option<i64>,
    /// A reason, or an error.
    words: Option<String>,
}

impl From<Event> for Happened {
    fn from(event: Event) -> Self {
        let at = rfc(event.at);
        let bare = |what: &str| Self {
            at: at.clone(),
            what: what.to_owned(),
            n: None,
            kind: None,
            amount: None,
            words: None,
        };
        match event.what {
            What::Created => bare("created"),
            What::Submitted => bare("submitted"),
            What::Queued => bare("queued"),
            What::CancelAsked => bare("cancel-asked"),
            What::Resulted => bare("resulted"),
            What::Captured => bare("captured"),
            What::Ended { state, failure } => Self {
                kind: Some(state.name().to_owned()),
                words: failure.map(|failure| failure.name().to_owned()),
                ..bare("ended")
            },
            What::Booked { kind, amount, reason, by: _ } => Self {
                kind: Some(kind.name().to_owned()),
                amount: Some(amount.0),
                words: Some(reason),
                ..bare("booked")
            },
            What::Failed { n, reason } => {
                Self { n: n.map(i64::from), words: Some(reason), ..bare("failed") }
            }
            What::PictureSettled { n, state } => Self {
                n: Some(n.into()),
                kind: Some(state.name().to_owned()),
                ..bare("picture-settled")
            },
            What::PictureListed { n } => Self { n: Some(n.into()), ..bare("picture-listed") },
            What::Owed { n, kind, .. } => {
                Self { n: n.map(i64::from), kind: Some(kind), ..bare("owed") }
            }
            What::Settled { n, state, error, .. } => {
                Self { n: n.map(i64::from), kind: Some(state), words: error, ..bare("settled") }
            }
        }
    }
}

/// One generation and its story.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Timeline {
    generation: Generation,
    pictures: Vec<Picture>,
    /// Oldest first.
    events: Vec<Happened>,
}

/// One generation.
#[utoipa::path(get, path = "/admin/api/generations/{id}", tag = "generations",
    params(("id" = String, Path, description = "32 hexadecimal digits", pattern = "^[0-9a-f]{32}$")), responses(
    (status = 200, body = Timeline),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 404, description = "There is none by that id", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn one(ctx: Ctx) -> Reply {
    let id = GenerationId::parse(ctx.params.get("id")).ok_or(Error::NotFound)?;
    let told = ctx.desk.database.timeline(id).await?.ok_or(Error::NotFound)?;
    Ok(answer(&Timeline {
        generation: Generation::from(&told.generation),
        pictures: told.pictures.iter().map(Picture::from).collect(),
        events: told.events.into_iter().map(Happened::from).collect(),
    }))
}
