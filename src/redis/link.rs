//! One connection, a time-out, a breaker.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult, ScriptInvocation,
    aio::MultiplexedConnection,
};
use tokio::{runtime::Handle, sync::Semaphore, sync::watch, task::JoinSet, time::timeout};

use super::breaker::Breaker;

/// Calls that nobody waits for, under way at once; more are dropped.
const UNAWAITED_MAX: usize = 256;

/// Where Redis is and how patient to be.
#[derive(Clone)]
pub struct Settings {
    /// `redis://` or `rediss://`, with the password.
    pub url: String,
    /// For one call.
    pub call_timeout: Duration,
    /// For a connection, before anybody uses it.
    pub connect_timeout: Duration,
    /// Whether the log is told when Redis goes and comes; a command tells it in its answer.
    pub is_logged: bool,
}

impl Settings {
    /// As the running bot wants it: a slow cache is worse than none.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            call_timeout: Duration::from_millis(50),
            connect_timeout: Duration::from_secs(1),
            is_logged: true,
        }
    }

    /// As a command wants it that has done its work and only tells of it.
    pub fn brisk(url: impl Into<String>) -> Self {
        let call_timeout = Duration::from_millis(500);
        let connect_timeout = call_timeout;
        Self { url: url.into(), call_timeout, connect_timeout, is_logged: false }
    }

    /// As an operator wants it who looks on.
    pub fn patient(url: impl Into<String>) -> Self {
        let call_timeout = Duration::from_secs(5);
        let connect_timeout = call_timeout;
        Self { url: url.into(), call_timeout, connect_timeout, is_logged: false }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("call_timeout", &self.call_timeout).finish_non_exhaustive()
    }
}

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The breaker is open, or the link is closed. Nothing was sent.
    #[error("Redis is away")]
    Away,
    /// There is no connection, for this reason.
    #[error("Redis cannot be reached: {0}")]
    Unreachable(String),
    /// It may have been done.
    #[error("Redis did not answer in time")]
    Late,
    #[error("the connection to Redis broke")]
    Broken,
    /// Redis answered and did not do it, or answered something else than what was asked.
    #[error("Redis refused: {0}")]
    Refused(String),
}

/// What happened on a link since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Calls that got no answer in time.
    pub late: u64,
    /// Calls that broke or were refused by Redis.
    pub errors: u64,
    /// How often the breaker opened.
    pub openings: u64,
    /// 0 closed, 1 half open, 2 open.
    pub breaker: u64,
}

/// The way to one Redis. Cheap to clone; every clone is the same link.
#[derive(Clone)]
pub struct Link(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) client: Client,
    pub(super) settings: Settings,
    /// Where the connections live: the runtime that opened the link.
    runtime: Handle,
    state: Mutex<State>,
    reached: watch::Sender<Reached>,
    unawaited: Arc<Semaphore>,
    late: AtomicU64,
    errors: AtomicU64,
    openings: AtomicU64,
}

struct State {
    breaker: Breaker,
    connection: Option<MultiplexedConnection>,
    /// Counts connections: a late failure of an old one says nothing of the new one.
    epoch: u64,
    closed: bool,
    /// Probes and subscriptions.
    tasks: JoinSet<()>,
}

/// Whether Redis is there, as of the last probe.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reached {
    Unknown,
    Yes,
    /// Why not.
    No(String),
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

impl Link {
    /// Begins to connect and returns at once, whether Redis is there or not. Call it on a tokio runtime
    /// that lives as long as the link.
    ///
    /// # Errors
    /// `Unreachable`: the address cannot be one.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        // Its error may quote the address, and with it the password.
        let client = Client::open(settings.url.as_str())
            .map_err(|_| Error::Unreachable("its address is none".to_owned()))?;
        let state = State {
            breaker: Breaker::new(),
            connection: None,
            epoch: 0,
            closed: false,
            tasks: JoinSet::new(),
        };
        let link = Self(Arc::new(Inner {
            client,
            settings,
            runtime: Handle::current(),
            state: Mutex::new(state),
            reached: watch::Sender::new(Reached::Unknown),
            unawaited: Arc::new(Semaphore::new(UNAWAITED_MAX)),
            late: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            openings: AtomicU64::new(0),
        }));
        link.probe(&mut link.state());
        Ok(link)
    }

    /// Whether calls go through at this moment.
    pub fn is_up(&self) -> bool {
        self.state().breaker.lets_through()
    }

    /// Waits until calls went through for the first time.
    pub async fn until_up(&self) {
        let mut reached = self.0.reached.subscribe();
        // The sender lives in the link itself.
        let _never_fails = reached.wait_for(|reached| *reached == Reached::Yes).await;
    }

    /// Waits until calls go through again, looking at a measured pace.
    #[cfg(test)]
    pub(crate) async fn until_up_anew(&self) {
        let waiting = async {
            let mut pace = tokio::time::interval(Duration::from_millis(10));
            while !self.is_up() {
                pace.tick().await;
            }
        };
        let up = timeout(Duration::from_secs(30), waiting).await;
        assert!(up.is_ok(), "it did not come up again");
    }

    /// Waits for the first attempt to connect.
    ///
    /// # Errors
    /// `Unreachable` with the reason why there is no connection.
    pub async fn reach(&self) -> Result<(), Error> {
        let mut reached = self.0.reached.subscribe();
        let known = reached.wait_for(|reached| *reached != Reached::Unknown).await;
        match known.as_deref() {
            Ok(Reached::No(why)) => Err(Error::Unreachable(why.clone())),
            _ => Ok(()),
        }
    }

    pub fn figures(&self) -> Figures {
        Figures {
            late: self.0.late.load(Ordering::Relaxed),
            errors: self.0.errors.load(Ordering::Relaxed),
            openings: self.0.openings.load(Ordering::Relaxed),
            breaker: self.state().breaker.level(),
        }
    }

    /// Sends a command and waits for its answer, for the time-out at most.
    ///
    /// # Errors
    /// Whatever kept it from being answered; see [`Error`].
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Error> {
        self.call(async |mut connection| command.query_async(&mut connection).await).await
    }

    /// Runs a script, which is loaded when it has to be.
    ///
    /// # Errors
    /// As [`Link::query`].
    pub async fn invoke<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Error> {
        self.call(async |mut connection| script.invoke_async(&mut connection).await).await
    }

    /// Does something that nobody waits for. Dropped when Redis is away or too much is under way.
    pub fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        if !self.is_up() {
            return;
        }
        let Ok(place) = self.0.unawaited.clone().try_acquire_owned() else { return };
        self.0.runtime.spawn(async move {
            work.await;
            drop(place);
        });
    }

    /// Lets go of all connections. Calls fail at once from now on.
    pub async fn close(&self) {
        let mut tasks = {
            let mut state = self.state();
            state.closed = true;
            state.breaker.broke();
            state.connection = None;
            std::mem::take(&mut state.tasks)
        };
        tasks.shutdown().await;
    }

    async fn call<T>(
        &self,
        call: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Error> {
        let (connection, epoch) = {
            let state = self.state();
            match &state.connection {
                Some(connection) if state.breaker.lets_through() => {
                    (connection.clone(), state.epoch)
                }
                _ => return Err(Error::Away),
            }
        };
        let answer = timeout(self.0.settings.call_timeout, call(connection)).await;
        let answer = match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if error.is_timeout() => Err(Error::Late),
            Ok(Err(error)) if is_break(&error) => Err(Error::Broken),
            Ok(Err(error)) => Err(Error::Refused(said(&error))),
            Err(_) => Err(Error::Late),
        };
        self.note(answer.as_ref().err(), epoch);
        answer
    }

    fn note(&self, error: Option<&Error>, epoch: u64) {
        match error {
            None => {}
            Some(Error::Late) => _ = self.0.late.fetch_add(1, Ordering::Relaxed),
            Some(_) => _ = self.0.errors.fetch_add(1, Ordering::Relaxed),
        }
        let mut state = self.state();
        if state.epoch != epoch {
            return;
        }
        let opened = match error {
            None | Some(Error::Refused(_)) => {
                state.breaker.answered();
                false
            }
            Some(Error::Broken) => state.breaker.broke(),
            Some(Error::Late | Error::Away | Error::Unreachable(_)) => state.breaker.failed(),
        };
        if let (true, Some(error)) = (opened, error) {
            self.0.openings.fetch_add(1, Ordering::Relaxed);
            if self.0.settings.is_logged {
                tracing::warn!(%error, "working without Redis until it is back");
            }
            // Whatever it says late, nobody listens; and a connection that hangs is no use.
            state.connection = None;
            self.probe(&mut state);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing between two lines of its changes panics.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that Redis is found again.
    fn probe(&self, state: &mut State) {
        let link = Self(self.0.clone());
        self.keep(state, async move {
            while let Some(pause) = link.due() {
                tokio::time::sleep(pause).await;
                link.state().breaker.probe();
                let found = link.connect().await;
                link.probed(found);
            }
        });
    }

    /// A task that ends with the link.
    fn keep(&self, state: &mut State, task: impl Future<Output = ()> + Send + 'static) {
        if !state.closed {
            while state.tasks.try_join_next().is_some() {}
            state.tasks.spawn_on(task, &self.0.runtime);
        }
    }

    /// A task that ends with the link.
    pub(super) fn keep_running(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.keep(&mut self.state(), task);
    }

    fn due(&self) -> Option<Duration> {
        self.state().breaker.pause()
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let Settings { call_timeout, connect_timeout, .. } = self.0.settings;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(connect_timeout))
            .set_response_timeout(Some(call_timeout.max(connect_timeout)));
        let mut connection =
            self.0.client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(connection)
    }

    fn probed(&self, found: RedisResult<MultiplexedConnection>) {
        let mut state = self.state();
        state.breaker.probed(found.is_ok());
        let reached = match found {
            Ok(connection) => {
                state.connection = Some(connection);
                state.epoch += 1;
                Reached::Yes
            }
            Err(error) => Reached::No(said(&error)),
        };
        drop(state);
        let before = self.0.reached.send_replace(reached.clone());
        if !self.0.settings.is_logged {
            return;
        }
        match (before, reached) {
            (before, Reached::Yes) if before != Reached::Unknown => {
                tracing::info!("Redis is back");
            }
            (Reached::Unknown, Reached::No(why)) => {
                tracing::warn!(why, "working without Redis until it is there");
            }
            (Reached::No(before), Reached::No(why)) if before != why => {
                tracing::warn!(why, "still without Redis");
            }
            _ => {}
        }
    }
}

fn is_break(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// What went wrong, in one line without secrets: Redis does not repeat a password.
fn said(error: &RedisError) -> String {
    let text = error.to_string().replace(char::is_control, " ");
    text.chars().take(200).collect()
}
