//! People.

use aisha_actors::domain::id::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{Ctx, Error, routes::Reply},
    Refusal, answer, cut,
    generations::Generation,
    limit, query, read, rfc, schema, words,
};
use crate::db::reports::PersonLine;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleQuery {
    /// An id, or how a name or username begins.
    #[param(max_length = 100)]
    search: Option<String>,
    /// The last answer's `next`.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// A line of the list of people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    id: i64,
    first_name: String,
    username: Option<String>,
    /// Credits that can be spent.
    available: i64,
    /// Counted up to 1001.
    pictures: u64,
    open_generations: u64,
    /// The operator does not serve them.
    blocked: bool,
    /// They blocked the bot.
    stopped: bool,
    #[schema(schema_with = schema::moment)]
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct People {
    people: Vec<Person>,
    /// Where the list goes on. Null: this is its end.
    next: Option<String>,
}

impl From<PersonLine> for Person {
    fn from(line: PersonLine) -> Self {
        Self {
            id: line.id.0,
            first_name: line.first_name,
            username: line.username,
            available: line.available.0,
            pictures: line.pictures,
            open_generations: line.open_generations,
            blocked: line.blocked,
            stopped: line.stopped,
            created_at: rfc(line.created_at),
        }
    }
}

/// People, newest first.
#[utoipa::path(get, path = "/admin/api/people", tag = "people", params(PeopleQuery), responses(
    (status = 200, body = People),
    (status = 400, description = "It is not understood", body = Refusal),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn list(ctx: Ctx) -> Reply {
    let query: PeopleQuery = query(&ctx)?;
    let limit = limit(query.limit)?;
    let after = read(query.after.as_deref(), |said| said.parse().ok())?;
    let search = words(query.search.as_deref())?;
    let mut lines = ctx.desk.database.find_people(search, after, limit + 1).await?;
    let next = cut(&mut lines, limit, PersonLine::spot);
    Ok(answer(&People { people: lines.into_iter().map(Person::from).collect(), next }))
}

/// How many pictures of a model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfModel {
    model: String,
    pictures: u64,
}

/// All about one person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonReport {
    id: i64,
    first_name: String,
    username: Option<String>,
    /// As Telegram says it.
    language_code: Option<String>,
    /// What they chose, or what follows from Telegram's.
    language: String,
    blocked: bool,
    stopped: bool,
    #[schema(schema_with = schema::moment)]
    created_at: String,
    /// Credits: ever given, ever taken, set aside by open holds, and what can be spent.
    credited: i64,
    debited: i64,
    held: i64,
    available: i64,
    /// Pictures in the gallery by model, most first.
    gallery: Vec<OfModel>,
    favourites: u64,
    generations: u64,
    /// Credits captured and not refunded.
    spent: i64,
    /// Oldest first.
    open_generations: Vec<Generation>,
}

/// One person.
#[utoipa::path(get, path = "/admin/api/people/{id}", tag = "people",
    params(("id" = i64, Path, description = "Telegram's number")), responses(
    (status = 200, body = PersonReport),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 404, description = "Nobody by that id", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn one(ctx: Ctx) -> Reply {
    let id = ctx.params.get("id").parse().map(UserId).map_err(|_| Error::NotFound)?;
    let report = ctx.desk.database.person_report(id, ctx.now()).await?;
    let report = report.ok_or(Error::NotFound)?;
    let (standing, account, counts) = (report.standing, report.account, report.counts);
    let profile = standing.person.profile;
    let language = standing.conversation.language.unwrap_or_else(|| profile.language());
    let gallery = counts.by_model.into_iter();
    Ok(answer(&PersonReport {
        id: profile.id.0,
        first_name: profile.first_name,
        username: profile.username,
        language_code: profile.language_code,
        language: language.code().to_owned(),
        blocked: standing.person.blocked,
        stopped: standing.person.stopped,
        created_at: rfc(standing.person.created_at),
        credited: account.credited.0,
        debited: account.debited.0,
        held: account.held.0,
        available: account.available().0,
        gallery: gallery
            .map(|(model, pictures)| OfModel { model: model.to_string(), pictures })
            .collect(),
        favourites: counts.favourites,
        generations: counts.generations,
        spent: counts.spent.0,
        open_generations: report.open_generations.iter().map(Generation::from).collect(),
    }))
}
