//! Why a page is not shown.

use actix_web::http::StatusCode;
use aisha_actors::port::{self, Kind};

use super::password;

/// What is said in place of a page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("there is nothing here")]
    NotFound,
    /// Not with this role, or not from there.
    #[error("not allowed")]
    Forbidden,
    /// The page that sent this is too old, or not ours.
    #[error("the page was not ours, or too old")]
    Forged,
    #[error("the request cannot be understood")]
    BadRequest,
    /// What was filled in cannot be taken; the key of the sentence that says why.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// Not now. The text is for the log.
    #[error("not now: {0}")]
    Away(String),
    /// A fault of ours. The text is for the log.
    #[error("a fault: {0}")]
    Internal(String),
}

impl Error {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Forged => StatusCode::FORBIDDEN,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Away(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence for it.
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "error-not-found",
            Self::Forbidden => "error-forbidden",
            Self::Forged => "error-forged",
            Self::BadRequest => "error-bad-request",
            Self::Refused(key) => key,
            Self::Away(_) => "error-away",
            Self::Internal(_) => "error-internal",
        }
    }
}

impl From<port::Error> for Error {
    fn from(error: port::Error) -> Self {
        match error.kind {
            Kind::NotFound => Self::NotFound,
            Kind::Permanent | Kind::Conflict => Self::Internal(error.what),
            _ => Self::Away(error.what),
        }
    }
}

impl From<password::Error> for Error {
    fn from(error: password::Error) -> Self {
        match error {
            password::Error::Busy => Self::Away(error.to_string()),
            password::Error::Failed => Self::Internal(error.to_string()),
        }
    }
}
