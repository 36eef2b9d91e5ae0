//! The operator's dashboard at `/admin`: who may see and do what, and the frame around its pages.
//!
//! [`routes`] is the one table of what can be asked for; `guard` reads it and lets nothing else in. A page is
//! a file in `pages/` that registers itself there. Whatever is done to people, money or the bot goes
//! through `act`, which asks for a reason and writes the audit log first.

mod act;
mod api;
mod assets;
mod cookie;
mod error;
mod guard;
mod layout;
mod live;
mod numbers;
mod origin;
mod pages;
pub mod password;
mod routes;
mod sent;
mod session;
#[cfg(test)]
mod tests;
mod totp;
pub mod tree;
mod ui;
mod visit;
mod words;

use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{
    Resource, guard as routing,
    web::{self, ServiceConfig},
};
use aisha_actors::{
    domain::ledger::Credits,
    port::{Clock, NobodyElse, Objects, Wake, Wakes},
    system::System,
};
use tokio::sync::Semaphore;

use crate::{
    app::{Stock, Upkeep},
    db::{
        Database,
        operators::{OperatorId, Role},
    },
    settings::{Secret, Settings, Storage},
    web::Health,
};

use error::Error;
use live::Live;
pub(crate) use pages::is_operator_name;
use password::Hasher;
use sent::Sent;
use session::fresh_token;
use tree::Tree;
use visit::{Ctx, Visit};
use words::Words;

/// How long a link that signs somebody in is good.
const LINK_LIFE: Duration = Duration::from_secs(15 * 60);

/// Who signs in by the sandbox's link. Nobody has a password for it.
const SANDBOX_OPERATOR: &str = "sandbox";

/// Everything that pages need.
pub struct Desk {
    pub(crate) database: Database,
    /// The running actors, to be asked. None: a test of pages alone.
    pub(crate) system: Option<System>,
    /// The same, seen from outside, and those of the other nodes.
    tree: Option<Arc<dyn Tree>>,
    health: Option<Arc<dyn Health>>,
    /// Where pictures are. None: a test of pages alone.
    pub(crate) objects: Option<Arc<dyn Objects>>,
    wakes: Arc<dyn Wakes>,
    /// Keys of forms that were sent lately.
    sent: Sent,
    clock: Arc<dyn Clock>,
    secret_key: Secret,
    /// The dashboard's address on the internet, without a slash at its end.
    public_url: Option<String>,
    trusted_proxies: Vec<IpAddr>,
    /// Where pictures come from, for the content security policy.
    images: Option<String>,
    /// For the doctor.
    settings: Settings,
    sandbox: bool,
    /// More than this nobody books alone.
    alone_max: Credits,
    hasher: Hasher,
    /// Read by the first page: a bot whose operator is not looking does not carry them.
    words: LazyLock<Words>,
    live: Live,
    /// Who checks the books: one at a time.
    books: Semaphore,
    /// What is for sale. None: a test of pages alone.
    stock: Option<Stock>,
    /// What can be done to storage.
    upkeep: Option<Upkeep>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// The desk without what its builders add.
    pub fn new(
        settings: &Settings,
        secret_key: Secret,
        database: Database,
        system: Option<System>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let images = match &settings.storage {
            Storage::Disk(_) => None,
            Storage::S3(s3) => {
                let address = s3.public_endpoint.as_ref().unwrap_or(&s3.endpoint);
                let origin = url::Url::parse(address).map(|url| url.origin().ascii_serialization());
                origin.ok()
            }
        };
        Self {
            database,
            system,
            tree: None,
            health: None,
            objects: None,
            wakes: Arc::new(NobodyElse),
            sent: Sent::default(),
            clock,
            secret_key,
            public_url: settings.http.admin_url.clone(),
            trusted_proxies: settings.http.trusted_proxies.clone(),
            images,
            settings: settings.clone(),
            sandbox: matches!(settings.mode, crate::settings::Mode::Sandbox),
            hasher: Hasher::default(),
            alone_max: settings.alone_max,
            words: LazyLock::new(Words::new),
            live: Live::default(),
            books: Semaphore::new(1),
            stock: None,
            upkeep: None,
        }
    }

    /// The same in the running program, of which pages may see and steer more.
    #[must_use]
    pub fn of(self, tree: Arc<dyn Tree>, health: Arc<dyn Health>) -> Self {
        Self { tree: Some(tree), health: Some(health), ..self }
    }

    /// With the catalogue and the storage of a running program.
    pub fn with_stock(self, stock: Stock, upkeep: Upkeep) -> Self {
        Self { stock: Some(stock), upkeep: Some(upkeep), ..self }
    }

    /// With the way to the pictures and to the other nodes.
    #[must_use]
    pub fn with_reach(self, objects: Arc<dyn Objects>, wakes: Arc<dyn Wakes>) -> Self {
        Self { objects: Some(objects), wakes, ..self }
    }

    /// Says that rows were changed: here and to the other nodes. May be lost; rows are looked at anyway.
    fn wake(&self, wake: Wake) {
        if let Some(system) = &self.system {
            system.woken(wake.clone());
        }
        self.wakes.tell(wake);
    }

    /// Whether browsers come over TLS.
    fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Makes the figures that open pages watch, while any is open. Ends with [`Desk::close`].
    pub async fn keep(self: Arc<Self>) {
        self.live.keep(&self).await;
    }

    /// Ends the streams of all open pages, so that the server can stop.
    pub fn close(&self) {
        self.live.close();
    }

    /// A link under `base` that signs the sandbox's visitor in, once, for a quarter of an hour.
    ///
    /// # Errors
    /// The database is away.
    pub async fn sandbox_link(&self, base: &str) -> aisha_actors::port::Result<Option<String>> {
        if !self.sandbox {
            return Ok(None);
        }
        let now = self.clock.now();
        self.database.create_operator(SANDBOX_OPERATOR, None, Role::Owner, now).await?;
        let Some(operator) = self.database.operator(SANDBOX_OPERATOR).await? else {
            return Ok(None);
        };
        self.login_link(base, operator.id).await.map(Some)
    }

    async fn login_link(
        &self,
        base: &str,
        operator: OperatorId,
    ) -> aisha_actors::port::Result<String> {
        let (token, hash) = fresh_token();
        let until = self.clock.now().plus(LINK_LIFE);
        self.database.add_login_link(hash, operator, until).await?;
        Ok(format!("{base}/admin/link?token={token}"))
    }
}

/// Everything that can be looked at, in actix's words, such as `/admin/people/{id}`: for benches, so that they leave
/// none out.
pub fn places() -> impl Iterator<Item = &'static str> {
    routes::all().filter(|route| !route.mutates()).map(|route| route.path)
}

/// Mounts every route of the table, and says "there is nothing here" below `/admin` otherwise.
pub fn configure(config: &mut ServiceConfig, desk: &Arc<Desk>) {
    let mut places: BTreeMap<&'static str, Resource> = BTreeMap::new();
    for route in routes::all() {
        let place = places.remove(route.path).unwrap_or_else(|| web::resource(route.path));
        let desk = desk.clone();
        let handler = move |request: actix_web::HttpRequest, payload: web::Payload| {
            guard::answer(desk.clone(), Some(route), request, payload)
        };
        let methods = match route.method {
            routes::Method::Get => {
                web::route().guard(routing::Any(routing::Get()).or(routing::Head()))
            }
            routes::Method::Post => web::post(),
        };
        places.insert(route.path, place.route(methods.to(handler)));
    }
    for (_, place) in places {
        config.service(place.default_service(web::to({
            let desk = desk.clone();
            move |request, payload| guard::answer(desk.clone(), None, request, payload)
        })));
    }
    let desk = desk.clone();
    config.service(
        web::resource(["/admin/", "/admin/{rest:.*}"])
            .to(move |request, payload| guard::answer(desk.clone(), None, request, payload)),
    );
}
