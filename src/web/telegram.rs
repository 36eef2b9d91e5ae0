//! `POST /telegram/webhook`: answered with 200 only after the commit.

use actix_web::{HttpRequest, HttpResponse, web};
use aisha_actors::port::Kind;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Edge, Error, body};
use crate::settings::Secret;

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

pub(super) async fn webhook(
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
) -> Result<HttpResponse, Error> {
    let given = request.headers().get(SECRET_HEADER).map(|value| value.as_bytes());
    if !is_telegram(edge.webhook_secret.as_ref(), given) {
        return Err(Error::Unauthorised);
    }
    let body = body::read(&request, payload, edge.body_deadline).await?;
    // Bytes that are no text are no update either, and shall be seen where those end up.
    let raw = String::from_utf8_lossy(&body).into_owned();
    match edge.intake.receive(vec![raw]).await {
        Ok(()) => Ok(HttpResponse::Ok().finish()),
        Err(error) if error.kind == Kind::Permanent => {
            tracing::warn!(len = body.len(), %error, "the webhook got what is no update");
            Ok(HttpResponse::Ok().finish())
        }
        Err(error) => Err(Error::Busy(format!("the inbox: {error}"))),
    }
}

/// Compares in constant time, and missing like wrong: by digests, so that not even the length tells.
fn is_telegram(secret: Option<&Secret>, given: Option<&[u8]>) -> bool {
    let Some(secret) = secret else { return false };
    let wanted = Sha256::digest(secret.expose().as_bytes());
    let found = Sha256::digest(given.unwrap_or_default());
    bool::from(wanted.as_slice().ct_eq(found.as_slice())) && given.is_some()
}
