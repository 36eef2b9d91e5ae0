//! Object storage of the settings: opened, and looked after.

use std::{sync::Arc, time::Duration};

use aisha_actors::port::{self, Objects};
use anyhow::Context;

use super::watch::Reached;
use crate::{
    objects::{Disk, S3, S3Settings, Signer},
    settings::{self, Settings, Storage},
    world::SystemClock,
};

/// How often a server is asked whether it is there.
const LOOK: Duration = Duration::from_secs(5);

/// Opens the storage for reading and writing and for making links. Connects to no server yet.
///
/// # Errors
/// The folder cannot be used, or there can be no secret key to sign links with.
pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Arc<dyn Objects>> {
    match &settings.storage {
        Storage::S3(told) => Ok(Arc::new(server(settings, told)?)),
        Storage::Disk(root) => {
            let secret_key = settings.secret_key()?;
            let signer = Signer::new(secret_key.expose().as_bytes());
            let signer = signer.context("the secret key is empty")?;
            Ok(Arc::new(Disk::open(root).await?.with_links(signer, Arc::new(SystemClock))))
        }
    }
}

/// The server of the settings.
///
/// # Errors
/// There can be no HTTP client.
pub(crate) fn server(settings: &Settings, told: &settings::S3) -> anyhow::Result<S3> {
    let mut buckets = settings.buckets.names();
    let sold = settings.catalogue.all();
    buckets.extend(sold.iter().map(|model| model.bucket.clone()));
    buckets.sort();
    buckets.dedup();
    let s3 = S3::new(S3Settings {
        endpoint: told.endpoint.clone(),
        public_endpoint: told.public_endpoint.clone(),
        access_key: told.access_key.expose().to_owned(),
        secret_key: told.secret_key.expose().to_owned(),
        region: told.region.clone(),
        buckets,
        prefix: told.prefix.clone(),
    })?;
    Ok(s3)
}

/// Makes the buckets as soon as the server lets us, and notes from then on whether it is there. A bucket
/// that goes away meanwhile is made again.
pub(super) async fn look_after(s3: S3, reached: Arc<Reached>) {
    let mut all_made = false;
    let mut turn = s3.buckets().to_vec().into_iter().cycle();
    let mut complained = false;
    loop {
        let looked = match turn.next() {
            Some(bucket) if all_made => s3.has_bucket(&bucket).await,
            _ => s3.make_buckets().await.map(|()| true),
        };
        reached.note(&looked);
        all_made = matches!(looked, Ok(true));
        complained = complain(&looked, complained);
        if looked.is_ok() && !all_made {
            continue;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Says once that it went away, and once that it is back.
fn complain(looked: &port::Result<bool>, complained: bool) -> bool {
    match looked {
        Err(error) if !complained => {
            tracing::warn!(%error, "object storage is away: pictures wait for it");
            true
        }
        Ok(_) if complained => {
            tracing::info!("object storage is back");
            false
        }
        _ => complained,
    }
}
