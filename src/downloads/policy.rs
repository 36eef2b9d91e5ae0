//! Which addresses may be fetched, as far as their text tells.

use std::net::IpAddr;

use reqwest::Url;
use url::{Host, Origin};

use super::global::is_global;

const URL_MAX: usize = 2048;

/// Hosts of tests and placeholders, and names that are nobody's; what is under them too.
const NEVER: [&str; 24] = [
    "dummyimage.com",
    "example",
    "example.com",
    "example.net",
    "example.org",
    "fakeimg.pl",
    "home.arpa",
    "httpbin.org",
    "internal",
    "invalid",
    "lan",
    "local",
    "localhost",
    "lorempixel.com",
    "loremflickr.com",
    "onion",
    "picsum.photos",
    "placehold.co",
    "placehold.it",
    "placeholder.com",
    "placeimg.com",
    "placekitten.com",
    "placebear.com",
    "test",
];

/// Why an address may not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the address is malformed or disguised")]
    Malformed,
    #[error("the address is not https")]
    Scheme,
    #[error("the host is not on the public internet")]
    NotPublic,
    #[error("the host is one for tests and placeholders")]
    TestHost,
    #[error("the host is not among those that are allowed")]
    NotListed,
}

/// What an address may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The queue's own origin, wherever it is.
    Provider,
    /// Public addresses.
    Public,
}

#[derive(Debug)]
pub(super) struct Policy {
    provider: Origin,
    proxy_host: Option<String>,
    /// In lower case; empty: any.
    hosts: Vec<String>,
}

impl Policy {
    pub(super) fn new(queue: Url, proxy_host: Option<String>, hosts: &[String]) -> Self {
        let hosts = hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Self { provider: queue.origin(), proxy_host, hosts }
    }

    /// The address as it is to be fetched, and through which client.
    pub(super) fn check(&self, text: &str) -> Result<(Url, Reach), Refusal> {
        if text.len() > URL_MAX || !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return Err(Refusal::Malformed);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Refusal::Malformed)?;
        if !matches!(scheme, "https" | "http") {
            return Err(Refusal::Scheme);
        }
        // No name, no password, no host in disguise.
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() || authority.contains(['@', '%']) {
            return Err(Refusal::Malformed);
        }
        let url = Url::parse(text).map_err(|_error| Refusal::Malformed)?;
        if url.origin() == self.provider {
            return Ok((url, Reach::Provider));
        }
        if url.scheme() != "https" || url.port().is_some() {
            return Err(Refusal::Scheme);
        }
        match url.host().ok_or(Refusal::Malformed)? {
            Host::Domain(name) => self.check_name(name)?,
            Host::Ipv4(address) => self.check_address(IpAddr::V4(address))?,
            Host::Ipv6(address) => self.check_address(IpAddr::V6(address))?,
        }
        Ok((url, Reach::Public))
    }

    fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        if !is_global(address) {
            return Err(Refusal::NotPublic);
        }
        if self.hosts.is_empty() { Ok(()) } else { Err(Refusal::NotListed) }
    }

    fn check_name(&self, name: &str) -> Result<(), Refusal> {
        let is_disguised = name.ends_with('.')
            || name.split('.').any(|label| label.is_empty() || label.starts_with("xn--"));
        if is_disguised {
            return Err(Refusal::Malformed);
        }
        if NEVER.iter().any(|never| is_under(name, never)) {
            return Err(Refusal::TestHost);
        }
        // A name without a dot is a machine of the local network.
        if !name.contains('.') || self.proxy_host.as_deref() == Some(name) {
            return Err(Refusal::NotPublic);
        }
        let is_listed = |host: &String| match host.strip_prefix("*.") {
            Some(parent) => name != parent && is_under(name, parent),
            None => name == host,
        };
        if self.hosts.is_empty() || self.hosts.iter().any(is_listed) {
            Ok(())
        } else {
            Err(Refusal::NotListed)
        }
    }
}

/// Whether an address names a host of tests and placeholders, or one that is nobody's.
pub(super) fn is_test_address(text: &str) -> bool {
    let url = Url::parse(text).ok();
    let name = url.as_ref().and_then(Url::domain).map(|name| name.trim_end_matches('.'));
    name.is_some_and(|name| NEVER.iter().any(|never| is_under(name, never)))
}

/// Whether a name is the parent or under it.
fn is_under(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "http://127.0.0.1:9400/sandbox/fal";

    fn check(hosts: &[&str], text: &str) -> Result<Reach, Refusal> {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let proxy = Some("proxy.corp.net".to_owned());
        Policy::new(Url::parse(QUEUE).unwrap(), proxy, &hosts).check(text).map(|(_, reach)| reach)
    }

    #[test]
    fn public_hosts_and_the_queue_are_allowed() {
        for text in [
            "https://v3.fal.media/files/a/b.jpg",
            "https://V3.FAL.media:443/files/a/b.jpg?x=1%202#f",
            "https://storage.googleapis.com/falserverless/x.png",
            "https://8.8.8.8/x",
            "https://[2606:4700::1111]/x",
            "https://contest.io/x",
            "https://notexample.com/x",
        ] {
            assert_eq!(check(&[], text), Ok(Reach::Public), "{text}");
        }
        assert_eq!(check(&[], "http://127.0.0.1:9400/files/1.jpg"), Ok(Reach::Provider));
    }

    #[test]
    fn hosts_of_tests_are_known_wherever_they_are_met() {
        for text in [
            "https://example.com/a.jpg",
            "http://img.EXAMPLE.com:8080/a.jpg",
            "https://picsum.photos/512",
            "https://example.org./x",
            "https://cdn.test/x",
            "http://localhost/x",
        ] {
            assert!(is_test_address(text), "{text}");
        }
        for text in ["https://v3.fal.media/a.jpg", "https://notexample.com/a", "http://127.0.0.1/a"]
        {
            assert!(!is_test_address(text), "{text}");
        }
        assert!(!is_test_address("example.com"), "no address at all");
    }

    #[test]
    fn whatever_is_not_surely_public_is_refused() {
        use Refusal::{Malformed, NotPublic, Scheme, TestHost};
        for (text, refusal) in [
            ("https://127.1/x", NotPublic),
            ("https://0x7f.1/x", NotPublic),
            ("https://0177.0.0.1/x", NotPublic),
            ("https://2130706433/x", NotPublic),
            ("https://127.0.0.1:443/x", NotPublic),
            ("https://0/x", NotPublic),
            ("https://[::1]/x", NotPublic),
            ("https://[::]/x", NotPublic),
            ("https://[::ffff:127.0.0.1]/x", NotPublic),
            ("https://[::ffff:7f00:1]/x", NotPublic),
            ("https://[64:ff9b::7f00:1]/x", NotPublic),
            ("https://[64:ff9b::169.254.169.254]/x", NotPublic),
            ("https://[fc00::1]/x", NotPublic),
            ("https://[fe80::1]/x", NotPublic),
            ("https://169.254.169.254/latest/meta-data/", NotPublic),
            ("https://10.0.0.1/x", NotPublic),
            ("https://100.64.0.1/x", NotPublic),
            ("https://172.16.0.1/x", NotPublic),
            ("https://192.168.0.1/x", NotPublic),
            ("https://intranet/x", NotPublic),
            ("https://proxy.corp.net/x", NotPublic),
            ("http://169.254.169.254/x", Scheme),
            ("http://v3.fal.media/x", Scheme),
            ("http://127.0.0.1:9401/x", Scheme),
            ("https://127.0.0.1:9400/x", Scheme),
            ("http://localhost:9400/x", Scheme),
            ("https://v3.fal.media:8443/x", Scheme),
            ("https://v3.fal.media:22/x", Scheme),
            ("file:///etc/passwd", Scheme),
            ("ftp://v3.fal.media/x", Scheme),
            ("gopher://v3.fal.media/x", Scheme),
            ("HTTPS://v3.fal.media/x", Scheme),
            ("data:image/png;base64,AAAA", Malformed),
            ("javascript:alert(1)", Malformed),
            ("https:v3.fal.media/x", Malformed),
            ("https:/v3.fal.media/x", Malformed),
            ("https:///v3.fal.media/x", Malformed),
            ("//v3.fal.media/x", Malformed),
            ("https://user@v3.fal.media/x", Malformed),
            ("https://v3.fal.media@127.0.0.1/x", Malformed),
            ("https://@v3.fal.media/x", Malformed),
            ("http://x@127.0.0.1:9400/x", Malformed),
            ("https://v3.fal.media./x", Malformed),
            ("https://127.0.0.1./x", NotPublic),
            ("https://%6cocalhost/x", Malformed),
            ("https://v3.fal.media\\@evil.com/x", Malformed),
            ("https://v3.fal.media /x", Malformed),
            ("https://v3.fal.media/\r\nHost: x", Malformed),
            ("https://v3.fäl.media/x", Malformed),
            ("https://v3。fal.media/x", Malformed),
            ("https://ⓛocalhost/x", Malformed),
            ("https://xn--fl-1ia.media/x", Malformed),
            ("https://a..b.com/x", Malformed),
            ("https://[::1/x", Malformed),
            ("", Malformed),
            ("https://localhost/x", TestHost),
            ("https://a.localhost/x", TestHost),
            ("https://example.com/x.png", TestHost),
            ("https://www.example.org/x.png", TestHost),
            ("https://EXAMPLE.net/x.png", TestHost),
            ("https://cdn.test/x", TestHost),
            ("https://cdn.example/x", TestHost),
            ("https://cdn.invalid/x", TestHost),
            ("https://metadata.google.internal/x", TestHost),
            ("https://printer.local/x", TestHost),
            ("https://picsum.photos/512", TestHost),
            ("https://fastly.picsum.photos/512", TestHost),
            ("https://via.placeholder.com/512", TestHost),
            ("https://placehold.co/512", TestHost),
        ] {
            assert_eq!(check(&[], text), Err(refusal), "{text}");
        }
        let long = format!("https://v3.fal.media/{}", "x".repeat(URL_MAX));
        assert_eq!(check(&[], &long), Err(Malformed));
    }

    #[test]
    fn a_list_leaves_only_what_stands_in_it() {
        let hosts = ["*.fal.media", "Images.Partner.com"];
        let listed = |text: &str| check(&hosts, text);
        assert_eq!(listed("https://v3.fal.media/x"), Ok(Reach::Public));
        assert_eq!(listed("https://images.partner.com/x"), Ok(Reach::Public));
        assert_eq!(listed("http://127.0.0.1:9400/x"), Ok(Reach::Provider));
        for text in [
            "https://fal.media/x",
            "https://evilfal.media/x",
            "https://fal.media.evil.com/x",
            "https://a.images.partner.com/x",
            "https://8.8.8.8/x",
        ] {
            assert_eq!(listed(text), Err(Refusal::NotListed), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_allowed_is_plain(text in r"(https?|file)://[a-zA-Z0-9.:@%\[\]/?#_-]{0,40}") {
            if let Ok(Reach::Public) = check(&[], &text) {
                let url = Url::parse(&text).unwrap();
                assert!(url.scheme() == "https" && url.port().is_none() && url.username().is_empty());
                match url.host().unwrap() {
                    Host::Domain(name) => assert!(name.contains('.') && !name.ends_with('.')),
                    Host::Ipv4(address) => assert!(is_global(address.into())),
                    Host::Ipv6(address) => assert!(is_global(address.into())),
                }
            }
        }
    }
}
