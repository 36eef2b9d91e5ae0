//! The stand-ins on a server of their own, as `aisha sandbox` runs them.

use actix_web::{App, HttpServer, dev::ServerHandle};
use aisha::sandbox::{Info, Sandbox, fal::Pace};
use tempfile::TempDir;

/// A Telegram and a FAL that a program in real mode is connected to.
pub(crate) struct StandIns {
    sandbox: Sandbox,
    server: ServerHandle,
    base: String,
    _dir: TempDir,
}

impl StandIns {
    /// Starts them on a free port.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::open(dir.path()).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        sandbox.set_base_url(&base);
        sandbox.set_pace(Pace { queue_ms: 20, run_ms: 30, concurrency: 4, webhook_retry_ms: 50 });
        let mounted = sandbox.clone();
        let server = HttpServer::new(move || {
            let mounted = mounted.clone();
            App::new().configure(move |config| mounted.configure(config))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::task::spawn_local(server);
        Self { sandbox, server: handle, base, _dir: dir }
    }

    pub(crate) fn info(&self) -> Info {
        self.sandbox.info()
    }

    /// The account that webhooks name.
    pub(crate) fn fal_user_id(&self) -> String {
        self.sandbox.fal_user_id()
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) async fn stop(self) {
        self.sandbox.shutdown();
        self.server.stop(false).await;
    }
}
