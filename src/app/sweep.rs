//! `aisha generation sweep`: what is open is asked about, then completed or released. Never deleted.

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        generation::{Generation, State},
        id::{GenerationId, UserId},
    },
    port::{Clock, Generator, Kind, ProviderStatus, Records, Wake},
};

use super::App;
use crate::{
    db::{Database, Error},
    fal,
    settings::{Mode, Settings},
    world::SystemClock,
};

/// How long a sweep works on what is open; what takes longer goes on with the next start.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the rows are looked at meanwhile.
const LOOK: Duration = Duration::from_millis(500);

/// What became, or would become, of a generation that was open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    pub generation: GenerationId,
    pub user: UserId,
    /// Where it stood.
    pub was: State,
    /// In a few words for people.
    pub became: String,
}

/// Asks the provider about every open generation, then completes or releases it. `dry_run`: only says
/// what it would do. Beside a running `serve`, which does that all the time, it only says how they are.
///
/// # Errors
/// The database cannot be read, or the program cannot be started to work on it.
pub async fn sweep(settings: Settings, dry_run: bool) -> anyhow::Result<Vec<Swept>> {
    let database = Database::open(&settings.database, Arc::new(SystemClock)).await?;
    let open = database.live_generations().await?;
    let open: Vec<Generation> = open.into_iter().filter(|row| row.state.is_open()).collect();
    let serving = match database.lock_serve() {
        Ok(_given_back) => database.nodes().await?.iter().any(|node| node.alive),
        Err(Error::Served) => true,
        Err(error) => return Err(error.into()),
    };
    if dry_run || serving || open.is_empty() {
        let key = settings.mode.fal_key().map(|key| key.expose().to_owned());
        let client = match (&settings.mode, key) {
            (Mode::Real { .. }, Some(key)) => Some(asker(&settings, key)?),
            _ => None,
        };
        let swept = look(&open, client.as_ref(), serving).await;
        if serving && !dry_run {
            super::wake(&settings, Wake::RowsChanged).await;
        }
        return Ok(swept);
    }
    drop(database);
    work(&settings, open).await
}

fn asker(settings: &Settings, key: String) -> anyhow::Result<fal::Client> {
    let fal_settings = fal::Settings {
        key,
        queue_url: settings.fal.queue_url.clone(),
        proxy: settings.fal.proxy.as_ref().map(|proxy| proxy.expose().to_owned()),
        webhook_url: None,
    };
    Ok(fal::Client::new(&fal_settings, Arc::new(SystemClock))?)
}

/// Starts the program for as long as it takes to settle what is open.
async fn work(settings: &Settings, open: Vec<Generation>) -> anyhow::Result<Vec<Swept>> {
    let app = App::start(settings).await?;
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        let rows = app.database.live_generations().await?;
        let left = rows
            .iter()
            .any(|row| row.state.is_open() && open.iter().any(|known| known.id == row.id));
        if !left {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    let mut swept = Vec::with_capacity(open.len());
    for row in open {
        let now = app.database.generation(row.id).await?;
        let became = now.map_or_else(|| "gone".to_owned(), |row| describe(&row));
        swept.push(Swept { generation: row.id, user: row.user, was: row.state, became });
    }
    app.stop().await;
    Ok(swept)
}

fn describe(row: &Generation) -> String {
    match (row.state, row.failure) {
        (State::Captured | State::Delivered, _) => {
            format!("{}: {} pictures paid for", row.state.name(), row.captured)
        }
        (state, Some(failure)) => format!("{} ({}): hold released", state.name(), failure.name()),
        (state, None) if state.is_open() => {
            format!("still {}: goes on at the next start", state.name())
        }
        (state, None) => format!("{}: hold released", state.name()),
    }
}

async fn look(open: &[Generation], client: Option<&fal::Client>, serving: bool) -> Vec<Swept> {
    let mut swept = Vec::with_capacity(open.len());
    for row in open {
        let mut became = prospect(row, client).await;
        if serving {
            became.push_str(" (the running bot sees to it)");
        }
        swept.push(Swept { generation: row.id, user: row.user, was: row.state, became });
    }
    swept
}

/// What the next step of the running program would do.
async fn prospect(row: &Generation, client: Option<&fal::Client>) -> String {
    let late = SystemClock.now() >= row.deadline_at;
    let (Some(ticket), Some(client)) = (&row.ticket, client) else {
        return match (row.state, late) {
            (State::Reserved, true) => "expires: the hold is released".to_owned(),
            (State::Reserved, false) => "is submitted when there is a place".to_owned(),
            (State::Resulted, _) => "its pictures are fetched, then paid for".to_owned(),
            _ => "is asked about at the provider".to_owned(),
        };
    };
    match client.status(ticket).await {
        Ok(ProviderStatus::Completed) => "is completed with the provider's result".to_owned(),
        Ok(_) if late => "is cancelled there and expires: the hold is released".to_owned(),
        Ok(ProviderStatus::Running) => "is running at the provider: goes on".to_owned(),
        Ok(ProviderStatus::Waiting { position }) => {
            format!("waits at the provider behind {position}: goes on")
        }
        Err(error) if error.kind == Kind::NotFound => {
            "is unknown to the provider: the hold is released".to_owned()
        }
        Err(error) => format!("the provider does not answer ({error}): is asked again"),
    }
}
