//! Where an object is by a URL: what an earlier system left in its rows instead of bucket and key.

use url::Url;

use super::is_addressable;
use aisha_actors::domain::picture::ObjectKey;

/// What we know of our own storage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Base addresses, without a slash at the end: the endpoint, and the one that links are made with.
    pub endpoints: &'a [String],
    pub buckets: &'a [String],
    /// What our keys stand below in every bucket; empty, or without slashes at its ends.
    pub prefix: &'a str,
}

/// What a URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// This very object.
    Object(ObjectKey),
    /// This key, in one of the known buckets.
    Key(String),
    /// Nothing that could be ours.
    Nothing,
}

/// Reads a URL. The bucket is the first part of the path (path style) or the first label of the host
/// (virtual-host style), on whatever host: endpoints move. Where neither is a bucket that we know, the
/// path may still be a key, but only of a presigned URL or of one at our own endpoint: other addresses
/// are somebody else's. That an address is the provider's is for the caller to know.
pub(super) fn find(url: &str, known: Known<'_>) -> Found {
    let Ok(url) = Url::parse(url) else { return Found::Nothing };
    let (Some(host), Some(path)) = (url.host_str(), decoded(url.path())) else {
        return Found::Nothing;
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Found::Nothing;
    }
    let endpoints = || known.endpoints.iter().filter_map(|endpoint| Url::parse(endpoint).ok());
    let base = endpoints().find(|base| base.host_str() == Some(host) && base.port() == url.port());
    let is_ours = base.is_some();
    // An endpoint may have a path of its own.
    let path = base
        .as_ref()
        .and_then(|base| path.strip_prefix(base.path().trim_end_matches('/')))
        .unwrap_or(&path)
        .trim_start_matches('/');
    let is_known = |name: &str| known.buckets.iter().any(|bucket| bucket == name);
    let by_path = path.split_once('/').filter(|(bucket, _)| is_known(bucket));
    let by_host = host.split_once('.').map(|(label, _)| (label, path)).filter(|(l, _)| is_known(l));
    match by_path.or(by_host) {
        Some((bucket, key)) => {
            let bucket = bucket.to_owned();
            let key = own_key(key, known.prefix);
            key.map_or(Found::Nothing, |key| Found::Object(ObjectKey { bucket, key }))
        }
        None if is_ours || is_presigned(&url) => {
            own_key(path, known.prefix).map_or(Found::Nothing, Found::Key)
        }
        None => Found::Nothing,
    }
}

/// Signed in the style of S3, version 4 or 2.
fn is_presigned(url: &Url) -> bool {
    let mut names = url.query_pairs().map(|(name, _)| name.to_ascii_lowercase());
    names.any(|name| name == "x-amz-signature" || name == "awsaccesskeyid")
}

fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.extend(hex::decode(digits).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The key without the prefix, as rows would keep it.
fn own_key(key: &str, prefix: &str) -> Option<String> {
    let below = match prefix {
        "" => Some(key),
        prefix => key.strip_prefix(prefix).and_then(|key| key.strip_prefix('/')),
    };
    below.filter(|key| is_addressable(key)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0a";

    fn found_below(prefix: &str, url: &str) -> Found {
        let endpoints =
            ["http://minio:9000", "https://pictures.example.com/s3"].map(ToOwned::to_owned);
        let buckets = ["imagen4", "generated"].map(ToOwned::to_owned);
        find(url, Known { endpoints: &endpoints, buckets: &buckets, prefix })
    }

    fn found(url: &str) -> Found {
        found_below("", url)
    }

    fn at(bucket: &str, key: &str) -> Found {
        Found::Object(ObjectKey { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    #[test]
    fn the_bucket_is_the_first_part_of_the_path() {
        for url in [
            "http://minio:9000/imagen4/2025/01/02/a_1.jpg",
            "https://pictures.example.com/s3/imagen4/2025/01/02/a_1.jpg",
            &format!("http://minio:9000/imagen4/2025/01/02/a_1.jpg{SIGNED}"),
            // The ancestor's server had another name.
            &format!("http://192.0.2.7:9000/imagen4/2025/01/02/a_1.jpg{SIGNED}"),
            "http://192.0.2.7:9000/imagen4/2025/01/02/a_1.jpg",
            "http://minio:9000//imagen4/2025/01/02/a_1.jpg",
        ] {
            assert_eq!(found(url), at("imagen4", "2025/01/02/a_1.jpg"), "{url}");
        }
        assert_eq!(
            found("http://minio:9000/generated/a%20b%2Bc.jpg"),
            at("generated", "a b+c.jpg")
        );
    }

    #[test]
    fn the_bucket_is_the_first_label_of_the_host() {
        for url in [
            "http://imagen4.minio:9000/2025/a_1.jpg",
            "https://imagen4.pictures.example.com/2025/a_1.jpg",
            &format!("https://imagen4.s3.eu-central-1.amazonaws.com/2025/a_1.jpg{SIGNED}"),
        ] {
            assert_eq!(found(url), at("imagen4", "2025/a_1.jpg"), "{url}");
        }
    }

    #[test]
    fn where_no_bucket_is_named_the_key_is_looked_for() {
        let key = Found::Key("2025/a_1.jpg".to_owned());
        assert_eq!(found("http://minio:9000/2025/a_1.jpg"), key);
        assert_eq!(found(&format!("https://cdn.example.com/2025/a_1.jpg{SIGNED}")), key);
    }

    #[test]
    fn the_prefix_is_no_part_of_the_key() {
        let url = "http://minio:9000/imagen4/old/aisha/2025/a_1.jpg";
        assert_eq!(found_below("old/aisha", url), at("imagen4", "2025/a_1.jpg"));
        // Without the prefix it is not ours.
        assert_eq!(found_below("other", url), Found::Nothing);
    }

    #[test]
    fn what_belongs_to_others_is_left_alone() {
        for url in [
            "https://v3.fal.media/files/imagen4/a_1.jpg",
            "https://v3.fal.media/2025/a_1.jpg",
            "https://pictures.example.org/2025/a_1.jpg",
            "https://example.com/test.jpg",
            "ftp://minio:9000/imagen4/a_1.jpg",
            "file:///imagen4/a_1.jpg",
            "http://minio:9000/imagen4/",
            "http://minio:9000/",
            "http://minio:9000/imagen4/%2e%2e/generated/a.jpg",
            "http://minio:9000/imagen4/a%00b.jpg",
            "http://minio:9000/imagen4/%ff.jpg",
            "http://minio:9000/imagen4/%4",
            "imagen4/a_1.jpg",
            "",
        ] {
            let got = found(url);
            // Folded by the URL itself, it names another bucket, and honestly so.
            let folded = url.contains("%2e%2e") && got == at("generated", "a.jpg");
            assert!(got == Found::Nothing || folded, "{url}: {got:?}");
        }
    }
}
