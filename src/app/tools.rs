//! Adapters for a command that works without a running system.

use std::sync::Arc;

use aisha_actors::port::Objects;

use crate::{objects::Disk, settings::Settings};

/// The object storage of the settings.
///
/// # Errors
/// It cannot be used.
pub async fn objects(settings: &Settings) -> anyhow::Result<Arc<dyn Objects>> {
    Ok(Arc::new(Disk::open(&settings.objects).await?))
}
