//! Resources as responses show them.

use calcom_fake::__conformance::RecordedExchange;
use jiff::Timestamp;
use serde_json::Value;

/// A resource as one response shows it.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    pub(super) at: Timestamp,
    /// The name of the exchange.
    pub(super) of: String,
    pub(super) value: Value,
}

/// The observation that is closest to the state before an exchange: the last one before it, else the first one after it.
pub(super) fn nearest_observation<'a>(
    observations: &'a [Observation],
    exchange: &RecordedExchange,
) -> Option<&'a Observation> {
    let before = observations.iter().filter(|s| s.at < exchange.at && s.of != exchange.name).max_by_key(|s| s.at);
    before.or_else(|| observations.iter().min_by_key(|s| s.at))
}
