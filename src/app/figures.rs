//! What the dashboard shows is summed from the rows beforehand, now and then, by whichever node comes to it.

use std::time::Duration;

use aisha_actors::port::Clock;

use crate::{db::Database, world::SystemClock};

/// How often minutes that are over are looked for.
const LOOK: Duration = Duration::from_secs(20);

/// How often it is looked whether a count of the pictures or a check of the books is due. How often they are
/// really done, the database says: several nodes do them once.
const DUE: Duration = Duration::from_secs(60);

/// Sums minutes, counts what is stored and checks the books, for ever.
pub(super) async fn keep(database: Database) {
    tokio::join!(sum_minutes(&database), look_through(&database));
}

async fn sum_minutes(database: &Database) {
    loop {
        if let Err(error) = database.take_samples(SystemClock.now()).await {
            tracing::debug!(%error, "the last minutes could not be summed");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn look_through(database: &Database) {
    loop {
        let now = SystemClock.now();
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
        tokio::time::sleep(DUE).await;
    }
}
