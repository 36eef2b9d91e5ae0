//! The stand-ins: along with the bot, or alone.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use actix_web::{App, HttpServer};

use crate::{
    sandbox::{Sandbox, fal::Pace},
    settings::Settings,
};

/// Opens the stand-ins of the settings' data folder, reached under `base`.
pub(super) fn open(settings: &Settings, base: &str) -> anyhow::Result<Sandbox> {
    let sandbox = Sandbox::open(&settings.data_dir.join("sandbox"))?;
    sandbox.set_base_url(base);
    sandbox.set_pace(Pace {
        queue_ms: u64::try_from(settings.sandbox.queue.as_millis()).unwrap_or(u64::MAX),
        run_ms: u64::try_from(settings.sandbox.run.as_millis()).unwrap_or(u64::MAX),
        concurrency: usize::try_from(settings.fal.concurrency).unwrap_or(1),
        ..Pace::default()
    });
    Ok(sandbox)
}

/// Runs the stand-ins alone, on `bind` or on the address of the settings, until it is told to stop.
/// Prints one JSON line with all that a bot needs to connect: token and key included, for they open
/// nothing but this sandbox.
///
/// # Errors
/// The address cannot be bound, or the folder cannot be used.
pub async fn run_sandbox(settings: Settings, bind: Option<SocketAddr>) -> anyhow::Result<()> {
    let signals = super::signals();
    let address = bind.unwrap_or(settings.http.bind);
    anyhow::ensure!(address.ip().is_loopback(), "the sandbox answers on loopback only");
    let listener = std::net::TcpListener::bind(address)?;
    let base = format!("http://{}", listener.local_addr()?);
    let sandbox = open(&settings, &base)?;
    let mounted = sandbox.clone();
    let server = HttpServer::new(move || {
        let mounted = mounted.clone();
        App::new().configure(move |config| mounted.configure(config))
    })
    .workers(2)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn_local(server);
    if say(&sandbox).is_err() {
        tracing::debug!("nobody reads the terminal");
    }
    signals.await;
    sandbox.shutdown();
    handle.stop(true).await;
    Ok(())
}

fn say(sandbox: &Sandbox) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(&sandbox.info())?)?;
    out.flush()
}
