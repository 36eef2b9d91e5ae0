//! What goes wrong between us and Telegram, and what it means to the core.

use std::time::Duration;

use aisha_actors::port::{self, Kind};

/// A call that did not succeed. No variant carries the token or an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Surely nothing was sent: refused, no such name, no connection in time.
    #[error("{method}: Telegram cannot be reached: {why}")]
    Unreached { method: String, why: String },
    /// Sent, but the answer is lost or is nonsense: it may have been done.
    #[error("{method}: the answer was lost: {why}")]
    Lost { method: String, why: String },
    /// Telegram says no.
    #[error("{method}: {code} {description}")]
    Refused {
        method: String,
        code: u16,
        /// In Telegram's words, or the beginning of a body that is not Telegram's.
        description: String,
        /// In seconds.
        retry_after: Option<u64>,
    },
    /// The call cannot be put into bytes, or the settings make no client.
    #[error("{0}")]
    Unsendable(String),
}

/// What a refusal means, as far as anyone branches on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The edit changes nothing.
    NotModified,
    /// The message to edit is gone or may not be edited any more.
    MessageGone,
    /// The message to delete is gone or may not be deleted any more.
    DeleteTooLate,
    /// The message has a picture, so its text cannot be edited.
    NoTextInMessage,
    /// The message has no picture, so there is no caption to edit.
    NoCaptionInMessage,
    /// The press is too old or was answered.
    QueryTooOld,
    /// Our markup is broken.
    BadMarkup,
    /// The `file_id` is not (or no longer) good for this.
    BadFileId,
    /// Telegram does not take these bytes as a photo; as a document it may.
    BadPhoto,
    /// The chat does not want us, or is none we may write to.
    Unwanted,
    Limited(Duration),
    /// The token is not (or no longer) good.
    Unauthorized,
    /// Another poller or a webhook is in the way.
    Conflict,
    Other,
}

/// Parts of Telegram's descriptions, in lower case, and what they mean.
const MEANINGS: [(&str, Meaning); 29] = [
    ("message is not modified", Meaning::NotModified),
    ("message to edit not found", Meaning::MessageGone),
    ("message can't be edited", Meaning::MessageGone),
    ("message_id_invalid", Meaning::MessageGone),
    ("message identifier is not specified", Meaning::MessageGone),
    ("message to delete not found", Meaning::DeleteTooLate),
    ("message can't be deleted", Meaning::DeleteTooLate),
    ("there is no text in the message to edit", Meaning::NoTextInMessage),
    ("there is no caption in the message to edit", Meaning::NoCaptionInMessage),
    ("query is too old", Meaning::QueryTooOld),
    ("query id is invalid", Meaning::QueryTooOld),
    ("query_id_invalid", Meaning::QueryTooOld),
    ("can't parse entities", Meaning::BadMarkup),
    ("wrong file_id", Meaning::BadFileId),
    ("wrong file identifier", Meaning::BadFileId),
    ("wrong remote file identifier", Meaning::BadFileId),
    ("wrong padding in the string", Meaning::BadFileId),
    ("file_reference_", Meaning::BadFileId),
    ("can't use file of type", Meaning::BadFileId),
    ("file_id_invalid", Meaning::BadFileId),
    ("image_process_failed", Meaning::BadPhoto),
    ("photo_invalid_dimensions", Meaning::BadPhoto),
    ("file is too big", Meaning::BadPhoto),
    ("chat not found", Meaning::Unwanted),
    ("user not found", Meaning::Unwanted),
    ("peer_id_invalid", Meaning::Unwanted),
    ("not enough rights to send", Meaning::Unwanted),
    ("have no rights to send", Meaning::Unwanted),
    ("group chat was upgraded", Meaning::Unwanted),
];

impl Error {
    /// What the refusal means; `Other` for what is no refusal.
    pub fn meaning(&self) -> Meaning {
        let Self::Refused { code, description, retry_after, .. } = self else {
            return Meaning::Other;
        };
        if *code == 429 || retry_after.is_some() {
            // Without a number it is one second: long enough not to hammer.
            return Meaning::Limited(Duration::from_secs(retry_after.unwrap_or(1)));
        }
        let words = description.to_lowercase();
        let known = MEANINGS.iter().find(|(part, _)| words.contains(part));
        match (code, known) {
            (403, _) => Meaning::Unwanted,
            (400, Some((_, meaning))) => *meaning,
            (413, _) => Meaning::BadPhoto,
            (409, _) => Meaning::Conflict,
            (401 | 404, _) => Meaning::Unauthorized,
            _ => Meaning::Other,
        }
    }

    /// The kind from which the core decides whether to try again.
    pub fn kind(&self) -> Kind {
        let code = match self {
            Self::Unreached { .. } => return Kind::Transient,
            Self::Lost { .. } => return Kind::Ambiguous,
            Self::Unsendable(_) => return Kind::Permanent,
            Self::Refused { code, .. } => *code,
        };
        match self.meaning() {
            Meaning::Limited(retry_after) => Kind::RateLimited { retry_after },
            Meaning::Unwanted => Kind::Forbidden,
            Meaning::MessageGone | Meaning::DeleteTooLate | Meaning::QueryTooOld => Kind::NotFound,
            Meaning::BadFileId => Kind::Conflict,
            // Nothing was done, and it works again once the operator has put the token right.
            Meaning::Unauthorized | Meaning::Conflict => Kind::Transient,
            _ if code >= 500 => Kind::Ambiguous,
            // What we said did not arrive in time, or in whole: we may have been stopped meanwhile.
            _ if code == 408 => Kind::Transient,
            // An answer by something that is not Telegram (a proxy's page).
            _ if code < 400 => Kind::Transient,
            _ => Kind::Permanent,
        }
    }
}

impl From<Error> for port::Error {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, description: &str, retry_after: Option<u64>) -> Error {
        let description = description.to_owned();
        Error::Refused { method: "sendMessage".into(), code, description, retry_after }
    }

    #[test]
    fn each_refusal_has_its_kind() {
        let minute = Kind::RateLimited { retry_after: Duration::from_secs(60) };
        let long = Kind::RateLimited { retry_after: Duration::from_secs(70_000) };
        for (error, kind) in [
            (refused(429, "Too Many Requests: retry after 60", Some(60)), minute),
            (refused(429, "Too Many Requests: retry after 70000", Some(70_000)), long),
            (refused(403, "Forbidden: bot was blocked by the user", None), Kind::Forbidden),
            (refused(403, "Forbidden: user is deactivated", None), Kind::Forbidden),
            (refused(400, "Bad Request: chat not found", None), Kind::Forbidden),
            (refused(400, "Bad Request: message to edit not found", None), Kind::NotFound),
            (refused(400, "Bad Request: message can't be edited", None), Kind::NotFound),
            (
                refused(
                    400,
                    "Bad Request: wrong file_id or the file is temporarily unavailable",
                    None,
                ),
                Kind::Conflict,
            ),
            (refused(400, "Bad Request: message text is empty", None), Kind::Permanent),
            (refused(400, "Bad Request: BUTTON_DATA_INVALID", None), Kind::Permanent),
            (refused(401, "Unauthorized", None), Kind::Transient),
            (refused(500, "Internal Server Error", None), Kind::Ambiguous),
            (refused(502, "<html>", None), Kind::Ambiguous),
            (refused(302, "moved", None), Kind::Transient),
            (refused(408, "", None), Kind::Transient),
        ] {
            assert_eq!(error.kind(), kind, "{error}");
        }
    }
}
