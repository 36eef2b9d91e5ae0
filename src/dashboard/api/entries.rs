//! The ledger.

use aisha_actors::domain::{id::UserId, ledger::EntryKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{Ctx, routes::Reply},
    Refusal, answer, cut, limit, moment, query, read, rfc, schema, words,
};
use crate::db::reports::{EntryFilter, EntryLine};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EntriesQuery {
    #[param(schema_with = schema::entry_kind, required = false)]
    kind: Option<String>,
    /// The person.
    user: Option<i64>,
    /// The operator who booked it, or `system`.
    #[param(max_length = 100)]
    actor: Option<String>,
    /// Booked then or later.
    #[param(schema_with = schema::moment, required = false)]
    from: Option<String>,
    /// Booked before.
    #[param(schema_with = schema::moment, required = false)]
    until: Option<String>,
    /// The last answer's `next`.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entry {
    seq: i64,
    id: String,
    #[schema(schema_with = schema::entry_kind)]
    kind: String,
    user: i64,
    /// Credits.
    amount: i64,
    generation: Option<String>,
    reason: String,
    by: String,
    #[schema(schema_with = schema::moment)]
    at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entries {
    entries: Vec<Entry>,
    /// Where the list goes on. Null: this is its end.
    next: Option<String>,
}

impl From<EntryLine> for Entry {
    fn from(line: EntryLine) -> Self {
        Self {
            seq: line.seq,
            id: line.id.0.simple().to_string(),
            kind: line.kind.name().to_owned(),
            user: line.user.0,
            amount: line.amount.0,
            generation: line.generation.map(|id| id.to_string()),
            reason: line.reason,
            by: line.by,
            at: rfc(line.at),
        }
    }
}

/// Entries of the ledger, newest first.
#[utoipa::path(get, path = "/admin/api/entries", tag = "ledger", params(EntriesQuery), responses(
    (status = 200, body = Entries),
    (status = 400, description = "It is not understood", body = Refusal),
    (status = 401, description = "Nobody is signed in", body = Refusal),
    (status = 503, description = "Not now", body = Refusal),
))]
pub(super) async fn list(ctx: Ctx) -> Reply {
    let query: EntriesQuery = query(&ctx)?;
    let limit = limit(query.limit)?;
    let filter = EntryFilter {
        kind: read(query.kind.as_deref(), EntryKind::parse)?,
        user: query.user.map(UserId),
        from: read(query.from.as_deref(), moment)?,
        until: read(query.until.as_deref(), moment)?,
        actor: words(query.actor.as_deref())?.map(str::to_owned),
    };
    let after = read(query.after.as_deref(), |said| said.parse().ok())?;
    let mut lines = ctx.desk.database.find_entries(filter, after, limit + 1).await?;
    let next = cut(&mut lines, limit, EntryLine::spot);
    Ok(answer(&Entries { entries: lines.into_iter().map(Entry::from).collect(), next }))
}
