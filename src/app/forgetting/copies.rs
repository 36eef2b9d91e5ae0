//! The provider's own copies of what a person asked for, deleted request by request.
//!
//! A request whose copies are gone is struck from its row, so that a restart asks for nothing twice; one that was
//! deleted and not struck is asked for again, which changes nothing.

use std::time::{Duration, Instant};

use aisha_actors::port;

use crate::{
    db::{
        Database,
        forget::{Forgetting, PayloadTrouble},
    },
    fal::payloads::{Deleter, Error},
    outgoing::Backoff,
};

/// Requests of one step.
const PAGE: usize = 20;

/// Who deletes them, and how the provider takes it: whoever is deleted, it is one provider.
pub(in crate::app) struct Copies {
    deleter: Deleter,
    backoff: Backoff,
    /// It is not asked before.
    resting: Option<(Instant, PayloadTrouble)>,
}

impl Copies {
    pub(in crate::app) fn new(deleter: Deleter) -> Self {
        Self { deleter, backoff: Backoff::default(), resting: None }
    }

    /// Deletes a page of the person's, the oldest first. What it waits for is noted in the person's row.
    pub(super) async fn delete(
        &mut self,
        database: &Database,
        one: &Forgetting,
    ) -> port::Result<()> {
        if let Some((_, trouble)) = self.resting.filter(|(until, _)| Instant::now() < *until) {
            return note(database, one, Some(trouble)).await;
        }
        for (id, request) in database.requests_of(one.user, PAGE).await? {
            if let Err(error) = self.deleter.delete_payloads(&request).await {
                tracing::warn!(user = %one.user, %error, "copies at the provider wait");
                return note(database, one, Some(self.rest(&error))).await;
            }
            database.strike_request(one.user, id).await?;
        }
        self.resting = None;
        self.backoff.reset();
        note(database, one, None).await
    }

    fn rest(&mut self, error: &Error) -> PayloadTrouble {
        let (trouble, at_least) = match error {
            Error::Refused(_) => (PayloadTrouble::Refused, Duration::ZERO),
            Error::Busy { retry_after } => (PayloadTrouble::Away, *retry_after),
            Error::Away(_) => (PayloadTrouble::Away, Duration::ZERO),
        };
        let wait = self.backoff.grow().max(at_least);
        self.resting = Some((Instant::now() + wait, trouble));
        trouble
    }
}

async fn note(
    database: &Database,
    one: &Forgetting,
    trouble: Option<PayloadTrouble>,
) -> port::Result<()> {
    if one.payload_trouble == trouble {
        return Ok(());
    }
    database.note_payload_trouble(one, trouble).await
}
