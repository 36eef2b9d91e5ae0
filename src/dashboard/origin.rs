//! Where a request comes from: which page, and which machine.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::header::{HOST, HeaderName, ORIGIN},
};

/// Whether one of our own pages sent it. A browser always says so, in one of two ways; whoever says
/// nothing is no browser and has no page of ours.
pub(super) fn is_ours(request: &HttpRequest, public_url: Option<&str>) -> bool {
    let header = |name: HeaderName| request.headers().get(name).map(|value| value.to_str());
    if let Some(site) = header(HeaderName::from_static("sec-fetch-site")) {
        return site.is_ok_and(|site| site == "same-origin");
    }
    let Some(Ok(origin)) = header(ORIGIN) else { return false };
    if public_url.is_some_and(|url| origin_of(url).as_deref() == Some(origin)) {
        return true;
    }
    let Some(Ok(host)) = header(HOST) else { return false };
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority == host)
}

fn origin_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok().map(|url| url.origin().ascii_serialization())
}

/// Who asks. What a proxy says counts only when the proxy is one of ours, and of what it says only the
/// last address: those before it came from outside.
pub(super) fn address(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
        return "unknown".to_owned();
    };
    if !trusted_proxies.contains(&peer) {
        return peer.to_string();
    }
    let forwarded = request.headers().get_all(HeaderName::from_static("x-forwarded-for")).last();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    let told = last.and_then(|address| address.trim().parse::<IpAddr>().ok());
    told.map_or(peer, |told| told.to_canonical()).to_string()
}

/// A place of ours to go to, and nowhere else.
pub(super) fn local(path: &str) -> Option<&str> {
    let is_ours = path == "/admin" || path.starts_with("/admin/") || path.starts_with("/admin?");
    let is_plain = path.len() <= 500
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !path.contains("//")
        && !path.contains("/..");
    (is_ours && is_plain).then_some(path)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_pages_of_ours_are_ours() {
        let asked = |headers: &[(&'static str, &'static str)]| {
            let request = headers
                .iter()
                .fold(TestRequest::post(), |request, header| request.insert_header(*header));
            is_ours(&request.to_http_request(), Some("https://admin.example/x"))
        };
        let host = ("host", "127.0.0.1:8080");
        assert!(asked(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(asked(&[host, ("origin", "http://127.0.0.1:8080")]));
        assert!(asked(&[host, ("origin", "https://admin.example")]));
        for headers in [
            vec![],
            vec![host],
            vec![host, ("origin", "null")],
            vec![host, ("origin", "http://evil.example")],
            vec![host, ("origin", "http://127.0.0.1:8080.evil.example")],
            vec![host, ("origin", "http://admin.example")],
            vec![("origin", "http://127.0.0.1:8080")],
            vec![host, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")],
            vec![host, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")],
            vec![host, ("sec-fetch-site", "none")],
        ] {
            assert!(!asked(&headers), "{headers:?}");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        let asked = |trusted: &[&str]| {
            let request = TestRequest::post()
                .peer_addr("10.0.0.1:5000".parse().unwrap())
                .insert_header(("x-forwarded-for", "1.1.1.1, 2.2.2.2"))
                .to_http_request();
            let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
            address(&request, &trusted)
        };
        assert_eq!(asked(&[]), "10.0.0.1");
        assert_eq!(asked(&["10.0.0.2"]), "10.0.0.1");
        assert_eq!(asked(&["10.0.0.1"]), "2.2.2.2");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for ours in ["/admin", "/admin/audit?before=5", "/admin?done=x"] {
            assert_eq!(local(ours), Some(ours));
        }
        for other in [
            "",
            "/",
            "//evil.example",
            "/admin//evil",
            "/\\evil",
            "/administrator",
            "https://evil.example/admin",
            "/admin/../x",
            "/admin/\r\nSet-Cookie: x",
        ] {
            assert_eq!(local(other), None, "{other}");
        }
    }
}
