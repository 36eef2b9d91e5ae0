//! What an operator has done to storage from the dashboard: a task of this process that says how far it is
//! in a row of the database, where the other nodes see it too. One at a time over all nodes.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use aisha_actors::{
    port::{self, Downloads, Objects},
    shop::Shop,
};
use futures::FutureExt;
use indicatif::ProgressBar;
use tokio::sync::mpsc;

use super::tools::{self, Backfilled, Checked, Place};
use crate::db::{
    Database,
    reports::{UpkeepEnd, UpkeepFound, UpkeepKind, UpkeepLine, UpkeepWhat},
};

/// How often the row is told how far it is.
const EVERY: Duration = Duration::from_secs(1);

/// How often it is tried to say that a run is over.
const TRIES: u32 = 30;

/// Of each kind of fault so many are named.
const NAMED: usize = 20;

/// Starts runs. Clones are the same.
#[derive(Clone)]
pub struct Upkeep {
    database: Database,
    begun: mpsc::Sender<(i64, UpkeepKind)>,
}

impl std::fmt::Debug for Upkeep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upkeep")
    }
}

/// What runs work with.
pub(crate) struct Means {
    pub(crate) database: Database,
    pub(crate) objects: Arc<dyn Objects>,
    pub(crate) downloads: Arc<dyn Downloads>,
    pub(crate) shop: Arc<Shop>,
    pub(crate) buckets: Vec<String>,
}

impl Upkeep {
    /// The second one is to be run: it does the work.
    pub(crate) fn new(means: Means) -> (Self, Worker) {
        let (begun, runs) = mpsc::channel(1);
        let database = means.database.clone();
        (Self { database, begun }, Worker { means, runs })
    }

    /// Begins a run. False: one is under way.
    ///
    /// # Errors
    /// The row could not be written, or the program stops.
    pub async fn start(&self, kind: UpkeepKind, author: &str) -> port::Result<bool> {
        let Some(seq) = self.database.begin_upkeep(kind, author).await? else { return Ok(false) };
        if self.begun.try_send((seq, kind)).is_err() {
            let trouble = Some("the program stops".to_owned());
            let found = UpkeepFound { trouble, ..UpkeepFound::default() };
            self.database.end_upkeep(seq, UpkeepEnd::Failed, &found).await?;
            return Err(port::Error::transient("the program stops"));
        }
        tracing::info!(run = seq, kind = kind.name(), author, "work on storage begins");
        Ok(true)
    }
}

/// Does what was begun, one after the other.
pub(crate) struct Worker {
    means: Means,
    runs: mpsc::Receiver<(i64, UpkeepKind)>,
}

impl Worker {
    /// Runs until it is dropped; a run that is dropped with it is lost, and can be begun again.
    pub(crate) async fn run(mut self) {
        while let Some((seq, kind)) = self.runs.recv().await {
            let (end, found) = self.means.watch(seq, kind).await;
            tracing::info!(
                run = seq,
                kind = kind.name(),
                end = end.name(),
                "work on storage ended"
            );
            for _ in 0..TRIES {
                let Err(error) = self.means.database.end_upkeep(seq, end, &found).await else {
                    break;
                };
                tracing::warn!(%error, run = seq, "the end of a run is not stored");
                tokio::time::sleep(EVERY).await;
            }
        }
    }
}

impl Means {
    /// The work, while its row is told how far it is. A panic ends the run, and nothing else.
    async fn watch(&self, seq: i64, kind: UpkeepKind) -> (UpkeepEnd, UpkeepFound) {
        let bar = ProgressBar::hidden();
        let mut work = std::pin::pin!(AssertUnwindSafe(self.work(kind, &bar)).catch_unwind());
        let mut ticks = tokio::time::interval(EVERY);
        let failed = |trouble: String| {
            let found = UpkeepFound { trouble: Some(trouble), ..UpkeepFound::default() };
            (UpkeepEnd::Failed, found)
        };
        loop {
            tokio::select! {
                done = &mut work => {
                    // The last word about how far it came; what it found is more important.
                    let _said = self.advance(seq, &bar).await;
                    return match done {
                        Ok(Ok(found)) => (UpkeepEnd::Finished, found),
                        Ok(Err(error)) => failed(error.to_string()),
                        Err(_panic) => failed("it panicked; the log says more".to_owned()),
                    };
                }
                _ = ticks.tick() => match self.advance(seq, &bar).await {
                    // Broken off anywhere, all of it can be repeated.
                    Ok(false) => return (UpkeepEnd::Stopped, UpkeepFound::default()),
                    Ok(true) => {}
                    Err(error) => tracing::debug!(%error, run = seq, "a run cannot say how far it is"),
                },
            }
        }
    }

    async fn advance(&self, seq: i64, bar: &ProgressBar) -> port::Result<bool> {
        self.database.advance_upkeep(seq, bar.position(), bar.length().unwrap_or_default()).await
    }

    async fn work(&self, kind: UpkeepKind, bar: &ProgressBar) -> port::Result<UpkeepFound> {
        let (database, objects) = (&self.database, &*self.objects);
        if kind == UpkeepKind::Backfill {
            let done = tools::backfill_in(database, objects, &*self.downloads, bar).await?;
            return Ok(brought_in(&done));
        }
        let catalogue = self.shop.catalogue();
        let place = Place { objects, catalogue: &catalogue, buckets: self.buckets.clone() };
        let moving = kind == UpkeepKind::Move;
        Ok(compared(&tools::check_in(place, database, moving, bar).await?))
    }
}

fn brought_in(done: &[Backfilled]) -> UpkeepFound {
    let waiting = done.iter().filter_map(|one| {
        let note = one.trouble.clone()?;
        let subject = one.picture.to_string();
        Some(UpkeepLine { what: UpkeepWhat::Waiting, subject, note })
    });
    let left = waiting.clone().count();
    UpkeepFound {
        stored: (done.len() - left) as u64,
        waiting: left as u64,
        first: waiting.take(NAMED).collect(),
        ..UpkeepFound::default()
    }
}

fn compared(checked: &Checked) -> UpkeepFound {
    let missing = checked.missing.first.iter().take(NAMED).map(|one| UpkeepLine {
        what: UpkeepWhat::Missing,
        subject: format!("{}/{}", one.object.bucket, one.object.key),
        note: format!("{}", one.picture),
    });
    let strays = checked.strays.first.iter().take(NAMED).map(|one| UpkeepLine {
        what: UpkeepWhat::Stray,
        subject: format!("{}/{}", one.object.bucket, one.object.key),
        note: String::new(),
    });
    let misplaced = &checked.misplaced.first;
    let left = misplaced.iter().filter(|one| one.moved != Some(Ok(())));
    let left = left.take(NAMED).map(|one| UpkeepLine {
        what: UpkeepWhat::Misplaced,
        subject: format!("{}/{}", one.from.bucket, one.from.key),
        note: match &one.moved {
            Some(Err(why)) => format!("{}: {why}", one.to.bucket),
            _ => one.to.bucket.clone(),
        },
    });
    UpkeepFound {
        rows: checked.rows,
        objects: checked.objects,
        missing: checked.missing.count,
        strays: checked.strays.count,
        stray_bytes: checked.stray_bytes,
        misplaced: checked.misplaced.count,
        moved: checked.moved,
        first: missing.chain(strays).chain(left).collect(),
        ..UpkeepFound::default()
    }
}
