//! Everything about a person, as a file of JSON: for them, when they ask for it.

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    web::Bytes,
};
use aisha_actors::{
    domain::{
        generation::Generation,
        id::{GenerationId, PictureId, UserId},
        picture::Picture,
        time::Timestamp,
    },
    port,
};
use futures::stream;
use serde_json::{Value, json};

use super::{
    super::super::{
        Ctx,
        act::{Act, act},
        routes::Reply,
    },
    acts, person,
};
use crate::db::{
    Database,
    reports::{EntryFilter, EntryLine, GenerationFilter, PersonReport, Sequence, Spot},
};

/// Rows that are read at once.
const ROWS: usize = 500;

/// What is written next.
enum Next {
    Head(Box<PersonReport>),
    Entries(Option<Spot<i64>>),
    Generations(Option<Spot<GenerationId>>),
    Pictures(Option<Spot<PictureId>>),
    Nothing,
}

/// The answer comes row by row: nobody's gallery has to fit into memory.
pub(super) async fn download(ctx: Ctx) -> Reply {
    let report = person::wanted(&ctx).await?;
    let user = report.standing.person.profile.id;
    act(&ctx, Act::new("person.export", acts::subject(user)), async || Ok(())).await?;
    let database = ctx.desk.database.clone();
    let parts = stream::unfold((database, Next::Head(Box::new(report))), move |state| async move {
        let (database, next) = state;
        if matches!(next, Next::Nothing) {
            return None;
        }
        match write(&database, user, next).await {
            Ok((text, next)) => Some((Ok(Bytes::from(text)), (database, next))),
            Err(error) => {
                tracing::warn!(%error, %user, "an export was broken off");
                let broken = actix_web::error::ErrorServiceUnavailable("broken off");
                Some((Err(broken), (database, Next::Nothing)))
            }
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"person-{user}.json\""),
        ))
        .streaming(parts))
}

async fn write(database: &Database, user: UserId, next: Next) -> port::Result<(String, Next)> {
    match next {
        Next::Head(report) => {
            let text = format!("{{\"person\":{},\n\"ledger\":[", head(&report));
            Ok((text, Next::Entries(None)))
        }
        Next::Entries(after) => {
            let filter = EntryFilter { user: Some(user), ..EntryFilter::default() };
            let rows = database.find_entries(filter, after, ROWS).await?;
            let last = rows.last().filter(|_| rows.len() == ROWS).map(EntryLine::spot);
            let text = list(rows.iter().map(entry), after.is_none());
            Ok(match last {
                Some(last) => (text, Next::Entries(Some(last))),
                None => (text + "],\n\"generations\":[", Next::Generations(None)),
            })
        }
        Next::Generations(after) => {
            let filter = GenerationFilter { user: Some(user), ..GenerationFilter::default() };
            let found = database.find_generations(filter, Sequence::NewestFirst, after, ROWS);
            let rows = found.await?;
            let last = rows.last().filter(|_| rows.len() == ROWS);
            let last = last.map(|row| Spot { at: row.created_at, key: row.id });
            let text = list(rows.iter().map(generation), after.is_none());
            Ok(match last {
                Some(last) => (text, Next::Generations(Some(last))),
                None => (text + "],\n\"pictures\":[", Next::Pictures(None)),
            })
        }
        Next::Pictures(after) => {
            let rows = database.pictures_of_person(user, after, ROWS).await?;
            let last = rows.last().filter(|_| rows.len() == ROWS);
            let last = last.map(|row| Spot { at: row.created_at, key: row.id });
            let text = list(rows.iter().map(picture), after.is_none());
            Ok(match last {
                Some(last) => (text, Next::Pictures(Some(last))),
                None => (text + "]}\n", Next::Nothing),
            })
        }
        Next::Nothing => Ok((String::new(), Next::Nothing)),
    }
}

/// Rows with a comma between each two. `is_first`: none comes before them.
fn list(rows: impl Iterator<Item = Value>, is_first: bool) -> String {
    let mut text = String::new();
    for (number, row) in rows.enumerate() {
        text.push_str(if is_first && number == 0 { "\n" } else { ",\n" });
        text.push_str(&row.to_string());
    }
    text
}

fn rfc(at: Timestamp) -> String {
    at.utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

fn head(report: &PersonReport) -> Value {
    let (person, account) = (&report.standing.person, report.account);
    json!({
        "id": person.profile.id,
        "first_name": person.profile.first_name,
        "username": person.profile.username,
        "language_code": person.profile.language_code,
        "blocked": person.blocked,
        "stopped": person.stopped,
        "since": rfc(person.created_at),
        "balance": {
            "available": account.available(),
            "held": account.held,
            "credited": account.credited,
            "debited": account.debited,
        },
        "conversation": serde_json::to_value(&report.standing.conversation).unwrap_or_default(),
    })
}

fn entry(row: &EntryLine) -> Value {
    json!({
        "at": rfc(row.at),
        "kind": row.kind.name(),
        "amount": if row.kind.debits_user() { -row.amount.0 } else { row.amount.0 },
        "generation": row.generation.map(|id| id.to_string()),
        "reason": row.reason,
    })
}

fn generation(row: &Generation) -> Value {
    let order = &row.order;
    json!({
        "id": row.id.to_string(),
        "at": rfc(row.created_at),
        "finished": row.finished_at.map(rfc),
        "state": row.state.name(),
        "failure": row.failure.map(|failure| failure.name()),
        "model": order.model.as_str(),
        "prompt": order.prompt,
        "ratio": order.ratio,
        "resolution": order.resolution,
        "asked": order.count,
        "captured": row.captured,
        "price": order.price,
    })
}

fn picture(row: &Picture) -> Value {
    json!({
        "generation": row.id.generation.to_string(),
        "n": row.id.n,
        "state": row.state.name(),
        "favourite": row.favourite,
        "listed": row.listed_at.map(rfc),
        "type": row.content.as_ref().map(|content| content.image_type.mime()),
        "bytes": row.content.as_ref().map(|content| content.size),
        "width": row.content.as_ref().map(|content| content.width),
        "height": row.content.as_ref().map(|content| content.height),
    })
}
