//! `GET /v2/bookings` of the older versions: one status at a time, a numeric cursor, and a summary of the series.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::super::super::check::{Checker, ValidationRule};
use super::super::super::super::exchange::Request;
use super::super::super::super::outcome::HandlerOutcome;
use super::super::super::super::reply::{Reply, millis};
use super::super::super::super::state::{Booking, BookingStatus, State};
use super::super::super::handler::finish;
use super::super::list::is_of;
use super::super::query::has_status;
use super::render;

const HEADINGS: &[&str] = &["upcoming", "recurring", "past", "cancelled", "unconfirmed"];

pub(in super::super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_list(state, request))
}

fn query_object(request: &Request) -> Value {
    let mut object = Map::new();
    let mut filters = Map::new();
    for (name, value) in &request.query {
        let inner = name.strip_prefix("filters[").and_then(|rest| rest.split(']').next());
        match inner {
            Some(inner) => {
                filters.insert(inner.to_owned(), value.clone().into());
            }
            None if matches!(name.as_str(), "limit" | "cursor") => {
                object.insert(name.clone(), value.parse::<i64>().map_or(Value::Null, Value::from));
            }
            None => {}
        }
    }
    if !filters.is_empty() {
        object.insert("filters".to_owned(), filters.into());
    }
    object.into()
}

fn try_list(state: &State, request: &Request) -> Result<Reply, Reply> {
    let query = query_object(request);
    let mut checker = Checker::of(&query);
    if query.get("limit").is_some() {
        checker.required("limit", &[ValidationRule::Max(100), ValidationRule::Min(1), ValidationRule::Number]);
    }
    checker.nested("filters", false, |filters| {
        filters.optional("status", &[ValidationRule::Enum(HEADINGS)]);
    });
    if query.get("cursor").is_some() {
        checker.required("cursor", &[ValidationRule::Number]);
    }
    checker.tree()?;
    let user = request.user().ok_or_else(Reply::internal)?;
    let heading = query.pointer("/filters/status").and_then(Value::as_str).unwrap_or("upcoming");
    let own: Vec<&Booking> = state.bookings.iter().filter(|booking| is_of(state, booking, user)).collect();
    let mut found: Vec<&Booking> =
        own.iter().copied().filter(|booking| has_status(booking, heading, state.now())).collect();
    found.sort_by_key(|booking| (booking.start, booking.id));
    if matches!(heading, "past" | "cancelled") {
        found.reverse();
    }
    let number = |name: &str, default: usize| query.get(name).and_then(Value::as_u64).map_or(default, |n| n as usize);
    let (limit, cursor) = (number("limit", 10), number("cursor", 0));
    let total = found.len();
    let page: Vec<Value> =
        found.into_iter().skip(cursor).take(limit).map(|booking| render::listed(state, booking)).collect();
    let next = (cursor + limit < total).then_some(cursor + limit);
    Ok(Reply::ok(json!({
        "bookings": page,
        "recurringInfo": series(state, &own),
        "totalCount": total,
        "nextCursor": next,
    })))
}

/// Every series with the times of its occurrences, by status.
fn series(state: &State, own: &[&Booking]) -> Vec<Value> {
    let mut uids: Vec<&str> = Vec::new();
    for booking in own {
        if let Some(uid) = booking.recurring.as_deref().filter(|uid| !uids.contains(uid)) {
            uids.push(uid);
        }
    }
    let summary = |uid: &&str| {
        let rows = state.series(uid);
        let times = |status: BookingStatus| {
            let starts = rows.iter().filter(|row| row.status == status).map(|row| row.start);
            starts.map(millis).collect::<Vec<_>>()
        };
        json!({
            "recurringEventId": uid,
            "count": rows.len(),
            "firstDate": rows.iter().map(|row| row.start).min().map(|at: Timestamp| millis(at)),
            "bookings": {
                "ACCEPTED": times(BookingStatus::Accepted),
                "CANCELLED": times(BookingStatus::Cancelled),
                "REJECTED": times(BookingStatus::Rejected),
                "PENDING": times(BookingStatus::Pending),
                "AWAITING_HOST": [],
            },
        })
    };
    uids.iter().map(summary).collect()
}
