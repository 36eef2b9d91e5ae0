//! The chat page, compiled in.

use actix_web::{HttpResponse, http::header, web};

/// Nothing from elsewhere; pictures also as data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Mounts the page and its two files.
pub(super) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.route("/sandbox", web::get().to(html))
        .route("/sandbox/page/chat.css", web::get().to(css))
        .route("/sandbox/page/chat.js", web::get().to(script));
}

fn serve(kind: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(body)
}

async fn html() -> HttpResponse {
    serve("text/html; charset=utf-8", include_str!("../page/chat.html"))
}

async fn css() -> HttpResponse {
    serve("text/css; charset=utf-8", include_str!("../page/chat.css"))
}

async fn script() -> HttpResponse {
    serve("text/javascript; charset=utf-8", include_str!("../page/chat.js"))
}
