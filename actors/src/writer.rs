//! The storage writer: pictures from the provider to object storage, deletions through tombstones,
//! and the backfill of what was delivered while storage was away.
//!
//! Lost on a restart: the copies under way. Their rows are `pending`, `fallback` or `trashed` still,
//! and whoever waits asks again.

pub mod message;

use std::{collections::HashSet, panic::AssertUnwindSafe, rc::Rc, sync::Arc, time::Duration};

use actix::{Actor as ActixActor, AsyncContext, Context, Handler, Supervised};
use futures::FutureExt;
use tokio::sync::Semaphore;
use tracing::Instrument;

pub use message::{JobsAdded, StorePicture};

use crate::{
    ask::{Ask, Told},
    domain::{
        catalogue::Catalogue,
        change::{Change, Changes},
        id::PictureId,
        picture::{ObjectKey, Picture, PictureState},
    },
    hands::Hands,
    port::{self, InHand, Kind, Ports},
    shop::Shop,
    supervisor::{Tasks, panic_text},
};

/// What the writer works with.
#[derive(Clone)]
pub struct Deps {
    pub ports: Ports,
    pub shop: Arc<Shop>,
    pub hands: Hands,
    /// Copies at once: each holds a whole picture in memory.
    pub copies_max: usize,
    /// How often the backlog is looked at without being asked.
    pub tick: Duration,
}

/// Storage jobs that one look takes on.
const JOBS_AT_ONCE: usize = 16;

/// The actor.
pub struct Actor {
    deps: Deps,
    copies: Rc<Semaphore>,
    tasks: Tasks,
    /// Jobs of the backlog that are under way.
    busy: Rc<std::cell::RefCell<HashSet<PictureId>>>,
}

impl Actor {
    pub fn new(deps: Deps) -> Self {
        let copies = Rc::new(Semaphore::new(deps.copies_max.max(1)));
        Self { deps, copies, tasks: Tasks::default(), busy: Rc::default() }
    }

    fn look_for_jobs(&mut self) {
        let (deps, busy) = (self.deps.clone(), self.busy.clone());
        let look = async move { work_off_backlog(&deps, &busy).await };
        self.tasks.run(look, |outcome| {
            if let Err(panic) = outcome {
                tracing::error!(panic, "the writer's look at its backlog panicked");
            }
        });
    }

    fn arm(&self, ctx: &mut Context<Self>) {
        ctx.run_later(self.deps.tick, |actor, ctx| {
            if actor.tasks.is_empty() {
                actor.look_for_jobs();
            }
            actor.arm(ctx);
        });
    }
}

impl ActixActor for Actor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.look_for_jobs();
        self.arm(ctx);
    }
}

impl Supervised for Actor {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        *self = Self::new(self.deps.clone());
    }
}

impl Handler<Ask<StorePicture>> for Actor {
    type Result = ();

    fn handle(&mut self, ask: Ask<StorePicture>, _ctx: &mut Self::Context) {
        let span = tracing::info_span!(parent: &ask.span, "picture", picture = %ask.request.id);
        let (StorePicture { id }, reply) = ask.split();
        let (deps, copies) = (self.deps.clone(), self.copies.clone());
        let work = async move {
            let _place = copies.acquire().await;
            reply.send(bring_to_safety(&deps, id).await);
        };
        self.tasks.run(work.instrument(span), move |outcome| {
            if let Err(panic) = outcome {
                tracing::error!(picture = %id, panic, "storing a picture panicked");
            }
        });
    }
}

impl Handler<Told<JobsAdded>> for Actor {
    type Result = ();

    fn handle(&mut self, told: Told<JobsAdded>, _ctx: &mut Self::Context) {
        let JobsAdded = told.open();
        self.look_for_jobs();
    }
}

/// `pending → stored | fallback | lost`. Whatever is settled already is answered as it is.
async fn bring_to_safety(deps: &Deps, id: PictureId) -> port::Result<PictureState> {
    let picture = deps.ports.store.picture(id).await?;
    let picture = picture.ok_or_else(|| port::Error::new(Kind::NotFound, "no such picture row"))?;
    if picture.state != PictureState::Pending {
        return Ok(picture.state);
    }
    let (bytes, content) = match deps.ports.downloads.picture(&picture.url).await {
        Ok(fetched) => fetched,
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Permanent) => {
            tracing::warn!(picture = %id, %error, "a picture is lost at the provider");
            return settle(deps, &picture, PictureState::Lost, None, None).await;
        }
        Err(error) => return Err(error),
    };
    let bucket = bucket_of(&deps.shop.catalogue(), &picture);
    let ending = content.image_type.ending();
    let key = ObjectKey::of_picture(&bucket, id, picture.created_at, ending);
    let mut stored = deps.ports.objects.put(&key, bytes.clone(), content.image_type).await;
    if stored.as_ref().is_err_and(|error| error.kind == Kind::Conflict) {
        // Left by a try that was killed, when the provider gave other bytes: nobody has seen them.
        deps.ports.objects.delete(&key).await?;
        stored = deps.ports.objects.put(&key, bytes, content.image_type).await;
    }
    let state = match stored {
        Ok(()) => PictureState::Stored,
        Err(error) => {
            tracing::warn!(picture = %id, %error, "object storage is away: the picture waits");
            PictureState::Fallback
        }
    };
    let settled = settle(deps, &picture, state, Some(key.clone()), Some(content)).await;
    if settled.as_ref().is_err_and(|error| error.kind == Kind::Conflict) {
        take_back(deps, id, &key).await?;
    }
    settled
}

/// The row moved while its picture was copied: nobody would delete the object of one that is to go.
async fn take_back(deps: &Deps, id: PictureId, key: &ObjectKey) -> port::Result<()> {
    let row = deps.ports.store.picture(id).await?;
    let state = row.map_or(PictureState::Purged, |row| row.state);
    if matches!(state, PictureState::Trashed | PictureState::Purged) {
        deps.ports.objects.delete(key).await?;
    }
    Ok(())
}

fn bucket_of(catalogue: &Catalogue, picture: &Picture) -> String {
    let model = catalogue.get(&picture.model);
    model.map_or_else(|| "generated".to_owned(), |model| model.bucket.clone())
}

async fn settle(
    deps: &Deps,
    picture: &Picture,
    to: PictureState,
    object: Option<ObjectKey>,
    content: Option<crate::domain::picture::Content>,
) -> port::Result<PictureState> {
    let change =
        Change::SettlePicture { id: picture.id, from: vec![picture.state], to, object, content };
    commit(&*deps.ports.store, picture, change).await.map(|()| to)
}

async fn commit(store: &dyn port::Store, picture: &Picture, change: Change) -> port::Result<()> {
    let changes = Changes::new(picture.owner, vec![change]);
    let answer = store.commit_one(changes).await?;
    answer.map(|_| ()).map_err(|refusal| port::Error::new(Kind::Conflict, refusal))
}

async fn work_off_backlog(deps: &Deps, busy: &std::cell::RefCell<HashSet<PictureId>>) {
    let jobs = match deps.ports.store.storage_jobs(JOBS_AT_ONCE).await {
        Ok(jobs) => jobs,
        Err(error) => {
            tracing::warn!(%error, "the storage jobs cannot be read");
            return;
        }
    };
    for picture in jobs {
        if !deps.ports.lanes.has(picture.owner) || !busy.borrow_mut().insert(picture.id) {
            continue;
        }
        // Another look may have done it since this one read its list.
        let row = deps.ports.store.picture(picture.id).await;
        if !row.is_ok_and(|row| row.is_some_and(|row| row.state == picture.state)) {
            busy.borrow_mut().remove(&picture.id);
            continue;
        }
        let (held, is_suspect) = (InHand::Storage(picture.id), picture.attempts > 0);
        let job = deps.hands.hold(held, is_suspect, work_off(deps, &picture));
        let job = AssertUnwindSafe(job).catch_unwind().await;
        let outcome = job.unwrap_or_else(|panic| {
            let what = format!("a panic: {}", panic_text(panic.as_ref()));
            Err(port::Error::new(Kind::Permanent, what))
        });
        busy.borrow_mut().remove(&picture.id);
        if let Err(error) = outcome {
            tracing::warn!(picture = %picture.id, %error, "a storage job failed");
            if matches!(error.kind, Kind::Permanent | Kind::NotFound | Kind::Conflict) {
                let reason = error.to_string();
                if let Err(error) = deps.ports.store.fail_storage(picture.id, &reason).await {
                    tracing::warn!(%error, "the failure could not be counted");
                }
            }
        }
    }
}

async fn work_off(deps: &Deps, picture: &Picture) -> port::Result<()> {
    match picture.state {
        PictureState::Trashed => purge(deps, picture).await,
        _ => {
            let Ports { store, objects, downloads, .. } = &deps.ports;
            backfill(&**store, &**objects, &**downloads, picture).await
        }
    }
}

/// `trashed → purged`: the object goes first, then the row says so.
async fn purge(deps: &Deps, picture: &Picture) -> port::Result<()> {
    match &picture.object {
        Some(key) => deps.ports.objects.delete(key).await?,
        None => purge_by_url(deps, picture).await?,
    }
    let change = Change::SettlePicture {
        id: picture.id,
        from: vec![PictureState::Trashed],
        to: PictureState::Purged,
        object: None,
        content: None,
    };
    commit(&*deps.ports.store, picture, change).await
}

/// A row that an earlier system left with nothing but a URL. The provider's own addresses name nothing of
/// ours. While storage is away it waits; what cannot be deleted otherwise is said in the log, and the row
/// goes all the same.
async fn purge_by_url(deps: &Deps, picture: &Picture) -> port::Result<()> {
    if deps.ports.downloads.is_allowed(&picture.url) {
        return Ok(());
    }
    match deps.ports.objects.delete_by_url(&picture.url).await {
        Ok(true) => tracing::info!(picture = %picture.id, "deleted an object by its URL"),
        Ok(false) => tracing::info!(picture = %picture.id, "its URL names no object of ours"),
        Err(error) if error.kind == Kind::Transient => return Err(error),
        Err(error) => tracing::warn!(picture = %picture.id, %error, "an object stays behind"),
    }
    Ok(())
}

/// `fallback → stored`: fetched again, and the bytes must be the ones that were seen.
///
/// # Errors
/// `NotFound`, `Permanent`: the provider has it no more, or has other bytes now. `Conflict`: the picture
/// was not `fallback` any more.
pub async fn backfill(
    store: &dyn port::Store,
    objects: &dyn port::Objects,
    downloads: &dyn port::Downloads,
    picture: &Picture,
) -> port::Result<()> {
    let Some(key) = &picture.object else {
        return Err(port::Error::new(Kind::Permanent, "a fallback picture without a key"));
    };
    let (bytes, content) = downloads.picture(&picture.url).await?;
    if picture.content.as_ref().is_some_and(|seen| seen.hash != content.hash) {
        return Err(port::Error::new(Kind::Permanent, "the provider has other bytes now"));
    }
    objects.put(key, bytes, content.image_type).await?;
    let change = Change::SettlePicture {
        id: picture.id,
        from: vec![PictureState::Fallback],
        to: PictureState::Stored,
        object: Some(key.clone()),
        content: Some(content),
    };
    commit(store, picture, change).await
}
