//! What a request can be refused with, and how that reads outside. A cause never leaves the process.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody whom we know; what was wrong is not said.
    #[error("not authorised")]
    Unauthorised,
    #[error("there is nothing here")]
    NotFound,
    #[error("the body is too large")]
    TooLarge,
    #[error("the body took too long")]
    TooSlow,
    #[error("the body broke off")]
    BrokenOff,
    /// Not now; the text is for the log only.
    #[error("not now: {0}")]
    Busy(String),
}

/// The body of every refusal.
#[derive(Serialize)]
struct Refusal<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthorised => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        // The gate puts the body in: it knows the request's id.
        HttpResponse::new(self.status_code())
    }
}

/// The answer to a refused request.
pub(super) fn refusal(status: StatusCode, request_id: &str) -> HttpResponse {
    let (code, message) = words(status);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "2"));
    }
    response.json(Refusal { code, message, request_id })
}

/// By status only, so that no answer tells more than its status.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("bad_request", "The request cannot be understood."),
        StatusCode::UNAUTHORIZED => ("unauthorised", "The request is not authorised."),
        StatusCode::FORBIDDEN => ("forbidden", "The request is not allowed."),
        StatusCode::NOT_FOUND => ("not_found", "There is nothing here."),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "Not with this method."),
        StatusCode::REQUEST_TIMEOUT => ("too_slow", "The request took too long to arrive."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The request is too large."),
        StatusCode::TOO_MANY_REQUESTS => ("too_many", "Too many requests."),
        StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "Not now; please try again."),
        _ if status.is_client_error() => ("refused", "The request was refused."),
        _ => ("internal", "Something went wrong here."),
    }
}
