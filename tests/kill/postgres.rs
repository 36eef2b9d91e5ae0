//! A PostgreSQL of one test's own, which is stopped, crashed and started again.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::task::block_in_place;

/// What `scripts/servers/postgres` runs. Dropped: stopped.
pub(super) struct Postgres {
    script: Option<Child>,
    url: String,
    dir: TempDir,
}

impl Postgres {
    pub(super) fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder for the server");
        let mut server = Self { script: None, url: String::new(), dir };
        server.start_again();
        server
    }

    /// At its old address, with all that it had.
    pub(super) fn start_again(&mut self) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scripts/servers/postgres");
        let mut command = Command::new(path);
        command.arg(self.dir.path()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut script = command.spawn().expect("the script runs");
        let stdout = script.stdout.take().expect("stdout is piped");
        self.script = Some(script);
        block_in_place(|| {
            for line in BufReader::new(stdout).lines() {
                let line = line.expect("a line of text");
                if let Some(url) = line.strip_prefix("AISHA_TEST_POSTGRES_URL=") {
                    self.url = url.to_owned();
                }
                if line == "ready" {
                    return;
                }
            }
            panic!("PostgreSQL does not start");
        });
    }

    /// With a password. The database is the one that every server has.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// As an operator stops it: transactions are cut off, what was committed is written.
    pub(super) fn stop(&mut self) {
        if let Some(mut script) = self.script.take() {
            signal("-TERM", &script.id().to_string());
            block_in_place(|| script.wait()).expect("it can be waited for");
        }
    }

    /// As a power cut stops it: its next start recovers from its log.
    pub(super) fn crash(&mut self) {
        let path = self.dir.path().join("data/postmaster.pid");
        let told = std::fs::read_to_string(path).expect("it runs");
        signal("-QUIT", told.lines().next().expect("its id"));
        let mut script = self.script.take().expect("it runs");
        let ended = block_in_place(|| script.wait()).expect("it can be waited for");
        assert!(!ended.success(), "the script says that the server ended by itself");
    }
}

fn signal(name: &str, id: &str) {
    let sent = Command::new("kill").args([name, id]).status().expect("kill(1) is there");
    assert!(sent.success(), "SIG{name} could not be sent");
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}
