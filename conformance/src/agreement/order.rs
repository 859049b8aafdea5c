//! The order in which recorded exchanges happened: the second that each carries, then the counters of the rate limit and
//! the times inside the answers.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use calcom_fake::__conformance::{Exchange, starts_at};
use jiff::Timestamp;
use serde_json::Value;

/// Puts exchanges into the order in which they happened.
///
/// Within one second and one caller the rate limit's counter tells the order; the times in the answers place the
/// callers among each other; and nothing is named before it is made.
pub(crate) fn in_order(exchanges: &mut [Exchange]) {
    place_undated(exchanges);
    let windows_end = ending_windows(exchanges);
    exchanges.sort_by(|a, b| {
        let turn = |e: &Exchange| {
            let ending = windows_end.contains(&(caller(e), e.at.as_second()));
            let next_window = ending && e.response.number("x-ratelimit-reset-default").unwrap_or(0) > 30;
            (next_window, -counter(e).unwrap_or(i64::MAX))
        };
        a.at.cmp(&b.at).then_with(|| turn(a).cmp(&turn(b))).then_with(|| a.name.cmp(&b.name))
    });
    let mut last: HashMap<String, Timestamp> = HashMap::new();
    for exchange in exchanges.iter_mut() {
        let second = exchange.at;
        let caller = caller(exchange);
        let before = last.get(&caller).copied().filter(|last| last.as_second() == second.as_second());
        let told = told_time(exchange).filter(|told| told.as_second() == second.as_second());
        exchange.at = match (counter(exchange), told) {
            (Some(_), Some(told)) => told.max(before.map_or(second, just_after)),
            (Some(_), None) => before.map_or(second, just_after),
            (None, Some(told)) => told,
            // Nothing tells when; what removes something comes after what needs it.
            (None, None) if exchange.request.method == "DELETE" => second.checked_add(LATE).unwrap_or(second),
            (None, None) => second,
        };
        if counter(exchange).is_some() {
            last.insert(caller, exchange.at);
        }
    }
    nothing_before_it_is_made(exchanges);
    exchanges.sort_by_key(|exchange| exchange.at);
}

const LATE: Duration = Duration::from_millis(999);

fn just_after(at: Timestamp) -> Timestamp {
    at.checked_add(Duration::from_micros(1)).unwrap_or(at)
}

fn caller(exchange: &Exchange) -> String {
    exchange.request.header("authorization").unwrap_or("nobody").to_owned()
}

/// Callers and seconds in which one window of the rate limit ended and the next began.
fn ending_windows(exchanges: &[Exchange]) -> HashSet<(String, i64)> {
    let ends = |e: &&Exchange| e.response.number("x-ratelimit-reset-default").is_some_and(|left| left <= 1);
    exchanges.iter().filter(ends).map(|e| (caller(e), e.at.as_second())).collect()
}

/// Moves what names a new booking behind what made it, within the second.
fn nothing_before_it_is_made(exchanges: &mut [Exchange]) {
    let mut made: HashMap<String, Timestamp> = HashMap::new();
    for exchange in exchanges.iter().filter(|e| e.request.method == "POST" && e.response.status == 201) {
        let data = exchange.response.body.get("data");
        let one = data.map(std::slice::from_ref).unwrap_or_default();
        for item in data.and_then(Value::as_array).map_or(one, Vec::as_slice) {
            // Who joins a seated booking did not make it.
            let joined = item.get("seatUid").is_some() && item.get("isPlatformManagedUserBooking").is_none();
            if let Some(uid) = item.get("uid").and_then(Value::as_str).filter(|_| !joined) {
                made.entry(uid.to_owned()).or_insert(exchange.at);
            }
        }
    }
    for exchange in exchanges.iter_mut() {
        let mut text = exchange.request.path.clone();
        if exchange.request.method == "GET" {
            text.push_str(&exchange.response.body.to_string());
        }
        let second = exchange.at.as_second();
        let named = made.iter().filter(|(uid, at)| at.as_second() == second && text.contains(uid.as_str()));
        if let Some(latest) = named.map(|(_, at)| *at).max().filter(|at| *at >= exchange.at && !is_maker(exchange)) {
            exchange.at = just_after(latest);
        }
    }
}

fn is_maker(exchange: &Exchange) -> bool {
    exchange.request.method == "POST" && exchange.response.status == 201
}

/// A recording without a time belongs before the first of its folder; without such, after all others.
fn place_undated(exchanges: &mut [Exchange]) {
    let area = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let dated: Vec<(String, Timestamp)> =
        exchanges.iter().filter(|e| e.at != Timestamp::UNIX_EPOCH).map(|e| (area(&e.name), e.at)).collect();
    let end = dated.iter().map(|(_, at)| *at).max().and_then(|at| at.checked_add(Duration::from_secs(1)).ok());
    for exchange in exchanges.iter_mut().filter(|e| e.at == Timestamp::UNIX_EPOCH) {
        let own = area(&exchange.name);
        let first = dated.iter().filter(|(area, _)| *area == own).map(|(_, at)| *at).min();
        let before = first.and_then(|at| at.checked_sub(Duration::from_secs(1)).ok());
        exchange.at = before.or(end).unwrap_or_else(starts_at);
    }
}

fn counter(exchange: &Exchange) -> Option<i64> {
    exchange.response.number("x-ratelimit-remaining-default")
}

/// A time that the answer itself names: of an error, or of what a write has just made or changed.
fn told_time(exchange: &Exchange) -> Option<Timestamp> {
    let body = &exchange.response.body;
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).and_then(|text| text.parse().ok());
    if exchange.request.method == "GET" {
        return at("/timestamp");
    }
    ["/timestamp", "/data/updatedAt", "/data/createdAt"].iter().find_map(|pointer| at(pointer))
}
