//! What every request to the dashboard passes: is there such a route, whose session is it, may they, and did a
//! page of ours send it. Whatever the table does not allow is refused.

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue, IF_NONE_MATCH, USER_AGENT,
        },
    },
    web,
};
use aisha_actors::domain::text::Language;

use super::{
    Ctx, Desk, Error, Visit, api, cookie,
    layout::{self, redirect},
    origin,
    routes::{Handler, Reply, Route},
    session::{self, PROOF_MAX, SignedIn},
    visit::{Fields, Theme},
};
use crate::{telemetry::RequestId, web::read_body};

/// The cookies of what was chosen.
pub(super) const LANGUAGE: &str = "aisha_admin_language";
pub(super) const THEME: &str = "aisha_admin_theme";

/// The header of requests that a script makes without anybody's doing.
const BY_ITSELF: &str = "x-by-itself";

/// Names of browsers are cut to this many characters.
const AGENT_MAX: usize = 120;

/// Answers a request to a route of the table, or to none.
pub(super) async fn answer(
    desk: Arc<Desk>,
    route: Option<&'static Route>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let mut visit = read(desk, &request);
    let reply = pass(&mut visit, route, &request, payload).await;
    let mut response = reply.unwrap_or_else(|error| {
        if matches!(error, Error::Away(_) | Error::Internal(_)) {
            tracing::warn!(%error, path = visit.path, "a page of the dashboard was not shown");
        }
        if api::is_below(&visit.path) {
            return api::refusal(&visit, error.status(), error.key());
        }
        layout::error(&visit, &error)
    });
    dress(&visit.desk, &mut response);
    response
}

/// What can be said of a request without believing anything in it.
fn read(desk: Arc<Desk>, request: &HttpRequest) -> Visit {
    let header = |name: HeaderName| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let language = match cookie::read(request.headers(), LANGUAGE) {
        Some("en") => Language::En,
        Some("ru") => Language::Ru,
        _ => Language::for_code(header(ACCEPT_LANGUAGE)),
    };
    let theme = Theme::parse(cookie::read(request.headers(), THEME).unwrap_or_default());
    let token = cookie::read(request.headers(), cookie::session_name(desk.is_https()));
    let params = request.match_info().iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    Visit {
        language,
        theme,
        path: request.path().to_owned(),
        params: Fields::new(params),
        query: Fields::parse(request.query_string().as_bytes()).unwrap_or_default(),
        form: Fields::default(),
        request_id: request_id.unwrap_or_default(),
        address: origin::address(request, &desk.trusted_proxies),
        agent: header(USER_AGENT).chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect(),
        token: token.map(str::to_owned),
        if_none_match: header(IF_NONE_MATCH).to_owned(),
        signed_in: None,
        desk,
    }
}

async fn pass(
    visit: &mut Visit,
    route: Option<&'static Route>,
    request: &HttpRequest,
    payload: web::Payload,
) -> Reply {
    let mutates = route.is_none_or(Route::mutates) && !request.method().is_safe();
    if mutates && !origin::is_ours(request, visit.desk.public_url.as_deref()) {
        return Err(Error::Forged);
    }
    // Assets need no session, and so no look at the database.
    if route.is_none_or(|route| route.role.is_some()) {
        visit.signed_in = visit.desk.signed_in(visit.token.as_deref()).await?;
    }
    let Some(route) = route else {
        // Strangers are not told which places there are.
        return match &visit.signed_in {
            Some(_) => Err(Error::NotFound),
            None if mutates => Err(Error::Forbidden),
            None => Ok(to_login(visit)),
        };
    };
    let handler = match route.handler {
        Handler::Open(handler) => {
            if mutates {
                visit.form = form(request, payload).await?;
            }
            return handler(visit.clone()).await;
        }
        Handler::Page(handler) => handler,
    };
    let Some(signed_in) = visit.signed_in.clone() else {
        return if mutates { Err(Error::Forbidden) } else { Ok(to_login(visit)) };
    };
    if route.role.is_none_or(|role| signed_in.operator.role < role) {
        return Err(Error::Forbidden);
    }
    if mutates {
        visit.form = form(request, payload).await?;
        let header = request.headers().get("x-csrf-token").and_then(|value| value.to_str().ok());
        let said = header.unwrap_or_else(|| visit.form.get("csrf"));
        if !session::is_csrf(visit.token.as_deref().unwrap_or_default(), said) {
            return Err(Error::Forged);
        }
    }
    // What a page asks for by itself is no sign that somebody is there.
    if mutates || !request.headers().contains_key(BY_ITSELF) {
        visit.desk.touch(&signed_in.session).await?;
    }
    if route.fresh && !is_fresh(visit, &signed_in) {
        return Ok(to_proof(visit));
    }
    handler(Ctx::new(visit.clone(), signed_in)).await
}

fn is_fresh(visit: &Visit, signed_in: &SignedIn) -> bool {
    // Who has no password came by a link of the sandbox and cannot give one.
    let has_password = signed_in.operator.has_password;
    !has_password || visit.now().since(signed_in.session.proved_at) < PROOF_MAX
}

fn to_login(visit: &Visit) -> HttpResponse {
    if api::is_below(&visit.path) {
        return api::refusal(visit, StatusCode::UNAUTHORIZED, "login-title");
    }
    let next = url::form_urlencoded::byte_serialize(visit.path.as_bytes()).collect::<String>();
    redirect(&format!("/admin/login?next={next}"))
}

/// To the password, and then to the page that the form was on.
fn to_proof(visit: &Visit) -> HttpResponse {
    let parts: Vec<&str> = visit.path.split('/').take(4).collect();
    let next = parts.join("/");
    let next = url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
    redirect(&format!("/admin/proof?next={next}"))
}

async fn form(request: &HttpRequest, payload: web::Payload) -> Result<Fields, Error> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let body = read_body(request, payload).await.map_err(|_| Error::BadRequest)?;
    if !is_form && !body.is_empty() {
        return Err(Error::BadRequest);
    }
    Fields::parse(&body).ok_or(Error::BadRequest)
}

/// No inline code or style, nothing from elsewhere but pictures from storage, in no frame.
fn dress(desk: &Desk, response: &mut HttpResponse) {
    let images = desk.images.as_deref().map(|origin| format!(" {origin}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let name = HeaderName::from_static("content-security-policy");
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(name, value);
    }
    // With `no-referrer` a browser would say `Origin: null` of our own forms.
    let referrer = HeaderName::from_static("referrer-policy");
    response.headers_mut().insert(referrer, HeaderValue::from_static("same-origin"));
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let retry = HeaderName::from_static("retry-after");
        response.headers_mut().insert(retry, HeaderValue::from_static("5"));
    }
}
