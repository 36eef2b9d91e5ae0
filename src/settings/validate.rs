//! From what is written to what can be relied on: every check that stops a start.

mod redis;
mod spans;
mod storage;
mod values;

use std::{net::IpAddr, time::Duration};

use aisha_actors::domain::{ledger::Credits, text::Language};
use tracing::Level;

use crate::db::{self, Server, Target};

use super::{
    Actors, Alerts, Bot, Error, Fal, Http, Limits, Log, LogFormat, Mode, Nodes, Pacing, Receive,
    Sandbox, Settings, Shown, Telegram,
    environment::Environment,
    models,
    raw::Raw,
    secret::{SECRET_LEN_MIN, Secret},
};
use values::{is_host, is_token, is_webhook_secret};

/// Checks everything against everything.
pub(super) fn settings(raw: Raw, environment: &Environment) -> Result<Settings, Error> {
    let check = Check { raw: &raw, environment };
    let production = check.production()?;
    let mode = check.mode(production)?;
    let data_dir = check.path("data_dir", &raw.data_dir)?;
    let http = check.http(&mode)?;
    let buckets = check.buckets()?;
    let database = check.database(production, &data_dir)?;
    Ok(Settings {
        production,
        crash_command: check.crash_command()? || mode == Mode::Sandbox,
        welcome_credits: match mode {
            Mode::Sandbox => raw.sandbox.welcome_credits,
            Mode::Trial { .. } | Mode::Real { .. } => raw.bot.welcome_credits,
        },
        cache: check.cache(production)?,
        given_secret_key: check.secret_key(production, &database)?,
        database,
        nodes: check.nodes()?,
        storage: check.storage(production, &data_dir)?,
        catalogue: models::catalogue(&raw.models, &buckets)?,
        buckets,
        http,
        telegram: check.telegram()?,
        fal: check.fal()?,
        bot: Bot { contact: raw.bot.contact.trim().to_owned() },
        limits: check.limits()?,
        actors: check.actors()?,
        sandbox: check.sandbox()?,
        log: check.log()?,
        admin_chat: check.admin_chat()?,
        alerts: check.alerts()?,
        alone_max: check.alone_max()?,
        warnings: check.warnings(&mode),
        data_dir,
        mode,
        shown: Shown { set: environment.unkeyed(), raw },
        origin: None,
    })
}

struct Check<'a> {
    raw: &'a Raw,
    environment: &'a Environment,
}

impl Check<'_> {
    fn production(&self) -> Result<bool, Error> {
        match self.environment.get("AISHA_ENV") {
            None | Some("development") => Ok(false),
            Some("production") => Ok(true),
            Some(_) => Err(Error::value("AISHA_ENV", "it is production or development")),
        }
    }

    fn mode(&self, production: bool) -> Result<Mode, Error> {
        let token = self.environment.secret("TELEGRAM_TOKEN");
        let key = self.fal_key("FAL_KEY")?;
        if token.as_ref().is_some_and(|token| !is_token(token.expose())) {
            return Err(Error::value(
                "TELEGRAM_TOKEN",
                "it looks like 123456:ABC-DEF, without spaces",
            ));
        }
        let mode = match (token, key) {
            (None, None) => Mode::Sandbox,
            (Some(token), Some(key)) if key.expose() == "sandbox" => Mode::Trial { token },
            (Some(token), Some(fal_key)) => Mode::Real { token, fal_key },
            (Some(_), None) => {
                let what = "it is missing while TELEGRAM_TOKEN is set; \
                            set it, or FAL_KEY=sandbox to try the bot with pretended pictures";
                return Err(Error::value("FAL_KEY", what));
            }
            (None, Some(_)) => {
                let what = "it is missing while FAL_KEY is set; set both, or none for the sandbox";
                return Err(Error::value("TELEGRAM_TOKEN", what));
            }
        };
        match (production, &mode) {
            (true, Mode::Sandbox) => {
                let what = "it is missing: AISHA_ENV=production refuses the sandbox";
                Err(Error::value("TELEGRAM_TOKEN", what))
            }
            (true, Mode::Trial { .. }) => {
                Err(Error::value("FAL_KEY", "AISHA_ENV=production refuses the sandbox"))
            }
            _ => Ok(mode),
        }
    }

    fn fal_key(&self, name: &'static str) -> Result<Option<Secret>, Error> {
        let key = self.environment.secret(name);
        if key.as_ref().is_some_and(|key| !key.expose().bytes().all(|b| b.is_ascii_graphic())) {
            return Err(Error::value(name, "it has characters that no key has"));
        }
        Ok(key)
    }

    fn crash_command(&self) -> Result<bool, Error> {
        match self.environment.get("AISHA_CRASH_COMMAND") {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(Error::value("AISHA_CRASH_COMMAND", "it is 1 or 0")),
        }
    }

    fn database(&self, production: bool, data_dir: &std::path::Path) -> Result<Target, Error> {
        let name = "DATABASE_URL";
        let limits = self.database_limits()?;
        match self.environment.get(name) {
            None if production => Err(unnamed(name, "DATABASE_URL=sqlite:PATH")),
            None => Ok(Target::File(data_dir.join("aisha.db"))),
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                let server = Server { url: url.to_owned(), folder: data_dir.to_owned(), limits };
                server.check().map_err(|what| Error::value(name, what))?;
                Ok(Target::Server(server))
            }
            Some(url) => {
                let path = url.strip_prefix("sqlite:");
                // Other programs write two slashes before the path.
                match path.map(|path| path.strip_prefix("//").unwrap_or(path)) {
                    Some(path) if !path.is_empty() && !path.starts_with(':') => {
                        self.path(name, path).map(Target::File)
                    }
                    _ => Err(Error::value(
                        name,
                        "it looks like postgres://user:password@host/name or sqlite:PATH",
                    )),
                }
            }
        }
    }

    fn database_limits(&self) -> Result<db::Limits, Error> {
        let raw = &self.raw.database;
        let seconds =
            |key: &str, seconds: u32| self.seconds(&format!("database.{key}"), seconds, 1, 600);
        let connections = self.within("database.connections", raw.connections, 1, 1_000)?;
        Ok(db::Limits {
            connections: connections as usize,
            connect: seconds("connect_timeout_seconds", raw.connect_timeout_seconds)?,
            statement: seconds("statement_timeout_seconds", raw.statement_timeout_seconds)?,
            lock: seconds("lock_timeout_seconds", raw.lock_timeout_seconds)?,
            idle_in_transaction: seconds(
                "idle_in_transaction_timeout_seconds",
                raw.idle_in_transaction_timeout_seconds,
            )?,
        })
    }

    fn http(&self, mode: &Mode) -> Result<Http, Error> {
        let web = &self.raw.web;
        let bind = self.address("web.bind", &web.bind)?;
        let admin_bind = match web.admin_bind.trim() {
            "" => None,
            text => Some(self.address("web.admin_bind", text)?),
        };
        if *mode == Mode::Sandbox && !bind.ip().is_loopback() {
            let what = "the sandbox answers on loopback only, such as 127.0.0.1:8080";
            return Err(self.wrong("web.bind", what));
        }
        if *mode == Mode::Sandbox && admin_bind.is_some_and(|bind| !bind.ip().is_loopback()) {
            return Err(self.wrong("web.admin_bind", "the sandbox answers on loopback only"));
        }
        if admin_bind == Some(bind) && bind.port() != 0 {
            return Err(self.wrong("web.admin_bind", "it is the same as web.bind (HTTP_BIND)"));
        }
        let connections_max =
            self.within("web.connections_max", web.connections_max, 1, 100_000)?;
        let admin_url = match web.admin_url.trim() {
            "" => None,
            text => Some(self.base("web.admin_url", text)?),
        };
        if admin_url.as_ref().is_some_and(|url| url.matches('/').count() > 2) {
            return Err(self.wrong("web.admin_url", "it has no path; /admin follows"));
        }
        let proxies = web.trusted_proxies.iter().map(|text| {
            let wrong =
                |_| self.wrong("web.trusted_proxies", "they are addresses, such as 10.0.0.1");
            text.trim().parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(wrong)
        });
        let trusted_proxies = proxies.collect::<Result<_, _>>()?;
        let connections_max = connections_max as usize;
        Ok(Http { bind, admin_bind, admin_url, trusted_proxies, connections_max })
    }

    fn telegram(&self) -> Result<Telegram, Error> {
        let raw = &self.raw.telegram;
        let secret = self.environment.secret("TELEGRAM_WEBHOOK_SECRET");
        if secret.as_ref().is_some_and(|secret| !is_webhook_secret(secret.expose())) {
            let what = "it is 1 to 256 of A-Z, a-z, 0-9, '_' and '-'";
            return Err(Error::value("TELEGRAM_WEBHOOK_SECRET", what));
        }
        let receive = match raw.mode.as_str() {
            "polling" => Receive::Polling {
                wait: self.seconds("telegram.long_poll_seconds", raw.long_poll_seconds, 0, 50)?,
            },
            "webhook" if raw.webhook_url.trim().is_empty() => {
                let what = "it is missing while the mode is webhook";
                return Err(Error::value("TELEGRAM_WEBHOOK_URL", what));
            }
            "webhook" => Receive::Webhook {
                url: self.own_address(
                    "telegram.webhook_url",
                    &raw.webhook_url,
                    "/telegram/webhook",
                )?,
                secret,
                connections_max: self.within(
                    "telegram.webhook_connections_max",
                    raw.webhook_connections_max,
                    1,
                    100,
                )?,
            },
            _ => return Err(self.wrong("telegram.mode", "it is polling or webhook")),
        };
        let timeout = raw.request_timeout_seconds;
        Ok(Telegram {
            api_url: self.base("telegram.api_url", &raw.api_url)?,
            proxy: self.proxy("TELEGRAM_PROXY")?,
            receive,
            request_timeout: self.seconds("telegram.request_timeout_seconds", timeout, 1, 300)?,
            pacing: Pacing {
                calls_per_second_max: self.within(
                    "telegram.calls_per_second_max",
                    raw.calls_per_second_max,
                    1,
                    1_000,
                )?,
                chat_interval: self.millis("telegram.chat_interval_ms", raw.chat_interval_ms, 0)?,
                chat_burst: self.within("telegram.chat_burst", raw.chat_burst, 1, 100)?,
                progress_interval: self.millis(
                    "telegram.progress_interval_ms",
                    raw.progress_interval_ms,
                    100,
                )?,
            },
        })
    }

    fn fal(&self) -> Result<Fal, Error> {
        let raw = &self.raw.fal;
        let poll_min = self.millis("fal.poll_min_ms", raw.poll_min_ms, 10)?;
        let poll_max = self.millis("fal.poll_max_ms", raw.poll_max_ms, 10)?;
        if poll_max < poll_min {
            return Err(self.wrong("fal.poll_max_ms", "it is less than fal.poll_min_ms"));
        }
        let webhook_url = match raw.webhook_url.trim() {
            "" => None,
            url => Some(self.own_address("fal.webhook_url", url, "/fal/webhook")?),
        };
        let jwks = raw.jwks_urls.iter().map(|url| self.base("fal.jwks_urls", url));
        let jwks_urls = jwks.collect::<Result<Vec<_>, _>>()?;
        if webhook_url.is_some() && jwks_urls.is_empty() {
            return Err(self.wrong("fal.jwks_urls", "a webhook needs at least one key set"));
        }
        if raw.download_hosts.iter().any(|host| !is_host(host)) {
            let what = "each is a host name, or *.name for all below it";
            return Err(self.wrong("fal.download_hosts", what));
        }
        let grace = raw.submit_grace_seconds;
        let patience = raw.download_timeout_seconds;
        Ok(Fal {
            queue_url: self.base("fal.queue_url", &raw.queue_url)?,
            admin_key: self.fal_key("FAL_ADMIN_KEY")?,
            api_url: self.base("fal.api_url", &raw.api_url)?,
            proxy: self.proxy("FAL_PROXY")?,
            webhook_url,
            jwks_urls,
            user_id: Some(raw.user_id.trim().to_owned()).filter(|id| !id.is_empty()),
            concurrency: self.within("fal.concurrency", raw.concurrency, 1, 1_000)?,
            submit_grace: self.seconds("fal.submit_grace_seconds", grace, 1, 3_600)?,
            poll_min,
            poll_max,
            download_hosts: raw.download_hosts.iter().map(|h| h.to_ascii_lowercase()).collect(),
            download_bytes_max: self.bytes("fal.download_bytes_max", raw.download_bytes_max)?,
            download_timeout: self.seconds("fal.download_timeout_seconds", patience, 1, 600)?,
        })
    }

    fn limits(&self) -> Result<Limits, Error> {
        let open = self.raw.limits.open_generations_per_person;
        Ok(Limits {
            open_generations_per_person: self.within(
                "limits.open_generations_per_person",
                open,
                1,
                100,
            )?,
        })
    }

    fn nodes(&self) -> Result<Nodes, Error> {
        let raw = &self.raw.nodes;
        let lease = self.seconds("nodes.lease_seconds", raw.lease_seconds, 2, 60)?;
        let renew = self.millis("nodes.renew_ms", raw.renew_ms, 50)?;
        if renew * 3 > lease {
            return Err(
                self.wrong("nodes.renew_ms", "a lease must last for three renewals at least")
            );
        }
        Ok(Nodes { lease, renew, look: self.millis("nodes.look_ms", raw.look_ms, 20)? })
    }

    fn actors(&self) -> Result<Actors, Error> {
        let raw = &self.raw.actors;
        let mailbox = |key: &str, length: u32| {
            self.within(&format!("actors.{key}"), length, 1, 1_000_000)
                .map(|length| length as usize)
        };
        let idle = self.within("actors.idle_minutes", raw.idle_minutes, 1, 10_080)?;
        let live = self.within("actors.live_users_max", raw.live_users_max, 1, 10_000_000)?;
        Ok(Actors {
            session_mailbox: mailbox("session_mailbox", raw.session_mailbox)?,
            gallery_mailbox: mailbox("gallery_mailbox", raw.gallery_mailbox)?,
            tracker_mailbox: mailbox("tracker_mailbox", raw.tracker_mailbox)?,
            writer_mailbox: mailbox("writer_mailbox", raw.writer_mailbox)?,
            ledger_mailbox: mailbox("ledger_mailbox", raw.ledger_mailbox)?,
            turn_deadline: self.millis("actors.turn_deadline_ms", raw.turn_deadline_ms, 10)?,
            idle: Duration::from_secs(u64::from(idle) * 60),
            live_users_max: live as usize,
        })
    }

    fn sandbox(&self) -> Result<Sandbox, Error> {
        Ok(Sandbox {
            queue: self.millis("sandbox.queue_ms", self.raw.sandbox.queue_ms, 0)?,
            run: self.millis("sandbox.run_ms", self.raw.sandbox.run_ms, 0)?,
        })
    }

    fn log(&self) -> Result<Log, Error> {
        let raw = &self.raw.log;
        let level = match raw.level.to_ascii_lowercase().as_str() {
            "error" => Level::ERROR,
            "warn" | "warning" => Level::WARN,
            "info" => Level::INFO,
            "debug" => Level::DEBUG,
            "trace" => Level::TRACE,
            _ => {
                let what = "it is one of error, warn, info, debug, trace";
                return Err(self.wrong("log.level", what));
            }
        };
        let format = match raw.format.as_str() {
            "plain" => LogFormat::Plain,
            "json" => LogFormat::Json,
            _ => return Err(self.wrong("log.format", "it is plain or json")),
        };
        let file = self.path("log.file", &raw.file)?;
        if file.file_name().is_none() {
            return Err(self.wrong("log.file", "it names no file"));
        }
        let keep_days = self.within("log.keep_days", raw.keep_days, 1, 3_650)? as usize;
        Ok(Log { level, format, file, keep_days, spans: self.spans()? })
    }

    fn admin_chat(&self) -> Result<Option<i64>, Error> {
        let name = "ADMIN_CHAT_ID";
        let chat = self.environment.get(name).map(str::parse);
        chat.transpose().map_err(|_| Error::value(name, "it is a whole number"))
    }

    fn alerts(&self) -> Result<Alerts, Error> {
        let raw = &self.raw.alerts;
        let language = match raw.language.trim() {
            "en" => Language::En,
            "ru" => Language::Ru,
            _ => return Err(self.wrong("alerts.language", "it is en or ru")),
        };
        let hours =
            u64::from(self.within("alerts.backup_hours_max", raw.backup_hours_max, 0, 8_784)?);
        Ok(Alerts {
            language,
            settle: self.millis("alerts.settle_ms", raw.settle_ms, 100)?,
            backup_age_max: (hours > 0).then(|| Duration::from_secs(hours * 3600)),
        })
    }

    fn alone_max(&self) -> Result<Credits, Error> {
        let (key, most) = ("admin.alone_max_credits", self.raw.admin.alone_max_credits);
        Ok(Credits(i64::from(self.within(key, most, 0, 1_000_000_000)?)))
    }

    /// Given, or made once in the folder. Several nodes must have the same: what one signs or is told by
    /// Telegram comes back to another.
    fn secret_key(&self, production: bool, database: &Target) -> Result<Option<Secret>, Error> {
        let key = self.environment.secret("SECRET_KEY");
        if key.is_none() && production && matches!(database, Target::Server(_)) {
            let what = "it is missing: AISHA_ENV=production on PostgreSQL wants it, the same for all nodes";
            return Err(Error::value("SECRET_KEY", what));
        }
        if key.as_ref().is_some_and(|key| key.expose().len() < SECRET_LEN_MIN) {
            let what = format!("it has at least {SECRET_LEN_MIN} characters");
            return Err(Error::value("SECRET_KEY", what));
        }
        Ok(key)
    }

    /// What was said and will not be heard. Not wrong, but worth a word at the start.
    fn warnings(&self, mode: &Mode) -> Vec<String> {
        let unheard: &[&'static str] = match mode {
            Mode::Sandbox => &[
                "TELEGRAM_API_URL",
                "TELEGRAM_PROXY",
                "FAL_QUEUE_URL",
                "FAL_ADMIN_KEY",
                "FAL_API_URL",
                "FAL_PROXY",
            ],
            Mode::Trial { .. } => &["FAL_QUEUE_URL", "FAL_ADMIN_KEY", "FAL_API_URL", "FAL_PROXY"],
            Mode::Real { .. } => &[],
        };
        let unheard = unheard.iter().filter(|name| self.environment.get(name).is_some());
        unheard.map(|name| format!("{name} is not used: the sandbox stands in")).collect()
    }
}

fn unnamed(name: &str, embedded: &str) -> Error {
    let what = format!("AISHA_ENV=production wants it named; `{embedded}` is the embedded one");
    Error::value(name, what)
}
