//! Spans for a tracer, over OTLP: a thread of their own sends them in batches. The bot never waits for it;
//! when the collector is away or slow, spans are lost.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use opentelemetry::{KeyValue, Value, trace::TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource, error::OTelSdkResult, trace, trace::SdkTracerProvider, trace::SpanData,
};
use reqwest::{blocking::Client, redirect::Policy};
use tracing::{Level, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::{Error, Mask};
use crate::settings::Spans;

/// For one batch.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What is left at the end may take so long.
const FLUSH_MAX: Duration = Duration::from_secs(3);

/// Sends what ends, while it is kept.
pub(super) struct Sender(SdkTracerProvider);

impl Sender {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Spans`]
    pub(super) fn start(to: &Spans, mask: Mask) -> Result<Self, Error> {
        let headers = to.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.expose().to_owned()));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client()?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&to.endpoint)
            .with_headers(headers.collect())
            .with_timeout(TIMEOUT)
            .build()
            .map_err(|error| Error::Spans(error.to_string()))?;
        let resource = Resource::builder()
            .with_service_name(to.service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let covered = Covered { exporter, mask, is_away: AtomicBool::new(false) };
        let provider = SdkTracerProvider::builder().with_resource(resource);
        Ok(Self(provider.with_batch_exporter(covered).build()))
    }

    /// Takes our own spans in; no lines of the log.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = filter_fn(|metadata| {
            let is_ours = metadata.target().starts_with("aisha");
            metadata.is_span() && is_ours && *metadata.level() <= Level::INFO
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("aisha"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(ours)
    }

    /// Sends what is left, for a while at most.
    pub(super) fn stop(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(FLUSH_MAX) {
            tracing::warn!(%error, "the last spans did not reach the collector");
        }
    }
}

/// It has a runtime of its own inside, which must not be made within another one.
fn client() -> Result<Client, Error> {
    let build = || {
        Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("aisha/", env!("CARGO_PKG_VERSION")))
            .build()
    };
    let built = thread::spawn(build).join();
    built
        .map_err(|_| Error::Spans("its thread ended".to_owned()))?
        .map_err(|error| Error::Spans(error.to_string()))
}

/// Under the mask of the log, and says once when nobody is there.
#[derive(Debug)]
struct Covered {
    exporter: SpanExporter,
    mask: Mask,
    is_away: AtomicBool,
}

impl trace::SpanExporter for Covered {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for pair in batch.iter_mut().flat_map(|span| &mut span.attributes) {
            if let Value::String(said) = &pair.value {
                pair.value = self.mask.cover(said.as_str()).into();
            }
        }
        let sent = self.exporter.export(batch).await;
        match (&sent, self.is_away.swap(sent.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => {
                tracing::warn!(%error, "spans do not reach the collector, and are lost");
            }
            (Ok(()), true) => tracing::info!("spans reach the collector again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
