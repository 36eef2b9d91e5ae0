//! The routes under `/sandbox/fal`.

use std::{convert::Infallible, io, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{Method, StatusCode, header},
    web::{self, Bytes, Data, Json, PayloadConfig, ServiceConfig},
};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{
        faults::Fault,
        journal::{Call, Peer, now_us},
        store,
    },
    Fal, Inner, PREFIX,
    job::{Job, Phase},
    models,
    queue::{Cancel, Seen, Submission},
};

/// The largest input, in bytes.
const BODY_MAX: usize = 4 << 20;
/// A stream says something at least so often, so that dead connections are noticed.
const STREAM_PING: Duration = Duration::from_secs(15);

pub(super) fn configure(fal: &Fal, cfg: &mut ServiceConfig) {
    cfg.service(
        web::scope(PREFIX)
            .app_data(Data::new(fal.clone()))
            .app_data(PayloadConfig::new(BODY_MAX))
            .route("/.well-known/jwks.json", web::get().to(jwks))
            .route("/pace", web::post().to(set_pace))
            .route("/files/{name}", web::get().to(file))
            .route("/files/{name}", web::head().to(file))
            .route("/{tail:.*}", web::to(call)),
    );
}

async fn jwks(fal: Data<Fal>) -> HttpResponse {
    HttpResponse::Ok().json(fal.inner.identity.jwks())
}

/// A change of the pace; what is absent stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaceChange {
    queue_ms: Option<u64>,
    run_ms: Option<u64>,
    concurrency: Option<usize>,
    webhook_retry_ms: Option<u64>,
}

async fn set_pace(fal: Data<Fal>, Json(change): Json<PaceChange>) -> HttpResponse {
    let mut pace = fal.inner.queue.pace();
    pace.queue_ms = change.queue_ms.unwrap_or(pace.queue_ms);
    pace.run_ms = change.run_ms.unwrap_or(pace.run_ms);
    pace.concurrency = change.concurrency.unwrap_or(pace.concurrency);
    pace.webhook_retry_ms = change.webhook_retry_ms.unwrap_or(pace.webhook_retry_ms);
    fal.set_pace(pace);
    HttpResponse::Ok().json(pace)
}

async fn file(fal: Data<Fal>, name: web::Path<String>) -> HttpResponse {
    let fault = fal.inner.faults.take(Peer::Fal, "file");
    let entry = Entry { call: "file", request_id: None, body: json!({ "name": *name }) };
    if let Some(answer) = suffer(fault.as_ref()).await {
        return fal.inner.record(entry, fault.as_ref(), answer);
    }
    let found = web::block({
        let (fal, name) = (fal.clone(), name.clone());
        move || fal.inner.queue.file(&name)
    });
    let answer = match found.await {
        Ok(Ok(Some(bytes))) => HttpResponse::Ok()
            .content_type(mime_guess::from_path(&*name).first_or_octet_stream())
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(bytes),
        Ok(Ok(None)) => refuse(StatusCode::NOT_FOUND, "File not found"),
        Ok(Err(error)) => trouble(&error),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    };
    fal.inner.record(entry, fault.as_ref(), answer)
}

/// What a path of the queue API means.
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    Submit {
        app: String,
        endpoint: String,
    },
    Request {
        app: String,
        id: &'a str,
        action: &'static str,
    },
    /// Of the platform API.
    Payloads {
        id: &'a str,
    },
}

fn target<'a>(method: &Method, tail: &'a str) -> Result<Target<'a>, StatusCode> {
    let parts: Vec<_> = tail.trim_matches('/').split('/').collect();
    if let ["v1", "models", "requests", id, "payloads"] = parts.as_slice() {
        let is_delete = *method == Method::DELETE;
        return is_delete.then_some(Target::Payloads { id }).ok_or(StatusCode::METHOD_NOT_ALLOWED);
    }
    let length = match parts.first() {
        Some(&("workflows" | "comfy")) => 3,
        _ => 2,
    };
    let (app, rest) = parts.split_at_checked(length).ok_or(StatusCode::NOT_FOUND)?;
    let app = app.join("/");
    let (verb, action, id) = match rest {
        ["requests", id, "status"] => (Method::GET, "status", *id),
        ["requests", id, "status", "stream"] => (Method::GET, "stream", *id),
        ["requests", id, "cancel"] => (Method::PUT, "cancel", *id),
        ["requests", id] => (Method::GET, "result", *id),
        ["requests", ..] => return Err(StatusCode::NOT_FOUND),
        _ if method != Method::POST => return Err(StatusCode::METHOD_NOT_ALLOWED),
        _ => return Ok(Target::Submit { app, endpoint: parts.join("/") }),
    };
    if *method != verb {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    Ok(Target::Request { app, id, action })
}

#[derive(Deserialize)]
struct Query {
    fal_webhook: Option<String>,
    logs: Option<String>,
}

async fn call(
    request: HttpRequest,
    fal: Data<Fal>,
    tail: web::Path<String>,
    query: web::Query<Query>,
    body: Result<Bytes, actix_web::Error>,
) -> HttpResponse {
    let target = match target(request.method(), &tail) {
        Ok(target) => target,
        Err(StatusCode::METHOD_NOT_ALLOWED) => {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
        }
        Err(status) => return refuse(status, "Not Found"),
    };
    let Ok(body) = body else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large");
    };
    let mut entry = match &target {
        Target::Submit { .. } => {
            let body = serde_json::from_slice(&body).unwrap_or_default();
            Entry { call: "submit", request_id: None, body: without_files(body) }
        }
        Target::Request { id, action, .. } => {
            Entry { call: action, request_id: Some((*id).to_owned()), body: Value::Null }
        }
        Target::Payloads { id } => {
            Entry { call: "payloads", request_id: Some((*id).to_owned()), body: Value::Null }
        }
    };
    let fault = fal.inner.faults.take(Peer::Fal, entry.call);
    if let Some(answer) = suffer(fault.as_ref()).await {
        return fal.inner.record(entry, fault.as_ref(), answer);
    }
    let refusal = || fal.inner.unauthorized(&request);
    let answer = match target {
        Target::Payloads { id } => fal.inner.delete_payloads(&request, id),
        Target::Submit { app, endpoint } => refusal().unwrap_or_else(|| {
            let (id, answer) = fal.inner.submit(&request, (app, endpoint), &query, &body);
            entry.request_id = id;
            answer
        }),
        Target::Request { app, id, action } => refusal().unwrap_or_else(|| {
            let logs = matches!(query.logs.as_deref(), Some("1" | "true" | "True"));
            fal.asked(&app, id, action, logs)
        }),
    };
    fal.inner.record(entry, fault.as_ref(), answer)
}

/// Waits as the fault says; the answer if it says one.
async fn suffer(fault: Option<&Fault>) -> Option<HttpResponse> {
    let fault = fault?;
    if let Some(delay) = fault.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let status = StatusCode::from_u16(fault.status?).ok()?;
    let mut answer = HttpResponseBuilder::new(status);
    if let Some(seconds) = fault.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    let reason = status.canonical_reason().unwrap_or("Error");
    Some(answer.json(json!({ "detail": format!("{reason} (ordered from the sandbox)") })))
}

/// A call as the journal will have it.
struct Entry {
    call: &'static str,
    request_id: Option<String>,
    body: Value,
}

/// The input with inline files replaced by their length.
fn without_files(body: Value) -> Value {
    match body {
        Value::String(text) if text.starts_with("data:") => {
            format!("data of {} characters", text.len()).into()
        }
        Value::Array(items) => items.into_iter().map(without_files).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, without_files(value))).collect()
        }
        other => other,
    }
}

fn refuse(status: StatusCode, detail: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "detail": detail }))
}

pub(super) fn trouble(error: &store::Error) -> HttpResponse {
    tracing::error!(%error, "the FAL stand-in cannot answer");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

impl Inner {
    /// Journals the call, after the work and before the answer; spoils the answer as ordered.
    fn record(&self, entry: Entry, fault: Option<&Fault>, answer: HttpResponse) -> HttpResponse {
        let reset = fault.is_some_and(|fault| fault.reset);
        let garbage = fault.is_some_and(|fault| fault.garbage);
        let answer = if garbage && answer.status().is_success() {
            HttpResponse::Ok().content_type("text/html").body("<html>502 Bad Gateway</html>")
        } else {
            answer
        };
        self.journal.record(Call {
            at_us: now_us(),
            peer: Peer::Fal,
            call: entry.call.to_owned(),
            chat_id: None,
            request_id: entry.request_id,
            body: entry.body,
            status: if reset { 0 } else { answer.status().as_u16() },
        });
        if !reset {
            return answer;
        }
        // A body that fails at once: the connection is closed before the head is flushed.
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        HttpResponse::Ok().streaming(stream::iter([Err::<Bytes, _>(broken)]))
    }

    fn unauthorized(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let given = request.headers().get(header::AUTHORIZATION);
        let detail = match given.and_then(|given| given.to_str().ok()) {
            Some(given) if self.identity.accepts(given) => return None,
            Some(_) => "Invalid API key",
            None => "Authentication is required to access this application",
        };
        Some(refuse(StatusCode::UNAUTHORIZED, detail))
    }

    fn submit(
        &self,
        request: &HttpRequest,
        (app, endpoint): (String, String),
        query: &Query,
        body: &[u8],
    ) -> (Option<String>, HttpResponse) {
        if models::find(&endpoint).is_none() {
            let detail = format!("Application '{endpoint}' not found");
            return (None, refuse(StatusCode::NOT_FOUND, &detail));
        }
        let Ok(input) = serde_json::from_slice(body) else {
            let entry =
                models::detail("json_invalid", &[], "JSON decode error", &Value::Null, Value::Null);
            let body = json!({ "detail": [entry] });
            return (None, HttpResponse::UnprocessableEntity().json(body));
        };
        let header = |name: &str| request.headers().get(name)?.to_str().ok();
        let seconds = header("x-fal-request-timeout").and_then(|text| text.parse::<f64>().ok());
        let submission = Submission {
            app,
            endpoint,
            input,
            webhook: query.fal_webhook.clone().filter(|url| !url.is_empty()),
            low: header("x-fal-queue-priority").is_some_and(|p| p.eq_ignore_ascii_case("low")),
            start_timeout_us: seconds.filter(|s| *s > 0.0).map(|s| (s * 1e6) as i64),
        };
        match self.queue.submit(submission) {
            Ok(Some(Seen { job, position })) => {
                let answer = HttpResponse::Ok()
                    .insert_header(("x-fal-request-id", job.id.clone()))
                    .json(job.status(&self.queue_url(), position, false));
                (Some(job.id), answer)
            }
            Ok(None) => (None, refuse(StatusCode::TOO_MANY_REQUESTS, "Too many open requests")),
            Err(error) => (None, trouble(&error)),
        }
    }

    fn status(&self, seen: &Seen, logs: bool) -> HttpResponse {
        let Seen { job, position } = seen;
        let mut answer = match job.phase {
            Phase::Done => HttpResponse::Ok(),
            Phase::Queued | Phase::Running => HttpResponse::Accepted(),
        };
        answer.insert_header(("x-fal-request-id", job.id.clone())).json(job.status(
            &self.queue_url(),
            *position,
            logs,
        ))
    }

    fn result(&self, job: &Job) -> HttpResponse {
        let Some(outcome) = &job.outcome else {
            let mut answer = HttpResponse::BadRequest();
            answer.insert_header(("x-fal-request-id", job.id.clone()));
            return answer.json(json!({ "detail": "Request is still in progress" }));
        };
        let status = StatusCode::from_u16(outcome.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        answer.insert_header(("x-fal-request-id", job.id.clone()));
        match &outcome.error_type {
            None => {
                answer.insert_header(("x-fal-billable-units", outcome.billable_units.to_string()))
            }
            Some(kind) if outcome.infrastructure => {
                answer.insert_header(("x-fal-error-type", kind.clone()))
            }
            Some(_) => {
                let retryable = status.is_server_error();
                answer.insert_header(("x-fal-retryable", retryable.to_string()))
            }
        };
        answer.json(outcome.shown(&self.queue_url()))
    }
}

impl Fal {
    /// Answers about one request. It is known under its own app only.
    fn asked(&self, app: &str, id: &str, action: &'static str, logs: bool) -> HttpResponse {
        let fal = &self.inner;
        let seen = match fal.queue.find(id) {
            Ok(seen) => seen.filter(|seen| seen.job.app == app),
            Err(error) => return trouble(&error),
        };
        match (action, seen) {
            ("cancel", None) => HttpResponse::NotFound().json(json!({ "status": "NOT_FOUND" })),
            ("cancel", Some(_)) => match fal.queue.cancel(id) {
                Ok(Some(Cancel::Requested)) => {
                    HttpResponse::Accepted().json(json!({ "status": "CANCELLATION_REQUESTED" }))
                }
                Ok(Some(Cancel::AlreadyCompleted)) => {
                    HttpResponse::BadRequest().json(json!({ "status": "ALREADY_COMPLETED" }))
                }
                Ok(None) => HttpResponse::NotFound().json(json!({ "status": "NOT_FOUND" })),
                Err(error) => trouble(&error),
            },
            (_, None) => refuse(StatusCode::NOT_FOUND, "Request not found"),
            ("status", Some(seen)) => fal.status(&seen, logs),
            ("stream", Some(_)) => self.stream(id.to_owned(), logs),
            (_, Some(seen)) => fal.result(&seen.job),
        }
    }

    /// The status whenever it changes, until the job is done or the stand-in is shut down.
    fn stream(&self, id: String, logs: bool) -> HttpResponse {
        let changes = self.inner.queue.changes();
        let start = (self.clone(), changes, String::new(), false);
        let events = stream::unfold(start, move |(fal, mut changes, last, over)| {
            let id = id.clone();
            async move {
                if over {
                    return None;
                }
                loop {
                    changes.borrow_and_update();
                    let Seen { job, position } = fal.inner.queue.find(&id).ok()??;
                    let status = job.status(&fal.inner.queue_url(), position, logs).to_string();
                    if status != last {
                        let event = Bytes::from(format!("data: {status}\n\n"));
                        let over = job.phase == Phase::Done;
                        return Some((Ok::<_, Infallible>(event), (fal, changes, status, over)));
                    }
                    tokio::select! {
                        () = fal.inner.queue.stopped().cancelled() => return None,
                        _ = changes.changed() => {}
                        () = tokio::time::sleep(STREAM_PING) => {
                            let ping = Bytes::from_static(b": ping\n\n");
                            return Some((Ok(ping), (fal, changes, last, false)));
                        }
                    }
                }
            }
        });
        HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .streaming(Box::pin(events))
    }
}
