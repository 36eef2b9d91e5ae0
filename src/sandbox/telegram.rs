//! The Bot API: `/bot<token>/<method>` and `/file/bot<token>/<path>`, as Telegram answers them.

pub(super) mod answer;
pub(super) mod files;
mod keyboard;
mod markup;
mod media;
mod methods;
pub(super) mod params;
pub(super) mod state;
pub(crate) mod types;
mod updates;
mod visitor;
mod webhook;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes, Payload},
};
use tokio::{
    runtime::{Handle, Runtime},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;

use self::{
    answer::{Refusal, Reply},
    params::Params,
    state::{State, Transaction},
};
use super::{
    Error,
    faults::{Fault, Faults},
    journal::{self, Call, Journal, Peer},
    store::Store,
};

pub(super) use self::visitor::{Attachment, Remark, VisitorError};

/// The Bot API stand-in.
pub(super) struct Telegram {
    store: Arc<Store>,
    journal: Arc<Journal>,
    faults: Arc<Faults>,
    state: Mutex<State>,
    /// Wakes the getUpdates call that waits.
    arrival: Notify,
    /// Ends everything that waits or runs in the background.
    closed: CancellationToken,
    client: reqwest::Client,
    /// Deliveries run here, whatever serves the HTTP side.
    runtime: Mutex<Option<Runtime>>,
    handle: Handle,
}

impl Telegram {
    /// Reads everything back and goes on with pending deliveries.
    pub(super) fn open(
        store: Arc<Store>,
        journal: Arc<Journal>,
        faults: Arc<Faults>,
    ) -> Result<Arc<Self>, Error> {
        let state = State::load(&store)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox")
            .enable_all()
            .build()?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .build()?;
        let telegram = Arc::new(Self {
            store,
            journal,
            faults,
            state: Mutex::new(state),
            arrival: Notify::new(),
            closed: CancellationToken::new(),
            client,
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
        });
        telegram.restart_delivery(&mut telegram.lock());
        Ok(telegram)
    }

    /// Ends deliveries, long polls and event streams. What was not delivered stays pending.
    pub(super) fn shutdown(&self) {
        self.closed.cancel();
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }

    /// The bot's token.
    pub(super) fn token(&self) -> String {
        self.lock().bot.token.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a change, writes it down, then tells the page and the bot. A change that fails writes nothing.
    fn transact<T, E: From<Refusal>>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock();
        let mut transaction = Transaction::new(&mut state);
        let result = change(&mut transaction)?;
        let Transaction { writes, events, arrived, .. } = transaction;
        self.store.commit(writes).map_err(Refusal::from)?;
        for (chat_id, event) in events {
            state.streams.publish(chat_id, event);
        }
        if !arrived.is_empty() {
            self.deliver(&mut state, &arrived);
            self.arrival.notify_waiters();
        }
        Ok(result)
    }

    /// Makes a call and writes it into the journal.
    async fn call(self: &Arc<Self>, method: &str, params: Params) -> Reply {
        let name = methods::spelling(method);
        let reply = match name {
            Some(name) => methods::call(self, name, &params).await,
            None => Err(Refusal::new(404, "Not Found: method not found")),
        };
        let status = reply.as_ref().map_or_else(|refusal| refusal.status, |_| 200);
        self.record(name.unwrap_or(method), &params, status);
        reply
    }

    fn record(&self, name: &str, params: &Params, status: u16) {
        self.journal.record(Call {
            at_us: journal::now_us(),
            peer: Peer::Telegram,
            call: name.chars().take(64).collect(),
            chat_id: params.integer("chat_id"),
            request_id: None,
            body: params.journal(),
            status,
        });
    }

    /// Suffers a fault in place of, or after, the call.
    async fn suffer(self: &Arc<Self>, fault: Fault, method: &str, params: Params) -> HttpResponse {
        if let Some(delay) = fault.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let name = methods::spelling(method).unwrap_or(method);
        if let Some(status) = fault.status {
            self.record(name, &params, status);
            return Refusal::of_status(status, fault.retry_after).response();
        }
        if fault.reset {
            if let Some(name) = methods::spelling(method) {
                drop(methods::call(self, name, &params).await);
            }
            self.record(name, &params, 0);
            return cut();
        }
        if fault.garbage {
            self.record(name, &params, 200);
            return HttpResponse::Ok().content_type("text/html").body("<html>{\"ok\":tru");
        }
        respond(self.call(method, params).await)
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn respond(reply: Reply) -> HttpResponse {
    match reply {
        Ok(success) => success.response(),
        Err(refusal) => refusal.response(),
    }
}

/// An answer that cuts the connection before anything is sent.
fn cut() -> HttpResponse {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    HttpResponse::build(StatusCode::OK)
        .streaming(futures::stream::once(async { Err::<Bytes, _>(broken) }))
}

/// Mounts the Bot API.
pub(super) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/bot{token}/{method}")
            .route(web::get().to(serve_call))
            .route(web::post().to(serve_call)),
    )
    .route("/file/bot{token}/{path:.*}", web::get().to(serve_download));
}

fn unauthorized() -> HttpResponse {
    Refusal::new(401, "Unauthorized").response()
}

async fn serve_call(
    telegram: web::Data<Telegram>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let telegram = telegram.into_inner();
    let (token, method) = path.into_inner();
    if token != telegram.token() {
        return unauthorized();
    }
    let params = match Params::read(&request, payload).await {
        Ok(params) => params,
        Err(refusal) => {
            let name = methods::spelling(&method).unwrap_or(&method);
            telegram.record(name, &Params::default(), refusal.status);
            return refusal.response();
        }
    };
    match telegram.faults.take(Peer::Telegram, &method) {
        Some(fault) => telegram.suffer(fault, &method, params).await,
        None => respond(telegram.call(&method, params).await),
    }
}

async fn serve_download(
    telegram: web::Data<Telegram>,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let telegram = telegram.into_inner();
    let (token, path) = path.into_inner();
    if token != telegram.token() {
        return unauthorized();
    }
    let found = files::by_path(&telegram.store, &path);
    let file = match found {
        Ok(Some(record)) if record.is_downloadable() => telegram.content(record).await,
        Ok(_) => Ok(None),
        Err(error) => Err(error.into()),
    };
    match file {
        Ok(Some((_, bytes))) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
            .body(bytes),
        Ok(None) => Refusal::new(404, "Not Found").response(),
        Err(refusal) => refusal.response(),
    }
}

impl Telegram {
    /// The bytes of a file, read off the event loop.
    async fn content(
        &self,
        record: files::Record,
    ) -> Result<Option<(files::Record, bytes::Bytes)>, Refusal> {
        let store = Arc::clone(&self.store);
        let read = tokio::task::spawn_blocking(move || {
            Ok(files::read(&store, &record)?.map(|bytes| (record, bytes)))
        });
        read.await.map_err(|_| Refusal::new(500, "Internal Server Error"))?
    }
}

#[cfg(test)]
mod tests;
