//! What every object storage's listing keeps to; run over the in-memory one and over every real one.

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{Kind, Objects},
};
use bytes::Bytes;

/// In the order of their bytes: what a folder's name ends with sorts before and after the slash.
const KEYS: [&str; 7] = [
    "2026/08/19/a_1.jpg",
    "2026/08/20/a_1.jpg",
    "2026/08/20/a_2.jpg",
    "2026/08/20/b_1.png",
    "2026/08/200/a_1.jpg",
    "2026/08-1/a_1.jpg",
    "2027/01/01/c_1.webp",
];

/// `bucket`: one that is empty, or not there yet.
pub(super) async fn contract(objects: &dyn Objects, bucket: &str) {
    let keys = async |prefix: &str, after: Option<&str>, limit: usize| {
        let page = objects.list(bucket, prefix, after, limit).await.unwrap();
        page.into_iter().map(|listed| listed.key).collect::<Vec<_>>()
    };
    assert_eq!(keys("", None, 10).await, Vec::<String>::new());
    let mut sorted = KEYS.to_vec();
    sorted.sort_unstable();
    for (key, size) in KEYS.iter().zip(1..) {
        let key = ObjectKey { bucket: bucket.to_owned(), key: (*key).to_owned() };
        objects.put(&key, Bytes::from(vec![7; size]), ImageType::Jpeg).await.unwrap();
    }
    assert_eq!(keys("", None, 1000).await, sorted);
    for limit in 1..=KEYS.len() {
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = keys("", after.as_deref(), limit).await;
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            paged.extend(page);
        }
        assert_eq!(paged, sorted, "in pages of {limit}");
    }
    assert_eq!(keys("2026/08/20/", None, 10).await, &KEYS[1..4]);
    assert_eq!(keys("2026/08/20/a", None, 10).await, &KEYS[1..3]);
    assert_eq!(keys("2026/08/20/", Some("2026/08/20/a_1.jpg"), 10).await, &KEYS[2..4]);
    // A place to go on from need not be a key that is there.
    assert_eq!(keys("2026/08/20/", Some("2026/08/20/a_9"), 10).await, &KEYS[3..4]);
    assert_eq!(keys("2028", None, 10).await, Vec::<String>::new());
    assert_eq!(keys("", Some("2028"), 10).await, Vec::<String>::new());
    let sizes = objects.list(bucket, "2026/08/19/", None, 10).await.unwrap();
    assert_eq!(sizes[0].size, 1);
    assert_eq!(objects.list("../etc", "", None, 10).await.err().map(|e| e.kind), refusal(bucket));
}

/// The in-memory storage knows no bad names.
fn refusal(bucket: &str) -> Option<Kind> {
    (bucket != "fake").then_some(Kind::Permanent)
}

#[tokio::test]
async fn the_disk_lists() {
    let folder = tempfile::tempdir().unwrap();
    let disk = super::Disk::open(folder.path()).await.unwrap();
    contract(&disk, "imagen4").await;
}

async fn a_server_lists(variable: &str) {
    for prefix in ["", "aisha/test"] {
        let server = super::s3::testing::Server::of(variable).with_prefix(prefix);
        // The buckets are not there yet.
        contract(&server.closed(), &server.bucket(0)).await;
    }
}

#[tokio::test]
async fn s3s_lists() {
    a_server_lists("AISHA_TEST_S3").await;
}

#[tokio::test]
async fn radosgw_lists() {
    a_server_lists("AISHA_TEST_RADOSGW").await;
}

#[tokio::test]
async fn the_fake_lists() {
    let world = aisha_actors::fake::World::new();
    contract(&*world.objects, "fake").await;
}
