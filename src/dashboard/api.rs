//! What the pages show, as JSON under `/admin/api`: read only, for whoever is signed in, described by
//! OpenAPI. What is asked for is checked as strictly as a form.

mod actors;
mod entries;
mod generations;
mod overview;
mod people;
mod schema;
mod storage;

use actix_web::{HttpResponse, http::StatusCode};
use aisha_actors::domain::time::Timestamp;
use futures::FutureExt;
use schema::Cookie;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{OpenApi, ToSchema};

use super::{
    Ctx, Error, Visit,
    routes::{Reply, Route},
};
use crate::db::operators::Role;

/// Everything below this is JSON, refusals too.
const PLACE: &str = "/admin/api/";

/// Rows of an answer, when nobody says how many, and at most.
const ROWS: usize = 50;
const ROWS_MAX: usize = 200;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/admin/api/openapi.json", Role::Viewer, |ctx| description(ctx).boxed_local()),
    Route::get("/admin/api/overview", Role::Viewer, |ctx| overview::now(ctx).boxed_local()),
    Route::get("/admin/api/series", Role::Viewer, |ctx| overview::series(ctx).boxed_local()),
    Route::get("/admin/api/actors", Role::Viewer, |ctx| actors::list(ctx).boxed_local()),
    Route::get("/admin/api/people", Role::Viewer, |ctx| people::list(ctx).boxed_local()),
    Route::get("/admin/api/people/{id}", Role::Viewer, |ctx| people::one(ctx).boxed_local()),
    Route::get("/admin/api/generations", Role::Viewer, |ctx| generations::list(ctx).boxed_local()),
    Route::get("/admin/api/generations/{id}", Role::Viewer, |ctx| {
        generations::one(ctx).boxed_local()
    }),
    Route::get("/admin/api/entries", Role::Viewer, |ctx| entries::list(ctx).boxed_local()),
    Route::get("/admin/api/storage", Role::Viewer, |ctx| storage::now(ctx).boxed_local()),
];

/// What OpenAPI says of it all.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "AISHA, the operator's dashboard",
        description = "What the pages at /admin show, read only. It needs the cookie of an operator's session. \
            Lists go on where the last answer's `next` says."
    ),
    paths(
        overview::now,
        overview::series,
        actors::list,
        people::list,
        people::one,
        generations::list,
        generations::one,
        entries::list,
        storage::now
    ),
    modifiers(&Cookie)
)]
pub(super) struct Description;

async fn description(_ctx: Ctx) -> Reply {
    Ok(answer(&Description::openapi()))
}

/// Why there is no answer.
#[derive(Debug, Serialize, ToSchema)]
struct Refusal {
    /// In words, in the language of the request.
    error: String,
    /// Also in `X-Request-Id`, in the log and in the audit log.
    request_id: String,
}

pub(super) fn is_below(path: &str) -> bool {
    path.starts_with(PLACE)
}

/// A refusal in place of a page that says the same.
pub(super) fn refusal(visit: &Visit, status: StatusCode, key: &str) -> HttpResponse {
    let said = Refusal { error: visit.t(key), request_id: visit.request_id.clone() };
    HttpResponse::build(status).json(said)
}

fn answer(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(body)
}

/// What stands behind the `?`, whole: what nobody knows is refused, not overlooked.
fn query<T: DeserializeOwned>(ctx: &Ctx) -> Result<T, Error> {
    ctx.query.read().ok_or(Error::BadRequest)
}

fn limit(said: Option<usize>) -> Result<usize, Error> {
    let limit = said.unwrap_or(ROWS);
    if (1..=ROWS_MAX).contains(&limit) { Ok(limit) } else { Err(Error::BadRequest) }
}

/// Reads a word of a list, or a place in one.
fn read<T>(said: Option<&str>, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Error> {
    said.map(|said| parse(said).ok_or(Error::BadRequest)).transpose()
}

/// Words to look for: neither database looks for a zero byte.
fn words(said: Option<&str>) -> Result<Option<&str>, Error> {
    match said {
        Some(said) if said.contains(char::is_control) || said.len() > 400 => Err(Error::BadRequest),
        said => Ok(said),
    }
}

fn moment(said: &str) -> Option<Timestamp> {
    let at = chrono::DateTime::parse_from_rfc3339(said).ok()?;
    Some(Timestamp(at.timestamp_micros()))
}

fn rfc(at: Timestamp) -> String {
    at.utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Cuts the row off that only says whether there is more, and says where it goes on.
fn cut<T, S: ToString>(
    rows: &mut Vec<T>,
    limit: usize,
    spot: impl FnOnce(&T) -> S,
) -> Option<String> {
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| is_more).map(|last| spot(last).to_string())
}
