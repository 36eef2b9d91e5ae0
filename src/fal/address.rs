//! Addresses on the queue: which ones the key may be sent to, and how they are made.

use std::fmt;

use aisha_actors::domain::generation::Ticket;
use reqwest::Url;

/// The longest address that is taken from FAL, in bytes.
const URL_MAX: usize = 1024;
const REQUEST_ID_MAX: usize = 64;

/// The base of the queue API.
#[derive(Clone)]
pub(super) struct Queue {
    base: Url,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str())
    }
}

/// An http or https address without a name, password, query or fragment.
pub(super) fn base(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && is_anonymous(&url)
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

fn is_anonymous(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Whether the text is a request id: 1 to 64 of `A-Z`, `a-z`, `0-9`, `_` and `-`.
pub(super) fn is_request_id(text: &str) -> bool {
    (1..=REQUEST_ID_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl Queue {
    pub(super) fn new(text: &str) -> Option<Self> {
        base(text).map(|base| Self { base })
    }

    fn at(&self, path: &str) -> Option<Url> {
        Url::parse(&format!("{}/{path}", self.base.as_str().trim_end_matches('/'))).ok()
    }

    /// Where an endpoint's orders are handed in.
    pub(super) fn endpoint(&self, endpoint: &str) -> Option<Url> {
        parts(endpoint)?;
        self.at(endpoint)
    }

    /// An address that FAL gave us, if it is on this queue's origin.
    pub(super) fn own(&self, text: &str) -> Option<Url> {
        if text.len() > URL_MAX || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        (url.origin() == self.base.origin() && is_anonymous(&url)).then_some(url)
    }

    /// The ticket of a request, built from its id: owner and app without the path behind them.
    pub(super) fn ticket(&self, endpoint: &str, request_id: &str) -> Option<Ticket> {
        if !is_request_id(request_id) {
            return None;
        }
        let parts = parts(endpoint)?;
        let length = if matches!(parts.first(), Some(&("workflows" | "comfy"))) { 3 } else { 2 };
        let app = parts.get(..length)?.join("/");
        let response_url = self.at(&format!("{app}/requests/{request_id}"))?.to_string();
        Some(Ticket {
            request_id: request_id.to_owned(),
            status_url: format!("{response_url}/status"),
            cancel_url: format!("{response_url}/cancel"),
            response_url,
        })
    }
}

/// The parts of an endpoint id, if it is one.
fn parts(endpoint: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = endpoint.split('/').collect();
    let fits = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && !part.bytes().all(|b| b == b'.')
    };
    (parts.len() >= 2 && endpoint.len() <= 128 && parts.iter().all(fits)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_queues_own_origin_is_trusted() {
        let queue = Queue::new("https://queue.fal.run").unwrap();
        assert!(queue.own("https://queue.fal.run/fal-ai/imagen4/requests/1/status").is_some());
        assert!(queue.own("https://queue.fal.run:443/x").is_some());
        for foreign in [
            "http://queue.fal.run/x",
            "https://queue.fal.run:8443/x",
            "https://queue.fal.run.evil.com/x",
            "https://queue.fal.run@evil.com/x",
            "https://user@queue.fal.run/x",
            "https://evil.com/queue.fal.run",
            "//queue.fal.run/x",
            "/x",
            "file:///etc/passwd",
            "https://queue.fal.run/x\r\nX-Evil: 1",
            "",
        ] {
            assert!(queue.own(foreign).is_none(), "{foreign}");
        }
        assert!(queue.own(&format!("https://queue.fal.run/{}", "x".repeat(URL_MAX))).is_none());
    }

    #[test]
    fn a_ticket_leaves_the_path_behind_the_app_out() {
        let queue = Queue::new("http://127.0.0.1:8080/sandbox/fal/").unwrap();
        let ticket = queue.ticket("fal-ai/imagen4/preview", "abc-1_Z").unwrap();
        let base = "http://127.0.0.1:8080/sandbox/fal/fal-ai/imagen4/requests/abc-1_Z";
        assert_eq!(ticket.response_url, base);
        assert_eq!(ticket.status_url, format!("{base}/status"));
        assert_eq!(ticket.cancel_url, format!("{base}/cancel"));
        let workflow = queue.ticket("comfy/someone/thing/run", "1").unwrap();
        assert!(workflow.response_url.ends_with("/comfy/someone/thing/requests/1"));
    }

    #[test]
    fn what_is_no_request_id_gives_no_ticket() {
        let queue = Queue::new("https://queue.fal.run").unwrap();
        let long = "a".repeat(65);
        for id in ["", "../../x", "a/b", "a b", "a\r\nb", "a%2e", "é", "a?b", &long] {
            assert!(queue.ticket("fal-ai/flux", id).is_none(), "{id:?}");
        }
        assert!(queue.ticket("fal-ai/flux", &"a".repeat(64)).is_some());
        for endpoint in ["", "fal-ai", "fal-ai/../x", "fal-ai//x", "fal-ai/x?y", "workflows/x"] {
            assert!(queue.ticket(endpoint, "1").is_none(), "{endpoint:?}");
        }
    }

    #[test]
    fn a_base_carries_no_name_and_no_query() {
        for text in ["https://u:p@queue.fal.run", "ftp://x", "https://x/?a=1", "https://x/#a", "x"]
        {
            assert!(base(text).is_none(), "{text}");
        }
    }
}
