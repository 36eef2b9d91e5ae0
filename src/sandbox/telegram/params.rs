//! Parameters of a call, from the query string and a body in any of the four forms.

use std::collections::HashMap;

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest,
    http::header::{CONTENT_TYPE, HeaderMap},
    web::{Bytes, BytesMut, Payload},
};
use futures::{StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::Refusal;

/// A whole body with its files, in bytes: Telegram takes files up to 50 MB.
const BODY_MAX: usize = 52 * 1024 * 1024;
/// A body without files, in bytes.
const PLAIN_MAX: usize = 4 * 1024 * 1024;
/// How many parts a form may have.
const PARTS_MAX: usize = 200;
/// Parameters whose value is an object; forms carry them as JSON text.
const OBJECTS: [&str; 12] = [
    "allowed_updates",
    "caption_entities",
    "commands",
    "entities",
    "link_preview_options",
    "media",
    "menu_button",
    "message_ids",
    "photo",
    "reply_markup",
    "reply_parameters",
    "scope",
];

/// A file that came with a call.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Bytes,
}

/// The parameters of one call.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Upload>,
}

impl Params {
    /// Reads query string and body.
    pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Refusal> {
        let mut params = Self::default();
        params.add_form(request.query_string().as_bytes());
        let kind = content_type(request.headers());
        match kind.as_str() {
            "multipart/form-data" => {
                params.add_multipart(Multipart::new(request.headers(), payload)).await?;
            }
            "application/json" => {
                let body = collect(payload).await?;
                params.add_json(&body)?;
            }
            "application/x-www-form-urlencoded" => {
                let body = collect(payload).await?;
                params.add_form(&body);
            }
            _ => drop(collect(payload).await?),
        }
        Ok(params)
    }

    /// Parameters of a call that a webhook's answer asks for.
    pub(crate) fn of_body(kind: &str, body: &[u8]) -> Option<Self> {
        let mut params = Self::default();
        if kind == "application/json" {
            params.add_json(body).ok()?;
        } else {
            params.add_form(body);
        }
        Some(params)
    }

    fn add_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        let parsed: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|_| Refusal::bad("object expected as request body"))?;
        self.values.extend(parsed.into_iter().filter(|(_, value)| !value.is_null()));
        Ok(())
    }

    async fn add_multipart(&mut self, mut form: Multipart) -> Result<(), Refusal> {
        let unreadable = |_| Refusal::bad("can't parse multipart/form-data request");
        let mut left = BODY_MAX;
        let mut parts = 0_usize;
        while let Some(mut field) = form.try_next().await.map_err(unreadable)? {
            parts += 1;
            if parts > PARTS_MAX {
                return Err(Refusal::bad("too many parts in the request"));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field
                .content_disposition()
                .and_then(|disposition| disposition.get_filename().map(str::to_owned));
            let extended = field.content_disposition().and_then(|disposition| {
                let name = disposition.get_filename_ext()?;
                String::from_utf8(name.value.clone()).ok()
            });
            let mime = field.content_type().map(ToString::to_string);
            let mut bytes = BytesMut::new();
            while let Some(chunk) = field.next().await {
                let chunk = chunk.map_err(unreadable)?;
                left = left.checked_sub(chunk.len()).ok_or_else(too_large)?;
                bytes.extend_from_slice(&chunk);
            }
            let bytes = bytes.freeze();
            if let Some(file_name) = extended.or(file_name) {
                self.files.insert(name, Upload { name: Some(file_name), mime, bytes });
            } else {
                let text = String::from_utf8(bytes.to_vec())
                    .map_err(|_| Refusal::bad("strings must be encoded in UTF-8"))?;
                self.values.insert(name, Value::String(text));
            }
        }
        Ok(())
    }

    /// A parameter as text; numbers and flags are spelt out.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// A whole number; anything else counts as absent, as with Telegram.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A flag.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => {
                ["true", "yes", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
            }
            _ => false,
        }
    }

    /// A parameter that is an object or an array, or JSON text of one. Absent or empty is `None`.
    pub(crate) fn value(&self, name: &str) -> Result<Option<Value>, serde_json::Error> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// The same, read into a type.
    pub(crate) fn object<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, serde_json::Error> {
        self.value(name)?.map(serde_json::from_value).transpose()
    }

    /// The file in the part of this name.
    pub(crate) fn file(&self, name: &str) -> Option<&Upload> {
        self.files.get(name)
    }

    /// True when the parameter was given at all, also as a file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.files.contains_key(name)
    }

    /// What the journal keeps: objects as objects, files as their length in bytes, no secret.
    pub(crate) fn journal(&self) -> Value {
        let mut body = Map::with_capacity(self.values.len() + self.files.len());
        for (name, value) in &self.values {
            let shown = match value {
                Value::String(_) if name == "secret_token" => Value::from("(secret)"),
                Value::String(text)
                    if OBJECTS.contains(&name.as_str()) && text.starts_with(['{', '[']) =>
                {
                    serde_json::from_str(text).unwrap_or_else(|_| value.clone())
                }
                _ => value.clone(),
            };
            body.insert(name.clone(), shown);
        }
        for (name, file) in &self.files {
            body.insert(name.clone(), Value::from(file.bytes.len()));
        }
        Value::Object(body)
    }
}

fn too_large() -> Refusal {
    Refusal::new(413, "Request Entity Too Large")
}

/// The media type without its parameters, in lower case; empty when there is none.
pub(crate) fn content_type(headers: &HeaderMap) -> String {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// A bounded body without files.
pub(crate) async fn collect(mut payload: Payload) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad("the request body could not be read"))?;
        if body.len() + chunk.len() > PLAIN_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
