//! A Redis for tests. `tests/support` uses this file too: std, tokio and the crate `redis` only.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a server may take to come up. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server of the test's own, which may be stopped and killed.
pub(crate) struct Server {
    child: Option<Child>,
    port: u16,
    options: Vec<String>,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With further options on its command line.
    pub(crate) fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder_name = folder.path().display().to_string();
        let always = ["--dir", &folder_name, "--save", "", "--appendonly", "no"];
        let options = always.iter().chain(options).map(|word| (*word).to_owned()).collect();
        let mut server = Self { child: None, port, options, _folder: folder };
        server.start_again();
        server
    }

    /// Starts it on its old port, empty.
    pub(crate) fn start_again(&mut self) {
        self.kill();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is not there: run ./scripts/test, or ./scripts/setup once");
        self.child = Some(child);
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "redis-server does not come up");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// A connection beside the program's.
    pub(crate) fn client(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let id = child.id().to_string();
            let sent = Command::new("kill").args([name, &id]).status().unwrap();
            assert!(sent.success());
        }
    }

    /// It accepts connections (the kernel does) and answers nothing.
    pub(crate) fn hang(&self) {
        self.signal("-STOP");
        let id = self.child.as_ref().map(Child::id).unwrap();
        // The signal is on its way.
        while !std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap().contains(") T ") {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    /// As `kill -9` does it.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
