//! What the nodes of one house share over Redis, and what stands in for it where there is none.

use std::sync::Arc;

use aisha_actors::port::{self, NobodyElse, Wake};

use super::watch::Counted;
use crate::{
    cache,
    metrics::Metrics,
    nodes::{Pacing, Wakes, bot_word},
    redis::{self, Link},
    settings::{Cache, Settings},
    telegram::pace::{self, Gate},
};

/// What the in-process cache may take, in bytes.
const CACHE_BYTES_MAX: u64 = 32 << 20;

/// The way to Redis and what goes over it.
pub(super) struct Shared {
    pub link: Link,
    pub wakes: Wakes,
    house: String,
    bot: String,
}

impl Shared {
    /// None: the settings name no Redis. Does not wait for it.
    pub(super) fn open(settings: &Settings, token: String) -> anyhow::Result<Option<Self>> {
        let Cache::Redis(redis) = &settings.cache else { return Ok(None) };
        let house = house(settings)?;
        let link = Link::open(redis::Settings::new(redis.url.expose()))?;
        let wakes = Wakes::new(link.clone(), &house);
        Ok(Some(Self { link, wakes, house, bot: bot_word(&token) }))
    }

    /// Every call to Telegram goes through it.
    pub(super) fn gate(shared: Option<&Self>, settings: pace::Settings) -> Arc<Gate> {
        let Some(shared) = shared else { return Arc::new(Gate::new(settings, None)) };
        let pacing = Pacing::new(shared.link.clone(), shared.bot.clone(), settings);
        let gate = Arc::new(Gate::new(settings, Some(Arc::new(pacing.clone()))));
        pacing.tell(&gate);
        gate
    }
}

/// The cache that the actors use.
pub(super) fn cache(shared: Option<&Shared>, metrics: &Metrics) -> Arc<dyn port::Cache> {
    let metrics = metrics.clone();
    match shared {
        None => Arc::new(Counted { inner: cache::Memory::new(CACHE_BYTES_MAX), metrics }),
        Some(shared) => {
            let inner = cache::Redis::new(shared.link.clone(), shared.house.clone());
            Arc::new(Counted { inner, metrics })
        }
    }
}

/// A word for this bot and its database, the same on all nodes: they have one secret key.
fn house(settings: &Settings) -> anyhow::Result<String> {
    let word = settings.secret_key()?.derive("shared cache");
    Ok(word.expose().chars().take(16).collect())
}

/// The way to tell other processes.
pub(super) fn wakes(shared: Option<&Shared>) -> Arc<dyn port::Wakes> {
    match shared {
        None => Arc::new(NobodyElse),
        Some(shared) => Arc::new(shared.wakes.clone()),
    }
}

/// Wakes the running bot from outside, as far as there is a Redis and a bot. What comes of it is no
/// trouble: the bot looks at its rows anyway.
pub async fn wake(settings: &Settings, wake: Wake) {
    let Cache::Redis(redis) = &settings.cache else { return };
    // Without a key nothing was ever served from here, and a look makes none.
    if !matches!(settings.secret_key_there(), Ok(true)) {
        return;
    }
    let Ok(house) = house(settings) else { return };
    let Ok(link) = Link::open(redis::Settings::brisk(redis.url.expose())) else { return };
    let told = match link.reach().await {
        Ok(()) => Wakes::new(link.clone(), &house).tell_now(wake).await,
        Err(error) => Err(error),
    };
    if let Err(error) = told {
        tracing::debug!(%error, "the running bot was not woken");
    }
    link.close().await;
}
