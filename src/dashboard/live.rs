//! Live parts of pages: one broadcaster looks at how things are every two seconds while somebody watches, and
//! each watching page is sent the HTML of the parts that it shows.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::{HttpResponse, http::header::CONTENT_TYPE, web::Bytes};
use aisha_actors::{census::Filter, session::Traffic};
use futures::{FutureExt, stream};
use maud::Markup;
use serde_json::{Map, Value};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::{
    Ctx, Desk, Error, Visit, pages,
    routes::{Reply, Route},
    tree::Seen,
};
use crate::{
    db::{
        census::NodeReport,
        operators::{Role, TokenHash},
        reports::{Glance, Overview, UpkeepRun},
    },
    web::Readiness,
};

pub(super) const ROUTES: &[Route] =
    &[Route::get("/admin/events", Role::Viewer, |ctx| events(ctx).boxed_local())];

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);

/// Pages that may watch at once; more are told to come again.
const WATCHERS_MAX: usize = 64;

/// So many looks pass before a page's session is looked at again.
const LOOKS_PER_SESSION: u32 = 8;

/// Users' actors of this process that are told of.
const USERS: usize = 50;

/// How things are. What no part that is watched shows is not looked at, and None.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// None: the database is away.
    pub(super) glance: Option<Glance>,
    /// None: the actors do not answer.
    pub(super) traffic: Option<Traffic>,
    pub(super) overview: Option<Overview>,
    pub(super) readiness: Option<Readiness>,
    pub(super) nodes: Option<Nodes>,
    /// The last work on storage.
    pub(super) upkeep: Option<UpkeepRun>,
}

/// The nodes as they are seen from here.
#[derive(Debug, Clone)]
pub(super) struct Nodes {
    /// This one first.
    pub(super) all: Vec<Seen>,
    /// The database told of the others.
    pub(super) others_known: bool,
}

impl Nodes {
    /// None: there are no actors here, as in a test of pages alone.
    pub(super) async fn look(desk: &Desk, filter: Filter, limit: usize) -> Option<Self> {
        let tree = desk.tree.as_ref()?;
        if let Ok(all) = tree.nodes(filter, limit).await {
            return Some(Self { all, others_known: true });
        }
        let told = tree.told(filter, limit).await;
        let report = Some(NodeReport { node: tree.id(), at: told.census.at, told });
        let this = Seen { node: tree.id(), is_this: true, listed: None, report };
        Some(Self { all: vec![this], others_known: false })
    }
}

impl Facts {
    /// `is_shown`: whether somebody looks at the part of this name.
    pub(super) async fn gather(desk: &Desk, is_shown: impl Fn(&str) -> bool) -> Self {
        let shows = |parts: &[&Part]| parts.iter().any(|part| is_shown(part.name));
        let overview = async {
            if !shows(pages::SHOW_OVERVIEW) {
                return None;
            }
            desk.database.overview(desk.clock.now()).await.ok()
        };
        let readiness = async {
            match &desk.health {
                Some(health) if shows(pages::SHOW_READINESS) => Some(health.readiness().await),
                _ => None,
            }
        };
        let nodes = async {
            if !shows(pages::SHOW_NODES) {
                return None;
            }
            Nodes::look(desk, Filter::default(), USERS).await
        };
        let traffic = async {
            match &desk.system {
                Some(system) => system.traffic().await.ok(),
                None => None,
            }
        };
        let upkeep = async {
            if !shows(pages::SHOW_UPKEEP) {
                return None;
            }
            desk.database.upkeep_runs(1).await.ok().and_then(|runs| runs.into_iter().next())
        };
        let (glance, traffic, overview, readiness, nodes, upkeep) =
            tokio::join!(desk.database.glance(), traffic, overview, readiness, nodes, upkeep);
        Self { glance: glance.ok(), traffic, overview, readiness, nodes, upkeep }
    }
}

/// A part of a page that is kept up to date: `div data-live=(name)`.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) render: fn(&Visit, &Facts) -> Markup,
}

#[derive(Debug, Clone)]
enum News {
    Nothing,
    Facts(Arc<Facts>),
    Closed,
}

pub(super) struct Live {
    news: watch::Sender<News>,
    watched: Notify,
    places: Arc<Semaphore>,
    /// The names of the parts that are shown, once for each page that shows them.
    shown: Arc<Mutex<Vec<&'static str>>>,
}

impl Default for Live {
    fn default() -> Self {
        let (news, _) = watch::channel(News::Nothing);
        Self {
            news,
            watched: Notify::new(),
            places: Arc::new(Semaphore::new(WATCHERS_MAX)),
            shown: Arc::default(),
        }
    }
}

impl Live {
    /// Looks, while somebody watches.
    pub(super) async fn keep(&self, desk: &Desk) {
        let closed = |news: &News| matches!(news, News::Closed);
        while !closed(&self.news.borrow()) {
            if self.news.receiver_count() == 0 {
                self.watched.notified().await;
                continue;
            }
            let facts = Arc::new(Facts::gather(desk, |name| self.shows(name)).await);
            self.news.send_if_modified(|news| {
                let goes_on = !closed(news);
                if goes_on {
                    *news = News::Facts(facts);
                }
                goes_on
            });
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Whether any page shows the part of this name.
    pub(super) fn shows(&self, name: &str) -> bool {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).contains(&name)
    }

    pub(super) fn close(&self) {
        self.news.send_replace(News::Closed);
        self.watched.notify_one();
    }
}

/// Notes that a page shows these parts, until it is dropped.
struct Shown {
    names: Vec<&'static str>,
    all: Arc<Mutex<Vec<&'static str>>>,
}

impl Shown {
    fn new(parts: &[&'static Part], all: &Arc<Mutex<Vec<&'static str>>>) -> Self {
        let names: Vec<_> = parts.iter().map(|part| part.name).collect();
        all.lock().unwrap_or_else(PoisonError::into_inner).extend(&names);
        Self { names, all: all.clone() }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &self.names {
            if let Some(at) = all.iter().position(|one| one == name) {
                all.swap_remove(at);
            }
        }
    }
}

/// What one page watches.
struct Watching {
    visit: Visit,
    parts: Vec<&'static Part>,
    news: watch::Receiver<News>,
    token: TokenHash,
    looks: u32,
    last: String,
    _shown: Shown,
    _place: OwnedSemaphorePermit,
}

impl Watching {
    /// The next event. None: it is over.
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        self.news.changed().await.ok()?;
        let news = self.news.borrow_and_update().clone();
        let facts = match news {
            News::Facts(facts) => facts,
            News::Nothing => return Some((Ok(Bytes::from_static(b":\n\n")), self)),
            News::Closed => return None,
        };
        self.looks += 1;
        if self.looks.is_multiple_of(LOOKS_PER_SESSION)
            && !self.visit.desk.still_signed_in(self.token).await
        {
            return None;
        }
        let parts = self.parts.iter().map(|part| {
            let html = (part.render)(&self.visit, &facts).into_string();
            (part.name.to_owned(), Value::String(html))
        });
        let data = Value::Object(parts.collect::<Map<_, _>>()).to_string();
        // A comment keeps the connection open, and finds out whether anybody is there.
        let said = if data == self.last {
            Bytes::from_static(b":\n\n")
        } else {
            Bytes::from(format!("event: parts\ndata: {data}\n\n"))
        };
        self.last = data;
        Some((Ok(said), self))
    }
}

async fn events(ctx: Ctx) -> Reply {
    let live = &ctx.desk.live;
    let place = live.places.clone().try_acquire_owned();
    let place = place.map_err(|_| Error::Away("too many pages are open".to_owned()))?;
    let wanted: Vec<&str> = ctx.query.get("parts").split(',').collect();
    let parts =
        pages::PARTS.iter().filter(|part| wanted.contains(&part.name) && ctx.may(part.role));
    let parts: Vec<_> = parts.copied().collect();
    let mut news = live.news.subscribe();
    if matches!(*news.borrow(), News::Closed) {
        return Err(Error::Away("the program stops".to_owned()));
    }
    // What was seen before somebody watched is old.
    news.mark_unchanged();
    let shown = Shown::new(&parts, &live.shown);
    live.watched.notify_one();
    let watching = Watching {
        visit: (*ctx).clone(),
        parts,
        _shown: shown,
        news,
        token: ctx.who().session.token,
        looks: 0,
        last: String::new(),
        _place: place,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream::unfold(watching, Watching::next)))
}
