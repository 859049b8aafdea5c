//! The order of recorded exchanges: by the second of each, then by the rate-limit counters and the times in the responses.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use calcom_fake::__conformance::{RecordedExchange, starts_at};
use jiff::Timestamp;
use serde_json::Value;

/// Sorts exchanges by time.
///
/// Within one second, the rate-limit counter orders the exchanges of one caller, and the times in the responses order
/// callers. An exchange that names a booking comes after the one that created it.
pub(crate) fn sort_by_time(exchanges: &mut [RecordedExchange]) {
    place_undated(exchanges);
    let windows_end = ending_windows(exchanges);
    exchanges.sort_by(|a, b| {
        let turn = |e: &RecordedExchange| {
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
        let time = response_time(exchange).filter(|time| time.as_second() == second.as_second());
        exchange.at = match (counter(exchange), time) {
            (Some(_), Some(time)) => time.max(before.map_or(second, just_after)),
            (Some(_), None) => before.map_or(second, just_after),
            (None, Some(time)) => time,
            // Without any time, a deletion comes after the exchanges that need the resource.
            (None, None) if exchange.request.method == "DELETE" => second.checked_add(END_OF_SECOND).unwrap_or(second),
            (None, None) => second,
        };
        if counter(exchange).is_some() {
            last.insert(caller, exchange.at);
        }
    }
    order_after_creation(exchanges);
    order_deletions(exchanges);
    exchanges.sort_by_key(|exchange| exchange.at);
}

const END_OF_SECOND: Duration = Duration::from_millis(999);

fn just_after(at: Timestamp) -> Timestamp {
    at.checked_add(Duration::from_micros(1)).unwrap_or(at)
}

fn caller(exchange: &RecordedExchange) -> String {
    exchange.request.header("authorization").unwrap_or("nobody").to_owned()
}

/// Callers and seconds in which a rate-limit window ended and the next one began.
fn ending_windows(exchanges: &[RecordedExchange]) -> HashSet<(String, i64)> {
    let ends = |e: &&RecordedExchange| e.response.number("x-ratelimit-reset-default").is_some_and(|left| left <= 1);
    exchanges.iter().filter(ends).map(|e| (caller(e), e.at.as_second())).collect()
}

/// Moves the exchanges that name a new booking after the one that created it, within the second.
fn order_after_creation(exchanges: &mut [RecordedExchange]) {
    let mut made: HashMap<String, Timestamp> = HashMap::new();
    let mut listed: HashMap<String, Timestamp> = HashMap::new();
    for exchange in exchanges.iter().filter(|e| e.request.method == "POST" && e.response.status == 201) {
        let data = exchange.response.body.get("data");
        let one = data.map(std::slice::from_ref).unwrap_or_default();
        for item in data.and_then(Value::as_array).map_or(one, Vec::as_slice) {
            // An exchange that adds a seat did not create the booking.
            let joined = item.get("seatUid").is_some() && item.get("isPlatformManagedUserBooking").is_none();
            if let Some(uid) = item.get("uid").and_then(Value::as_str).filter(|_| !joined) {
                made.entry(uid.to_owned()).or_insert(exchange.at);
            }
        }
        for name in numbered(exchange) {
            listed.entry(name).or_insert(exchange.at);
        }
    }
    for exchange in exchanges.iter_mut() {
        let mut text = exchange.request.path.clone();
        if exchange.request.method == "GET" {
            text.push_str(&exchange.response.body.to_string());
        }
        let second = exchange.at.as_second();
        let named = made.iter().filter(|(uid, at)| at.as_second() == second && text.contains(uid.as_str()));
        let shown =
            numbered(exchange).into_iter().filter_map(|name| listed.get(&name)).filter(|at| at.as_second() == second);
        if let Some(latest) =
            named.map(|(_, at)| at).chain(shown).copied().max().filter(|at| *at >= exchange.at && !is_maker(exchange))
        {
            exchange.at = just_after(latest);
        }
    }
}

/// Moves a successful deletion without a time before the attempts that no longer found the resource.
fn order_deletions(exchanges: &mut [RecordedExchange]) {
    let mut failed: HashMap<(String, i64), Timestamp> = HashMap::new();
    let deletions = |e: &&RecordedExchange| e.request.method == "DELETE" && !e.response.is_success();
    for exchange in exchanges.iter().filter(deletions).filter(|e| e.response.status != 401 && !is_refused(e)) {
        let first = failed.entry((exchange.request.path.clone(), exchange.at.as_second())).or_insert(exchange.at);
        *first = (*first).min(exchange.at);
    }
    for exchange in exchanges.iter_mut().filter(|e| e.request.method == "DELETE" && e.response.is_success()) {
        let first = failed.get(&(exchange.request.path.clone(), exchange.at.as_second()));
        if let Some(before) = first.and_then(|at| at.checked_sub(Duration::from_micros(1)).ok()) {
            exchange.at = exchange.at.min(before);
        }
    }
}

/// Whether the caller of a refused deletion lacks a role.
fn is_refused(exchange: &RecordedExchange) -> bool {
    exchange.response.status == 403 && !exchange.name.ends_with("-again")
}

/// The ids of the data of a response, each with the path of its list.
fn numbered(exchange: &RecordedExchange) -> Vec<String> {
    let data = exchange.response.body.get("data").unwrap_or(&Value::Null);
    let items = data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice);
    let list = exchange.request.path.rsplit('/').find(|part| part.parse::<i64>().is_err()).unwrap_or_default();
    let id_of = |item: &Value| item.get("id").filter(|id| id.is_i64() || id.is_string()).map(Value::to_string);
    items.iter().filter_map(id_of).map(|id| format!("{list}#{id}")).collect()
}

fn is_maker(exchange: &RecordedExchange) -> bool {
    exchange.request.method == "POST" && exchange.response.status == 201
}

/// Places a recording without a time before the first one of its folder, or after all others if its folder has no times.
fn place_undated(exchanges: &mut [RecordedExchange]) {
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

fn counter(exchange: &RecordedExchange) -> Option<i64> {
    exchange.response.number("x-ratelimit-remaining-default")
}

/// A time in the response: that of an error, or of a resource that was just created or changed.
fn response_time(exchange: &RecordedExchange) -> Option<Timestamp> {
    let body = &exchange.response.body;
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).and_then(|text| text.parse().ok());
    if exchange.request.method == "GET" {
        return at("/timestamp");
    }
    ["/timestamp", "/data/updatedAt", "/data/createdAt"].iter().find_map(|pointer| at(pointer))
}
