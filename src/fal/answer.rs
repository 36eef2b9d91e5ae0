//! FAL's answers, as far as they are used. Unknown fields are no matter, unknown words are.

use aisha_actors::{
    domain::{
        generation::{Failure, Ticket},
        time::Timestamp,
    },
    port::{Cancel, Outcome, ProviderPicture, ProviderStatus},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    address::{Queue, is_request_id},
    fault,
};

/// No order asks for more pictures; what comes beyond is left out.
const PICTURES_MAX: usize = 4;
/// The longest address of a picture, in bytes.
const PICTURE_URL_MAX: usize = 2048;

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// The answer to a submit.
#[derive(Debug, Deserialize)]
pub(super) struct Submitted {
    request_id: String,
    #[serde(default)]
    status_url: String,
    #[serde(default)]
    response_url: String,
    #[serde(default)]
    cancel_url: String,
}

impl Submitted {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        read(body)
    }

    /// The ticket with FAL's own addresses. One that is not on the queue is replaced by ours: the
    /// request was accepted, and forgetting it would mean paying twice.
    pub(super) fn ticket(self, queue: &Queue, endpoint: &str) -> Option<Ticket> {
        if !is_request_id(&self.request_id) {
            return None;
        }
        let ours = [&self.status_url, &self.response_url, &self.cancel_url];
        if ours.into_iter().all(|url| queue.own(url).is_some()) {
            let Self { request_id, status_url, response_url, cancel_url } = self;
            return Some(Ticket { request_id, status_url, response_url, cancel_url });
        }
        tracing::warn!(
            request_id = self.request_id,
            "FAL's addresses for a request are not on FAL_QUEUE_URL; ours are used"
        );
        queue.ticket(endpoint, &self.request_id)
    }
}

/// A status.
#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    status: String,
    #[serde(default)]
    queue_position: Option<i64>,
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    error_type: Option<String>,
}

impl Progress {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        read(body)
    }

    pub(super) fn status(&self) -> Option<ProviderStatus> {
        match self.status.as_str() {
            "IN_QUEUE" => {
                let position = self.queue_position.unwrap_or_default().max(0);
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                Some(ProviderStatus::Waiting { position })
            }
            "IN_PROGRESS" => Some(ProviderStatus::Running),
            "COMPLETED" => Some(ProviderStatus::Completed),
            _ => None,
        }
    }

    pub(super) fn is_completed(&self) -> bool {
        self.status == "COMPLETED"
    }

    /// How it ended, if it ended badly.
    pub(super) fn failure(&self) -> Option<Outcome> {
        let words = match &self.error {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(words)) => words.clone(),
            Some(other) => other.to_string(),
        };
        let kind = self.error_type.as_deref().unwrap_or_default();
        if words.is_empty() && kind.is_empty() {
            return None;
        }
        let either = |is: fn(&str) -> bool| is(kind) || is(&words);
        Some(if either(fault::is_cancel) {
            Outcome::Cancelled
        } else if either(fault::is_unsafe) {
            Outcome::Failed(Failure::Safety)
        } else {
            Outcome::Failed(Failure::Provider)
        })
    }
}

/// A result.
#[derive(Debug)]
pub(super) struct Produced(Value);

#[derive(Debug, Deserialize)]
struct Pictures {
    images: Vec<Value>,
    /// One for each image: FAL delivers a black picture where the filter struck.
    #[serde(default)]
    has_nsfw_concepts: Option<Vec<bool>>,
}

impl Produced {
    /// None: not even JSON.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        read(body).map(Self)
    }

    /// The pictures that are fit to be shown; `expires_at` is what their addresses are good for.
    pub(super) fn outcome(self, expires_at: Timestamp) -> Outcome {
        let Ok(pictures) = serde_json::from_value::<Pictures>(self.0) else {
            return Outcome::Failed(Failure::Provider);
        };
        let flags = pictures.has_nsfw_concepts.unwrap_or_default();
        let is_flagged = |index: usize| flags.get(index).copied().unwrap_or_default();
        let flagged = (0..pictures.images.len()).filter(|index| is_flagged(*index)).count();
        let good: Vec<ProviderPicture> = pictures
            .images
            .iter()
            .enumerate()
            .filter(|(index, _)| !is_flagged(*index))
            .filter_map(|(_, image)| address(image.get("url")?.as_str()?))
            .map(|url| ProviderPicture { url, expires_at: Some(expires_at) })
            .take(PICTURES_MAX)
            .collect();
        match (good.is_empty(), flagged) {
            (false, _) => Outcome::Pictures(good),
            (true, 0) => Outcome::Failed(Failure::Provider),
            (true, _) => Outcome::Failed(Failure::Safety),
        }
    }
}

/// A picture's address, if it looks like one. Whether it may be fetched is the download's to say.
fn address(url: &str) -> Option<String> {
    let fits = url.len() <= PICTURE_URL_MAX
        && (url.starts_with("https://") || url.starts_with("http://"))
        && url.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| url.to_owned())
}

/// The answer to a cancel.
#[derive(Debug, Deserialize)]
pub(super) struct Cancelled {
    status: String,
}

impl Cancelled {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        read(body)
    }

    pub(super) fn cancel(&self) -> Option<Cancel> {
        match self.status.as_str() {
            "OK" | "CANCELLATION_REQUESTED" => Some(Cancel::Requested),
            "ALREADY_COMPLETED" => Some(Cancel::AlreadyCompleted),
            "NOT_FOUND" => Some(Cancel::Unknown),
            _ => None,
        }
    }
}

/// The answer to the deletion of a request's payloads.
#[derive(Debug, Deserialize)]
pub(super) struct Deleted {
    cdn_delete_results: Vec<DeletedFile>,
}

#[derive(Debug, Deserialize)]
struct DeletedFile {
    /// Why it is still there, or not there to be deleted.
    exception: Option<Value>,
}

impl Deleted {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        read(body)
    }

    /// How many files FAL did not delete.
    pub(super) fn left(&self) -> usize {
        self.cdn_delete_results.iter().filter(|file| file.exception.is_some()).count()
    }
}
