//! Objects on a server that speaks S3. This file and its transport are all that knows rusoto.
//!
//! Buckets are addressed by path. Every operation takes a bounded time, whatever the server does, and an
//! object is written once: `If-None-Match: *` where the server has it, after a look in any case.

mod address;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod transport;

use std::{fmt, future::Future, sync::Arc, time::Duration};

use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{self, Error as PortError, Kind, Listed, Objects},
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use rusoto_core::{
    Client, Region, RusotoError,
    credential::{AwsCredentials, StaticProvider},
    request::{BufferedHttpResponse, DispatchSignedRequest},
    signature::SignedRequest,
};
use rusoto_s3::{
    CreateBucketConfiguration, CreateBucketError, CreateBucketRequest, DeleteObjectRequest,
    GetObjectError, GetObjectRequest, HeadBucketRequest, HeadObjectRequest, ListObjectsV2Error,
    ListObjectsV2Request, S3 as _, S3Client,
    util::{PreSignedRequest, PreSignedRequestOption},
};

use super::rules::{OBJECT_MAX, check_bucket, is_bucket};
use crate::outgoing;
use address::{Found, Known};
use transport::Transport;

/// S3's own bound, in bytes.
const KEY_MAX: usize = 1024;
/// The slowest upload that is waited for, in bytes in a second.
const SLOWEST: u64 = 256 << 10;
/// Longer than S3 lets a link live.
const LINK_LIFE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long the server is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Everything that carries no picture, and a silence within a picture.
    quick: Duration,
    /// An upload, beside the time that its bytes take.
    upload: Duration,
    /// A whole download.
    download: Duration,
}

const PATIENCE: Patience = Patience {
    quick: Duration::from_secs(5),
    upload: Duration::from_secs(10),
    download: Duration::from_secs(60),
};

/// The server cannot be used with these settings.
#[derive(Debug, thiserror::Error)]
#[error("object storage: {0}")]
pub struct Error(#[from] outgoing::Error);

/// Which server, and what of it is ours.
#[derive(Clone)]
pub struct Settings {
    /// http or https, without a slash at the end.
    pub endpoint: String,
    /// What links are made with, where people reach the server by another address.
    pub public_endpoint: Option<String>,
    pub access_key: String,
    pub secret_key: String,
    pub region: String,
    /// The buckets that have to be there.
    pub buckets: Vec<String>,
    /// All keys stand below it. Empty, or without slashes at its ends.
    pub prefix: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// The server's buckets. Several processes may use them at once.
#[derive(Clone)]
pub struct S3 {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    client: S3Client,
    transport: Transport,
    region: Region,
    credentials: AwsCredentials,
    patience: Patience,
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("S3").field(&self.inner.settings).finish()
    }
}

/// How a PUT that creates ended.
enum Created {
    Yes,
    AlreadyThere,
    NoBucket,
    /// The server does not know the condition.
    NotAsked,
}

impl S3 {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// There can be no HTTP client.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::with_patience(settings, PATIENCE)
    }

    fn with_patience(settings: Settings, patience: Patience) -> Result<Self, Error> {
        let transport = Transport::new()?;
        let (access, secret) = (settings.access_key.clone(), settings.secret_key.clone());
        let provider = StaticProvider::new_minimal(access.clone(), secret.clone());
        let region = region(&settings, &settings.endpoint);
        let client = Client::new_with(provider, transport.clone());
        let client = S3Client::new_with_client(client, region.clone());
        let credentials = AwsCredentials::new(access, secret, None, None);
        let inner = Inner { settings, client, transport, region, credentials, patience };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The buckets that have to be there.
    pub fn buckets(&self) -> &[String] {
        &self.inner.settings.buckets
    }

    /// Makes the buckets that are not there. Buckets that are there are left as they are.
    ///
    /// # Errors
    /// `Transient`: the server is away or does not let us; to be repeated later.
    pub async fn make_buckets(&self) -> port::Result<()> {
        for bucket in self.buckets() {
            if self.has_bucket(bucket).await? {
                continue;
            }
            match self.make_bucket(bucket).await {
                Ok(()) => tracing::info!(bucket, "made a bucket"),
                // Another node was quicker, and not every server has a word for that.
                Err(error) if !self.has_bucket(bucket).await.unwrap_or(false) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Whether the bucket is there.
    ///
    /// # Errors
    /// `Transient`: the server is away, or does not let us look.
    pub async fn has_bucket(&self, bucket: &str) -> port::Result<bool> {
        let request = HeadBucketRequest { bucket: bucket.to_owned(), ..Default::default() };
        match within(self.inner.patience.quick, self.inner.client.head_bucket(request)).await? {
            Ok(()) => Ok(true),
            Err(error) if status_of(&error) == Some(404) => Ok(false),
            Err(error) => Err(fault(&error)),
        }
    }

    async fn make_bucket(&self, bucket: &str) -> port::Result<()> {
        let request = CreateBucketRequest {
            bucket: bucket.to_owned(),
            create_bucket_configuration: self.location(),
            ..Default::default()
        };
        match within(self.inner.patience.quick, self.inner.client.create_bucket(request)).await? {
            Ok(_) | Err(RusotoError::Service(CreateBucketError::BucketAlreadyOwnedByYou(_))) => {
                Ok(())
            }
            Err(RusotoError::Service(CreateBucketError::BucketAlreadyExists(_))) => {
                let what = format!("object storage: the bucket {bucket} is somebody else's");
                Err(PortError::new(Kind::Permanent, what))
            }
            Err(error) => Err(fault(&error)),
        }
    }

    /// Amazon wants to be told its own region, except for the first one; other servers have one.
    fn location(&self) -> Option<CreateBucketConfiguration> {
        let Settings { endpoint, region, .. } = &self.inner.settings;
        let is_amazon = endpoint.ends_with(".amazonaws.com") && region != "us-east-1";
        is_amazon.then(|| CreateBucketConfiguration { location_constraint: Some(region.clone()) })
    }

    /// The key as the server knows it.
    fn full_key(&self, object: &ObjectKey) -> port::Result<String> {
        let prefix = &self.inner.settings.prefix;
        let key = match prefix.as_str() {
            "" => object.key.clone(),
            prefix => format!("{prefix}/{}", object.key),
        };
        let is_fine = is_bucket(&object.bucket) && is_addressable(&object.key);
        if is_fine && key.len() <= KEY_MAX {
            Ok(key)
        } else {
            Err(PortError::new(Kind::Permanent, "object storage: this is no key of ours"))
        }
    }

    /// The size of an object. None: there is none.
    async fn size(&self, object: &ObjectKey) -> port::Result<Option<u64>> {
        let request = HeadObjectRequest {
            bucket: object.bucket.clone(),
            key: self.full_key(object)?,
            ..Default::default()
        };
        match within(self.inner.patience.quick, self.inner.client.head_object(request)).await? {
            Ok(head) => Ok(Some(head.content_length.unwrap_or(0).unsigned_abs())),
            Err(error) if status_of(&error) == Some(404) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    /// One PUT. rusoto's own request does not know the condition, so this one is made by hand.
    async fn create(
        &self,
        object: &ObjectKey,
        bytes: Bytes,
        image_type: ImageType,
        only_if_absent: bool,
    ) -> port::Result<Created> {
        let path = format!("/{}/{}", object.bucket, self.full_key(object)?);
        let patience =
            self.inner.patience.upload + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let mut request = SignedRequest::new("PUT", "s3", &self.inner.region, &path);
        request.set_content_type(image_type.mime().to_owned());
        if only_if_absent {
            request.add_header("if-none-match", "*");
        }
        request.set_payload(Some(bytes));
        // The signature hashes the whole picture.
        let credentials = self.inner.credentials.clone();
        let signed = tokio::task::spawn_blocking(move || {
            request.sign(&credentials);
            request
        });
        let signed = signed.await.map_err(|_panic| lost("it could not be signed"))?;
        let answered = async {
            let mut answer = self.inner.transport.dispatch(signed, None).await?;
            answer.buffer().await
        };
        let answer = within(patience, answered).await?.map_err(lost)?;
        match answer.status.as_u16() {
            200..=299 => Ok(Created::Yes),
            409 | 412 if only_if_absent => Ok(Created::AlreadyThere),
            404 => Ok(Created::NoBucket),
            501 if only_if_absent => Ok(Created::NotAsked),
            _ => Err(refused(&answer)),
        }
    }

    /// Success where the same bytes are there already.
    async fn compare(&self, object: &ObjectKey, bytes: &Bytes) -> port::Result<()> {
        match self.get(object).await {
            Ok(there) if there == *bytes => Ok(()),
            Ok(_) => {
                let what = "object storage: other bytes are there already";
                Err(PortError::new(Kind::Conflict, what))
            }
            Err(error) if error.kind == Kind::NotFound => Err(lost("it came and went")),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Objects for S3 {
    async fn put(&self, key: &ObjectKey, bytes: Bytes, image_type: ImageType) -> port::Result<()> {
        if bytes.len() as u64 > OBJECT_MAX {
            return Err(PortError::new(Kind::Permanent, "object storage: too large"));
        }
        // Also for servers that do not hear the condition; and it asks quickly whether anybody is there.
        if let Some(size) = self.size(key).await? {
            if size != bytes.len() as u64 {
                let what = "object storage: other bytes are there already";
                return Err(PortError::new(Kind::Conflict, what));
            }
            return self.compare(key, &bytes).await;
        }
        let mut only_if_absent = true;
        for _ in 0..3 {
            match self.create(key, bytes.clone(), image_type, only_if_absent).await? {
                Created::Yes => return Ok(()),
                Created::AlreadyThere => return self.compare(key, &bytes).await,
                Created::NoBucket => self.make_bucket(&key.bucket).await?,
                Created::NotAsked => only_if_absent = false,
            }
        }
        Err(lost("the bucket comes and goes"))
    }

    async fn get(&self, key: &ObjectKey) -> port::Result<Bytes> {
        let request = GetObjectRequest {
            bucket: key.bucket.clone(),
            key: self.full_key(key)?,
            ..Default::default()
        };
        let object =
            match within(self.inner.patience.quick, self.inner.client.get_object(request)).await? {
                Ok(object) => object,
                Err(RusotoError::Service(GetObjectError::NoSuchKey(_))) => {
                    return Err(PortError::new(Kind::NotFound, "object storage: no such object"));
                }
                Err(error) => return Err(fault(&error)),
            };
        let length = object.content_length.unwrap_or(0).unsigned_abs();
        if length > OBJECT_MAX {
            return Err(PortError::new(Kind::Permanent, "object storage: too large"));
        }
        let Some(mut body) = object.body else { return Ok(Bytes::new()) };
        within(self.inner.patience.download, async {
            let mut bytes = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default());
            while let Some(chunk) = within(self.inner.patience.quick, body.next()).await? {
                bytes.extend_from_slice(&chunk.map_err(lost)?);
            }
            // A body that ended early, where its frame did not tell.
            let is_whole = object.content_length.is_none() || bytes.len() as u64 == length;
            if is_whole { Ok(bytes.freeze()) } else { Err(lost("the answer broke off")) }
        })
        .await?
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> port::Result<Vec<Listed>> {
        check_bucket(bucket)?;
        let below = match self.inner.settings.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let request = ListObjectsV2Request {
            bucket: bucket.to_owned(),
            prefix: Some(format!("{below}{prefix}")),
            start_after: after.map(|after| format!("{below}{after}")),
            max_keys: i64::try_from(limit.clamp(1, 1000)).ok(),
            ..Default::default()
        };
        let page =
            match within(self.inner.patience.quick, self.inner.client.list_objects_v2(request))
                .await?
            {
                Ok(page) => page,
                Err(RusotoError::Service(ListObjectsV2Error::NoSuchBucket(_))) => {
                    return Ok(Vec::new());
                }
                Err(error) => return Err(fault(&error)),
            };
        let listed = |object: rusoto_s3::Object| {
            let key = object.key?.strip_prefix(&below)?.to_owned();
            Some(Listed { key, size: object.size.unwrap_or(0).unsigned_abs() })
        };
        Ok(page.contents.unwrap_or_default().into_iter().filter_map(listed).collect())
    }

    async fn delete(&self, key: &ObjectKey) -> port::Result<()> {
        let request = DeleteObjectRequest {
            bucket: key.bucket.clone(),
            key: self.full_key(key)?,
            ..Default::default()
        };
        match within(self.inner.patience.quick, self.inner.client.delete_object(request)).await? {
            Ok(_) => Ok(()),
            Err(error) if status_of(&error) == Some(404) => Ok(()),
            Err(error) => Err(fault(&error)),
        }
    }

    async fn delete_by_url(&self, url: &str) -> port::Result<bool> {
        let Settings { endpoint, public_endpoint, buckets, prefix, .. } = &self.inner.settings;
        let endpoints: Vec<String> =
            [Some(endpoint), public_endpoint.as_ref()].into_iter().flatten().cloned().collect();
        let known = Known { endpoints: &endpoints, buckets, prefix };
        let candidates = match address::find(url, known) {
            Found::Nothing => Vec::new(),
            Found::Object(object) => vec![object],
            Found::Key(key) => {
                let inside =
                    |bucket: &String| ObjectKey { bucket: bucket.clone(), key: key.clone() };
                buckets.iter().map(inside).collect()
            }
        };
        let mut deleted = false;
        for object in candidates {
            if self.size(&object).await?.is_some() {
                self.delete(&object).await?;
                tracing::info!(bucket = object.bucket, key = object.key, "deleted by URL");
                deleted = true;
            }
        }
        Ok(deleted)
    }

    fn link(&self, key: &ObjectKey, life: Duration) -> port::Result<String> {
        // Checked here too: a link does not pass the transport.
        let full = self.full_key(key)?;
        let settings = &self.inner.settings;
        let endpoint = settings.public_endpoint.as_ref().unwrap_or(&settings.endpoint);
        let request =
            GetObjectRequest { bucket: key.bucket.clone(), key: full, ..Default::default() };
        let life = PreSignedRequestOption { expires_in: life.min(LINK_LIFE_MAX) };
        let region = region(settings, endpoint);
        Ok(request.get_presigned_url(&region, &self.inner.credentials, &life))
    }
}

fn region(settings: &Settings, endpoint: &str) -> Region {
    Region::Custom { name: settings.region.clone(), endpoint: endpoint.to_owned() }
}

/// Whether a key comes to the server as it is: no part that a URL folds away, nothing unprintable.
fn is_addressable(key: &str) -> bool {
    key.len() <= KEY_MAX
        && !key.chars().any(|c| c.is_control() || c == '\\')
        && key.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Bounds an operation.
async fn within<T>(patience: Duration, operation: impl Future<Output = T>) -> port::Result<T> {
    tokio::time::timeout(patience, operation).await.map_err(|_elapsed| lost("it took too long"))
}

fn lost(what: impl fmt::Display) -> PortError {
    PortError::transient(format!("object storage: {what}"))
}

/// The status of an answer that rusoto has no name for: all 404s of HEAD are such.
fn status_of<E>(error: &RusotoError<E>) -> Option<u16> {
    match error {
        RusotoError::Unknown(answer) => Some(answer.status.as_u16()),
        _ => None,
    }
}

/// Never quotes an answer: it may repeat what was signed.
fn fault<E: std::error::Error + 'static>(error: &RusotoError<E>) -> PortError {
    match error {
        RusotoError::Unknown(answer) => refused(answer),
        RusotoError::HttpDispatch(error) => lost(error),
        RusotoError::Service(_) => lost("the server refused"),
        RusotoError::ParseError(_) => lost("the answer cannot be read"),
        RusotoError::Validation(_) | RusotoError::Credentials(_) | RusotoError::Blocking => {
            lost("the request could not be made")
        }
    }
}

/// What a refusal means. A wrong key, clock or region (400, 403) is the operator's to mend, and work
/// waits for it.
fn refused(answer: &BufferedHttpResponse) -> PortError {
    let status = answer.status.as_u16();
    let kind = match status {
        404 => Kind::NotFound,
        405 | 411 | 413 | 414 => Kind::Permanent,
        _ => Kind::Transient,
    };
    let code = code(answer.body_as_str());
    let gap = if code.is_empty() { "" } else { " " };
    PortError::new(kind, format!("object storage: the server answers {status}{gap}{code}"))
}

/// The `<Code>` of an error's XML, if it is a plain word.
fn code(body: &str) -> &str {
    let after = body.split_once("<Code>").map_or("", |(_, rest)| rest);
    let code = after.split('<').next().unwrap_or_default();
    let is_word = code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_word { code } else { "" }
}
