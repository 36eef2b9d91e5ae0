//! What an operator does to Redis: looks whether it is well, and takes keys away by their names.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use redis::cmd;

use super::{Error, Link};

/// Names in one step of a sweep.
const BATCH: usize = 500;

/// How long a scratch key may outlive a doctor who died at work, in seconds.
const SCRATCH_SECONDS: u64 = 60;

/// How a Redis is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pong {
    pub round_trip: Duration,
    pub version: String,
    /// In bytes.
    pub memory: u64,
    /// Keys in the database in use.
    pub keys: u64,
}

impl Link {
    /// Asks how it is.
    ///
    /// # Errors
    /// It cannot be asked, or does not say it.
    pub async fn ping(&self) -> Result<Pong, Error> {
        let began = Instant::now();
        self.query::<()>(&cmd("PING")).await?;
        let round_trip = began.elapsed();
        let mut info: String = self.query(cmd("INFO").arg("server")).await?;
        info.push_str(&self.query::<String>(cmd("INFO").arg("memory")).await?);
        let line = |name: &str| {
            let mut lines = info.lines().filter_map(|line| line.trim().split_once(':'));
            lines.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
        };
        Ok(Pong {
            round_trip,
            version: line("redis_version").unwrap_or_else(|| "unknown".to_owned()),
            memory: line("used_memory").and_then(|bytes| bytes.parse().ok()).unwrap_or_default(),
            keys: self.query(&cmd("DBSIZE")).await?,
        })
    }

    /// Writes a key, reads it and takes it away.
    ///
    /// # Errors
    /// One of these did not work, or something else was read.
    pub async fn try_out(&self) -> Result<(), Error> {
        let word = format!("{:016x}", rand::random::<u64>());
        let key = format!("aisha:doctor:{word}");
        let mut set = cmd("SET");
        self.query::<()>(set.arg(&key).arg(&word).arg("EX").arg(SCRATCH_SECONDS)).await?;
        let read: Option<String> = self.query(cmd("GET").arg(&key)).await?;
        self.query::<u64>(cmd("UNLINK").arg(&key)).await?;
        match read {
            Some(read) if read == word => Ok(()),
            _ => Err(Error::Refused("what was written is not what is read".to_owned())),
        }
    }

    /// Goes through the names that fit the pattern, in small steps that hold nobody up, and takes away
    /// (`dry_run`: only counts) those that `is_ours` says yes to. Gives their number.
    ///
    /// # Errors
    /// Redis went away on the way; what is gone is gone, and a repeat does the rest.
    pub async fn sweep(
        &self,
        pattern: &str,
        dry_run: bool,
        is_ours: impl Fn(&str) -> bool,
    ) -> Result<u64, Error> {
        let (mut cursor, mut count) = (0u64, 0u64);
        // A name may come twice while Redis makes room.
        let mut counted = HashSet::new();
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(BATCH);
            let (next, names): (u64, Vec<Vec<u8>>) = self.query(&scan).await?;
            let ours = names.into_iter().filter(|name| {
                let text = std::str::from_utf8(name);
                text.is_ok_and(&is_ours)
            });
            let ours: Vec<Vec<u8>> = ours.collect();
            count += match (dry_run, ours.is_empty()) {
                (_, true) => 0,
                (true, false) => {
                    ours.into_iter().filter(|name| counted.insert(name.clone())).count() as u64
                }
                (false, false) => self.query(cmd("UNLINK").arg(ours)).await?,
            };
            if next == 0 {
                return Ok(count);
            }
            cursor = next;
        }
    }
}
