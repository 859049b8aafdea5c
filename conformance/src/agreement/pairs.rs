//! Which exchanges were sent as a pair, told by their names.

use std::collections::HashMap;
use std::time::Duration;

use calcom_fake::__conformance::Exchange;

/// The partner of each exchange that has one.
pub(super) fn pairs(exchanges: &[Exchange]) -> HashMap<usize, usize> {
    let mut pairs = HashMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let Some(base) = base(&exchange.name) else { continue };
        let fits =
            |other: &Exchange| self::base(&other.name) == Some(base) && other.request.path == exchange.request.path;
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

/// The name that both of a pair share: `AREA/...lagN` or `...concurrent...` without the number at the end.
fn base(name: &str) -> Option<&str> {
    let base = name.strip_suffix("-1").or_else(|| name.strip_suffix("-2"))?;
    (base.contains("-lag") || base.contains("concurrent")).then_some(base)
}

/// Whether this one met another whose exchange is missing.
pub(super) fn lost(exchange: &Exchange) -> bool {
    let conflict = exchange.response.status == 409 && exchange.response.message() == "booking_conflict_error";
    let vanished = exchange.response.message().starts_with("Invalid Query");
    base(&exchange.name).is_some() && (conflict || vanished)
}

/// The same request once more, sent at the same moment; its answer does not count.
pub(super) fn twin(exchange: &Exchange) -> Exchange {
    let mut twin = exchange.clone();
    let number = if exchange.name.ends_with("-1") { "-2" } else { "-1" };
    twin.name = format!("{}{number}", base(&exchange.name).unwrap_or_default());
    twin
}

/// How long after the first the second was sent.
pub(super) fn lag(name: &str) -> Duration {
    let digits = name.split_once("-lag").and_then(|(_, rest)| rest.split('-').next());
    Duration::from_millis(digits.and_then(|text| text.parse().ok()).unwrap_or(0))
}
