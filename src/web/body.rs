//! Reading a body without trusting whoever sends it.

use actix_web::{HttpRequest, http::header, web};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::time::{Duration, timeout};

use super::{BODY_DEADLINE, BODY_LEN_MAX, Error};

/// The whole body of a form, at most [`BODY_LEN_MAX`] bytes of it, within [`BODY_DEADLINE`].
///
/// # Errors
/// As [`read`].
pub(crate) async fn read_body(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Bytes, Error> {
    read(request, payload, BODY_DEADLINE).await
}

/// The whole body, at most [`BODY_LEN_MAX`] bytes of it, within the deadline.
///
/// # Errors
/// `TooLarge` (said before reading, when the sender tells), `TooSlow`, `BrokenOff`.
pub(super) async fn read(
    request: &HttpRequest,
    mut payload: web::Payload,
    deadline: Duration,
) -> Result<Bytes, Error> {
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > BODY_LEN_MAX) {
        return Err(Error::TooLarge);
    }
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Error::BrokenOff)?;
            if body.len() + chunk.len() > BODY_LEN_MAX {
                return Err(Error::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    timeout(deadline, whole).await.map_err(|_| Error::TooSlow)?
}
