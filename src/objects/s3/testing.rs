//! The servers that tests run against.

use super::{S3, Settings};

/// A server of the tests, with buckets of one test's own.
pub(in crate::objects) struct Server {
    pub(in crate::objects) settings: Settings,
}

impl Server {
    /// The server that a variable names, as `endpoint|key|secret`.
    pub(in crate::objects) fn of(variable: &str) -> Self {
        let told = std::env::var(variable).unwrap_or_default();
        let [endpoint, key, secret] = told.split('|').collect::<Vec<_>>()[..] else {
            panic!("{variable} names no server: run ./scripts/test, it starts one")
        };
        Self::at(endpoint, key, secret)
    }

    pub(in crate::objects) fn at(endpoint: &str, key: &str, secret: &str) -> Self {
        let test = uuid::Uuid::new_v4().simple().to_string();
        let settings = Settings {
            endpoint: endpoint.to_owned(),
            public_endpoint: None,
            access_key: key.to_owned(),
            secret_key: secret.to_owned(),
            region: "us-east-1".to_owned(),
            buckets: (0..2).map(|n| format!("test-{n}-{}", &test[..12])).collect(),
            prefix: String::new(),
        };
        Self { settings }
    }

    pub(in crate::objects) fn with_prefix(mut self, prefix: &str) -> Self {
        self.settings.prefix = prefix.to_owned();
        self
    }

    pub(in crate::objects) fn bucket(&self, n: usize) -> String {
        self.settings.buckets[n].clone()
    }

    /// Connects to nothing.
    pub(in crate::objects) fn closed(&self) -> S3 {
        S3::new(self.settings.clone()).unwrap()
    }

    /// With its buckets.
    pub(in crate::objects) async fn open(&self) -> S3 {
        let s3 = self.closed();
        s3.make_buckets().await.unwrap();
        s3
    }
}
