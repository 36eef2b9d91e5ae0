//! What every object storage keeps to: one suite for the in-memory one, the disk, and the servers.

use std::time::Duration;

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    fake::World,
    port::{Kind, Objects},
};
use bytes::Bytes;

use super::{Disk, Signer, s3};
use crate::outgoing::testing::Hands;
use aisha_actors::domain::time::Timestamp;

/// A storage that the suite is run over.
struct Subject<'a> {
    objects: &'a dyn Objects,
    bucket: String,
    /// Whether of many writers at once surely one wins.
    create_only: bool,
}

impl Subject<'_> {
    fn key(&self, key: &str) -> ObjectKey {
        ObjectKey { bucket: self.bucket.clone(), key: key.to_owned() }
    }

    async fn put(&self, key: &ObjectKey, bytes: impl Into<Bytes>) -> Result<(), Kind> {
        let put = self.objects.put(key, bytes.into(), ImageType::Jpeg).await;
        put.map_err(|error| error.kind)
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, Kind> {
        self.objects.get(key).await.map_err(|error| error.kind)
    }

    async fn keeps_the_contract(&self) {
        self.is_written_once().await;
        self.forgets().await;
        self.takes_odd_keys().await;
        self.refuses_hostile_keys().await;
        self.takes_big_objects().await;
        self.lets_one_of_many_win().await;
    }

    async fn is_written_once(&self) {
        let key = self.key("2026/08/20/0123456789abcdef_1.jpg");
        assert_eq!(self.get(&key).await, Err(Kind::NotFound));
        assert_eq!(self.put(&key, "one").await, Ok(()));
        assert_eq!(self.put(&key, "one").await, Ok(()));
        assert_eq!(self.put(&key, "two").await, Err(Kind::Conflict));
        assert_eq!(self.put(&key, "one and more").await, Err(Kind::Conflict));
        assert_eq!(self.get(&key).await.unwrap(), "one");
        let elsewhere = ObjectKey { bucket: format!("{}-no", self.bucket), key: key.key };
        assert_eq!(self.get(&elsewhere).await, Err(Kind::NotFound));
    }

    async fn forgets(&self) {
        let key = self.key("gone.jpg");
        assert_eq!(self.objects.delete(&key).await, Ok(()));
        assert_eq!(self.put(&key, "one").await, Ok(()));
        assert_eq!(self.objects.delete(&key).await, Ok(()));
        assert_eq!(self.objects.delete(&key).await, Ok(()));
        assert_eq!(self.get(&key).await, Err(Kind::NotFound));
        assert_eq!(self.put(&key, "two").await, Ok(()));
        assert_eq!(self.get(&key).await.unwrap(), "two");
        let elsewhere = ObjectKey { bucket: format!("{}-no", self.bucket), key: key.key };
        assert_eq!(self.objects.delete(&elsewhere).await, Ok(()));
    }

    async fn takes_odd_keys(&self) {
        for key in ["x", "a-b_c.d/0", "a..b", "A/b/C/d/e/f/g.webp", &"k".repeat(100)] {
            let key = self.key(key);
            assert_eq!(self.put(&key, key.key.clone()).await, Ok(()), "{key:?}");
            assert_eq!(self.get(&key).await.unwrap(), key.key, "{key:?}");
            assert!(self.objects.link(&key, Duration::from_secs(60)).is_ok(), "{key:?}");
            assert_eq!(self.objects.delete(&key).await, Ok(()), "{key:?}");
        }
    }

    async fn refuses_hostile_keys(&self) {
        let long = "a".repeat(1025);
        let keys = [
            "", "/", ".", "..", "../x", "a/../b", "a/./b", "./a", "a/..", "a//b", "/a", "a/",
            "a\0b", "a\nb", "a\\b", &long,
        ];
        let buckets = ["", "..", ".", "a/b", "ab", "Imagen4", "-abc", "a b c", "x?y=z"];
        let hostile = keys.iter().map(|key| self.key(key)).chain(
            buckets.iter().map(|b| ObjectKey { bucket: (*b).to_owned(), key: "a.jpg".to_owned() }),
        );
        for key in hostile {
            assert_eq!(self.put(&key, "x").await, Err(Kind::Permanent), "{key:?}");
            assert_eq!(self.get(&key).await, Err(Kind::Permanent), "{key:?}");
            let deleted = self.objects.delete(&key).await.map_err(|error| error.kind);
            assert_eq!(deleted, Err(Kind::Permanent), "{key:?}");
            let link = self.objects.link(&key, Duration::from_secs(60));
            assert_eq!(link.map_err(|error| error.kind), Err(Kind::Permanent), "{key:?}");
        }
    }

    async fn takes_big_objects(&self) {
        let key = self.key("big.png");
        let big: Bytes = (0..(9_u32 << 20) + 1).map(|n| (n % 251) as u8).collect();
        assert_eq!(self.put(&key, big.clone()).await, Ok(()));
        assert!(self.get(&key).await.unwrap() == big);
        assert_eq!(self.put(&key, big.clone()).await, Ok(()));
        assert_eq!(self.objects.delete(&key).await, Ok(()));
        assert_eq!(self.put(&self.key("none"), Bytes::new()).await, Ok(()));
        assert_eq!(self.get(&self.key("none")).await.unwrap(), "");
    }

    async fn lets_one_of_many_win(&self) {
        for round in 0..5 {
            let key = self.key(&format!("race/{round}.jpg"));
            let writers = (0..8_u8).map(|n| self.put(&key, vec![n % 2; 50_000]));
            let results = futures::future::join_all(writers).await;
            let got = self.get(&key).await.unwrap();
            assert!(results.contains(&Ok(())), "nobody won");
            assert!(got.len() == 50_000 && got.iter().all(|byte| *byte == got[0]), "mixed");
            for (n, result) in results.into_iter().enumerate() {
                let won = n % 2 == usize::from(got[0]);
                if self.create_only {
                    assert_eq!(result, if won { Ok(()) } else { Err(Kind::Conflict) }, "{n}");
                } else {
                    // Whoever is told "later" finds out then.
                    let later = Err(Kind::Transient);
                    assert!(matches!(result, Ok(()) | Err(Kind::Conflict)) || result == later);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_fake_keeps_the_contract() {
    let world = World::new();
    let objects = &*world.objects;
    let bucket = "imagen4".to_owned();
    Subject { objects, bucket, create_only: true }.keeps_the_contract().await;
}

#[tokio::test]
async fn the_disk_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Hands::at(Timestamp(1_790_000_000_000_000));
    let disk = Disk::open(&folder.path().join("objects")).await.unwrap();
    let disk = disk.with_links(Signer::new(b"secret").unwrap(), clock);
    let bucket = "imagen4".to_owned();
    Subject { objects: &disk, bucket, create_only: true }.keeps_the_contract().await;
}

async fn a_server_keeps_the_contract(variable: &str, create_only: bool) {
    for prefix in ["", "aisha/test"] {
        let server = s3::testing::Server::of(variable).with_prefix(prefix);
        let objects = server.open().await;
        let bucket = server.bucket(0);
        Subject { objects: &objects, bucket, create_only }.keeps_the_contract().await;
    }
}

#[tokio::test]
async fn s3s_keeps_the_contract() {
    // It does not hear `If-None-Match` on a PUT.
    a_server_keeps_the_contract("AISHA_TEST_S3", false).await;
}

#[tokio::test]
async fn radosgw_keeps_the_contract() {
    a_server_keeps_the_contract("AISHA_TEST_RADOSGW", true).await;
}
