//! A histogram that somebody else keeps.

use std::sync::{Arc, Mutex, PoisonError};

use aisha_actors::domain::durations::Durations;
use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// The last state of it that was told.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Arc<Mutex<Durations>>);

impl Taken {
    pub(super) fn set(&self, durations: Durations) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = durations;
    }
}

impl TypedMetric for Taken {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Taken {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let now = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end =
            |end: Option<std::time::Duration>| end.map_or(f64::INFINITY, |end| end.as_secs_f64());
        let buckets: Vec<_> = now.buckets().map(|(until, count)| (end(until), count)).collect();
        let sum = now.sum().as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, now.count(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}
