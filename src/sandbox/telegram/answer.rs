//! Answers of the Bot API: a result, or a refusal in Telegram's own words.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use serde_json::{json, value::RawValue};

use crate::sandbox::store;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) description: String,
    /// Seconds; said with status 429.
    pub(crate) retry_after: Option<u32>,
}

impl Refusal {
    /// 400 with Telegram's prefix.
    pub(crate) fn bad(words: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", words.as_ref()))
    }

    /// 403 with Telegram's prefix.
    pub(crate) fn forbidden(words: &str) -> Self {
        Self::new(403, format!("Forbidden: {words}"))
    }

    /// 409 with Telegram's prefix.
    pub(crate) fn conflict(words: &str) -> Self {
        Self::new(409, format!("Conflict: {words}"))
    }

    /// Any status with the whole description.
    pub(crate) fn new(status: u16, description: impl Into<String>) -> Self {
        Self { status, description: description.into(), retry_after: None }
    }

    /// The refusal that a fault with this status stands for.
    pub(crate) fn of_status(status: u16, retry_after: Option<u32>) -> Self {
        let words = match status {
            400 => "Bad Request: the sandbox was asked to refuse this call".to_owned(),
            401 => "Unauthorized".to_owned(),
            403 => "Forbidden: bot was blocked by the user".to_owned(),
            404 => "Not Found".to_owned(),
            409 => "Conflict: terminated by other getUpdates request; make sure that only one \
                    bot instance is running"
                .to_owned(),
            429 => format!("Too Many Requests: retry after {}", retry_after.unwrap_or(1)),
            502 => "Bad Gateway".to_owned(),
            503 => "Service Unavailable".to_owned(),
            504 => "Gateway Timeout".to_owned(),
            _ => "Internal Server Error".to_owned(),
        };
        let retry_after = if status == 429 { retry_after.or(Some(1)) } else { retry_after };
        Self { retry_after, ..Self::new(status, words) }
    }

    /// The HTTP answer.
    pub(crate) fn response(&self) -> HttpResponse {
        let mut body = json!({
            "ok": false, "error_code": self.status, "description": self.description,
        });
        if let (Some(seconds), Some(object)) = (self.retry_after, body.as_object_mut()) {
            object.insert("parameters".to_owned(), json!({ "retry_after": seconds }));
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status).json(body)
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        tracing::error!(%error, "the sandbox could not keep a change");
        Self::new(500, "Internal Server Error")
    }
}

/// A call that worked.
#[derive(Debug)]
pub(crate) struct Success {
    result: Box<RawValue>,
    description: Option<&'static str>,
}

/// What a call comes to.
pub(crate) type Reply = Result<Success, Refusal>;

impl Success {
    /// An answer with `result`.
    pub(crate) fn of(result: &impl Serialize) -> Reply {
        match serde_json::value::to_raw_value(result) {
            Ok(result) => Ok(Self { result, description: None }),
            Err(error) => Err(store::Error::from(error).into()),
        }
    }

    /// `true`, with words beside it.
    pub(crate) fn yes_because(description: &'static str) -> Reply {
        Self::yes().map(|success| Self { description: Some(description), ..success })
    }

    /// `true`.
    pub(crate) fn yes() -> Reply {
        Self::of(&true)
    }

    /// The HTTP answer.
    pub(crate) fn response(&self) -> HttpResponse {
        #[derive(Serialize)]
        struct Envelope<'a> {
            ok: bool,
            result: &'a RawValue,
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<&'static str>,
        }
        HttpResponse::Ok().json(Envelope {
            ok: true,
            result: &self.result,
            description: self.description,
        })
    }
}
