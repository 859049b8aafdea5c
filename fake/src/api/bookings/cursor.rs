//! Lists of bookings of the hosted service, version 2026-05-01: pages by a cursor, without counts.

use serde_json::{Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State};
use super::query::{BookingQuery, check, query_object};
use super::render;

pub(super) const VERSION: &str = "2026-05-01";
/// The length of a page, unless the request says it.
const DEFAULT_LIMIT: i64 = 50;
const STATUSES: &[&str] = &["upcoming", "recurring", "past", "cancelled", "unconfirmed"];

/// The page after the cursor of the request. The cursor is the uid of the last booking.
pub(super) fn respond(
    state: &mut State,
    request: &Request,
    of: impl Fn(&State, &Booking) -> bool,
) -> Result<Reply, Reply> {
    let mut query = query_object(request);
    let status = request.first_query("status").map(str::to_owned);
    let limit = request.first_query("limit").map(|text| text.parse::<i64>().map_or(Value::Null, Value::from));
    if let Some(map) = query.as_object_mut() {
        map.extend(limit.map(|limit| ("limit".to_owned(), limit)));
        // One status, not a list.
        map.extend(status.map(|status| ("status".to_owned(), status.into())));
    }
    let mut checker = Checker::of(&query);
    checker.optional("status", &[ValidationRule::Enum(STATUSES)]);
    if query.get("limit").is_some() {
        checker.required("limit", &[ValidationRule::Max(100), ValidationRule::Min(1), ValidationRule::Int]);
    }
    checker.tree()?;
    let limit = query.get("limit").and_then(Value::as_i64).unwrap_or(DEFAULT_LIMIT);
    let status = query.get("status").and_then(Value::as_str).map(str::to_owned);
    if let (Some(map), Some(status)) = (query.as_object_mut(), &status) {
        map.insert("status".to_owned(), json!([status]));
    }
    check(&query)?;
    let filter = BookingQuery { query: &query, now: state.now() };
    let listed = state.list_history.shown(&state.bookings, filter.now);
    let state = &*state;
    let mut found: Vec<&Booking> =
        listed.iter().filter(|b| of(state, b) && filter.counts(state, b) && filter.shows(b)).collect();
    found.sort_by_key(|booking| (booking.start, booking.id));
    // What is to come begins with the next one, all else with the last one.
    if !matches!(status.as_deref(), Some("upcoming" | "recurring" | "unconfirmed")) {
        found.reverse();
    }
    let after = match request.first_query("cursor") {
        None => 0,
        Some(cursor) => {
            let at = decoded(cursor).and_then(|uid| found.iter().position(|booking| booking.uid == uid));
            at.ok_or_else(|| Reply::exception(400, "Invalid cursor"))? + 1
        }
    };
    let limit = usize::try_from(limit).unwrap_or(1);
    let page: Vec<&&Booking> = found.iter().skip(after).take(limit).collect();
    let more = found.len() > after + page.len();
    let next = page.last().filter(|_| more).map(|booking| format!("{PREFIX}{}", booking.uid));
    let shown: Vec<Value> = page.into_iter().map(|b| render::render_for(state, b, request.user())).collect();
    let pagination = json!({ "nextCursor": next, "hasMore": more });
    Ok(Reply::json(200, json!({ "status": "success", "data": shown, "pagination": pagination })))
}

/// What a cursor begins with, so that no caller takes it for a uid.
const PREFIX: &str = "after.";

fn decoded(cursor: &str) -> Option<&str> {
    cursor.strip_prefix(PREFIX)
}
