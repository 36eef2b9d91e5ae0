//! The queue: which jobs wait, run and are done. Every change is committed before it shows.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        journal::now_us,
        store::{Error, Store, Write},
    },
    Pace,
    job::{Job, Log, Outcome, Phase},
};

const OPEN: &str = "fal_open";
const DONE: &str = "fal_done";
const DELIVERIES: &str = "fal_deliveries";
const FILES: &str = "fal_files";
/// How many jobs may be open at once; more are refused.
const OPEN_MAX: usize = 20_000;

/// A webhook that is not acknowledged yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) request_id: String,
    pub(super) url: String,
    /// How often it was tried.
    pub(super) attempts: u32,
}

/// What a submit brings.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) app: String,
    pub(super) endpoint: String,
    pub(super) input: Value,
    pub(super) webhook: Option<String>,
    pub(super) low: bool,
    pub(super) start_timeout_us: Option<i64>,
}

/// A job as it is now, and how many start before it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) job: Job,
    pub(super) position: usize,
}

/// The answer to a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancel {
    Requested,
    AlreadyCompleted,
}

/// The answer to a deletion of payloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deleted {
    /// The names of the pictures.
    Files(Vec<String>),
    /// There is no result yet.
    NotYet,
}

/// What is to be done now.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) jobs: Vec<String>,
    pub(super) deliveries: Vec<Delivery>,
    /// When to look again if nothing changes before.
    pub(super) next_us: Option<i64>,
}

pub(super) struct Queue {
    store: Arc<Store>,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    stopped: CancellationToken,
}

#[derive(Default)]
struct State {
    /// The open jobs; done ones are read from the store.
    jobs: HashMap<String, Job>,
    /// By priority, then by turn.
    waiting: BTreeSet<(bool, u64, String)>,
    last_order: u64,
    pace: Pace,
    /// Ran when the process ended; to be started again.
    resume: Vec<String>,
    unsent: Vec<Delivery>,
}

impl Queue {
    pub(super) fn load(store: Arc<Store>) -> Result<Self, Error> {
        let mut state = State::default();
        for (id, mut job) in store.load::<Job>(OPEN)? {
            state.last_order = state.last_order.max(job.order);
            if job.phase == Phase::Running {
                job.logs.clear();
                job.started_us = Some(now_us());
                state.resume.push(id.clone());
            } else {
                state.waiting.insert((job.low, job.order, id.clone()));
            }
            state.jobs.insert(id, job);
        }
        state.unsent = store.load(DELIVERIES)?.into_iter().map(|(_, delivery)| delivery).collect();
        Ok(Self {
            store,
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            stopped: CancellationToken::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self) {
        self.changed.send_modify(|version| *version = version.wrapping_add(1));
    }

    /// Wakes at every change of any job or of the pace.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    pub(super) fn stop(&self) {
        self.stopped.cancel();
    }

    pub(super) fn pace(&self) -> Pace {
        self.state().pace
    }

    pub(super) fn set_pace(&self, pace: Pace) {
        self.state().pace = pace;
        self.announce();
    }

    /// Takes a job in; `None` when too many are open.
    pub(super) fn submit(&self, submission: Submission) -> Result<Option<Seen>, Error> {
        let Submission { app, endpoint, input, webhook, low, start_timeout_us } = submission;
        let created_us = now_us();
        let mut state = self.state();
        if state.jobs.len() >= OPEN_MAX {
            return Ok(None);
        }
        let job = Job {
            id: uuid::Uuid::new_v4().to_string(),
            order: state.last_order + 1,
            low,
            app,
            endpoint,
            input,
            webhook,
            gateway_id: uuid::Uuid::new_v4().to_string(),
            created_us,
            start_by_us: start_timeout_us.map(|timeout| created_us.saturating_add(timeout)),
            started_us: None,
            phase: Phase::Queued,
            cancelled: false,
            logs: Vec::new(),
            outcome: None,
        };
        self.store.commit(vec![Write::put(OPEN, &job.id, &job)?])?;
        state.last_order = job.order;
        state.waiting.insert((low, job.order, job.id.clone()));
        state.jobs.insert(job.id.clone(), job.clone());
        let position = state.position(&job);
        drop(state);
        self.announce();
        Ok(Some(Seen { job, position }))
    }

    /// The job, open or done.
    pub(super) fn find(&self, id: &str) -> Result<Option<Seen>, Error> {
        let state = self.state();
        if let Some(job) = state.jobs.get(id) {
            return Ok(Some(Seen { job: job.clone(), position: state.position(job) }));
        }
        drop(state);
        let Some(bytes) = self.store.bytes(DONE, id)? else { return Ok(None) };
        Ok(Some(Seen { job: serde_json::from_slice(&bytes)?, position: 0 }))
    }

    /// Takes a waiting job out, or asks a running one to stop; `None` for an unknown one.
    pub(super) fn cancel(&self, id: &str) -> Result<Option<Cancel>, Error> {
        let mut state = self.state();
        let Some(job) = state.jobs.get(id) else {
            drop(state);
            return Ok(self.find(id)?.map(|_| Cancel::AlreadyCompleted));
        };
        if job.phase == Phase::Queued {
            self.complete(&mut state, id, Outcome::cancelled())?;
        } else if !job.cancelled {
            let job = Job { cancelled: true, ..job.clone() };
            self.store.commit(vec![Write::put(OPEN, id, &job)?])?;
            state.jobs.insert(id.to_owned(), job);
        }
        drop(state);
        self.announce();
        Ok(Some(Cancel::Requested))
    }

    /// Deletes a job that is done, and its pictures; `None` for an unknown one.
    pub(super) fn delete_payloads(&self, id: &str) -> Result<Option<Deleted>, Error> {
        if self.state().jobs.contains_key(id) {
            return Ok(Some(Deleted::NotYet));
        }
        let Some(bytes) = self.store.bytes(DONE, id)? else { return Ok(None) };
        let job: Job = serde_json::from_slice(&bytes)?;
        let files = job.outcome.map(|outcome| outcome.files()).unwrap_or_default();
        let mut writes = vec![Write::delete(DONE, id), Write::delete(DELIVERIES, id)];
        writes.extend(files.iter().map(|name| Write::delete(FILES, name)));
        self.store.commit(writes)?;
        Ok(Some(Deleted::Files(files)))
    }

    /// Starts what may start and times out what waited too long. What the store refuses is tried again
    /// a second later.
    pub(super) fn take_due(&self) -> Due {
        let now = now_us();
        let mut state = self.state();
        let mut due = Due { jobs: std::mem::take(&mut state.resume), ..Due::default() };
        if let Err(error) = self.collect(&mut state, &mut due, now) {
            tracing::error!(%error, "the FAL stand-in cannot start jobs");
            due.next_us = Some(now.saturating_add(1_000_000));
        }
        due.deliveries = std::mem::take(&mut state.unsent);
        due
    }

    fn collect(&self, state: &mut State, due: &mut Due, now: i64) -> Result<(), Error> {
        let busy = |job: &&Job| job.phase == Phase::Running && !job.is_stuck();
        let running = state.jobs.values().filter(busy).count();
        let mut free = state.pace.concurrency.saturating_sub(running);
        let queue_us = i64::try_from(state.pace.queue_ms).unwrap_or(i64::MAX).saturating_mul(1000);
        let waiting: Vec<_> = state.waiting.iter().map(|(_, _, id)| id.clone()).collect();
        for id in waiting {
            let Some(job) = state.jobs.get(&id) else { continue };
            let slow = i64::try_from(job.slowness()).unwrap_or(1);
            let ready_us = job.created_us.saturating_add(queue_us.saturating_mul(slow));
            if job.start_by_us.is_some_and(|limit| limit <= now) {
                self.complete(state, &id, Outcome::timed_out())?;
                self.announce();
            } else if free > 0 && ready_us <= now {
                free -= usize::from(!job.is_stuck());
                self.start(state, &id, now)?;
                due.jobs.push(id);
                self.announce();
            } else {
                // Without a free place the end of another job wakes us.
                let ready = (free > 0).then_some(ready_us);
                due.next_us = ready.into_iter().chain(job.start_by_us).chain(due.next_us).min();
            }
        }
        Ok(())
    }

    fn start(&self, state: &mut State, id: &str, now: i64) -> Result<(), Error> {
        let Some(job) = state.jobs.get(id) else { return Ok(()) };
        let job = Job { phase: Phase::Running, started_us: Some(now), ..job.clone() };
        self.store.commit(vec![Write::put(OPEN, id, &job)?])?;
        state.waiting.remove(&(job.low, job.order, id.to_owned()));
        state.jobs.insert(id.to_owned(), job);
        Ok(())
    }

    /// Adds a line to the log of an open job. Not committed: a job that starts again logs again.
    pub(super) fn log(&self, id: &str, message: &str) {
        if let Some(job) = self.state().jobs.get_mut(id) {
            job.logs.push(Log::new(now_us(), message));
        }
        self.announce();
    }

    /// Ends a running job, as cancelled if that was asked. After [`Queue::stop`] it does nothing: the
    /// next process runs the job again. Answers whether the outcome was taken.
    pub(super) fn finish(&self, id: &str, outcome: Outcome) -> Result<bool, Error> {
        let mut state = self.state();
        let Some(job) = state.jobs.get(id) else { return Ok(false) };
        if self.stopped.is_cancelled() {
            return Ok(false);
        }
        let taken = !job.cancelled;
        let outcome = if taken { outcome } else { Outcome::cancelled() };
        self.complete(&mut state, id, outcome)?;
        drop(state);
        self.announce();
        Ok(taken)
    }

    fn complete(&self, state: &mut State, id: &str, outcome: Outcome) -> Result<(), Error> {
        let Some(job) = state.jobs.get(id) else { return Ok(()) };
        let run_us = job.started_us.map_or(0, |started| now_us().saturating_sub(started).max(0));
        let mut job = Job { phase: Phase::Done, ..job.clone() };
        job.outcome = Some(Outcome { run_us, ..outcome });
        let delivery =
            job.webhook.clone().map(|url| Delivery { request_id: id.to_owned(), url, attempts: 0 });
        let mut writes = vec![Write::delete(OPEN, id), Write::put(DONE, id, &job)?];
        if let Some(delivery) = &delivery {
            writes.push(Write::put(DELIVERIES, id, delivery)?);
        }
        self.store.commit(writes)?;
        state.waiting.remove(&(job.low, job.order, id.to_owned()));
        state.jobs.remove(id);
        state.unsent.extend(delivery);
        Ok(())
    }

    /// Notes another attempt of a webhook, or with `None` that it is over.
    pub(super) fn note(&self, id: &str, delivery: Option<&Delivery>) -> Result<(), Error> {
        let write = match delivery {
            Some(delivery) => Write::put(DELIVERIES, id, delivery)?,
            None => Write::delete(DELIVERIES, id),
        };
        self.store.commit(vec![write])
    }

    /// Commits pictures under their names.
    pub(super) fn keep_files(&self, files: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        let writes = files.into_iter().map(|(name, bytes)| Write::put_bytes(FILES, name, bytes));
        self.store.commit(writes.collect())
    }

    /// Deletes pictures that nobody will hear of.
    pub(super) fn drop_files(&self, names: &[String]) -> Result<(), Error> {
        self.store.commit(names.iter().map(|name| Write::delete(FILES, name)).collect())
    }

    pub(super) fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.store.bytes(FILES, name)
    }
}

impl State {
    fn position(&self, job: &Job) -> usize {
        let place = (job.low, job.order, job.id.clone());
        self.waiting.range(..place).count()
    }
}
