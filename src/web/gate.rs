//! What every request passes: an id, a count, security headers, and errors as JSON.

use std::time::Instant;

use actix_web::{
    Error as ActixError, HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tracing::{Instrument, field::Empty};
use uuid::Uuid;

use super::{
    Error,
    error::refusal,
    hold::{Answer, Held},
};
use crate::{metrics::Metrics, telemetry::RequestId};

/// For pages of our own: no inline code or style, nothing from elsewhere, in no frame. A page with
/// other needs sets its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Lets a request through and dresses its answer.
pub(super) async fn pass<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Answer>, ActixError> {
    let begun = Instant::now();
    let held = Held::take(&mut request);
    let id = RequestId(Uuid::new_v4().simple().to_string());
    request.extensions_mut().insert(id.clone());
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let span = tracing::info_span!("http", request_id = id.0, update = Empty, generation = Empty);
    // A route's own errors come as answers; what is an error here was made outside of any route.
    let response = next.call(request).instrument(span.clone()).await?;
    let status = response.status();
    let error = response.response().error();
    let size = response.response().body().size();
    let refused = status.is_client_error() || status.is_server_error();
    let bare = refused && matches!(size, BodySize::None | BodySize::Sized(0));
    let mut response = if error.is_some() || bare {
        let told = span.in_scope(|| tell(status, error.and_then(ActixError::as_error), &id));
        let (request, _) = response.into_parts();
        Answer::to(ServiceResponse::new(request, told), held)
    } else {
        Answer::to(response, held)
    };
    dress(response.headers_mut(), &id);
    if let Some(metrics) = metrics {
        let route = route(response.request().match_pattern().as_deref());
        metrics.count_http(route, class(response.status()), begun.elapsed());
    }
    Ok(response)
}

/// The answer to a refusal. What is our fault is logged, here and nowhere else.
fn tell(status: StatusCode, error: Option<&Error>, id: &RequestId) -> actix_web::HttpResponse {
    if status.is_server_error() {
        let what = error.map(ToString::to_string).unwrap_or_default();
        tracing::warn!(status = status.as_u16(), what, "a request was not served");
    }
    refusal(status, &id.0)
}

fn dress(headers: &mut HeaderMap, id: &RequestId) {
    const ALWAYS: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// The route's name in the figures: one of ours, never what was asked for.
fn route(pattern: Option<&str>) -> &'static str {
    const OURS: [&str; 6] = [
        "/",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/telegram/webhook",
        "/fal/webhook/{generation}",
    ];
    let ours = OURS.into_iter().find(|route| Some(*route) == pattern);
    match pattern {
        _ if ours.is_some() => ours.unwrap_or("other"),
        Some(pattern) if pattern.starts_with("/sandbox") => "/sandbox",
        Some(pattern) if pattern.starts_with("/files") => "/files",
        Some(pattern) if pattern.starts_with("/admin") => "/admin",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
