use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use aisha_actors::{domain::picture::ImageType, port::Downloads as _};
use image::{DynamicImage, ImageFormat, RgbImage};

use super::*;
use crate::outgoing::testing::{Answer, Peer};

fn png() -> Vec<u8> {
    let mut bytes = io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(8, 9)).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn settings(peer: &Peer) -> Settings {
    let limits = Limits { bytes: 4096, ..Limits::default() };
    Settings { queue_url: peer.url("/sandbox/fal"), limits, ..Settings::default() }
}

/// What becomes of a picture of the provider's that is answered so.
async fn picture(answer: Answer) -> port::Result<(Bytes, Content)> {
    let peer = Peer::start([answer]).await;
    Downloads::new(&settings(&peer)).unwrap().picture(&peer.url("/files/1.png")).await
}

async fn kind(answer: Answer) -> Kind {
    picture(answer).await.unwrap_err().kind
}

/// Looks every name up as these addresses, and counts.
fn lookup(addresses: &[&str]) -> (Lookup, Arc<AtomicUsize>) {
    let found: Vec<SocketAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let count = Arc::new(AtomicUsize::new(0));
    let lookup: Lookup = Arc::new({
        let count = count.clone();
        move |_name| {
            count.fetch_add(1, Ordering::SeqCst);
            let found = found.clone();
            Box::pin(async move { Ok(found) })
        }
    });
    (lookup, count)
}

#[tokio::test]
async fn a_picture_comes_with_what_is_known_of_it() {
    let bytes = png();
    // The header lies; the content decides.
    let answer = Answer::bytes(200, bytes.clone()).with("content-type", "image/jpeg");
    let (got, content) = picture(answer).await.unwrap();
    assert_eq!(got, bytes);
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let size = bytes.len() as u64;
    let expected = Content { image_type: ImageType::Png, size, hash, width: 8, height: 9 };
    assert_eq!(content, expected);
}

#[tokio::test]
async fn what_is_too_large_is_left_before_it_is_read() {
    assert_eq!(kind(Answer::bytes(200, vec![0; 4097])).await, Kind::Permanent);
    let unannounced = Answer::Endless { block: vec![0; 1000], every: Duration::from_millis(1) };
    assert_eq!(kind(unannounced).await, Kind::Permanent);
}

/// How long a download within these limits took to fail as one that may be tried again.
async fn patience(answer: Answer, stall: Duration, total: Duration) -> Duration {
    let peer = Peer::start([answer]).await;
    let mut settings = settings(&peer);
    settings.limits = Limits { stall, total, ..settings.limits };
    let downloads = Downloads::new(&settings).unwrap();
    let start = Instant::now();
    let error = downloads.picture(&peer.url("/files/1.png")).await.unwrap_err();
    assert_eq!(error.kind, Kind::Transient);
    start.elapsed()
}

#[tokio::test]
async fn silence_and_slowness_end_in_time() {
    let (short, long) = (Duration::from_millis(200), Duration::from_secs(20));
    for answer in [Answer::Hang, Answer::Part { body: png(), silent: true }] {
        let took = patience(answer, short, long).await;
        assert!(took >= short && took < long, "{took:?}");
    }
    // Never silent for long, and still not for ever.
    let drip = Answer::Endless { block: vec![0], every: Duration::from_millis(20) };
    let took = patience(drip, long, short).await;
    assert!(took >= short && took < long, "{took:?}");
}

#[tokio::test]
async fn an_answer_without_a_picture_has_its_kind() {
    let retry_after = Duration::from_secs(3);
    let table = [
        (Answer::bytes(404, ""), Kind::NotFound),
        (Answer::bytes(410, ""), Kind::NotFound),
        (Answer::bytes(403, ""), Kind::Permanent),
        (Answer::bytes(206, png()), Kind::Permanent),
        (Answer::bytes(429, "").with("retry-after", "3"), Kind::RateLimited { retry_after }),
        (Answer::bytes(500, ""), Kind::Transient),
        (Answer::bytes(503, ""), Kind::Transient),
        (Answer::Close, Kind::Transient),
        (Answer::Part { body: png(), silent: false }, Kind::Transient),
        (Answer::bytes(200, ""), Kind::Permanent),
        (Answer::bytes(200, "<svg/>").with("content-type", "image/png"), Kind::Permanent),
    ];
    for (answer, expected) in table {
        let label = format!("{answer:.60?}");
        assert_eq!(kind(answer).await, expected, "{label}");
    }
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let other = Peer::start([Answer::bytes(200, png())]).await;
    let peer = Peer::start([]).await;
    peer.script(Answer::bytes(302, "").with("location", &peer.url("/files/2.png")));
    peer.script(Answer::bytes(302, "").with("location", &other.url("/x")));
    let downloads = Downloads::new(&settings(&peer)).unwrap();
    for requests in 1..=2 {
        let error = downloads.picture(&peer.url("/files/1.png")).await.unwrap_err();
        assert_eq!(error.kind, Kind::Permanent);
        assert_eq!(peer.requests().len(), requests);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_not_connected_to() {
    let peer = Peer::start([]).await;
    let url = "https://v3.fal.media/1.png";
    let port = peer.address.port();
    let here = format!("127.0.0.1:{port}");
    let mapped = format!("[::ffff:127.0.0.1]:{port}");
    for addresses in [&[here.as_str()][..], &[&mapped], &["10.0.0.1:0"], &["8.8.8.8:443", &here]] {
        let (lookup, count) = lookup(addresses);
        let downloads = Downloads::with_lookup(&settings(&peer), lookup).unwrap();
        assert!(downloads.is_allowed(url), "the name alone tells nothing");
        let error = downloads.picture(url).await.unwrap_err();
        assert_eq!(error.kind, Kind::Permanent, "{addresses:?}");
        assert_eq!(count.load(Ordering::SeqCst), 1, "{addresses:?}");
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up_may_be_tried_again() {
    let peer = Peer::start([]).await;
    let lookup: Lookup =
        Arc::new(|_name| Box::pin(async { Err(io::Error::other("the resolver is away")) }));
    let downloads = Downloads::with_lookup(&settings(&peer), lookup).unwrap();
    let error = downloads.picture("https://v3.fal.media/1.png").await.unwrap_err();
    assert_eq!(error.kind, Kind::Transient);
    assert!(!error.what.contains("fal.media"), "{error}");
}

#[tokio::test]
async fn refused_addresses_are_never_connected_to() {
    let peer = Peer::start([]).await;
    let (lookup, count) = lookup(&["8.8.8.8:443"]);
    let downloads = Downloads::with_lookup(&settings(&peer), lookup).unwrap();
    let port = peer.address.port();
    let disguised = format!("http://x@127.0.0.1:{port}/1.png");
    let other_scheme = format!("https://127.0.0.1:{port}/1.png");
    let other_name = format!("http://localhost:{port}/1.png");
    for url in [
        "https://127.1/1.png",
        "https://0x7f.1/1.png",
        "https://[::ffff:127.0.0.1]/1.png",
        "https://example.com/1.png",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        &disguised,
        &other_scheme,
        &other_name,
    ] {
        assert!(!downloads.is_allowed(url), "{url}");
        assert_eq!(downloads.picture(url).await.unwrap_err().kind, Kind::Permanent, "{url}");
    }
    assert!(peer.requests().is_empty());
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_proxy_is_used_but_is_no_way_around() {
    let proxy = Peer::start([Answer::bytes(502, ""), Answer::bytes(200, png())]).await;
    let queue = Peer::start([]).await;
    let mut settings = settings(&queue);
    settings.proxy = Some(proxy.url(""));
    let url = "https://v3.fal.media/1.png";
    let (private, _) = lookup(&["192.168.0.1:0"]);
    let downloads = Downloads::with_lookup(&settings, private).unwrap();
    assert_eq!(downloads.picture(url).await.unwrap_err().kind, Kind::Permanent);
    assert!(proxy.requests().is_empty());
    let (public, _) = lookup(&["8.8.8.8:0"]);
    let downloads = Downloads::with_lookup(&settings, public).unwrap();
    assert_eq!(downloads.picture(url).await.unwrap_err().kind, Kind::Transient);
    assert_eq!(proxy.requests()[0].method, "CONNECT");
    assert_eq!(proxy.requests()[0].target, "v3.fal.media:443");
    // The queue's own origin goes through it too.
    assert!(downloads.picture(&queue.url("/files/1.png")).await.is_ok());
    assert!(queue.requests().is_empty());
}
