//! What every test here works with.

mod app;
mod chat;
mod cli;
mod forwarder;
pub(crate) mod log;
mod postgres;
#[path = "../src/redis/testing.rs"]
mod redis_server;
mod rows;
mod s3;
mod stand_ins;
mod user;

pub(crate) use app::{Builder, On, TestApp};
pub(crate) use chat::Message;
pub(crate) use cli::run as aisha;
pub(crate) use forwarder::{FarDatabase, Forwarder};
pub(crate) use postgres::OwnDatabase;
pub(crate) use redis_server::Server as RedisServer;
pub(crate) use s3::S3Server;
pub(crate) use stand_ins::StandIns;
pub(crate) use user::TestUser;

use std::time::Duration;

/// A client that opens a connection for each call: a kept one may just be closed by the other side.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
}

/// How long anything may take before a test fails. Generous: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
