//! Settings: what is written ([`Raw`]) and what can be relied on ([`Settings`]) are two types.
//!
//! Defaults compiled in < `config.toml` < `.env` < environment. Secrets come from the environment
//! only, and whatever is wrong stops the start with one line that names the key.

mod environment;
mod models;
mod raw;
mod secret;
#[cfg(test)]
mod tests;
mod validate;

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aisha_actors::domain::{catalogue::Catalogue, ledger::Credits, text::Language};
use figment::{
    Figment,
    error::Kind,
    providers::{Format, Serialized, Toml},
};
use tracing::Level;

pub use models::{RawModel, RawResolution};
pub use raw::Raw;
pub use secret::Secret;

use crate::db::Target;
use environment::{Environment, Said};

/// Why the program does not start. One line that names the key, and never a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {what}")]
    File { path: String, what: String },
    #[error("{key}: {what}")]
    Value { key: String, what: String },
    #[error("{found}: no such variable; {meant} is meant, perhaps")]
    Misspelt { found: String, meant: &'static str },
}

impl Error {
    /// Reading broke off.
    pub(crate) fn unread() -> Self {
        let what = "it could not be read; the log says more".to_owned();
        Self::File { path: "config.toml".to_owned(), what }
    }

    fn value(key: impl Into<String>, what: impl ToString) -> Self {
        Self::Value { key: key.into(), what: what.to_string() }
    }
}

/// What the bot is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Neither token nor key: both peers are the stand-ins, on loopback.
    Sandbox,
    /// The real Telegram with the sandbox's provider (`FAL_KEY=sandbox`).
    Trial {
        token: Secret,
    },
    Real {
        token: Secret,
        fal_key: Secret,
    },
}

impl Mode {
    /// The token of the real Telegram.
    pub fn token(&self) -> Option<&Secret> {
        match self {
            Self::Sandbox => None,
            Self::Trial { token } | Self::Real { token, .. } => Some(token),
        }
    }

    /// The key of the real FAL.
    pub fn fal_key(&self) -> Option<&Secret> {
        match self {
            Self::Sandbox | Self::Trial { .. } => None,
            Self::Real { fal_key, .. } => Some(fal_key),
        }
    }
}

/// Everything the program was told, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    pub mode: Mode,
    /// `AISHA_ENV=production`.
    pub production: bool,
    pub data_dir: PathBuf,
    pub database: Target,
    pub nodes: Nodes,
    /// Where pictures are kept.
    pub storage: Storage,
    pub buckets: Buckets,
    pub cache: Cache,
    pub http: Http,
    pub telegram: Telegram,
    pub fal: Fal,
    pub bot: Bot,
    /// Credits for a new person; the sandbox has its own number.
    pub welcome_credits: u32,
    /// Whether `/crash` makes one's own gallery panic.
    pub crash_command: bool,
    pub limits: Limits,
    pub actors: Actors,
    pub sandbox: Sandbox,
    pub log: Log,
    pub catalogue: Catalogue,
    /// Where alerts go in Telegram.
    pub admin_chat: Option<i64>,
    pub alerts: Alerts,
    /// More than this nobody books alone from the dashboard.
    pub alone_max: Credits,
    /// What was said and is not heard; to be shown at the start.
    pub warnings: Vec<String>,
    given_secret_key: Option<Secret>,
    shown: Shown,
    /// Where all of it was read. None: nowhere yet.
    origin: Option<Origin>,
}

/// Where settings were read, to be read again. Holds secrets: the environment's.
#[derive(Clone)]
struct Origin(Arc<Sources>);

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin")
    }
}

/// How the operator is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alerts {
    pub language: Language,
    /// What is away for less is not worth a word.
    pub settle: Duration,
    /// None: an old backup is not worth one.
    pub backup_age_max: Option<Duration>,
}

/// Where the buckets are.
#[derive(Debug, Clone)]
pub enum Storage {
    /// The folder that holds them.
    Disk(PathBuf),
    S3(Box<S3>),
}

/// A server that speaks S3.
#[derive(Debug, Clone)]
pub struct S3 {
    /// Without a slash at the end.
    pub endpoint: String,
    /// What links are made with. None: the endpoint.
    pub public_endpoint: Option<String>,
    pub access_key: Secret,
    pub secret_key: Secret,
    pub region: String,
    /// Without slashes at its ends; empty: none.
    pub prefix: String,
}

/// What the buckets are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    pub imagen4: String,
    pub generated: String,
    pub avatars: String,
    pub photos: String,
}

impl Buckets {
    /// Every name once.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in [&self.imagen4, &self.generated, &self.avatars, &self.photos] {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// Where what only speeds things up is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cache {
    /// In the process: one node.
    Memory,
    Redis(Redis),
}

/// A Redis that several nodes share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redis {
    /// `redis://` or `rediss://`, with the password in it.
    pub url: Secret,
    pub password: Option<Secret>,
    /// The same without user and password.
    pub shown: String,
}

#[derive(Debug, Clone)]
pub struct Http {
    pub bind: SocketAddr,
    /// When set, `/admin` and `/metrics` answer only there.
    pub admin_bind: Option<SocketAddr>,
    /// Under which operators reach the dashboard, without a slash at its end. https: its cookies are for
    /// TLS only. None: the address that is bound.
    pub admin_url: Option<String>,
    /// Proxies of ours, whose word about who asks is taken.
    pub trusted_proxies: Vec<IpAddr>,
    /// Open connections at once; more wait.
    pub connections_max: usize,
}

#[derive(Debug, Clone)]
pub struct Telegram {
    /// Without a slash at the end; `/bot<token>/<method>` follows.
    pub api_url: String,
    /// http, https, socks5 or socks5h; may hold a password.
    pub proxy: Option<Secret>,
    pub receive: Receive,
    /// For one call, beside the time that a long poll waits.
    pub request_timeout: Duration,
    pub pacing: Pacing,
}

/// How updates come in.
#[derive(Debug, Clone)]
pub enum Receive {
    Polling {
        /// How long Telegram may hold a call without updates.
        wait: Duration,
    },
    Webhook {
        /// What Telegram is told.
        url: String,
        /// As given; [`Settings::webhook_secret`] makes one where there is none.
        secret: Option<Secret>,
        /// Connections that Telegram may open at once.
        connections_max: u32,
    },
}

/// How fast we may call Telegram.
#[derive(Debug, Clone)]
pub struct Pacing {
    /// In all.
    pub calls_per_second_max: u32,
    /// Between messages to one chat, on average.
    pub chat_interval: Duration,
    /// Messages to one chat that need not wait for the interval.
    pub chat_burst: u32,
    /// Between edits of one progress message.
    pub progress_interval: Duration,
}

#[derive(Debug, Clone)]
pub struct Fal {
    /// Without a slash at the end; the endpoint's id follows.
    pub queue_url: String,
    /// May delete what FAL keeps of requests. None: it stays there.
    pub admin_key: Option<Secret>,
    /// Where that is done, without a slash at the end.
    pub api_url: String,
    pub proxy: Option<Secret>,
    /// Our own address, without a slash at the end; the generation's id follows. None: polling only.
    pub webhook_url: Option<String>,
    pub jwks_urls: Vec<String>,
    /// Whose webhooks are ours. None: anybody's that FAL signed.
    pub user_id: Option<String>,
    /// Requests at the provider at once.
    pub concurrency: u32,
    /// How long a submit whose answer was lost may still turn up by webhook before it is repeated.
    pub submit_grace: Duration,
    pub poll_min: Duration,
    pub poll_max: Duration,
    /// Lower case; `*.name` stands for all below.
    pub download_hosts: Vec<String>,
    pub download_bytes_max: u64,
    pub download_timeout: Duration,
}

#[derive(Debug, Clone)]
pub struct Bot {
    /// Shown when credits are missing. Empty: nothing is shown.
    pub contact: String,
}

#[derive(Debug, Clone)]
pub struct Limits {
    pub open_generations_per_person: u32,
}

/// How processes share one PostgreSQL.
#[derive(Debug, Clone)]
pub struct Nodes {
    /// One that does not renew for so long is taken over.
    pub lease: Duration,
    /// Between two renewals.
    pub renew: Duration,
    /// Between two looks for what other nodes took in.
    pub look: Duration,
}

#[derive(Debug, Clone)]
pub struct Actors {
    pub session_mailbox: usize,
    pub gallery_mailbox: usize,
    pub tracker_mailbox: usize,
    pub writer_mailbox: usize,
    pub ledger_mailbox: usize,
    pub turn_deadline: Duration,
    /// After which a user's actor is retired.
    pub idle: Duration,
    pub live_users_max: usize,
}

#[derive(Debug, Clone)]
pub struct Sandbox {
    /// How long a request waits in the stand-in's queue.
    pub queue: Duration,
    /// How long it then runs.
    pub run: Duration,
}

#[derive(Debug, Clone)]
pub struct Log {
    pub level: Level,
    pub format: LogFormat,
    pub file: PathBuf,
    /// Files of as many days are kept.
    pub keep_days: usize,
    /// None: spans go nowhere.
    pub spans: Option<Spans>,
}

/// A collector that takes spans in over OTLP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spans {
    /// All of it, with the path.
    pub endpoint: String,
    /// Sent along: names in lower case, and values.
    pub headers: Vec<(String, Secret)>,
    /// What the collector calls us.
    pub service: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Plain,
    Json,
}

/// What `aisha config show` shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Every key with the value in force. No secret has a key.
    pub raw: Raw,
    /// The further variables that are set; their values are not shown.
    pub set: Vec<&'static str>,
}

/// Where settings come from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// Where `config.toml` and `.env` are looked for.
    pub folder: PathBuf,
    pub environment: BTreeMap<String, String>,
}

impl Sources {
    /// The process's own, from its working folder.
    pub fn of_process(config: Option<PathBuf>) -> Self {
        // A name or value that is not Unicode cannot be one of ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { config, folder: PathBuf::from("."), environment }
    }
}

/// Reads and checks all settings. Writes nothing.
///
/// # Errors
/// One line that names the key. See [`Error`].
pub fn load(sources: Sources) -> Result<Settings, Error> {
    let origin = Origin(Arc::new(sources.clone()));
    let file = environment::read_file(&sources.folder.join(".env"))?;
    let environment = Environment::read(file, sources.environment)?;
    let raw = layers(sources.config, &sources.folder, &environment)?;
    let settings = validate::settings(raw, &environment)?;
    Ok(Settings { origin: Some(origin), ..settings })
}

/// Lays the sources over each other.
fn layers(config: Option<PathBuf>, folder: &Path, environment: &Environment) -> Result<Raw, Error> {
    let mut figment = Figment::from(Serialized::defaults(Raw::default()));
    let named = config.or_else(|| environment.get("AISHA_CONFIG").map(PathBuf::from));
    let path = match named {
        Some(path) if !path.is_file() => {
            let what = "there is no such file".to_owned();
            return Err(Error::File { path: path.display().to_string(), what });
        }
        Some(path) => Some(path),
        None => [folder.join("config.toml"), PathBuf::from("/etc/aisha/config.toml")]
            .into_iter()
            .find(|path| path.is_file()),
    };
    if let Some(path) = &path {
        figment = figment.merge(Toml::file_exact(path));
    }
    for one in environment.overrides() {
        figment = match one.value {
            Said::One(value) => figment.merge(Serialized::default(one.key, value)),
            Said::Many(values) => figment.merge(Serialized::default(one.key, values)),
        };
    }
    figment.extract().map_err(|error| {
        let file = path.map_or_else(|| "config.toml".to_owned(), |path| path.display().to_string());
        one_line(error, &file)
    })
}

/// Figment's error in our one-line form: the file, the key, what is wrong.
fn one_line(error: figment::Error, file: &str) -> Error {
    let key = error.path.join(".");
    let what = match &error.kind {
        Kind::UnknownField(field, known) => {
            // Figment's path ends at the section or at the field, by the kind of value.
            let section = key.strip_suffix(field.as_str()).unwrap_or(&key).trim_end_matches('.');
            let dot = if section.is_empty() { "" } else { "." };
            let close = known.iter().min_by_key(|name| strsim::damerau_levenshtein(name, field));
            let meant = close.map(|name| format!("; {section}{dot}{name} is meant, perhaps"));
            let meant = meant.unwrap_or_default();
            format!("{section}{dot}{field}: no such key{meant}")
        }
        // A parser's words may quote the file over several lines: only where, and what.
        Kind::Message(text) => {
            let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let first = lines.next().unwrap_or("it cannot be read");
            let last = lines.next_back().map(|last| format!(": {last}")).unwrap_or_default();
            if key.is_empty() { format!("{first}{last}") } else { format!("{key}: {first}{last}") }
        }
        kind if key.is_empty() => kind.to_string(),
        kind => format!("{key}: {kind}"),
    };
    Error::File { path: file.to_owned(), what: what.replace('\n', " ") }
}

impl Settings {
    /// The models that the same sources have now. All of it is checked; the rest waits for a restart.
    ///
    /// # Errors
    /// As [`load`].
    pub fn read_again(&self) -> Result<Catalogue, Error> {
        match &self.origin {
            Some(Origin(sources)) => Ok(load(Sources::clone(sources))?.catalogue),
            None => Ok(self.catalogue.clone()),
        }
    }

    /// The secret that signs links and cookies: the one that was given, else the one in
    /// `$DATA_DIR/secret.key`, which is made (mode 0600) by the first call ever.
    ///
    /// # Errors
    /// The file cannot be made or read, or others may read it.
    pub fn secret_key(&self) -> Result<Secret, Error> {
        if let Some(key) = &self.given_secret_key {
            return Ok(key.clone());
        }
        let path = self.data_dir.join("secret.key");
        secret::keep(&path).map_err(|error: io::Error| Error::File {
            path: path.display().to_string(),
            what: error.to_string(),
        })
    }

    /// Whether there is a secret key already. Makes none.
    ///
    /// # Errors
    /// There is one that cannot be used.
    pub fn secret_key_there(&self) -> Result<bool, Error> {
        let there = self.given_secret_key.is_some() || self.data_dir.join("secret.key").exists();
        if there {
            self.secret_key()?;
        }
        Ok(there)
    }

    /// What Telegram proves itself with at the webhook: as given, else derived from the secret key.
    /// None in polling mode, where nobody may call the webhook.
    pub fn webhook_secret(&self, secret_key: &Secret) -> Option<Secret> {
        match &self.telegram.receive {
            Receive::Polling { .. } => None,
            Receive::Webhook { secret, .. } => {
                Some(secret.clone().unwrap_or_else(|| secret_key.derive("telegram webhook")))
            }
        }
    }

    /// Whether the provider's copies of what people asked for are deleted with them.
    pub fn deletes_payloads(&self) -> bool {
        match self.mode {
            Mode::Sandbox | Mode::Trial { .. } => true,
            Mode::Real { .. } => self.fal.admin_key.is_some(),
        }
    }

    /// The settings in force, without secrets.
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    /// Every secret that was given, for the mask over the log.
    pub fn secrets(&self) -> Vec<Secret> {
        let webhook = match &self.telegram.receive {
            Receive::Webhook { secret, .. } => secret.as_ref(),
            Receive::Polling { .. } => None,
        };
        let database = match &self.database {
            Target::File(_) => None,
            Target::Server(server) => server.password().map(Secret::new),
        };
        let (access_key, secret_key) = match &self.storage {
            Storage::Disk(_) => (None, None),
            Storage::S3(s3) => (Some(&s3.access_key), Some(&s3.secret_key)),
        };
        let (redis_url, redis_password) = match &self.cache {
            Cache::Redis(Redis { url, password: Some(password), .. }) => {
                (Some(url), Some(password))
            }
            Cache::Redis(_) | Cache::Memory => (None, None),
        };
        let all = [
            database.as_ref(),
            access_key,
            secret_key,
            redis_url,
            redis_password,
            self.mode.token(),
            self.mode.fal_key(),
            self.fal.admin_key.as_ref(),
            self.telegram.proxy.as_ref(),
            self.fal.proxy.as_ref(),
            self.given_secret_key.as_ref(),
            webhook,
        ];
        let headers = self.log.spans.iter().flat_map(|spans| &spans.headers);
        // Of `Bearer abc` the word alone is one too.
        let words = headers.flat_map(|(_, value)| {
            let word = value.expose().rsplit(' ').next().unwrap_or_default();
            [value.clone(), Secret::new(word)]
        });
        all.into_iter().flatten().cloned().chain(words).collect()
    }
}
