//! The composition root: settings become adapters, adapters become a running system.

use std::net::SocketAddr;

use aisha_actors::domain::{
    generation::State,
    id::{GenerationId, UserId},
};

use crate::settings::Settings;

/// Runs it all until it is told to stop.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    drop(settings);
    anyhow::bail!("not wired yet")
}

/// Runs the stand-ins alone, on `bind` or on the address of the settings.
pub async fn run_sandbox(settings: Settings, bind: Option<SocketAddr>) -> anyhow::Result<()> {
    drop((settings, bind));
    anyhow::bail!("not wired yet")
}

/// What became, or would become, of a generation that was stuck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    pub generation: GenerationId,
    pub user: UserId,
    /// Where it stood.
    pub was: State,
    /// In a few words for people.
    pub became: String,
}

/// Asks the provider about every stuck generation, then completes or releases it. `dry_run`: only says
/// what it would do.
pub async fn sweep(settings: Settings, dry_run: bool) -> anyhow::Result<Vec<Swept>> {
    drop((settings, dry_run));
    anyhow::bail!("not wired yet")
}
