//! The visitor's side over HTTP: what the chat page and the tests use. See DESIGN 7 for the routes.
//!
//! Beside the contract, `GET /sandbox/chats/{id}/messages` also tells `chat` (`null` until it is
//! used), `bot`, `blocked` and `commands`; `callbacks` also tell `message_id` and `data`. Events are
//! named `state`, `message`, `edited`, `deleted`, `callback`, `action`, `commands` and `blocked`.
//! `GET /sandbox/journal?since_us=N` gives only the calls after that instant.

pub(super) mod events;
mod page;

use std::{sync::Arc, time::Duration};

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{
            self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
        },
    },
    web::{self, Bytes, BytesMut, Data, Json, Path, Payload, Query},
};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use self::events::Event;
use super::{
    faults::{Fault, Faults},
    journal::Journal,
    telegram::{
        Attachment, Remark, Telegram, VisitorError,
        files::Kind,
        params::{Upload, collect, content_type},
    },
};

/// The files of one form, in bytes.
const FORM_MAX: usize = 50 * 1024 * 1024;
/// Between two signs of life on an event stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Answer = Result<HttpResponse, VisitorError>;

impl std::fmt::Display for VisitorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl ResponseError for VisitorError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({ "error": self.words }))
    }
}

/// Mounts the visitor's routes and the page.
pub(super) fn configure(cfg: &mut web::ServiceConfig) {
    page::configure(cfg);
    cfg.service(
        web::resource("/sandbox/chats/{id}/messages")
            .route(web::get().to(messages))
            .route(web::post().to(say)),
    )
    .route("/sandbox/chats/{id}/press", web::post().to(press))
    .route("/sandbox/chats/{id}/block", web::post().to(block))
    .route("/sandbox/chats/{id}/events", web::get().to(watch))
    .route("/sandbox/chats/{id}/files/{file_id}", web::get().to(file))
    .route("/sandbox/journal", web::get().to(journal))
    .service(
        web::resource("/sandbox/faults")
            .route(web::post().to(add_fault))
            .route(web::delete().to(clear_faults)),
    );
}

fn chat_id(text: &str) -> Result<i64, VisitorError> {
    text.parse().map_err(|_| VisitorError::missing("a chat id is a whole number"))
}

/// A page of another site must not act for the visitor.
fn same_origin(request: &HttpRequest) -> Result<(), VisitorError> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    let host = origin.split_once("://").map(|(_, host)| host);
    if host.is_some() && host == text(header::HOST) {
        return Ok(());
    }
    Err(VisitorError { status: 403, words: "this came from another site".to_owned() })
}

async fn read_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
) -> Result<T, VisitorError> {
    same_origin(request)?;
    let body = collect(payload).await?;
    serde_json::from_slice(&body).map_err(|error| VisitorError::bad(error.to_string()))
}

async fn messages(telegram: Data<Telegram>, id: Path<String>) -> Answer {
    let view = telegram.view(chat_id(&id)?)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(view))
}

async fn say(
    telegram: Data<Telegram>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Answer {
    #[derive(Deserialize)]
    struct Said {
        text: String,
        first_name: Option<String>,
        username: Option<String>,
        language_code: Option<String>,
        chat_type: Option<String>,
        reply_to_message_id: Option<i64>,
    }
    let chat_id = chat_id(&id)?;
    let remark = if content_type(request.headers()) == "multipart/form-data" {
        same_origin(&request)?;
        read_form(Multipart::new(request.headers(), payload)).await?
    } else {
        let said: Said = read_json(&request, payload).await?;
        Remark {
            text: said.text,
            attachment: None,
            first_name: said.first_name,
            username: said.username,
            language_code: said.language_code,
            group: is_group(said.chat_type.as_deref())?,
            reply_to_message_id: said.reply_to_message_id,
        }
    };
    let message = telegram.into_inner().say(chat_id, remark).await?;
    Ok(HttpResponse::Ok().json(&*message))
}

fn is_group(chat_type: Option<&str>) -> Result<bool, VisitorError> {
    match chat_type {
        None | Some("private") => Ok(false),
        Some("group") => Ok(true),
        Some(_) => Err(VisitorError::bad("chat_type is private or group")),
    }
}

async fn read_form(mut form: Multipart) -> Result<Remark, VisitorError> {
    let broken = |_| VisitorError::bad("the form cannot be read");
    let mut remark = Remark::default();
    let mut left = FORM_MAX;
    while let Some(mut field) = form.try_next().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let disposition = field.content_disposition();
        let file_name = disposition.and_then(|d| d.get_filename()).map(str::to_owned);
        let mime = field.content_type().map(ToString::to_string);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            left = left
                .checked_sub(chunk.len())
                .ok_or_else(|| VisitorError::bad("the file is larger than 50 MB"))?;
            bytes.extend_from_slice(&chunk);
        }
        let kind = match name.as_str() {
            "photo" => Some(Kind::Photo),
            "document" => Some(Kind::Document),
            _ => None,
        };
        if let Some(kind) = kind {
            let upload = Upload { name: file_name, mime, bytes: bytes.freeze() };
            remark.attachment = Some(Attachment { kind, upload });
            continue;
        }
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| VisitorError::bad("a field is not in UTF-8"))?;
        match name.as_str() {
            "text" => remark.text = text,
            "first_name" => remark.first_name = Some(text),
            "username" => remark.username = Some(text),
            "language_code" => remark.language_code = Some(text),
            "chat_type" => remark.group = is_group(Some(&text))?,
            "reply_to_message_id" => remark.reply_to_message_id = text.parse().ok(),
            _ => {}
        }
    }
    Ok(remark)
}

async fn press(
    telegram: Data<Telegram>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Answer {
    #[derive(Deserialize)]
    struct Press {
        message_id: i64,
        data: String,
    }
    let chat_id = chat_id(&id)?;
    let Press { message_id, data } = read_json(&request, payload).await?;
    let callback_id = telegram.into_inner().press(chat_id, message_id, &data)?;
    Ok(HttpResponse::Ok().json(json!({ "callback_id": callback_id })))
}

async fn block(
    telegram: Data<Telegram>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Answer {
    #[derive(Deserialize)]
    struct Block {
        blocked: bool,
    }
    let chat_id = chat_id(&id)?;
    let Block { blocked } = read_json(&request, payload).await?;
    telegram.into_inner().block(chat_id, blocked)?;
    Ok(HttpResponse::Ok().json(json!({ "blocked": blocked })))
}

async fn watch(telegram: Data<Telegram>, id: Path<String>) -> Answer {
    let chat_id = chat_id(&id)?;
    let (first, receiver) = telegram.watch(chat_id)?;
    let events = follow(telegram.into_inner(), chat_id, receiver);
    let frames = stream::once(async move { first.frame() })
        .chain(events)
        .map(|frame| Ok::<_, std::io::Error>(Bytes::from(frame)));
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(frames))
}

/// Events of a chat until the sandbox ends; a reader that is too slow gets the whole state again.
fn follow(
    telegram: Arc<Telegram>,
    chat_id: i64,
    receiver: Receiver<Event>,
) -> impl Stream<Item = String> {
    let closed = telegram.closed();
    stream::unfold(
        (telegram, receiver, closed),
        move |(telegram, mut receiver, closed)| async move {
            let frame = tokio::select! {
                event = receiver.recv() => match event {
                    Ok(event) => event.frame(),
                    Err(RecvError::Lagged(_)) => {
                        let (state, again) = telegram.watch(chat_id).ok()?;
                        receiver = again;
                        state.frame()
                    }
                    Err(RecvError::Closed) => return None,
                },
                () = tokio::time::sleep(KEEP_ALIVE) => ": keep-alive\n\n".to_owned(),
                () = closed.cancelled() => return None,
            };
            Some((frame, (telegram, receiver, closed)))
        },
    )
}

#[derive(Deserialize)]
struct FileQuery {
    download: Option<String>,
}

async fn file(
    telegram: Data<Telegram>,
    path: Path<(String, String)>,
    query: Query<FileQuery>,
) -> Answer {
    let (record, bytes) = telegram.file(&path.1).await?;
    let shown =
        ["image/jpeg", "image/png", "image/webp", "image/gif"].contains(&record.mime.as_str());
    let inline = shown && query.download.is_none();
    let name = record.name.clone().unwrap_or_else(|| "photo.jpg".to_owned());
    let disposition = ContentDisposition {
        disposition: if inline { DispositionType::Inline } else { DispositionType::Attachment },
        parameters: vec![if name.is_ascii() {
            DispositionParam::Filename(name)
        } else {
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: name.into_bytes(),
            })
        }],
    };
    let mime = if shown { record.mime.as_str() } else { "application/octet-stream" };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, mime))
        .insert_header(disposition)
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .body(bytes))
}

#[derive(Deserialize)]
struct JournalQuery {
    since_us: Option<i64>,
}

async fn journal(journal: Data<Journal>, query: Query<JournalQuery>) -> HttpResponse {
    HttpResponse::Ok().json(match query.since_us {
        Some(at_us) => journal.since(at_us),
        None => journal.list(),
    })
}

async fn add_fault(faults: Data<Faults>, request: HttpRequest, payload: Payload) -> Answer {
    let fault: Fault = read_json(&request, payload).await?;
    if fault.status.is_some_and(|status| !(400..=599).contains(&status)) {
        return Err(VisitorError::bad("status is 400 to 599"));
    }
    if fault.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        return Err(VisitorError::bad("share is 0 to 1"));
    }
    if fault.times == Some(0) {
        return Err(VisitorError::bad("times is at least 1"));
    }
    faults.add(fault.clone());
    Ok(HttpResponse::Ok().json(Json(fault)))
}

async fn clear_faults(faults: Data<Faults>, request: HttpRequest) -> Answer {
    same_origin(&request)?;
    faults.clear();
    Ok(HttpResponse::NoContent().finish())
}
