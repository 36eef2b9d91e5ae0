//! A server that speaks S3, with buckets of one test's own, and a look into them from outside.

use aisha::objects::{S3, S3Settings};
use aisha_actors::{
    domain::picture::ObjectKey,
    port::{self, Objects},
};
use bytes::Bytes;

/// One of the servers that `./scripts/test` starts.
pub(crate) struct S3Server {
    pub(crate) endpoint: String,
    key: String,
    pub(crate) secret: String,
    test: String,
}

impl S3Server {
    /// The server that a variable names, as `endpoint|key|secret`.
    pub(crate) fn of(variable: &str) -> Self {
        let told = std::env::var(variable).unwrap_or_default();
        let [endpoint, key, secret] = told.split('|').collect::<Vec<_>>()[..] else {
            panic!("{variable} names no server: run ./scripts/test, it starts one")
        };
        let test = uuid::Uuid::new_v4().simple().to_string();
        Self {
            endpoint: endpoint.to_owned(),
            key: key.to_owned(),
            secret: secret.to_owned(),
            test: test[..12].to_owned(),
        }
    }

    /// The same server by another address.
    pub(crate) fn by(mut self, endpoint: &str) -> Self {
        self.endpoint = endpoint.to_owned();
        self
    }

    /// What a bucket is called in this test.
    pub(crate) fn bucket(&self, name: &str) -> String {
        format!("{name}-{}", self.test)
    }

    /// What a program is told of it.
    pub(crate) fn environment(&self) -> [(&'static str, String); 7] {
        [
            ("S3_ENDPOINT", self.endpoint.clone()),
            ("S3_ACCESS_KEY", self.key.clone()),
            ("S3_SECRET_KEY", self.secret.clone()),
            ("S3_BUCKET_IMAGEN4", self.bucket("imagen4")),
            ("S3_BUCKET_GENERATED", self.bucket("generated")),
            ("S3_BUCKET_AVATARS", self.bucket("avatars")),
            ("S3_BUCKET_PHOTOS", self.bucket("photos")),
        ]
    }

    fn open(&self) -> S3 {
        let settings = S3Settings {
            endpoint: self.endpoint.clone(),
            public_endpoint: None,
            access_key: self.key.clone(),
            secret_key: self.secret.clone(),
            region: "us-east-1".to_owned(),
            buckets: Vec::new(),
            prefix: String::new(),
        };
        S3::new(settings).unwrap()
    }

    /// An object, from outside.
    pub(crate) async fn object(&self, bucket: &str, key: &str) -> port::Result<Bytes> {
        let object = ObjectKey { bucket: self.bucket(bucket), key: key.to_owned() };
        self.open().get(&object).await
    }

    pub(crate) async fn has_bucket(&self, name: &str) -> bool {
        self.open().has_bucket(&self.bucket(name)).await.unwrap_or(false)
    }
}
