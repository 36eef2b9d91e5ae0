//! Sessions: a token in a cookie, its hash in a row.

use std::time::Duration;

use aisha_actors::domain::time::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Desk;
use crate::{
    db::operators::{Operator, Session, TokenHash},
    settings::Secret,
};

/// Without a request for so long a session is over.
pub(super) const IDLE_MAX: Duration = Duration::from_secs(15 * 60);

/// However busy, a session is over after so long.
pub(super) const AGE_MAX: Duration = Duration::from_secs(8 * 60 * 60);

/// For so long after a password was given it is not asked for again.
pub(super) const PROOF_MAX: Duration = Duration::from_secs(10 * 60);

/// How stale a session's last use may be in its row: not every request writes.
const TOUCH_AFTER: Duration = Duration::from_secs(20);

/// A new token of 256 bits, and what is kept of it.
pub(super) fn fresh_token() -> (String, TokenHash) {
    let token = hex::encode(rand::random::<[u8; 32]>());
    let hash = hash(&token);
    (token, hash)
}

pub(super) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// What the forms of a session's pages carry. Only who has the session's token can make it.
pub(super) fn csrf(token: &str) -> String {
    Secret::new(token).derive("csrf").expose().to_owned()
}

pub(super) fn is_csrf(token: &str, said: &str) -> bool {
    csrf(token).as_bytes().ct_eq(said.as_bytes()).into()
}

/// Whether a session goes on.
pub(super) fn is_alive(session: &Session, now: Timestamp) -> bool {
    now.since(session.seen_at) < IDLE_MAX && now.since(session.created_at) < AGE_MAX
}

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) operator: Operator,
    pub(super) session: Session,
    pub(super) csrf: String,
}

impl Desk {
    /// Whose token it is, if anybody's. A session that is over is deleted.
    pub(super) async fn signed_in(
        &self,
        token: Option<&str>,
    ) -> aisha_actors::port::Result<Option<SignedIn>> {
        let Some(token) = token.filter(|token| token.len() == 64) else { return Ok(None) };
        let hash = hash(token);
        let Some((session, operator)) = self.database.session(hash).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if !is_alive(&session, now) {
            self.database.end_session(hash).await?;
            return Ok(None);
        }
        Ok(Some(SignedIn { operator, session, csrf: csrf(token) }))
    }

    /// A request came in.
    pub(super) async fn touch(&self, session: &Session) -> aisha_actors::port::Result<()> {
        let now = self.clock.now();
        if now.since(session.seen_at) < TOUCH_AFTER {
            return Ok(());
        }
        self.database.touch_session(session.token, now).await
    }

    /// Whether the stream of a page may go on. It does not count as a use.
    pub(super) async fn still_signed_in(&self, token: TokenHash) -> bool {
        let found = self.database.session(token).await;
        matches!(found, Ok(Some((session, _))) if is_alive(&session, self.clock.now()))
    }

    /// Deletes what is over.
    pub(super) async fn sweep_logins(&self) {
        let now = self.clock.now();
        let idle = i64::try_from(IDLE_MAX.as_micros()).unwrap_or(i64::MAX);
        let before = Timestamp(now.0.saturating_sub(idle));
        if let Err(error) = self.database.sweep_logins(before, now).await {
            tracing::debug!(%error, "old sessions of operators stay a while");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ_and_csrf_is_bound_to_one() {
        let (one, hash_of_one) = fresh_token();
        let (other, hash_of_other) = fresh_token();
        assert_eq!(one.len(), 64);
        assert!(one != other && hash_of_one != hash_of_other);
        assert_ne!(hex::encode(hash_of_one), one);
        assert!(is_csrf(&one, &csrf(&one)));
        for wrong in [csrf(&other), String::new(), one.clone()] {
            assert!(!is_csrf(&one, &wrong));
        }
    }
}
