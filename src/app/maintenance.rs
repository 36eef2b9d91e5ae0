//! Maintenance: the operator's switch in the database, carried to this process's actors.

use std::{sync::Arc, time::Duration};

use aisha_actors::{port, shop::Shop};

use crate::db::{Database, reports::MAINTENANCE};

/// How often it is looked: another node may have set the switch.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the switch over as it stands.
///
/// # Errors
/// The database cannot be read; then nothing changes.
pub(super) async fn look(database: &Database, shop: &Shop) -> port::Result<()> {
    let is_on = database.switch(MAINTENANCE).await?.is_some_and(|switch| switch.is_on);
    if shop.set_closed(is_on) {
        tracing::warn!(is_on, "maintenance: whether new generations are taken has changed");
    }
    Ok(())
}

/// Goes on looking until it is dropped.
pub(super) async fn keep(database: Database, shop: Arc<Shop>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = look(&database, &shop).await {
            tracing::debug!(%error, "the maintenance switch cannot be read");
        }
    }
}
