//! FAL's own copies of a request, deleted: what was asked for, what was answered, and the files of the result.
//!
//! That is another API than the queue's, under another address, and it takes a key that may do everything in the
//! account: [`Deleter`] is the only one who has it.

use std::{fmt, time::Duration};

use reqwest::{
    Method, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue},
};

use super::{
    KeyCheck,
    address::{self, is_request_id},
    answer::Deleted,
    whole,
};
use crate::outgoing;

#[cfg(test)]
mod tests;

/// From the first byte sent to the last byte received.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How to reach it.
#[derive(Clone)]
pub struct Settings {
    /// A secret.
    pub admin_key: String,
    /// The base of FAL's platform API, such as `https://api.fal.ai`.
    pub api_url: String,
    /// Carries all calls, when given.
    pub proxy: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

/// Why FAL's copies are still there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody but the operator can help.
    #[error("FAL does not take FAL_ADMIN_KEY ({0}): it wants a key with the scope ADMIN")]
    Refused(u16),
    #[error("FAL wants to be asked later")]
    Busy { retry_after: Duration },
    /// To be asked again.
    #[error("FAL: {0}")]
    Away(String),
}

/// Has copies deleted.
#[derive(Clone)]
pub struct Deleter {
    http: reqwest::Client,
    /// Marked as sensitive: shows nothing when printed.
    key: HeaderValue,
    base: Url,
    timeout: Duration,
}

impl fmt::Debug for Deleter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deleter").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Deleter {
    /// Connects to nothing yet.
    pub fn new(settings: &Settings) -> Result<Self, super::Error> {
        let invalid_key = super::Error::InvalidKey("FAL_ADMIN_KEY");
        let mut key = HeaderValue::from_str(&format!("Key {}", settings.admin_key.trim()))
            .map_err(|_error| invalid_key)?;
        key.set_sensitive(true);
        let base =
            address::base(&settings.api_url).ok_or(super::Error::InvalidUrl("FAL_API_URL"))?;
        let http = outgoing::build(outgoing::builder(settings.proxy.as_deref())?)?;
        Ok(Self { http, key, base, timeout: TIMEOUT })
    }

    /// Has everything deleted that FAL keeps of a request. Done again, or of a request that FAL does not know, it is
    /// done: so it needs no `Idempotency-Key`, by which FAL would repeat a failure for ten minutes.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn delete_payloads(&self, request_id: &str) -> Result<(), Error> {
        let away = |what: &dyn fmt::Display| Error::Away(what.to_string());
        let url = self.address(request_id).ok_or_else(|| away(&"no request has such an id"))?;
        let request = self.http.request(Method::DELETE, url).timeout(self.timeout);
        let sent = request.header(AUTHORIZATION, self.key.clone()).send().await;
        let response = sent.map_err(|error| away(&outgoing::describe(&error)))?;
        let reply = whole(response).await.map_err(|error| away(&error))?;
        match reply.status {
            status if status.is_success() => {
                // FAL was asked to drop files after a while anyway, and may have done so: no reason to wait.
                let left = Deleted::read(&reply.body).map_or(0, |answer| answer.left());
                if left > 0 {
                    tracing::warn!(request_id, left, "FAL says it did not delete all files");
                }
                Ok(())
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Error::Refused(reply.status.as_u16()))
            }
            StatusCode::TOO_MANY_REQUESTS => {
                Err(Error::Busy { retry_after: outgoing::retry_after(&reply.headers) })
            }
            status => Err(away(&format_args!("it answered {}", status.as_u16()))),
        }
    }

    /// Has the payloads of a request deleted that never was: free, and refused without a good key.
    pub async fn check_key(&self) -> KeyCheck {
        match self.delete_payloads(&uuid::Uuid::new_v4().to_string()).await {
            Ok(()) => KeyCheck::Valid,
            Err(Error::Refused(_)) => KeyCheck::Rejected,
            Err(error) => KeyCheck::Unknown(error.to_string()),
        }
    }

    fn address(&self, request_id: &str) -> Option<Url> {
        let base = self.base.as_str().trim_end_matches('/');
        let url = format!("{base}/v1/models/requests/{request_id}/payloads");
        is_request_id(request_id).then(|| Url::parse(&url).ok())?
    }
}
