//! What is particular to S3: the wire, the buckets, the links.

use std::time::Instant;

use super::{testing::Server, *};
use crate::outgoing::testing::{Answer, Peer};

const SERVERS: [&str; 2] = ["AISHA_TEST_S3", "AISHA_TEST_RADOSGW"];

fn key(bucket: &str, key: &str) -> ObjectKey {
    ObjectKey { bucket: bucket.to_owned(), key: key.to_owned() }
}

fn sample() -> ObjectKey {
    key("imagen4", "2026/08/20/0123456789abcdef_1.jpg")
}

const SHORT: Patience = Patience {
    quick: Duration::from_millis(200),
    upload: Duration::from_millis(400),
    download: Duration::from_millis(800),
};
/// What a busy machine may add.
const BUSY: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_secs(60);

/// Like [`scripted`], with little patience.
async fn impatient(answers: impl IntoIterator<Item = Answer>) -> (Peer, S3) {
    let peer = Peer::start(answers).await;
    let settings = Server::at(&peer.url(""), "CANARY-key", "CANARY-secret").settings;
    (peer, S3::with_patience(settings, SHORT).unwrap())
}

async fn scripted(answers: impl IntoIterator<Item = Answer>) -> (Peer, S3) {
    let peer = Peer::start(answers).await;
    let s3 = Server::at(&peer.url(""), "CANARY-key", "CANARY-secret").closed();
    (peer, s3)
}

async fn put(s3: &S3, key: &ObjectKey, bytes: &'static str) -> Result<(), Kind> {
    let put = s3.put(key, Bytes::from_static(bytes.as_bytes()), ImageType::Jpeg).await;
    put.map_err(|error| error.kind)
}

#[tokio::test]
async fn a_put_is_framed_by_its_length_and_signs_its_condition() {
    let (peer, s3) = scripted([Answer::bytes(404, ""), Answer::bytes(200, "")]).await;
    assert_eq!(put(&s3, &sample(), "one").await, Ok(()));
    let [head, put] = &peer.requests()[..] else { panic!("{:?}", peer.requests()) };
    assert_eq!((head.method.as_str(), put.method.as_str()), ("HEAD", "PUT"));
    assert_eq!(put.target, "/imagen4/2026/08/20/0123456789abcdef_1.jpg");
    assert_eq!(put.body, b"one");
    let header = |name| put.header(name).unwrap_or_default();
    assert_eq!(header("content-length"), "3");
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("if-none-match"), "*");
    assert_eq!(put.header("transfer-encoding"), None);
    let signed = header("authorization");
    assert!(signed.contains("if-none-match") && signed.contains("Signature="), "{signed}");
    assert!(!signed.contains("CANARY-secret"));
}

#[tokio::test]
async fn a_server_without_the_condition_is_not_asked_for_it_again() {
    let script = [Answer::bytes(404, ""), Answer::bytes(501, ""), Answer::bytes(200, "")];
    let (peer, s3) = scripted(script).await;
    assert_eq!(put(&s3, &sample(), "one").await, Ok(()));
    let asked: Vec<_> =
        peer.requests().iter().map(|r| r.header("if-none-match").map(str::to_owned)).collect();
    assert_eq!(asked, [None, Some("*".to_owned()), None]);
}

#[tokio::test]
async fn whoever_comes_second_compares() {
    let there = |bytes: &str| {
        [Answer::bytes(404, ""), Answer::bytes(412, ""), Answer::bytes(200, bytes.as_bytes())]
    };
    let (_peer, s3) = scripted(there("one")).await;
    assert_eq!(put(&s3, &sample(), "one").await, Ok(()));
    let (_peer, s3) = scripted(there("two")).await;
    assert_eq!(put(&s3, &sample(), "one").await, Err(Kind::Conflict));
}

#[tokio::test]
async fn a_bucket_that_went_away_is_made_again() {
    let script = [404, 404, 200, 200].map(|status| Answer::bytes(status, ""));
    let (peer, s3) = scripted(script).await;
    assert_eq!(put(&s3, &sample(), "one").await, Ok(()));
    let made = &peer.requests()[2];
    assert_eq!((made.method.as_str(), made.target.as_str()), ("PUT", "/imagen4"));
}

#[tokio::test]
async fn a_refusal_is_told_without_what_was_signed() {
    let body =
        "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>CANARY</StringToSign></Error>";
    for (status, kind) in [
        (400, Kind::Transient),
        (403, Kind::Transient),
        (413, Kind::Permanent),
        (429, Kind::Transient),
        (500, Kind::Transient),
        (503, Kind::Transient),
        (307, Kind::Transient),
    ] {
        let elsewhere = Peer::start([]).await;
        let answer = Answer::bytes(status, body).with("location", &elsewhere.url("/"));
        let (_peer, s3) = scripted([answer.clone()]).await;
        let error = s3.get(&sample()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status}");
        assert!(error.what.contains("SignatureDoesNotMatch"), "{error}");
        assert!(!format!("{error:?} {s3:?}").contains("CANARY"), "{error:?}");
        assert!(elsewhere.requests().is_empty(), "a redirect was followed");
        let (_peer, s3) = scripted([Answer::bytes(404, ""), answer]).await;
        assert_eq!(put(&s3, &sample(), "one").await, Err(kind), "{status}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_costs_a_bounded_time() {
    let begun = Instant::now();
    let (_peer, s3) = impatient([Answer::Hang, Answer::Hang, Answer::Hang]).await;
    assert_eq!(put(&s3, &sample(), "one").await, Err(Kind::Transient));
    assert_eq!(s3.get(&sample()).await.unwrap_err().kind, Kind::Transient);
    assert_eq!(s3.delete(&sample()).await.unwrap_err().kind, Kind::Transient);
    let (_peer, s3) = impatient([Answer::bytes(404, ""), Answer::Hang]).await;
    assert_eq!(put(&s3, &sample(), "one").await, Err(Kind::Transient));
    assert!(begun.elapsed() < BUSY, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_that_stalls_costs_a_bounded_time() {
    let begun = Instant::now();
    let part = Answer::Part { body: b"half".to_vec(), silent: true };
    let (_peer, s3) = impatient([part]).await;
    assert_eq!(s3.get(&sample()).await.unwrap_err().kind, Kind::Transient);
    assert!(begun.elapsed() < BUSY, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn half_an_object_and_one_without_end_are_not_taken() {
    let part = Answer::Part { body: b"half".to_vec(), silent: false };
    let (_peer, s3) = scripted([part]).await;
    assert_eq!(s3.get(&sample()).await.unwrap_err().kind, Kind::Transient);
    let block = vec![0; 4 << 20];
    let (_peer, s3) = scripted([Answer::Endless { block, every: Duration::ZERO }]).await;
    assert!(s3.get(&sample()).await.is_err());
}

#[tokio::test]
async fn an_answer_with_strange_headers_is_read() {
    let answer = Answer::bytes(200, "one").with("x-strange", "grün \u{fffd}");
    let (_peer, s3) = scripted([answer]).await;
    assert_eq!(s3.get(&sample()).await.unwrap(), "one");
}

#[tokio::test]
async fn nobody_there_is_passing_trouble_and_names_no_secret() {
    let s3 = Server::at(&format!("http://{}", Peer::closed().await), "k", "CANARY").closed();
    for error in [
        s3.make_buckets().await.unwrap_err(),
        s3.get(&sample()).await.unwrap_err(),
        s3.delete(&sample()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, Kind::Transient);
        assert!(!error.what.contains("CANARY"));
    }
    assert_eq!(put(&s3, &sample(), "one").await, Err(Kind::Transient));
}

#[tokio::test]
async fn hostile_keys_never_leave_the_house() {
    let (peer, s3) = scripted([]).await;
    for hostile in ["../generated/x", "a/../../b", "./c", "a/."] {
        let hostile = key("imagen4", hostile);
        assert_eq!(put(&s3, &hostile, "x").await, Err(Kind::Permanent));
        assert!(s3.link(&hostile, MINUTE).is_err());
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn links_are_made_with_the_public_address() {
    let mut server = Server::at("http://inside:9000", "k", "CANARY");
    server.settings.public_endpoint = Some("https://pictures.example.com/s3".to_owned());
    server.settings.prefix = "aisha".to_owned();
    let link = server.closed().link(&sample(), LINK_LIFE_MAX * 2).unwrap();
    let path = "https://pictures.example.com/s3/imagen4/aisha/2026/08/20/0123456789abcdef_1.jpg?";
    assert!(link.starts_with(path), "{link}");
    assert!(link.contains("X-Amz-Expires=604800&") && !link.contains("CANARY"), "{link}");
}

#[tokio::test]
async fn buckets_are_made_once_by_whoever_comes_first() {
    for server in SERVERS {
        let server = Server::of(server);
        let s3 = server.closed();
        assert_eq!(s3.has_bucket(&server.bucket(0)).await, Ok(false));
        let both = futures::join!(s3.make_buckets(), s3.make_buckets());
        assert_eq!(both, (Ok(()), Ok(())));
        assert_eq!(s3.has_bucket(&server.bucket(1)).await, Ok(true));
        assert_eq!(s3.make_buckets().await, Ok(()));
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    for server in SERVERS {
        let mut server = Server::of(server);
        let own = key(&server.bucket(0), "a.jpg");
        put(&server.open().await, &own, "one").await.unwrap();
        server.settings.secret_key = "CANARY".to_owned();
        let s3 = server.closed();
        let error = s3.get(&own).await.unwrap_err();
        assert!(error.kind == Kind::Transient && error.what.contains("403"), "{error}");
        assert_eq!(put(&s3, &key(&own.bucket, "b.jpg"), "x").await, Err(Kind::Transient));
    }
}

async fn status(link: &str) -> (u16, Bytes) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(link).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap())
}

#[tokio::test]
async fn keys_that_only_s3_can_have_are_got_and_linked() {
    for server in SERVERS {
        let server = Server::of(server);
        let s3 = server.open().await;
        for odd in ["sp ace/ü+&=%25.txt", "emoji-🦀", "q?x=1#y", "(paren)*'!~", ".hidden/a"] {
            let odd = key(&server.bucket(0), odd);
            let bytes = Bytes::from(odd.key.clone());
            s3.put(&odd, bytes.clone(), ImageType::Jpeg).await.unwrap();
            assert_eq!(s3.get(&odd).await.unwrap(), bytes);
            let link = s3.link(&odd, Duration::from_secs(60)).unwrap();
            assert_eq!(status(&link).await, (200, bytes), "{odd:?}");
            s3.delete(&odd).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_link_opens_one_object_until_it_expires() {
    for server in SERVERS {
        let server = Server::of(server);
        let s3 = server.open().await;
        let (one, two) = (key(&server.bucket(0), "a_1.jpg"), key(&server.bucket(0), "a_2.jpg"));
        put(&s3, &one, "one").await.unwrap();
        put(&s3, &two, "two").await.unwrap();
        let link = s3.link(&one, Duration::from_secs(60)).unwrap();
        assert_eq!(status(&link).await, (200, Bytes::from_static(b"one")));
        let signature = link.split_once("X-Amz-Signature=").unwrap().1.split('&').next().unwrap();
        for tampered in [
            link.replace("a_1.jpg", "a_2.jpg"),
            link.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
            link.replace(signature, &"0".repeat(signature.len())),
            link.split_once('?').unwrap().0.to_owned(),
        ] {
            assert_eq!(status(&tampered).await.0, 403, "{tampered}");
        }
        // Good for a second: opened until it opens no more.
        let short = s3.link(&one, Duration::from_secs(1)).unwrap();
        let begun = Instant::now();
        while status(&short).await.0 == 200 {
            assert!(begun.elapsed() < Duration::from_secs(30), "it never expires");
        }
        assert_eq!(status(&short).await.0, 403);
    }
}

#[tokio::test]
async fn objects_are_deleted_by_the_urls_of_an_earlier_system() {
    for server in SERVERS {
        let server = Server::of(server).with_prefix("old");
        let s3 = server.open().await;
        let own = key(&server.bucket(1), "2025/a_1.jpg");
        let link = s3.link(&own, MINUTE).unwrap();
        let rest = link.split_once("/old/").unwrap().1;
        for url in [
            link.clone(),
            format!("http://{}.minio.example/old/2025/a_1.jpg", own.bucket),
            // No bucket in it: it is looked for in all that are known.
            format!("https://cdn.example/old/{rest}"),
        ] {
            put(&s3, &own, "one").await.unwrap();
            assert_eq!(s3.delete_by_url(&url).await, Ok(true), "{url}");
            assert_eq!(s3.get(&own).await.unwrap_err().kind, Kind::NotFound, "{url}");
            assert_eq!(s3.delete_by_url(&url).await, Ok(false), "{url}");
        }
        put(&s3, &own, "one").await.unwrap();
        let provider = "https://v3.fal.media/files/2025/a_1.jpg";
        assert_eq!(s3.delete_by_url(provider).await, Ok(false));
        assert!(s3.get(&own).await.is_ok());
    }
}
