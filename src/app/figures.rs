//! What the dashboard shows is summed from the rows beforehand, now and then, by whichever node comes to it.

use std::time::Duration;

use aisha_actors::port::Clock;

use crate::{db::Database, world::SystemClock};

/// How often minutes that are over are looked for.
const LOOK: Duration = Duration::from_secs(20);

/// Sums minutes, counts what is stored and checks the books, for ever. How often the last two are really
/// done, the database says: several nodes do them once.
pub(super) async fn keep(database: Database) {
    loop {
        let now = SystemClock.now();
        if let Err(error) = database.take_samples(now).await {
            tracing::debug!(%error, "the last minutes could not be summed");
        }
        if let Err(error) = database.count_storage(now).await {
            tracing::debug!(%error, "the pictures could not be counted");
        }
        match database.check_ledger(now).await {
            Ok(Some(check)) if check.breaches > 0 => {
                tracing::error!(breaches = check.breaches, "the books are not right");
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the books could not be checked"),
        }
        tokio::time::sleep(LOOK).await;
    }
}
