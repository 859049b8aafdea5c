//! Rate-limit windows: the number of earlier requests, from the recorded headers.

use std::time::Duration;

use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::__conformance::{State, tracker};
use calcom_fake::FakeRateLimit;

pub(super) fn apply(state: &mut State, exchange: &RecordedExchange) {
    let mut headers = http::HeaderMap::new();
    if let Some(value) = exchange.request.header("authorization").and_then(|value| value.parse().ok()) {
        headers.insert(http::header::AUTHORIZATION, value);
    }
    let Some(tracker) = tracker(state, &headers) else { return };
    let response = &exchange.response;
    let names: Vec<String> = response
        .headers
        .iter()
        .filter_map(|(name, _)| name.to_ascii_lowercase().strip_prefix("x-ratelimit-limit-").map(str::to_owned))
        .collect();
    let refused = response.status == 429;
    let mut limits = Vec::new();
    for name in &names {
        let number =
            |what: &str| response.number(&format!("x-ratelimit-{what}-{name}")).and_then(|n| u64::try_from(n).ok());
        let (Some(limit), Some(remaining), Some(reset)) = (number("limit"), number("remaining"), number("reset"))
        else {
            continue;
        };
        let window = Duration::from_secs(if name == "burst" { 10 } else { 60 });
        limits.push(FakeRateLimit::new(name, limit, window));
        // If another limit is not exhausted, an exceeded limit does not reject.
        let overrun = refused || (remaining == 0 && names.len() > 1);
        let before = if overrun { limit } else { limit.saturating_sub(remaining + 1) };
        state.limits.set_window(&tracker, name, before, exchange.at, Duration::from_secs(reset), overrun && refused);
    }
    if names.len() > 1 {
        state.limits.by_tracker.insert(tracker, limits);
    } else {
        state.limits.by_tracker.remove(&tracker);
    }
}
