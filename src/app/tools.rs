//! `aisha storage …`: what the operator does to pictures, with or without a running `serve` beside it.
//!
//! Every change goes through the store's own commits, whose guards settle what happens at the same time.

mod check;
mod cleanup;

use std::sync::Arc;

use aisha_actors::{
    domain::{
        id::{PictureId, UserId},
        picture::{Picture, PictureState},
    },
    port::{self, Downloads as Fetches, Objects, Records},
    writer,
};
use anyhow::Context;
use indicatif::ProgressBar;
use serde::Deserialize;

pub use check::{Checked, Found, Misplaced, Missing, Stray, check};
pub(super) use check::{Place, check_in};
pub use cleanup::{Cleaned, Ending, cleanup};

use super::{connect, storage};
use crate::{
    db::Database,
    downloads::Downloads,
    fal,
    settings::{Mode, Settings},
    world::SystemClock,
};

/// Rows and objects that are read at once.
const PAGE: usize = 500;

/// Rows of pictures that wait for storage.
const WAITING: &[PictureState] = &[PictureState::Fallback];

/// The provider, as a command reaches it.
struct Provider {
    generator: fal::Client,
    downloads: Downloads,
}

/// What `/sandbox/info` tells, as far as it is needed here.
#[derive(Deserialize)]
struct Info {
    fal_queue_url: String,
    fal_key: String,
}

/// The provider of the settings. A pretended one lives in the running `serve`.
async fn provider(settings: &Settings) -> anyhow::Result<Provider> {
    let told = match settings.mode {
        Mode::Real { .. } => connect::fal_settings(settings, None, ""),
        Mode::Sandbox | Mode::Trial { .. } => {
            let url = format!("http://{}/sandbox/info", settings.http.bind);
            let http = reqwest::Client::builder().no_proxy().build()?;
            let asked = http.get(url).send().await.and_then(reqwest::Response::error_for_status);
            let asked = asked.context("the sandbox's provider lives in the bot: start it first")?;
            let info: Info = asked.json().await?;
            fal::Settings {
                key: info.fal_key,
                queue_url: info.fal_queue_url,
                proxy: None,
                webhook_url: None,
            }
        }
    };
    Ok(Provider {
        downloads: connect::downloads(settings, &told.queue_url)?,
        generator: fal::Client::new(&told, Arc::new(SystemClock))?,
    })
}

/// What became of a picture that waited for storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfilled {
    pub picture: PictureId,
    pub owner: UserId,
    /// None: it is stored. Else why it still waits.
    pub trouble: Option<String>,
}

/// Copies every picture that waits for storage now, also those that were set aside after failures.
///
/// # Errors
/// The database or the provider cannot be reached at all.
pub async fn backfill(
    settings: &Settings,
    database: &Database,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<Backfilled>> {
    if database.count_pictures(WAITING).await? == 0 {
        return Ok(Vec::new());
    }
    let objects = storage::open(settings).await?;
    let provider = provider(settings).await?;
    Ok(backfill_in(database, &*objects, &provider.downloads, bar).await?)
}

/// The same with what is open already.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn backfill_in(
    database: &Database,
    objects: &dyn Objects,
    downloads: &dyn Fetches,
    bar: &ProgressBar,
) -> port::Result<Vec<Backfilled>> {
    bar.set_length(database.count_pictures(WAITING).await?);
    let (mut done, mut after) = (Vec::new(), None);
    loop {
        let page = database.pictures_after(WAITING, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(done) };
        after = Some(last.id);
        for picture in &page {
            let trouble = copy(database, objects, downloads, picture).await;
            done.push(Backfilled { picture: picture.id, owner: picture.owner, trouble });
            bar.inc(1);
        }
    }
}

async fn copy(
    database: &Database,
    objects: &dyn Objects,
    downloads: &dyn Fetches,
    picture: &Picture,
) -> Option<String> {
    let copied = writer::backfill(database, objects, downloads, picture).await;
    let error = copied.err()?;
    // The running bot may have been faster.
    match database.picture(picture.id).await {
        Ok(Some(row)) if row.state == PictureState::Stored => None,
        _ => Some(error.to_string()),
    }
}
