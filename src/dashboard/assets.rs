//! The style sheet and the scripts, compiled in.

use std::sync::OnceLock;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG},
};
use futures::FutureExt;
use sha2::{Digest, Sha256};

use super::{
    Error, Visit,
    routes::{Method, Reply, Route},
};

pub(super) const ROUTES: &[Route] =
    &[Route::open(Method::Get, "/admin/assets/{name}", |visit| file(visit).boxed_local())];

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Ours, and those of others with their licences.
const FILES: [(&str, &str, &str); 9] = [
    ("dashboard.css", CSS, include_str!("assets/dashboard.css")),
    ("live.js", SCRIPT, include_str!("assets/live.js")),
    ("charts.js", SCRIPT, include_str!("assets/charts.js")),
    ("htmx.min.js", SCRIPT, include_str!("assets/htmx.min.js")),
    ("htmx.LICENSE", TEXT, include_str!("assets/htmx.LICENSE")),
    ("uPlot.esm.js", SCRIPT, include_str!("assets/uPlot.esm.js")),
    ("uPlot.min.css", CSS, include_str!("assets/uPlot.min.css")),
    ("uPlot.LICENSE", TEXT, include_str!("assets/uPlot.LICENSE")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// The first half of each file's hash.
fn versions() -> &'static [String; FILES.len()] {
    static VERSIONS: OnceLock<[String; FILES.len()]> = OnceLock::new();
    VERSIONS.get_or_init(|| {
        FILES.map(|(_, _, text)| {
            let mut hash = hex::encode(Sha256::digest(text.as_bytes()));
            hash.truncate(16);
            hash
        })
    })
}

/// The address of a file, which changes with what is in it.
pub(super) fn url(name: &str) -> String {
    let versions = FILES.iter().zip(versions());
    let version = versions.into_iter().find(|((known, ..), _)| *known == name);
    match version {
        Some((_, version)) => format!("/admin/assets/{name}?v={version}"),
        None => format!("/admin/assets/{name}"),
    }
}

async fn file(visit: Visit) -> Reply {
    let name = visit.params.get("name");
    let mut known = FILES.iter().zip(versions());
    let Some(((_, kind, text), version)) = known.find(|((known, ..), _)| *known == name) else {
        return Err(Error::NotFound);
    };
    let tag = format!("\"{version}\"");
    // Scripts import each other by plain names, and are asked for again each time.
    let cache = if visit.query.get("v") == version {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response =
        if visit.if_none_match == tag { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, tag.clone())).insert_header((CACHE_CONTROL, cache));
    if visit.if_none_match == tag {
        return Ok(response.finish());
    }
    Ok(response.insert_header((CONTENT_TYPE, *kind)).body(*text))
}
