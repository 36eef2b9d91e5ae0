//! Where spans are sent: OpenTelemetry's own variables.

use reqwest::header::{HeaderName, HeaderValue};

use super::Check;
use crate::settings::{Error, Secret, Spans};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const SERVICE: &str = "OTEL_SERVICE_NAME";

/// Characters of a service's name.
const SERVICE_MAX: usize = 200;

impl Check<'_> {
    /// None: nowhere. The other variables alone mean nothing, since other programs on the machine hear them.
    pub(super) fn spans(&self) -> Result<Option<Spans>, Error> {
        let get = |name| self.environment.get(name);
        let Some(base) = get(ENDPOINT) else { return Ok(None) };
        let endpoint = format!("{}/v1/traces", self.base(ENDPOINT, base)?);
        if get(PROTOCOL).is_some_and(|said| said != "http/protobuf") {
            return Err(Error::value(PROTOCOL, "only http/protobuf is spoken here"));
        }
        let headers = headers(get(HEADERS).unwrap_or_default())
            .ok_or_else(|| Error::value(HEADERS, "it looks like name=value,name=value"))?;
        let service = get(SERVICE).unwrap_or("aisha").to_owned();
        if service.chars().count() > SERVICE_MAX || service.contains(char::is_control) {
            return Err(Error::value(SERVICE, "it is a short name"));
        }
        Ok(Some(Spans { endpoint, headers, service }))
    }
}

/// Names and values; a value may be written with `%20` and the like.
fn headers(text: &str) -> Option<Vec<(String, Secret)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            let value = decoded(value.trim());
            HeaderValue::from_str(&value).ok()?;
            Some((name.as_str().to_owned(), Secret::new(value)))
        })
        .collect()
}

fn decoded(value: &str) -> String {
    // The parser is for forms: what has a meaning there has none here.
    let plain = value.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let mut parsed = url::form_urlencoded::parse(plain.as_bytes());
    parsed.next().map(|(value, _)| value.into_owned()).unwrap_or_default()
}
