//! The stand-ins: a Bot API server and a FAL queue on loopback that speak the real wire formats, and
//! the chat page where a visitor plays the Telegram user. The bot reaches them over HTTP through the
//! very adapters that it uses in production.
//!
//! Everything here is kept in `$DATA_DIR/sandbox` and committed before it is answered, so that after
//! `kill -9` every old button, `file_id` and `request_id` still works and no id is issued twice.

mod chat;
pub mod fal;
pub mod faults;
pub mod journal;
pub mod picture;
pub mod store;
mod telegram;

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::{HttpResponse, web};
use serde::Serialize;

use self::{
    fal::{Fal, Pace},
    faults::Faults,
    journal::Journal,
    store::Store,
    telegram::Telegram,
};

/// Why the sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the sandbox's background thread: {0}")]
    Thread(#[from] std::io::Error),
    #[error("the sandbox's HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    #[error(transparent)]
    Fal(#[from] fal::Error),
}

/// What a bot process has to be given to talk to the sandbox; `GET /sandbox/info`.
#[derive(Clone, Serialize)]
pub struct Info {
    pub telegram_api_url: String,
    pub telegram_token: String,
    pub fal_queue_url: String,
    pub fal_key: String,
    pub fal_api_url: String,
    pub fal_admin_key: String,
    /// Where a visitor opens the chat page.
    pub chat_url: String,
}

struct Inner {
    base_url: RwLock<String>,
    journal: Arc<Journal>,
    faults: Arc<Faults>,
    telegram: Arc<Telegram>,
    fal: Fal,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Deliveries hold the stand-in; without this they would outlive the last clone.
        self.telegram.shutdown();
    }
}

/// The stand-ins and the chat page. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

impl Sandbox {
    /// Opens the sandbox kept in `dir`, or makes a new one there; goes on with pending deliveries and
    /// jobs. Inside a Tokio runtime only.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let store = Arc::new(Store::open(dir)?);
        let journal = Arc::new(Journal::default());
        let faults = Arc::new(Faults::default());
        let fal = Fal::open(Arc::clone(&store), Arc::clone(&journal), Arc::clone(&faults))?;
        let telegram = Telegram::open(store, Arc::clone(&journal), Arc::clone(&faults))?;
        let base_url = RwLock::new(String::new());
        Ok(Self { inner: Arc::new(Inner { base_url, journal, faults, telegram, fal }) })
    }

    /// Says under which address (`http://127.0.0.1:8080`) the routes are reached; call it when the
    /// port is known. Again replaces it.
    pub fn set_base_url(&self, url: &str) {
        self.inner.fal.set_base_url(url);
        let mut base = self.inner.base_url.write().unwrap_or_else(PoisonError::into_inner);
        url.trim_end_matches('/').clone_into(&mut base);
    }

    /// What a bot needs to connect.
    pub fn info(&self) -> Info {
        let base = self.inner.base_url.read().unwrap_or_else(PoisonError::into_inner).clone();
        Info {
            telegram_token: self.inner.telegram.token(),
            fal_queue_url: self.inner.fal.queue_url(),
            fal_key: self.inner.fal.key(),
            fal_api_url: self.inner.fal.api_url(),
            fal_admin_key: self.inner.fal.admin_key(),
            chat_url: format!("{base}/sandbox"),
            telegram_api_url: base,
        }
    }

    /// Mounts all routes: `/bot<token>/…`, `/file/bot<token>/…` and `/sandbox…`.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::new(self.clone()))
            .app_data(web::Data::from(Arc::clone(&self.inner.telegram)))
            .app_data(web::Data::from(Arc::clone(&self.inner.journal)))
            .app_data(web::Data::from(Arc::clone(&self.inner.faults)))
            .route("/sandbox/info", web::get().to(serve_info));
        telegram::configure(cfg);
        chat::configure(cfg);
        self.inner.fal.configure(cfg);
    }

    /// Mounts the provider alone: for the real Telegram with a pretended provider, where nobody may
    /// play other people's chats.
    pub fn configure_provider(&self, cfg: &mut web::ServiceConfig) {
        self.inner.fal.configure(cfg);
    }

    /// How fast pictures are made from now on. Not kept.
    pub fn set_pace(&self, pace: Pace) {
        self.inner.fal.set_pace(pace);
    }

    /// The account that the FAL stand-in's webhooks name.
    pub fn fal_user_id(&self) -> String {
        self.inner.fal.user_id()
    }

    /// Ends background deliveries, long polls and event streams, so that a server can stop. What was
    /// not delivered is kept. Again changes nothing.
    pub fn shutdown(&self) {
        self.inner.telegram.shutdown();
        self.inner.fal.shutdown();
    }
}

async fn serve_info(sandbox: web::Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.info())
}
