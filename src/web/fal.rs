//! `POST /fal/webhook/{generation}`: a wake-up. The result itself is read back from FAL.

use actix_web::{HttpRequest, HttpResponse, web};
use aisha_actors::domain::id::GenerationId;

use super::{Edge, Error, body};

/// The longest value of one of FAL's headers; a signature has 128 digits.
const HEADER_LEN_MAX: usize = 256;

/// A webhook as it came, its headers bounded in length but otherwise unchecked.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// `X-Fal-Webhook-Request-Id`.
    pub request_id: &'a str,
    /// `X-Fal-Webhook-User-Id`.
    pub user_id: &'a str,
    /// `X-Fal-Webhook-Timestamp`: Unix seconds, in digits.
    pub timestamp: &'a str,
    /// `X-Fal-Webhook-Signature`: hexadecimal.
    pub signature: &'a str,
    /// The raw bytes that were signed.
    pub body: &'a [u8],
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("it is not FAL's, not ours, or too old")]
    Forged,
    #[error("FAL's keys cannot be had now")]
    Unavailable,
}

pub(super) async fn webhook(
    request: HttpRequest,
    generation: web::Path<String>,
    payload: web::Payload,
    edge: web::Data<Edge>,
) -> Result<HttpResponse, Error> {
    let header = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        (1..=HEADER_LEN_MAX).contains(&value.len()).then_some(value)
    };
    let all = (
        header("x-fal-webhook-request-id"),
        header("x-fal-webhook-user-id"),
        header("x-fal-webhook-timestamp"),
        header("x-fal-webhook-signature"),
    );
    let (Some(request_id), Some(user_id), Some(timestamp), Some(signature)) = all else {
        return Err(Error::Unauthorised);
    };
    let body = body::read(&request, payload, edge.body_deadline).await?;
    let signed = Signed { request_id, user_id, timestamp, signature, body: &body };
    let request_id = edge.signatures.verify(signed).await.map_err(|error| match error {
        Unverified::Forged => Error::Unauthorised,
        // FAL asks again, and we keep asking FAL in the meantime.
        Unverified::Unavailable => Error::Busy(error.to_string()),
    })?;
    // Only after the signature: to others, every generation looks alike.
    let id = GenerationId::parse(&generation).ok_or(Error::NotFound)?;
    tracing::Span::current().record("generation", tracing::field::display(id));
    edge.waker.generation(id, request_id);
    Ok(HttpResponse::Ok().finish())
}
