//! Exchanges that were sent as a pair, recognized by their names.

use std::collections::HashMap;
use std::time::Duration;

use calcom_fake::__conformance::RecordedExchange;

/// The index of each exchange's partner.
pub(super) fn pairs(exchanges: &[RecordedExchange]) -> HashMap<usize, usize> {
    let mut pairs = HashMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let Some(base) = base(&exchange.name) else { continue };
        let fits = |other: &RecordedExchange| {
            self::base(&other.name) == Some(base) && other.request.path == exchange.request.path
        };
        let partner = exchanges.iter().enumerate().skip(index + 1).find(|(_, other)| fits(other));
        if let Some((partner, _)) = partner
            && !pairs.contains_key(&index)
        {
            pairs.insert(index, partner);
            pairs.insert(partner, index);
        }
    }
    pairs
}

/// The common name of a pair: `AREA/...lagN` or `...concurrent...` without the number at the end.
fn base(name: &str) -> Option<&str> {
    let base = name.strip_suffix("-1").or_else(|| name.strip_suffix("-2"))?;
    (base.contains("-lag") || base.contains("concurrent")).then_some(base)
}

/// Whether the partner of this exchange was not recorded.
pub(super) fn lacks_partner(exchange: &RecordedExchange) -> bool {
    let conflict = exchange.response.status == 409 && exchange.response.message() == "booking_conflict_error";
    let vanished = exchange.response.message().starts_with("Invalid Query");
    base(&exchange.name).is_some() && (conflict || vanished)
}

/// A copy of the exchange as its partner. Its response does not count.
pub(super) fn duplicate_of(exchange: &RecordedExchange) -> RecordedExchange {
    let mut duplicate_of = exchange.clone();
    let number = if exchange.name.ends_with("-1") { "-2" } else { "-1" };
    duplicate_of.name = format!("{}{number}", base(&exchange.name).unwrap_or_default());
    duplicate_of
}

/// The time between the first and the second request of a pair.
pub(super) fn lag(name: &str) -> Duration {
    let digits = name.split_once("-lag").and_then(|(_, rest)| rest.split('-').next());
    Duration::from_millis(digits.and_then(|text| text.parse().ok()).unwrap_or(0))
}
