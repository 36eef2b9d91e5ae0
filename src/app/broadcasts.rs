//! Broadcasts under way: people are put into the outbox a few a second, so that what is a person's own is
//! never behind many of them. All of it stands in rows: a restart goes on, and a pause is heard within a second.

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{id::UserId, time::Timestamp},
    lanes::OwnLanes,
    port::{self, Clock, Wake, Wakes},
    system::System,
};

use crate::{db::Database, world::SystemClock};

/// How often the next people are put in.
const LOOK: Duration = Duration::from_secs(1);

/// So many wait in the outbox at a time: well below what Telegram takes in a second.
const BATCH: usize = 12;

/// The counts are made so seldom: they read every entry.
const LOOKS_PER_TALLY: u32 = 3;

/// While something of a person's own has waited for so long, nothing is put in. Not for ever: a chat may be
/// frozen for hours.
const LATE: Duration = Duration::from_secs(3);
const STUCK: Duration = Duration::from_secs(60);

/// The node that has this user's lane drives for all.
const FIRST: UserId = UserId(0);

/// Drives them until it is dropped.
pub(super) async fn keep(
    database: Database,
    system: System,
    lanes: OwnLanes,
    wakes: Arc<dyn Wakes>,
) {
    let mut looks: u32 = 0;
    loop {
        tokio::time::sleep(LOOK).await;
        if !lanes.has(FIRST) {
            continue;
        }
        looks = looks.wrapping_add(1);
        match drive(&database, looks.is_multiple_of(LOOKS_PER_TALLY)).await {
            Ok(0) => {}
            Ok(_) => {
                system.woken(Wake::ParcelsAdded);
                wakes.tell(Wake::ParcelsAdded);
            }
            Err(error) => tracing::debug!(%error, "broadcasts wait"),
        }
    }
}

/// How many were put in.
async fn drive(database: &Database, tally: bool) -> port::Result<u64> {
    let under_way = database.broadcasts_under_way().await?;
    let mut added = 0;
    for id in under_way {
        if tally {
            database.tally_broadcast(id).await?;
        }
        // One after the other: the oldest first.
        if added == 0 && !is_late(database).await? {
            added = database.next_batch(id, BATCH).await?;
        }
    }
    Ok(added)
}

async fn is_late(database: &Database) -> port::Result<bool> {
    let ago = |span: Duration| {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Timestamp(SystemClock.now().0.saturating_sub(span))
    };
    database.is_outbox_late(ago(STUCK), ago(LATE)).await
}
