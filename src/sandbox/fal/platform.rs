//! FAL's platform API, as far as it is played: what is kept of a request is deleted, for a key of its own.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde_json::{Value, json};

use super::{Inner, http::trouble, queue::Deleted};

/// This API's own shape of an error.
fn refuse(status: StatusCode, kind: &str, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "error": { "type": kind, "message": message } }))
}

impl Inner {
    pub(super) fn delete_payloads(&self, request: &HttpRequest, id: &str) -> HttpResponse {
        let given = request.headers().get(header::AUTHORIZATION);
        let given = given.and_then(|given| given.to_str().ok());
        if !given.is_some_and(|given| self.identity.accepts_admin(given)) {
            let message = "Authentication with an admin key is required";
            return refuse(StatusCode::UNAUTHORIZED, "authorization_error", message);
        }
        match self.queue.delete_payloads(id) {
            Ok(Some(Deleted::Files(names))) => {
                let link = |name: &String| format!("{}/files/{name}", self.queue_url());
                let results =
                    names.iter().map(|name| json!({ "link": link(name), "exception": null }));
                HttpResponse::Ok().json(json!({ "cdn_delete_results": results.collect::<Value>() }))
            }
            Ok(Some(Deleted::NotYet)) => {
                let message = "Request is still in progress";
                refuse(StatusCode::BAD_REQUEST, "validation_error", message)
            }
            Ok(None) => refuse(StatusCode::NOT_FOUND, "not_found", "Request not found"),
            Err(error) => trouble(&error),
        }
    }
}
