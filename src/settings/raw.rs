//! The settings as they are written: one struct per section of `config.toml`, one field per key.
//!
//! Nothing here is checked beyond its type; that is `validate`'s work. The defaults of these types are
//! what `config.toml` in the repository lists, and a test keeps the two equal. No secret has a key
//! here: secrets come from the environment only.

use serde::{Deserialize, Serialize};

use super::models::{RawModel, default_models};

/// A whole `config.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    pub data_dir: String,
    pub bot: Bot,
    pub limits: Limits,
    pub telegram: Telegram,
    pub fal: Fal,
    pub database: Database,
    pub s3: S3,
    pub nodes: Nodes,
    pub actors: Actors,
    pub sandbox: Sandbox,
    pub web: Web,
    pub log: Log,
    pub alerts: Alerts,
    pub admin: Admin,
    pub models: Vec<RawModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    pub welcome_credits: u32,
    pub contact: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub open_generations_per_person: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    pub api_url: String,
    pub mode: String,
    pub webhook_url: String,
    pub webhook_connections_max: u32,
    pub long_poll_seconds: u32,
    pub request_timeout_seconds: u32,
    pub calls_per_second_max: u32,
    pub chat_interval_ms: u64,
    pub chat_burst: u32,
    pub progress_interval_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fal {
    pub queue_url: String,
    pub api_url: String,
    pub webhook_url: String,
    pub jwks_urls: Vec<String>,
    pub user_id: String,
    pub concurrency: u32,
    pub submit_grace_seconds: u32,
    pub poll_min_ms: u64,
    pub poll_max_ms: u64,
    pub download_hosts: Vec<String>,
    pub download_bytes_max: u64,
    pub download_timeout_seconds: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    pub public_endpoint: String,
    pub region: String,
    pub prefix: String,
    pub bucket_imagen4: String,
    pub bucket_generated: String,
    pub bucket_avatars: String,
    pub bucket_photos: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub connections: u32,
    pub connect_timeout_seconds: u32,
    pub statement_timeout_seconds: u32,
    pub lock_timeout_seconds: u32,
    pub idle_in_transaction_timeout_seconds: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    pub lease_seconds: u32,
    pub renew_ms: u64,
    pub look_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actors {
    pub session_mailbox: u32,
    pub gallery_mailbox: u32,
    pub tracker_mailbox: u32,
    pub writer_mailbox: u32,
    pub ledger_mailbox: u32,
    pub turn_deadline_ms: u64,
    pub idle_minutes: u32,
    pub live_users_max: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    pub welcome_credits: u32,
    pub queue_ms: u64,
    pub run_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    pub bind: String,
    pub admin_bind: String,
    pub admin_url: String,
    pub trusted_proxies: Vec<String>,
    pub connections_max: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: String,
    pub file: String,
    pub keep_days: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    pub alone_max_credits: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    pub language: String,
    pub settle_ms: u64,
    pub backup_hours_max: u32,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            data_dir: "data".to_owned(),
            bot: Bot { welcome_credits: 0, contact: String::new() },
            limits: Limits { open_generations_per_person: 3 },
            telegram: Telegram::default(),
            fal: Fal::default(),
            database: Database::default(),
            s3: S3::default(),
            nodes: Nodes { lease_seconds: 5, renew_ms: 1_000, look_ms: 200 },
            actors: Actors::default(),
            sandbox: Sandbox { welcome_credits: 100, queue_ms: 1_500, run_ms: 3_000 },
            web: Web {
                bind: "127.0.0.1:8080".to_owned(),
                admin_bind: String::new(),
                admin_url: String::new(),
                trusted_proxies: Vec::new(),
                connections_max: 1_000,
            },
            log: Log {
                level: "info".to_owned(),
                format: "plain".to_owned(),
                file: "logs/app.log".to_owned(),
                keep_days: 14,
            },
            alerts: Alerts { language: "en".to_owned(), settle_ms: 15_000, backup_hours_max: 48 },
            admin: Admin { alone_max_credits: 10_000 },
            models: default_models(),
        }
    }
}

impl Default for Telegram {
    fn default() -> Self {
        Self {
            api_url: "https://api.telegram.org".to_owned(),
            mode: "polling".to_owned(),
            webhook_url: String::new(),
            webhook_connections_max: 40,
            long_poll_seconds: 50,
            request_timeout_seconds: 30,
            calls_per_second_max: 25,
            chat_interval_ms: 1_000,
            chat_burst: 3,
            progress_interval_ms: 2_000,
        }
    }
}

impl Default for Fal {
    fn default() -> Self {
        Self {
            queue_url: "https://queue.fal.run".to_owned(),
            api_url: "https://api.fal.ai".to_owned(),
            webhook_url: String::new(),
            // The address has moved once already (reference: both are in use), so it is a list.
            jwks_urls: vec![
                "https://rest.fal.ai/.well-known/jwks.json".to_owned(),
                "https://rest.alpha.fal.ai/.well-known/jwks.json".to_owned(),
            ],
            user_id: String::new(),
            concurrency: 2,
            submit_grace_seconds: 60,
            poll_min_ms: 500,
            poll_max_ms: 5_000,
            download_hosts: vec!["fal.media".to_owned(), "*.fal.media".to_owned()],
            download_bytes_max: 32 * 1024 * 1024,
            download_timeout_seconds: 60,
        }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            public_endpoint: String::new(),
            region: "us-east-1".to_owned(),
            prefix: String::new(),
            bucket_imagen4: "imagen4".to_owned(),
            bucket_generated: "generated".to_owned(),
            bucket_avatars: "avatars".to_owned(),
            bucket_photos: "photos".to_owned(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            connections: 8,
            connect_timeout_seconds: 5,
            statement_timeout_seconds: 10,
            lock_timeout_seconds: 5,
            idle_in_transaction_timeout_seconds: 5,
        }
    }
}

impl Default for Actors {
    fn default() -> Self {
        Self {
            session_mailbox: 1_024,
            gallery_mailbox: 16,
            tracker_mailbox: 1_024,
            writer_mailbox: 256,
            ledger_mailbox: 1_024,
            turn_deadline_ms: 5_000,
            idle_minutes: 10,
            live_users_max: 20_000,
        }
    }
}
