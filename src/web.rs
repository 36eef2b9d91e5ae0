//! The HTTP edge: webhooks, health, figures and a front page. It decides nothing: whatever comes in is
//! checked for who sent it and how big it is, and handed to the traits below.
//!
//! Every request passes `gate`, which gives it an id, counts it, and puts the security headers and the
//! JSON body of errors onto the answer. The order inside a webhook is: who, then how big, then what.

mod body;
mod error;
mod fal;
mod gate;
mod health;
mod hold;
mod home;
mod places;
mod telegram;
#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::Server,
    guard,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use aisha_actors::{domain::id::GenerationId, port};
use async_trait::async_trait;

use crate::{metrics::Metrics, settings::Secret};

pub(crate) use body::read_body;
pub use error::Error;
pub use fal::{Signed, Unverified};
pub use health::{Condition, NodeState, Readiness};
pub use places::Places;

/// How long a whole body may take to arrive. actix-web has a deadline for the head only.
pub const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// The largest body of a webhook, in bytes.
pub const BODY_LEN_MAX: usize = 256 * 1024;

/// How long a head may take to arrive.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);

/// How long open requests may go on after a stop.
const STOP_SECONDS: u64 = 20;

/// Threads that answer. Their work is waiting.
const WORKERS: usize = 2;

/// Takes updates in.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Makes updates durable, in Telegram's own JSON, and returns after the commit. Repeats are fine.
    ///
    /// # Errors
    /// `Permanent`: it is no update; it was logged or set aside, and sending it again is useless.
    /// Anything else: it was not stored and shall be sent again.
    async fn receive(&self, raw: Vec<String>) -> port::Result<()>;
}

/// Is told that something may have happened.
pub trait Waker: Send + Sync {
    /// The provider says that this generation has news. May be lost: the row is the truth.
    fn generation(&self, id: GenerationId, request_id: String);
}

/// Knows how the dependencies are.
#[async_trait]
pub trait Health: Send + Sync {
    /// Answers within a second or two, whatever hangs.
    async fn readiness(&self) -> Readiness;
}

/// Checks FAL's signature of a webhook.
#[async_trait]
pub trait Signatures: Send + Sync {
    /// Gives the request id that the webhook is about.
    ///
    /// # Errors
    /// [`Unverified::Forged`] or [`Unverified::Unavailable`] (FAL's keys cannot be had now).
    async fn verify(&self, signed: Signed<'_>) -> Result<String, Unverified>;
}

/// All that the routes need.
pub struct Edge {
    pub intake: Arc<dyn Intake>,
    pub waker: Arc<dyn Waker>,
    pub health: Arc<dyn Health>,
    pub signatures: Arc<dyn Signatures>,
    /// What Telegram proves itself with. None: nobody may call the webhook.
    pub webhook_secret: Option<Secret>,
    pub metrics: Metrics,
    /// Whether the front page links the sandbox's chat.
    pub sandbox: bool,
    /// [`BODY_DEADLINE`], unless a test is in a hurry.
    pub body_deadline: Duration,
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge")
    }
}

/// The routes of `HTTP_BIND`. `figures`: whether `/metrics` is among them (not with an `ADMIN_BIND`).
pub fn public(config: &mut ServiceConfig, edge: Arc<Edge>, figures: bool) {
    let page = home::Page { sandbox: edge.sandbox, figures };
    config
        .app_data(web::Data::from(edge))
        .app_data(web::Data::new(page))
        .service(web::resource("/").route(read().to(home::page)))
        .service(web::resource(home::STYLE_PATH).route(read().to(home::style)))
        .service(web::resource("/health/live").route(read().to(health::live)))
        .service(web::resource("/health/ready").route(read().to(health::ready)))
        .service(web::resource("/telegram/webhook").route(web::post().to(telegram::webhook)))
        .service(web::resource("/fal/webhook/{generation}").route(web::post().to(fal::webhook)));
    if figures {
        config.service(web::resource("/metrics").route(read().to(health::figures)));
    }
}

/// The routes of `ADMIN_BIND`, beside the dashboard.
pub fn admin(config: &mut ServiceConfig, edge: Arc<Edge>) {
    config
        .app_data(web::Data::from(edge))
        .service(web::resource("/health/live").route(read().to(health::live)))
        .service(web::resource("/health/ready").route(read().to(health::ready)))
        .service(web::resource("/metrics").route(read().to(health::figures)));
}

fn read() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Servers that are bound and answer once they are awaited (or spawned).
pub struct Listening {
    pub address: SocketAddr,
    pub server: Server,
    /// Of `ADMIN_BIND`, when it is set.
    pub admin: Option<Server>,
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Answers at the places that were taken, with the edge's routes and `more` of somebody else's, all
/// behind the same gate. The routes of `inside` are for operators: they go to `ADMIN_BIND` where there is
/// one. Signals are the caller's: stop the servers by their handles.
///
/// # Errors
/// A place cannot be listened to.
pub fn listen<F, I>(
    edge: &Arc<Edge>,
    places: Places,
    connections_max: usize,
    more: F,
    inside: I,
) -> io::Result<Listening>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    I: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let address = places.address();
    let (public, admin_place) = places.into_listeners();
    let figures = admin_place.is_none();
    let (at, within) = (edge.clone(), inside.clone());
    let server = answer(edge, public, connections_max, move |config| {
        self::public(config, at.clone(), figures);
        more(config);
        if figures {
            within(config);
        }
    })?;
    let admin = admin_place.map(|place| {
        let at = edge.clone();
        answer(edge, place, connections_max, move |config| {
            admin(config, at.clone());
            inside(config);
        })
    });
    Ok(Listening { address, server, admin: admin.transpose()? })
}

fn answer<F>(
    edge: &Arc<Edge>,
    place: TcpListener,
    connections_max: usize,
    routes: F,
) -> io::Result<Server>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let metrics = edge.metrics.clone();
    let server = HttpServer::new(move || {
        let routes = routes.clone();
        App::new()
            .app_data(web::Data::new(metrics.clone()))
            .wrap(from_fn(gate::pass))
            .configure(move |config| routes(config))
    })
    .workers(WORKERS)
    .max_connections(connections_max.div_ceil(WORKERS))
    .client_request_timeout(HEAD_DEADLINE)
    .shutdown_timeout(STOP_SECONDS)
    .disable_signals()
    .listen(place)?;
    Ok(server.run())
}
