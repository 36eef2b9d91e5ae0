//! The chat page, compiled in.

use actix_web::{HttpResponse, http::header, web};

/// Nothing from elsewhere; pictures also as data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The page's files under `/sandbox/page/`: a style sheet and ES modules that import each other.
const FILES: [(&str, &str); 13] = [
    ("chat.css", include_str!("../page/chat.css")),
    ("chat.js", include_str!("../page/chat.js")),
    ("api.js", include_str!("../page/api.js")),
    ("bubble.js", include_str!("../page/bubble.js")),
    ("composer.js", include_str!("../page/composer.js")),
    ("conversation.js", include_str!("../page/conversation.js")),
    ("dom.js", include_str!("../page/dom.js")),
    ("overlay.js", include_str!("../page/overlay.js")),
    ("rich-text.js", include_str!("../page/rich-text.js")),
    ("sidebar.js", include_str!("../page/sidebar.js")),
    ("timeline.js", include_str!("../page/timeline.js")),
    ("visitors.js", include_str!("../page/visitors.js")),
    ("words.js", include_str!("../page/words.js")),
];

/// Mounts the page and its files.
pub(super) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.route("/sandbox", web::get().to(html)).route("/sandbox/page/{name}", web::get().to(file));
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

async fn file(name: web::Path<String>) -> HttpResponse {
    let Some((name, body)) = FILES.iter().find(|(known, _)| *known == name.as_str()) else {
        return HttpResponse::NotFound().finish();
    };
    let kind = if name.ends_with(".css") {
        "text/css; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    };
    serve(kind, body)
}
