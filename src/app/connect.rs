//! Settings become adapters.

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::ledger::Credits,
    lanes::OwnLanes,
    port::Ports,
    shop::{Shop, Terms},
    system::{Limits, Mailboxes},
};

use super::{
    shared::{Shared, cache},
    storage,
    watch::{Reached, Watched},
};
use crate::{
    db::Database,
    downloads::{self, Downloads},
    fal::{
        self,
        payloads::{self, Deleter},
        webhook::Verifier,
    },
    metrics::Metrics,
    sandbox::Sandbox,
    settings::{Cache, Mode, Receive, Secret, Settings, Storage},
    telegram::{self, BotName, TelegramParser, Words, pace},
    world::{RandomIds, SystemClock},
};

/// All adapters of a running program.
pub(super) struct Connections {
    pub ports: Ports,
    pub shop: Arc<Shop>,
    pub telegram: telegram::Client,
    pub parser: Arc<TelegramParser>,
    pub bot_name: BotName,
    pub words: Arc<Words>,
    pub verifier: Arc<Verifier>,
    pub metrics: Metrics,
    /// What the nodes share over Redis; None: this is the only one.
    pub shared: Option<Shared>,
    /// How the dependencies are, by name.
    pub reached: Vec<(&'static str, Arc<Reached>)>,
    pub objects_reached: Arc<Reached>,
    pub fal_reached: Arc<Reached>,
    pub telegram_reached: Arc<Reached>,
    /// To ask the provider whether it is there, when nobody else asks.
    pub fal_probe: fal::Client,
    /// Deletes the provider's copies. None: it keeps them.
    pub deleter: Option<Deleter>,
}

impl Connections {
    /// Builds the adapters; connects to nothing yet.
    pub(super) async fn make(
        settings: &Settings,
        database: &Database,
        sandbox: Option<&Sandbox>,
        base: &str,
        lanes: OwnLanes,
    ) -> anyhow::Result<Self> {
        let clock = Arc::new(SystemClock);
        let metrics = Metrics::new();
        let telegram = telegram::Client::new(telegram_settings(settings, sandbox))?;
        let words = Arc::new(Words::new());
        let bot_name = BotName::default();
        let parser = Arc::new(TelegramParser::new(bot_name.clone()));
        let fal_settings = fal_settings(settings, sandbox, base);
        let downloads = downloads(settings, &fal_settings.queue_url)?;
        let verifier = Verifier::new(&verifier_settings(settings, sandbox), clock.clone())?;
        let shared = Shared::open(settings, bot_token(settings, sandbox))?;
        let gate = Shared::gate(shared.as_ref(), pacing(settings));
        let messenger = telegram::Telegram::behind(gate, telegram.clone(), words.clone());
        let messenger = Watched::new(messenger, &metrics);
        let generator = Watched::new(fal::Client::new(&fal_settings, clock.clone())?, &metrics);
        let fal_probe = fal::Client::new(&fal_settings, clock.clone())?;
        let deleter = payload_settings(settings, sandbox);
        let deleter = deleter.map(|told| Deleter::new(&told)).transpose()?;
        let (fal_reached, telegram_reached) =
            (generator.reached.clone(), messenger.reached.clone());
        let objects = Watched::new(storage::open(settings).await?, &metrics);
        let objects_reached = objects.reached.clone();
        let reached = vec![
            ("telegram", telegram_reached.clone()),
            ("fal", fal_reached.clone()),
            ("objects", objects_reached.clone()),
        ];
        let ports = Ports {
            store: Arc::new(database.clone()),
            parser: parser.clone(),
            cache: cache(shared.as_ref(), &metrics),
            objects: Arc::new(objects),
            downloads: Arc::new(downloads),
            generator: Arc::new(generator),
            messenger: Arc::new(messenger),
            clock,
            ids: Arc::new(RandomIds),
            lanes,
        };
        let shop = Arc::new(Shop::new(settings.catalogue.clone(), terms(settings)));
        let verifier = Arc::new(verifier);
        Ok(Self {
            ports,
            shop,
            telegram,
            parser,
            bot_name,
            words,
            verifier,
            metrics,
            shared,
            reached,
            objects_reached,
            fal_reached,
            telegram_reached,
            fal_probe,
            deleter,
        })
    }
}

/// Fetches pictures, also from the queue's own origin.
pub(super) fn downloads(settings: &Settings, queue_url: &str) -> anyhow::Result<Downloads> {
    Ok(Downloads::new(&downloads::Settings {
        queue_url: queue_url.to_owned(),
        proxy: exposed(settings.fal.proxy.as_ref()),
        hosts: settings.fal.download_hosts.clone(),
        limits: downloads::Limits {
            bytes: usize::try_from(settings.fal.download_bytes_max).unwrap_or(usize::MAX),
            total: settings.fal.download_timeout,
            ..downloads::Limits::default()
        },
    })?)
}

fn terms(settings: &Settings) -> Terms {
    Terms {
        welcome: Credits(i64::from(settings.welcome_credits)),
        contact: settings.bot.contact.clone(),
        open_max: usize::try_from(settings.limits.open_generations_per_person).unwrap_or(1),
        crash_command: settings.crash_command,
        turn_deadline: settings.actors.turn_deadline,
    }
}

/// The sizes and times that the actors keep to.
pub(super) fn limits(settings: &Settings) -> Limits {
    let actors = &settings.actors;
    Limits {
        mailboxes: Mailboxes {
            session: actors.session_mailbox,
            gallery: actors.gallery_mailbox,
            tracker: actors.tracker_mailbox,
            writer: actors.writer_mailbox,
            ledger: actors.ledger_mailbox,
        },
        gallery_idle: actors.idle,
        galleries_max: actors.live_users_max,
        places: settings.fal.concurrency,
        submit_grace: settings.fal.submit_grace,
        poll: (settings.fal.poll_min, settings.fal.poll_max),
        look: settings.nodes.look,
        ..Limits::default()
    }
}

pub(super) fn exposed(secret: Option<&Secret>) -> Option<String> {
    secret.map(|secret| secret.expose().to_owned())
}

fn bot_token(settings: &Settings, sandbox: Option<&Sandbox>) -> String {
    match (settings.mode.token(), sandbox) {
        (None, Some(sandbox)) => sandbox.info().telegram_token,
        (token, _) => exposed(token).unwrap_or_default(),
    }
}

fn telegram_settings(settings: &Settings, sandbox: Option<&Sandbox>) -> telegram::client::Settings {
    let url = match (settings.mode.token(), sandbox) {
        (None, Some(sandbox)) => sandbox.info().telegram_api_url,
        _ => settings.telegram.api_url.clone(),
    };
    let token = bot_token(settings, sandbox);
    telegram::client::Settings {
        proxy: exposed(settings.telegram.proxy.as_ref()),
        call_timeout: settings.telegram.request_timeout,
        ..telegram::client::Settings::new(url, token)
    }
}

fn pacing(settings: &Settings) -> pace::Settings {
    let pacing = &settings.telegram.pacing;
    let rate = f64::from(pacing.calls_per_second_max);
    pace::Settings {
        owed_every: pacing.chat_interval,
        owed_burst: pacing.chat_burst,
        progress_every: pacing.progress_interval,
        rate_start: rate,
        rate_max: rate,
        ..pace::Settings::default()
    }
}

pub(super) fn fal_settings(
    settings: &Settings,
    sandbox: Option<&Sandbox>,
    base: &str,
) -> fal::Settings {
    match (settings.mode.fal_key(), sandbox) {
        (None, Some(sandbox)) => {
            let info = sandbox.info();
            fal::Settings {
                key: info.fal_key,
                queue_url: info.fal_queue_url,
                proxy: None,
                webhook_url: Some(format!("{base}/fal/webhook")),
            }
        }
        (key, _) => fal::Settings {
            key: exposed(key).unwrap_or_default(),
            queue_url: settings.fal.queue_url.clone(),
            proxy: exposed(settings.fal.proxy.as_ref()),
            webhook_url: settings.fal.webhook_url.clone(),
        },
    }
}

fn payload_settings(settings: &Settings, sandbox: Option<&Sandbox>) -> Option<payloads::Settings> {
    if let (None, Some(sandbox)) = (settings.mode.fal_key(), sandbox) {
        let info = sandbox.info();
        let (admin_key, api_url) = (info.fal_admin_key, info.fal_api_url);
        return Some(payloads::Settings { admin_key, api_url, proxy: None });
    }
    Some(payloads::Settings {
        admin_key: exposed(settings.fal.admin_key.as_ref())?,
        api_url: settings.fal.api_url.clone(),
        proxy: exposed(settings.fal.proxy.as_ref()),
    })
}

fn verifier_settings(settings: &Settings, sandbox: Option<&Sandbox>) -> fal::webhook::Settings {
    match sandbox {
        Some(sandbox) => {
            let queue_url = sandbox.info().fal_queue_url;
            fal::webhook::Settings {
                jwks_urls: vec![format!("{queue_url}/.well-known/jwks.json")],
                user_id: Some(sandbox.fal_user_id()),
                proxy: None,
            }
        }
        None => fal::webhook::Settings {
            jwks_urls: settings.fal.jwks_urls.clone(),
            user_id: settings.fal.user_id.clone(),
            proxy: exposed(settings.fal.proxy.as_ref()),
        },
    }
}

/// The webhook to register with Telegram; None: poll.
pub(super) fn webhook(
    settings: &Settings,
    secret_key: &Secret,
) -> Option<telegram::updates::Webhook> {
    let Receive::Webhook { url, connections_max, .. } = &settings.telegram.receive else {
        return None;
    };
    let secret = settings.webhook_secret(secret_key)?;
    Some(telegram::updates::Webhook {
        url: url.clone(),
        secret: secret.expose().to_owned(),
        max_connections: *connections_max,
    })
}

/// How long Telegram may hold a poll that has no updates.
pub(super) fn poll_wait(settings: &Settings) -> Duration {
    match settings.telegram.receive {
        Receive::Polling { wait } => wait,
        Receive::Webhook { .. } => Duration::ZERO,
    }
}

fn pictures(settings: &Settings) -> String {
    match &settings.storage {
        Storage::Disk(root) => format!("disk, {}", root.display()),
        Storage::S3(s3) => {
            let buckets = settings.buckets.names().join(", ");
            format!("S3, {} (buckets {buckets})", s3.endpoint)
        }
    }
}

/// What each part is connected to, in words for the terminal. No secret.
pub(super) fn summary(settings: &Settings) -> Vec<(&'static str, String)> {
    let telegram = match (&settings.mode, &settings.telegram.receive) {
        (Mode::Sandbox, _) => "sandbox (pretended, on loopback)".to_owned(),
        (_, Receive::Polling { .. }) => format!("{} by polling", settings.telegram.api_url),
        (_, Receive::Webhook { .. }) => format!("{} by webhook", settings.telegram.api_url),
    };
    let fal = match settings.mode {
        Mode::Real { .. } => settings.fal.queue_url.clone(),
        Mode::Sandbox | Mode::Trial { .. } => "sandbox (pretended, on loopback)".to_owned(),
    };
    let cache = match &settings.cache {
        Cache::Memory => "in this process".to_owned(),
        Cache::Redis(redis) => redis.shown.clone(),
    };
    vec![
        ("telegram", telegram),
        ("fal", fal),
        ("database", settings.database.to_string()),
        ("pictures", pictures(settings)),
        ("cache", cache),
        ("log", settings.log.file.display().to_string()),
    ]
}
